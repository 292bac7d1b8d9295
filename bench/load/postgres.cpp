// PostgreSQL's protocol 3.0: a byte for the kind of a message, its length with itself, its content; numbers have the
// highest byte first.
#include <algorithm>
#include <cstdint>

#include "bench/load/protocol.h"

namespace smalldb::load {
namespace {

using namespace std::string_view_literals;

constexpr std::uint32_t version = 3 << 16;

void append_number(std::string& out, std::uint32_t number, int bytes) {
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) out += static_cast<char>(number >> shift & 0xff);
}

std::uint32_t number_at(std::string_view in) {
  std::uint32_t number = 0;
  for (const char byte : in.substr(0, 4)) number = number << 8 | static_cast<unsigned char>(byte);
  return number;
}

void append_message(std::string& out, char kind, std::string_view content) {
  if (kind != 0) out += kind;
  append_number(out, static_cast<std::uint32_t>(4 + content.size()), 4);
  out.append(content);
}

void append_parse(std::string& out, std::string_view name, std::string_view query) {
  std::string content;
  content.append(name).append("\0"sv).append(query).append("\0\0\0"sv);  // the types of its parameters are left open
  append_message(out, 'P', content);
}

// Runs a prepared statement with these parameters; all is in binary.
template <typename... Parameters>
void append_execution(std::string& out, std::string_view name, const Parameters&... parameters) {
  std::string bind(1, 0);  // the portal has no name
  bind.append(name).append("\0\0\1\0\1"sv);
  append_number(bind, sizeof...(parameters), 2);
  for (const std::string_view parameter : {std::string_view(parameters)...}) {
    append_number(bind, static_cast<std::uint32_t>(parameter.size()), 4);
    bind.append(parameter);
  }
  append_message(out, 'B', bind.append("\0\1\0\1"sv));
  append_message(out, 'E', "\0\0\0\0\0"sv);
  append_message(out, 'S', "");
}

// What an error says: its fields are a letter and a text each, M the words for people.
std::string words_of(std::string_view error) {
  while (!error.empty() && error.front() != '\0') {
    const std::string_view field = error.substr(0, error.find('\0'));
    if (field.front() == 'M') return std::string(field.substr(1));
    error.remove_prefix(std::min(error.size(), field.size() + 1));
  }
  return "an error without words";
}

// Up to where the server is ready for the next question.
std::optional<std::size_t> until_ready(std::string_view in, bool must_find) {
  bool found = false;
  for (std::size_t at = 0; at + 5 <= in.size();) {
    const char kind = in[at];
    const std::size_t end = at + 1 + number_at(in.substr(at + 1));
    if (end > in.size()) return std::nullopt;
    const std::string_view content = in.substr(at + 5, end - at - 5);
    if (kind == 'E') throw Refused(words_of(content));
    if (kind == 'R' && number_at(content) != 0) throw Refused("the server wants a password");
    found = found || kind == 'D';
    if (kind == 'Z') {
      if (must_find && !found) throw Refused("there is no such key");
      return end;
    }
    at = end;
  }
  return std::nullopt;
}

class Postgres final : public Protocol {
 public:
  explicit Postgres(std::string commit) : commit_(std::move(commit)) {}

  std::string greeting() const override {
    std::string start;
    append_number(start, version, 4);
    start.append("user\0postgres\0database\0postgres\0synchronous_commit\0"sv).append(commit_).append("\0\0"sv);
    std::string out;
    append_message(out, 0, start);
    append_parse(out, "w", "INSERT INTO kv VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value");
    append_parse(out, "r", "SELECT value FROM kv WHERE key = $1");
    append_message(out, 'S', "");
    return out;
  }

  std::optional<std::size_t> greeted(std::string_view in) const override {
    const std::optional<std::size_t> started = until_ready(in, false);
    const std::optional<std::size_t> prepared = started ? until_ready(in.substr(*started), false) : std::nullopt;
    return prepared ? std::optional(*started + *prepared) : std::nullopt;
  }

  void write(std::string& out, std::string_view key, std::string_view value) const override {
    append_execution(out, "w", key, value);
  }

  void read(std::string& out, std::string_view key) const override { append_execution(out, "r", key); }

  std::optional<std::size_t> answer(Kind kind, std::string_view in) const override {
    return until_ready(in, kind == Kind::read);
  }

 private:
  std::string commit_;
};

}  // namespace

std::unique_ptr<Protocol> postgres_protocol(std::string commit) {
  return std::make_unique<Postgres>(std::move(commit));
}

}  // namespace smalldb::load
