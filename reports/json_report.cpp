#include "reports/json_report.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "properties/properties.h"
#include "reports/reason_json.h"
#include "scenarios/document.h"
#include "scenarios/judge.h"
#include "scenarios/save.h"

namespace smalldb::reports {
namespace {

using Json = nlohmann::ordered_json;

std::string_view word(scenarios::Expected expected) {
  switch (expected) {
    case scenarios::Expected::holds: return "holds";
    case scenarios::Expected::violated: return "violated";
    case scenarios::Expected::any: return "any";
    case scenarios::Expected::if_recoverable: return "if_recoverable";
  }
  return "?";
}

std::string_view word(StoryCell::State state) {
  switch (state) {
    case StoryCell::State::not_started: return "not_started";
    case StoryCell::State::down: return "down";
    case StoryCell::State::paused: return "paused";
    case StoryCell::State::running: return "running";
  }
  return "?";
}

// As its file would say it, with what is as it is by default left out.
Json scenario_json(const scenarios::Scenario& scenario) {
  std::vector<scenarios::Problem> problems;
  const scenarios::Node root = scenarios::read_yaml(scenarios::save_text(scenario), scenario.name, problems);
  Json json = Json::parse(scenarios::write_json(root));
  json["seed"] = scenario.seed;
  return json;
}

Json line_json(const StoryLine& line, const std::vector<StoryColumn>& columns) {
  Json nodes = Json::object();
  for (std::size_t n = 0; n < line.cells.size(); ++n) {
    const StoryCell& cell = line.cells[n];
    nodes[columns[n].name] = {{"state", word(cell.state)},
                              {"role", name(cell.role)},
                              {"alone", cell.alone},
                              {"epoch", cell.epoch},
                              {"position", cell.position}};
  }
  Json json{{"event", line.event},
            {"time_ns", line.time.nanoseconds},
            {"tone", name(line.tone)},
            {"text", line.text},
            {"nodes", std::move(nodes)}};
  if (line.is_named) json["named"] = true;
  if (line.left_out > 0) json["left_out"] = line.left_out;
  if (const auto& repeat = line.repeat) {
    json["repeat"] = {{"lines", repeat->lines}, {"times", repeat->times}, {"until_ns", repeat->until.nanoseconds}};
    if (repeat->numbers_grow) json["repeat"]["numbers_grow"] = true;
  }
  return json;
}

Json story_json(const Story& story) {
  Json lines = Json::array();
  for (const StoryLine& line : story.lines()) lines.push_back(line_json(line, story.columns()));
  return {{"lines", std::move(lines)}};
}

Json verdicts_json(const scenarios::Result& result) {
  Json json = Json::array();
  const auto described = properties::descriptions();
  const std::vector<scenarios::Expected> expected = scenarios::expected_properties(result.scenario);
  for (std::size_t n = 0; n < result.verdicts.size(); ++n) {
    const properties::Verdict& verdict = result.verdicts[n];
    Json one{
        {"property", described[n].name}, {"conclusion", name(verdict.conclusion)}, {"expected", word(expected[n])}};
    if (!verdict.kind.empty()) one["kind"] = verdict.kind;
    if (!verdict.witness.empty()) one["witness"] = verdict.witness;
    if (verdict.conclusion == properties::Conclusion::violated) one["time_ns"] = verdict.at.nanoseconds;
    if (!verdict.events.empty()) one["events"] = verdict.events;
    json.push_back(std::move(one));
  }
  return json;
}

Json whys_json(const std::vector<Why>& whys) {
  Json json = Json::array();
  for (const Why& why : whys) {
    Json lines = Json::array();
    for (const WhyLine& line : why.lines) {
      Json one{{"text", line.text}};
      if (line.at) one["time_ns"] = line.at->nanoseconds;
      lines.push_back(std::move(one));
    }
    json.push_back({{"properties", why.properties}, {"lines", std::move(lines)}});
  }
  return json;
}

Json run_json(const Report& report) {
  const scenarios::Result& result = report.result;
  Json json{{"file", report.file},
            {"outcome", outcome(report)},
            {"exit_code", reports::exit_code(report)},
            {"stale", result.is_stale()},
            {"scenario", scenario_json(result.scenario)}};
  if (report.story) json["story"] = story_json(*report.story);
  json["verdicts"] = verdicts_json(result);
  if (!report.whys.empty()) json["whys"] = whys_json(report.whys);
  if (report.reason) json["reason"] = reason_json(*report.reason);
  Json& expectations = json["expectations"] = Json::array();
  for (const scenarios::Judgement& judgement : result.judgements) {
    expectations.push_back(
        {{"what", judgement.what}, {"met", scenarios::name(judgement.met)}, {"found", judgement.found}});
  }
  Json& faults = json["faults"] = Json::array();
  for (const scenarios::FaultAccount& fault : result.faults) {
    Json strikes = Json::array();
    for (const auto& strike : fault.strikes) {
      Json one{{"began_ns", strike.began.nanoseconds}};
      if (strike.ended) one["ended_ns"] = strike.ended->nanoseconds;
      strikes.push_back(std::move(one));
    }
    faults.push_back({{"what", fault.text},
                      {"fired", fault.fired},
                      {"effects", fault.effects},
                      {"relied_on", fault.relied_on},
                      {"strikes", std::move(strikes)}});
  }
  Json& coverage = json["coverage"] = Json::object();
  for (const properties::Seen& condition : result.coverage) coverage[std::string(condition.name)] = condition.count;
  json["end"] = {{"reason", scenarios::name(result.end_reason)},
                 {"partial", result.end_reason == scenarios::EndReason::interrupted},
                 {"time_ns", result.ended_at.nanoseconds},
                 {"events", result.event_count},
                 {"operations_answered", result.operations_answered},
                 {"trace_hash", fmt::format("{:016x}", result.hash)}};
  json["again"] = report.again;
  if (report.comparison)
    json["comparison"] = {{"outcome", name(report.comparison->outcome)}, {"text", report.comparison->text}};
  return json;
}

}  // namespace

void write_json(std::span<const Report> reports, int exit_code, std::ostream& out) {
  Json json{{"format", 1}, {"program", reports.empty() ? "" : reports.front().program}, {"exit_code", exit_code}};
  Json& runs = json["runs"] = Json::array();
  for (const Report& report : reports) runs.push_back(run_json(report));
  // A key or a message may hold any bytes; what is not UTF-8 is replaced.
  out << json.dump(2, ' ', false, Json::error_handler_t::replace) << '\n';
}

void write_json(std::span<const scenarios::Problem> problems, std::string_view program, int exit_code,
                std::ostream& out) {
  Json json{{"format", 1}, {"program", program}, {"exit_code", exit_code}, {"runs", Json::array()}};
  Json& listed = json["problems"] = Json::array();
  for (const scenarios::Problem& problem : problems) {
    Json one{{"file", problem.file}, {"found", problem.found}, {"expected", problem.expected}};
    if (problem.place.line > 0) {
      one["line"] = problem.place.line;
      one["column"] = problem.place.column;
    }
    if (!problem.nearest.empty()) one["nearest"] = problem.nearest;
    listed.push_back(std::move(one));
  }
  out << json.dump(2, ' ', false, Json::error_handler_t::replace) << '\n';
}

}  // namespace smalldb::reports
