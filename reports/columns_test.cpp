#include "reports/columns.h"

#include <catch2/catch.hpp>
#include <string>
#include <string_view>

namespace smalldb::reports {

TEST_CASE("A character is as wide as a terminal shows it") {
  const auto [text, columns] = GENERATE(table<std::string_view, std::size_t>({
      {"", 0},
      {"abc", 3},
      {"\xc3\xa9\xc3\xa9", 2},                      // Latin
      {"\xe6\x97\xa5\xe6\x9c\xac", 4},              // Han
      {"\xed\x95\x9c", 2},                          // Hangul, a syllable
      {"\xe1\x84\x92\xe1\x85\xa1\xe1\x86\xab", 2},  // the same in its parts
      {"\xef\xbd\xb1", 1},                          // half-width katakana
      {"\xef\xbc\xa1", 2},                          // a full-width letter
      {"\xf0\x9f\x98\x80", 2},                      // an emoji
      {"\xf0\xa0\x80\x80", 2},                      // Han, of a later plane
      {"e\xcc\x81", 1},                             // with an accent that is combined with it
      {"\xe2\x86\x92", 1},                          // an arrow
      {"\x1b[31ma\xe6\x97\xa5\x1b[0m", 3},          // in colour
  }));
  CAPTURE(text);
  CHECK(columns_of(text) == columns);
}

TEST_CASE("A text is cut between characters, at the column that is wanted or the one before") {
  const std::string text =
      "a\xe6\x97\xa5\xe6\x9c\xac"
      "e\xcc\x81"
      "z";  // 1 + 2 + 2 + 1 + 1
  CHECK(begin_within(text, 7) == text);
  CHECK(begin_within(text, 4) == "a\xe6\x97\xa5");
  CHECK(begin_within(text, 3) == "a\xe6\x97\xa5");
  CHECK(begin_within(text, 6) == text.substr(0, text.size() - 1));
  CHECK(begin_within(text, 0).empty());
  CHECK(end_within(text, 7) == text);
  CHECK(end_within(text, 1) == "z");
  CHECK(end_within(text, 4) ==
        "\xe6\x9c\xac"
        "e\xcc\x81"
        "z");
  CHECK(end_within(text, 3) ==
        "e\xcc\x81"
        "z");
  CHECK(cut_to(text, 7) == text);
  CHECK(cut_to(text, 6) == "a\xe6\x97\xa5...");
  CHECK(cut_to("ab...cd", 6) == "ab...");
  CHECK(fitted_to(text, 5) == "a... ");
  CHECK(fitted_to(text, 9) == text + "  ");
}

}  // namespace smalldb::reports
