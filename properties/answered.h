// Answered: once the world is whole, every operation completes within a bound.
//
// The clock of an operation runs from its invocation, or from the healing if that is later. Until the world is healed
// nothing is owed. An operation invoked a whole bound after the healing must also be told an outcome: "unknown" will
// not do. A client that dies takes its operations with it.
//
// "Failed" and "unknown" are words of a client that has lost patience, and not of the store. Whoever asks the same
// again when that is all it was told has waited since it asked first.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "model/client.h"
#include "model/time.h"
#include "properties/mirror.h"
#include "properties/observation.h"
#include "properties/verdict.h"

namespace smalldb::properties {

class Answered : public Property {
 public:
  static constexpr ObservationKinds interests{ObservationKind::operation_invoked, ObservationKind::operation_completed,
                                              ObservationKind::process_ended};

  explicit Answered(Duration bound = seconds(30)) : bound_(bound) {}

  void observe(const Observation& observation, const Mirror& mirror);
  void heal(sim::Time at) {
    has_subject();
    healed_ = at;
  }
  void finish(sim::Time at, const Mirror& mirror);

 private:
  struct Open {
    Invocation invocation;
    sim::Time since;
    sim::EventIndex event;
  };

  using Key = std::pair<ProcessId, std::uint64_t>;  // client and number

  void on_invoked(const Observation& invoked);
  void on_completed(const Observation& completed, const Mirror& mirror);
  // When the operation should be answered. REQUIRES: healed.
  sim::Time due(const Open& open) const { return std::max(open.since, *healed_) + bound_; }

  Duration bound_;
  std::optional<sim::Time> healed_;
  std::map<Key, Open> open_;
  std::vector<std::pair<ProcessId, Open>> told_nothing_;  // since the healing, and not asked again
};

}  // namespace smalldb::properties
