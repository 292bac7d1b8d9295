#include "scenarios/run.h"

#include <rapidcheck.h>
#include <catch2/catch.hpp>

#include <algorithm>
#include <string>

#include "properties/properties.h"
#include "scenarios/load.h"
#include "scenarios/save.h"
#include "scenarios/testing/generator.h"
#include "scenarios/testing/stories.h"

namespace smalldb::scenarios {
namespace {

using testing::judgement;
using testing::loaded;
using testing::plain_work;
using testing::recorded;
using testing::story_inputs;
using testing::times;

// Once there is a pair.
const std::string work_of_a_pair = "workload: [{script: [wait 2s, put x=1, put x=2, put x=3, put x=4]}]\n";

TEST_CASE("a plain scenario comes out as expected") {
  const Result result = run(loaded(plain_work + "expect: {primary: a, in_sync: [a, b], values: {x: 2, y: absent}}"));
  CHECK(result.exit_code() == 0);
  CHECK(result.end_reason == EndReason::as_planned);
  CHECK(result.operations_answered == 4);  // not those at the end
  CHECK_FALSE(result.recording);
}

TEST_CASE("clients without a session open none, and are served") {
  const std::string work = "workload: [{script: [wait 1s, put x=1, get x, delete x]}]\n";
  const std::string two = "cluster: {clients: 2, without_session: ";
  const auto opened = [&](const std::string& who) {
    const Result result = run(loaded(two + who + "}\n" + work));
    CHECK(result.exit_code() == 0);
    CHECK(result.operations_answered == 6);
    const auto found = std::find_if(result.coverage.begin(), result.coverage.end(),
                                    [](const properties::Seen& seen) { return seen.name == "session_granted"; });
    REQUIRE(found != result.coverage.end());
    return found->count;
  };
  CHECK(opened("[]") == 2);
  CHECK(opened("[c2]") == 1);
  CHECK(opened("[c1, c2]") == 0);
}

// What clients were asked after the healing.
std::vector<Invocation> asked_at_the_end(const Result& result) {
  std::vector<Invocation> asked;
  for (const sim::TraceEvent& event : result.recording->events) {
    if (event.kind != sim::EventKind::input || event.time < result.healed_at) continue;
    if (const auto invocation = decode_invocation(event.payload)) asked.push_back(*invocation);
  }
  return asked;
}

TEST_CASE("when all is well again, every key of the story is read, and then written") {
  const Result result = recorded(loaded("workload: [{script: [put x=1, get y, put z=2]}]\n"));
  CHECK(result.exit_code() == 0);
  CHECK(result.operations_answered == 3);  // of the story
  std::string asked;
  for (const Invocation& one : asked_at_the_end(result)) asked += std::string(name(one.verb)) + one.key.string() + " ";
  CHECK(asked == "getx gety getz putx puty putz ");
}

TEST_CASE("of many keys some are tried, and of none one") {
  const auto keys_tried = [](const std::string& work) {
    return asked_at_the_end(recorded(loaded(work + "end: {until: 2s}\n"))).size() / 2;
  };
  CHECK(keys_tried("workload: [{generate: {count: 200, keys: 40}}]\n") == 16);
  CHECK(keys_tried("faults: [{pause: b, at: 1s, for: 1ms}]\n") == 1);
}

TEST_CASE("what is not healed is not tried") {
  const Result result = recorded(loaded(plain_work + "end: {heal: no, until: 3s}\n"));
  for (const sim::TraceEvent& event : result.recording->events) {
    CHECK((event.kind != sim::EventKind::input || event.time < sim::Time{2'000'000'000}));
  }
}

TEST_CASE("a store that serves nobody once it is whole is not live, though no client of the story is left to notice") {
  const std::string story =
      "cluster: {nodes: [a], client: {answer_within: 3s}}\n"
      "workload: [{script: [put x=1]}]\n"
      "network: {links: [{link: c1 <-> a, latency: 800ms}]}\n";
  CHECK(run(loaded(story)).exit_code() == 0);
  const Result late = run(loaded(story + "end: {settle: 1s}\n"));
  CHECK(judgement(late, "answered").met == Judgement::Met::no);
}

TEST_CASE("a store that has come back to nobody is not live, though nobody of the story was left to wait for it") {
  const std::string story =
      "cluster: {client: {give_up_after: 2s}}\n"
      "workload: [{script: [put x=1]}, {starts_at: 3s, script: [put x=2]}]\n"
      "faults: [{bit_rot: all, at: 2s, for: 1s, ratio: always}, {power_failure: all, at: 2100ms, for: 100ms}]\n"
      "end: {settle: 5s}\n";
  const Result result = recorded(loaded(story + "expect: {others: any, answered: holds}\n"));
  CHECK(judgement(result, "answered holds").met == Judgement::Met::no);
  CHECK_FALSE(asked_at_the_end(result).empty());
  // Where nobody need come back nobody is asked, and that is no evidence.
  const Result excused = recorded(loaded(story + "expect: {others: any, answered: if_recoverable}\n"));
  CHECK(excused.exit_code() == 0);
  CHECK(excused.verdicts[*properties::find("answered")].conclusion == properties::Conclusion::unknown);
  CHECK(asked_at_the_end(excused).empty());
}

TEST_CASE("whoever serves is tried, though no pair comes back") {
  const Result result =
      recorded(loaded("workload: [{script: [wait 2s, put x=1]}]\n"
                      "network: {links: [{link: a <-> b, loss: always}]}\nend: {settle: 5s}\n"
                      "expect: {redundancy_restored: violated}\n"));
  CHECK(result.exit_code() == 0);
  CHECK(judgement(result, "answered holds").met == Judgement::Met::yes);
  CHECK(asked_at_the_end(result).size() == 2);
}

TEST_CASE("who tries what has healed may have to be started first") {
  const Result result = recorded(loaded(
      "cluster: {clients: 1}\nworkload: [{script: [put x=1]}]\nfaults: [{crash: c1, at: 2s}]\nend: {until: 3s}\n"));
  CHECK(result.exit_code() == 0);
  CHECK(asked_at_the_end(result).size() == 2);
}

TEST_CASE("where there are no clients none is to be answered") {
  CHECK(run(loaded("cluster: {clients: 0}\nend: {until: 2s}\n")).exit_code() == 0);
}

TEST_CASE("what was lost shows when it is read at the end, though no client of the story reads") {
  const std::string story =
      "cluster: {nodes: [a], rules: {local_sync_before_release: off}}\n"
      "disks: {sync: 300ms}\n"
      "workload: [{script: [wait 3s, put x=1]}]\n"
      "faults: [{power_failure: all, when: c1's operation 1 is answered, unsynced: lost, for: 1s}]\n"
      "end: {until: 6s}\n";
  const Result result = run(loaded(story + "expect: {others: any, linearizability: violated}\n"));
  CHECK(result.exit_code() == 0);
}

TEST_CASE("who is left goes on when a node is lost, and is asked for no pair") {
  const Name lost = GENERATE("a", "b");
  const Result result = recorded(loaded("workload: [{script: [wait 2s, put x=1]}]\nend: {lost: " + lost +
                                        "}\nexpect: {values: {x: 1}, primary: " + (lost == "a" ? "b" : "a") + "}\n"));
  CHECK(result.exit_code() == 0);
  CHECK(asked_at_the_end(result).size() == 2);
  CHECK(judgement(result, "redundancy_restored holds").met == Judgement::Met::yes);
}

TEST_CASE("of three nodes two are a pair again when one is lost") {
  const Result result = run(loaded("cluster: {nodes: 3}\nworkload: [{script: [wait 2s, put x=1]}]\nend: {lost: a}\n"));
  CHECK(result.exit_code() == 0);
  Scenario apart = loaded(
      "cluster: {nodes: 3}\nworkload: [{script: [wait 2s, put x=1]}]\n"
      "network: {links: [{link: b <-> c, loss: always}]}\nend: {lost: a, settle: 5s}\n"
      "expect: {others: if_recoverable}\n");
  CHECK(judgement(run(apart), "redundancy_restored holds").met == Judgement::Met::no);
}

TEST_CASE("nobody is asked to go on who may not: where he is lost that could, or has to ask an arbiter that is") {
  const auto end =
      GENERATE(as<std::string>{}, "faults: [{crash: b, at: 0s, for: 3s}]\nend: {until: 2s, lost: a, settle: 5s}\n",
               "faults: [{crash: a, at: 2s, for: 1s}, {isolate: b, at: 2s, for: 1s}]\n"
               "end: {until: 2100ms, lost: arbiter, settle: 5s}\n");
  const std::string story = "workload: [{script: [put x=1]}]\n" + end;
  const Result result =
      run(loaded(story + "expect: {answered: if_recoverable, redundancy_restored: if_recoverable}\n"));
  CHECK(result.exit_code() == 0);
  CHECK_FALSE(judgement(result, "answered holds").property.has_value());
}

TEST_CASE("a pair goes on without its arbiter") {
  const std::string arbiter = GENERATE("tie_breaker", "shared_lock");
  const Result result = recorded(loaded("cluster: {arbiter: " + arbiter + "}\n" +
                                        "workload: [{script: [wait 2s, put x=1]}]\n"
                                        "faults: [{kill: b, at: 2500ms, for: 100ms}]\n"
                                        "end: {until: 2700ms, lost: " +
                                        (arbiter == "tie_breaker" ? "arbiter" : "disk") +
                                        "}\n"
                                        "expect: {answered: if_recoverable, redundancy_restored: if_recoverable}\n"));
  CHECK(result.exit_code() == 0);
  CHECK(judgement(result, "answered holds").property.has_value());
  CHECK(asked_at_the_end(result).size() == 2);
}

TEST_CASE("a run with as many nodes as there can be is judged by every property") {
  const Result result = run(loaded("cluster: {nodes: " + std::to_string(nodes_max) + "}\n" + plain_work));
  CHECK(result.exit_code() == 0);
}

TEST_CASE("where whoever could be the other of a pair was never started, there is no pair to restore") {
  const Result result = run(
      loaded("cluster: {nodes: [a, b, c], spares: [c]}\nworkload: [{script: [wait 2s, put x=1]}]\nend: {lost: b}\n"));
  CHECK(result.exit_code() == 0);
  CHECK(judgement(result, "redundancy_restored").met == Judgement::Met::yes);
}

TEST_CASE("garbage that a crash leaves has destroyed a disk, whether it was said or drawn") {
  Scenario scenario = loaded(
      "workload: [{generate: {count: 50}}]\n"
      "faults: [{power_failure: all, when: before anyone's 10th fsync, for: 100ms, may_miss: on}]\n"
      "expect: {no_lost_write: if_recoverable, answered: if_recoverable, redundancy_restored: if_recoverable}\n"
      "disks: {garbage: 5, kept: 0, lost: 0, torn: 0, subset: 0}\nend: {until: 3s}\n");
  scenario.seed = 5;
  CHECK(run(scenario).exit_code() == 0);
  scenario.disks = {};
  scenario.faults[0].unsynced = sim::Unsynced::garbage;
  CHECK(run(scenario).exit_code() == 0);
}

TEST_CASE("where one node is all there is, there is no pair to restore") {
  const Result result = run(loaded("cluster: {nodes: [a]}\n" + plain_work));
  CHECK(result.exit_code() == 0);
  CHECK(judgement(result, "redundancy_restored").met == Judgement::Met::yes);
}

TEST_CASE("the same scenario and seed give the same run, recorded or not") {
  const Scenario scenario = loaded(plain_work + "faults: [{crash: a, at: 1s, for: 500ms}]\nend: {until: 4s}");
  const Result one = run(scenario);
  CHECK(run(scenario).hash == one.hash);
  const Result other = recorded(scenario);
  CHECK(other.hash == one.hash);
  CHECK(other.recording->events.size() == other.event_count);
  RunOptions options;
  options.seed = 2;
  CHECK(run(scenario, options).hash != one.hash);
  CHECK(run(scenario, options).scenario.seed == 2);
}

TEST_CASE("final values that differ, and a primary that is another, are told") {
  const Result result = run(loaded(plain_work + "expect: {primary: b, values: {x: 3, y: 1}}"));
  CHECK(result.exit_code() == 1);
  CHECK(judgement(result, "b is primary").met == Judgement::Met::no);
  CHECK(judgement(result, "x is 3").found == "it is 2");
  CHECK(judgement(result, "y is 1").found == "it is absent");
}

TEST_CASE("a violation that was expected and did not happen fails") {
  const Result result = run(loaded(plain_work + "expect: {output_rule: violated}"));
  CHECK(result.exit_code() == 1);
  CHECK(judgement(result, "output_rule is violated").found == "holds");
}

TEST_CASE("a violation that was not expected ends the run") {
  const std::string story = "cluster: {rules: {output_rule: off}}\n" + work_of_a_pair;
  const Result result = run(loaded(story));
  CHECK(result.end_reason == EndReason::violation);
  CHECK(result.exit_code() == 1);
  // What comes later was not seen, and is not blamed.
  CHECK(judgement(result, "answered").met == Judgement::Met::unknown);
  // Expected, it does not: the rest of the story is told.
  const Result expected = run(loaded(story + "expect: {others: any, output_rule: violated}"));
  CHECK(expected.end_reason == EndReason::as_planned);
  CHECK(expected.exit_code() == 0);
}

TEST_CASE("a fault that never strikes fails the scenario that relied on it") {
  const std::string story = plain_work + "faults: [{crash: b, when: b goes live, ";
  const Result result = run(loaded(story + "for: 1s}]"));
  CHECK(result.exit_code() == 1);
  CHECK(judgement(result, "the fault").found == "it never struck");
  CHECK(run(loaded(story + "may_miss: yes}]")).exit_code() == 0);
}

TEST_CASE("a fault that strikes and changes nothing fails the scenario that relied on it") {
  const Result result = run(loaded(plain_work + "faults: [{bit_rot: b, file: checkpoint-*, at: 1s, for: 1s}]"));
  CHECK(result.exit_code() == 1);
  CHECK(judgement(result, "the fault").found == "it struck, and nothing differed because of it");
  CHECK(result.faults[0].fired == 1);
  CHECK(result.faults[0].effects == 0);
}

TEST_CASE("of links to a node random is another one") {
  const std::string story = "workload: [{generate: {count: 30, think_time: 50ms}}]\nfaults: [{";
  for (const std::string fault : {"cut: random <-> a", "partition: [[random], [a]]"}) {
    for (std::uint64_t seed = 1; seed <= 8; ++seed) {
      CAPTURE(fault, seed);
      Scenario scenario = loaded(story + fault + ", at: 1s, for: 1s}]");
      scenario.seed = seed;
      const Result result = recorded(scenario);
      REQUIRE(result.recording->faults.size() == 1);
      std::vector<sim::Direction> links = result.recording->faults[0].links.value();
      if (links[0].from == ProcessId{1}) std::swap(links[0], links[1]);
      CHECK(links == sim::both_ways({ProcessId{0}}, {ProcessId{1}}));
    }
  }
}

TEST_CASE("a link of a node to itself is none, and a fault of no other strikes nothing") {
  const std::string story = "workload: [{generate: {count: 30, think_time: 50ms}}]\nfaults: [{";
  for (const std::string fault : {"delay: primary -> a, by: 50ms", "partition: [[primary], [a]]"}) {
    CAPTURE(fault);
    const Result result = recorded(loaded(story + fault + ", at: 1s, for: 1s}]"));
    CHECK(result.exit_code() == 1);
    CHECK(judgement(result, "the fault").found == "it never struck");
    CHECK(result.recording->faults.empty());
  }
}

TEST_CASE("which of the two silences was noticed can be waited for") {
  const auto noticed = [](const std::string& packets, const std::string& missed) {
    return run(loaded("workload:\n  - {generate: {count: 200, think_time: 10ms}}\n"
                      "  - script: [wait until anyone misses " +
                      missed + ", put noticed=yes]\nfaults: [{loss: a <-> b, packets: " + packets +
                      ", at: 1s, for: 2s}]\nexpect: {values: {noticed: yes}}\nend: {until: 5s}"))
        .exit_code();
  };
  CHECK(noticed("datagrams", "heartbeats") == 0);
  CHECK(noticed("datagrams", "log traffic") == 1);
}

TEST_CASE("who is told to stop as the world heals is started again") {
  const Result result = run(loaded(plain_work + "operator: [{stop: b, at: 2999999us}]\nend: {until: 3s}"));
  CHECK(result.ended_at > *result.healed_at);
  CHECK(judgement(result, "redundancy_restored holds").met == Judgement::Met::yes);
}

TEST_CASE("a fault that is over at once has ended when it struck, and not when the world is healed") {
  const Result result =
      run(loaded(plain_work + "faults: [{reset: a <-> b, at: 1s}, {delay: a <-> b, by: 1ms, at: 1s}]\n"
                              "end: {until: 3s}"));
  const FaultAccount &reset = result.faults[0], &delay = result.faults[1];
  REQUIRE(reset.strikes.size() == 1);
  CHECK(reset.strikes[0].ended == reset.strikes[0].began);
  REQUIRE(delay.strikes.size() == 1);
  REQUIRE(delay.strikes[0].ended.has_value());
  CHECK(*delay.strikes[0].ended > delay.strikes[0].began);
}

TEST_CASE("what waits for the end of a fault that is over at once comes when that has struck") {
  const Result result =
      recorded(loaded(plain_work + "faults: [{reset: a <-> b, at: 1s, label: broken}, "
                                   "{crash: b, when: fault broken ends, for: 100ms}]\nend: {until: 3s}"));
  REQUIRE(result.faults[1].strikes.size() == 1);
  CHECK(result.faults[1].strikes[0].began == sim::Time{} + seconds(1));
}

TEST_CASE("many strikes are let go, and between those in which nothing happens a run can be interrupted") {
  Scenario scenario = loaded(plain_work + "end: {until: 8s}");
  for (int i = 0; i < 20; ++i) {
    FaultPlan reset;
    reset.kind = sim::FaultKind::reset;
    reset.links = {{{"b"}, {"c1"}, true}};
    reset.schedule.kind = Schedule::Kind::every;
    reset.schedule.every = microseconds(200);
    reset.schedule.from = sim::Time{} + seconds(7);
    reset.may_miss = true;
    scenario.faults.push_back(reset);
  }
  int questions = 0;
  RunOptions asks;
  asks.interrupted = [&] { return ++questions == 20; };
  const Result interrupted = run(scenario, asks);
  CHECK(interrupted.end_reason == EndReason::interrupted);
  CHECK(interrupted.ended_at < sim::Time{} + seconds(8));

  const Result whole = run(scenario);
  CHECK(whole.end_reason == EndReason::as_planned);
  CHECK(whole.faults.back().fired == 5001);
}

TEST_CASE("a condition that was never seen fails, and so does one that was not to be seen") {
  const Result result = run(loaded(plain_work + "expect: {sometimes: [backup_took_over], never: [founded]}"));
  CHECK(judgement(result, "sometimes backup_took_over").met == Judgement::Met::no);
  CHECK(judgement(result, "never founded").met == Judgement::Met::no);
}

TEST_CASE("a fault lasts for as long as it says, or until what it names") {
  const Result timed = recorded(loaded("faults: [{pause: b, at: 1s, for: 250ms}]\nend: {until: 3s}"));
  CHECK(times(timed, sim::EventKind::resumed, "b") == std::vector<sim::Time>{{1'250'000'000}});
  const Result named =
      recorded(loaded("faults: [{pause: b, at: 1s, until: fault other ends}, {pause: c1, at: 1s, for: 70ms, label: "
                      "other}]\nend: {until: 3s}"));
  CHECK(times(named, sim::EventKind::resumed, "b") == std::vector<sim::Time>{{1'070'000'000}});
}

TEST_CASE("schedules fire when they say") {
  const Result result = recorded(loaded(R"(
faults:
  - {pause: b, every: 200ms, from: 1s, to: 1500ms, for: 10ms}
  - {pause: a, randomly: 3, from: 2s, to: 2500ms, for: 1ms}
  - {pause: c1, when: fault twice begins, count: 2, later: 5ms, for: 1ms}
  - {clock_step: arbiter, by: 1s, every: 100ms, from: 2s, to: 2500ms, label: twice}
end: {until: 3s}
)"));
  CHECK(times(result, sim::EventKind::paused, "b") ==
        std::vector<sim::Time>{{1'000'000'000}, {1'200'000'000}, {1'400'000'000}});
  const auto drawn = times(result, sim::EventKind::paused, "a");
  CHECK(drawn.size() <= 3);  // two may fall together
  REQUIRE_FALSE(drawn.empty());
  CHECK(drawn.front() >= sim::Time{2'000'000'000});
  CHECK(drawn.back() <= sim::Time{2'500'000'000});
  CHECK(times(result, sim::EventKind::paused, "c1") == std::vector<sim::Time>{{2'005'000'000}, {2'105'000'000}});
}

TEST_CASE("taking one fault out leaves the chance of the others as it was") {
  const std::string kept = "{pause: a, randomly: 3, from: 2s, to: 2500ms, for: 1ms..9ms}";
  const auto both =
      recorded(loaded("faults: [{pause: b, randomly: 2, from: 1s, to: 3s, for: 1ms}, " + kept + "]\nend: {until: 4s}"));
  const auto one = recorded(loaded("faults: [" + kept + "]\nend: {until: 4s}"));
  CHECK(times(both, sim::EventKind::paused, "a") == times(one, sim::EventKind::paused, "a"));
  CHECK(times(both, sim::EventKind::resumed, "a") == times(one, sim::EventKind::resumed, "a"));
}

TEST_CASE("what a fault is called, and whether anything rests on it, is no matter of chance") {
  const auto with = [](const std::string& more) {
    return loaded("faults: [{pause: random, randomly: 3, from: 2s, to: 2500ms, for: 1ms..9ms" + more + "}]\n" +
                  "operator: [{checkpoint: a, randomly: 2, from: 1s, to: 2s" + more.substr(0, more.find(", label")) +
                  "}]\nend: {until: 4s}");
  };
  const std::uint64_t hash = run(with("")).hash;
  CHECK(run(with(", may_miss: yes")).hash == hash);
  CHECK(run(with(", may_miss: yes, label: p")).hash == hash);
}

TEST_CASE("a fault that aims at a role waits until somebody plays it") {
  const Result result = recorded(loaded("faults: [{pause: primary, at: 0s, for: 10ms}]\nend: {until: 2s}"));
  CHECK(times(result, sim::EventKind::paused, "a").size() == 1);  // the founder, when it has founded
  CHECK(result.exit_code() == 0);
}

TEST_CASE("a script waits for what it names") {
  const Result result =
      recorded(loaded("workload: [{script: [put x=1, wait until b goes live, put x=2]}]\n"
                      "faults: [{crash: a, at: 2s}]\nexpect: {values: {x: 2}, primary: b}"));
  CHECK(result.exit_code() == 0);
  const auto inputs = story_inputs(result, "c1");
  REQUIRE(inputs.size() == 2);
  CHECK(inputs[1] > sim::Time{2'000'000'000});
}

TEST_CASE("who is asked before it first starts was asked in vain, and its user goes on") {
  const Result result = run(
      loaded("workload: [{generate: {count: 3}}]\nfaults: [{power_failure: all, at: 0s, for: 100us, may_miss: on}]\n"
             "end: {until: quiet, limit: 30s}"));
  CHECK(result.end_reason == EndReason::as_planned);
  CHECK(result.operations_answered > 0);
}

TEST_CASE("an open loop asks at its rate, answered or not") {
  const Result result =
      recorded(loaded("workload: [{starts_at: 1s, generate: {count: 20, rate: 100/s}}]\n"
                      "faults: [{isolate: c1, at: 1050ms, for: 500ms}]"));
  const auto inputs = story_inputs(result, "c1");
  REQUIRE(inputs.size() == 20);
  CHECK(inputs[19] - inputs[0] == milliseconds(190));
}

TEST_CASE("a client that dies forgets what it was asked, and its user goes on") {
  const Result result =
      run(loaded("workload: [{generate: {count: 40, think_time: 20ms}}]\n"
                 "faults: [{crash: c1, at: 700ms, for: 100ms}]"));
  CHECK(result.exit_code() == 0);
  CHECK(result.operations_invoked >= 39);
}

TEST_CASE("a world that does not heal is not asked for liveness") {
  const Result result = run(loaded(plain_work + "faults: [{crash: b, at: 2s}]\nend: {until: 5s, heal: no}"));
  CHECK(result.exit_code() == 0);
  CHECK_FALSE(result.healed_at);
}

// Runs to the end, and gives the hash.
std::uint64_t rest_of(Run run) {
  while (run.step()) {
  }
  return run.finish().hash;
}

// The first input of what is tried. REQUIRES: there is one.
auto first_tried(const Result& result) {
  const auto& events = result.recording->events;
  return std::find_if(events.begin(), events.end(), [&](const sim::TraceEvent& event) {
    return event.kind == sim::EventKind::input && event.time >= *result.healed_at;
  });
}

TEST_CASE("a healed world is waited for until there is a pair, and not for long where no disk can bring one") {
  const std::string end = "end: {until: 4s, settle: 10s}\n";
  const std::string lost = "faults: [{crash: [a, b], at: 3s, for: 1s}, {wiped_disk: [a, b], at: 3500ms}]\n";
  SECTION("a pair that there is already") {
    const Result result = recorded(loaded(plain_work + end));
    CHECK(result.exit_code() == 0);
    CHECK(first_tried(result)->time == *result.healed_at);
  }
  SECTION("a pair that comes back: not an event longer") {
    const Result result = recorded(loaded(plain_work + "faults: [{crash: b, at: 3s, for: 5s}]\n" + end));
    CHECK(result.exit_code() == 0);
    const auto tried = first_tried(result);
    CHECK(tried->time > *result.healed_at);
    CHECK((tried - 1)->time == tried->time);
    CHECK(result.recording->events.back().kind == sim::EventKind::report);
  }
  SECTION("nothing is asked of what is lost") {
    const Result result = run(loaded(plain_work + lost + end + "expect: {others: if_recoverable}"));
    CHECK(result.exit_code() == 0);
    CHECK(result.ended_at == *result.healed_at + seconds(1));
  }
  SECTION("a pair is asked for all the same") {
    const Result result = run(loaded(plain_work + lost + end + "expect: {no_lost_write: any}"));
    CHECK(judgement(result, "redundancy_restored holds").met == Judgement::Met::no);
    CHECK(judgement(result, "answered holds").met == Judgement::Met::no);
    CHECK(result.ended_at == *result.healed_at + seconds(20));  // so long for a pair, and for an answer
  }
}

TEST_CASE("a run is a value: forks at any instant go on alike, and do not disturb each other") {
  const Scenario scenario = loaded(R"(
cluster: {clients: 2}
workload: [{generate: {count: 30, keys: 2, mix: {get: 1, put: 1, compare_and_set: 1}, think_time: 5ms..30ms}}]
faults:
  - {crash: primary, when: after c1's operation 10 is answered, for: 700ms}
  - {loss: all, ratio: 1/5, at: 800ms, for: 300ms}
)");
  Run one(scenario);
  std::vector<Run> forks;
  for (std::uint64_t steps = 0; one.step(); ++steps) {
    if (steps % 101 == 11) forks.push_back(one);
  }
  const std::uint64_t hash = one.finish().hash;
  REQUIRE(forks.size() > 3);
  for (const Run& fork : forks) CHECK(rest_of(fork) == hash);
}

TEST_CASE("any scenario runs to an end without a failed assertion, the same way twice") {
  const bool held = rc::check("any scenario", [] {
    const Scenario scenario = *testing::any_scenario();
    RC_LOG() << save_text(scenario);
    RunOptions options;
    options.events_max = 400'000;
    const Result one = run(scenario, options);
    RC_ASSERT(one.verdicts[*properties::find("no_assertion")].conclusion == properties::Conclusion::holds);
    RC_ASSERT(run(scenario, options).hash == one.hash);
  });
  CHECK(held);
}

}  // namespace
}  // namespace smalldb::scenarios
