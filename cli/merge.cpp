#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "cli/campaign_end.h"
#include "cli/command.h"
#include "cli/options.h"
#include "cli/parse.h"
#include "cli/results.h"
#include "cli/seeds.h"
#include "cli/template.h"

namespace smalldb::cli {
namespace {

// Seeds that nobody has run, of those that are wished for; else between the first and the last that somebody has: "1281
// to 1344".
std::vector<std::string> gaps(const std::set<scenarios::BlockName>& known, const std::optional<Seeds>& wished) {
  std::vector<std::string> missing;
  std::optional<std::uint64_t> next;
  if (wished) next = wished->first;
  const auto expect = [&](std::uint64_t first) {
    if (next && first > *next) missing.push_back(std::to_string(*next) + " to " + std::to_string(first - 1));
  };
  for (const scenarios::BlockName& block : known) {
    expect(block.first);
    next = std::max(next.value_or(0), block.first + block.count);
  }
  if (wished && wished->last) expect(*wished->last + 1);
  return missing;
}

}  // namespace

Exit merge(const CommandLine& line) {
  std::vector<std::string> files;
  CampaignEnd end;
  scenarios::Campaign campaign;
  std::optional<Seeds> seeds;
  bool json = false;
  CLI::App app{
      "Adds up what the shards of a campaign have written with --results: in any order, and any of it any number of "
      "times. "
      "Seeds that are missing make the outcome unknown.",
      "smalldb-sim merge"};
  app.set_help_flag("-h,--help", "Prints this");
  app.add_option("RESULTS", files, "Files of results")->required()->type_name("");
  add_read(
      app, "--seeds", seeds, "A..B", Seeds::read,
      "The campaign's: all of them must have been run. If not said, those between the first and the last that were");
  add_choice<std::optional<scenarios::Budget>>(app, "--budget", campaign.budget,
                                               {{"both", std::nullopt},
                                                {"survivable", scenarios::Budget::survivable},
                                                {"unrestricted", scenarios::Budget::unrestricted}},
                                               "The campaign's");
  app.add_option("--template", end.fixed, "The campaign's")->type_name("FILE");
  app.add_option("--out", end.out, "A directory for findings")->type_name("DIR");
  app.add_option("--junit", end.junit, "Writes a JUnit report")->type_name("FILE");
  add_choice<bool>(app, "--format", json, {{"text", false}, {"json", true}}, "For a person, or for a program");
  app.add_flag("--require-coverage", end.require_coverage,
               "Fails if a kind of fault never took effect, or a condition was never seen");
  if (const auto exit = parse(app, line)) return *exit;
  if (!end.fixed.empty() && !load_template(end.fixed, campaign.fixed)) return bad_input;
  Results results;
  for (const std::string& file : files) {
    std::uint64_t ignored = 0;
    if (!results.add_file("merge", file, ignored)) return bad_input;
  }
  const std::vector<std::string> missing = gaps(results.known, seeds);
  end.program = line.program;
  end.json = json;
  end.what = std::to_string(results.known.size()) + " blocks of " + results.campaign;
  const Exit exit = end_campaign(campaign, std::move(results.tally), end);
  for (const std::string& gap : missing) std::cerr << "smalldb-sim merge: nobody has run seeds " << gap << '\n';
  return missing.empty() ? exit : worse(exit, unknown);
}

}  // namespace smalldb::cli
