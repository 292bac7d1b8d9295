#include "properties/data_text.h"

#include <rapidcheck.h>

#include <catch2/catch.hpp>
#include <map>
#include <string>
#include <vector>

#include "model/printable.h"

namespace smalldb::properties {
namespace {

TEST_CASE("What is short is told as it is, or so that it is one word") {
  CHECK(data_text("x17") == "x17");
  CHECK(data_text("") == "\"\"");
  CHECK(data_text("two words") == "\"two words\"");
  CHECK(data_text(std::string_view("\0\x1b", 2)) == "0x001b");
  CHECK(data_text("größe") == "größe");
  CHECK(data_text("ein größeres") == "\"ein größeres\"");
  CHECK(data_text("\xc2\x9b"
                  "31m") == "0xc29b33316d");  // switches colours on some terminals
  CHECK(data_text("\xc3") == "0xc3");
}

TEST_CASE("What reads like a word of ours is told apart from it") {
  CHECK(data_text("nothing") == "\"nothing\"");
  CHECK(data_text("0x001b") == "\"0x001b\"");
}

TEST_CASE("What is long is told by its beginning, its end and its size") {
  CHECK(data_text(R"({"user":"alice","balance":100})") == R"("{"user":"alice","balance":100}")");
  CHECK(data_text(std::string(50, 'x') + std::string(50, 'y')) == "xxxxxxxxxxxx...yyyyyyyyyyyy (100 bytes)");
  CHECK(data_text(std::string(100, '\xff')) == "0xffffffffff...ffffffffff (100 bytes)");
  CHECK(data_text("c1.20" + std::string(47, '.')) == "c1.20... (52 bytes)");
  std::string umlauts = "a";
  while (umlauts.size() < 60) umlauts += "ä";
  CHECK(is_printable(data_text(umlauts)));
}

TEST_CASE("What is cut where all that is told together agree is told apart") {
  const std::string begin(30, 'b'), end(30, 'e');
  const std::vector<std::string> three{begin + "1" + end, begin + "2" + end, begin + "2" + end + "e"};
  const DataTexts texts({three.begin(), three.end()});
  CHECK(data_text(three[0]) == data_text(three[1]));
  CHECK(texts.of(three[0]) == "bbbbbbb...bb1eeee...eeeeeee (61 bytes)");
  CHECK(texts.of(three[1]) == "bbbbbbb...bb2eeee...eeeeeee (61 bytes)");
  CHECK(texts.of(three[2]) == "bbbbbbbbbbbbb...eeeeeeeeeeeee (62 bytes)");
  const DataTexts names({three.begin(), three.end()}, {.bytes = 20, .tells_size = false});
  CHECK(names.of(three[0]) == "bbbb...b1ee...eeee");
  CHECK(names.of(three[1]) == "bbbb...b2ee...eeee (61 bytes)");
  CHECK(names.of(three[2]) == "bbbb...b2ee...eeee (62 bytes)");
  const std::string longer = begin + begin;  // differs in nothing but its size
  const DataTexts both({begin, longer}, {.bytes = 20, .tells_size = false});
  CHECK(both.of(begin) == "bbbb...bbbb (30 bytes)");
  CHECK(both.of(longer) == "bbbb...bbbb (60 bytes)");
}

std::string piece() {
  return *rc::gen::weightedOneOf<std::string>({
      {6, rc::gen::container<std::string>(rc::gen::elementOf(std::string("ab. 0x\"")))},
      {2, rc::gen::map(rc::gen::inRange<std::size_t>(0, 60), [](std::size_t size) { return std::string(size, '.'); })},
      {2, rc::gen::map(rc::gen::inRange<std::size_t>(0, 30),
                       [](std::size_t size) {
                         std::string text;
                         while (size-- > 0) text += size % 3 == 0 ? "ä" : "€";
                         return text;
                       })},
      {2, rc::gen::container<std::string>(rc::gen::arbitrary<char>())},
  });
}

std::string padding() {
  const auto size = *rc::gen::elementOf(std::vector<std::size_t>{0, 1, 5, 12, 20, 40, 200});
  std::string text;
  for (const std::string part = piece(); text.size() < size;) text += part.empty() ? "-" : part;
  return text;
}

TEST_CASE("No two different strings that are told together have the same text") {
  CHECK(rc::check([] {
    const std::string begin = padding(), middle = padding(), end = padding();
    std::vector<std::string> strings;
    const auto count = *rc::gen::inRange(2, 12);
    for (int n = 0; n < count; ++n) {
      std::string one;
      if (*rc::gen::inRange(0, 4) != 0) one += begin;
      one += piece();
      if (*rc::gen::inRange(0, 4) != 0) one += middle;
      one += piece();
      if (*rc::gen::inRange(0, 4) != 0) one += end;
      strings.push_back(std::move(one));
    }
    // What a text looks like may be a string too.
    for (int n = 0; n < count; ++n) strings.push_back(data_text(strings[static_cast<std::size_t>(n)]));
    for (const std::size_t most : {8, 16, 24, 40}) {
      for (const bool tells_size : {true, false}) {
        const DataTexts texts({strings.begin(), strings.end()}, {most, tells_size});
        std::map<std::string, std::string> seen;
        for (const std::string& one : strings) {
          const std::string text = texts.of(one);
          RC_ASSERT(is_printable(text));
          RC_ASSERT(text.size() <= most + 60);
          RC_ASSERT(seen.try_emplace(text, one).first->second == one);
        }
      }
    }
  }));
}

}  // namespace
}  // namespace smalldb::properties
