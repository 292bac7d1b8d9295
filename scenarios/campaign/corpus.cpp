#include "scenarios/campaign/corpus.h"

#include <algorithm>
#include <utility>

#include "properties/fault_matrix.h"
#include "scenarios/notation.h"
#include "sim/fault.h"

namespace smalldb::scenarios {
namespace {

constexpr std::size_t columns_max = 105;

}  // namespace

std::optional<Corpus> Corpus::read(std::string_view text, std::string& expected) {
  Corpus corpus;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    std::string_view word = line.substr(0, line.find('#'));
    while (word.ends_with(' ')) word.remove_suffix(1);
    if (word.empty()) continue;
    const auto seed = notation::read_count(word, expected);
    if (!seed) {
      expected = "line " + std::to_string(number) + ": expected a seed, and # before anything else";
      return std::nullopt;
    }
    corpus.seeds.push_back({*seed, {}});
  }
  return corpus;
}

std::string Corpus::write() const {
  std::string text;
  for (const Seed& one : seeds) {
    std::string line = std::to_string(one.seed);
    line.resize(std::max<std::size_t>(line.size(), 8), ' ');
    std::string separator = " # ";
    std::size_t left = one.adds.size();
    for (const std::string& what : one.adds) {
      if (line.size() + what.size() > columns_max) break;
      line += std::exchange(separator, ", ") + what;
      --left;
    }
    if (left > 0) line += separator + std::to_string(left) + " more";
    text += line + '\n';
  }
  return text;
}

std::size_t Distiller::number_of(std::string what) {
  const auto [place, is_new] = numbers_.try_emplace(std::move(what), names_.size());
  if (is_new) names_.push_back(place->first);
  return place->second;
}

void Distiller::add(std::uint64_t seed, const Tally& tally) {
  if (!tally.findings.empty() || !tally.out_of_memory.empty()) return;
  Run run{seed, tally.events, {}};
  for (const auto& [condition, runs] : tally.runs_with) {
    if (runs > 0) run.exercises.push_back(number_of(condition));
  }
  for (const auto& [property, runs] : tally.judged) run.exercises.push_back(number_of(property + " judged"));
  for (std::size_t place = 0; place < tally.faults.size(); ++place) {
    const properties::FaultMatrix::Row& row = tally.faults[place];
    if (row.effects == 0) continue;
    const std::string kind(name(static_cast<sim::FaultKind>(place)));
    run.exercises.push_back(number_of(kind));
    for (std::size_t step = 0; step < row.at_step.size(); ++step) {
      if (row.at_step[step] == 0) continue;
      const std::string_view during = name(static_cast<properties::ProtocolStep>(step));
      run.exercises.push_back(number_of(kind + " during " + std::string(during)));
    }
  }
  runs_.push_back(std::move(run));
}

Corpus Distiller::distil() const {
  std::vector<bool> known(names_.size());
  const auto is_new = [&](std::size_t what) { return !known[what]; };
  // The same corpus in whatever order the runs came.
  std::vector<const Run*> runs;
  for (const Run& run : runs_) runs.push_back(&run);
  std::sort(runs.begin(), runs.end(), [](const Run* one, const Run* other) { return one->seed < other->seed; });
  Corpus corpus;
  for (;;) {
    const Run* best = nullptr;
    std::uint64_t best_new = 0;
    for (const Run* run : runs) {
      const auto fresh =
          static_cast<std::uint64_t>(std::count_if(run->exercises.begin(), run->exercises.end(), is_new));
      // fresh / run->events > best_new / best->events
      if (fresh > 0 && (best == nullptr || fresh * best->events > best_new * run->events)) {
        best = run;
        best_new = fresh;
      }
    }
    if (best == nullptr) return corpus;
    Corpus::Seed kept{best->seed, {}};
    for (const std::size_t what : best->exercises) {
      if (!known[what]) kept.adds.push_back(names_[what]);
      known[what] = true;
    }
    std::sort(kept.adds.begin(), kept.adds.end());
    corpus.seeds.push_back(std::move(kept));
  }
}

}  // namespace smalldb::scenarios
