#include "model/send_window.h"

#include <catch2/catch.hpp>

namespace smalldb {
namespace {

constexpr Instant at(std::int64_t ms) { return Instant{} + milliseconds(ms); }

struct Stream {
  SendWindow window{Settings{}};
  std::uint64_t mark = 0;
  Instant now = at(0);

  // All that is allowed is sent, and the answer to what was asked behind it comes after so long.
  void answers_after(std::int64_t ms) {
    window.ask(++mark, now);
    now = now + milliseconds(ms);
    window.answered(mark, now);
  }
};

TEST_CASE("F8 a window begins small, and a few quick answers make it as large as the settings allow") {
  Stream stream;
  REQUIRE(stream.window.size() == 4 * 1024);
  int answers = 0;
  for (; stream.window.size() < Settings{}.log_buffer_bytes; ++answers) stream.answers_after(10);
  REQUIRE(answers == 8);
  stream.answers_after(10);
  REQUIRE(stream.window.size() == Settings{}.log_buffer_bytes);
}

TEST_CASE("F6 over a thin link what is on its way arrives within half of suspect_after") {
  const std::uint64_t bytes_a_second = GENERATE(10'000, 50'000, 400'000, 3'000'000);
  Stream stream;
  std::int64_t longest = 0;
  for (int i = 0; i < 100; ++i) {
    const auto took = static_cast<std::int64_t>(stream.window.size() * 1000 / bytes_a_second);
    longest = std::max(longest, took);
    stream.answers_after(took);
  }
  CHECK(longest <= 250 + (bytes_a_second == 10'000 ? 160 : 0));  // less than the smallest window is never sent
  CHECK((stream.window.size() == 4 * 1024 || stream.window.size() * 1000 / bytes_a_second > 60));
}

TEST_CASE("F6 a link that becomes thin makes the window small again, but not smaller than any other") {
  Stream stream;
  while (stream.window.size() < 1024 * 1024) stream.answers_after(1);
  stream.answers_after(251);
  CHECK(stream.window.size() == 512 * 1024);
  stream.answers_after(250);
  CHECK(stream.window.size() == 512 * 1024);
  for (int i = 0; i < 20; ++i) stream.answers_after(600);
  CHECK(stream.window.size() == 4 * 1024);
}

TEST_CASE("F8 only the answer to what was asked says how long the way is") {
  SendWindow window{Settings{}};
  window.answered(7, at(1));
  CHECK(window.size() == 4 * 1024);
  window.ask(8, at(2));
  window.answered(7, at(3));
  CHECK(window.asking());
  CHECK(window.size() == 4 * 1024);
  window.answered(9, at(4));
  CHECK_FALSE(window.asking());
  CHECK(window.size() == 8 * 1024);
  window.ask(10, at(5));
  window.forget();
  window.answered(10, at(6));
  CHECK(window.size() == 8 * 1024);
}

TEST_CASE("F8 a window is no larger than the settings allow from the start") {
  Settings settings;
  settings.log_buffer_bytes = 1000;
  settings.chunk_bytes = 64;
  settings.chunks_in_flight = 1;
  SendWindow window(settings);
  CHECK(window.size() == 1000);
  window.ask(1, at(0));
  window.answered(1, at(400));
  CHECK(window.size() == 1000);
}

}  // namespace
}  // namespace smalldb
