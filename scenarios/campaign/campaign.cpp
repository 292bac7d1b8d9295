#include "scenarios/campaign/campaign.h"

#include "scenarios/notation.h"
#include "sim/chance.h"

namespace smalldb::scenarios {

void run_seed(const Campaign& campaign, std::uint64_t seed, Tally& tally) {
  RunOptions options;
  options.events_max = campaign.events_max;
  tally.add(seed, campaign.budget_of(seed), run(campaign.scenario_of(seed), options));
}

std::uint64_t seed_of_word(std::string_view word) {
  std::string ignored;
  if (const auto number = notation::read_count(word, ignored)) return *number;
  return sim::chance::hash_of(word) >> 24;  // twelve digits or so, and room to count up from
}

}  // namespace smalldb::scenarios
