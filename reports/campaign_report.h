// What a campaign of random runs came to: what it has exercised, and what it has found.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>
#include <vector>

#include "reports/style.h"
#include "scenarios/campaign/tally.h"

namespace smalldb::reports {

// A failure class with what there is of it to look at.
struct CampaignFinding {
  scenarios::FailureClass kind;
  scenarios::FoundClass found;
  std::string again;    // the command that shows the run again
  std::string capsule;  // its file; empty: none was written
  std::string shrunk;   // the file of the shrunk scenario; empty: none was written
  std::string summary;  // what shrinking came to, in a sentence
};

// What was run in a time that is known: not what was known before, or is another machine's.
struct Pace {
  std::uint64_t runs = 0;
  std::uint64_t events = 0;
  std::uint64_t simulated_us = 0;
  std::uint64_t milliseconds = 0;  // of real time; 0: nothing is known
};

// Why seeds that were wished for may not have been run.
enum class Ended : std::uint8_t { complete, time_is_over, stopped, seeds_are_missing };

struct CampaignReport {
  std::string program;  // "smalldb-sim 0.1.0 (commit ...)"
  std::string what;     // the campaign, in words: seeds, budget, template
  scenarios::Tally tally;
  std::vector<CampaignFinding> findings;  // the certain first
  std::vector<std::string> missing;       // what was required to be exercised, and was not
  bool requires_coverage = false;
  Ended ended = Ended::complete;
  std::vector<std::string> missing_seeds;  // "1281 to 1344": nobody has run them, as far as that is known
  std::string out_of_memory_again;  // the command that shows the first of those seeds again; empty: there is none
  Pace pace;
  bool all_written = true;  // or a file of a finding could not be, and why has been told
  int exit_code = 0;
};

// Whether some of the seeds that were wished for have come to no end, or none was run at all: then nothing is known of
// them, and what the others have shown is not green.
bool is_partial(const CampaignReport& report);
// Whether nobody was answered in any run: then nothing that clients are promised was tried, and that is not green
// either.
bool is_vacuous(const CampaignReport& report);

// What has never come up in a campaign: kinds of fault that had an effect, conditions of properties/coverage.h, and
// properties that could have failed. Kinds that a budget does not have are not missed.
std::vector<std::string> never_exercised(const scenarios::Tally& tally, bool unrestricted);

// The progress line: "12,480 of 20,000 runs  0 found ...", without an end; what matters more stands before what does
// less, for a terminal may be narrow. Of a campaign that goes on until somebody stops it there is no `runs_in_all`.
std::string progress(const scenarios::Tally& tally, const Pace& pace, std::optional<std::uint64_t> runs_in_all);

void write_text(const CampaignReport& report, const Style& style, std::ostream& out);
void write_json(const CampaignReport& report, std::ostream& out);
// A test case for each property, violated or not, and for each class found, as CI servers read them.
void write_junit(const CampaignReport& report, std::ostream& out);

}  // namespace smalldb::reports
