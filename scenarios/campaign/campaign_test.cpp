// Failures: their classes, their capsules, what becomes of them when they are shrunk; and campaigns that add up.
#include <catch2/catch.hpp>

#include <functional>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "properties/properties.h"
#include "scenarios/campaign/campaign.h"
#include "scenarios/campaign/capsule.h"
#include "scenarios/campaign/corpus.h"
#include "scenarios/campaign/difference.h"
#include "scenarios/campaign/shrink.h"
#include "scenarios/check.h"
#include "scenarios/generator/promised.h"
#include "scenarios/load.h"
#include "scenarios/run.h"
#include "scenarios/save.h"

namespace smalldb::scenarios {
namespace {

Scenario scenario(const std::string& text) {
  const Loaded loaded = load_text(text, "test.yaml");
  for (const Problem& problem : loaded.problems) FAIL(to_text(problem));
  return *loaded.scenario;
}

// A store without the Output Rule, in the middle of much else.
Scenario with_a_planted_bug() {
  return scenario(R"(
why: A planted bug among much that has nothing to do with it.
seed: 11
ties: shuffled
cluster:
  nodes: 3
  clients: 3
  founders: [a, b]
  store: {checkpoint_every_bytes: 2 KiB, segment_bytes: 1 KiB}
  rules: {output_rule: off}
network: {latency: 1ms..3ms}
clocks: {b: {offset: 3s}}
workload:
  - generate: {count: 30, keys: 3, mix: {get: 1, put: 2, compare_and_set: 1}, think_time: 1ms..20ms}
faults:
  - {delay: a -> b, at: 1s, for: 2s, by: 20ms, may_miss: yes}
  - {pause: c, at: 1200ms, for: 100ms, may_miss: yes}
  - {slow_disk: random, at: 1300ms, for: 500ms, by: 1ms, may_miss: yes}
  - {duplication: all, at: 1s, for: 1s, may_miss: yes}
end: {until: 5s}
)");
}

// Something in nanoseconds or microseconds.
bool has_odd_times(const std::string& text) {
  for (std::size_t i = 0; i + 2 < text.size(); ++i) {
    const std::string unit = text.substr(i + 1, 2);
    if (text[i] >= '0' && text[i] <= '9' && (unit == "ns" || unit == "us")) return true;
  }
  return false;
}

Capsule sealed(const Scenario& failing) {
  auto capsule = seal(failing, {"smalldb-sim test", "a compiler", "a test"});
  REQUIRE(capsule);
  return *capsule;
}

TEST_CASE("failures that differ in names, numbers and answers alone are of one class") {
  const Cluster cluster;
  CHECK(shape_of("a is primary at the end: b is, for 1.25 s", cluster) ==
        shape_of("b is primary at the end: a is, for 3 s", cluster));
  CHECK(shape_of("a is primary at the end: b is", cluster) != shape_of("k1 is 3 at the end: it is 4", cluster));

  const auto class_of = [](std::uint64_t seed) {
    const auto failure = failure_of(run(scenario("why: Fails.\nseed: " + std::to_string(seed) +
                                                 "\ncluster: {rules: {output_rule: off}}\n"
                                                 "workload: [{generate: {count: 100, keys: 3, think_time: 5ms}}]\n")));
    REQUIRE(failure);
    return failure->kind;
  };
  CHECK(class_of(3) == class_of(4));
  CHECK(class_of(2) == FailureClass{"output_rule", "not at a backup that was joining"});
  CHECK(class_of(3) == FailureClass{"output_rule", "not at the backup"});
}

TEST_CASE("a run that is as expected is no failure, and a hang is one") {
  CHECK_FALSE(failure_of(run(scenario("why: Good.\nworkload: [{script: [put x=1]}]\n"))));
  const auto failure = failure_of(
      run(scenario("why: No end.\nworkload: [{generate: {count: 100000, think_time: 10ms}}]\nend: {limit: 3s}\n")));
  REQUIRE(failure);
  CHECK(failure->kind.property == hang);
}

TEST_CASE("what could not be judged is told as a question, and why it is open") {
  Result result;
  result.judgements = {{"answered holds", Judgement::Met::yes, "holds", {}},
                       {"linearizability holds", Judgement::Met::unknown, "unknown: the search was given up", {}}};
  const auto failure = failure_of(result);
  REQUIRE(failure);
  CHECK(failure->kind == FailureClass{std::string(unjudged), "whether linearizability holds"});
  CHECK(failure->witness == "whether linearizability holds: unknown: the search was given up");
  CHECK_FALSE(is_certain(failure->kind));
}

TEST_CASE("a capsule is read back as it was written, and its scenario fails the same way") {
  const Capsule capsule = sealed(with_a_planted_bug());
  std::vector<Problem> problems;
  const auto again = read_capsule(write_capsule(capsule), "c.capsule", problems);
  for (const Problem& problem : problems) FAIL(to_text(problem));
  REQUIRE(again);
  CHECK(*again == capsule);
  CHECK(sealed(again->scenario).chain == capsule.chain);
}

TEST_CASE("what was interrupted has not failed, and is not sealed") {
  const Scenario long_one =
      scenario("why: Long.\nworkload: [{generate: {count: 2000}}]\nexpect: {sometimes: [log_damaged]}\n");
  Origin origin{"smalldb-sim test", "a compiler", "a test"};
  CHECK(seal(long_one, origin));
  origin.interrupted = [] { return true; };
  CHECK_FALSE(seal(long_one, origin));
}

TEST_CASE("a capsule that is cut off anywhere is a problem with its place, never a crash") {
  const std::string text = write_capsule(sealed(with_a_planted_bug()));
  for (std::size_t size = 0; size < text.size(); size += size < text.find("\n---\n") ? 97 : 1) {
    INFO(size << " bytes of " << text.size());
    std::vector<Problem> problems;
    CHECK_FALSE(read_capsule(text.substr(0, size), "c.capsule", problems));
    CHECK_FALSE(problems.empty());
  }
}

TEST_CASE("two hash chains part where their runs part, also when they are thinned out") {
  for (const std::uint64_t parted : {10, 3000, 20'000}) {
    HashChain one, other;
    for (std::uint64_t call = 0; call < 30'000; ++call) {
      const std::uint64_t hash = (call + 1) * 0x9e3779b97f4a7c15;
      one.add(hash);
      other.add(call < parted ? hash : ~hash);
    }
    const auto fork = HashChain::fork(one, other);
    REQUIRE(fork);
    CHECK(fork->agreed <= parted);
    CHECK(parted < fork->differ);
    CHECK(fork->differ - fork->agreed <= 16);
    CHECK_FALSE(HashChain::fork(one, one));
  }
}

TEST_CASE("the first event in which two runs differ is found") {
  const Scenario one = scenario("why: One.\nworkload: [{script: [put x=1, wait 1s, put y=1]}]\n");
  const Scenario other = scenario("why: Another.\nworkload: [{script: [put x=1, wait 1s, put y=2]}]\n");
  CHECK_FALSE(first_difference(one, one));
  const auto difference = first_difference(one, other);
  REQUIRE(difference);
  REQUIRE(difference->one.events.size() > 5);
  const auto first_of = [&](const Recording& recording) {
    for (const sim::TraceEvent& event : recording.events) {
      if (event.index == difference->event) return event;
    }
    FAIL("the event is not there");
    return sim::TraceEvent{};
  };
  CHECK(first_of(difference->one).kind == sim::EventKind::input);
  CHECK(first_of(difference->one).time.nanoseconds > 1'000'000'000);
  CHECK(first_of(difference->one).payload != first_of(difference->other).payload);
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
    CHECK(tasks == shrunk.elements);  // the last that was looked at together
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
    "what shrinks relies on its faults, names nothing that has no part in it, and has numbers that one would write") {
  const Capsule capsule = sealed(scenario(R"(
why: A crash that leaves a primary alone, in numbers that a generator draws.
cluster: {clients: 2}
workload:
  - {clients: c1, script: [put x=1, wait 218288665ns, put x=2, wait 2304284298ns, put x=3], starts_at: 39143us}
  - {clients: c2, generate: {count: 30, value_size: 700..900, think_time: 1ms..9ms}}
faults:
  - {crash: b, randomly: 1, from: 1039143us, to: 2291340us, for: 2054246us..3s, may_miss: yes, label: dark}
  - {clock_step: a, at: 731415us, by: 31415us, may_miss: yes}
end: {until: 8291340us}
expect: {never: [primary_went_alone], sometimes: [founded], in_sync: [a, b]}
)"));
  const Shrunk shrunk = shrink(capsule.scenario, capsule.kind);
  const std::string text = save_text(shrunk.scenario);
  INFO(text);
  CHECK(shrunk.minimal);
  REQUIRE(shrunk.scenario.faults.size() == 1);
  CHECK_FALSE(shrunk.scenario.faults[0].may_miss);
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
workload: [{generate: {count: 41, mix: {get: 0}, value_size: 413..917, think_time: 1ms..7ms}}]
expect: {never: [checkpoint_in_stream]}
)");
  INFO(save_text(full));
  CHECK(full.cluster.store.checkpoint_every_bytes == 1024);
}

TEST_CASE("what a fault waits for is counted from less work where less is done") {
  for (const std::string work : {"script: [put k=1, put k=2, put k=3, put k=4, put k=5, put k=6, put k=7, put k=8]",
                                 "generate: {count: 60, mix: {get: 0}}"}) {
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
  const Shrunk shrunk = shrink(capsule.scenario, capsule.kind);
  INFO(save_text(shrunk.scenario));
  CHECK(leaves_time_to_settle(shrunk.scenario));
  CHECK_FALSE(shrunk.scenario.end.lost.empty());  // which is why
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

TEST_CASE("no less is expected of what is left than of any scenario, unless disks lose what a store rests on") {
  const std::string expected =
      "expect: {others: if_recoverable, no_lost_write: if_recoverable, answered: if_recoverable, ";
  const std::string store = "why: Much may be lost.\nworkload: [{generate: {count: 30, think_time: 10ms}}]\n";
  const auto shrunk = [&](const std::string& more) {
    const Capsule capsule = sealed(scenario(store + more));
    return shrink(capsule.scenario, capsule.kind).scenario;
  };
  const Scenario plain = shrunk("cluster: {rules: {output_rule: off}}\n" + expected + "never: [log_damaged]}\n");
  INFO(save_text(plain));
  CHECK(plain.expect == Expectations{});
  const Scenario wiped = shrunk(
      "faults:\n"
      "  - {wiped_disk: b, when: a backup is declared in sync at a}\n"
      "  - {crash: b, when: a backup is declared in sync at a, later: 10ms, for: 1s}\n"
      "end: {until: 6s}\n" +
      expected + "never: [log_damaged]}\n");
  INFO(save_text(wiped));
  CHECK(wiped.expect.others == Expected::if_recoverable);
  CHECK(wiped.expect.properties.empty());  // of which nothing is said that is not said of the others
}

TEST_CASE("what an operator does is said as plainly as what goes wrong, and is relied on") {
  const Capsule capsule = sealed(scenario(R"(
why: A backup that leaves, in numbers that a generator draws.
workload: [{generate: {count: 12, think_time: 1ms..20ms}}]
operator:
  - {stop: b, when: a backup is declared in sync at a, later: 991131us, from: 31415us, count: 3, may_miss: on}
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
  CHECK_FALSE(action.may_miss);
  CHECK(action.schedule.count == 1);
  CHECK(action.schedule.delay == Duration{});
  CHECK(action.schedule.from == sim::Time{});
  Scenario stale = shrunk.scenario;
  stale.expect.never.clear();
  CHECK_FALSE(failure_of(run(stale)));
  stale.operators[0].schedule.when.nth = 99;
  CHECK(failure_of(run(stale)));
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

TEST_CASE("a corpus exercises all that its runs did, in the fewest events, and is read as it was written") {
  const auto of_run = [](std::uint64_t events, std::initializer_list<const char*> seen) {
    Tally tally;
    tally.runs = 1;
    tally.events = events;
    for (const char* condition : seen) tally.runs_with[condition] = 1;
    return tally;
  };
  const std::vector<std::pair<std::uint64_t, Tally>> runs = {
      {1, of_run(900, {"fenced", "log_cut"})}, {2, of_run(100, {"fenced"})}, {3, of_run(150, {"log_cut", "fenced"})},
      {4, of_run(800, {"flow_control"})},      {5, of_run(10, {})},          {6, of_run(800, {"flow_control"})}};
  Distiller forwards, backwards;
  for (const auto& [seed, tally] : runs) forwards.add(seed, tally);
  for (auto run = runs.rbegin(); run != runs.rend(); ++run) backwards.add(run->first, run->second);
  Tally failed = of_run(1, {"fenced", "log_cut", "flow_control"});
  failed.add_failure({"output_rule", "shape"}, {7, Budget::survivable, 1, ""});
  forwards.add(7, failed);
  const Corpus corpus = forwards.distil();
  CHECK(corpus.seeds == std::vector<Corpus::Seed>{{3, {"fenced", "log_cut"}}, {4, {"flow_control"}}});
  CHECK(backwards.distil().seeds == corpus.seeds);

  std::string expected;
  const auto read = Corpus::read("# a title\n\n" + corpus.write() + "12", expected);
  REQUIRE(read);
  REQUIRE(read->seeds.size() == 3);
  CHECK(read->seeds[1].seed == 4);
  CHECK(read->seeds[2].seed == 12);
  CHECK_FALSE(Corpus::read("3\nx\n", expected));
  CHECK(expected == "line 2: expected a seed, and # before anything else");
}

TEST_CASE("a store that keeps its rules passes, and what many runs come to adds up in any order",
          "[again]") {  // so does `fuzz`, of more seeds
  Campaign campaign;
  campaign.events_max = 300'000;
  Tally all, early, late;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    run_seed(campaign, seed, all);
    run_seed(campaign, seed, seed <= 30 ? early : late);
  }
  for (const auto& [kind, found] : all.findings) FAIL("seed " << found.fastest.seed << ": " << to_text(kind));
  late.add(early);
  CHECK(late.runs == 60);
  CHECK(late.events == all.events);
  CHECK(late.coverage == all.coverage);
  CHECK(late.judged == all.judged);
  CHECK(late.shapes == all.shapes);
}

TEST_CASE("a property is judged in a run in which it could have failed, and in no other") {
  const auto judged = [](const std::string& more) {
    Tally tally;
    tally.add(1, Budget::survivable, run(scenario("why: Judged.\nworkload: [{generate: {count: 30}}]\n" + more)));
    return tally.judged;
  };
  using Counts = std::map<std::string, std::uint64_t>;
  Counts all;
  for (const std::string_view property : properties::names()) all.emplace(property, 1);
  // Nobody took over, no two checkpoints were made, nothing failed, and no session was dropped.
  for (const char* property :
       {"no_lost_write", "checkpoints_identical", "epochs_never_fall", "definite_failure", "sessions_kept"}) {
    all.erase(property);
  }
  CHECK(judged("") == all);
  SECTION("what there was nothing to see of is not") {
    const Counts nobody_asks = judged("cluster: {arbiter: manual, founders: []}\nend: {until: 4s, heal: no}\n");
    CHECK(nobody_asks == Counts{{"no_assertion", 1}});
  }
  SECTION("an answered write can be lost once somebody takes over") {
    CHECK(judged("faults: [{kill: a, at: 1s, for: 3s}]\n").contains("no_lost_write"));
  }
  SECTION("what is expected to come out either way is not") {
    CHECK(judged("expect: {others: any, output_rule: holds}") == Counts{{"output_rule", 1}});
  }
  SECTION("what asks for a healed world is not, in one that is left as it is") {
    Counts safety = all;
    safety.erase("answered");
    safety.erase("redundancy_restored");
    CHECK(judged("end: {heal: no}") == safety);
  }
  SECTION("a violation is, and what it kept from being seen to the end is not") {
    const Counts ended = judged("cluster: {rules: {output_rule: off}}");
    CHECK(ended.contains("output_rule"));
    CHECK_FALSE(ended.contains("linearizability"));
    CHECK_FALSE(ended.contains("answered"));
  }
  SECTION("what would have been excused is not, though it came out well") {
    const std::string lost =
        "faults: [{crash: arbiter, at: 1s, for: 1s}, {wiped_disk: arbiter, at: 1500ms}]\nend: {until: 4s}\n";
    Counts safety = all;
    safety.erase("answered");
    safety.erase("redundancy_restored");
    CHECK(judged(lost).contains("answered"));
    CHECK(judged(lost + "expect: {answered: if_recoverable, redundancy_restored: if_recoverable}") == safety);
  }
}

TEST_CASE("of a class the run with the fewest events is kept, whoever found it first") {
  const FailureClass kind{"output_rule", "shape"};
  Tally one, other;
  one.add_failure(kind, {9, Budget::survivable, 700, "slow"});
  other.add_failure(kind, {12, Budget::survivable, 300, "fast"});
  other.add_failure(kind, {11, Budget::survivable, 300, "as fast, and earlier"});
  Tally forwards = one, backwards = other;
  forwards.add(other);
  backwards.add(one);
  CHECK(forwards.findings == backwards.findings);
  CHECK(forwards.findings.at(kind).count == 3);
  CHECK(forwards.findings.at(kind).fastest.seed == 11);
}

TEST_CASE("a word stands for a seed, a number for itself, and a number that is too large for none") {
  std::string expected;
  CHECK(seed_of_word("1234", expected) == 1234);
  CHECK(seed_of_word("18446744073709551615", expected) == 18446744073709551615u);
  CHECK(seed_of_word("5874a5d", expected) == seed_of_word("5874a5d", expected));
  CHECK(seed_of_word("5874a5d", expected) != seed_of_word("5874a5e", expected));
  CHECK_FALSE(seed_of_word("18446744073709551616", expected));
  CHECK(expected == "a seed: a number up to 18446744073709551615, or a word");
  CHECK_FALSE(seed_of_word("", expected));
  for (const char* const numbers : {"1,2,3", "1.5", "-1", "1..5", "1 2"}) CHECK_FALSE(seed_of_word(numbers, expected));
}

}  // namespace
}  // namespace smalldb::scenarios
