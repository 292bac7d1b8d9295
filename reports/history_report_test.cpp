#include "reports/history_report.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "reports/history_json.h"
#include "reports/history_text.h"
#include "reports/test_histories.h"

namespace smalldb::reports {
namespace {

using checker::Conclusion;

std::string told(const HistoryReport& report) {
  std::ostringstream out;
  write_text(report, Style(false), out);
  return out.str();
}

HistoryReport stale_read_report() {
  const checker::History history = history_of(stale_read_text);
  return report_of("h.jsonl", history, stale_read_verdict(history), {});
}

TEST_CASE("A violated history is told with its size, its judges and its reason") {
  const HistoryReport report = stale_read_report();
  CHECK(report.exit_code() == 1);
  const std::string text = told(report);
  CHECK(
      text.starts_with("violated  h.jsonl: 4 operations (1 unknown) on 1 key by 3 processes; zones, 7 steps\n"
                       "  Stale read: c2 read x as 1"));
}

TEST_CASE("Of a history that was judged while it was read, the answer that is wrong is told") {
  checker::Text source(stale_read_text);
  std::uint64_t line = 0;
  const auto followed = checker::follow(source, 1000, {}, [&](std::uint64_t judged) { line = judged; });
  const HistoryReport report = report_of("h.jsonl", std::get<checker::Followed>(followed));
  CHECK(line == std::get<checker::Followed>(followed).contradiction->line);
  CHECK(report.exit_code() == 1);
  const std::string text = told(report);
  INFO(text);
  CHECK(text.starts_with("violated  h.jsonl: 4 operations"));
  CHECK(text.find("  No order explains line ") != std::string::npos);
  CHECK(text.find("c2's get x (line ") != std::string::npos);
  CHECK(text.find(" was answered: 1") != std::string::npos);
  CHECK(text.find("x was 2") != std::string::npos);
}

TEST_CASE("A history that holds may still break what crosses keys") {
  const checker::History history = history_of(stale_read_text);
  checker::Verdict verdict;
  verdict.conclusion = Conclusion::holds;
  verdict.wrong_revisions.push_back({1, 0, "revision 1 was told after 2 had been"});
  const HistoryReport report = report_of("h.jsonl", history, verdict, {{checker::Guarantee::monotonic_writes, 0, 1}});
  CHECK(report.exit_code() == 1);
  const std::string text = told(report);
  CHECK(text.find("  wrong revision  revision 1 was told after 2 had been: c1's put x=2") != std::string::npos);
  CHECK(text.find("  monotonic writes  to c1, put x=2 said revision 2") != std::string::npos);
}

TEST_CASE("Of many findings the first are told, and how many more there are") {
  const checker::History history = history_of(stale_read_text);
  checker::Verdict verdict;
  verdict.conclusion = Conclusion::holds;
  const std::vector<checker::BrokenGuarantee> broken(1000, {checker::Guarantee::monotonic_writes, 0, 1});
  const HistoryReport report = report_of("h.jsonl", history, verdict, broken);
  CHECK(report.findings.size() + report.findings_left_out == 1000);
  CHECK(told(report).size() < 5000);
}

TEST_CASE("A history is told in no more lines than a person reads, and what is left out is said") {
  const checker::History history = history_of(stale_read_text);
  checker::Verdict verdict = stale_read_verdict(history);
  const checker::WrongRevision wrong{1, 0, std::string(300, 'w')};
  verdict.wrong_revisions.assign(8, wrong);
  for (std::uint32_t n = 0; n < 5; ++n) {
    verdict.keys.push_back({checker::KeyId{0}, Conclusion::unknown, checker::Engine::frontier, 4, 1'000'000, 9});
  }
  const std::string text = told(report_of("h.jsonl", history, verdict, {}));
  INFO(text);
  CHECK(std::count(text.begin(), text.end(), '\n') <= static_cast<std::ptrdiff_t>(history_lines_max));
  CHECK(text.find("  wrong revision  www") != std::string::npos);
  CHECK(text.find("  And 3 more findings.\n") != std::string::npos);
}

TEST_CASE("What was not decided is unknown, and says how far it came") {
  const checker::History history = history_of(stale_read_text);
  checker::Verdict verdict;
  verdict.keys.push_back({checker::KeyId{0}, Conclusion::unknown, checker::Engine::frontier, 4, 1'000'000, 9});
  const HistoryReport report = report_of("h.jsonl", history, verdict, {});
  CHECK(report.exit_code() == 2);
  CHECK(told(report).find("Not decided within the budget of steps: x, 4 operations; an order was found up to 9.") !=
        std::string::npos);
  verdict.keys.front().too_many_open = 9000;
  CHECK(told(report_of("h.jsonl", history, verdict, {}))
            .find("up to 9, where more than 8,192 are open at a time (later 9,000)") != std::string::npos);
  CHECK(report_of_stopped("h", "interrupted").exit_code() == 2);
  CHECK(told(report_of_stopped("h", "interrupted")) == "unknown   h: interrupted\n");
}

TEST_CASE("The order of a history that holds is told on request") {
  const checker::History history = history_of(stale_read_text);
  checker::Verdict verdict;
  verdict.conclusion = Conclusion::holds;
  verdict.order = {{0, 3, 1}};
  CHECK(told(report_of("h", history, verdict, {}))
            .find("  An order that explains all answers of x:\n"
                  "    c1  put x=1: ok, revision 1 (line 1)\n"
                  "    c2  get x: 1 (line 8)\n"
                  "    c1  put x=2: ok, revision 2 (line 4)\n") != std::string::npos);
}

TEST_CASE("Values that a key was given twice weaken what a verdict says") {
  const checker::History history = history_of(
      "{:process 0 :type :invoke :f :write :value 1}{:process 0 :type :ok :f :write :value 1}\n"
      "{:process 0 :type :invoke :f :write :value 1}{:process 0 :type :ok :f :write :value 1}\n");
  checker::Verdict verdict;
  verdict.conclusion = Conclusion::holds;
  const HistoryReport report = report_of("h", history, verdict, {});
  CHECK((report.writes == 2 && report.writes_repeated == 1));
  CHECK(told(report).find(", 1 of 2 writes repeating a value") != std::string::npos);
}

TEST_CASE("An engine that was asked for is told apart from the one that judged in its place") {
  checker::Verdict verdict;
  verdict.conclusion = Conclusion::holds;
  verdict.keys = {{.conclusion = Conclusion::holds, .engine = checker::Engine::certificate},
                  {.conclusion = Conclusion::holds, .engine = checker::Engine::frontier}};
  HistoryReport report = report_of("h", history_of(stale_read_text), verdict, {});
  CHECK(told(report).find("; certificate 1, frontier 1, ") != std::string::npos);
  report.asked = checker::Engine::certificate;
  CHECK(told(report).find("; certificate 1, frontier 1 (certificate proved nothing), ") != std::string::npos);
}

TEST_CASE("Several histories end in their totals") {
  std::ostringstream out;
  const std::vector<HistoryReport> reports{stale_read_report(), report_of_stopped("h", "interrupted")};
  write_history_totals(reports, 0, Style(false), out);
  CHECK(out.str() == "2 histories: 0 hold, 1 violated, 1 unknown\n");
  out.str("");
  write_history_totals(std::span(reports).first(1), 2, Style(false), out);
  CHECK(out.str() == "3 histories: 0 hold, 1 violated, 2 not judged\n");
}

TEST_CASE("The JSON says what the text says") {
  std::ostringstream out;
  const std::vector<HistoryReport> reports{stale_read_report()};
  write_json(reports, "smalldb-sim 1", 1, out);
  const auto json = nlohmann::json::parse(out.str());
  const auto& reason = json["histories"][0]["reason"];
  CHECK(reason["anomaly"] == "stale read");
  CHECK(reason["states"] == std::vector<std::string>{"2", "3"});
  CHECK(reason["has_all_states"] == true);
  CHECK(reason["is_minimal"] == true);
  CHECK(reason["operations"].size() == 3);
  CHECK(reason["operations"][2]["culprit"] == true);
  CHECK(reason["marks"][0]["text"] == "a <-> b: nothing passes");
}

}  // namespace
}  // namespace smalldb::reports
