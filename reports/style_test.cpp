#include "reports/style.h"

#include <catch2/catch.hpp>

namespace smalldb::reports {

TEST_CASE("colour is for terminals that want it") {
  CHECK(wants_colour(true, "xterm", nullptr));
  CHECK(wants_colour(true, "xterm", ""));
  CHECK_FALSE(wants_colour(false, "xterm", nullptr));
  CHECK_FALSE(wants_colour(true, "xterm", "1"));
  CHECK_FALSE(wants_colour(true, "dumb", nullptr));
  CHECK_FALSE(wants_colour(true, nullptr, nullptr));
}

TEST_CASE("paint adds colour or nothing") {
  CHECK(Style(true).paint(Colour::red, "down") == "\x1b[31mdown\x1b[0m");
  CHECK(Style(true).paint(Colour::none, "down") == "down");
  CHECK(Style(false).paint(Colour::red, "down") == "down");
}

}  // namespace smalldb::reports
