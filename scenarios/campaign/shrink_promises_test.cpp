// What shrinking may not take away from a failing scenario, and what it has to try.
#include <catch2/catch.hpp>

#include <cstddef>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <variant>

#include "properties/properties.h"
#include "scenarios/campaign/capsule.h"
#include "scenarios/campaign/failure.h"
#include "scenarios/campaign/shrink.h"
#include "scenarios/generator/promised.h"
#include "scenarios/judge.h"
#include "scenarios/run.h"
#include "scenarios/save.h"
#include "scenarios/testing/failing.h"

namespace smalldb::scenarios {
namespace {

using testing::scenario;
using testing::sealed;

Expectations asking_no_liveness() {
  Expectations expect;
  expect.properties = {{"answered", Expected::any}, {"redundancy_restored", Expected::any}};
  return expect;
}

TEST_CASE("of safety no less is asked of what is left than of any scenario, unless disks lose what a store rests on") {
  const std::string expected =
      "expect: {others: if_recoverable, no_lost_write: if_recoverable, answered: if_recoverable, ";
  const std::string store = "why: Much may be lost.\nworkload: [{generate: {count: 30, think_time: 10ms}}]\n";
  const auto shrunk = [&](const std::string& more) {
    const Capsule capsule = sealed(scenario(store + more));
    return shrink(capsule.scenario, capsule.kind).scenario;
  };
  const Scenario plain = shrunk("cluster: {rules: {output_rule: off}}\n" + expected + "never: [log_damaged]}\n");
  INFO(save_text(plain));
  CHECK(plain.expect == asking_no_liveness());
  const Scenario wiped = shrunk(
      "faults:\n"
      "  - {wiped_disk: b, when: a backup is declared in sync at a}\n"
      "  - {crash: b, when: a backup is declared in sync at a, later: 10ms, for: 1s}\n"
      "end: {until: 6s}\n" +
      expected + "never: [log_damaged]}\n");
  INFO(save_text(wiped));
  CHECK(wiped.expect.others == Expected::if_recoverable);
  // Of which nothing is said that is not said of the others.
  CHECK(wiped.expect.properties == asking_no_liveness().properties);
}

// As if whatever is like this failed in the same way.
ShrinkOptions failing_if(const Capsule& capsule, std::function<bool(const Scenario&)> is_like_this) {
  const Result failing = run(capsule.scenario);
  const Result good = run(scenario("why: All is well.\n"));
  REQUIRE_FALSE(failure_of(good));
  ShrinkOptions options;
  options.run = [=](const Scenario& candidate, const RunOptions&) {
    Result result = is_like_this(candidate) ? failing : good;
    result.scenario = candidate;
    return result;
  };
  return options;
}

bool asks_for(const Scenario& scenario, std::string_view property) {
  return expected_properties(scenario)[*properties::find(property)] != Expected::any;
}

const std::string broken = "why: A store with a bug.\ncluster: {rules: {output_rule: off}";

TEST_CASE("clocks of what is left are no further off than its leases allow for, if they were not before") {
  const Capsule capsule = sealed(scenario(broken + R"(, store: {reads: leased, clock_drift_max_ppm: 500000}}
clocks: {a: {drift: -400000 ppm}, b: {drift: 41%}}
workload: [{generate: {count: 30, think_time: 10ms}}]
)"));
  const auto is_drifting = [](const Scenario& s) {
    return s.cluster.store.reads == Reads::leased && s.clocks.contains("b") && s.clocks.at("b").drift >= 400'000'000;
  };
  const Shrunk shrunk = shrink(capsule.scenario, capsule.kind, failing_if(capsule, is_drifting));
  INFO(save_text(shrunk.scenario));
  CHECK(shrunk.minimal);
  CHECK(is_drifting(shrunk.scenario));
  CHECK_FALSE(shrunk.scenario.clocks.contains("a"));
  CHECK(keeps_what_all_rests_on(shrunk.scenario));
}

TEST_CASE("no liveness is asked of what is left but what has failed, whether the world heals or not") {
  const std::string work =
      "workload: [{generate: {count: 30, think_time: 10ms}}]\nfaults: [{bit_rot: a, at: 3s, may_miss: on}]\n";
  for (const std::string end : {"heal: off", "settle: 20s"}) {
    const Capsule capsule = sealed(scenario(broken + "}\n" + work + "end: {until: 5s, " + end + "}\n"));
    for (const bool must_heal : {false, true}) {
      const auto fails = [=](const Scenario& s) { return s.end.heal >= must_heal && s.faults.size() == 1; };
      const Scenario left = shrink(capsule.scenario, capsule.kind, failing_if(capsule, fails)).scenario;
      INFO(save_text(left));
      CHECK(left.end.heal == must_heal);
      CHECK_FALSE(asks_for(left, "answered"));
      CHECK_FALSE(asks_for(left, "redundancy_restored"));
      CHECK(asks_for(left, "no_lost_write"));
    }
  }
  const Capsule capsule = sealed(
      scenario("why: Nobody is there in the end.\nworkload: [{script: [put x=1]}]\nend: {lost: [a, arbiter]}\n"));
  const Scenario left = shrink(capsule.scenario, capsule.kind).scenario;
  INFO(save_text(left));
  CHECK(asks_for(left, "answered") == (capsule.kind.property == "answered"));
  CHECK(asks_for(left, "redundancy_restored") == (capsule.kind.property == "redundancy_restored"));
}

TEST_CASE("what is left ends before its limit, though nobody may be there to serve its clients") {
  const Capsule capsule = sealed(scenario(broken + R"(}
workload: [{generate: {count: 30, think_time: 10ms}}]
faults: [{bit_rot: a, at: 3s, may_miss: on}]
end: {until: 5s}
)"));
  const auto is_much = [](const Scenario& s) {
    return s.faults.size() == 1 && s.workload.size() == 1 && s.workload[0].generate &&
           s.workload[0].generate->count == 30;
  };
  const Scenario left = shrink(capsule.scenario, capsule.kind, failing_if(capsule, is_much)).scenario;
  INFO(save_text(left));
  CHECK(left.end.until == End::Until::time);
  const auto is_little = [](const Scenario& s) { return s.faults.size() == 1; };
  CHECK(shrink(capsule.scenario, capsule.kind, failing_if(capsule, is_little)).scenario.end.until == End::Until::quiet);
}

TEST_CASE("what comes to no end does so in one operation, that nobody gives up") {
  std::string script;
  for (int n = 1; n <= 25; ++n) script += ", put k" + std::to_string(n % 3) + "=" + std::to_string(n);
  const Capsule capsule =
      sealed(scenario("why: Nobody is there.\ncluster: {nodes: 1, client: {give_up_after: 10s}}\n"
                      "workload: [{script: [wait 1s" +
                      script + "]}]\nfaults: [{kill: a, at: 800ms}]\nend: {limit: 200s}\n"));
  REQUIRE(capsule.kind.property == hang);
  const Shrunk shrunk = shrink(capsule.scenario, capsule.kind);
  INFO(save_text(shrunk.scenario));
  CHECK(shrunk.minimal);
  REQUIRE(shrunk.scenario.workload.size() == 1);
  CHECK(shrunk.scenario.workload[0].script.size() == 1);
  CHECK(shrunk.scenario.end.limit == End{}.limit);
}

TEST_CASE("keys that need not differ are one") {
  const Capsule capsule = sealed(scenario(broken + R"(}
workload: [{script: [put k1=1, get k2, put k3=1, delete k2, put k4=1]}]
)"));
  const auto operations = [](const Scenario& s, std::set<std::string>& keys) {
    std::size_t count = 0;
    for (const Work& work : s.workload) {
      for (const ScriptStep& step : work.script) {
        keys.insert(std::get<Operation>(step).key);
        ++count;
      }
    }
    return count;
  };
  const auto keys_left = [&](std::size_t least) {
    const auto fails = [=](const Scenario& s) {
      std::set<std::string> keys;
      return operations(s, keys) == 5 && keys.size() >= least;
    };
    std::set<std::string> keys;
    operations(shrink(capsule.scenario, capsule.kind, failing_if(capsule, fails)).scenario, keys);
    return keys;
  };
  CHECK(keys_left(1) == std::set<std::string>{"k1"});
  CHECK(keys_left(2).size() == 2);
}

TEST_CASE("a setting that is needed is counted, and one that could be left unsaid is not there") {
  const Capsule capsule = sealed(scenario(broken + R"(, store: {seek_for: 300ms}}
disks: {sync: 1ms, unreachable_after: 200ms}
workload: [{script: [put k1=1]}]
)"));
  const auto is_slow = [](const Scenario& s) { return s.disks.settings.sync == sim::constant(milliseconds(1)); };
  const Shrunk shrunk = shrink(capsule.scenario, capsule.kind, failing_if(capsule, is_slow));
  INFO(save_text(shrunk.scenario));
  CHECK(shrunk.minimal);
  CHECK(shrunk.settings == 1);
  CHECK(shrunk.scenario.cluster.store == Settings{});
}

TEST_CASE("a value that has to be large is no larger than it has to be, and said by its length") {
  const std::string value = "c1.7" + std::string(2000, '-') + "c1.7";
  const Capsule capsule = sealed(scenario(broken + "}\nworkload: [{script: [put x=" + value + "]}]\n"));
  const auto fails_from = [](std::size_t least) {
    return [least](const Scenario& s) {
      if (s.workload.size() != 1 || s.workload[0].script.size() != 1) return false;
      const auto* const operation = std::get_if<Operation>(&s.workload[0].script[0]);
      return operation != nullptr && operation->value.size() >= least;
    };
  };
  for (const std::size_t least : {1, 12, 13, 38, 700, 2008}) {
    const Scenario left = shrink(capsule.scenario, capsule.kind, failing_if(capsule, fails_from(least))).scenario;
    const std::string text = save_text(left);
    INFO(text);
    CHECK(std::get<Operation>(left.workload.at(0).script.at(0)).value.size() == least);
    const bool is_said_by_its_length = text.find("put x=\".\" times " + std::to_string(least)) != text.npos;
    CHECK(is_said_by_its_length == (least > 12));
  }
}

TEST_CASE("without the promotion that a node waits for nothing has failed for certain") {
  const std::string story = R"(
why: The primary dies, and an operator decides who goes on.
cluster: {arbiter: manual}
workload: [{script: [put x=1, wait 3s, get x]}]
faults: [{kill: a, at: 2s}]
)";
  const std::string founds = "operator: [{promote: a, when: a waits for operator}";
  CHECK_FALSE(failure_of(run(scenario(story + founds + ", {promote: b, when: b waits for operator}]\n"))));
  for (const std::string& without : {std::string(), founds + "]\n"}) {
    const std::optional<Failure> failure = failure_of(run(scenario(story + without)));
    REQUIRE(failure);
    CHECK_FALSE(is_certain(failure->kind));
  }
}

}  // namespace
}  // namespace smalldb::scenarios
