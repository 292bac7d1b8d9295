// The end of a campaign, however its results came together: findings are written down, and all is told.
#pragma once

#include <string>
#include <vector>

#include "cli/command.h"
#include "reports/campaign_report.h"
#include "scenarios/campaign/campaign.h"

namespace smalldb::cli {

struct CampaignEnd {
  std::string program;  // as the user called it
  std::string what;     // the campaign, in words
  std::string fixed;    // the template's file; empty: none
  std::string out;      // directories and files to write; empty: none
  std::string junit;
  bool json = false;
  bool require_coverage = false;
  bool partial = false;  // somebody stopped it before its last seed
  bool shrink = true;
  std::uint64_t milliseconds = 0;
};

// Gives the exit code that the campaign has come to. Throws std::runtime_error if a file cannot be written.
Exit end_campaign(const scenarios::Campaign& campaign, scenarios::Tally tally, const CampaignEnd& end);

}  // namespace smalldb::cli
