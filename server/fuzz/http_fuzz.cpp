// libFuzzer: whatever bytes come in where HTTP is spoken, in whatever pieces, there is an answer and no crash.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "server/api.h"
#include "server/http_parser.h"

using namespace smalldb;
using namespace smalldb::server;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t piece = std::size_t{data[0]} + 1;
  const std::string_view stream(reinterpret_cast<const char*>(data) + 1, size - 1);
  HttpParser parser(value_size_max);
  std::string buffer;
  for (std::size_t i = 0; i < stream.size(); i += piece) {
    buffer += stream.substr(i, piece);
    std::string_view rest = buffer;
    while (true) {
      const HttpParser::Outcome outcome = parser.take(rest);
      if (outcome == HttpParser::Outcome::wants_more) break;
      std::string answered;
      if (outcome == HttpParser::Outcome::fault) {
        write_answer(answer_fault(parser.fault()), false, false, "", answered);
        return 0;
      }
      if (outcome == HttpParser::Outcome::header) continue;
      const std::string target = parser.request().target;
      const Asked asked = understand(parser.request());
      if (const auto* store = std::get_if<StoreRequest>(&asked)) {
        if (store->request.key.size() > key_size_max || store->request.value.size() > value_size_max) __builtin_trap();
        const Member primary{"a:1", "a:2"};
        Response response;
        response.status = Status::not_primary;
        write_answer(answer(*store, response, &primary, target, false), true, false, "", answered);
      } else if (const auto* at_once = std::get_if<HttpAnswer>(&asked)) {
        write_answer(*at_once, true, false, "", answered);
      }
    }
    buffer.erase(0, buffer.size() - rest.size());
    if (buffer.size() > 2 * HttpParser::header_size_max + 256) __builtin_trap();  // what waits is bounded
  }
  return 0;
}
