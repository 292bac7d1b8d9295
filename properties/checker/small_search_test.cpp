#include "properties/checker/small_search.h"

#include <catch2/catch.hpp>

#include <limits>
#include <vector>

#include "properties/checker/engines.h"
#include "properties/checker/frontier.h"
#include "properties/checker/testing/generator.h"
#include "properties/checker/testing/random_histories.h"

namespace smalldb::checker {
namespace {

Step write(Instant invoked, Instant returned, std::uint32_t value) {
  Step step;
  step.invoked = invoked;
  step.returned = returned;
  step.optional = returned == never;
  step.effect = Effect::set;
  step.to.value = ValueId{value};
  return step;
}

Step read(Instant invoked, Instant returned, std::uint32_t value) {
  Step step;
  step.invoked = invoked;
  step.returned = returned;
  step.need = {Need::Kind::is, Need::Kind::none, ValueId{value}, 0};
  return step;
}

Step swap(Instant invoked, Instant returned, std::uint32_t expected, std::uint32_t value) {
  Step step = write(invoked, returned, value);
  step.need = read(0, 0, expected).need;
  return step;
}

Conclusion judge(std::vector<Step> steps) {
  Steps all;
  all.steps.assign(steps.begin(), steps.end());
  std::uint64_t steps_left = 1'000'000;
  return SmallSearch().judge(all, steps_left);
}

}  // namespace

// All histories of a few operations are compared with the definition elsewhere (testing/compare.h).
TEST_CASE("The small search agrees with that of whole histories where several writes wrote the same") {
  const std::uint32_t values = GENERATE(2, 3, 5, 20);
  const std::uint32_t unknown = GENERATE(0, 4, 12);
  int holds = 0;
  int violated = 0;
  SmallSearch small;
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    History history = testing::generate({.seed = seed,
                                         .operations = 60,
                                         .clients = 5,
                                         .gets = 40,
                                         .puts = 30,
                                         .removes = 5,
                                         .swaps = 25,
                                         .values = values,
                                         .unknown = unknown});
    for (std::uint32_t permille = 200; seed % 3 != 0 && permille < 900; permille += 100) {
      testing::break_it(history, testing::Breakage::stale_read, permille);
    }
    const std::vector<std::uint32_t> positions = testing::all_positions(history);
    const Steps all = steps_of({history, KeyId{0}, positions});
    CAPTURE(seed, values, unknown);
    std::uint64_t steps_left = 10'000;
    const Conclusion conclusion = small.judge(all, steps_left);
    if (conclusion == Conclusion::unknown) continue;
    CHECK(conclusion == judge_by_frontier(history, all, 1'000'000, false).conclusion);
    (conclusion == Conclusion::holds ? holds : violated) += 1;
  }
  CHECK(holds >= 20);
  CHECK(violated >= 10);
}

// A part of them as a history of its own.
Steps part_of(const Steps& all, const SmallSearch& small, const SmallSearch::Part& part) {
  Steps steps;
  steps.initial = all.initial;
  for (const bool loose : {true, false}) {
    for (std::size_t i = 0; i < all.steps.size(); ++i) {
      if (((loose ? part.loose : part.strict) >> small.slot_of(i) & 1) == 0) continue;
      Step step = all.steps[i];
      if (loose) {
        step.optional = true;
        step.invoked = std::numeric_limits<Instant>::min();
        step.returned = never;
        if (part.free) step.need = {};
      }
      steps.steps.push_back(step);
    }
  }
  return steps;
}

TEST_CASE("Part by part the small search says what it says of a history that is no more than the part") {
  const std::uint32_t values = GENERATE(2, 3, 5);
  testing::Dice dice(values);
  int holds = 0;
  int violated = 0;
  SmallSearch parts;
  SmallSearch small;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    History history = testing::generate({.seed = seed,
                                         .operations = 40,
                                         .clients = 5,
                                         .gets = 30,
                                         .puts = 30,
                                         .removes = 5,
                                         .swaps = 35,
                                         .values = values,
                                         .unknown = 4});
    for (std::uint32_t permille = 200; permille < 900; permille += 100) {
      testing::break_it(history, testing::Breakage::stale_read, permille);
    }
    const std::vector<std::uint32_t> positions = testing::all_positions(history);
    const Steps all = steps_of({history, KeyId{0}, positions});
    REQUIRE(parts.take(all));
    for (int n = 0; n < 20; ++n) {
      SmallSearch::Part part;
      part.free = dice.below(2) == 1;
      for (std::size_t i = 0; i < all.steps.size(); ++i) {
        const std::uint64_t bit = std::uint64_t{1} << parts.slot_of(i);
        const std::uint64_t drawn = dice.below(4);
        if (drawn >= 2) part.strict |= bit;
        if (drawn == 1 && !all.steps[i].is_read()) part.loose |= bit;
      }
      std::uint64_t steps_left = 10'000;
      const Conclusion conclusion = parts.judge(part, steps_left);
      steps_left = 10'000;
      const Conclusion expected = small.judge(part_of(all, parts, part), steps_left);
      if (conclusion == Conclusion::unknown || expected == Conclusion::unknown) continue;
      CAPTURE(seed, n, values, part.free);
      CHECK(conclusion == expected);
      (conclusion == Conclusion::holds ? holds : violated) += 1;
    }
  }
  CHECK(holds >= 100);
  CHECK(violated >= 100);
}

TEST_CASE("The small search takes no more than 64 operations apart") {
  Steps all;
  all.steps.assign(64, read(1, 2, 0));
  SmallSearch small;
  CHECK(small.take(all));
  all.steps.push_back(read(1, 2, 0));
  CHECK_FALSE(small.take(all));
}

TEST_CASE("A write that waits is wanted for one of unknown outcome that overwrites it in its turn") {
  CHECK(judge({swap(0, 5, 0, 2), write(2, 6, 1), swap(4, never, 1, 0), swap(8, 9, 2, 3)}) == Conclusion::holds);
  CHECK(judge({swap(0, 5, 0, 2), write(2, 6, 1), swap(8, 9, 2, 3)}) == Conclusion::violated);
}

TEST_CASE("The small search says nothing of what does not fit it") {
  std::vector<Step> open(64, write(1, never, 1));
  SECTION("more than 64 are open") {
    CHECK(judge(open) == Conclusion::holds);
    open.push_back(read(2, 3, 1));
    CHECK(judge(open) == Conclusion::unknown);
  }
  SECTION("something is appended") {
    open[0].effect = Effect::append;
    CHECK(judge(open) == Conclusion::unknown);
  }
  SECTION("a revision is needed") {
    open[0].need.of_revision = Need::Kind::is;
    CHECK(judge(open) == Conclusion::unknown);
  }
  SECTION("it takes too many steps") {
    Steps all;
    all.steps.assign(4, read(1, 2, 0));
    std::uint64_t steps_left = 3;
    CHECK(SmallSearch().judge(all, steps_left) == Conclusion::unknown);
    CHECK(steps_left == 0);
  }
}

TEST_CASE("Of what holds the small search tells an order, and what the key may hold in the end") {
  Steps all;
  const Step steps[] = {write(1, 4, 1), write(2, 3, 2), read(5, 6, 1), write(7, 12, 3), write(8, never, 4)};
  all.steps.assign(std::begin(steps), std::end(steps));
  all.steps.push_back(read(9, 10, 1));
  SmallSearch small;
  std::uint64_t steps_left = 1000;
  REQUIRE(small.judge(all, steps_left) == Conclusion::holds);
  std::vector<SmallSearch::Write> way;
  small.way(way);
  std::vector<std::uint32_t> values;
  for (const SmallSearch::Write& one : way) values.push_back(static_cast<std::uint32_t>(one.step->to.value));
  CHECK(values.front() == 2);
  CHECK(values.back() == 3);
  std::vector<std::uint32_t> possible;
  for (std::uint32_t value = 0; value < 6; ++value) {
    if (small.may_hold(ValueId{value}, steps_left) == Conclusion::holds) possible.push_back(value);
  }
  CHECK(possible == std::vector<std::uint32_t>{3, 4});
}

TEST_CASE("Of what is violated the small search tells the first that nothing explains") {
  Steps all;
  const Step steps[] = {write(1, 2, 1), write(3, 20, 2), read(5, 8, 2), read(9, 10, 1), read(11, 12, 7)};
  for (const Step& step : steps) {
    all.steps.push_back(step);
    all.steps.back().position = static_cast<std::uint32_t>(all.steps.size() + 100);
  }
  SmallSearch small;
  std::uint64_t steps_left = 1000;
  REQUIRE(small.judge(all, steps_left) == Conclusion::violated);
  CHECK(small.culprit() == 104);
  CHECK(small.may_hold(ValueId{2}, steps_left) == Conclusion::holds);
  CHECK(small.may_hold(ValueId{1}, steps_left) == Conclusion::violated);
}

}  // namespace smalldb::checker
