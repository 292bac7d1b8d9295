// The lines of a source, and where one is in it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "properties/checker/formats/reader.h"

namespace smalldb::checker {

// Counted from 1, in bytes.
struct Place {
  std::uint64_t line = 0;
  std::uint64_t column = 0;
};

class Lines {
 public:
  // REQUIRES: the source outlives it.
  explicit Lines(Source& source) : source_(source) {}

  // Goes on to the next line, if there is one; the last need not end. Throws Malformed if it is longer than line_max.
  bool next();
  // next() will give this line again. REQUIRES: there is one, and it was not put back.
  void put_back() { is_back_ = true; }

  // The line, without its end (\n or \r\n). Valid until next().
  std::string_view text() const { return text_; }
  std::uint64_t number() const { return number_; }
  Place at(std::size_t offset) const { return {number_, offset + 1}; }

 private:
  Source& source_;
  std::string_view piece_;  // what is left of the source's
  std::string carried_;     // a line that began in an earlier piece
  std::string_view text_;
  std::uint64_t number_ = 0;
  bool is_back_ = false;
};

// A word or a text as it is shown in an error: in quotes, cut short, and no byte that speaks to a terminal or
// is not UTF-8.
std::string shown(std::string_view text);

// A name as it is, if it is a short word; else as shown.
std::string named(std::string_view name);

// A refusal at a place. `word` and `words` as in Malformed.
[[noreturn]] void refuse(Place place, std::string found, std::string expected, std::string_view word = {},
                         std::vector<std::string> words = {});

}  // namespace smalldb::checker
