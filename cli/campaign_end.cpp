#include "cli/campaign_end.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <stdexcept>

#include "cli/failing.h"
#include "cli/interrupt.h"
#include "cli/perform.h"
#include "cli/terminal.h"
#include "scenarios/campaign/capsule.h"

namespace smalldb::cli {
namespace {

constexpr std::size_t classes_shrunk_max = 8;

using reports::CampaignFinding;
using reports::CampaignReport;

Exit exit_of(const CampaignReport& report) {
  Exit exit = report.requires_coverage && !report.missing.empty() ? not_as_expected : as_expected;
  if (report.tally.runs == 0 || report.partial) exit = worse(exit, unknown);  // what was not run has shown nothing
  for (const CampaignFinding& finding : report.findings) {
    const bool of_simulator = finding.kind.property == scenarios::simulator_failed;
    exit = worse(exit, of_simulator ? failed : is_certain(finding.kind) ? not_as_expected : unknown);
  }
  return exit;
}

std::vector<CampaignFinding> findings_of(const scenarios::Tally& tally, const CampaignEnd& end) {
  std::vector<CampaignFinding> findings;
  for (const auto& [kind, found] : tally.findings) {
    CampaignFinding finding{kind, found, {}, {}, {}, {}};
    finding.again = end.program + " replay --seed " + std::to_string(found.fastest.seed) + " --budget " +
                    std::string(name(found.fastest.budget)) + (end.fixed.empty() ? "" : " --template " + end.fixed);
    findings.push_back(std::move(finding));
  }
  std::stable_sort(findings.begin(), findings.end(), [](const CampaignFinding& a, const CampaignFinding& b) {
    return is_certain(a.kind) && !is_certain(b.kind);
  });
  return findings;
}

void write_file(const std::filesystem::path& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  if (!file.flush()) throw std::runtime_error("cannot write " + path.string());
}

// A run that hangs in real time, of which no event is known, or breaks the simulator is not run again in this process.
bool can_be_run_again(const CampaignFinding& finding) {
  return finding.kind.property != scenarios::simulator_failed && finding.found.fastest.events > 0;
}

void write_down(const scenarios::Campaign& campaign, const CampaignEnd& end, std::vector<CampaignFinding>& findings) {
  std::size_t left_to_shrink = classes_shrunk_max;
  for (CampaignFinding& finding : findings) {
    if (!can_be_run_again(finding)) continue;
    const scenarios::FoundRun& run = finding.found.fastest;
    const scenarios::Scenario scenario = campaign.scenario_of(run.seed);
    const std::string origin = "seed " + std::to_string(run.seed) + ", " + std::string(name(run.budget));
    const auto capsule = scenarios::seal(
        scenario, {"smalldb-sim " + std::string(version()), std::string(compiler()), origin, campaign.events_max});
    if (!capsule) throw std::runtime_error("seed " + std::to_string(run.seed) + " failed, and failed not again");
    std::filesystem::create_directories(end.out);
    const std::string stem = finding.kind.property + "_" + std::to_string(run.seed);
    const std::filesystem::path path = std::filesystem::path(end.out) / (stem + ".capsule");
    write_file(path, write_capsule(*capsule));
    finding.capsule = path.string();
    finding.again = in_shell(end.program) + " replay " + in_shell(finding.capsule);
    if (!end.shrink || !is_certain(finding.kind) || left_to_shrink == 0 || interrupted()) continue;
    --left_to_shrink;
    const SmallFailure small = make_small(*capsule, stem);
    const std::filesystem::path shrunk = std::filesystem::path(end.out) / (stem + ".yaml");
    write_file(shrunk, small.text);
    finding.shrunk = shrunk.string();
    finding.summary = small.summary;
  }
}

}  // namespace

Exit end_campaign(const scenarios::Campaign& campaign, scenarios::Tally tally, const CampaignEnd& end) {
  CampaignReport report;
  report.program = "smalldb-sim " + std::string(version());
  report.what = end.what;
  report.findings = findings_of(tally, end);
  report.missing = reports::never_exercised(tally, campaign.budget != scenarios::Budget::survivable);
  report.requires_coverage = end.require_coverage;
  report.partial = end.partial;
  report.milliseconds = end.milliseconds;
  report.tally = std::move(tally);
  report.exit_code = exit_of(report);
  if (!end.out.empty()) write_down(campaign, end, report.findings);
  if (!end.junit.empty()) {
    std::ofstream junit(end.junit, std::ios::binary);
    write_junit(report, junit);
    if (!junit.flush()) throw std::runtime_error("cannot write " + end.junit);
  }
  if (end.json) {
    write_json(report, std::cout);
  } else {
    write_text(report, output_style(), std::cout);
  }
  return static_cast<Exit>(report.exit_code);
}

}  // namespace smalldb::cli
