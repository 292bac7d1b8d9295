#include "reports/text_report.h"

#include <catch2/catch.hpp>
#include <sstream>
#include <string>

#include "reports/test_sample.h"

namespace smalldb::reports {
namespace {

std::string text_of(const Report& report, bool colour = false) {
  std::ostringstream out;
  write_text(report, Style(colour), out);
  return out.str();
}

std::string summary_of(const Report& report) {
  std::ostringstream out;
  write_summary(report, Style(false), out);
  return out.str();
}

Report good_report() {
  Report report = sample_report();
  for (scenarios::Judgement& judgement : report.result.judgements) judgement.met = scenarios::Judgement::Met::yes;
  return report;
}

}  // namespace

TEST_CASE("a report is told in full") { check_golden("reports/testdata/report.txt", text_of(sample_report())); }

TEST_CASE("a report says how much was generated, also if the scenario did not") {
  Report report = sample_report();
  report.result.scenario.workload.emplace_back().generate.emplace().keys = 3;
  CHECK(text_of(report).find("generate {count 100, keys 3}\n") != std::string::npos);
}

TEST_CASE("a report without a story has none") {
  Report report = sample_report();
  report.story.reset();
  CHECK(text_of(report).find("what happened") == std::string::npos);
}

TEST_CASE("an interrupted run says that its report is partial") {
  Report report = good_report();
  CHECK(text_of(report).find("partial") == std::string::npos);
  report.result.end_reason = scenarios::EndReason::interrupted;
  CHECK(text_of(report).find("\nInterrupted: this report is partial.\n") != std::string::npos);
  CHECK(text_of(report).find("Result    unknown\n") != std::string::npos);
}

TEST_CASE("the colours of a report change nothing but colour") {
  std::string text = text_of(sample_report(), true);
  for (std::size_t at; (at = text.find('\x1b')) != std::string::npos;) text.erase(at, text.find('m', at) - at + 1);
  CHECK(text == text_of(sample_report()));
}

TEST_CASE("a summary is a line, and one more for all that was not as expected") {
  CHECK(summary_of(good_report()) ==
        "as expected      scenarios/sample.yaml, seed 7: 8.204000 s, 12,345 events, trace 0123456789abcdef\n");
  CHECK(summary_of(sample_report()) ==
        "not as expected  scenarios/sample.yaml, seed 7: 8.204000 s, 12,345 events, trace 0123456789abcdef\n"
        "                 not met: the fault \"crash a\" takes effect  (it never struck)\n"
        "                 not met: b is primary at the end  (nobody is)\n"
        "                 unknown: answered holds  (unknown: the world was never healed)\n"
        "                 again: ./smalldb-sim scenarios/sample.yaml --seed 7\n");
}

TEST_CASE("the command that shows a run again stands in one line, however long it is") {
  Report report = sample_report();
  report.again = "./smalldb-sim 'a folder/" + std::string(150, 'x') + ".yaml' --seed 7";
  CHECK(summary_of(report).ends_with("\n                 again: " + report.again + "\n"));
  CHECK(text_of(report).find("\nAgain     " + report.again + "\n") != std::string::npos);
}

TEST_CASE("a stale run says so in a line of its own, and comes out as it does") {
  Report report = good_report();
  for (scenarios::FaultAccount& fault : report.result.faults) fault = {fault.plan, fault.text, 1, 0, false, {}};
  CHECK(text_of(report).find("\nResult    as expected\nStale     none of its 2 faults took effect, so ") !=
        std::string::npos);
  CHECK(summary_of(report) ==
        "as expected      scenarios/sample.yaml, seed 7: 8.204000 s, 12,345 events, trace 0123456789abcdef\n"
        "                 stale: none of its 2 faults took effect\n");
  report.result.faults.pop_back();
  CHECK(summary_of(report).find("stale: its only fault took no effect\n") != std::string::npos);
  report.result.faults.clear();
  report.result.actions = {{}, {}};
  CHECK(summary_of(report).find("stale: none of its operator's 2 actions was carried out\n") != std::string::npos);
  report.result.actions.pop_back();
  CHECK(summary_of(report).find("stale: its operator's only action was not carried out\n") != std::string::npos);
  report.result.actions[0].carried_out = 1;
  CHECK(summary_of(report).find("stale") == std::string::npos);
}

TEST_CASE("a stale run has failed where that is wished for, and no other has") {
  Report report = good_report();
  report.fails_if_stale = true;
  CHECK(outcome(report) == "as expected");
  for (scenarios::FaultAccount& fault : report.result.faults) fault.effects = 0;
  CHECK(exit_code(report) == 1);
  CHECK(outcome(report) == "not as expected");
  report.fails_if_stale = false;
  CHECK(exit_code(report) == 0);
}

TEST_CASE("totals count how runs came out, and those that are stale") {
  const auto totals = [](std::vector<RunOutcome> outcomes) {
    std::ostringstream out;
    write_totals(outcomes, "scenario", Style(false), out);
    return out.str();
  };
  CHECK(totals({{0}, {0}}) == "2 scenarios: 2 as expected\n");
  CHECK(totals({{0}, {1}, {2}, {0}}) == "4 scenarios: 2 as expected, 1 not as expected, 1 unknown\n");
  CHECK(totals({{0, true}, {1, true}, {0}}) == "3 scenarios: 2 as expected, 1 not as expected; 2 stale\n");
}

}  // namespace smalldb::reports
