#include "properties/checker/check.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <string>
#include <vector>

#include "properties/checker/testing/brute_force.h"
#include "properties/checker/testing/generator.h"
#include "properties/checker/testing/plant.h"
#include "properties/checker/testing/random_histories.h"
#include "properties/checker/testing/told.h"

namespace smalldb::checker {
namespace {

using testing::Breakage;
using testing::Told;
using testing::violation_of;
using testing::Workload;

void replay_all(const History& history, const Verdict& verdict) {
  std::vector<std::vector<std::uint32_t>> positions(history.key_count());
  for (std::uint32_t i = 0; i < history.operations().size(); ++i) {
    positions[static_cast<std::size_t>(history.operations()[i].key)].push_back(i);
  }
  for (std::size_t key = 0; key < positions.size(); ++key) {
    CHECK(testing::replay(history, positions[key], verdict.order[key]) == "");
  }
}

// Keeps what was known at an instant.
void forget_after(Instant instant, History& history) {
  Operations known;
  for (Operation operation : history.operations()) {
    if (operation.invoked > instant) break;
    if (operation.returned > instant) {
      operation.outcome = Outcome::unknown;
      operation.returned = never;
    }
    known.push_back(operation);
  }
  history.replace_operations(known);
}

}  // namespace

TEST_CASE("What a store did at once at some instant holds, and the order says when") {
  const auto [workload, engine] = GENERATE(table<Workload, Engine>({
      {{.operations = 400, .clients = 5, .unknown = 10}, Engine::zones},
      {{.operations = 400, .clients = 9, .unknown = 10, .revisions = true}, Engine::certificate},
      {{.operations = 400, .keys = 3, .clients = 5, .removes = 10, .unknown = 10}, Engine::greedy},
      {{.operations = 400, .keys = 3, .clients = 5, .removes = 10, .unknown = 10}, Engine::frontier},
      {{.operations = 300, .clients = 4, .puts = 30, .swaps = 20, .values = 4, .unknown = 6}, Engine::frontier},
      {{.operations = 200, .keys = 2, .clients = 4, .puts = 2, .appends = 40}, Engine::zones},
      {{.operations = 200, .keys = 2, .clients = 4, .puts = 2, .appends = 40}, Engine::frontier},
      {{.operations = 200, .keys = 2, .clients = 9, .puts = 5, .removes = 10, .appends = 40, .swaps = 10, .unknown = 6},
       Engine::frontier},
      {{.operations = 400, .clients = 9, .puts = 5, .appends = 40, .values = 9, .revisions = true},
       Engine::certificate},
      {{.operations = 60, .clients = 3, .removes = 10, .unknown = 2}, Engine::generic},
  }));
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    Workload seeded = workload;
    seeded.seed = seed;
    const History history = testing::generate(seeded);
    CAPTURE(seed, name(engine));
    const Verdict forced = check(history, {.engine = engine, .witness = true});
    CHECK(forced.conclusion == Conclusion::holds);
    replay_all(history, forced);
    const Verdict automatic = check(history, {.witness = true});
    CHECK(automatic.conclusion == Conclusion::holds);
    replay_all(history, automatic);
  }
}

TEST_CASE("A long history of many keys, with little at a time on each, is gone through in one way") {
  const Workload workload{.operations = 150'000, .keys = 60, .clients = 10, .puts = 40, .removes = 10, .unknown = 100};
  History history = testing::generate(workload);
  const Verdict verdict = check(history, {.witness = true});
  CHECK(verdict.conclusion == Conclusion::holds);
  replay_all(history, verdict);
  const auto is_greedy = [](const KeyVerdict& key) { return key.engine == Engine::greedy; };
  CHECK(std::count_if(verdict.keys.begin(), verdict.keys.end(), is_greedy) >= 55);

  REQUIRE(testing::break_it(history, Breakage::stale_read, 900));
  const Violation violation = violation_of(history);
  CHECK(violation.operations.size() <= 4);
  CHECK_FALSE(testing::is_linearizable_by_definition(history, violation.operations, violation.writers,
                                                     violation.writers_are_free));
}

TEST_CASE("One broken answer is found, and proved by at most four operations") {
  const auto [breakage, anomaly] = GENERATE(table<Breakage, Anomaly>({
      {Breakage::stale_read, Anomaly::stale_read},
      {Breakage::phantom_value, Anomaly::phantom_value},
      {Breakage::dirty_read, Anomaly::dirty_read},
      {Breakage::future_read, Anomaly::future_read},
      {Breakage::lost_update, Anomaly::lost_update},
  }));
  const std::uint32_t removes = GENERATE(0, 10);
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    History history =
        testing::generate({.seed = seed, .operations = 500, .clients = 6, .removes = removes, .unknown = 5});
    REQUIRE(testing::break_it(history, breakage, 700));
    CAPTURE(seed, removes, name(anomaly));
    const Violation violation = violation_of(history);
    CHECK(violation.operations.size() <= 4);
    CHECK_FALSE(testing::is_linearizable_by_definition(history, violation.operations, violation.writers,
                                                       violation.writers_are_free));
    const bool overwritten = anomaly == Anomaly::stale_read || anomaly == Anomaly::lost_update;
    if (!overwritten) CHECK(name(violation.anomaly) == name(anomaly));
    // The past up to the culprit has an order: with one instant less, all is well.
    const Operation& culprit = history.operations()[violation.culprit];
    CHECK(violation.good_until < culprit.returned);
    forget_after(violation.good_until, history);
    CHECK(check(history).conclusion == Conclusion::holds);
  }
}

TEST_CASE("Where so much is open that nobody can tell, no more is called good than is known to be") {
  int cut_short = 0;
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    History history = testing::generate({.seed = seed, .operations = 4000, .clients = 100, .removes = 10});
    REQUIRE(testing::break_it(history, Breakage::phantom_value, 900));
    CAPTURE(seed);
    const Violation violation = violation_of(history);
    CHECK(name(violation.anomaly) == "phantom value");
    const Operations& all = history.operations();
    const Instant end = all[violation.culprit].returned;
    REQUIRE(violation.good_until < end);
    const bool is_cut_short = std::any_of(all.begin(), all.end(), [&](const Operation& operation) {
      return violation.good_until < operation.returned && operation.returned < end;
    });
    if (is_cut_short) CHECK(violation.states.empty());
    if (is_cut_short) CHECK_FALSE(violation.has_all_states);
    cut_short += is_cut_short ? 1 : 0;
    forget_after(violation.good_until, history);
    CHECK(check(history).conclusion == Conclusion::holds);
  }
  CHECK(cut_short > 0);
}

TEST_CASE("Of two keys the one is told whose culprit came first, though of the other less is known to have been good") {
  int told = 0;
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    History history = testing::generate({.seed = seed, .operations = 4000, .clients = 100, .removes = 10});
    REQUIRE(testing::break_it(history, Breakage::phantom_value, 900));
    CAPTURE(seed);
    const Violation late = violation_of(history);
    const Instant end = history.operations()[late.culprit].returned;
    Instant at = late.good_until + 1;
    if (at + 4 >= end) continue;
    Operations operations = history.operations();
    const auto add = [&](Verb verb, const char* value) {
      Operation operation;
      operation.key = history.key("another");
      operation.process = history.process("another");
      operation.verb = verb;
      operation.invoked = at++;
      operation.returned = at++;
      (verb == Verb::get ? operation.result : operation.argument) = history.value(value);
      const auto is_before = [](const Operation& one, const Operation& other) { return one.invoked < other.invoked; };
      operations.insert(std::upper_bound(operations.begin(), operations.end(), operation, is_before), operation);
    };
    add(Verb::put, "1");
    add(Verb::get, "2");
    history.replace_operations(operations);
    CHECK(history.name(violation_of(history).key) == "another");
    ++told;
  }
  CHECK(told > 0);
}

TEST_CASE("Of two keys the one is told whose culprit was answered first, and all was well until right before that") {
  History history;
  const auto add = [&](const char* key, Verb verb, Instant invoked, Instant returned, const char* value) {
    Operation operation;
    operation.key = history.key(key);
    operation.process = history.process(key);
    operation.verb = verb;
    operation.invoked = invoked;
    operation.returned = returned;
    (verb == Verb::get ? operation.result : operation.argument) = history.value(value);
    history.add(operation);
  };
  add("slow", Verb::get, 1, 100, "phantom");
  const bool is_other_wrong = GENERATE(true, false);
  if (is_other_wrong) add("quick", Verb::get, 2, 3, "phantom");
  add("right", Verb::put, 40, 50, "a");
  const bool is_open = GENERATE(true, false);
  if (is_open) add("open", Verb::put, 60, 200, "a");
  const bool explain = GENERATE(true, false);
  const Verdict verdict = check(history, {.explain = explain});
  REQUIRE(verdict.violation);
  CHECK(history.name(verdict.violation->key) == (is_other_wrong ? "quick" : "slow"));
  CHECK(verdict.violation->good_until == (is_other_wrong ? 2 : is_open ? 60 : 50));
}

TEST_CASE("A violation has its name") {
  Told told;
  SECTION("stale read") {
    told.add(Verb::put, 1, 2, "a");
    told.add(Verb::put, 3, 4, "b");
    told.add(Verb::get, 5, 6, "b");
    told.add(Verb::get, 7, 8, "a");
    CHECK(name(violation_of(told.history).anomaly) == "stale read");
  }
  SECTION("lost update") {
    told.add(Verb::put, 1, 2, "a");
    told.add(Verb::put, 3, 4, "b");
    told.add(Verb::get, 5, 6, "a");
    CHECK(name(violation_of(told.history).anomaly) == "lost update");
  }
  SECTION("non-monotonic read") {
    told.add(Verb::put, 1, 2, "a");
    told.add(Verb::put, 3, 20, "b");
    told.add(Verb::get, 5, 6, "b");
    told.add(Verb::get, 7, 8, "a");
    CHECK(name(violation_of(told.history).anomaly) == "non-monotonic read");
  }
  SECTION("duplicate effect") {
    told.add(Verb::put, 1, never, "a", Outcome::unknown);
    told.add(Verb::get, 2, 3, "a");
    told.add(Verb::put, 4, 5, "b");
    told.add(Verb::get, 6, 7, "a");
    CHECK(name(violation_of(told.history).anomaly) == "duplicate effect");
  }
  SECTION("dirty read") {
    const auto how = GENERATE(Outcome::failed, Outcome::mismatched);
    const bool is_searched = GENERATE(false, true);
    told.add(Verb::put, 1, 2, "a");
    const std::size_t refused = told.swap(3, 4, nullptr, "b", how);
    const std::size_t read = told.add(Verb::get, 5, 6, "b");
    if (is_searched) told.add(Verb::put, 9, 10, "a");  // one value, two writes: no zones
    const Violation violation = violation_of(told.history);
    CHECK(name(violation.engine) == (is_searched ? "frontier" : "zones"));
    CHECK(name(violation.anomaly) == "dirty read");
    CHECK(violation.operations == std::vector{refused, read});
  }
  SECTION("a value of which the write was refused only later") {
    told.add(Verb::get, 1, 2, "b");
    told.add(Verb::put, 3, 4, "a");
    told.swap(5, 6, nullptr, "b", Outcome::mismatched);
    CHECK(name(violation_of(told.history).anomaly) == "phantom value");
  }
  SECTION("exclusive writes") {
    told.add(Verb::put, 1, 2, "a");
    told.swap(3, 6, "a", "b");
    told.swap(4, 7, "a", "c");
    CHECK(name(violation_of(told.history).anomaly) == "exclusive writes");
  }
}

TEST_CASE("What was appended is judged by zones, and proved by few operations") {
  Told told;
  const std::size_t first = told.add(Verb::append, 1, 2, "<a>");
  std::vector<std::size_t> proof;
  std::string anomaly;
  SECTION("a get lacks an append that had been acknowledged") {
    const std::size_t second = told.add(Verb::append, 3, 4, "<b>");
    proof = {second, told.add(Verb::get, 5, 6, "<a>")};
    anomaly = "lost update";
  }
  SECTION("a get lacks what a get before it had read") {
    told.add(Verb::append, 3, 20, "<b>");
    const std::size_t more = told.add(Verb::get, 5, 6, "<a><b>");
    proof = {more, told.add(Verb::get, 7, 8, "<a>")};
    anomaly = "non-monotonic read";
  }
  SECTION("two gets of which neither reads on from the other") {
    told.add(Verb::append, 3, 20, "<b>");
    told.add(Verb::append, 3, 20, "<c>");
    const std::size_t one = told.add(Verb::get, 5, 8, "<a><b>");
    proof = {one, told.add(Verb::get, 6, 7, "<a><c>")};
    anomaly = "no order";
  }
  SECTION("an append of which another must come first") {
    const std::size_t second = told.add(Verb::append, 3, 4, "<b>");
    proof = {first, second, told.add(Verb::get, 5, 6, "<b><a>")};
    anomaly = "no order";
  }
  SECTION("one append is there twice") {
    proof = {told.add(Verb::get, 5, 6, "<a><a>")};
    anomaly = "duplicate effect";
  }
  SECTION("a part that nobody wrote") {
    proof = {told.add(Verb::get, 5, 6, "<a><")};
    anomaly = "phantom value";
  }
  SECTION("a part that failed") {
    const std::size_t failed = told.add(Verb::append, 3, 4, "<b>", Outcome::failed);
    proof = {failed, told.add(Verb::get, 5, 6, "<a><b>")};
    anomaly = "dirty read";
  }
  SECTION("a part that was appended only later") {
    const std::size_t early = told.add(Verb::get, 5, 6, "<a><b>");
    proof = {early, told.add(Verb::append, 7, 8, "<b>")};
    anomaly = "future read";
  }
  SECTION("an append to what had been overwritten") {
    const std::size_t old = told.add(Verb::put, 3, 4, "<p>");
    told.add(Verb::append, 5, 6, "<b>");
    const std::size_t put = told.add(Verb::put, 7, 8, "<q>");
    proof = {old, put, told.add(Verb::get, 9, 10, "<p><b>")};
    anomaly = "no order";  // nobody knows that <p><b> had been there
  }
  const Verdict verdict = check(told.history);
  REQUIRE(verdict.violation.has_value());
  const Violation& violation = *verdict.violation;
  CHECK(name(verdict.keys.front().engine) == "zones");
  CHECK(name(violation.anomaly) == anomaly);
  CHECK(violation.operations == proof);
  CHECK_FALSE(testing::is_linearizable_by_definition(told.history, violation.operations, violation.writers,
                                                     violation.writers_are_free));
}

TEST_CASE("Of what was appended, only what somebody has read is named") {
  const Instant count = GENERATE(2, 30);
  Told told;
  std::vector<std::size_t> appends;
  std::string text;
  std::string before;
  for (Instant i = 0; i < count; ++i) {
    const std::string part = "<" + std::to_string(i) + ">";
    const Instant returned = i + 1 < count ? 2 * i + 1 : 1000;
    appends.push_back(told.add(Verb::append, 2 * i, returned, part.c_str()));
    before = text;
    text += part;
  }
  const std::size_t more = told.add(Verb::get, 100, 101, text.c_str());
  const std::size_t less = told.add(Verb::get, 102, 103, before.c_str());
  told.add(Verb::append, 104, 1000, "<c>");
  told.add(Verb::get, 1001, 1002, (text + "<c>").c_str());
  const Violation violation = violation_of(told.history);
  CHECK(name(violation.engine) == "zones");
  CHECK(violation.operations == std::vector{more, less});
  CHECK(violation.writers == appends);
}

TEST_CASE("Past its budget a key is unknown, never a pass, and it is said how far it was judged") {
  const History history = testing::generate({.operations = 500, .clients = 5, .removes = 10});
  const Verdict verdict = check(history, {.engine = Engine::frontier, .steps_max = 100});
  CHECK(verdict.conclusion == Conclusion::unknown);
  REQUIRE(verdict.keys.size() == 1);
  CHECK(verdict.keys.front().judged_until > 0);
  CHECK(verdict.keys.front().judged_until < never);
  CHECK(check(history, {.steps_max = 0}).conclusion == Conclusion::unknown);
}

TEST_CASE("One wrong answer among more ways than can be gone is found all the same") {
  History history = testing::generate(
      {.operations = 2000, .clients = 10, .gets = 40, .puts = 30, .swaps = 30, .values = 5, .unknown = 200});
  const Options options{.steps_max = 1'000'000};
  CHECK(check(history, options).conclusion == Conclusion::holds);
  REQUIRE(testing::break_it(history, Breakage::phantom_value, 900));
  const Verdict verdict = check(history, options);
  REQUIRE(verdict.conclusion == Conclusion::violated);
  CHECK(verdict.violation->anomaly == Anomaly::phantom_value);
  CHECK(verdict.violation->operations == std::vector<std::size_t>{verdict.violation->culprit});
  const Operation& culprit = history.operations()[verdict.violation->culprit];
  CHECK(history.bytes(culprit.result) == "nobody's");
  CHECK(verdict.violation->good_until < culprit.returned);
}

TEST_CASE("What nobody can have written is found without a search") {
  History history = testing::generate(
      {.operations = 2000, .clients = 10, .gets = 40, .puts = 30, .swaps = 30, .values = 5, .unknown = 200});
  const bool explain = GENERATE(false, true);
  const Options options{.steps_max = 8000, .explain = explain};
  REQUIRE(check(history, options).conclusion == Conclusion::unknown);
  const auto [breakage, anomaly] = GENERATE(table<Breakage, Anomaly>({
      {Breakage::phantom_value, Anomaly::phantom_value},
      {Breakage::dirty_read, Anomaly::dirty_read},
  }));
  Operations operations = history.operations();
  const auto get = std::find_if(operations.begin() + 1800, operations.end(),
                                [](const Operation& one) { return one.verb == Verb::get && one.returned != never; });
  REQUIRE(get != operations.end());
  const auto position = static_cast<std::size_t>(get - operations.begin());
  get->result = history.value("nobody's");
  if (breakage == Breakage::dirty_read) {
    operations[900].verb = Verb::put;
    operations[900].argument = get->result;
    operations[900].outcome = Outcome::failed;
  }
  history.replace_operations(operations);
  const Verdict verdict = check(history, options);
  REQUIRE(verdict.conclusion == Conclusion::violated);
  CHECK(verdict.violation->culprit == position);
  if (!explain) return;
  CHECK(name(verdict.violation->anomaly) == name(anomaly));
  CHECK(verdict.violation->operations.size() == (breakage == Breakage::dirty_read ? 2 : 1));
  CHECK(verdict.violation->is_minimal);
}

TEST_CASE("More open operations than a search can tell apart leave a key unknown, and it is said from where on") {
  const auto judged = [](int open, Instant read) {
    Told told;
    for (int i = 1; i < open; ++i) told.add(Verb::put, 1, never, "a", Outcome::unknown);
    told.add(Verb::get, read, 3, "a");
    return check(told.history);
  };
  const Instant read = GENERATE(1, 2);
  CHECK(judged(8192, read).conclusion == Conclusion::holds);
  const Verdict verdict = judged(8193, read);
  REQUIRE(verdict.conclusion == Conclusion::unknown);
  CHECK(verdict.keys.front().too_many_open == 8193);
  CHECK(verdict.keys.front().judged_until == read);
}

TEST_CASE("One more that is open makes no step count more than twice") {
  const auto steps_of = [](int open) {
    Told told;
    for (int i = 1; i < open; ++i) told.add(Verb::put, 1, never, "a", Outcome::unknown);
    told.add(Verb::get, 2, 3, "a");
    return check(told.history, {.engine = Engine::frontier, .explain = false}).keys.front().steps;
  };
  const int open = GENERATE(1024, 2048, 4096);
  CHECK(steps_of(open) > 0);
  CHECK(steps_of(open + 1) <= 2 * steps_of(open));
}

TEST_CASE("What came before too many were open is judged all the same") {
  Told told;
  told.add(Verb::put, 1, 2, "a");
  told.add(Verb::put, 3, 4, "b");
  const bool is_stale = GENERATE(true, false);
  const std::size_t read = told.add(Verb::get, 5, 6, is_stale ? "a" : "b");
  for (int i = 0; i < 9000; ++i) told.add(Verb::put, 10 + i, never, "a", Outcome::unknown);
  told.add(Verb::get, 10'000, 10'001, "a");
  const Verdict verdict = check(told.history, {.engine = Engine::frontier});
  REQUIRE(verdict.conclusion == (is_stale ? Conclusion::violated : Conclusion::unknown));
  if (is_stale) CHECK(verdict.violation->culprit == read);
  if (is_stale) CHECK(verdict.violation->operations == std::vector<std::size_t>{0, 1, read});
  if (!is_stale) CHECK(verdict.keys.front().judged_until == 10 + 8192);
}

TEST_CASE("An anomaly that is planted is found, is all there is, and has its name") {
  const Anomaly anomaly =
      GENERATE(Anomaly::stale_read, Anomaly::lost_update, Anomaly::dirty_read, Anomaly::phantom_value,
               Anomaly::future_read, Anomaly::non_monotonic_read, Anomaly::duplicate_effect, Anomaly::exclusive_writes);
  const Engine engine = GENERATE(Engine::automatic, Engine::frontier);
  const std::uint32_t removes = GENERATE(0, 10);
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    History history = testing::generate(
        {.seed = seed, .operations = 500, .keys = 10, .clients = 6, .removes = removes, .unknown = 5});
    REQUIRE(testing::plant(history, anomaly, 600));
    CAPTURE(name(anomaly), name(engine), removes, seed);
    const Verdict verdict = check(history, {.engine = engine});
    REQUIRE(verdict.violation);
    const Violation& violation = *verdict.violation;
    CHECK(name(violation.anomaly) == name(anomaly));
    CHECK_FALSE(testing::is_linearizable_by_definition(history, violation.operations, violation.writers,
                                                       violation.writers_are_free));
    Operations rest;
    for (const Operation& operation : history.operations()) {
      if (!history.name(operation.process).starts_with("planter")) rest.push_back(operation);
    }
    for (const std::size_t position : violation.operations) {
      CHECK(history.name(history.operations()[position].process).starts_with("planter"));
    }
    history.replace_operations(rest);
    CHECK(check(history).conclusion == Conclusion::holds);
  }
}

TEST_CASE("Keys may be judged in any order, with the same verdict") {
  History history = testing::generate({.operations = 2000, .keys = 7, .clients = 6, .removes = 10});
  REQUIRE(testing::break_it(history, Breakage::stale_read, 500));
  const std::uint64_t steps_max = GENERATE(100'000'000, 1500);
  const Verdict forward = check(history, {.steps_max = steps_max});
  Options backward{.steps_max = steps_max};
  backward.run_tasks = [](std::size_t count, const std::function<void(std::size_t)>& task) {
    while (count-- > 0) task(count);
  };
  const Verdict other = check(history, backward);
  CHECK(forward.conclusion == other.conclusion);
  REQUIRE(forward.keys.size() == other.keys.size());
  for (std::size_t key = 0; key < forward.keys.size(); ++key) {
    CHECK(forward.keys[key].conclusion == other.keys[key].conclusion);
    CHECK(forward.keys[key].steps == other.keys[key].steps);
    CHECK(forward.keys[key].judged_until == other.keys[key].judged_until);
  }
  CHECK(forward.violation.has_value() == other.violation.has_value());
  if (forward.violation) CHECK(forward.violation->operations == other.violation->operations);
}

TEST_CASE("Keys that are judged at the same time share a budget to the step") {
  const auto [engine, swaps] = GENERATE(table<Engine, std::uint32_t>({
      {Engine::automatic, 0},
      {Engine::automatic, 30},
      {Engine::frontier, 30},
      {Engine::greedy, 0},
      {Engine::generic, 0},
  }));
  const History history = testing::generate({.operations = 60, .keys = 3, .clients = 4, .swaps = swaps, .values = 3});
  Options options{.engine = engine, .explain = false};
  const Verdict whole = check(history, options);
  std::uint64_t all = 0;
  for (const KeyVerdict& key : whole.keys) all += key.steps;
  REQUIRE(all < 100'000);
  for (options.steps_max = 0; options.steps_max <= all + 1; ++options.steps_max) {
    options.run_tasks = nullptr;
    const Verdict one_by_one = check(history, options);
    options.run_tasks = [](std::size_t count, const std::function<void(std::size_t)>& task) {
      while (count-- > 0) task(count);
    };
    const Verdict together = check(history, options);
    for (std::size_t key = 0; key < whole.keys.size(); ++key) {
      CAPTURE(name(engine), options.steps_max, key);
      CHECK(one_by_one.keys[key].conclusion == together.keys[key].conclusion);
      CHECK(one_by_one.keys[key].steps == together.keys[key].steps);
      CHECK(one_by_one.keys[key].engine == together.keys[key].engine);
    }
  }
}

TEST_CASE("Revisions that are far apart are a certificate too, however many operations are open") {
  const std::uint32_t clients = GENERATE(1, 4, 90);
  History history = testing::generate({.operations = 2000, .clients = clients, .revisions = true});
  Operations operations = history.operations();
  for (Operation& operation : operations) operation.revision *= 1'000'000;
  history.replace_operations(operations);
  const Verdict verdict = check(history, {.witness = true});
  CHECK(verdict.conclusion == Conclusion::holds);
  CHECK(name(verdict.keys.front().engine) == "certificate");
  replay_all(history, verdict);
}

TEST_CASE("A session that goes back is found by its revisions, key by key") {
  History history;
  const auto add = [&](const char* process, const char* key, Verb verb, std::uint64_t revision) {
    Operation operation;
    operation.invoked = static_cast<Instant>(2 * history.operations().size());
    operation.returned = operation.invoked + 1;
    operation.process = history.process(process);
    operation.key = history.key(key);
    operation.verb = verb;
    operation.revision = revision;
    if (verb == Verb::put) operation.argument = history.value(std::to_string(revision));
    history.add(operation);
  };
  add("a", "x", Verb::put, 5);
  add("b", "x", Verb::get, 3);  // another's session
  add("a", "y", Verb::get, 2);  // another key
  CHECK(check_sessions(history).empty());
  add("a", "x", Verb::get, 4);
  add("b", "x", Verb::get, 2);
  add("a", "x", Verb::put, 4);
  add("b", "x", Verb::put, 1);
  const std::vector<BrokenGuarantee> found = check_sessions(history);
  REQUIRE(found.size() == 4);
  CHECK(found[0].guarantee == Guarantee::read_your_writes);
  CHECK(found[1].guarantee == Guarantee::monotonic_reads);
  CHECK(found[2].guarantee == Guarantee::monotonic_writes);
  CHECK(found[3].guarantee == Guarantee::writes_follow_reads);
  CHECK(check_sessions(history, 1).size() == 1);
}

}  // namespace smalldb::checker
