// The Output Rule as a question to happens-before: in the causal past of every released answer lies the copy on the
// backup that it needs, or the arbiter's grant (F2, F5).
//
// Stricter than the monitor (output_rule): a copy that happens to be on the backup does not help a primary that has not
// heard of it. What a process can have heard of is kept as vector clocks while the run goes on (properties/clocks.h);
// over a recorded trace the same is asked of the graph (properties/happens_before.h), and a test holds the two
// together.
#pragma once

#include <memory>

#include "properties/mirror.h"
#include "properties/observation.h"
#include "properties/verdict.h"

namespace smalldb::properties {

class HappensBefore;

class OutputRuleCausal : public Property {
 public:
  static constexpr ObservationKinds interests{ObservationKind::answer_released};

  // Asks the mirror's clocks.
  OutputRuleCausal() = default;
  // Asks the graph of the trace that the observations are made from.
  explicit OutputRuleCausal(std::shared_ptr<const HappensBefore> graph) : graph_(std::move(graph)) {}

  void observe(const Observation& observation, const Mirror& mirror);
  void finish(sim::Time at, const Mirror& mirror);

 private:
  bool knows_of_grant(Epoch epoch, DirectoryId directory, const Observation& answer, const Mirror& mirror) const;
  bool in_the_past(sim::EventIndex event, ProcessId where, const Observation& of, const Mirror& mirror) const;

  std::shared_ptr<const HappensBefore> graph_;
};

}  // namespace smalldb::properties
