// The end of a campaign, however its results came together: findings are written down, and all is told.
#pragma once

#include <cstdint>
#include <filesystem>
#include <iosfwd>
#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/options.h"
#include "reports/campaign_report.h"
#include "scenarios/campaign/campaign.h"
#include "sim/chance.h"

namespace smalldb::cli {

struct CampaignEnd {
  std::string program;            // as the user called it
  std::string what;               // the campaign, in words
  std::string fixed;              // what names the template to a user; empty: there is none
  std::string again;              // the command that gives findings; empty: the one that runs a seed again does
  std::string out;                // the directory to write findings to; empty: none
  std::ostream* junit = nullptr;  // where to write that report; null: nowhere
  bool json = false;
  bool require_coverage = false;
  bool shrink = true;
  std::uint64_t hang_after_ms = scenarios::usual_hang_after_ms;  // of real time, for one run
  sim::Ratio unjudged_max;                                       // of the runs that part may be left unjudged
  reports::Ended ended = reports::Ended::complete;
  std::vector<std::string> missing_seeds;
  reports::Pace pace;
};

// Of every command that ends a campaign.
inline constexpr ExitCodes exit_codes_of_campaigns = {
    "nothing was found", "something is violated or comes to no end, or was not exercised with --require-coverage",
    "something could not be judged, or not all of the campaign was run"};

// --unjudged-max, of every command that ends a campaign.
Option add_unjudged_max(Options& options, sim::Ratio& unjudged_max);

// Gives the exit code that the campaign has come to. What cannot be written down is told, and the rest is told all the
// same.
Exit end_campaign(const scenarios::Campaign& campaign, scenarios::Tally tally, const CampaignEnd& end);

// The directory that findings are written to in the end. It is made before the campaign, since nothing else shows that
// it can be, and goes again if nothing has come into it.
class FindingsDirectory {
 public:
  FindingsDirectory() = default;
  ~FindingsDirectory() { remove_if_empty(); }
  FindingsDirectory(const FindingsDirectory&) = delete;
  FindingsDirectory& operator=(const FindingsDirectory&) = delete;

  // False, and said why as `command`, if findings cannot be written there. No name: none are to be.
  bool make(const std::string& command, const std::string& directory);
  // What make() has made of it. For a process that ends without destructors, too.
  void remove_if_empty();

 private:
  std::vector<std::filesystem::path> made_;  // the outermost first
};

}  // namespace smalldb::cli
