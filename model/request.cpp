#include "model/request.h"

#include "model/crc32c.h"
#include "model/fields.h"

namespace smalldb {

bool is_refusal(Status status) { return status >= Status::not_primary; }

std::string_view name(Status status) {
  switch (status) {
    case Status::ok: return "ok";
    case Status::not_found: return "not_found";
    case Status::condition_failed: return "condition_failed";
    case Status::session_expired: return "session_expired";
    case Status::number_taken: return "number_taken";
    case Status::not_primary: return "not_primary";
    case Status::not_serving: return "not_serving";
    case Status::overloaded: return "overloaded";
    case Status::too_large: return "too_large";
  }
  return "?";
}

std::string_view name(Verb verb) {
  switch (verb) {
    case Verb::open_session: return "open_session";
    case Verb::get: return "get";
    case Verb::put: return "put";
    case Verb::remove: return "delete";
  }
  return "?";
}

std::uint32_t fingerprint(const Request& request) {
  ChecksumSink sink;
  BasicWriter writer(sink);
  put_fields(writer, request.verb, request.condition, request.key, request.value);
  return sink.checksum();
}

}  // namespace smalldb
