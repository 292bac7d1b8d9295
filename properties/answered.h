// Answered: once the world is whole, every operation completes within a bound.
//
// The clock of an operation runs from its invocation, or from the healing if that is later. Until the world is healed
// nothing is owed. A client that dies takes its operations with it.
//
// "Failed" and "unknown" are words of a client that has lost patience, and not of the store. Whoever asks the same
// again when that is all it was told has waited since it asked first, but for the time in which it did not ask. Of what
// was invoked a whole bound after the healing, "unknown" must not be the last word.
//
// What waits for an operator who never comes is not to blame: who is not answered then is unknown.
//
// Where the store has answered nobody since the healing, and owed nobody an answer by the end, nothing has been shown.
#pragma once

#include <algorithm>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
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
  void heal(sim::Time at) { healed_ = at; }
  void finish(sim::Time at, const Mirror& mirror);

 private:
  struct Open {
    Invocation invocation;
    sim::Time since;
    sim::EventIndex event;
    sim::Time counts_from;  // later than that where the client did not ask for a while
  };

  struct ToldNothing {
    ProcessId client;
    Open open;
    Outcome outcome;  // failed or unknown
    sim::EventIndex event;
    sim::Time told;
  };

  using Key = std::pair<ProcessId, std::uint64_t>;  // client and number

  void on_invoked(const Observation& invoked);
  void on_completed(const Observation& completed, const Mirror& mirror);
  // Nobody has answered; unless only an operator could have seen to it that somebody does.
  void blame(const Mirror& mirror, sim::Time at, std::string kind, const std::string& what,
             std::initializer_list<sim::EventIndex> events);
  // When the operation should be answered. REQUIRES: healed.
  sim::Time due(const Open& open) const { return std::max(open.counts_from, *healed_) + bound_; }

  Duration bound_;
  std::optional<sim::Time> healed_;
  std::map<Key, Open> open_;
  std::vector<ToldNothing> told_nothing_;  // since the healing, and not asked again
};

}  // namespace smalldb::properties
