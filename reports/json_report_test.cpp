#include "reports/json_report.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "reports/test_sample.h"

namespace smalldb::reports {
namespace {

std::string json_of(const std::vector<Report>& reports, int exit_code) {
  std::ostringstream out;
  write_json(reports, exit_code, out);
  return out.str();
}

}  // namespace

TEST_CASE("a report is one JSON document") {
  check_golden("reports/testdata/report.json", json_of({sample_report()}, 1));
}

TEST_CASE("several runs are one JSON document") {
  const auto json = nlohmann::json::parse(json_of({sample_report(), sample_report()}, 2));
  CHECK(json["runs"].size() == 2);
  CHECK(json["exit_code"] == 2);
}

TEST_CASE("an interrupted run is partial for programs too") {
  Report report = sample_report();
  report.result.end_reason = scenarios::EndReason::interrupted;
  CHECK(nlohmann::json::parse(json_of({report}, 2))["runs"][0]["end"]["partial"] == true);
}

TEST_CASE("a stale run is one for programs too") {
  Report report = sample_report();
  const auto is_stale = [&] { return nlohmann::json::parse(json_of({report}, 1))["runs"][0]["stale"]; };
  CHECK(is_stale() == false);
  for (scenarios::FaultAccount& fault : report.result.faults) fault.effects = 0;
  CHECK(is_stale() == true);
}

TEST_CASE("the scenario in a report can be run again") {
  const auto json = nlohmann::json::parse(json_of({sample_report()}, 1));
  // JSON is YAML, and so a scenario.
  const auto loaded = scenarios::load_text(json["runs"][0]["scenario"].dump(), "again.yaml");
  for (const scenarios::Problem& problem : loaded.problems) UNSCOPED_INFO(to_text(problem));
  REQUIRE(loaded.scenario);
  CHECK(*loaded.scenario == sample_scenario());
}

}  // namespace smalldb::reports
