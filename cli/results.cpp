#include "cli/results.h"

#include <iostream>
#include <iterator>
#include <sstream>

#include "cli/read_file.h"
#include "model/printable.h"
#include "reports/tally_json.h"
#include "scenarios/campaign/campaign.h"
#include "sim/chance.h"

namespace smalldb::cli {
namespace {

std::string seeds_of(const scenarios::BlockName& block) {
  return "seeds " + std::to_string(block.first) + " to " + std::to_string(block.first + block.count - 1);
}

}  // namespace

std::string to_text(const scenarios::CampaignName& campaign) {
  std::string text = campaign.program + ", budget " + (campaign.budget ? std::string(name(*campaign.budget)) : "both");
  if (campaign.events_max != scenarios::Campaign{}.events_max) {
    text += ", at most " + std::to_string(campaign.events_max) + " events";
  }
  if (!campaign.fixed.empty()) text += ", template " + std::to_string(sim::chance::hash_of(campaign.fixed));
  return text;
}

std::string Results::objection_to(const scenarios::Block& block, std::uint64_t result) const {
  if (campaign && block.campaign != *campaign) {
    return "found results of another campaign (" + to_text(block.campaign) + "), expected those of " +
           to_text(*campaign);
  }
  const scenarios::Tally& its = block.tally;
  if (its.runs + its.out_of_memory.size() != block.name.count) {
    return "found " + std::to_string(its.runs) + " runs and " + std::to_string(its.out_of_memory.size()) +
           " that ended for want of memory, expected one of them for each of " + seeds_of(block.name);
  }
  // Its neighbours are enough: none of the others overlap with each other.
  const auto behind = known.lower_bound(block.name);
  for (const auto& beside : {behind, behind == known.begin() ? behind : std::prev(behind)}) {
    if (beside == known.end() || !beside->first.overlaps(block.name)) continue;
    if (beside->first != block.name) {
      return "found " + seeds_of(block.name) + ", which overlap with " + seeds_of(beside->first) + " of " +
             beside->second.place +
             ", expected each seed in one line: the parts of a campaign begin at the same seed "
             "and end at the same";
    }
    if (beside->second.result != result) {
      return "found that " + seeds_of(block.name) + " came to something else than " + beside->second.place +
             " says, expected the same: a seed is one run. One of the two is not to be believed, unless a run was "
             "ended for want of memory or time";
    }
  }
  return {};
}

bool Results::add_file(const std::string& command, const std::string& file, std::uint64_t& whole_bytes) {
  std::string why;
  const auto text = read_file(file, why);
  if (!text) {
    std::cerr << "smalldb-sim " << command << ": cannot read " << printable(shown_name(file)) << ": " << why << '\n';
    return false;
  }
  std::istringstream input(*text);
  whole_bytes = 0;
  std::size_t number = 0;
  for (std::string line; std::getline(input, line);) {
    ++number;
    if (input.eof()) break;
    std::string expected;
    const auto block = reports::read_block(line, expected);
    if (!block) {
      std::cerr << printable(shown_name(file)) << ":" << number << ": expected " << printable(expected) << '\n';
      return false;
    }
    // As it is written here, and not there: the same whatever stands between its words.
    const std::uint64_t result = sim::chance::hash_of(reports::write_block(*block));
    if (const std::string objection = objection_to(*block, result); !objection.empty()) {
      std::cerr << printable(shown_name(file)) << ":" << number << ": " << printable(objection) << '\n';
      return false;
    }
    campaign = block->campaign;
    whole_bytes += line.size() + 1;
    const std::string place = shown_name(file) + ":" + std::to_string(number);
    if (known.try_emplace(block->name, Known{place, result}).second) tally.add(block->tally);
  }
  return true;
}

}  // namespace smalldb::cli
