#include "server/read_buffer.h"

#include <catch2/catch.hpp>
#include <string>

namespace smalldb::server {
namespace {

void append(ReadBuffer& buffer, const std::string& bytes) {
  std::copy(bytes.begin(), bytes.end(), buffer.room(bytes.size() + 10));
  buffer.add(bytes.size());
}

TEST_CASE("bytes stay in order however they come and go") {
  ReadBuffer buffer;
  std::string expected;
  for (int i = 0; i < 1000; ++i) {
    const std::string piece(static_cast<std::size_t>(i % 37), static_cast<char>('a' + i % 26));
    append(buffer, piece);
    expected += piece;
    const std::size_t rest = expected.size() * static_cast<std::size_t>(i % 4) / 3;
    if (i % 4 == 3) continue;
    buffer.keep(rest);
    expected.erase(0, expected.size() - rest);
    REQUIRE(buffer.view() == expected);
  }
}

TEST_CASE("room that was asked for does not count before it is filled") {
  ReadBuffer buffer;
  append(buffer, "abc");
  buffer.room(100'000);
  CHECK(buffer.view() == "abc");
  buffer.keep(0);
  CHECK(buffer.empty());
  append(buffer, "d");
  CHECK(buffer.view() == "d");
}

}  // namespace
}  // namespace smalldb::server
