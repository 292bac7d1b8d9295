// What becomes of failing scenarios when they are shrunk.
#include <catch2/catch.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>

#include "scenarios/campaign/capsule.h"
#include "scenarios/campaign/shrink.h"
#include "scenarios/generator/promised.h"
#include "scenarios/judge.h"
#include "scenarios/load.h"
#include "scenarios/run.h"
#include "scenarios/save.h"
#include "scenarios/testing/failing.h"

namespace smalldb::scenarios {
namespace {

using testing::scenario;
using testing::sealed;
using testing::with_a_planted_bug;

// Something in nanoseconds or microseconds.
bool has_odd_times(const std::string& text) {
  for (std::size_t i = 0; i + 2 < text.size(); ++i) {
    const std::string unit = text.substr(i + 1, 2);
    if (text[i] >= '0' && text[i] <= '9' && (unit == "ns" || unit == "us")) return true;
  }
  return false;
}

TEST_CASE("what was not looked at is not called minimal, and generated work is an element of it") {
  const Capsule capsule = sealed(with_a_planted_bug());
  ShrinkOptions options;
  options.candidates_max = 0;
  const Shrunk shrunk = shrink(capsule.scenario, capsule.kind, options);
  CHECK_FALSE(shrunk.minimal);
  CHECK(shrunk.elements == 4 + 3 + 3 + 1);  // faults, nodes, clients, and what they do
}

TEST_CASE("what is called needed was tried to be left out, with all that stands and falls with it") {
  // Without b no crash of it, without the client no work, without its only step none either; and there is no cluster
  // without a node.
  for (const std::string work : {"script: [put x=1]", "generate: {count: 1}"}) {
    Scenario small =
        scenario("why: Small.\ncluster: {nodes: 1}\nworkload: [{" + work + "}]\nexpect: {never: [founded]}\n");
    const Capsule of_one = sealed(small);
    const Shrunk nothing = shrink(of_one.scenario, of_one.kind);
    CHECK(nothing.minimal);
    CHECK(nothing.elements == 0);
    small = scenario("why: Small.\nworkload: [{" + work +
                     "}]\nfaults: [{crash: b, at: 3s}]\nend: {until: 5s}\n"
                     "expect: {never: [primary_went_alone]}\n");
    const Capsule of_two = sealed(small);
    ShrinkOptions options;
    std::size_t tasks = 0;
    options.try_to_first = [&](std::size_t count, const std::function<bool(std::size_t)>& helps) {
      tasks = count;
      for (std::size_t n = 0; n < count; ++n) helps(n);
    };
    options.at_a_time = 100;
    const Shrunk shrunk = shrink(of_two.scenario, of_two.kind, options);
    INFO(save_text(shrunk.scenario));
    CHECK(shrunk.minimal);
    CHECK(tasks == shrunk.elements + shrunk.settings);  // the last that was looked at together
  }
}

TEST_CASE("a planted bug shrinks to a page of which nothing can be dropped, and goes green without the bug") {
  const Capsule capsule = sealed(with_a_planted_bug());
  const Shrunk shrunk = shrink(capsule.scenario, capsule.kind);
  INFO(save_text(shrunk.scenario));
  CHECK(shrunk.minimal);
  CHECK(shrunk.elements <= 6);
  CHECK(shrunk.scenario.faults.size() <= 1);
  CHECK(shrunk.scenario.cluster.clients.size() == 1);
  CHECK(sealed(shrunk.scenario).kind == capsule.kind);
  CHECK(sealed(shrunk.scenario).witness == shrunk.witness);
  const Loaded loaded = load_text(save_text(shrunk.scenario), "shrunk.yaml");
  REQUIRE(loaded.scenario);
  Scenario mended = *loaded.scenario;
  mended.cluster.rules = {};
  for (const Judgement& judgement : run(mended).judgements) {
    INFO(judgement.what << ": " << judgement.found);
    CHECK(judgement.met == Judgement::Met::yes);
  }
}

TEST_CASE("what is left of a failure does not depend on how many candidates are looked at together, or in which order",
          "[again]") {  // `fuzz` and `shrink` look at several together
  const Capsule capsule = sealed(with_a_planted_bug());
  const Shrunk one_by_one = shrink(capsule.scenario, capsule.kind);
  ShrinkOptions options;
  options.at_a_time = 5;
  options.try_to_first = [](std::size_t count, const std::function<bool(std::size_t)>& helps) {
    while (count > 0) helps(--count);
  };
  const Shrunk together = shrink(capsule.scenario, capsule.kind, options);
  CHECK(together.scenario == one_by_one.scenario);
  CHECK(together.tried == one_by_one.tried);
  CHECK(together.minimal);
}

TEST_CASE("what fails only after very many events is not kept for want of them, and what is not known is not claimed") {
  // Without the step the run goes on for 30 s before the failure, which then shows in 60,000 events.
  const Capsule capsule = sealed(scenario(R"(why: Slow without its step.
cluster:
  store: {heartbeat_every: 5ms, suspect_after: 10ms, retry_after: 10ms, seek_for: 5ms}
  rules: {epoch_check: off}
workload: [{script: [get k0]}]
faults:
  - {delay: primary -> arbiter, when: a backup is declared in sync, by: 1s, may_miss: on}
  - {delay: primary -> b, when: a backup is declared in sync at a, by: 1s, may_miss: on}
  - {kill: b, when: anyone takes over, may_miss: on}
expect: {answered: any, redundancy_restored: any}
end: {until: 100ms}
)"));
  REQUIRE(capsule.kind.property == "no_lost_write");
  ShrinkOptions options;
  options.events_max = 4 * capsule.events + 10'000;
  REQUIRE(options.events_max < 20'000);
  const Shrunk shrunk = shrink(capsule.scenario, capsule.kind, options);
  CHECK(shrunk.minimal);
  CHECK(shrunk.scenario.workload.empty());
  options.proof_events_max = options.events_max;
  CHECK_FALSE(shrink(capsule.scenario, capsule.kind, options).minimal);
}

TEST_CASE("a search for something smaller that is stopped keeps what it has, and claims nothing of it") {
  const Capsule capsule = sealed(with_a_planted_bug());
  ShrinkOptions options;
  options.candidates_max = 20;
  const Shrunk shrunk = shrink(capsule.scenario, capsule.kind, options);
  CHECK_FALSE(shrunk.minimal);
  CHECK(shrunk.tried == 20);
  CHECK(sealed(shrunk.scenario).kind == capsule.kind);
  CHECK(save_text(shrunk.scenario).size() < save_text(capsule.scenario).size());
}

TEST_CASE(
    "what shrinks relies on none of its faults, names nothing that has no part in it, and has numbers that one would "
    "write") {
  const Capsule capsule = sealed(scenario(R"(
why: A crash that leaves a primary alone, in numbers that a generator draws.
cluster: {clients: 2}
workload:
  - {clients: c1, script: [put x=1, wait 218288665ns, put x=2, wait 2304284298ns, put x=3], starts_at: 39143us}
  - {clients: c2, generate: {count: 30, value_size: 700..900, think_time: 1ms..9ms}}
faults:
  - {crash: b, randomly: 1, from: 1039143us, to: 2291340us, for: 2054246us..3s, label: dark}
  - {clock_step: a, at: 731415us, by: 31415us, may_miss: yes}
end: {until: 8291340us}
expect: {never: [primary_went_alone], sometimes: [founded], in_sync: [a, b]}
)"));
  const Shrunk shrunk = shrink(capsule.scenario, capsule.kind);
  const std::string text = save_text(shrunk.scenario);
  INFO(text);
  CHECK(shrunk.minimal);
  REQUIRE(shrunk.scenario.faults.size() == 1);
  CHECK(shrunk.scenario.faults[0].may_miss);
  CHECK(shrunk.scenario.expect.sometimes.empty());
  CHECK_FALSE(shrunk.scenario.expect.in_sync);
  CHECK(shrunk.scenario.faults[0].label.empty());
  CHECK_FALSE(has_odd_times(text));
}

TEST_CASE(
    "what is drawn from a range becomes one value, and a number that is needed a round one, wherever they stand") {
  const auto shrunk = [](const std::string& story) {
    const Capsule capsule = sealed(scenario("why: Settings as a generator draws them.\n" + story));
    return shrink(capsule.scenario, capsule.kind).scenario;
  };
  const Scenario late = shrunk(R"(
workload: [{script: [put x=1, wait 5s, put x=2]}]
faults: [{delay: a -> b, at: 3s, by: "613ms..787ms, 1/40 of them 801ms..902ms", may_miss: on}]
end: {until: 8s}
expect: {never: [suspects_peer]}
)");
  INFO(save_text(late));
  REQUIRE(late.faults.size() == 1);
  CHECK(late.faults[0].delay == sim::constant(milliseconds(500)));
  const Scenario idle = shrunk(R"(
cluster: {client: {answer_within: 312345us}, store: {session_expires_after: 643210us}}
workload: [{script: [put x=1, wait 5s, put x=2]}]
expect: {never: [sessions_expired]}
)");
  INFO(save_text(idle));
  CHECK(idle.cluster.client == ClientSettings{});
  CHECK(idle.cluster.store.session_expires_after == milliseconds(500));
  const Scenario full = shrunk(R"(
cluster: {store: {checkpoint_every_bytes: 1777}}
workload: [{generate: {count: 41, mix: {put: 1}, value_size: 413..917, think_time: 1ms..7ms}}]
expect: {never: [checkpoint_in_stream]}
)");
  INFO(save_text(full));
  CHECK(full.cluster.store.checkpoint_every_bytes == 1024);
}

TEST_CASE("what a fault waits for is counted from less work where less is done") {
  for (const std::string work : {"script: [put k=1, put k=2, put k=3, put k=4, put k=5, put k=6, put k=7, put k=8]",
                                 "generate: {count: 60, mix: {put: 1}}"}) {
    const Capsule capsule = sealed(scenario("why: A takeover late in much work.\nworkload: [{starts_at: 2s, " + work +
                                            "}]\nfaults: [{kill: a, when: the log of a reaches 11}]\n"
                                            "end: {until: 5s}\nexpect: {never: [backup_took_over]}\n"));
    const Shrunk shrunk = shrink(capsule.scenario, capsule.kind);
    INFO(save_text(shrunk.scenario));
    CHECK(shrunk.minimal);
    CHECK(shrunk.elements <= 5);  // the fault, the nodes, and perhaps a client that asks for one thing
  }
}

TEST_CASE("what takes too long does so with settings that leave it enough time") {
  const Capsule capsule = sealed(scenario(R"(
why: A client asks in vain, since too much is lost for the survivor to go on.
cluster:
  clients: 2
  store: {heartbeat_every: 5ms, suspect_after: 15ms, retry_after: 10ms, seek_for: 10ms}
  client: {answer_within: 20ms, retry_after: 9ms, give_up_after: 2s}
network: {retransmission: 10ms..15ms, retransmission_most: 150ms, connect_timeout: 150ms, connection_timeout: 600ms}
disks: {sync: 100us..200us, unreachable_after: 50ms}
workload: [{script: [put x=1, wait 1s, put x=2]}]
faults: [{kill: a, at: 500ms, may_miss: on}, {kill: arbiter, at: 400ms, may_miss: on}]
end: {until: 1s, lost: [a, arbiter], settle: 1500ms}
)"));
  REQUIRE(leaves_time_to_settle(capsule.scenario));
  REQUIRE(capsule.kind.property == "answered");
  ShrinkOptions options;
  std::map<Duration, std::set<std::uint64_t>> events_max;  // by the time to settle
  options.run = [&](const Scenario& candidate, const RunOptions& run_options) {
    events_max[candidate.end.settle].insert(run_options.events_max);
    return run(candidate, run_options);
  };
  const Shrunk shrunk = shrink(capsule.scenario, capsule.kind, options);
  INFO(save_text(shrunk.scenario));
  CHECK(events_max.at(milliseconds(1500)).contains(options.events_max));
  CHECK(events_max.at(seconds(30)).contains(options.events_max * 20));  // or what is given more time runs out of them
  CHECK(leaves_time_to_settle(shrunk.scenario));
  CHECK(shrunk.scenario.cluster.store == Settings{});
  CHECK(shrunk.scenario.network == Network{});
  CHECK_FALSE(shrunk.scenario.end.lost.empty());  // which is why
}

std::size_t steps_of(const Scenario& scenario) {
  std::size_t steps = 0;
  for (const Work& work : scenario.workload) steps += work.script.size();
  return steps;
}

TEST_CASE("of operations that are there for the time that they take only the time is left") {
  // A deposed primary is asked once: what c1 asks before only finds it, and lets time pass.
  const Scenario busy = scenario(
      "why: Busy.\n"
      "cluster:\n"
      "  clients: 2\n"
      "  store: {reads: leased, suspect_after: 120ms, seek_for: 20ms, lease: 100ms}\n"
      "  client: {answer_within: 80ms, retry_after: 20ms}\n"
      "  rules: {read_confirmation: off}\n"
      "workload:\n"
      "  - clients: c1\n"
      "    script: [get k1, wait 10ms, wait 20ms, wait 10ms, wait 20ms, get k5, wait 5ms, get k5, wait 20ms, wait "
      "20ms,\n"
      "      get k3, wait 20ms, get k2, wait 20ms, get k7, wait 2ms, get k9, wait 10ms, get k4, wait 20ms, get k6]\n"
      "  - clients: c2\n"
      "    script: [put k1=6]\n"
      "faults:\n"
      "  - {delay: primary -> b, when: a notes read_under_lease, by: 1s}\n"
      "  - {delay: primary -> c2, when: a notes read_under_lease, by: 1s}\n"
      "  - {delay: primary -> arbiter, when: anyone notes read_under_lease, by: 1s}\n");
  const Capsule capsule = sealed(busy);
  REQUIRE(capsule.kind.property == "one_primary");
  const Shrunk shrunk = shrink(busy, capsule.kind);
  INFO(save_text(shrunk.scenario));
  CHECK(shrunk.minimal);
  CHECK(steps_of(shrunk.scenario) <= 5);
}

TEST_CASE("a length that has to be as it was drawn is said, and no seed that draws it so") {
  const Scenario lucky = scenario(
      "why: Lucky.\n"
      "seed: 2\n"
      "cluster:\n"
      "  store: {seek_for: 10ms}\n"
      "  rules: {output_rule: off}\n"
      "network:\n"
      "  latency: 2ms\n"
      "workload:\n"
      "  - script: [get k0]\n"
      "expect:\n"
      "  answered: any\n"
      "  redundancy_restored: any\n");
  const Capsule capsule = sealed(lucky);
  const Shrunk shrunk = shrink(lucky, capsule.kind);
  INFO(save_text(shrunk.scenario));
  CHECK(shrunk.minimal);
  const Scenario usual;
  CHECK(shrunk.scenario.seed == usual.seed);
}

TEST_CASE("two waits that follow each other are one where the failure stays") {
  const Scenario idle = scenario(
      "why: Idle.\n"
      "cluster: {nodes: 1, store: {session_expires_after: 150ms}}\n"
      "workload: [{script: [put x=1, wait 100ms, wait 100ms, put x=2]}, {script: [wait 190ms, put y=1]}]\n"
      "expect: {never: [session_expired]}\n");
  const Capsule capsule = sealed(idle);
  const Shrunk shrunk = shrink(idle, capsule.kind);
  const std::string text = save_text(shrunk.scenario);
  INFO(text);
  CHECK(text.find("wait 100ms, wait 100ms") == std::string::npos);
  CHECK(text.find("wait 200ms") != std::string::npos);
}

TEST_CASE("a value that has to be long is as short as the failure allows, and what is waited for it is round") {
  const std::string value(4000, 'v');
  const Capsule capsule = sealed(scenario(R"(
why: A write that is large enough for a checkpoint.
cluster: {clients: 1, store: {checkpoint_every_bytes: 2 KiB}}
workload:
  - {script: [wait 2718281828ns, put x=1, wait 218288665ns, put x=)" +
                                          value + R"(]}
expect: {never: [checkpoint_in_stream]}
)"));
  const Shrunk shrunk = shrink(capsule.scenario, capsule.kind);
  const std::string text = save_text(shrunk.scenario);
  INFO(text);
  CHECK(shrunk.minimal);
  CHECK(text.size() < value.size() * 3 / 4);
  CHECK_FALSE(has_odd_times(text));
}

TEST_CASE("who has no part in a failure goes, though a fault and a link name them, and so do settings of no use") {
  const Capsule capsule = sealed(scenario(R"(
why: A cut with more ends than it needs, on disks of a kind that makes no difference.
cluster: {clients: 3, store: {seek_for: 200ms}}
network: {links: [{link: c3 -> a, latency: 1ms}]}
disks: {sync: 1ms, unreachable_after: 100ms}
workload: [{clients: c1, generate: {count: 12, think_time: 1ms..20ms}}]
faults:
  - {cut: ["b <-> a, c1, c2, c3", c3 -> a], at: 3s, for: 2s}
end: {until: 8s}
expect: {never: [primary_went_alone]}
)"));
  const Shrunk shrunk = shrink(capsule.scenario, capsule.kind);
  INFO(save_text(shrunk.scenario));
  CHECK(shrunk.minimal);
  CHECK(shrunk.scenario.cluster.clients.size() <= 1);
  CHECK(shrunk.scenario.disks == Disks{});
  CHECK(shrunk.scenario.network == Network{});
  REQUIRE(shrunk.scenario.faults.size() == 1);
  REQUIRE(shrunk.scenario.faults[0].links.size() == 1);
  CHECK(shrunk.scenario.faults[0].links[0].from.size() == 1);
  CHECK(shrunk.scenario.faults[0].links[0].to.size() == 1);
}

// A cut of groups that is weakened, with as much of it as each of these says.
const std::string cut_off =
    "why: A cut where it would do that what is sent comes late.\n"
    "workload: [{generate: {count: 12, think_time: 1ms..20ms}}]\n"
    "end: {until: 8s}\n"
    "expect: {never: [primary_went_alone]}\n";

TEST_CASE("a cut of groups becomes weaker with its own links and no others, and fails as it is written down") {
  for (const std::string cut : {"partition: [[b], [a, c1, arbiter]]", "partition: [[b, arbiter], [a, c1, arbiter]]",
                                "isolate: b", "isolate: [b, c1]"}) {
    const Capsule capsule = sealed(scenario(cut_off + "faults: [{" + cut + ", at: 3s}]\n"));
    const Shrunk shrunk = shrink(capsule.scenario, capsule.kind);
    const std::string text = save_text(shrunk.scenario);
    INFO(cut << '\n' << text);
    CHECK(shrunk.minimal);
    REQUIRE(shrunk.scenario.faults.size() == 1);
    CHECK(shrunk.scenario.faults[0].kind == sim::FaultKind::delay);
    CHECK(scenario(text) == shrunk.scenario);
    CHECK(sealed(scenario(text)).kind == capsule.kind);
  }
}

TEST_CASE("what fails by more than its words say is not called minimal") {
  Scenario unsaid = scenario(cut_off + "faults: [{partition: [[b], [a, c1, arbiter]], at: 3s}]\n");
  unsaid.faults[0].kind = sim::FaultKind::clog;  // of which there is none with groups in the language
  const Capsule capsule = sealed(unsaid);
  const Shrunk shrunk = shrink(capsule.scenario, capsule.kind);
  const std::string text = save_text(shrunk.scenario);
  INFO(text);
  const auto failure = failure_of(run(scenario(text)));
  CHECK(shrunk.minimal == (failure && failure->kind == capsule.kind));
}

TEST_CASE("what an operator does is said as plainly as what goes wrong, and is not relied on") {
  const Capsule capsule = sealed(scenario(R"(
why: A backup that leaves, in numbers that a generator draws.
workload: [{generate: {count: 12, think_time: 1ms..20ms}}]
operator:
  - {stop: b, when: a backup is declared in sync at a, later: 991131us, from: 31415us, count: 3}
  - {checkpoint: a, at: 1039143us, may_miss: on}
end: {until: 8s}
expect: {never: [primary_went_alone]}
)"));
  const Shrunk shrunk = shrink(capsule.scenario, capsule.kind);
  const std::string text = save_text(shrunk.scenario);
  INFO(text);
  CHECK(shrunk.minimal);
  REQUIRE(shrunk.scenario.operators.size() == 1);
  const OperatorAction& action = shrunk.scenario.operators[0];
  CHECK(action.may_miss);
  CHECK(action.schedule.count == 1);
  CHECK(action.schedule.delay == Duration{});
  CHECK(action.schedule.from == sim::Time{});
  Scenario mended = shrunk.scenario;
  mended.expect.never.clear();
  mended.operators[0].schedule.when.nth = 99;
  CHECK_FALSE(failure_of(run(mended)));
}

TEST_CASE("what is asked for so long after something that it says nothing is asked for at a time, and a round one") {
  const Capsule capsule = sealed(scenario(R"(
why: A pause that has to come late.
workload: [{script: [put x=1, wait 5s, put y=1]}]
faults: [{pause: b, when: a backup is declared in sync at a, later: 4567123us, for: 2s, may_miss: on}]
operator: [{stop: b, when: a backup is declared in sync at a, later: 4567123us, may_miss: on}]
end: {until: 8s}
expect: {answered_within: 50ms}
)"));
  const Shrunk shrunk = shrink(capsule.scenario, capsule.kind);
  const std::string text = save_text(shrunk.scenario);
  INFO(text);
  CHECK(shrunk.minimal);
  CHECK_FALSE(has_odd_times(text));
  CHECK(text.find("later") == text.npos);
}

TEST_CASE("what makes sense only with a setting goes together with it") {
  const Capsule capsule = sealed(scenario(R"(
why: A takeover that a person orders, and for which there need be no person.
cluster: {arbiter: manual}
workload: [{generate: {count: 12, think_time: 1ms..20ms}}]
faults: [{crash: a, at: 3s}]
operator: [{promote: a, when: a waits for operator}, {promote: b, when: b waits for operator}]
end: {until: 8s}
expect: {never: [backup_took_over]}
)"));
  const Shrunk shrunk = shrink(capsule.scenario, capsule.kind);
  INFO(save_text(shrunk.scenario));
  CHECK(shrunk.minimal);
  CHECK(shrunk.scenario.cluster.arbiter == ArbiterKind::tie_breaker);
  CHECK(shrunk.scenario.operators.empty());
}

TEST_CASE("a fault becomes as weak as the failure allows") {
  const Capsule capsule = sealed(scenario(R"(
why: A crash where it would do that nobody hears of the node in time.
workload: [{generate: {count: 12, think_time: 1ms..20ms}}]
faults: [{crash: b, at: 3s, for: 2s}]
end: {until: 8s}
expect: {never: [primary_went_alone]}
)"));
  const Shrunk shrunk = shrink(capsule.scenario, capsule.kind);
  INFO(save_text(shrunk.scenario));
  CHECK(shrunk.minimal);
  REQUIRE(shrunk.scenario.faults.size() == 1);
  CHECK(shrunk.scenario.faults[0].kind == sim::FaultKind::delay);
}

TEST_CASE("work that has to be done at its times is written out, and a seed is one that a person would take") {
  const Capsule capsule = sealed(scenario(R"(
why: A backup that acknowledges before its sync.
seed: 753833918087
cluster:
  clients: [c2]
  store: {heartbeat_every: 20ms, retry_after: 27ms, seek_for: 20ms}
  rules: {backup_sync_before_ack: off}
disks: {sync: "500us..1ms, 1/40 of them 500us..20ms"}
workload: [{starts_at: 54ms, generate: {count: 4, keys: 4}}]
)"));
  const Shrunk shrunk = shrink(capsule.scenario, capsule.kind);
  INFO(save_text(shrunk.scenario));
  CHECK(shrunk.scenario.seed < 100);
  CHECK(save_text(shrunk.scenario).find("generate") == std::string::npos);
}

}  // namespace
}  // namespace smalldb::scenarios
