#include "properties/checker/reason.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

#include "properties/checker/testing/brute_force.h"
#include "properties/checker/testing/effort.h"
#include "properties/checker/testing/generator.h"
#include "properties/checker/testing/told.h"

namespace smalldb::checker {

using testing::Breakage;
using testing::Told;
using testing::violation_of;

TEST_CASE("Of a chain of compare-and-sets two links are enough, however long it is") {
  const Instant count = GENERATE(3, Instant{testing::long_enough(5000, 1500)});
  const Engine engine = count == 3 ? GENERATE(Engine::automatic, Engine::frontier) : Engine::automatic;
  const bool from_beginning = GENERATE(true, false);
  Told told;
  if (!from_beginning) told.add(Verb::put, 1, 2, "0");
  if (from_beginning) told.swap(1, 2, nullptr, "0");
  for (Instant i = 1; i < count; ++i) {
    told.swap(2 * i + 1, 2 * i + 2, std::to_string(i - 1).c_str(), std::to_string(i).c_str());
  }
  const auto read = static_cast<std::size_t>(count / 2);
  const std::size_t get = told.add(Verb::get, 20'000, 20'001, std::to_string(read).c_str());
  const Verdict verdict = check(told.history, {.engine = engine});
  REQUIRE(verdict.violation);
  const Violation& violation = *verdict.violation;
  CAPTURE(count, name(engine), violation.operations, violation.writers);
  CHECK(violation.operations.size() + violation.writers.size() <= 4);
  CHECK(violation.culprit == get);
  // Whoever expected it has seen it.
  CHECK(name(violation.anomaly) == (count > 3 ? "stale read" : "lost update"));
  CHECK_FALSE(testing::is_linearizable_by_definition(told.history, violation.operations, violation.writers,
                                                     violation.writers_are_free));
}

TEST_CASE("Of a long chain that goes round, the reason has who wrote the value, one link more, and whence each came") {
  Told told;
  told.swap(1, 2, nullptr, "0");
  constexpr int values = 1000;
  constexpr int count = 3500;
  for (int i = 1; i < count; ++i) {
    told.swap(2 * i + 1, 2 * i + 2, std::to_string((i - 1) % values).c_str(), std::to_string(i % values).c_str());
  }
  told.add(Verb::get, 20'000, 20'001, "490");
  const Violation violation = violation_of(told.history);
  CAPTURE(violation.operations, violation.writers);
  CHECK(violation.operations.size() == 4 + 2);
  CHECK(violation.writers.size() == 4 + 1);
  CHECK_FALSE(testing::is_linearizable_by_definition(told.history, violation.operations, violation.writers,
                                                     violation.writers_are_free));
}

TEST_CASE("A write that took effect though its condition was not met makes nobody else needed") {
  // So long that conditions are given up at first: the swaps of z to z are in the way of none of the orders then.
  Told told;
  Instant at = 0;
  for (; at < 1200; at += 2) told.add(Verb::put, at, at + 1, at % 4 == 0 ? "b" : "c");
  const std::size_t p = told.add(Verb::put, at, at + 1, "p");
  const std::size_t z = told.add(Verb::put, at + 2, at + 3, "z");
  for (int i = 0; i < 9; ++i) told.swap(at + 4 + i, at + 15, "z", "z");
  const std::size_t swap = told.swap(at + 13, at + 15, "p", "q");
  told.add(Verb::get, at + 14, at + 15, "q");
  const Violation violation = violation_of(told.history);
  CAPTURE(violation.writers);
  CHECK(violation.operations == std::vector{p, z, swap});
}

TEST_CASE("Of two who show that something was written one is enough") {
  Told told;
  told.add(Verb::get, 1, 2, "a");
  const std::size_t put = told.add(Verb::put, 1, 2, "a");
  const std::size_t nothing = told.add(Verb::get, 3, 4, nullptr);
  const Violation violation = violation_of(told.history);
  CHECK(name(violation.engine) == "zones");
  CHECK(violation.operations == std::vector{put, nothing});
  CHECK(violation.writers.empty());
}

TEST_CASE("Of values that are written again and again, the reason is small and needs every answer") {
  int violated = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    History history = testing::generate({.seed = seed, .operations = 1000, .clients = 4, .values = 100, .unknown = 3});
    REQUIRE(testing::break_it(history, Breakage::stale_read, 800));
    const Verdict verdict = check(history);
    if (verdict.conclusion == Conclusion::holds) continue;  // another had written that value in between
    CAPTURE(seed);
    ++violated;
    const Violation& violation = *verdict.violation;
    CHECK(violation.operations.size() <= 30);
    const auto has_order = [&](const std::vector<std::size_t>& positions, const std::vector<std::size_t>& loose) {
      Operations operations;
      for (const std::size_t position : loose) {
        operations.push_back(history.operations()[position]);
        operations.back().invoked = std::numeric_limits<Instant>::min();
        operations.back().returned = never;
        operations.back().outcome = Outcome::unknown;
      }
      for (const std::size_t position : positions) operations.push_back(history.operations()[position]);
      History alone = testing::generate({.operations = 0, .values = 100});
      for (std::uint32_t value = 1; value < history.value_count(); ++value) alone.value(history.bytes(ValueId{value}));
      alone.replace_operations(operations);
      return check(alone, {.engine = Engine::frontier, .explain = false}).conclusion == Conclusion::holds;
    };
    CHECK_FALSE(has_order(violation.operations, violation.writers));
    for (std::size_t i = 0; i < violation.operations.size(); ++i) {
      std::vector<std::size_t> rest = violation.operations;
      std::vector<std::size_t> loose = violation.writers;
      if (history.operations()[rest[i]].verb != Verb::get) loose.push_back(rest[i]);
      rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(i));
      CHECK(has_order(rest, loose));
    }
  }
  CHECK(violated >= 10);
}

TEST_CASE("Of a compare-and-set that nobody answered, who shows that it took effect is a fifth of the proof") {
  Told told;
  const std::size_t put = told.add(Verb::put, 0, 3, "a");
  told.add(Verb::put, 0, 20, "b");
  const std::size_t early = told.add(Verb::get, 2, 4, "b");
  const std::size_t shows = told.add(Verb::get, 2, 10, "c");
  const std::size_t late = told.add(Verb::get, 5, 9, "b");
  const std::size_t swap = told.swap(6, never, "a", "c", Outcome::unknown);
  const Violation violation = violation_of(told.history);
  CHECK(name(violation.engine) == "zones");
  CHECK(violation.operations == std::vector{put, early, shows, late, swap});
  CHECK(violation.is_minimal);
}

TEST_CASE("What is blamed is an answer that something can be against") {
  int violated = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    const std::uint32_t swaps = seed % 2 == 0 ? 30 : 0;
    History history = testing::generate({.seed = seed,
                                         .operations = 200,
                                         .clients = 6,
                                         .swaps = swaps,
                                         .values = 5,
                                         .unknown = seed % 3 == 0 ? 3U : 0U});
    testing::break_it(history, Breakage::stale_read, 800);
    const Verdict verdict = check(history);
    if (verdict.conclusion != Conclusion::violated) continue;
    ++violated;
    CAPTURE(seed);
    const Violation& violation = *verdict.violation;
    const Operations& operations = history.operations();
    CHECK(operations[violation.culprit].verb != Verb::put);
    if (violation.anomaly != Anomaly::exclusive_writes) continue;
    CHECK(violation.operations.size() <= 4);
    const auto expects = [&](std::size_t position) { return is_conditional(operations[position].verb); };
    CHECK(std::count_if(violation.operations.begin(), violation.operations.end(), expects) >= 2);
  }
  CHECK(violated >= 10);
}

TEST_CASE("That a value was never written is no reason to tell less of what was well before") {
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    History history = testing::generate({.seed = seed,
                                         .operations = 2000,
                                         .clients = 8,
                                         .gets = 40,
                                         .puts = 40,
                                         .swaps = 20,
                                         .values = 5,
                                         .unknown = 20});
    REQUIRE(testing::break_it(history, Breakage::phantom_value, 900));
    CAPTURE(seed);
    const Violation violation = violation_of(history);
    const Verdict searched = check(history, {.engine = Engine::frontier});
    REQUIRE(searched.violation);
    CHECK(violation.good_until == searched.violation->good_until);
    CHECK(violation.states == searched.violation->states);
    CHECK_FALSE(violation.states.empty());
  }
}

TEST_CASE("Where steps do not suffice to make a reason small, that is said") {
  const History history = [] {
    History made = testing::generate({.operations = 1000, .clients = 4, .values = 100, .unknown = 3});
    REQUIRE(testing::break_it(made, Breakage::stale_read, 800));
    return made;
  }();
  const Violation violation = violation_of(history);
  CHECK(violation.is_minimal);
  std::vector<std::uint32_t> positions(history.operations().size());
  std::iota(positions.begin(), positions.end(), 0U);
  const KeyTask task{history, KeyId{0}, positions, 1'000'000, false, true};
  std::size_t before = positions.size();
  for (const std::uint64_t steps : {0, 50, 100'000}) {
    CAPTURE(steps);
    Violation reason;
    reason.culprit = violation.culprit;
    find_reason(task, steps, reason);
    CHECK(reason.is_minimal == (steps == 100'000));
    CHECK(reason.operations.size() <= before);
    before = reason.operations.size();
  }
  CHECK(before == violation.operations.size());
}

TEST_CASE("Of many operations and few values a reason has the writes of no more values than it needs") {
  constexpr std::uint64_t histories = testing::is_optimised ? 100 : 20;
  int violated = 0;
  for (std::uint64_t seed = 1; seed <= histories; ++seed) {
    CAPTURE(seed);
    History history = testing::generate({.seed = seed, .operations = 1000, .clients = 5, .values = 5});
    REQUIRE(testing::break_it(history, Breakage::other_value, 750));
    const Verdict verdict = check(history);
    if (verdict.conclusion != Conclusion::violated) continue;
    ++violated;
    CHECK(verdict.violation->is_minimal);
    // A tenth of all writes each of these; seldom of more than two.
    CHECK(verdict.violation->operations.size() < 400);
  }
  CHECK(violated > static_cast<int>(histories) / 5);
}

TEST_CASE("Who found all against it is in the reason, and what had not returned by then may have happened or not") {
  Told told;
  told.add(Verb::put, 1, 2, "0");
  told.add(Verb::put, 3, 4, "6");
  told.add(Verb::get, 5, 6, "6");
  const std::size_t refused = told.swap(7, 9, "6", "9", Outcome::mismatched);
  told.swap(8, 12, "0", "7");  // another write of 0, below, lets it take effect
  told.add(Verb::put, 10, 11, "0");
  const Violation violation = violation_of(told.history);
  CAPTURE(violation.operations, violation.writers);
  CHECK(violation.culprit == refused);
  CHECK(std::find(violation.operations.begin(), violation.operations.end(), refused) != violation.operations.end());
  CHECK(violation.is_minimal);
}

TEST_CASE("A stale read behind compare-and-sets by revision is told as one") {
  Told told;
  told.add(Verb::put, 1, 2, "1");
  const std::size_t second = told.add(Verb::swap_if_revision, 3, 4, "2");
  const std::size_t third = told.add(Verb::swap_if_revision, 5, 6, "3");
  const std::size_t get = told.add(Verb::get, 7, 8, "2");
  Operations operations = told.history.operations();
  for (const std::size_t write : {second, third}) operations[write].expected_revision = write;
  for (const std::size_t write : {std::size_t{0}, second, third}) operations[write].revision = write + 1;
  told.history.replace_operations(operations);
  const Violation violation = violation_of(told.history);
  CHECK(name(violation.engine) == "zones");
  CHECK(violation.culprit == get);
  CHECK(violation.operations == std::vector{second, third, get});
  CHECK(name(violation.anomaly) == "lost update");
}

}  // namespace smalldb::checker
