#include "model/words.h"

#include <catch2/catch.hpp>

namespace smalldb {
namespace {

TEST_CASE("the nearest word takes the fewest edits") {
  const std::vector<std::string> words = {"holds", "violated", "any"};
  CHECK(nearest_word("hodls", words) == "holds");  // a swap is one edit
  CHECK(nearest_word("q", {"a", "b"}).empty());    // nothing of it would be left
  CHECK(nearest_word("c", {"a", "c1"}) == "c1");
  CHECK(nearest_word("HOLDS", words) == "holds");
  CHECK(nearest_word("volated", words) == "violated");
  CHECK(nearest_word("an", words) == "any");
  CHECK(nearest_word("certainly", words).empty());
  CHECK(nearest_word("", words).empty());
  CHECK(nearest_word(std::string(100'000, 'x'), words).empty());
}

TEST_CASE("a complaint ends with the nearest word, if one is near") {
  CHECK(did_you_mean(nearest_word("hodls", {"holds", "any"})) == "; did you mean \"holds\"?");
  CHECK(did_you_mean(nearest_word("certainly", {"holds", "any"})).empty());
}

TEST_CASE("an option that is none is told without its value, and with the nearest") {
  CHECK(unknown_option("--dta=x", {"--data", "--listen"}) == "unknown option \"--dta\"; did you mean \"--data\"?");
  CHECK(unknown_option("-x", {"--data", "--listen"}) == "unknown option \"-x\"");
}

TEST_CASE("what is quoted is short and on one line") {
  CHECK(smalldb::quoted("a\nb") == "\"a b\"");
  CHECK(smalldb::quoted("a\xc2\x9b\x1b[2J") == "\"a\\u009b\\x1b[2J\"");
  CHECK(smalldb::quoted(std::string(1000, 'x')).size() < 80);
}

}  // namespace
}  // namespace smalldb
