#include <charconv>

#include "bench/load/protocol.h"

namespace smalldb::load {
namespace {

void append_bulk(std::string& out, std::string_view bytes) {
  out.append("$").append(std::to_string(bytes.size())).append("\r\n").append(bytes).append("\r\n");
}

// A line and what is behind its first character, which must be `kind`.
struct Line {
  std::string_view text;
  std::size_t size;  // with its end
};

std::optional<Line> line(std::string_view in, char kind) {
  const std::size_t end = in.find("\r\n");
  if (end == std::string_view::npos) return std::nullopt;
  if (in.front() != kind) throw Refused(std::string(in.substr(0, end)));
  return Line{in.substr(1, end - 1), end + 2};
}

class Redis final : public Protocol {
 public:
  void write(std::string& out, std::string_view key, std::string_view value) const override {
    out.append("*3\r\n$3\r\nSET\r\n");
    append_bulk(out, key);
    append_bulk(out, value);
    out.append("*3\r\n$4\r\nWAIT\r\n$1\r\n1\r\n$1\r\n0\r\n");
  }

  void read(std::string& out, std::string_view key) const override {
    out.append("*2\r\n$3\r\nGET\r\n");
    append_bulk(out, key);
  }

  std::optional<std::size_t> answer(Kind kind, std::string_view in) const override {
    return kind == Kind::write ? written(in) : found(in);
  }

 private:
  static std::optional<std::size_t> written(std::string_view in) {
    const std::optional<Line> set = line(in, '+');
    if (!set) return std::nullopt;
    const std::optional<Line> replicas = line(in.substr(set->size), ':');
    if (!replicas) return std::nullopt;
    if (replicas->text == "0") throw Refused("no replica has it");
    return set->size + replicas->size;
  }

  static std::optional<std::size_t> found(std::string_view in) {
    const std::optional<Line> length = line(in, '$');
    if (!length) return std::nullopt;
    std::size_t size = 0;
    const char* const end = length->text.data() + length->text.size();
    if (std::from_chars(length->text.data(), end, size).ptr != end) throw Refused("there is no such key");
    const std::size_t whole = length->size + size + 2;
    return whole <= in.size() ? std::optional(whole) : std::nullopt;
  }
};

}  // namespace

std::unique_ptr<Protocol> redis_protocol() { return std::make_unique<Redis>(); }

}  // namespace smalldb::load
