// Assertions: for what cannot be unless the code is wrong. Always on.
//
// A failed assertion throws `AssertionFailed`, which no machine catches: it leaves `Machine::step`, and the host
// decides. The simulator records a finding and ends the run; the server prints it and aborts.
#pragma once

#include <sstream>
#include <stdexcept>
#include <string>

namespace smalldb {

class AssertionFailed : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

namespace assertion {

[[noreturn]] void fail(const char* file, int line, const char* condition, const std::string& values);

template <class... Values>
std::string describe(const Values&... values) {
  std::ostringstream text;
  ((text << ' ' << values), ...);
  return text.str();
}

}  // namespace assertion
}  // namespace smalldb

// SMALLDB_ASSERT(condition, values...): the values are printed, in order, when it fails.
#define SMALLDB_ASSERT(condition, ...)                                                                         \
  do {                                                                                                         \
    if (!(condition)) [[unlikely]]                                                                             \
      ::smalldb::assertion::fail(__FILE__, __LINE__, #condition, ::smalldb::assertion::describe(__VA_ARGS__)); \
  } while (false)
