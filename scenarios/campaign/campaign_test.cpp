// Failures: their classes and their capsules; and campaigns that add up.
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
#include "scenarios/testing/failing.h"

namespace smalldb::scenarios {
namespace {

using testing::scenario;
using testing::sealed;
using testing::with_a_planted_bug;

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

std::string with_crlf(const std::string& text) {
  std::string windows;
  for (const char c : text) windows += c == '\n' ? std::string("\r\n") : std::string(1, c);
  return windows;
}

TEST_CASE("a capsule says how long its run might take, and is the same whatever ends its lines or marks it") {
  Capsule capsule = sealed(with_a_planted_bug());
  capsule.hang_after_ms = 2500;
  const std::string written = write_capsule(capsule), byte_order_mark = "\xef\xbb\xbf";
  for (const std::string& text : {written, with_crlf(written), byte_order_mark + written}) {
    CHECK(is_capsule(text));
    std::vector<Problem> problems;
    const auto again = read_capsule(text, "c.capsule", problems);
    for (const Problem& problem : problems) FAIL(to_text(problem));
    CHECK(again == capsule);
  }
}

TEST_CASE("of a capsule of another format one thing is wrong, and who can read it is said") {
  std::string text = write_capsule(sealed(with_a_planted_bug()));
  text.replace(text.find("capsule: 3"), 10, "capsule: 2");
  const std::size_t hang = text.find("hang_after");
  text.erase(hang, text.find('\n', hang) + 1 - hang);
  std::vector<Problem> problems;
  CHECK_FALSE(read_capsule(text, "c.capsule", problems));
  REQUIRE(problems.size() == 1);
  CHECK(to_text(problems[0]).starts_with("c.capsule:1:10: found a capsule of format 2, of "));
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
    const Counts nobody_asks = judged("cluster: {arbiter: manual}\nend: {until: 4s, heal: no}\n");
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
