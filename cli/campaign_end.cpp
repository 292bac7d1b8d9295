#include "cli/campaign_end.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <stdexcept>

#include "reports/style.h"

namespace smalldb::cli {
namespace {

using reports::CampaignFinding;
using reports::CampaignReport;

Exit exit_of(const CampaignReport& report) {
  Exit exit = report.requires_coverage && !report.missing.empty() ? not_as_expected : as_expected;
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

}  // namespace

Exit end_campaign(const scenarios::Campaign& campaign, scenarios::Tally tally, const CampaignEnd& end) {
  CampaignReport report;
  report.program = "smalldb-sim " + std::string(version());
  report.what = end.what;
  report.findings = findings_of(tally, end);
  report.missing = reports::never_exercised(tally, campaign.budget != scenarios::Budget::survivable);
  report.requires_coverage = end.require_coverage;
  report.milliseconds = end.milliseconds;
  report.tally = std::move(tally);
  report.exit_code = exit_of(report);
  if (!end.junit.empty()) {
    std::ofstream junit(end.junit, std::ios::binary);
    write_junit(report, junit);
    if (!junit.flush()) throw std::runtime_error("cannot write " + end.junit);
  }
  if (end.json) {
    write_json(report, std::cout);
  } else {
    const bool colour = reports::wants_colour(isatty(STDOUT_FILENO) == 1, std::getenv("TERM"), std::getenv("NO_COLOR"));
    write_text(report, reports::Style(colour), std::cout);
  }
  return static_cast<Exit>(report.exit_code);
}

}  // namespace smalldb::cli
