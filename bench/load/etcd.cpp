#include <openssl/evp.h>

#include "bench/load/http_answer.h"
#include "bench/load/protocol.h"

namespace smalldb::load {
namespace {

void append_base64(std::string& out, std::string_view bytes) {
  const std::size_t begin = out.size(), size = (bytes.size() + 2) / 3 * 4;
  out.resize(begin + size + 1);  // EVP_EncodeBlock writes a zero behind it
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data() + begin),
                  reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
  out.pop_back();
}

void append_post(std::string& out, std::string_view target, std::string_view body) {
  out.append("POST ").append(target).append(" HTTP/1.1\r\nHost: etcd\r\nContent-Type: application/json\r\n");
  out.append("Content-Length: ").append(std::to_string(body.size())).append("\r\n\r\n").append(body);
}

class Etcd final : public Protocol {
 public:
  void write(std::string& out, std::string_view key, std::string_view value) const override {
    std::string body = R"({"key":")";
    append_base64(body, key);
    body.append(R"(","value":")");
    append_base64(body, value);
    append_post(out, "/v3/kv/put", body.append(R"("})"));
  }

  void read(std::string& out, std::string_view key) const override {
    std::string body = R"({"key":")";
    append_base64(body, key);
    append_post(out, "/v3/kv/range", body.append(R"("})"));
  }

  std::optional<std::size_t> answer(Kind kind, std::string_view in) const override {
    const std::optional<HttpAnswer> answer = http_answer(in);
    if (!answer) return std::nullopt;
    const std::string_view whole = in.substr(0, answer->size);
    const bool found = kind == Kind::write || whole.find(R"("kvs":)") != std::string_view::npos;
    if (answer->status != 200 || !found) throw Refused(std::string(whole));
    return answer->size;
  }
};

}  // namespace

std::unique_ptr<Protocol> etcd_protocol() { return std::make_unique<Etcd>(); }

}  // namespace smalldb::load
