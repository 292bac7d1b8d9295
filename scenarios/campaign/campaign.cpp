#include "scenarios/campaign/campaign.h"

#include "scenarios/notation.h"
#include "sim/chance.h"

namespace smalldb::scenarios {

void run_seed(const Campaign& campaign, std::uint64_t seed, Tally& tally) {
  RunOptions options;
  options.events_max = campaign.events_max;
  tally.add(seed, campaign.budget_of(seed), run(campaign.scenario_of(seed), options));
}

std::optional<std::uint64_t> seed_of_word(std::string_view word, std::string& expected) {
  std::string ignored;
  if (const auto number = notation::read_count(word, ignored)) return number;
  expected = "a seed: a number up to " + std::to_string(~std::uint64_t{0}) + ", or a word";
  if (word.find_first_not_of("0123456789.,:;+-_ ") == word.npos) return std::nullopt;  // a number, or meant to be some
  return sim::chance::hash_of(word) >> 24;  // twelve digits or so, and room to count up from
}

}  // namespace smalldb::scenarios
