// What a scenario says that can never be.
#include "scenarios/check.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <iterator>
#include <string>

#include "scenarios/occurrence.h"
#include "scenarios/testing/problems.h"

namespace smalldb::scenarios {
namespace {

struct Mistake {
  const char* text;
  const char* problem;  // null: any
};

constexpr Mistake mistakes[] = {
    // Who cannot be at the other end
    {"faults: [{crash: a, when: a receives record 3 from a}]",
     "2:27: found \"a receives record 3 from a\", expected another process at the other end"},
    {"faults: [{crash: a, when: a connects to a}]",
     "2:27: found \"a connects to a\", expected another process at the other end"},
    {"faults: [{crash: a, when: a loses its link to a}]",
     "2:27: found \"a loses its link to a\", expected another process at the other end"},
    {"faults: [{crash: a, when: c1 connects to arbiter}]",
     "2:27: found \"c1 connects to arbiter\", expected a connection that is opened: by a node to a node or the "
     "arbiter, "
     "or by a client to a node"},
    {"faults: [{crash: a, when: arbiter connects to a}]", nullptr},
    {"faults: [{crash: a, when: a connects to c1}]", nullptr},
    {"faults: [{crash: a, when: c1 loses its link to arbiter}]",
     "2:27: found \"c1 loses its link to arbiter\", expected a connection that there is: one end of each is a node"},
    {"cluster: {store: {arbiter_ping_every: 1s}}\nfaults: [{crash: a, when: a receives ping}]",
     "3:27: found \"ping\" to \"a\", expected the arbiter at that end"},
    // More often than it can be
    {"workload: [{script: [put x=1, get x]}]\nfaults: [{crash: a, when: \"c1's operation 1 is issued, the 2nd time\"}]",
     "3:27: found \"c1's operation 1 is issued, the 2nd time\", expected the first time: it occurs once"},
    {"workload: [{script: [put x=1, get x]}]\nfaults: [{crash: a, when: \"c1 issues an operation, the 3rd time\"}]",
     "3:27: found \"c1 issues an operation, the 3rd time\", expected no more than 2 times"},
    {"workload: [{script: [put x=1, get x]}]\nfaults: [{crash: a, when: \"2 operations are answered, the 2nd time\"}]",
     "3:27: found \"2 operations are answered, the 2nd time\", expected the first time: it occurs once"},
    {"faults: [{crash: a, at: 1s, for: 1s, label: me}, {pause: b, when: \"fault me begins, the 2nd time\"}]",
     "2:67: found \"fault me begins, the 2nd time\", expected the first time: it occurs once"},
    {"faults: [{crash: a, when: \"a founds the store, the 2nd time\"}]",
     "2:27: found \"a founds the store, the 2nd time\", expected something that can occur: a store is founded once"},
    {"workload: [{script: [put x=1, get x]}]\nfaults: [{crash: a, when: c1's operation 1 is issued, count: 7}]",
     "3:62: found 7 times, expected no more than 1: \"c1's operation 1 is issued\" occurs once"},
    {"workload: [{script: [put x=1, get x]}]\nfaults: [{crash: a, when: c1 issues an operation, count: 5}]",
     "3:58: found 5 times, expected no more than 2: \"c1 issues an operation\" occurs no more often"},
    {"workload: [{script: [put x=1, get x]}]\noperator: [{checkpoint: a, when: 2 operations are answered, count: 2}]",
     nullptr},
    {"cluster: {clients: 2}\nworkload: [{clients: c1, script: [get x]}]\nfaults: [{crash: a, when: c2 retries}]",
     "4:27: found c2 retries, expected something that occurs: there is no operation"},
    {"faults: [{crash: a, when: anyone notes client_gave_up}]", nullptr},
    {"cluster: {nodes: 3, spares: c}\nfaults: [{crash: b, when: c goes live}]",
     "3:27: found c, a spare that nobody starts, expected a node that runs, or an operator's start: c"},
    {"cluster: {nodes: 3, spares: c}\nfaults: [{crash: b, when: b receives hello from c}]", nullptr},
    // What is not done to a file
    {"faults: [{crash: a, when: a writes to meta}]",
     "2:27: found meta, expected a file that is written there: meta.tmp, log-* or checkpoint-*.tmp; did you mean "
     "meta.tmp?"},
    {"faults: [{crash: a, when: a syncs meta}]", nullptr},
    {"faults: [{crash: a, when: anyone renames to log-*}]", nullptr},
    {"faults: [{crash: a, when: a renames to meta.tmp}]",
     "2:27: found meta.tmp, expected a file that gets its name by a rename there: meta or checkpoint-*; did you mean "
     "meta?"},
    {"faults: [{phantom_write: a, file: meta, at: 1s, may_miss: yes}]",
     "2:35: found meta, expected a file that is written there: meta.tmp, log-*, checkpoint-*.tmp, grants, claim-* or "
     "ping-*-new; did you mean meta.tmp?"},
    {"faults: [{misdirected_write: a, file: checkpoint-*0, at: 1s}]", nullptr},
    {"cluster: {arbiter: shared_lock}\nfaults: [{crash: a, when: a syncs epoch-*}]", nullptr},
    {"cluster: {arbiter: shared_lock}\nfaults: [{crash: a, when: a renames to epoch-*}]", nullptr},
    {"cluster: {arbiter: shared_lock}\nfaults: [{crash: a, when: a renames to ping-*}]", nullptr},
    {"cluster: {arbiter: shared_lock, store: {arbiter_ping_every: 1s}}\nfaults: [{crash: a, when: a syncs ping-a*}]",
     nullptr},
    {"faults: [{crash: arbiter, when: arbiter renames to grants}]",
     "2:33: found grants, expected a file that gets its name by a rename there, of which there is none"},
    // What nobody does, or what is switched off
    {"faults: [{crash: b, when: b founds the store}]", "2:27: found \"b\", which is no founder, expected a founder: a"},
    {"faults: [{crash: a, when: a notes read_under_lease}]",
     "2:27: found a read under a lease without leases, expected something that can occur, or reads: leased"},
    {"faults: [{crash: a, when: a notes arbiter_away}]", nullptr},
    {"faults: [{crash: a, when: a receives pong}]",
     "2:27: found a pong without arbiter_ping_every, expected something that can occur, or an arbiter_ping_every above "
     "0s"},
    {"cluster: {store: {checkpoint_every_bytes: 0}}\nfaults: [{crash: a, when: a begins a checkpoint}]", nullptr},
    {"faults: [{pause: a, when: anyone waits for the operator}]", nullptr},
    {"faults: [{crash: a, when: c1 crashes}]",
     "2:27: found \"c1 crashes\", expected something that can occur: no other fault crashes or kills c1"},
    {"faults: [{crash: a, at: 1s}, {pause: a, when: b crashes}]", nullptr},
    {"operator: [{checkpoint: a, when: anyone crashes}]",
     "2:34: found \"anyone crashes\", expected something that can occur: no fault crashes or kills anyone"},
    {"faults: [{old_disk: a, at: 2s}, {saved_disk: b, at: 1s}]", nullptr},
    {"faults: [{old_disk: a, at: 1s}, {saved_disk: a, at: 2s}]", nullptr},
    // Too late
    {"workload: [{script: [put x=1, get x]}]\nfaults: [{crash: a, when: c1's operation 2 is issued, later: 23000h}]",
     "3:62: found \"23000h\", expected less than the end's limit (10min)"},
    {"workload: [{script: [wait 6min, get x, wait 5min, put x=1]}]",
     "2:40: found a wait until 11min, expected one that is over before the end's limit (10min)"},
    {"workload: [{script: [wait until c1 has an answer, put x=2]}]",
     "2:22: found \"c1 has an answer\", expected something that does not wait for this step in turn: no more than 0 "
     "operations come without it"},
    {"workload: [{script: [put x=1, wait until c1's operation 2 is issued, put x=2]}]", nullptr},
    // What is not judged
    {"expect: {answered: holds}\nend: {heal: no}",
     "2:20: found \"answered\" beside heal: no, expected heal: yes, without which it is not judged; or any"},
    {"expect: {redundancy_restored: violated}\nend: {heal: no}", nullptr},
    // The same twice, and none at all
    {"faults: [{crash: [a, a], at: 1s}]", "2:22: found \"a\" again, expected each name once"},
    {"faults: [{isolate: [a, a], at: 1s}]", "2:24: found \"a\" again, expected each name once"},
    {"faults: [{loss: all, at: 1s, times: 0}]", "2:37: found \"0\", expected a whole number from 1 to 1000000000"},
    {"faults: [{bit_rot: a, file: \"\", at: 1s}]", "2:29: found \"\", expected a text, or none of this key"},
};

TEST_CASE("a world that does not heal says nothing of liveness, and may be asked of safety") {
  CHECK(testing::problems_of("expect: {answered: any, redundancy_restored: if_recoverable, output_rule: holds, others: "
                             "holds}\nend: {heal: no}")
            .empty());
}

TEST_CASE("a name that is there twice is told of once") {
  const std::string twice =
      testing::problems_of("cluster: {nodes: [a, a]}\nfaults: [{crash: a, when: b goes live}]\nexpect: {primary: b}");
  INFO(twice);
  CHECK(twice.find("a or a") == std::string::npos);
  CHECK(twice.find("a node: a") != std::string::npos);
}

TEST_CASE("what occurs as often as it is waited for, or may miss, is waited for") {
  const std::string two = "workload: [{script: [put x=1, get x]}]\nfaults: [{crash: a, for: 1s, when: ";
  CHECK(testing::problems_of(two + "c1 issues an operation, count: 2}]").empty());
  CHECK(testing::problems_of(two + "\"c1 issues an operation, the 2nd time\", count: 1}]").empty());
  CHECK_FALSE(testing::problems_of(two + "\"c1 issues an operation, the 2nd time\", count: 2}]").empty());
  CHECK(testing::problems_of(two + "c1 issues an operation, count: 3, may_miss: yes}]").empty());
}

TEST_CASE("a spare begins when the fault is over that it was down by") {
  const std::string faults = "cluster: {nodes: 3, spares: c}\nfaults: ";
  CHECK(testing::problems_of(faults + "[{power_failure: all, at: 500ms, for: 300ms}, {pause: c, at: 900ms}]").empty());
  CHECK(
      testing::problems_of(faults + "[{kill: random, at: 1s, for: 1s}, {crash: b, when: c becomes seeking}]").empty());
}

TEST_CASE("what the list of occurrences says can be waited for") {
  for (const OccurrenceDescription& known : occurrence_descriptions()) {
    std::string phrase = known.phrase;
    std::erase_if(phrase, [](char letter) { return letter == '[' || letter == ']'; });
    INFO(phrase);
    const std::string arbiter = phrase.find("operator") != std::string::npos ? "manual" : "tie_breaker";
    CHECK(testing::problems_of("cluster: {arbiter: " + arbiter + "}\nworkload: [{script: [get x, get x, get x]}]\n" +
                               "faults: [{crash: b, label: split, at: 1s, for: 1s}, {pause: b, when: \"" + phrase +
                               "\", for: 1s, may_miss: yes}]")
              .empty());
  }
}

TEST_CASE("what is done to a file is waited for") {
  const char* const done = GENERATE("a writes to meta.tmp", "a syncs meta.tmp", "a renames to meta", "a syncs log-*",
                                    "a writes to checkpoint-*", "a renames to checkpoint-*", "a syncs *.tmp",
                                    "a writes to claim-*", "a syncs claim-*", "a syncs ping-*-new",
                                    "a writes to ping-*", "before a renames to ping-0", "a renames to ping-1*");
  INFO(done);
  CHECK(testing::problems_of("cluster: {arbiter: shared_lock, store: {arbiter_ping_every: 1s}}\n"
                             "faults: [{crash: a, for: 1s, when: " +
                             std::string(done) + "}]")
            .empty());
}

TEST_CASE("pings are files of the shared volume where there are any") {
  const std::string fault = "faults: [{bit_rot: all, shared: yes, file: ping-*, at: 1s}]";
  CHECK(testing::problems_of("cluster: {arbiter: shared_lock, store: {arbiter_ping_every: 1s}}\n" + fault).empty());
  CHECK(testing::problems_of("cluster: {arbiter: shared_lock}\n" + fault) ==
        "3:44: found \"ping-*\", expected a file that is written there: epoch-* or claim-*");
}

TEST_CASE("a number in quotes is told to be a text") {
  CHECK(testing::problems_of("seed: \"1\"") ==
        "2:7: found a text in quotes, \"1\", expected a whole number below 2^64, without quotes");
  CHECK(testing::problems_of("seed: \"one\"") == "2:7: found \"one\", expected a whole number below 2^64");
}

TEST_CASE("a mistake in who arbitrates hides nothing of those who do not") {
  const std::string rest =
      "faults: [{crash: primry, at: 5s}, {cut: a <-> a, at: 1s}, {bit_rot: a, file: lgo-*, at: 1s},\n"
      "  {crash: b, when: fault nosuch begins}, {pause: a, when: bb goes live}, {crash: arbiter, at: 1s}]\n"
      "network: {links: [{link: a <-> z, latency: 1ms}]}";
  const auto lines = [&](const std::string& cluster) {
    std::string found = testing::problems_of("cluster: " + cluster + "\n" + rest);
    return std::count(found.begin(), found.end(), '\n') + 1;
  };
  CHECK(lines("{nodes: [a, b]}") == 6);
  CHECK(lines("{nodes: [a, b], arbitr: tie_breaker}") == 7);
  CHECK(lines("{nodes: [a, b], arbiter: tie_braker}") == 7);
  CHECK(lines("{nodes: [a, b], clients: 2, bananas: 7}") == 7);
  CHECK(testing::problems_of("cluster: {arbiter: tie_braker}\nfaults: [{pause: a, when: arbiter receives claim}]") ==
        testing::problems_of("cluster: {arbiter: tie_braker}"));
}

TEST_CASE("faults of which each waits until another brings somebody down are a ring") {
  const std::string ring = "faults: [{crash: a, when: b crashes, for: 1s}, {kill: b, when: a crashes, for: 1s}";
  CHECK(testing::problems_of(ring + "]") ==
        "2:27: found \"b crashes\", expected something that does not wait for this fault in turn\n"
        "2:64: found \"a crashes\", expected something that does not wait for this fault in turn");
  CHECK(testing::problems_of(ring + ", {crash: b, at: 5s, for: 1s}]").empty());
  CHECK(testing::problems_of(ring + ", {power_failure: all, at: 5s, for: 1s}]").empty());
  CHECK(testing::problems_of(
            "faults: [{crash: a, when: b crashes, label: first}, {crash: b, when: fault first begins}]") ==
        "2:27: found \"b crashes\", expected something that does not wait for this fault in turn\n"
        "2:70: found \"fault first begins\", expected something that does not wait for this fault in turn");
  CHECK(testing::problems_of(
            "faults: [{crash: a, when: b crashes, may_miss: yes}, {crash: b, when: a crashes, may_miss: yes}]")
            .empty());
}

TEST_CASE("what can never be is one problem that says what could") {
  const Mistake mistake = GENERATE(from_range(std::begin(mistakes), std::end(mistakes)));
  INFO(mistake.text);
  std::string found = testing::problems_of(mistake.text);
  CHECK_FALSE(found.empty());
  CHECK(found.find('\n') == std::string::npos);
  if (mistake.problem == nullptr) return;
  std::string wanted = mistake.problem;
  for (std::string* text : {&found, &wanted}) std::erase(*text, '"');  // what stood there stands in quotes
  CHECK(found == wanted);
}

TEST_CASE("faults that wait for each other in a ring are told, and no others") {
  CHECK(testing::problems_of("faults:\n"
                             "  - {crash: a, when: fault y begins, label: x}\n"
                             "  - {crash: b, when: fault z ends, label: y}\n"
                             "  - {crash: a, when: fault x begins, label: z}\n"
                             "  - {crash: b, when: fault x begins, label: other}\n") ==
        "3:22: found \"fault y begins\", expected something that does not wait for this fault in turn\n"
        "4:22: found \"fault z ends\", expected something that does not wait for this fault in turn\n"
        "5:22: found \"fault x begins\", expected something that does not wait for this fault in turn");
  CHECK(testing::problems_of("faults:\n"
                             "  - {crash: a, at: 1s, until: fault two begins, label: one}\n"
                             "  - {crash: b, when: fault one ends, for: 1s, label: two}\n"
                             "  - {crash: b, when: fault two ends}\n") ==
        "3:31: found \"fault two begins\", expected something that does not wait for this fault in turn\n"
        "4:22: found \"fault one ends\", expected something that does not wait for this fault in turn");
  CHECK(testing::problems_of("faults:\n"
                             "  - {crash: a, at: 1s, until: fault y begins, label: x}\n"
                             "  - {crash: b, when: fault x begins, label: y}\n"
                             "  - {pause: a, at: 1s, until: fault v begins, for: 1s, label: u}\n"
                             "  - {pause: b, when: fault u ends, label: v}\n")
            .empty());
}

TEST_CASE("what can be met passes") {
  for (const char* text :
       {"cluster: {nodes: 3, spares: [c]}\noperator: [{start: c, at: 1s}]\nfaults: [{kill: c, at: 2s}]",
        "cluster: {nodes: 3, spares: [c]}\nfaults: [{kill: c, at: 2s, may_miss: yes}]",
        "faults: [{bit_rot: [arbiter, a], file: grants, at: 1s}]",
        "faults: [{sync_failure: all, file: \"*\", at: 1s}]",
        "faults: [{bit_rot: a, file: log-0000000001-*7, at: 1s}]",
        "cluster: {arbiter: shared_lock}\nfaults: [{crash: a, when: b writes to claim-*-0af*}]",
        "expect: {in_sync: [a], primary: a}",
        "expect: {in_sync: [], primary: nobody}",
        "expect: {in_sync: [a, b], primary: b}",
        "cluster: {nodes: 1}\nexpect: {in_sync: [a]}",
        "workload: [{script: [get x]}, {generate: {count: 2}}]\nexpect: {answered_at_least: 3}",
        "cluster: {nodes: 1}\nfaults: [{crash: primary, when: a receives a verdict}]",
        "cluster: {nodes: 1}\nfaults: [{crash: random, when: a takes over}]",
        "cluster: {store: {arbiter_ping_every: 1ms}}\nfaults: [{crash: a, when: arbiter receives ping from a}]",
        "faults: [{crash: a, when: anyone loses its link to c1}, {pause: c1, when: c1 connects to anyone}]",
        "faults: [{crash: random, at: 1s}, {pause: a, when: b crashes}, {pause: b, when: primary crashes}]",
        "faults: [{crash: a, at: 1s, for: 1s}, {pause: a, when: \"a founds the store, the 2nd time\"}]",
        "faults: [{kill: a, every: 1s, to: 3s, label: me}, {pause: b, when: \"fault me begins, the 4th time\"}]",
        "faults: [{crash: a, when: b founds the store, may_miss: yes}, {pause: a, when: c1 crashes, may_miss: yes}]",
        "faults: [{saved_disk: random, at: 1s}, {old_disk: b, when: a goes live}]",
        "faults: [{old_disk: a, at: 1s, may_miss: yes}, {saved_disk: a, at: 2s}]",
        ("cluster: {clients: 2}\nworkload: [{clients: c1, script: [wait until c2 has an answer, get x]}, "
         "{clients: c2, script: [put x=1, wait until c1's operation 1 is answered, get x]}]"),
        "network: {reordering: 1/2, links: [{link: a <-> b, reordering_window: 1ms}]}",
        "network: {queue_limit: 1 KiB}\nfaults: [{bandwidth: all, limit: 1 KiB/s, at: 1s}]",
        "network: {links: [{link: a -> b, duplication: 0}]}"}) {
    INFO(text);
    CHECK(testing::problems_of(text).empty());
  }
}

}  // namespace
}  // namespace smalldb::scenarios
