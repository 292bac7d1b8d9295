#include "sim/clock.h"

#include <catch2/catch.hpp>

#include "sim/chance.h"
#include "sim/test_machines.h"

namespace smalldb::sim {
namespace {

TEST_CASE("a clock has its offset, on both faces") {
  const Clock clock({.offset = seconds(5)}, WallTime{1000});
  CHECK(clock.read(Time{7}).now == Instant{5'000'000'007});
  CHECK(clock.read(Time{7}).wall == WallTime{5'000'001'007});
}

TEST_CASE("a clock that drifts reads what it is set to at the first nanosecond at which it can") {
  for (const std::int64_t drift : {-999'999'999, -300'000'000, -20'000, -1, 0, 1, 50'000, 700'000'000}) {
    Clock clock({}, WallTime{});
    clock.drift(Time{12'345}, drift);
    for (std::uint64_t n = 0; n < 200; ++n) {
      const Instant at{static_cast<std::int64_t>(below(draw(1, Chance::workload, Key{0}, n), 10'000'000))};
      const Time when = clock.when(at, Time{12'345});
      REQUIRE(clock.monotonic(when) >= at);
      REQUIRE((when == Time{12'345} || clock.monotonic(when + nanoseconds(-1)) < at));
    }
  }
}

TEST_CASE("a drift of a thousandth gains a millisecond a second, over years") {
  Clock clock({.drift = 1'000'000}, WallTime{});
  CHECK(clock.monotonic(Time{} + seconds(1)) == Instant{1'001'000'000});
  CHECK(clock.monotonic(Time{} + seconds(100'000'000)) == Instant{} + seconds(100'100'000));
}

TEST_CASE("the monotonic clock never goes back, whatever is done to it") {
  Clock clock({}, WallTime{});
  Instant before{};
  for (std::uint64_t n = 0; n < 500; ++n) {
    const Time now{static_cast<std::int64_t>(n * 1'000'003)};
    const std::uint64_t drawn = draw(2, Chance::workload, Key{0}, n);
    REQUIRE(clock.monotonic(now) >= before);
    before = clock.monotonic(now);
    switch (below(drawn, 4)) {
      case 0: clock.drift(now, static_cast<std::int64_t>(below(again(drawn), 1'000'000)) - 500'000); break;
      case 1: clock.step(nanoseconds(-static_cast<std::int64_t>(below(again(drawn), 1'000'000'000)))); break;
      case 2: clock.freeze(now); break;
      default:
        if (clock.frozen()) clock.thaw(now);
    }
    REQUIRE(clock.monotonic(now) == before);
  }
}

TEST_CASE("a step moves the wall clock alone") {
  Clock clock({}, WallTime{});
  clock.step(seconds(-3));
  CHECK(clock.read(Time{10}).now == Instant{10});
  CHECK(clock.read(Time{10}).wall == WallTime{10 - 3'000'000'000});
}

TEST_CASE("timers fire by the clock of their process") {
  WorldSettings settings = Stage::puppets(2);
  settings.processes[0].clock.drift = 250'000'000;  // four fifths of the time are enough
  Stage stage(settings);
  stage.tell(a, "timer 0 1000000");
  CHECK(stage.last(EventKind::timer_fired)->time == Time{800'000});
}

TEST_CASE("a frozen clock fires no timer until it goes on") {
  Stage stage(1);
  const FaultId freeze = stage.inject({.kind = FaultKind::clock_freeze, .process = a});
  stage.tell(a, "timer 0 1000");
  CHECK(stage.count(EventKind::timer_fired) == 0);
  CHECK(stage.world.idle());
  stage.world.advance(Time{} + seconds(2));
  stage.end(freeze);
  stage.run();
  REQUIRE(stage.count(EventKind::timer_fired) == 1);
  CHECK(stage.last(EventKind::timer_fired)->time == Time{} + seconds(2) + nanoseconds(1000));
}

TEST_CASE("a timer set before a drift fires by the clock as it goes now") {
  Stage stage(1);
  stage.ask(a, "timer 0 1000000");
  stage.run_before(EventKind::timer_fired);
  stage.inject({.kind = FaultKind::clock_drift, .process = a, .drift = -500'000'000});
  stage.run();
  CHECK(stage.last(EventKind::timer_fired)->time == Time{2'000'000});
}

}  // namespace
}  // namespace smalldb::sim
