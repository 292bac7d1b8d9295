// A campaign: which scenarios its seeds stand for, and how each is run.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "scenarios/campaign/tally.h"
#include "scenarios/generator/generate.h"
#include "scenarios/run.h"

namespace smalldb::scenarios {

struct Campaign {
  std::optional<Budget> budget;          // none: survivable for even seeds, unrestricted for odd ones
  std::optional<Template> fixed;         // what a file says of every scenario
  std::uint64_t events_max = 2'000'000;  // a run that comes to no end before is a hang

  Budget budget_of(std::uint64_t seed) const {
    return budget.value_or(seed % 2 == 0 ? Budget::survivable : Budget::unrestricted);
  }
  Scenario scenario_of(std::uint64_t seed) const { return generate(seed, budget_of(seed), fixed ? &*fixed : nullptr); }
};

// Runs what `seed` stands for and adds what came of it.
void run_seed(const Campaign& campaign, std::uint64_t seed, Tally& tally);

// The seed that a word stands for: a number itself, any other word (a commit's hash) a number made of it. So a campaign
// can begin somewhere else at each commit and still be repeated. Nothing for no word at all, and for a number that no
// seed has: of that one may mean a digit less, and nothing else.
std::optional<std::uint64_t> seed_of_word(std::string_view word, std::string& expected);

}  // namespace smalldb::scenarios
