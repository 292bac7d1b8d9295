#include "reports/history_json.h"

#include <nlohmann/json.hpp>
#include <ostream>
#include <string>

#include "reports/reason_json.h"

namespace smalldb::reports {
namespace {

using Json = nlohmann::ordered_json;

Json history_json(const HistoryReport& report) {
  Json json{{"file", report.file},
            {"conclusion", checker::name(report.conclusion)},
            {"exit_code", report.exit_code()},
            {"operations", report.operations},
            {"operations_unknown", report.operations_unknown},
            {"keys", report.keys},
            {"processes", report.processes},
            {"steps", report.steps}};
  if (report.keys_violated) json["keys_violated"] = *report.keys_violated;
  if (report.writes) {
    json["writes"] = report.writes->all;
    json["writes_repeated"] = report.writes->repeated;
  }
  if (!report.stopped.empty()) json["stopped"] = report.stopped;
  Json& engines = json["engines"] = Json::object();
  for (const auto& [engine, keys] : report.engines) engines[std::string(checker::name(engine))] = keys;
  if (report.asked != checker::Engine::automatic) json["engine_asked"] = checker::name(report.asked);
  if (report.reason) json["reason"] = reason_json(*report.reason);
  if (!report.wrong_answers.empty()) {
    Json& answers = json["wrong_answers"] = Json::array();
    for (const Phrase& answer : report.wrong_answers) answers.push_back(answer.whole());
  }
  Json& undecided = json["undecided"] = Json::array();
  for (const HistoryReport::Undecided& one : report.undecided) {
    undecided.push_back(
        {{"key", data_json(one.key)}, {"operations", one.operations}, {"judged_until", one.judged_until}});
    if (one.too_many_open > 0) undecided.back()["too_many_open"] = one.too_many_open;
  }
  json["undecided_left_out"] = report.undecided_left_out;
  Json& findings = json["findings"] = Json::array();
  for (const HistoryReport::Finding& one : report.findings) {
    findings.push_back(
        {{"what", one.what}, {"sentence", one.sentence.whole()}, {"earlier", one.earlier}, {"later", one.later}});
  }
  json["findings_left_out"] = report.findings_left_out;
  if (report.witnesses.empty()) return json;
  Json& witnesses = json["witness"] = Json::array();
  for (const HistoryReport::Witness& witness : report.witnesses) {
    Json order = Json::array();
    for (const HistoryReport::Step& step : witness.order) {
      order.push_back({{"position", step.position}, {"text", step.text.whole()}});
    }
    witnesses.push_back({{"key", data_json(witness.key)}, {"order", std::move(order)}});
  }
  return json;
}

}  // namespace

void write_json(std::span<const HistoryReport> reports, std::string_view program, int exit_code, std::ostream& out) {
  Json json{{"format", 1}, {"program", program}, {"exit_code", exit_code}};
  Json& histories = json["histories"] = Json::array();
  for (const HistoryReport& report : reports) histories.push_back(history_json(report));
  out << json.dump(2, ' ', false, Json::error_handler_t::replace) << '\n';
}

}  // namespace smalldb::reports
