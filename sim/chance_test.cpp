#include "sim/chance.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace smalldb::sim {
namespace {

TEST_CASE("a draw is a function of its name and nothing else") {
  // Golden: a change here changes every run of every committed seed.
  CHECK(draw(1, Chance::latency, Key{2}, 3) == 0x21756309aa430b65);
  CHECK(draw(0, Chance::entropy, Key{0}, 0) == 0x5637c4473c4c2f49);
}

TEST_CASE("draws with different names differ") {
  std::vector<std::uint64_t> drawn;
  for (std::uint64_t seed = 0; seed < 4; ++seed) {
    for (const Chance what : {Chance::entropy, Chance::tie, Chance::latency, Chance::loss}) {
      for (std::uint64_t who = 0; who < 16; ++who) {
        for (std::uint64_t n = 0; n < 64; ++n) drawn.push_back(draw(seed, what, key_of(Key{who}, who / 2), n));
      }
    }
  }
  std::sort(drawn.begin(), drawn.end());
  CHECK(std::unique(drawn.begin(), drawn.end()) == drawn.end());
}

TEST_CASE("a hash is of the bytes and of how many they are, wherever they stand") {
  // As the definition has it: the last 1 to 15 bytes with zeros behind them.
  const auto defined = [](std::string_view bytes) {
    using namespace chance;
    std::uint64_t hash = bytes.size() ^ key_2, other = key_1;
    for (; bytes.size() >= 32; bytes.remove_prefix(32)) {
      hash = fold(word(bytes.data()) ^ key_3, word(bytes.data() + 8) ^ hash);
      other = fold(word(bytes.data() + 16) ^ key_4, word(bytes.data() + 24) ^ other);
    }
    hash ^= other;
    std::string rest(bytes);
    for (; rest.size() >= 16; rest.erase(0, 16)) hash = fold(word(rest.data()) ^ key_3, word(rest.data() + 8) ^ hash);
    if (rest.empty()) return hash;
    rest.resize(16);
    return fold(word(rest.data()) ^ key_4, word(rest.data() + 8) ^ hash);
  };
  std::string text;
  for (unsigned n = 0; n < 160; ++n) text += static_cast<char>(37 * n + 129);
  for (std::size_t at = 0; at < 17; ++at) {
    for (std::size_t size = 0; at + size <= text.size(); ++size) {
      const std::string exact(text, at, size);  // with nothing before or behind it that could be read
      REQUIRE(chance::hash_of(exact) == defined(exact));
    }
  }
}

TEST_CASE("every bit of a draw is even") {
  constexpr int draws = 4096;
  for (int bit = 0; bit < 64; ++bit) {
    int ones = 0;
    for (std::uint64_t n = 0; n < draws; ++n) ones += static_cast<int>(draw(7, Chance::loss, Key{3}, n) >> bit & 1);
    CHECK(ones > draws / 2 - 200);
    CHECK(ones < draws / 2 + 200);
  }
}

TEST_CASE("a ratio hits as often as it says") {
  int hit = 0;
  for (std::uint64_t n = 0; n < 100'000; ++n) hit += hits(draw(5, Chance::loss, Key{1}, n), {1, 100});
  CHECK(hit > 900);
  CHECK(hit < 1100);
  CHECK_FALSE(hits(0, {0, 5}));
  CHECK(hits(~std::uint64_t{0}, {5, 5}));
}

TEST_CASE("a pinned decision is what it was pinned to, and no other decision changes") {
  Dice dice(9, {{{Chance::loss, Key{4}, 2}, 77}});
  dice.pin({Chance::loss, Key{4}, 3}, 78);
  dice.pin({Chance::loss, Key{4}, 3}, 79);
  CHECK(dice.draw(Chance::loss, Key{4}, 2) == 77);
  CHECK(dice.draw(Chance::loss, Key{4}, 3) == 79);
  CHECK(dice.draw(Chance::loss, Key{4}, 4) == draw(9, Chance::loss, Key{4}, 4));
  CHECK(dice.draw(Chance::latency, Key{4}, 2) == draw(9, Chance::latency, Key{4}, 2));
}

std::int64_t mean_of(const Distribution& distribution) {
  std::int64_t sum = 0;
  for (std::uint64_t n = 0; n < 100'000; ++n) sum += distribution.at(draw(3, Chance::latency, Key{1}, n)).nanoseconds;
  return sum / 100'000;
}

TEST_CASE("distributions keep to their bounds and means") {
  const Distribution even = uniform(nanoseconds(10), nanoseconds(20));
  const Distribution memoryless = exponential(nanoseconds(1000), nanoseconds(5000), nanoseconds(30'000));
  const Distribution heavy = pareto(nanoseconds(100), nanoseconds(10'000));
  bool least_seen = false;
  bool most_seen = false;
  for (std::uint64_t n = 0; n < 10'000; ++n) {
    const std::uint64_t drawn = draw(1, Chance::latency, Key{1}, n);
    const std::int64_t length = even.at(drawn).nanoseconds;
    least_seen |= length == 10;
    most_seen |= length == 20;
    REQUIRE((length >= 10 && length <= 20));
    REQUIRE(memoryless.at(drawn) >= nanoseconds(1000));
    REQUIRE(memoryless.at(drawn) <= nanoseconds(30'000));
    REQUIRE(heavy.at(drawn) >= nanoseconds(100));
    REQUIRE(heavy.at(drawn) <= nanoseconds(10'000));
    REQUIRE(constant(nanoseconds(7)).at(drawn) == nanoseconds(7));
  }
  CHECK((least_seen && most_seen));
  CHECK(mean_of(even) == 15);
  CHECK(mean_of(exponential({}, nanoseconds(100'000))) / 1000 == 99);  // 100 microseconds, give or take one percent
  // Half of a Pareto of shape 1 lies beyond twice its least: 100 * (1 + ln 100) in the mean, cut off at a hundred
  // times.
  CHECK(mean_of(heavy) / 10 == 55);
}

TEST_CASE("an exponential whose mean is its least is constant") {
  CHECK(exponential(nanoseconds(50), nanoseconds(50)).at(12345) == nanoseconds(50));
}

TEST_CASE("a tail comes as often as its ratio says, and from its own range") {
  const Distribution stalls = with_tail(constant(nanoseconds(5)), {1, 10}, milliseconds(1), milliseconds(2));
  int long_ones = 0;
  for (std::uint64_t n = 0; n < 10'000; ++n) {
    const Duration length = stalls.at(draw(1, Chance::stall, Key{0}, n));
    if (length == nanoseconds(5)) continue;
    REQUIRE((length >= milliseconds(1) && length <= milliseconds(2)));
    ++long_ones;
  }
  CHECK(long_ones > 900);
  CHECK(long_ones < 1100);
}

}  // namespace
}  // namespace smalldb::sim
