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

TEST_CASE("Of a history that was judged while it was read, what is not counted is not said to be none") {
  checker::Text source(stale_read_text);
  const auto followed = checker::follow(source, 1000, {}, [](std::uint64_t) {});
  std::ostringstream out;
  write_json(std::vector<HistoryReport>{report_of("h", std::get<checker::Followed>(followed))}, "p", 1, out);
  const auto json = nlohmann::json::parse(out.str())["histories"][0];
  CHECK(json["operations"] == 4);
  CHECK_FALSE(json.contains("writes"));
  CHECK_FALSE(json.contains("writes_repeated"));
  CHECK_FALSE(json.contains("keys_violated"));
}

TEST_CASE("How many keys are violated is told, if there are more than the one that is") {
  const checker::History history = history_of(stale_read_text);
  checker::Verdict verdict = stale_read_verdict(history);
  CHECK(told(report_of("h", history, verdict, {})).starts_with("violated  h: 4 operations (1 unknown) on 1 key by "));
  verdict.keys.push_back(verdict.keys.front());
  verdict.keys.push_back({checker::KeyId{0}, Conclusion::holds, checker::Engine::zones, 4, 7, checker::never});
  const HistoryReport report = report_of("h", history, verdict, {});
  CHECK(told(report).find(" on 1 key (2 violated, the earliest is told) by ") != std::string::npos);
  std::ostringstream out;
  write_json(std::vector<HistoryReport>{report}, "p", 1, out);
  CHECK(nlohmann::json::parse(out.str())["histories"][0]["keys_violated"] == 2);
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
  const checker::History spaced = history_of(R"({"process":"a","call":"get","key":"two words"}
{"process":"a","return":"ok","value":"1"}
)");
  verdict.keys = {{checker::KeyId{0}, Conclusion::unknown, checker::Engine::frontier, 1, 1'000'000, 9}};
  CHECK(told(report_of("h", spaced, verdict, {})).find("steps: \"two words\", 1 operation;") != std::string::npos);
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
  REQUIRE(report.writes);
  CHECK((report.writes->all == 2 && report.writes->repeated == 1));
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

// The stale read of the text above, by names and of values that agree at both ends.
checker::History history_of_long_names() {
  const std::string begin(40, 'b'), end(40, 'e');
  const auto long_name = [&](const std::string& short_name) { return begin + short_name + end; };
  std::string text(stale_read_text);
  for (const std::string name : {"c1", "c2", "c3", "x", "1", "2", "3"}) {
    const std::string quoted = "\"" + name + "\"", instead = "\"" + long_name(name) + "\"";
    for (std::size_t at = 0; (at = text.find(quoted, at)) != std::string::npos; at += instead.size()) {
      text.replace(at, quoted.size(), instead);
    }
  }
  return history_of(text);
}

TEST_CASE("However long names and values are, no two different ones read alike") {
  const checker::History history = history_of_long_names();
  const HistoryReport report = report_of("h.jsonl", history, stale_read_verdict(history), {});
  const std::string text = told(report);
  INFO(text);
  const auto count = [&](const std::string& what) {
    std::size_t found = 0;
    for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += what.size()) ++found;
    return found;
  };
  for (const std::string name : {"c1", "c2"}) {
    CHECK(count("b" + name + "e") >= 2);  // in the sentence and in its rows
  }
  CHECK(count("\n    bbbb...bc1") == 2);
  CHECK(count("\n    bbbb...bc2") == 1);
  CHECK(count("put bbbb...bxe") >= 2);
  CHECK(count("=bbbb...b2ee...eeee  ") == 1);  // to the end of its row
  for (const std::string value : {"1", "2", "3"}) CHECK(count("b" + value + "e") >= 1);
  CHECK(std::count(text.begin(), text.end(), '\n') <= static_cast<std::ptrdiff_t>(history_lines_max));
}

TEST_CASE("All that a report names is told apart from all else that it names") {
  const auto operation = [](const std::string& n) {
    ReasonOperation one;
    one.who = Phrase::data("who" + n);
    one.what = said("put ", Phrase::data("key" + n), "=", Phrase::data("value" + n));
    one.answer = Phrase::data("answer" + n);
    return one;
  };
  HistoryReport report;
  Reason& reason = report.reason.emplace();
  reason.key = "key";
  reason.sentence = said("It is ", Phrase::data("sentence"), ".");
  reason.operations = {operation("1")};
  reason.around = {operation("2")};
  reason.states = {"state", std::nullopt};
  report.wrong_answers = {Phrase::data("wrong")};
  report.undecided = {{"undecided", 1, 2}};
  report.findings = {{"what", Phrase::data("finding"), 0, 1}};
  report.witnesses = {{"witness", {{0, Phrase::data("step")}}}};
  std::vector<std::string_view> data = report.data();
  std::sort(data.begin(), data.end());
  CHECK(data == std::vector<std::string_view>{"answer1", "answer2", "finding", "key", "key1", "key2", "sentence",
                                              "state", "step", "undecided", "value1", "value2", "who1", "who2",
                                              "witness", "wrong"});
}

TEST_CASE("The JSON has names and values whole, and those that are no text") {
  const checker::History history = history_of_long_names();
  std::ostringstream out;
  const std::vector<HistoryReport> reports{report_of("h.jsonl", history, stale_read_verdict(history), {})};
  write_json(reports, "smalldb-sim 1", 1, out);
  const auto reason = nlohmann::json::parse(out.str())["histories"][0]["reason"];
  const std::string key(history.name(checker::KeyId{0})), value(history.bytes(history.operations()[1].argument));
  CHECK(reason["key"] == key);
  CHECK(reason["operations"][1]["process"] == history.name(checker::ProcessId{0}));
  CHECK(reason["operations"][1]["what"] == "put " + key + "=" + value);
  CHECK(reason["states"][0] == value);

  const checker::History bytes = history_of(R"({"process":"a","call":"get","key":{"hex":"ff00"}}
{"process":"a","return":"ok","value":"1"}
)");
  checker::Verdict verdict;
  verdict.conclusion = Conclusion::violated;
  verdict.violation = violation_of(checker::Anomaly::phantom_value, {0}, 0, 1, {checker::ValueId::absent});
  out.str("");
  write_json(std::vector<HistoryReport>{report_of("h.jsonl", bytes, verdict, {})}, "smalldb-sim 1", 1, out);
  const auto of_bytes = nlohmann::json::parse(out.str())["histories"][0]["reason"];
  CHECK(of_bytes["key"]["hex"] == "ff00");
  CHECK(of_bytes["operations"][0]["what"] == "get 0xff00");
  CHECK(of_bytes["states"][0].is_null());
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
