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

TEST_CASE("lines are as wide as the terminal, within what can be read") {
  CHECK(width_for(0) == text_width);
  CHECK(width_for(20) == 60);
  CHECK(width_for(80) == 80);
  CHECK(width_for(400) == text_width);
}

TEST_CASE("paint adds colour or nothing") {
  CHECK(Style(true).paint(Colour::red, "down") == "\x1b[31mdown\x1b[0m");
  CHECK(Style(true).paint(Colour::none, "down") == "down");
  CHECK(Style(false).paint(Colour::red, "down") == "down");
}

}  // namespace smalldb::reports
