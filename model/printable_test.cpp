#include "model/printable.h"

#include <catch2/catch.hpp>

namespace smalldb {
namespace {

TEST_CASE("what shows as itself stays as it is") {
  for (const char* text :
       {"", "plain, with \\ and \"quotes\"", "caf\xc3\xa9", "\xe6\x97\xa5\xe6\x9c\xac", "\xf0\x9f\x98\x80"}) {
    CHECK(is_printable(text));
    CHECK(printable(text) == text);
  }
}

TEST_CASE("nothing that a terminal obeys is shown") {
  struct Example {
    std::string_view text;
    std::string_view shown;
  };
  constexpr std::string_view nothing("\0", 1);
  for (const auto& [text, shown] : {Example{"a\nb\tc\rd", "a\\nb\\tc\\rd"},
                                    {nothing, "\\x00"},
                                    {"\x1b[31m", "\\x1b[31m"},
                                    {"\x7f", "\\x7f"},
                                    {"\xc2\x9b"
                                     "31m",
                                     "\\u009b31m"},                                          // CSI in one character
                                    {"\xc2\x80\xc2\x9f\xc2\xa0", "\\u0080\\u009f\xc2\xa0"},  // the first and last of C1
                                    {"a\xe2\x80\xae"
                                     "b",
                                     "a\\u202e"
                                     "b"},                                           // right to left from here
                                    {"\xe2\x81\xa6\xe2\x81\xa9", "\\u2066\\u2069"},  // isolates
                                    {"\xe2\x80\x8f\xd8\x9c", "\\u200f\\u061c"},      // marks
                                    {"\xe2\x80\xa8", "\\u2028"},
                                    {"\xef\xbb\xbf", "\\ufeff"},
                                    {"\xf3\xa0\x80\x81", "\\U000e0001"}}) {
    CHECK_FALSE(is_printable(text));
    CHECK(printable(text) == shown);
    CHECK(is_printable(printable(text)));
  }
}

TEST_CASE("bytes that are no character are shown as bytes") {
  struct Example {
    std::string_view text;
    std::string_view shown;
  };
  for (const auto& [text, shown] : {Example{"a\x9b"
                                            "b",
                                            "a\\x9b"
                                            "b"},  // CSI to a terminal of 8 bits
                                    {"\xff\xfe", "\\xff\\xfe"},
                                    {"\xc0\x9b", "\\xc0\\x9b"},           // longer than it need be
                                    {"\xed\xa0\x80", "\\xed\\xa0\\x80"},  // half of a pair
                                    {"\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"},
                                    {"caf\xc3", "caf\\xc3"}}) {  // cut off
    CHECK_FALSE(is_printable(text));
    CHECK(printable(text) == shown);
  }
}

}  // namespace
}  // namespace smalldb
