// Histories of any system, as files say them: read, and refused if they are none.
//
//     Text text(bytes);
//     const Read read = checker::read(text);
//     if (const auto* malformed = std::get_if<Malformed>(&read)) ...
//     check(std::get<History>(read));
//
// Four formats (docs/histories.md). All are read as a stream: beside the history that comes of it, no more is held than
// one line (or one form) and the operations that are open.
//
// What is not a history is refused and never judged: a response without a call, two calls of one process at a time,
// time that goes back, a word that is none, a file that ends in the middle of a line, a file without an operation.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "properties/checker/history.h"

namespace smalldb::checker {

// Bytes that come piece by piece.
class Source {
 public:
  virtual ~Source() = default;
  // The next of them, empty at the end. Valid until the next call.
  virtual std::string_view next() = 0;
};

// Bytes that are there as a whole. REQUIRES: they outlive it.
class Text final : public Source {
 public:
  explicit Text(std::string_view bytes) : rest_(bytes) {}
  std::string_view next() override {
    const std::string_view all = rest_;
    rest_ = {};
    return all;
  }

 private:
  std::string_view rest_;
};

enum class Format : std::uint8_t {
  automatic,   // by content
  json,        // our JSON lines
  jepsen,      // Jepsen's EDN: maps with :process, :type, :f, :value
  jepsen_log,  // the text log of older Jepsen runs
  porcupine,   // Porcupine's key-value text: as EDN, with :key; every key starts as ""
};
inline constexpr Format formats[] = {Format::json, Format::jepsen, Format::jepsen_log, Format::porcupine};
std::string_view name(Format format);

// What keeps a file from being a history.
struct Malformed {
  std::uint64_t line = 0;    // counted from 1; 0: it concerns the whole file
  std::uint64_t column = 0;  // in bytes, counted from 1
  std::string found;         // as a phrase: `the word "hodls"`
  std::string expected;
  std::string word;                // if what stood there may be one of `words`, mistyped
  std::vector<std::string> words;  // what could have stood there
};

struct ReadOptions {
  Format format = Format::automatic;
  // What all keys hold at first, in place of what the file or its format says.
  std::optional<std::string> initial = {};
  // Whether History::line() is to say where operations stand. No: nobody will see the file.
  bool lines = true;
};

using Read = std::variant<History, Malformed>;
// Takes any bytes whatever and ends.
Read read(Source& source, const ReadOptions& options = {});

// A line, or a form of EDN, that is longer than this is refused.
inline constexpr std::size_t line_max = std::size_t{16} << 20;

}  // namespace smalldb::checker
