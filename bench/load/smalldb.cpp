#include "bench/load/http_answer.h"
#include "bench/load/protocol.h"

namespace smalldb::load {
namespace {

class Smalldb final : public Protocol {
 public:
  void write(std::string& out, std::string_view key, std::string_view value) const override {
    out.append("PUT /kv/").append(key).append(" HTTP/1.1\r\nHost: smalldb\r\nContent-Length: ");
    out.append(std::to_string(value.size())).append("\r\n\r\n").append(value);
  }

  void read(std::string& out, std::string_view key) const override {
    out.append("GET /kv/").append(key).append(" HTTP/1.1\r\nHost: smalldb\r\n\r\n");
  }

  std::optional<std::size_t> answer(Kind kind, std::string_view in) const override {
    const std::optional<HttpAnswer> answer = http_answer(in);
    if (!answer) return std::nullopt;
    if (answer->status != (kind == Kind::write ? 204 : 200)) throw Refused(std::string(in.substr(0, answer->size)));
    return answer->size;
  }
};

}  // namespace

std::unique_ptr<Protocol> smalldb_protocol() { return std::make_unique<Smalldb>(); }

}  // namespace smalldb::load
