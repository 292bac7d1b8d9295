// Takes a short text apart, piece by piece: the common ground of the notations.
//
// Each `take` skips spaces, and either takes what it names and says so, or leaves everything as it was.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace smalldb::scenarios {

// The text with its ASCII letters in lower case.
std::string lower(std::string_view text);

// A decimal number as it was written: `digits` without the point, of which `decimals` stood behind it.
struct Decimal {
  std::uint64_t digits = 0;
  int decimals = 0;

  // This many times `unit`, if that is a whole number of at most `most`.
  std::optional<std::uint64_t> times(std::uint64_t unit, std::uint64_t most) const;
};

class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) { skip_spaces(); }

  bool done() const { return rest_.empty(); }
  std::string_view rest() const { return rest_; }

  // Letters (and the micro sign), taken only if the whole word is `word`; letter case does not matter.
  bool take_word(std::string_view word);
  // The next run of letters; empty if there is none.
  std::string_view take_letters();
  bool take_symbol(std::string_view symbol);
  // 17, 1_000, 1.5, .5; what fits into 64 bits.
  std::optional<Decimal> take_decimal();
  // A name (see notation::is_name); empty if there is none.
  std::string_view take_name();
  // What stands before `end`, and `end`; empty and nothing taken if `end` does not come.
  std::string_view take_until(std::string_view end);

 private:
  void skip_spaces();

  std::string_view rest_;
};

}  // namespace smalldb::scenarios
