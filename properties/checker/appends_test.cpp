#include <catch2/catch.hpp>

#include <string>
#include <vector>

#include "properties/checker/check.h"
#include "properties/checker/testing/brute_force.h"
#include "properties/checker/testing/generator.h"
#include "properties/checker/testing/random_histories.h"

namespace smalldb::checker {

using testing::Breakage;
using testing::Workload;

TEST_CASE("Where revisions are told they are a certificate of appends too, of the same value again and again") {
  for (const std::uint32_t values : {0U, 2U}) {
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
      History history = testing::generate({.seed = seed,
                                           .operations = 1000,
                                           .clients = 20,
                                           .puts = 5,
                                           .removes = values == 0 ? 5U : 0U,
                                           .appends = 40,
                                           .values = values,
                                           .revisions = true});
      CAPTURE(values, seed);
      const Verdict verdict = check(history, {.witness = true});
      CHECK(verdict.conclusion == Conclusion::holds);
      CHECK(name(verdict.keys.front().engine) == "certificate");
      CHECK(verdict.keys.front().steps == 1000);
      CHECK(testing::replay(history, testing::all_positions(history), verdict.order.front()) == "");
      REQUIRE(testing::break_it(history, Breakage::stale_read, 500));
      const Verdict broken = check(history, {.steps_max = 10'000, .explain = false});
      CHECK(broken.conclusion != Conclusion::holds);
    }
  }
}

TEST_CASE("Appends of distinct values take as many steps as there are operations, whatever stands beside them") {
  const Workload workload =
      GENERATE(Workload{.puts = 0, .removes = 10, .appends = 40}, Workload{.puts = 10, .removes = 10, .appends = 40},
               Workload{.puts = 0, .appends = 40, .swaps = 10},
               Workload{.puts = 10, .removes = 10, .appends = 40, .swaps = 10, .unknown = 20});
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    Workload seeded = workload;
    seeded.seed = seed;
    seeded.clients = 20;
    seeded.operations = 1000;
    History history = testing::generate(seeded);
    CAPTURE(seed);
    const Verdict verdict = check(history, {.witness = true});
    CHECK(verdict.conclusion == Conclusion::holds);
    CHECK(verdict.keys.front().steps < 10 * seeded.operations);
    CHECK(testing::replay(history, testing::all_positions(history), verdict.order.front()) == "");
    if (!testing::break_it(history, Breakage::stale_read, 700)) continue;
    const Verdict broken = check(history);
    REQUIRE(broken.conclusion == Conclusion::violated);
    CHECK(broken.keys.front().steps < 20 * seeded.operations);
    const Violation& violation = *broken.violation;
    if (violation.operations.size() + violation.writers.size() > 8) continue;
    CHECK_FALSE(testing::is_linearizable_by_definition(history, violation.operations, violation.writers,
                                                       violation.writers_are_free));
  }
}

TEST_CASE("Names that begin other names may be appended, as long as what is read is made of them in one way") {
  const auto judged = [](const std::vector<std::string>& appended, const std::string& read) {
    History history;
    const KeyId key = history.key("k");
    Operation operation;
    operation.key = key;
    for (const std::string& bytes : appended) {
      operation.verb = Verb::append;
      operation.invoked = static_cast<Instant>(2 * history.operations().size());
      operation.returned = operation.invoked + 1;
      operation.argument = history.value(bytes);
      history.add(operation);
    }
    operation = {.invoked = 1000, .returned = 1001, .key = key, .result = history.value(read)};
    history.add(operation);
    return check(history);
  };
  const Verdict names = judged({"c1", "c17", "c1x", "c2"}, "c1c17c1xc2");
  CHECK(name(names.keys.front().engine) == "zones");
  CHECK(name(names.conclusion) == "holds");
  CHECK(name(judged({"c1", "c17", "c2"}, "c17c1c2").conclusion) == "violated");
  const Verdict two_ways = judged({"c", "cc", "ccc"}, "cccccc");
  CHECK(name(two_ways.keys.front().engine) == "frontier");
  CHECK(name(two_ways.conclusion) == "holds");
}

TEST_CASE("Of distinct appends the search says what the plainest search of a model says") {
  const Breakage breakage = GENERATE(Breakage::stale_read, Breakage::lost_update, Breakage::dirty_read,
                                     Breakage::future_read, Breakage::other_value);
  int violated = 0;
  int held = 0;
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    History history = testing::generate({.seed = seed,
                                         .operations = 50,
                                         .clients = 4,
                                         .puts = 15,
                                         .removes = 10,
                                         .appends = 30,
                                         .swaps = seed % 2 == 0 ? 10U : 0U,
                                         .unknown = 2});
    if (seed % 3 != 0) testing::break_it(history, breakage, static_cast<std::uint32_t>(seed) * 8);
    CAPTURE(seed);
    const Conclusion expected = check(history, {.engine = Engine::generic, .explain = false}).conclusion;
    REQUIRE(expected != Conclusion::unknown);
    CHECK(check(history, {.engine = Engine::frontier, .explain = false}).conclusion == expected);
    CHECK(check(history).conclusion == expected);
    (expected == Conclusion::violated ? violated : held) += 1;
  }
  CAPTURE(held, violated);
  CHECK(violated > 10);
  CHECK(held > 10);
}

}  // namespace smalldb::checker
