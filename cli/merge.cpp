#include <algorithm>
#include <iostream>
#include <optional>
#include <string>
#include <vector>

#include "cli/campaign_end.h"
#include "cli/command.h"
#include "cli/file_output.h"
#include "cli/interrupt.h"
#include "cli/options.h"
#include "cli/perform.h"
#include "cli/results.h"
#include "cli/seeds.h"
#include "cli/template.h"
#include "model/printable.h"
#include "reports/layout.h"
#include "scenarios/problem.h"

namespace smalldb::cli {
namespace {

// False, and said where, if there are results of seeds that are not wished for.
bool all_are_wished(const Results& results, const Seeds& wished) {
  for (const auto& [block, known] : results.known) {
    const std::uint64_t last = block.first + (block.count - 1);
    if (block.first >= wished.first && last <= wished.last.value_or(last)) continue;
    std::cerr << printable(known.place) << ": found results of seeds " << block.first << " to " << last
              << ", expected none beyond those that --seeds names: it names all of the campaign\n";
    return false;
  }
  return true;
}

// Seeds that nobody has run, of those that are wished for; else between the first and the last that somebody has: "1281
// to 1344". REQUIRES: there are no others.
std::vector<std::string> gaps(const Results& results, const std::optional<Seeds>& wished) {
  std::vector<std::string> missing;
  const auto miss = [&](std::uint64_t first, std::uint64_t last) {
    missing.push_back(std::to_string(first) + " to " + std::to_string(last));
  };
  // The seed at which the next block should begin, and the one before it: there may be no next one.
  std::optional<std::uint64_t> last;
  const auto next = [&] { return last ? *last + 1 : wished->first; };
  for (const auto& [block, known] : results.known) {
    if ((last || wished) && block.first > next()) miss(next(), block.first - 1);
    last = block.first + (block.count - 1);
  }
  if (wished && wished->last && (!last || *last < *wished->last)) miss(next(), *wished->last);
  return missing;
}

// What the results say of the campaign that they are of. False, and said why, if this program would make something else
// of its seeds.
bool read_campaign(const scenarios::CampaignName& name, scenarios::Campaign& campaign) {
  if (name.program != version()) {
    std::cerr << "smalldb-sim merge: the results are of smalldb-sim " << name.program << ", and this is smalldb-sim "
              << version() << ", which may make another run of the same seed; it takes the one that wrote them\n";
    return false;
  }
  campaign.budget = name.budget;
  campaign.events_max = name.events_max;
  return name.fixed.empty() || read_template(name.fixed, "the template in the results", campaign.fixed);
}

}  // namespace

Exit merge(const CommandLine& line) {
  std::vector<std::string> files;
  CampaignEnd end;
  std::optional<Seeds> seeds;
  std::string junit_file;
  Options options{
      "Adds up what the shards of a campaign have written with --results: in any order, and any of it any number of "
      "times. The results say what was run: budget, template and all. Seeds that are missing make the outcome unknown.",
      "smalldb-sim merge", exit_codes_of_campaigns};
  options.add_option("RESULTS", files, "Files of results; - is standard input").required().type_name("");
  add_read(options, "--seeds", seeds, "A..B", Seeds::read,
           "The campaign's: all of them must have been run, and no others. If not said, those between the first and "
           "the last that were");
  options
      .add_option("--out", end.out,
                  "A directory for findings: a capsule each, and the shrunk scenario; none if not said")
      .type_name("DIR");
  options.add_flag(
      "--no-shrink", [&end] { end.shrink = false; }, "Leaves findings as large as they were found");
  add_hang(options, end.hang_after_ms);
  options.add_option("--junit", junit_file, "Writes a JUnit report").type_name("FILE");
  add_choice<bool>(options, "--format", end.json, {{"text", false}, {"json", true}}, "For a person, or for a program");
  options.add_flag(
      "--require-coverage", end.require_coverage,
      "Fails if a kind of fault that the budget has never took effect, a condition was never seen, or a property "
      "could never have failed; of what a template rules out, too");
  add_unjudged_max(options, end.unjudged_max);
  if (const auto exit = options.parse(line)) return *exit;
  Results results;
  for (const std::string& file : files) {
    std::uint64_t ignored = 0;
    if (!results.add_file("merge", file, ignored)) return bad_input;
  }
  if (!results.campaign) {
    std::cerr << "smalldb-sim merge: there is no result in " << printable(smalldb::one_of(files)) << '\n';
    return bad_input;
  }
  if (seeds && !all_are_wished(results, *seeds)) return bad_input;
  scenarios::Campaign campaign;
  if (!read_campaign(*results.campaign, campaign)) return bad_input;
  FileOutput junit("smalldb-sim merge", "JUnit report", junit_file);
  FindingsDirectory findings;
  if (!findings.make("smalldb-sim merge", end.out) || !open_all({&junit}, files)) return bad_input;
  note_interrupts();
  end.program = line.program;
  end.fixed = campaign.fixed ? "TEMPLATE.yaml" : "";
  if (campaign.fixed && end.out.empty()) {  // results have its text, and not the name of its file
    end.again = in_shell(line.program) + " merge";
    for (const std::string& file : files) end.again += " " + in_shell(file);
    end.again += " --out findings";
  }
  end.what = reports::counted(results.known.size(), "block") + " of " + to_text(*results.campaign);
  end.junit = junit.stream();
  end.missing_seeds = gaps(results, seeds);
  if (!end.missing_seeds.empty()) end.ended = reports::Ended::seeds_are_missing;
  const Exit exit = end_campaign(campaign, std::move(results.tally), end);
  const bool written = junit.close();
  findings.remove_if_empty();
  end_if_terminated();
  return written ? exit : failed;
}

}  // namespace smalldb::cli
