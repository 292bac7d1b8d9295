// Assertions: for what cannot be unless the code is wrong. Always on.
//
// A failed assertion throws `AssertionFailed`, which no machine catches: it leaves `Machine::step`, and the host
// decides. The simulator records a finding and ends the run; the server prints it and aborts.
//
// They stand in the paths that are taken at every event, so one that holds is a comparison: all that is to be said of
// one that fails is put into words elsewhere.
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <string_view>

namespace smalldb {

class AssertionFailed : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

namespace assertion {

// What is printed with an assertion that fails: a whole number, a letter or a text, which it refers to.
class Value {
 public:
  Value(std::signed_integral auto number) : kind_(Kind::whole), whole_(number) {}
  Value(std::unsigned_integral auto number) : kind_(Kind::natural), natural_(number) {}
  Value(char letter) : kind_(Kind::letter), letter_(letter) {}
  Value(std::convertible_to<std::string_view> auto const& text) : kind_(Kind::text), text_(text) {}

  void append_to(std::string& words) const;

 private:
  enum class Kind { whole, natural, letter, text };

  Kind kind_;
  union {
    std::int64_t whole_;
    std::uint64_t natural_;
    char letter_;
    std::string_view text_;
  };
};

[[noreturn, gnu::cold]] void fail(const char* file, int line, const char* condition,
                                  std::initializer_list<Value> values);

}  // namespace assertion
}  // namespace smalldb

// SMALLDB_ASSERT(condition, values...): the values are printed, in order, when it fails.
#define SMALLDB_ASSERT(condition, ...)                                           \
  do {                                                                           \
    if (!(condition)) [[unlikely]]                                               \
      ::smalldb::assertion::fail(__FILE__, __LINE__, #condition, {__VA_ARGS__}); \
  } while (false)
