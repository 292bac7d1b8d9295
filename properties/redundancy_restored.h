// Redundancy is restored (F7): within a bound after the world is whole there is a pair, a running primary and a running
// backup that holds, durably, the record that declares it in sync; and there is one when the run ends. What waits for
// an operator who never comes is not to blame. Where the others are lost, or were never started, and fewer than two
// nodes are left, there is to be none.
#pragma once

#include <optional>
#include <vector>

#include "model/time.h"
#include "properties/mirror.h"
#include "properties/observation.h"
#include "properties/recoverable.h"
#include "properties/verdict.h"

namespace smalldb::properties {

// There is a pair now.
bool is_pair(const Mirror& mirror);

class RedundancyRestored : public Property {
 public:
  static constexpr ObservationKinds interests{ObservationKind::record_written, ObservationKind::log_durable,
                                              ObservationKind::epoch_started, ObservationKind::process_started,
                                              ObservationKind::process_ended};

  explicit RedundancyRestored(Duration bound = seconds(30)) : bound_(bound) {}

  void observe(const Observation& observation, const Mirror& mirror);
  void heal(sim::Time at, const Lost& lost, const Mirror& mirror);
  void finish(sim::Time at, const Mirror& mirror);

 private:
  Duration bound_;
  bool pair_ = false;
  std::vector<bool> lost_;  // by ProcessId; empty: nobody
  std::optional<sim::Time> healed_;
  std::optional<sim::Time> restored_;  // the first pair since the healing
};

}  // namespace smalldb::properties
