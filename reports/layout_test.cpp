#include "reports/layout.h"

#include <catch2/catch.hpp>
#include <sstream>
#include <string>

namespace smalldb::reports {
namespace {

std::string paragraph(std::string_view head, std::string_view text) {
  std::ostringstream out;
  write_paragraph(head, head.size(), text, out);
  return out.str();
}

}  // namespace

TEST_CASE("a paragraph is broken at spaces and hangs below its head") {
  CHECK(paragraph("  head  ", "one two") == "  head  one two\n");
  CHECK(paragraph("  ", "") == "  \n");
  const std::string word(50, 'x');
  CHECK(paragraph("  ", word + " " + word + " " + word) == "  " + word + " " + word + "\n  " + word + "\n");
  const std::string long_word(200, 'y');
  CHECK(paragraph("", "a " + long_word + " b") == "a\n" + long_word + "\nb\n");
}

TEST_CASE("a paragraph is as wide as is wanted, and colour takes no room") {
  const auto narrow = [](std::string_view text) {
    std::ostringstream out;
    write_paragraph("> ", 2, text, out, 10);
    return out.str();
  };
  CHECK(narrow("1234 678 0") == "> 1234 678\n  0\n");
  CHECK(narrow("\x1b[31m1234 678\x1b[0m 0") == "> \x1b[31m1234 678\x1b[0m\n  0\n");
  CHECK(narrow("\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9 678 0") == "> \xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9 678\n  0\n");
}

TEST_CASE("numbers are grouped and counted") {
  CHECK(grouped(0) == "0");
  CHECK(grouped(999) == "999");
  CHECK(grouped(1'000) == "1,000");
  CHECK(grouped(1'234'567) == "1,234,567");
  CHECK(counted(1, "event") == "1 event");
  CHECK(counted(2, "event") == "2 events");
}

TEST_CASE("a long text is shortened, and no byte of it speaks to the terminal") {
  CHECK(shortened("abc", 3) == "abc");
  CHECK(shortened("a\xc3\xa4\xe2\x9c\x93z", 6) == "a\xc3\xa4\xe2\x9c\x93...");
  CHECK(shortened("a\xc3\xa4\xe2\x9c\x93z", 5) == "a\xc3\xa4...");
  CHECK(shortened("a\xc3\xa4\xe2\x9c\x93z", 2) == "a...");
  CHECK(shortened("\x80\x80\x80", 2) == "...");
  CHECK(shortened("abcd", 3) == "abc...");
  CHECK(shortened("a\x1b\nb", 9) == "a\\x1b b");
}

}  // namespace smalldb::reports
