#include "scenarios/load.h"

#include <sys/stat.h>
#include <catch2/catch.hpp>

#include <charconv>
#include <cstdio>
#include <iterator>
#include <string>
#include <vector>

#include "scenarios/document.h"
#include "scenarios/testing/problems.h"

namespace smalldb::scenarios {
namespace {

using testing::problems_of;

Scenario loaded(const std::string& text) {
  const Loaded result = load_text("why: a test\n" + text, "some/where/story.yaml");
  for (const Problem& problem : result.problems) UNSCOPED_INFO(to_text(problem));
  REQUIRE(result.scenario);
  return *result.scenario;
}

TEST_CASE("a scenario is called what it says, or as its file") {
  CHECK(loaded("seed: 7").name == "story");
  CHECK(loaded("seed: 7").seed == 7);
  CHECK(loaded("name: other").name == "other");
  CHECK(load_text("why: a test", "caf\xe9 \xc3\xa9.yaml").scenario.value().name == "caf_ \xc3\xa9");
}

TEST_CASE("what is not said is as it is by default") {
  Scenario plain;
  plain.name = "story";
  plain.why = "a test";
  CHECK(loaded("") == plain);
}

TEST_CASE("each part is read into its field") {
  const Scenario s = loaded(R"(
cluster:
  nodes: 3
  clients: [c1, watcher]
  without_session: watcher
  arbiter: shared_lock
  store: {heartbeat_every: 50ms, reads: leased, log_buffer_bytes: 64 KiB}
  rules: {epoch_check: off}
network:
  latency: 1ms..2ms
  links: [{link: a <-> b, loss: 1/10}]
disks:
  sync: 3ms
  only: {b: {read: 1ms}}
clocks: {a: {offset: -1s}}
processors: {b: 10us}
workload:
  - clients: watcher
    script: [put x=1, wait until b goes live, get x]
  - in_flight: 3
    generate: {count: 5, mix: {put: 2}, rate: 50/s}
faults:
  - loss: [a -> b, c1 <-> a]
    ratio: 5 %
    every: 1s
    to: 5s
    for: 10ms..20ms
  - crash: primary
    at: 1s..2s
    unsynced: torn
    until: b goes live
operator:
  - start: c
    when: after watcher's operation 1 is answered
    later: 5ms
expect:
  one_primary: violated
  sometimes: output_held
  values: {x: 1, y: absent}
  in_sync: [a, b]
end: {until: 10 operations, settle: 5s, heal: yes}
)");
  CHECK(s.cluster.nodes == std::vector<Name>{"a", "b", "c"});
  CHECK(s.cluster.without_session == std::vector<Name>{"watcher"});
  CHECK(s.cluster.store.heartbeat_every == milliseconds(50));
  CHECK_FALSE(s.cluster.rules.epoch_check);
  CHECK(s.network.links[0].loss == sim::Ratio{1, 10});
  CHECK(s.disks.exceptions.at("b").sync == sim::constant(milliseconds(3)));  // as all the others
  CHECK(s.disks.exceptions.at("b").read == sim::constant(milliseconds(1)));
  CHECK(s.workload[1].generate->interval == sim::constant(milliseconds(20)));
  CHECK(s.faults[0].kind == sim::FaultKind::loss);
  CHECK(s.faults[0].links.size() == 2);
  CHECK(s.faults[1].schedule.kind == Schedule::Kind::randomly);
  CHECK(s.faults[1].until->what == Occurrence::What::goes_live);
  CHECK(s.operators[0].schedule.delay == milliseconds(5));
  CHECK(s.expect.properties.at("one_primary") == Expected::violated);
  CHECK(s.expect.values.at("y") == std::nullopt);
  CHECK(s.end.operations == 10);
}

TEST_CASE("of what a mix does not name there is none") {
  const auto mix = [](const std::string& said) {
    return loaded("workload: [{generate: {count: 5" + said + "}}]").workload[0].generate->mix;
  };
  CHECK(mix("") == Mix{1, 1, 0, 0, 0, 0});
  CHECK(mix(", mix: ") == Mix{1, 1, 0, 0, 0, 0});
  CHECK(mix(", mix: {put: 1}") == Mix{0, 1, 0, 0, 0, 0});
  CHECK(mix(", mix: {compare_and_set: 2}") == Mix{0, 0, 0, 0, 2, 0});
}

struct Mistake {
  const char* text;
  const char* problem;            // null: any
  const char* nearest = nullptr;  // null: any
};

constexpr Mistake mistakes[] = {
    // Keys
    {"sead: 1",
     "2:1: found the key \"sead\", expected name, why, seed, ties, cluster, network, disks, clocks, processors, "
     "workload, faults, operator, expect, end or pins; did you mean \"seed\"?"},
    {"seed: 1\nseed: 2", "3:1: found the key \"seed\" again, expected each key once"},
    {"cluster: {store: {lease: 1ms, lease: 2ms}}", "2:31: found the key \"lease\" again, expected each key once"},
    // Types
    {"seed: x", "2:7: found \"x\", expected a whole number below 2^64"},
    {"seed: -1", "2:7: found \"-1\", expected a whole number below 2^64"},
    {"seed: 99999999999999999999", "2:7: found \"99999999999999999999\", expected a whole number below 2^64"},
    {"cluster: 5", "2:10: found \"5\", expected a map"},
    {"cluster: {nodes: 27}", "2:18: found \"27\", expected names, or a number up to 16"},
    {"cluster: {clients: 1000}", "2:20: found \"1000\", expected names, or a number up to 256"},
    {"cluster: {store: [1]}", "2:18: found a list of 1, expected a map"},
    {"network: {latency: soon}",
     "2:20: found \"soon\", expected a distribution, as 5ms, 1ms..5ms, exponential 2ms, pareto 1ms..10s or "
     "\"1ms..5ms, 1/100 of "
     "them 50ms..90ms\""},
    {"network: {latency: {uniform: [5ms, 1ms]}}",
     "2:30: found \"5ms\" before \"1ms\", expected the shorter of the two first"},
    {"network: {latency: {normal: 2ms}}",
     "2:21: found the key \"normal\", expected constant, uniform, exponential or pareto"},
    {"network: {latency: {exponental: 2ms}}", nullptr, "exponential"},
    {"network: {latency: {uniform: soon}}", "2:30: found \"soon\", expected two lengths of time, as [1ms, 5ms]"},
    {"seed: '7'", "2:7: found a text in quotes, \"7\", expected a whole number below 2^64, without quotes"},
    {"cluster: {arbiter: tiebreaker}",
     "2:20: found \"tiebreaker\", expected tie_breaker, shared_lock, manual or none; did you mean \"tie_breaker\"?"},
    {"cluster: {rules: {output_rule: of}}", "2:32: found \"of\", expected on or off; did you mean \"off\"?"},
    {"cluster: {rules: {output_rule: No}}", "2:32: found \"No\", expected on or off; did you mean \"no\"?"},
    {"end: {heal: OFF}", nullptr, "off"},
    {"end: {heal: Yes}", nullptr, "yes"},
    {"end: {heal: onn}", nullptr, "on"},
    {"end: {until: quite}",
     "2:14: found \"quite\", expected quiet, a time as 30s, or as 100 operations; did you mean \"quiet\"?"},
    // Names
    {"cluster: {nodes: [a, a]}", "2:22: found \"a\" again, expected each name once"},
    {"cluster: {nodes: [a, c1]}",
     "2:22: found \"c1\", which is a client's name, expected another name, or other clients: they are called c1, c2, "
     "... "
     "where they are not named"},
    {"cluster: {nodes: [a, c7], clients: [c7, c8]}", "2:37: found \"c7\" again, expected each name once"},
    {"cluster: {nodes: [a, primary]}", "2:22: found \"primary\", which means something already, expected another name"},
    {"cluster: {founders: []}",
     "2:21: found an empty list, expected a node that may found the store; the first one does where none is named"},
    {"cluster: {nodes: []}", "2:11: found no node, expected at least one node"},
    {"workload: [{clients: c9, script: [get x]}]", "2:22: found \"c9\", expected a client: c1; did you mean \"c1\"?"},
    {"faults: [{crash: d, at: 1s}]",
     "2:18: found \"d\", expected a process of the cluster: a, b, arbiter, c1, primary, backup or random"},
    {"faults: [{bit_rot: c1, at: 1s}]", "2:20: found \"c1\", expected a process with a disk: a, b or arbiter"},
    {"expect: {output_rul: holds}", nullptr},
    {"expect: {output_rule: hodls}",
     "2:23: found \"hodls\", expected holds, violated, any or if_recoverable; did you mean \"holds\"?"},
    {"expect: {sometimes: [output_heldd]}", nullptr},
    // Faults
    {"faults: [{crahs: a, at: 1s}]", nullptr},
    {"faults: [{crash: a}]", "2:10: found no word of when, expected one of the keys at, every, randomly or when"},
    {"faults: [{crash: a, at: 1s, every: 2s, to: 3s}]",
     "2:29: found the key \"every\" beside \"at\", expected one of at, every, randomly and when"},
    {"faults: [{crash: a, cut: a -> b, at: 1s}]", nullptr},
    {"faults: [{delay: a -> b, at: 1s}]", "2:11: found \"delay\" without \"by\", expected the key \"by\" beside it"},
    {"faults: [{reset: all, at: 1s, for: 2s}]", nullptr},
    // Times that cannot be, faults that can never fire or matter
    {"faults: [{crash: a, at: 20min}]", "2:25: found \"20min\", expected a time before the end (10min)"},
    {"end: {until: 5s}\nfaults: [{crash: a, at: 6s}]", "3:25: found \"6s\", expected a time before the end (5s)"},
    {"faults: [{crash: a, every: 1s, from: 5s, to: 2s}]", "2:46: found \"2s\", expected a time after from (5s)"},
    {"faults: [{crash: a, every: 1s}]",
     "2:10: found no word of when it is over, expected the key \"to\", since the scenario has no fixed end"},
    {"faults: [{crash: a, every: 0s, to: 1s}]", "2:28: found \"0s\", expected a length of time above 0"},
    {"faults: [{reset: all, every: 1us, from: 1s, to: 2s}]",
     "2:30: found 1us, which is 1000001 times, expected more time between: at most 10000 times"},
    {"operator: [{checkpoint: a, every: 1ms, to: 10s}]",
     "2:35: found 1ms, which is 10001 times, expected more time between: at most 10000 times"},
    {"faults: [{crash: a, randomly: 10001 times, to: 2s}]",
     "2:31: found \"10001\", expected a whole number from 1 to 10000"},
    {"faults: [{crash: a, when: a starts, count: 10001}]",
     "2:44: found \"10001\", expected a whole number from 1 to 10000"},
    {"faults: [{loss: a -> b, ratio: 0, at: 1s}]",
     "2:32: found \"0\", expected more than 0: it could never take effect"},
    {"cluster: {clients: 2}\nfaults: [{cut: c1 -> c2, at: 1s}]",
     "3:16: found \"c1 -> c2\", expected links on which something is sent: one end of each is a node"},
    {"faults: [{duplication: c1 -> a, at: 1s}]",
     "2:24: found \"c1 -> a\", expected links between nodes: nobody else sends datagrams"},
    {"faults: [{queue_limit: all, limit: 1 KiB, at: 1s}]",
     "2:24: found a limit of a queue without a bandwidth, expected a bandwidth, without which nothing queues"},
    {"faults: [{old_disk: a, at: 1s}]",
     "2:21: found an old disk of \"a\", expected a fault saved_disk that puts a copy aside first"},
    {"faults: [{crash: a, when: a does something}]", nullptr},
    {"faults: [{crash: a, when: before d goes live}]", nullptr},
    {"faults: [{crash: a, when: before b goes live}]", nullptr},
    {"faults: [{crash: a, when: c1's fsync}]",
     "2:27: found \"c1\", which has no disk, expected a node, or the arbiter"},
    {"faults: [{crash: a, when: c1's operation 1 is answered}]",
     "2:27: found operation 1 of c1, expected one of its 0"},
    {"cluster: {arbiter: none}\nfaults: [{crash: a, when: b receives a verdict}]",
     "3:27: found a verdict without a tie breaker, expected something that can occur: claims go to the arbiter "
     "tie_breaker alone"},
    {"faults: [{crash: a, when: fault split ends}]",
     "2:27: found \"split\", expected the label of a fault, of which there is none"},
    {"faults: [{crash: a, when: c1 takes over}]", "2:27: found \"c1\", expected a node: a or b"},
    {"faults: [{crash: a, when: arbiter takes over}]", "2:27: found \"arbiter\", expected a node: a or b"},
    {"faults: [{crash: a, when: b retries}]", "2:27: found \"b\", expected a client: c1"},
    {"faults: [{crash: a, when: b waits for the operator}]",
     "2:27: found a wait for an operator without a manual arbiter, expected something that can occur, or arbiter: "
     "manual"},
    {"operator: [{promote: b, at: 1s}]",
     "2:22: found a promotion, expected arbiter: manual, without which nobody is promoted"},
    {"faults: [{pause: \"a, b\", at: 1s}]",
     "2:18: found \"a, b\", expected a name, or where there may be several a list of them, as [a, b]"},
    {"faults: [{crash: a, at: 1s, for: 0s}]",
     "2:34: found \"0s\", expected more than 0; without \"for\" it lasts to the end"},
    {"faults: [{crash: a, when: fault self begins, label: self}]",
     "2:27: found \"fault self begins\", expected something that does not wait for this fault itself"},
    {"faults: [{sync_failure: a, file: lgo-*, at: 1s}]",
     "2:34: found \"lgo-*\", expected a file that is synced there: meta.tmp, log-* or checkpoint-*.tmp; did you mean "
     "\"log-*\"?"},
    {"faults: [{sync_failure: arbiter, file: log-*, at: 1s}]",
     "2:40: found \"log-*\", expected a file that is synced there: grants"},
    {"cluster: {arbiter: shared_lock}\nfaults: [{bit_rot: a, shared: yes, file: meta, at: 1s}]",
     "3:42: found \"meta\", expected a file that is written there: epoch-* or claim-*"},
    {"faults: [{bit_rot: all, file: \"log-*7\", at: 1s}, {crash: a, when: a's 2nd fsync of chekpoint-*}]", nullptr,
     "checkpoint-*"},
    {"cluster: {nodes: 3, spares: [c]}\nfaults: [{crash: c, at: 1s}]",
     "3:18: found \"c\", a spare that nobody starts, expected a node that runs, or an operator's \"start: c\""},
    {"faults: [{crash: a, at: 1s, until: fault self ends, label: self}]",
     "2:36: found \"fault self ends\", expected something that does not wait for this fault itself"},
    {"faults: [{crash: a, at: 1s, label: endless}, {crash: b, when: fault endless ends}]",
     "2:63: found \"fault endless ends\", expected something that occurs: that fault lasts to the end, as it has "
     "neither \"for\" nor \"until\""},
    {"pins: [{what: 9999, who: 1, n: 1, value: 1}]",
     "2:15: found the number 9999, expected the number of a kind of chance, as sim/chance.h numbers them: 1 to 15 or "
     "17 "
     "to 28"},
    {"pins: [{who: 1, n: 1, value: 1}, {what: 16, who: 1, n: 1, value: 1}]", nullptr},
    {"pins: [{what: 1, who: 9, n: 3, value: 1}, {what: 1, who: 9, n: 3, value: 2}]",
     "2:43: found a second pin of one decision, expected each decision once"},
    // Faults and stores that cannot be
    {"faults: [{partition: [[a], [a]], at: 1s}]",
     "2:11: found groups that part nobody, expected two processes that are in no group together"},
    {"faults: [{partition: [[a, b, c1, arbiter], [a, b, c1, arbiter]], at: 1s}]",
     "2:11: found groups that part nobody, expected two processes that are in no group together"},
    {"faults: [{partition: [[primary], [primary]], at: 1s}]",
     "2:11: found groups that part nobody, expected two processes that are in no group together"},
    {"faults: [{cut: random <-> random, at: 1s}]",
     "2:16: found \"random <-> random\", expected links on which something is sent: one end of each is a node"},
    {"faults: [{loss: a -> c1, packets: datagrams, at: 1s}]",
     "2:17: found \"a -> c1\", expected links between nodes: nobody else sends datagrams"},
    {"cluster: {nodes: [a, b], spares: [a]}",
     "2:26: found founders that are spares which nobody starts, expected a founder that runs, or an operator's "
     "\"start: a\""},
    {"cluster: {nodes: 3, founders: [b, c], spares: [b, c]}",
     "2:21: found founders that are spares which nobody starts, expected a founder that runs, or an operator's "
     "\"start: b\""},
    {"cluster: {clients: true}", "2:20: found \"true\", which means something already, expected another name"},
    {"cluster:\n  <<: {nodes: 2}",
     "3:3: found a merge key, \"<<\", expected each key written out: an alias stands for a whole value, and nothing is "
     "merged"},
    // Expectations that cannot be met
    {"expect: {in_sync: [a, b], primary: nobody}",
     "2:10: found two nodes in sync beside primary: nobody, expected a primary, which is one of them"},
    {"cluster: {nodes: 3}\nexpect: {in_sync: [a, b, c]}",
     "3:10: found 3 nodes, expected no more than the primary and its declared backup"},
    {"cluster: {nodes: 3}\nexpect: {in_sync: [a, b], primary: c}",
     "3:10: found nodes in sync without the primary, expected \"c\" among them"},
    {"expect: {in_sync: [a, a]}", "2:23: found \"a\" again, expected each name once"},
    {"workload: [{script: [get x, wait 1s, get x]}]\nexpect: {answered_at_least: 5, values: {x: absent}}",
     "3:29: found 5 operations, expected no more than the workload has (2)"},
    // Who is lost
    {"end: {lost: [z]}", "2:14: found \"z\", expected a node: a or b"},
    {"end: {lost: [a, a]}", "2:17: found \"a\" again, expected each name once"},
    {"end: {lost: [a, b]}", "2:7: found all nodes, expected a node that is left"},
    {"end: {lost: [disk]}", "2:14: found \"disk\", expected a node: a or b"},
    {"end: {lost: [arbiter], heal: no}",
     "2:7: found who is lost when the world heals, which it does not, expected heal: yes"},
    // A cluster of one
    {"cluster: {nodes: 1}\nfaults: [{crash: backup, at: 1s}]",
     "3:18: found \"backup\", expected a process of the cluster: a, arbiter, c1, primary or random"},
    {"cluster: {nodes: 1}\nfaults: [{cut: primary -> backup, at: 1s}]", nullptr},
    {"cluster: {nodes: 1}\noperator: [{checkpoint: backup, at: 1s}]", "3:25: found \"backup\", expected a node: a"},
    {"cluster: {nodes: 1}\nfaults: [{crash: a, when: backup goes live}]", nullptr},
    {"cluster: {nodes: 1}\nfaults: [{crash: a, when: a backup is declared}]",
     "3:27: found \"a backup is declared in sync\" in a cluster of one node, expected something that can occur without "
     "a "
     "backup"},
    {"cluster: {nodes: 1}\nfaults: [{crash: a, when: a becomes backup}]", nullptr},
    {"cluster: {nodes: 1}\nfaults: [{crash: a, when: a receives record 3}]",
     "3:27: found \"records\" in a cluster of one node, expected something that can occur: nodes say that to each "
     "other"},
    // Too much
    {"faults: [{crash: a, at: 99999h}]", "2:25: found \"99999h\", expected a length of time up to 24000h"},
    {"end: {limit: 99999h}", "2:14: found \"99999h\", expected a length of time up to 24000h"},
    {"end: {until: 99999h}", "2:14: found \"99999h\", expected a length of time up to 24000h"},
    {"workload: [{generate: {rate: 9999999999999/s}}]",
     "2:30: found \"9999999999999/s\", expected a rate up to 1000000000/s"},
    {"workload: [{generate: {rate: every 99999h}}]",
     "2:30: found \"every 99999h\", expected a length of time up to 24000h"},
    {"disks: {capacity: 999999999999999999999999999}",
     "2:19: found \"999999999999999999999999999\", expected a size up to 1048576GiB"},
    // Names
    {"cluster: {without_session: [c9]}", "2:29: found \"c9\", expected a client: c1; did you mean \"c1\"?"},
    // Conditions
    {"workload: [{script: [put x=1 if absent if exists]}]",
     "2:22: found \"put x=1 if absent if exists\", expected one of if absent, if exists, if unchanged and if revision "
     "7 at "
     "the end; a value with an if of its own stands in quotes, as put x=\"1 if any\""},
    {"workload: [{script: [put x=1 if revision -1]}]",
     "2:22: found \"put x=1 if revision -1\", expected one of if absent, if exists, if unchanged and if revision 7 at "
     "the "
     "end; a value with an if of its own stands in quotes, as put x=\"1 if any\""},
    {"workload: [{script: [get x if absent]}]",
     "2:22: found \"get x if absent\", expected get x alone: put and delete can have a condition"},
    {"workload: [{script: [put x=1 if]}]",
     "2:22: found \"put x=1 if\", expected one of if absent, if exists, if unchanged and if revision 7 at the end; a "
     "value with an if of its own stands in quotes, as put x=\"1 if any\""},
    {"workload: [{script: [put x=1 times 3]}]",
     "2:22: found \"put x=1 times 3\", expected a value without spaces, or in quotes: put x=\"1 or 2\"; what is to be "
     "repeated stands in them too, as put x=\".\" times 1000"},
    {"workload: [{script: [put x=1 or 2 if absent]}]", nullptr},
    {"workload: [{script: [put x if absent]}]", nullptr},
    // Words that are nearly right
    {"workload: [{script: [gte x]}]", nullptr, "get"},
    {"workload: [{script: [set x=1]}]", nullptr, "put"},
    {"workload: [{script: [SET x=1]}]", nullptr, "put"},
    {"workload: [{script: [PUT x=1 if Absnt]}]", nullptr, "absent"},
    {"network: {latency: 5M}", nullptr, "min"},
    {"workload: [{script: [put x=1 if absnet]}]", nullptr, "absent"},
    {"workload: [{script: [wait unitl b goes live]}]", nullptr, "until"},
    {"workload: [{script: [wait until b gose live]}]", nullptr, "goes"},
    {"workload: [{script: [wait 5 secnds]}]", nullptr, "seconds"},
    {"workload: [{generate: {skew: ziff}}]", nullptr, "zipf"},
    {"workload: [{generate: {rate: exponental 5/s}}]", nullptr, "exponential"},
    {"network: {latency: 5m}", nullptr, "min"},
    {"network: {latency: paretto 1ms..2ms}", nullptr, "pareto"},
    {"network: {latency: 1e400s}",
     "2:20: found \"1e400s\", expected a distribution, as 5ms, 1ms..5ms, exponential 2ms, pareto 1ms..10s or "
     "\"1ms..5ms, 1/100 of "
     "them 50ms..90ms\""},
    {"network: {bandwidth: 5 mib/s}", nullptr, "MiB"},
    {"disks: {capacity: 1TiB}",
     "2:19: found \"1TiB\", expected a size in B, KiB, MiB or GiB, kB, MB or GB: there is no larger unit"},
    {"network: {bandwidth: 2 TB/s}",
     "2:22: found \"2 TB/s\", expected a size in B, KiB, MiB or GiB, kB, MB or GB: there is no larger unit"},
    {"network: {loss: nevre}", nullptr, "never"},
    {"clocks: {a: {drift: 5 pmm}}", nullptr, "ppm"},
    {"faults: [{crash: a, at: 5 mn}]", nullptr, "min"},
    {"faults: [{crash: a, when: b notes log_cutt}]", nullptr, "log_cut"},
    {"faults: [{crash: a, when: b becomes seekin}]", nullptr, "seeking"},
    // Settings that cannot be
    {"cluster: {store: {heartbeat_every: 0s}}", "2:36: found \"0s\", expected at least 1ms"},
    {"cluster: {store: {heartbeat_every: 1ns}}", "2:36: found \"1ns\", expected at least 1ms"},
    {"cluster: {store: {retry_after: 999us}}", "2:32: found \"999us\", expected at least 1ms"},
    {"cluster: {store: {seek_for: 1us}}", "2:29: found \"1us\", expected at least 1ms"},
    {"cluster: {store: {session_expires_after: 1ns}}", "2:42: found \"1ns\", expected at least 1ms"},
    {"cluster: {store: {arbiter_ping_every: 1us}}", "2:39: found \"1us\", expected at least 1ms"},
    {"cluster: {store: {reads: leased, lease: 1ns}}", "2:41: found \"1ns\", expected at least 1ms"},
    {"cluster: {client: {answer_within: 1us}}", "2:35: found \"1us\", expected at least 1ms"},
    {"cluster: {client: {retry_after: 1ns}}", "2:33: found \"1ns\", expected at least 1ms"},
    {"cluster: {client: {give_up_after: 1ns}}", "2:35: found \"1ns\", expected at least 1ms"},
    {"network: {connect_timeout: 0s}", "2:28: found \"0s\", expected at least 1ms"},
    {"network: {connection_timeout: 1ns}", "2:31: found \"1ns\", expected at least 1ms"},
    {"network: {retransmission: 1ns}", "2:27: found \"1ns\", expected at least 1ms"},
    {"disks: {unreachable_after: 1us}", "2:28: found \"1us\", expected at least 1ms"},
    // A world that says what makes no difference
    {"network: {reordering: 1/2}",
     "2:23: found \"1/2\", expected a reordering_window above 0s beside it, without which nothing is reordered"},
    {"network: {reordering_window: 1s}",
     "2:30: found \"1s\", expected a ratio of reordering beside it, without which nothing is reordered"},
    {"network: {queue_limit: 10}", "2:24: found \"10\", expected a bandwidth, without which nothing queues"},
    {"network: {links: [{link: a <-> b, queue_limit: 10}]}", nullptr},
    {"network: {links: [{link: c1 -> a, duplication: 1/2}]}",
     "2:26: found \"c1 -> a\", expected links between nodes: nobody else sends datagrams"},
    {"network: {links: [{link: a -> b}]}",
     "2:19: found a link of which nothing is said, expected what differs there: latency, loss, duplication, "
     "reordering, reordering_window, bandwidth or queue_limit"},
    {"cluster: {store: {suspect_after: 50ms}}", "2:34: found \"50ms\", expected longer than heartbeat_every (100ms)"},
    {"workload: [{generate: {mix: {get: 0, put: 0}}}]",
     "2:24: found no weight above 0, expected at least one kind of operation"},
    {"workload: [{generate: {mix: {get: 0}}}]", nullptr},
    {"workload: [{generate: {mix: {}}}]", nullptr},
    {"workload: [{generate: {mix: {got: 1}}}]", nullptr, "get"},
    {"end: {until: 5 operations}\nworkload: [{script: [get x]}]",
     "2:14: found 5 operations, expected no more than the workload has (1)"},
};

TEST_CASE("each mistake is one problem that says what to write instead") {
  const Mistake mistake = GENERATE(from_range(std::begin(mistakes), std::end(mistakes)));
  INFO(mistake.text);
  const std::string problems = problems_of(mistake.text);
  UNSCOPED_INFO(problems);
  CHECK(problems.find('\n') == std::string::npos);
  CHECK_FALSE(problems.empty());
  if (mistake.problem != nullptr) {
    std::string found = problems;
    // Some texts stand in quotes because they are what stood there, others are said: compare what is said.
    std::string wanted = mistake.problem;
    for (std::string* text : {&found, &wanted}) std::erase(*text, '"');
    CHECK(found == wanted);
  }
  if (mistake.nearest != nullptr) {
    CHECK(problems.ends_with("; did you mean \"" + std::string(mistake.nearest) + "\"?"));
  }
}

TEST_CASE("all problems are reported at once, in their order") {
  const std::string problems =
      problems_of("seed: x\nclustre: {}\nfaults: [{crash: a}, {explode: b, at: 1s}]\nend: {limit: never}");
  std::vector<int> lines;
  for (std::size_t at = 0; at != std::string::npos;
       at = problems.find('\n', at), at += at == std::string::npos ? 0 : 1) {
    std::from_chars(problems.data() + at, problems.data() + problems.size(), lines.emplace_back());
  }
  CHECK(lines == std::vector<int>{2, 3, 4, 4, 5});
}

TEST_CASE("what could be read is checked although something else could not be read") {
  const std::string problems = problems_of(
      "faults: [{explode: a, at: 1s}, {crash: z, at: 1s}, {crash: q, ath: 1s}]\nexpect: {primary: zz, values: 7}");
  std::vector<std::string> found;
  for (const std::string word : {"explode", "\"z\"", "\"q\"", "ath", "zz", "7"}) {
    if (problems.find(word) != std::string::npos) found.push_back(word);
  }
  CHECK(found == std::vector<std::string>{"explode", "\"z\"", "\"q\"", "ath", "zz", "7"});
}

// What was found, of each problem of a scenario that has `text` beside its why.
std::vector<std::string> found_in(const std::string& text) {
  std::vector<std::string> found;
  for (const Problem& problem : load_text("why: a test\n" + text, "f").problems) found.push_back(problem.found);
  return found;
}

using Found = std::vector<std::string>;

TEST_CASE("a scenario is the same whatever ends its lines") {
  const std::string text =
      "why: >-\n  Two lines\n  of words.\n\n  And one.\nworkload:\n  - script:\n      - put x=1\n      - \"get\n "
      "       "
      "y\"\n      - wait 100ms  # some time\nfaults:\n  - {crash: a, at: 1s, for: 100ms}\n";
  std::string windows;
  for (const char c : text) windows += c == '\n' ? std::string("\r\n") : std::string(1, c);
  const Loaded plain = load_text(text, "s.yaml"), other = load_text(windows, "s.yaml");
  REQUIRE(plain.scenario);
  CHECK(other.scenario == plain.scenario);
}

TEST_CASE("one problem hides no other that does not hang on it") {
  CHECK(found_in("network: {latency: xx}\nfaults: [{crash: d, at: 1s}]\nexpect: {primary: q}") ==
        Found{"\"xx\"", "\"d\"", "\"q\""});
  CHECK(found_in("whyy: x\nfaults: [{crash: d, at: 20min}]\nexpect: {sometimes: [no_such]}") ==
        Found{"the key \"whyy\"", "\"d\"", "20min", "\"no_such\""});
  CHECK(found_in("title: x\nexpect: {primary: q}") == Found{"the key \"title\"", "\"q\""});
  CHECK(found_in("cluster: {store: {lease: x}}\nexpect: {primary: q}") == Found{"\"x\"", "\"q\""});
  CHECK(found_in("workload: [{starts_at: x, clients: c9, script: [gte x, wait until d stops]}]") ==
        Found{"\"x\"", "\"c9\"", "\"gte x\"", "\"d\""});
  CHECK(found_in("faults: [{crash: d}, {cut: a -> d, when: q stops, for: x}, {delay: q -> a, at: 1s}]") ==
        Found{"no word of when", "\"d\"", "\"d\"", "\"q\"", "\"x\"", "\"delay\" without \"by\"", "\"q\""});
}

TEST_CASE("a fault of an unknown kind has a time all the same") {
  CHECK(found_in("faults: [{crahs: a, at: 99999h}, {explode: a, when: q stops}]") ==
        Found{"the key \"crahs\"", "\"99999h\"", "the key \"explode\"", "\"q\""});
}

TEST_CASE("what hangs on something that could not be read is not judged") {
  // Names
  CHECK(found_in("cluster: {nodes: [a, 2b]}\nfaults: [{crash: d, at: 1s}]") == Found{"\"2b\""});
  CHECK(found_in("cluster: {nods: 4}\nfaults: [{crash: d, at: 1s}]") == Found{"the key \"nods\""});
  CHECK(found_in("cluster: {machines: 4}\nfaults: [{crash: d, at: 1s}]") == Found{"the key \"machines\""});
  CHECK(found_in("clutser: {nodes: 4}\nfaults: [{crash: d, at: 1s}]") == Found{"the key \"clutser\""});
  CHECK(found_in("topology: {nodes: 4}\nfaults: [{crash: d, at: 1s}]") == Found{"the key \"topology\""});
  CHECK(found_in("cluster: {arbiter: manul}\noperator: [{promote: b, at: 1s}]") == Found{"\"manul\""});
  // Times
  CHECK(found_in("end: {limit: x}\nfaults: [{crash: a, at: 11min}]") == Found{"\"x\""});
  CHECK(found_in("end: {until: 5}\nfaults: [{crash: a, every: 1s}]") == Found{"\"5\""});
  CHECK(found_in("faults: [{crash: a, every: 1s, from: x, to: 0s, ratio: 1}]") == Found{"\"x\"", "the key \"ratio\""});
  // Operations
  CHECK(found_in("workload: [{generate: {count: x}}]\nend: {until: 500 operations}") == Found{"\"x\""});
  // Other faults
  CHECK(found_in("faults: [{explode: a, at: 1s, label: x}, {crash: a, when: fault x begins}]") ==
        Found{"the key \"explode\""});
  CHECK(found_in("faults: [{crash: a, at: 1s, labl: x}, {crash: a, when: fault x begins}]") ==
        Found{"the key \"labl\""});
  CHECK(found_in("fautls: [{crash: a, at: 1s, label: x}]\noperator: [{checkpoint: a, when: fault x begins}]") ==
        Found{"the key \"fautls\""});
  CHECK(found_in("faults: [{save_disk: a, at: 1s}, {old_disk: a, at: 2s}]") == Found{"the key \"save_disk\""});
  // Nodes
  CHECK(found_in("operator: [{strt: a, at: 99999h}]") == Found{"the key \"strt\"", "\"99999h\""});
  CHECK(found_in("expect: {primary: q, in_sync: [a, b]}") == Found{"\"q\""});
  // What is misspelt is not missing as well.
  CHECK(found_in("faults: [{crash: a, ath: 1s}, {delay: all, bye: 1ms, at: 1s}]") ==
        Found{"the key \"ath\"", "the key \"bye\""});
  const Loaded no_why = load_text("whyy: x", "f");
  CHECK(no_why.problems.size() == 1);
}

TEST_CASE("a value that stands for a list of one is complained of where it stands") {
  CHECK(problems_of("workload:\n  generate:\n    value_size: 1GiB").starts_with("4:17: found 1GiB"));
  CHECK(problems_of("faults:\n  crash: d\n  at: 1s").starts_with("3:10: found \"d\""));
  CHECK(problems_of("faults:\n  crash: [d]\n  at: 1s").starts_with("3:11: found \"d\""));
  CHECK(problems_of("operator:\n  at: 1s\n  start: q").starts_with("4:10: found \"q\""));
  CHECK(problems_of("workload:\n  clients: c9\n  script: get x").starts_with("3:12: found \"c9\""));
  CHECK(problems_of("workload:\n  script: wait until q stops").starts_with("3:11: found \"q\""));
  CHECK(problems_of("network:\n  links:\n    loss: 1/2\n    link: a -> q").starts_with("5:11: found \"q\""));
  CHECK(problems_of("faults:\n  partition: [[a], q]\n  at: 1s").starts_with("3:20: found \"q\""));
  CHECK(problems_of("expect:\n  sometimes: no_such").starts_with("3:14: found \"no_such\""));
  CHECK(problems_of("cluster:\n  founders: q").starts_with("3:13: found \"q\""));
}

TEST_CASE("a scenario says why it exists") {
  const Loaded result = load_text("seed: 1", "f");
  REQUIRE(result.problems.size() == 1);
  CHECK(result.problems[0].expected == "a sentence that says why the scenario exists");
  for (const std::string why : {"\"\"", "\" \"", "\"\\t\\n\"", "' '"}) {
    const Loaded blank = load_text("seed: 1\nwhy: " + why, "f");
    REQUIRE(blank.problems.size() == 1);
    CHECK(blank.problems[0].expected == "a sentence that says why the scenario exists");
    CHECK(blank.problems[0].place == Place{2, 6});
  }
}

TEST_CASE("what is no scenario is one problem, and a key of one that begins a line shows what is meant") {
  CHECK(load_text("", "f").problems.size() == 1);
  CHECK(load_text("[1, 2]", "f").problems.size() == 1);
  CHECK(load_text("just words", "f").problems.size() == 1);
  for (const char* meant : {"why: x", "# x\n\ncluster:\n", "seed:\n\tbroken: ["}) CHECK(is_meant_as_scenario(meant));
  for (const char* other : {"", "\n", "why", "  why: x", "whys: x", "the why: x", "jobs:\n  name: x", "why not: x"})
    CHECK_FALSE(is_meant_as_scenario(other));
}

TEST_CASE("a file that cannot be read is one problem") {
  const auto problem = [](const std::string& path) {
    const Loaded result = load_file(path);
    REQUIRE(result.problems.size() == 1);
    CHECK_FALSE(result.scenario);
    return result.problems[0].found;
  };
  CHECK(problem("scenarios/no_such.yaml").starts_with("no file"));
  const Problem misspelt = load_file("scenarios/split_brian.yaml").problems.at(0);
  CHECK(misspelt.nearest == "scenarios/split_brain.yaml");
  CHECK(problem("scenarios") == "a directory");
  CHECK(problem("/dev/null") == "something that is no file");
  CHECK(problem(std::string("a\0b", 3)).starts_with("no file"));

  // A large file is not read to its end.
  const std::string path = "scenarios_test_large.yaml";
  std::FILE* file = std::fopen(path.c_str(), "wb");
  REQUIRE(file != nullptr);
  REQUIRE(std::fseek(file, 100 * 1024 * 1024, SEEK_SET) == 0);
  std::fputc('x', file);
  std::fclose(file);
  CHECK(problem(path) == "more than 1024 KiB");
  std::remove(path.c_str());
}

}  // namespace
}  // namespace smalldb::scenarios
