#include "server/duration.h"

#include <catch2/catch.hpp>

namespace smalldb::server {
namespace {

TEST_CASE("a length of time is a whole number with a unit") {
  CHECK(read_duration("0s") == 0);
  CHECK(read_duration("7us") == 7'000);
  CHECK(read_duration("250ms") == 250'000'000);
  CHECK(read_duration("10s") == 10'000'000'000);
  CHECK(read_duration("2min") == 120'000'000'000);
  CHECK(read_duration("2m") == 120'000'000'000);
  CHECK(read_duration("999999h") == 999'999 * INT64_C(3'600'000'000'000));
}

TEST_CASE("a length of time is told as it is read") {
  for (const char* text : {"0s", "7us", "250ms", "1500ms", "10s", "90s", "2min", "1h", "999999h"}) {
    CHECK(duration_text(read_duration(text).value()) == text);
  }
}

TEST_CASE("anything else is none, however large") {
  for (const char* text :
       {"", "s", "10", "1.5s", "-1s", " 1s", "1 s", "1d", "1sx", "1000000h", "99999999999999999999s"}) {
    CAPTURE(text);
    CHECK_FALSE(read_duration(text));
    CHECK(no_duration(text).find(text) != std::string::npos);
  }
}

}  // namespace
}  // namespace smalldb::server
