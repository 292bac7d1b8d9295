#include "bench/load/http_answer.h"

#include <boost/algorithm/string/predicate.hpp>
#include <charconv>
#include <string>

#include "bench/load/protocol.h"

namespace smalldb::load {
namespace {

std::size_t number(std::string_view text, int base) {
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc() || end != text.data() + text.size()) throw Refused("no number: " + std::string(text));
  return value;
}

// The field's value in a header; nothing if it is not there.
std::optional<std::string_view> field(std::string_view header, std::string_view name) {
  for (std::size_t at = header.find("\r\n"); at != std::string_view::npos; at = header.find("\r\n", at)) {
    at += 2;
    const std::string_view line = header.substr(at, header.find("\r\n", at) - at);
    if (!boost::algorithm::istarts_with(line, name) || line.substr(name.size(), 1) != ":") continue;
    const std::size_t begin = line.find_first_not_of(' ', name.size() + 1);
    return begin == std::string_view::npos ? std::string_view() : line.substr(begin);
  }
  return std::nullopt;
}

std::optional<std::size_t> end_of_chunks(std::string_view in, std::size_t at) {
  while (true) {
    const std::size_t line_end = in.find("\r\n", at);
    if (line_end == std::string_view::npos) return std::nullopt;
    const std::size_t size = number(in.substr(at, line_end - at), 16);
    at = line_end + 2 + size + 2;
    if (at > in.size()) return std::nullopt;
    if (size == 0) return at;
  }
}

}  // namespace

std::optional<HttpAnswer> http_answer(std::string_view in) {
  static constexpr std::string_view begin = "HTTP/1.1 ";
  const std::size_t header_size = in.find("\r\n\r\n");
  if (header_size == std::string_view::npos) return std::nullopt;
  if (!in.starts_with(begin)) throw Refused("no HTTP: " + std::string(in.substr(0, 80)));
  const std::string_view header = in.substr(0, header_size);
  const int status = static_cast<int>(number(header.substr(begin.size(), 3), 10));
  const std::size_t body = header_size + 4;
  if (status == 204 || status == 304) return HttpAnswer{status, body};
  if (field(header, "Transfer-Encoding") == "chunked") {
    const std::optional<std::size_t> end = end_of_chunks(in, body);
    return end ? std::optional(HttpAnswer{status, *end}) : std::nullopt;
  }
  const std::optional<std::string_view> length = field(header, "Content-Length");
  if (!length) throw Refused("an answer that does not say where it ends: " + std::string(header));
  const std::size_t end = body + number(*length, 10);
  return end <= in.size() ? std::optional(HttpAnswer{status, end}) : std::nullopt;
}

}  // namespace smalldb::load
