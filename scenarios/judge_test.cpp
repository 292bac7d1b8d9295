// How what is expected of a run is judged.
#include <catch2/catch.hpp>

#include <algorithm>
#include <string>

#include "scenarios/run.h"
#include "scenarios/testing/stories.h"

namespace smalldb::scenarios {
namespace {

using testing::judgement;
using testing::loaded;
using testing::plain_work;

TEST_CASE("bounds on availability are judged") {
  const std::string story = "workload: [{generate: {count: 100, think_time: 20ms}}]\nfaults: [{crash: a, at: 1s}]\n";
  const Result result =
      run(loaded(story + "expect: {answered_within: 10ms, unavailable_at_most: 20ms, answered_at_least: 100}\n" +
                 "end: {until: 60 operations}"));
  CHECK(judgement(result, "every operation is answered within").met == Judgement::Met::no);
  CHECK(judgement(result, "unavailable at most").met == Judgement::Met::no);
  CHECK(judgement(result, "at least 100").met == Judgement::Met::no);
  CHECK(run(loaded(story + "expect: {answered_within: 2s, unavailable_at_most: 2s, answered_at_least: 100}"))
            .exit_code() == 0);
}

TEST_CASE("what waits still at the end is not known to be answered in time") {
  const std::string never_founded =
      "faults: [{isolate: arbiter, at: 0s}]\nworkload: [{script: [put x=1, get x]}]\nend: {heal: no, until: 10s}\n";
  const Result result = run(loaded(never_founded + "expect: {answered_within: 31s}"));
  CHECK(judgement(result, "every operation is answered within").met == Judgement::Met::unknown);
  CHECK(result.exit_code() == 2);
  CHECK(judgement(run(loaded(never_founded + "expect: {answered_within: 5s}")), "every operation is answered within")
            .met == Judgement::Met::no);
  const Result unasked = run(loaded("expect: {answered_within: 5s}\nend: {until: 3s}"));
  CHECK(judgement(unasked, "every operation is answered within").found == "nothing was asked");
  CHECK(judgement(unasked, "every operation is answered within").met == Judgement::Met::unknown);
}

TEST_CASE("a property that is named to hold, and was not at stake, is unknown") {
  const std::string never_founded =
      "faults: [{isolate: arbiter, at: 0s}]\nworkload: [{script: [put x=1, get x]}]\nend: {heal: no, until: 10s}\n";
  for (const std::string property : {"linearizability", "output_rule", "no_lost_write"}) {
    CAPTURE(property);
    const Result result = run(loaded(never_founded + "expect: {" + property + ": holds}"));
    CHECK(judgement(result, property + " holds").met == Judgement::Met::unknown);
    CHECK(judgement(result, property + " holds").found == "nothing happened that could have violated it");
    // Without a takeover or a restart no write can be lost.
    const int when_served = property == "no_lost_write" ? 2 : 0;
    CHECK(run(loaded(plain_work + "expect: {" + property + ": holds}")).exit_code() == when_served);
  }
  CHECK(run(loaded(never_founded)).exit_code() == 0);  // of those that nobody names
}

// Nobody serves from 5 s to 44 s: the primary is dead, and its backup may not go on without the arbiter.
const std::string outage =
    "cluster: {client: {give_up_after: 2s}}\n"
    "workload: [{generate: {count: 60, think_time: 1s}}]\n"
    "faults:\n  - {isolate: arbiter, at: 4s, for: 40s}\n  - {crash: a, at: 5s, for: 40s}\n";

TEST_CASE("who gives up has not been answered, and ends no outage") {
  const Result result =
      run(loaded(outage + "expect: {answered_within: 3s, unavailable_at_most: 38s, answered_at_least: 60}\n"));
  CHECK(judgement(result, "every operation is answered within").met == Judgement::Met::no);
  CHECK(judgement(result, "unavailable at most").met == Judgement::Met::no);
  CHECK(judgement(result, "at least 60").met == Judgement::Met::no);
  CHECK(result.operations_invoked == 60);
  CHECK(result.operations_answered < 50);
  // It is over when somebody is answered again: who has asked as often has not waited longer.
  CHECK(run(loaded(outage + "expect: {unavailable_at_most: 42s, answered_at_least: 40}\n")).exit_code() == 0);
}

TEST_CASE("a client that dies with what it asked is no outage of the store") {
  CHECK(run(loaded("workload: [{script: [wait 2s, put x=1, wait 1s, put x=2]}]\n"
                   "faults: [{crash: c1, when: after c1 issues an operation, for: 5s}]\n"
                   "expect: {unavailable_at_most: 1s}\n"))
            .exit_code() == 0);
}

TEST_CASE("of a store that has never served nobody has been answered") {
  const Result result =
      run(loaded("cluster: {arbiter: manual, client: {give_up_after: 2s}}\n"
                 "workload: [{generate: {count: 50, think_time: 100ms}}]\n"
                 "expect: {others: any, answered_at_least: 1, answered_within: 3s, unavailable_at_most: 100s}\n"));
  CHECK(judgement(result, "every operation is answered within").met == Judgement::Met::no);
  CHECK(judgement(result, "unavailable at most").met == Judgement::Met::no);
  CHECK(judgement(result, "at least 1").met == Judgement::Met::no);
  CHECK(result.operations_answered == 0);
}

TEST_CASE("so many operations are over when they are answered or given up") {
  const Result result = run(loaded(outage + "end: {until: 60 operations}\nexpect: {answered_at_least: 40}\n"));
  CHECK(result.end_reason == EndReason::as_planned);
  CHECK(result.exit_code() == 0);
  CHECK(result.operations_answered < 60);
}

TEST_CASE("operations that are given up are none that are answered to an occurrence") {
  const Result result = run(loaded(outage + "  - {pause: c1, when: after 60 operations are answered, for: 1ms}\n"
                                            "end: {until: 200s}\n"));
  CHECK(judgement(result, "the fault \"pause c1").met == Judgement::Met::no);
}

TEST_CASE("nobody can say how long a store was away that nobody asked") {
  const Result result = run(loaded("expect: {unavailable_at_most: 1s}\nend: {until: 3s}"));
  CHECK(judgement(result, "unavailable at most").met == Judgement::Met::unknown);
  CHECK(judgement(result, "unavailable at most").found == "nothing was asked");
}

TEST_CASE("the value absent is another than none") {
  const Result none = run(loaded("workload: [{script: [put x=absent]}]\nexpect: {values: {x: absent}}"));
  CHECK(judgement(none, "x is absent").found == "it is \"absent\"");
  CHECK(judgement(none, "x is absent").met == Judgement::Met::no);
  const Result some = run(loaded("workload: [{script: [put x=1, delete x]}]\nexpect: {values: {x: \"absent\"}}"));
  CHECK(judgement(some, "x is \"absent\"").found == "it is absent");
  CHECK(judgement(some, "x is \"absent\"").met == Judgement::Met::no);
}

// What an operator's only action came to, with the store as it is or as `cluster` says.
struct Came {
  std::string found;  // empty if it is not told of
  std::uint64_t times = 0;
};
Came came_of(const std::string& action, const std::string& more = {}) {
  const Result result =
      run(loaded("workload: [{script: [put x=1, wait 3s, put x=2]}]\noperator: [{" + action + "}]\n" + more));
  const auto told = std::find_if(result.judgements.begin(), result.judgements.end(),
                                 [](const Judgement& one) { return one.what.starts_with("the operator's"); });
  if (told != result.judgements.end()) CHECK(told->met == Judgement::Met::no);
  return {told == result.judgements.end() ? "" : told->found, result.actions[0].carried_out};
}

TEST_CASE("an operator's word of which nothing comes is no evidence, and it is told what it met") {
  CHECK(came_of("start: b, at: 1s").found == "it changed nothing: b ran already");
  CHECK(came_of("start: arbiter, at: 1s").found == "it changed nothing: arbiter ran already");
  CHECK(came_of("checkpoint: b, at: 1s").found == "it changed nothing: b was not the primary");
  CHECK(came_of("start: b, at: 1s", "faults: [{crash: b, at: 500ms, for: 1s}]").found ==
        "it changed nothing: a fault held b down");
  CHECK(came_of("stop: b, at: 1s", "faults: [{crash: b, at: 500ms, for: 1s}]").found ==
        "it changed nothing: b did not run");
  CHECK(came_of("promote: b, at: 1s", "cluster: {arbiter: manual}\nend: {until: 2s}").found ==
        "it changed nothing: b waited for no operator");
  CHECK(came_of("checkpoint: backup, at: 1s", "cluster: {nodes: [a, b], spares: [b]}\nend: {until: 2s}").found ==
        "it changed nothing: there was no backup");
  CHECK(came_of("start: b, when: b stops").found == "its time never came");
}

TEST_CASE("an operator's word is carried out when something comes of it, and once for each life and need") {
  CHECK(came_of("checkpoint: primary, at: 1s").times == 1);
  CHECK(came_of("start: b, at: 1s", "cluster: {spares: [b]}").times == 1);
  CHECK(came_of("promote: a, when: a waits for the operator", "cluster: {arbiter: manual}\nend: {until: 2s}").times ==
        1);
  CHECK(came_of("stop: b, every: 100ms, from: 1s, to: 2s").times == 1);
  const Came start = came_of("start: b, every: 100ms, from: 1s, to: 2s", "cluster: {spares: [b]}");
  CHECK(start.times == 1);
  CHECK(start.found.empty());
}

TEST_CASE("a run that ends at its limit tells whose script waits for what") {
  const auto came_of = [](const std::string& text) {
    return judgement(run(loaded(text + "\nend: {limit: 5s}")), "the run ends").found;
  };
  const std::string limit = "it ended at its limit of time: it did not come to its end; work was left to do ";
  CHECK(came_of("cluster: {clients: 2}\nworkload: [{clients: c1, script: [wait until c2 has an answer, get x]},\n"
                "  {clients: c2, script: [wait until c1 has an answer, get x]}]") ==
        limit + "(c1 waits until \"c2 has an answer\", c2 waits until \"c1 has an answer\")");
  CHECK(came_of("workload: [{script: [wait until fault f begins, get x]}]\n"
                "faults: [{pause: b, when: c1 has an answer, for: 1ms, label: f, may_miss: yes}]") ==
        limit + "(c1 waits until \"fault f begins\", which strikes when \"c1 has an answer\")");
  CHECK(came_of("cluster: {clients: 6}\nworkload: [{script: [wait until b crashes]}]").ends_with("\", and 2 more)"));
}

TEST_CASE("a word to whoever plays a part is given once when somebody does, however often it was due") {
  const Result result =
      run(loaded("workload: [{script: [put x=1]}]\nend: {until: 1s}\n"
                 "operator: [{stop: primary, every: 10ms, to: 100ms}]"));
  CHECK(result.actions[0].carried_out == 1);
}

TEST_CASE("a run that does not come to its end is unknown") {
  const Result late = run(loaded(plain_work + "faults: [{isolate: c1, at: 0s}]\nend: {limit: 5s}"));
  CHECK(late.end_reason == EndReason::time_limit);
  CHECK(judgement(late, "the run ends").found ==
        "it ended at its limit of time: it did not come to its end; work was left to do");
  CHECK(late.exit_code() == 2);

  RunOptions few;
  few.events_max = 50;
  CHECK(run(loaded(plain_work), few).end_reason == EndReason::event_limit);

  RunOptions at_once;
  at_once.events_at_once_max = 10;
  const std::string timeless = "network: {latency: 0s}\nworkload: [{starts_at: 1s, script: [put x=1]}]";
  CHECK(run(loaded(timeless), at_once).end_reason == EndReason::standstill);
  CHECK(run(loaded(timeless)).end_reason == EndReason::as_planned);

  RunOptions stopped;
  stopped.interrupted = [] { return true; };
  const Result interrupted = run(loaded("workload: [{generate: {count: 10000}}]"), stopped);
  CHECK(interrupted.end_reason == EndReason::interrupted);
  CHECK(interrupted.exit_code() == 2);
}

}  // namespace
TEST_CASE("a run in which none of the faults took effect is stale, however it came out") {
  const auto is_stale = [](const std::string& rest) { return run(loaded(plain_work + rest)).is_stale(); };
  const std::string misses = "{crash: b, when: b goes live, may_miss: yes}";
  CHECK(is_stale("faults: [" + misses + "]"));
  CHECK(is_stale("faults: [" + misses + ", {bit_rot: b, file: checkpoint-*, at: 1s, may_miss: yes}]"));
  CHECK(is_stale("faults: [{crash: b, when: b goes live}]"));  // and it fails, since it relies on it
  CHECK_FALSE(is_stale("faults: [" + misses + ", {crash: b, at: 1s, for: 1s, may_miss: yes}]"));
  CHECK_FALSE(is_stale(""));
  // What comes behind the end never comes.
  CHECK(is_stale("faults: [{crash: b, at: 9s, may_miss: yes}]\nend: {until: 1 operations}"));
}

TEST_CASE("a run that was not seen to its end is not stale") {
  const std::string story = plain_work + "faults: [{crash: b, when: b goes live, may_miss: yes}]\n";
  Run early(loaded(story));
  REQUIRE(early.step());
  CHECK_FALSE(Run(early).finish().is_stale());
  CHECK_FALSE(run(loaded(story + "cluster: {rules: {output_rule: off}}\n")).is_stale());  // ended by a violation
  while (early.step()) {
  }
  CHECK(early.finish().is_stale());
}

TEST_CASE("where there are no faults it is the operator's actions of which nothing came that make a run stale") {
  const auto is_stale = [](const std::string& rest) { return run(loaded(plain_work + rest)).is_stale(); };
  const std::string in_vain = "{start: a, at: 1s, may_miss: yes}", stops = "{stop: b, at: 1s}";
  CHECK(is_stale("operator: [" + in_vain + "]\nend: {until: 3s}"));
  CHECK_FALSE(is_stale("operator: [" + in_vain + ", " + stops + "]\nend: {until: 3s}"));
  // An operator's action makes no fault strike.
  CHECK(
      is_stale("operator: [" + stops + "]\nfaults: [{crash: b, when: b goes live, may_miss: yes}]\nend: {until: 3s}"));
}

}  // namespace smalldb::scenarios
