#include "scenarios/campaign/tally.h"

#include <tuple>

#include "properties/properties.h"

namespace smalldb::scenarios {

void Tally::add(std::uint64_t seed, Budget budget, const Result& result) {
  ++runs;
  events += result.event_count;
  simulated_us += static_cast<std::uint64_t>(result.ended_at.nanoseconds / 1000);
  operations += result.operations_answered;
  for (const properties::Seen& condition : result.coverage) {
    if (condition.count == 0 && runs > 1) continue;  // all of them stand there since the first run
    const std::string name(condition.name);
    coverage[name] += condition.count;
    runs_with[name] += condition.count > 0 ? 1 : 0;
  }
  for (const Judgement& judgement : result.judgements) {
    if (!judgement.property || judgement.met == Judgement::Met::unknown) continue;
    if (!result.verdicts[*judgement.property].had_subject) continue;
    ++judged[std::string(properties::descriptions()[*judgement.property].name)];
  }
  for (std::size_t kind = 0; kind < faults.size(); ++kind) {
    const properties::FaultMatrix::Row& row = result.fault_matrix[kind];
    faults[kind].injected += row.injected;
    faults[kind].effects += row.effects;
    for (std::size_t step = 0; step < row.at_step.size(); ++step) faults[kind].at_step[step] += row.at_step[step];
  }
  for (std::string& shape : scenarios::shapes(result.scenario)) ++shapes[std::move(shape)];
  if (const auto failure = failure_of(result)) {
    add_failure(failure->kind, {seed, budget, result.event_count, failure->witness});
  }
}

void Tally::add_failure(const FailureClass& kind, const FoundRun& run) { add_class(kind, {1, run.seed, run}); }

void Tally::add_class(const FailureClass& kind, const FoundClass& of_others) {
  FoundClass& found = findings[kind];
  const auto rank = [](const FoundRun& one) { return std::tuple(one.events, one.seed, one.budget); };
  const bool is_new = found.count == 0;
  if (is_new || rank(of_others.fastest) < rank(found.fastest)) found.fastest = of_others.fastest;
  if (is_new || of_others.first < found.first) found.first = of_others.first;
  found.count += of_others.count;
}

void Tally::add(const Tally& other) {
  runs += other.runs;
  events += other.events;
  simulated_us += other.simulated_us;
  operations += other.operations;
  out_of_memory.insert(other.out_of_memory.begin(), other.out_of_memory.end());
  for (const auto& [name, count] : other.coverage) coverage[name] += count;
  for (const auto& [name, count] : other.runs_with) runs_with[name] += count;
  for (const auto& [name, count] : other.judged) judged[name] += count;
  for (std::size_t kind = 0; kind < faults.size(); ++kind) {
    faults[kind].injected += other.faults[kind].injected;
    faults[kind].effects += other.faults[kind].effects;
    for (std::size_t step = 0; step < faults[kind].at_step.size(); ++step) {
      faults[kind].at_step[step] += other.faults[kind].at_step[step];
    }
  }
  for (const auto& [shape, count] : other.shapes) shapes[shape] += count;
  for (const auto& [kind, found] : other.findings) add_class(kind, found);
}

}  // namespace smalldb::scenarios
