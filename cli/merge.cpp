#include <CLI/CLI.hpp>
#include <fstream>
#include <iostream>
#include <set>
#include <string>
#include <vector>

#include "cli/campaign_end.h"
#include "cli/command.h"
#include "cli/options.h"
#include "cli/parse.h"
#include "cli/template.h"
#include "reports/tally_json.h"

namespace smalldb::cli {
namespace {

// The blocks of all files, each once. False after what is wrong has been written to standard error.
bool add_blocks(const std::string& file, std::string& campaign, std::set<scenarios::BlockName>& known,
                scenarios::Tally& tally) {
  std::ifstream input(file, std::ios::binary);
  if (!input) {
    std::cerr << "smalldb-sim merge: cannot read " << file << '\n';
    return false;
  }
  std::size_t number = 0;
  for (std::string line; std::getline(input, line);) {
    ++number;
    const bool is_last = input.peek() == std::ifstream::traits_type::eof();
    std::string expected;
    const auto block = reports::read_block(line, expected);
    if (!block) {
      // Who was killed in the middle of a line has not done that block.
      if (is_last && number > 1) return true;
      std::cerr << file << ":" << number << ": expected " << expected << '\n';
      return false;
    }
    if (campaign.empty()) campaign = block->name.campaign;
    if (block->name.campaign != campaign) {
      std::cerr << file << ":" << number << ": found results of another campaign (" << block->name.campaign
                << "), expected those of " << campaign << '\n';
      return false;
    }
    if (known.insert(block->name).second) tally.add(block->tally);
  }
  return true;
}

// Seeds that nobody has run, between the first and the last that somebody has: "1281 to 1344".
std::vector<std::string> gaps(const std::set<scenarios::BlockName>& known) {
  std::vector<std::string> missing;
  std::optional<std::uint64_t> next;
  for (const scenarios::BlockName& block : known) {
    if (next && block.first > *next) {
      missing.push_back(std::to_string(*next) + " to " + std::to_string(block.first - 1));
    }
    next = block.first + block.count;
  }
  return missing;
}

}  // namespace

Exit merge(const CommandLine& line) {
  std::vector<std::string> files;
  CampaignEnd end;
  scenarios::Campaign campaign;
  bool json = false;
  CLI::App app{
      "Adds up what the shards of a campaign have written with --results: in any order, and any of it any number of "
      "times. "
      "Seeds that are missing in the middle make the outcome unknown.",
      "smalldb-sim merge"};
  app.set_help_flag("-h,--help", "Prints this");
  app.add_option("RESULTS", files, "Files of results")->required()->type_name("");
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
  scenarios::Tally tally;
  std::set<scenarios::BlockName> known;
  std::string name;
  for (const std::string& file : files) {
    if (!add_blocks(file, name, known, tally)) return bad_input;
  }
  const std::vector<std::string> missing = gaps(known);
  end.program = line.program;
  end.json = json;
  end.what = std::to_string(known.size()) + " blocks of " + name;
  const Exit exit = end_campaign(campaign, std::move(tally), end);
  for (const std::string& seeds : missing) std::cerr << "smalldb-sim merge: nobody has run seeds " << seeds << '\n';
  return missing.empty() ? exit : worse(exit, unknown);
}

}  // namespace smalldb::cli
