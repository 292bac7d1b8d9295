#include "cli/campaign_end.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <stdexcept>
#include <system_error>

#include "cli/failing.h"
#include "cli/interrupt.h"
#include "cli/perform.h"
#include "cli/read_file.h"
#include "cli/terminal.h"
#include "cli/watch.h"
#include "model/printable.h"
#include "scenarios/campaign/capsule.h"
#include "scenarios/notation.h"

namespace smalldb::cli {
namespace {

constexpr std::size_t classes_shrunk_max = 8;

using reports::CampaignFinding;
using reports::CampaignReport;

// Whether no more runs were left unjudged than may be. Without a product that is too large.
bool is_judged_enough(const CampaignReport& report, sim::Ratio unjudged_max) {
  std::uint64_t unjudged = 0;
  for (const CampaignFinding& finding : report.findings) unjudged += is_certain(finding.kind) ? 0 : finding.found.count;
  const std::uint64_t runs = report.tally.runs, of = unjudged_max.denominator;
  return unjudged <= runs / of * unjudged_max.numerator + runs % of * unjudged_max.numerator / of;
}

Exit exit_of(const CampaignReport& report, sim::Ratio unjudged_max) {
  Exit exit = report.requires_coverage && !report.missing.empty() ? not_as_expected : as_expected;
  if (is_partial(report) || is_vacuous(report) || !is_judged_enough(report, unjudged_max)) exit = worse(exit, unknown);
  for (const CampaignFinding& finding : report.findings) {
    if (!is_certain(finding.kind)) continue;
    exit = worse(exit, finding.kind.property == scenarios::simulator_failed ? failed : not_as_expected);
  }
  return exit;
}

// The command that runs a seed of the campaign again.
std::string command_for(const scenarios::Campaign& campaign, const CampaignEnd& end, std::uint64_t seed,
                        scenarios::Budget budget) {
  std::string command =
      in_shell(end.program) + " replay --seed " + std::to_string(seed) + " --budget " + std::string(name(budget));
  if (!end.fixed.empty()) command += " --template " + in_shell(end.fixed);
  if (campaign.events_max != scenarios::Campaign{}.events_max) {
    command += " --events " + std::to_string(campaign.events_max);
  }
  if (end.hang_after_ms != scenarios::usual_hang_after_ms) {
    const Duration hang_after = milliseconds(static_cast<std::int64_t>(end.hang_after_ms));
    command += " --hang " + scenarios::notation::write_duration(hang_after);
  }
  return command;
}

std::vector<CampaignFinding> findings_of(const scenarios::Campaign& campaign, const scenarios::Tally& tally,
                                         const CampaignEnd& end) {
  std::vector<CampaignFinding> findings;
  for (const auto& [kind, found] : tally.findings) {
    CampaignFinding finding{kind, found, {}, {}, {}, {}};
    finding.again =
        end.again.empty() ? command_for(campaign, end, found.fastest.seed, found.fastest.budget) : end.again;
    findings.push_back(std::move(finding));
  }
  std::stable_sort(findings.begin(), findings.end(), [](const CampaignFinding& a, const CampaignFinding& b) {
    return is_certain(a.kind) && !is_certain(b.kind);
  });
  return findings;
}

// The disk is to blame, or who chose the place, and not the simulator.
struct CannotWrite : std::runtime_error {
  CannotWrite(const std::filesystem::path& path, const std::string& why)
      : std::runtime_error("cannot write " + path.string() + ": " + why) {}
};

// Under its name once it is whole. Throws CannotWrite.
void write_file(const std::filesystem::path& path, const std::string& text) {
  std::filesystem::path beside = path;
  beside += ".part";
  std::ofstream file(beside, std::ios::binary);
  file << text;
  file.close();
  if (!file) {
    const std::string why = std::strerror(errno);
    std::error_code ignored;
    std::filesystem::remove(beside, ignored);
    throw CannotWrite(path, why);
  }
  std::error_code problem;
  std::filesystem::rename(beside, path, problem);
  if (problem) throw CannotWrite(path, problem.message());
}

// A run that hangs in real time, of which no event is known, or breaks the simulator is not run again in this process.
bool can_be_run_again(const CampaignFinding& finding) {
  return finding.kind.property != scenarios::simulator_failed && finding.found.fastest.events > 0;
}

std::filesystem::path file_of(const CampaignFinding& finding, const CampaignEnd& end, const char* ending) {
  std::filesystem::create_directories(end.out);
  const std::string stem = finding.kind.property + "_" + std::to_string(finding.found.fastest.seed);
  return std::filesystem::path(end.out) / (stem + ending);
}

std::string origin_of(const scenarios::FoundRun& run, const CampaignEnd& end) {
  return "seed " + std::to_string(run.seed) + ", " + std::string(name(run.budget)) +
         (end.fixed.empty() ? "" : ", around " + kept_name(end.fixed));
}

// Says where the capsule is that has been written.
void tell_of(const std::filesystem::path& capsule, const CampaignEnd& end, CampaignFinding& finding) {
  finding.capsule = capsule.string();
  finding.again = in_shell(end.program) + " replay " + in_shell(finding.capsule);
}

// What is known of a run that is not run again: its scenario, and no trace. It is drawn in a process of its own, since
// it may be the drawing that hangs or breaks.
void write_down_unrun(const scenarios::Campaign& campaign, const CampaignEnd& end, CampaignFinding& finding) {
  const scenarios::FoundRun& run = finding.found.fastest;
  const Watched drawn = watch(end.hang_after_ms, [&](Pulse& pulse, std::string& text) {
    const WatchedRun watched(pulse);
    scenarios::Capsule capsule;
    capsule.program = program_name();
    capsule.compiler = compiler();
    capsule.origin = origin_of(run, end);
    capsule.kind = finding.kind;
    capsule.witness = run.witness;
    capsule.hang_after_ms = end.hang_after_ms;
    capsule.scenario = campaign.scenario_of(run.seed);
    text = write_capsule(capsule);
    return as_expected;
  });
  if (drawn.exit != as_expected)
    throw std::runtime_error("the scenario of seed " + std::to_string(run.seed) + " was not drawn again");
  const std::filesystem::path path = file_of(finding, end, ".capsule");
  write_file(path, drawn.result);
  tell_of(path, end, finding);
  finding.summary = "kept as it was drawn, and not run again";
}

// In a process of its own, since what is left of a failure may hang or break the simulator, and the capsule is there
// already. False if the simulator has failed.
bool write_down_small(const scenarios::Capsule& capsule, const CampaignEnd& end, CampaignFinding& finding) {
  const std::filesystem::path path = file_of(finding, end, ".yaml");
  const Watched watched = watch(end.hang_after_ms, [&](Pulse& pulse, std::string& result) {
    const SmallFailure small = make_small(capsule, path.stem().string(), pulse);
    result = small.summary + '\n' + small.text;
    return as_expected;
  });
  if (watched.exit != as_expected) {
    finding.summary = "not shrunk: " + (interrupted() ? "interrupted" : "what was left of it " + how_it_ended(watched));
    return watched.hung;
  }
  const std::size_t line = watched.result.find('\n');
  write_file(path, watched.result.substr(line + 1));
  finding.shrunk = path.string();
  finding.summary = watched.result.substr(0, line);
  return true;
}

// Fills in what there is to look at. False if the simulator has failed.
bool write_down(const scenarios::Campaign& campaign, const CampaignEnd& end, bool shrink, CampaignFinding& finding) {
  const scenarios::FoundRun& run = finding.found.fastest;
  const auto capsule =
      scenarios::seal(campaign.scenario_of(run.seed), {program_name(), std::string(compiler()), origin_of(run, end),
                                                       campaign.events_max, end.hang_after_ms, interrupted});
  if (!capsule && interrupted())
    throw std::runtime_error("interrupted before seed " + std::to_string(run.seed) + " had failed again");
  if (!capsule) throw std::runtime_error("seed " + std::to_string(run.seed) + " failed, and failed not again");
  const std::filesystem::path path = file_of(finding, end, ".capsule");
  write_file(path, write_capsule(*capsule));
  tell_of(path, end, finding);
  if (!shrink) {
    if (end.shrink && is_certain(finding.kind)) {
      const std::string why =
          interrupted() ? "not shrunk: interrupted: " : "left as it was found, since others were shrunk first: ";
      finding.summary = why + in_shell(end.program) + " shrink " + in_shell(finding.capsule);
    }
    return true;
  }
  if (const std::string why_not = why_not_shrunk(*capsule); !why_not.empty()) {
    finding.summary = "not shrunk: " + why_not;
    return true;
  }
  return write_down_small(*capsule, end, finding);
}

// Says which could not be written down, and why.
void write_down_all(const scenarios::Campaign& campaign, const CampaignEnd& end, CampaignReport& report) {
  std::size_t left_to_shrink = classes_shrunk_max;
  for (CampaignFinding& finding : report.findings) {
    const bool again = can_be_run_again(finding);
    const bool shrink = again && end.shrink && is_certain(finding.kind) && left_to_shrink > 0 && !interrupted();
    left_to_shrink -= shrink ? 1 : 0;
    try {
      if (!again)
        write_down_unrun(campaign, end, finding);
      else if (!write_down(campaign, end, shrink, finding))
        report.exit_code = failed;
    } catch (const CannotWrite& problem) {
      std::cerr << "smalldb-sim: " << printable(problem.what()) << '\n';
      report.all_written = false;
    } catch (const std::exception& problem) {
      std::cerr << "smalldb-sim: " << printable(problem.what()) << '\n';
      report.exit_code = failed;
    }
  }
}

}  // namespace

Option add_unjudged_max(Options& options, sim::Ratio& unjudged_max) {
  return add_read(
      options, "--unjudged-max", unjudged_max, "1/1000", scenarios::notation::read_ratio,
      "Of the runs that part may come to their end and be left unjudged: they are told, and do not make the "
      "outcome unknown; none if not said");
}

Exit end_campaign(const scenarios::Campaign& campaign, scenarios::Tally tally, const CampaignEnd& end) {
  CampaignReport report;
  report.program = program_name();
  report.what = end.what;
  report.findings = findings_of(campaign, tally, end);
  report.missing = reports::never_exercised(tally, campaign.budget != scenarios::Budget::survivable);
  report.requires_coverage = end.require_coverage;
  report.ended = end.ended;
  report.missing_seeds = end.missing_seeds;
  report.pace = end.pace;
  if (!tally.out_of_memory.empty()) {
    const std::uint64_t seed = *tally.out_of_memory.begin();
    report.out_of_memory_again = command_for(campaign, end, seed, campaign.budget_of(seed));
  }
  report.tally = std::move(tally);
  report.exit_code = exit_of(report, end.unjudged_max);
  if (!end.out.empty()) write_down_all(campaign, end, report);
  if (!report.all_written) report.exit_code = failed;
  if (end.junit != nullptr) write_junit(report, *end.junit);
  if (end.json) {
    write_json(report, std::cout);
  } else {
    write_text(report, output_style(), std::cout);
  }
  return static_cast<Exit>(report.exit_code);
}

bool FindingsDirectory::make(const std::string& command, const std::string& directory) {
  if (directory.empty()) return true;
  const auto refuse = [&](const std::filesystem::path& path, int problem) {
    std::cerr << command << ": cannot write findings to " << printable(directory) << ": " << printable(path.string())
              << ": " << std::strerror(problem) << '\n';
    return false;
  };
  std::filesystem::path whole;
  for (const std::filesystem::path& part : std::filesystem::path(directory)) {
    whole /= part;
    if (mkdir(whole.c_str(), 0777) == 0) {
      made_.push_back(whole);
      continue;
    }
    const int problem = errno;
    std::error_code ignored;
    if (std::filesystem::is_directory(whole, ignored)) continue;
    return refuse(whole, problem == EEXIST ? ENOTDIR : problem);
  }
  std::string probe = (whole / ".smalldb-sim-XXXXXX").string();
  const int file = mkstemp(probe.data());
  if (file < 0) return refuse(whole, errno);
  close(file);
  unlink(probe.c_str());
  return true;
}

void FindingsDirectory::remove_if_empty() {
  for (; !made_.empty(); made_.pop_back()) rmdir(made_.back().c_str());
}

}  // namespace smalldb::cli
