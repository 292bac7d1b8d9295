#include <catch2/catch.hpp>

#include <algorithm>
#include <string>
#include <vector>

#include "properties/checker/check.h"
#include "properties/checker/testing/told.h"

namespace smalldb::checker {

using testing::Told;
using testing::violation_of;

TEST_CASE("The first that nothing explains is found, though zones see it only later") {
  Told told;
  const std::size_t put = told.add(Verb::put, 1, 2, "a");
  bool is_right = false;
  SECTION("refused as it had to be") { is_right = true; }
  SECTION("refused, though it is there") {}
  const std::size_t refused = told.swap(3, 4, is_right ? nullptr : "a", "b", Outcome::mismatched);
  told.add(Verb::get, 5, 6, "a");
  const std::size_t phantom = told.add(Verb::get, 7, 8, "c");
  const Violation violation = violation_of(told.history);
  CHECK(violation.culprit == (is_right ? phantom : refused));
  CHECK(violation.good_until == (is_right ? 7 : 3));
  CHECK(violation.operations == (is_right ? std::vector{phantom} : std::vector{put, refused}));
  CHECK(violation.states == std::vector{told.history.value("a")});
}

TEST_CASE("A write that failed is not the one that nothing explains") {
  Told told;
  const std::size_t read = told.add(Verb::get, 1, 5, "a");
  told.add(Verb::put, 2, 5, "a", Outcome::failed);
  const Violation violation = violation_of(told.history);
  CHECK(name(violation.anomaly) == "dirty read");
  CHECK(violation.culprit == read);
}

TEST_CASE("What is left aside in a long history takes part in what was good and in what the key may have held") {
  Told told;
  for (Instant at = 0; at < 4000; ++at) {
    told.add(Verb::put, 2 * at, 2 * at + 1, std::to_string(at).c_str());
  }
  SECTION("a failed write explains nothing, not even before it has failed") {
    told.add(Verb::put, 8000, 8020, "a", Outcome::failed);
    const std::size_t refused = told.swap(8001, 8002, "3999", "b", Outcome::mismatched);
    told.add(Verb::get, 8004, 8005, "phantom");
    const Violation violation = violation_of(told.history);
    CHECK(violation.culprit == refused);
    CHECK(violation.good_until == 8001);
  }
  SECTION("one that was refused says what was not there") {
    told.add(Verb::put, 8000, never, "a", Outcome::unknown);
    told.swap(8001, 8002, "3999", "b", Outcome::mismatched);
    told.add(Verb::get, 8004, 8005, "phantom");
    const Violation violation = violation_of(told.history);
    CHECK(violation.good_until == 8004);
    CHECK(violation.states == std::vector{told.history.value("a")});
    CHECK(violation.has_all_states);
  }
}

TEST_CASE("Where too much is open to tell what the key may have held, no more is told than is known") {
  Told told;
  told.add(Verb::put, 1, 2, "a");
  told.swap(3, 4, "a", "b");
  for (int i = 0; i < 63; ++i) told.swap(5, never, "nowhere", ("c" + std::to_string(i)).c_str(), Outcome::unknown);
  told.add(Verb::get, 6, 7, "phantom");
  const Verdict verdict = check(told.history, {.engine = Engine::frontier});
  REQUIRE(verdict.conclusion == Conclusion::violated);
  CHECK(verdict.violation->states.empty());
  CHECK_FALSE(verdict.violation->has_all_states);
}

TEST_CASE("What a key may have held is asked for within few steps, whatever is open") {
  // Layers of two values, from each of which a write of unknown outcome may lead to both of the next.
  Told told;
  told.add(Verb::put, 1, 2, "s");
  const auto value = [](int layer, int which) { return std::to_string(layer) + (which == 0 ? "a" : "b"); };
  Instant at = 3;
  for (int to : {0, 1}) told.swap(at++, never, "b", value(0, to).c_str(), Outcome::unknown);
  for (int layer = 1; layer < 11; ++layer) {
    for (int from : {0, 1}) {
      for (int to : {0, 1}) {
        told.swap(at++, never, value(layer - 1, from).c_str(), value(layer, to).c_str(), Outcome::unknown);
      }
    }
  }
  for (const char* const put : {"s", "b", "b"}) {
    told.add(Verb::put, at, at + 1, put);
    at += 2;
  }
  const std::size_t phantom = told.add(Verb::get, at, at + 1, "q");
  const Verdict verdict = check(told.history);
  REQUIRE(verdict.violation);
  CHECK(verdict.violation->culprit == phantom);
  CHECK_FALSE(verdict.violation->has_all_states);
  CHECK(verdict.keys.front().steps < 1000);
}

TEST_CASE("What came at the instant at which one returned that nothing explains is no part of what was before") {
  Told told;
  told.add(Verb::put, 1, 3, "b");
  told.add(Verb::append, 4, 6, "a");
  told.add(Verb::get, 4, 6, "phantom");
  told.add(Verb::remove, 6, 8, nullptr);
  const Verdict verdict = check(told.history, {.engine = Engine::frontier});
  REQUIRE(verdict.conclusion == Conclusion::violated);
  CHECK(verdict.violation->good_until == 4);
  CHECK(verdict.violation->states == std::vector{told.history.value("b")});
}

TEST_CASE("Where steps do not suffice to tell which is the first, no more is called good than is known to be") {
  Told told;
  for (Instant at = 0; at < 4000; ++at) {
    told.add(Verb::put, 2 * at, 2 * at + 1, std::to_string(at).c_str());
  }
  const std::size_t stale = told.add(Verb::get, 8000, 8001, nullptr);
  Operations operations;
  for (Instant at = 8002; at < 8010; at += 2) {
    const std::size_t refused = told.swap(at, at + 1, "0", "b", Outcome::mismatched);
    operations = told.history.operations();
    operations[refused].has_result = true;  // there was what it had asked for
    operations[refused].result = operations[refused].expected;
    told.history.replace_operations(operations);
  }
  const Violation violation = violation_of(told.history);
  CHECK(violation.good_until < operations[stale].returned);
  CHECK_FALSE(violation.good_until_is_last);
  CHECK(violation.states.empty());
  CHECK_FALSE(violation.has_all_states);
}

TEST_CASE("One that had not returned by then shows what it joins to by who has read it") {
  Told told;
  const std::size_t put = told.add(Verb::put, 1, 2, "a");
  const std::size_t get = told.add(Verb::get, 1, 6, "b");
  const std::size_t swap = told.swap(4, 9, nullptr, "b");
  told.add(Verb::get, 8, 9, "c");
  const Violation violation = violation_of(told.history);
  CHECK(name(violation.engine) == "zones");
  CHECK(violation.good_until == 4);
  CHECK(violation.culprit == get);
  CHECK(violation.operations == std::vector{put, get, swap});
  CHECK(violation.states == std::vector{told.history.value("a")});
}

TEST_CASE("A write that asks for a revision has no part in a reason that does without its value") {
  Told told;
  told.add(Verb::put, 1, 2, "a");
  const std::size_t write = told.add(Verb::swap_if_revision, 3, never, "b", Outcome::unknown);
  Operations operations = told.history.operations();
  operations[write].expected_revision = 7;
  told.history.replace_operations(operations);
  const std::size_t swapped = told.swap(4, 5, "a", "c");
  const std::size_t again = told.swap(6, 7, "a", "d");
  const Verdict verdict = check(told.history, {.engine = Engine::frontier});
  REQUIRE(verdict.conclusion == Conclusion::violated);
  CHECK(verdict.violation->operations == std::vector{swapped, again});
  CHECK(verdict.violation->writers == std::vector<std::size_t>{0});
}

TEST_CASE("What the key may have held is all that it may have held") {
  Told told;
  told.add(Verb::put, 1, 2, "a");
  told.add(Verb::put, 1, never, "b", Outcome::unknown);
  told.swap(3, never, "b", "c", Outcome::unknown);
  std::vector expected{told.history.value("a"), told.history.value("b"), told.history.value("c")};
  SECTION("some of which somebody may have written") {}
  SECTION("and nothing, if somebody may have removed it") {
    told.add(Verb::remove, 3, never, nullptr, Outcome::unknown);
    expected.insert(expected.begin(), ValueId::absent);
  }
  told.add(Verb::get, 5, 6, "phantom");
  std::vector<ValueId> states = violation_of(told.history).states;
  std::sort(states.begin(), states.end());
  std::sort(expected.begin(), expected.end());
  CHECK(states == expected);
}

TEST_CASE("What was appended and never read is told as what the key held") {
  Told told;
  const bool is_first = GENERATE(true, false);
  if (!is_first) told.add(Verb::put, 1, 2, "0");
  told.add(Verb::append, 3, 4, "1");
  told.add(Verb::append, 5, 6, "2");
  const bool is_open = GENERATE(false, true);
  if (is_open) told.add(Verb::append, 7, never, "3", Outcome::unknown);
  told.add(Verb::get, 8, 9, is_first ? "1" : "01");
  const Violation violation = violation_of(told.history);
  CHECK(violation.states.empty());
  CHECK(violation.appended_states == std::vector<std::string>{is_first ? "12" : "012"});
  CHECK(violation.has_all_states == !is_open);
}

TEST_CASE("What was appended is told, whatever else happens at the instant at which the culprit returns") {
  Told told;
  told.add(Verb::put, 1, 1, "0");
  told.add(Verb::append, 2, 2, "1");
  told.add(Verb::append, 3, 3, "2");
  bool has_all = true;
  SECTION("a call") { told.add(Verb::append, 5, 8, "3"); }
  SECTION("an answer that changes nothing") { told.swap(4, 5, "z", "y", Outcome::mismatched); }
  SECTION("an answer that may have changed something") {
    told.add(Verb::append, 4, 5, "3");
    has_all = false;
  }
  told.add(Verb::get, 5, 5, "0");
  told.add(Verb::append, 5, 6, "4");
  const Violation violation = violation_of(told.history);
  CHECK(violation.states.empty());
  CHECK(violation.appended_states == std::vector<std::string>{"012"});
  CHECK(violation.has_all_states == has_all);
}

TEST_CASE("Of however many appends it is told what they made") {
  Told told;
  std::string made;
  for (Instant n = 0; n < 20'000; ++n) {
    const std::string what = std::to_string(n) + std::string(static_cast<std::size_t>(n % 40 + 1), '.');
    told.add(Verb::append, 10 * n, 10 * n + 9, what.c_str());
    made += what;
  }
  told.add(Verb::get, 200'010, 200'011, "0.");
  const Violation violation = violation_of(told.history);
  CHECK(violation.states.empty());
  CHECK(violation.appended_states == std::vector{made});
  CHECK(violation.has_all_states);
}

TEST_CASE("What is wrong at the first instant was well only before it") {
  Told told;
  told.add(Verb::put, 5, 5, "a");
  told.add(Verb::get, 5, 5, "b");
  const Violation violation = violation_of(told.history);
  CHECK(violation.good_until == 4);
  CHECK(violation.good_until_is_last);
}

}  // namespace smalldb::checker
