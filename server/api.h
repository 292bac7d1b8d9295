// What HTTP requests mean to the store, and what its answers look like in HTTP (docs/server.md, server/openapi.json).
// Functions from values to values: no connection, no machine.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "model/request.h"
#include "server/http_parser.h"
#include "server/members.h"

namespace smalldb::server {

// ---- Answers ------------------------------------------------------------------------------------------------------

struct HttpAnswer {
  unsigned status = 200;
  std::string_view content_type;  // empty: there is no body
  std::string body;
  std::string fields;  // further header fields, each with its end of line
};

// The answer to a request that was not granted: a definite failure, or an unknown outcome (S10).
HttpAnswer refuse(unsigned status, std::string_view error, std::string_view message);
HttpAnswer leave_open(unsigned status, std::string_view error, std::string_view message);
HttpAnswer answer_fault(HttpFault fault);
// A definite failure that passes: there is no room for it at present.
HttpAnswer overloaded();

// Writes the answer as it goes over the connection. `date` is the value of the Date field.
void write_answer(const HttpAnswer& answer, bool keep_alive, bool without_body, std::string_view date,
                  std::string& out);

// ---- Requests -----------------------------------------------------------------------------------------------------

// The revisions that a client has already (If-None-Match of a GET).
struct Known {
  bool any = false;  // *
  std::vector<Revision> revisions;
  bool holds(Revision revision) const;
};

// An operation of the store. A GET may only want to know of a revision that is not `known`.
struct StoreRequest {
  Request request;
  Known known;
};
enum class Inquiry : std::uint8_t { status, metrics, health, checkpoint, promote };

// What POST /promote wants: only a node of this epoch, and only one that waits for it, unless it is forced.
struct Promotion {
  std::optional<std::uint64_t> epoch;
  bool force = false;
};
// Of a target of /promote: `?epoch=N&force=true`, either or none. Nothing if its query says anything else.
std::optional<Promotion> read_promotion(std::string_view target);

using Asked = std::variant<StoreRequest, Inquiry, HttpAnswer>;

// What is asked; or at once the answer, if it makes no sense.
Asked understand(HttpRequest& request);

// The answer of the store in HTTP. `target`: of the request, for pointing to the primary at `primary` (null: unknown).
HttpAnswer answer(const StoreRequest& asked, const Response& response, const Member* primary, std::string_view target,
                  bool tls);

}  // namespace smalldb::server
