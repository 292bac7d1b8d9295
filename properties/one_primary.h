// One primary (F5, S2, S4, S8): never do two act for the same epoch, and a deposed one answers nothing new.
//
//   - The arbiter names one directory for an epoch, for ever.
//   - One directory begins an epoch, and only one to whom it was given: by the tie breaker, on the shared volume, or by
//     an operator. (With no arbiter at all, only the first half.)
//   - Answers of one epoch come from one node.
//   - Once a node has released an answer in an epoch, no other answers, in an earlier one, a request that it received
//     after that. A request that it had received before may still be answered: the two answers are concurrent.
#pragma once

#include <vector>

#include "properties/mirror.h"
#include "properties/observation.h"
#include "properties/verdict.h"

namespace smalldb::properties {

class OnePrimary : public Property {
 public:
  static constexpr ObservationKinds interests{ObservationKind::answer_released, ObservationKind::epoch_granted,
                                              ObservationKind::epoch_started};

  void observe(const Observation& observation, const Mirror& mirror);
  void finish(sim::Time, const Mirror&) {}

 private:
  struct Acting {
    Epoch epoch;
    ProcessId node;
    sim::EventIndex first_answer;
    sim::Time at;
  };

  void on_answer(const Observation& answer, const Mirror& mirror);
  void on_grant(const Observation& granted, const Mirror& mirror);
  void on_epoch(const Observation& started, const Mirror& mirror);

  std::vector<Acting> acting_;  // one per epoch that answered; the latest ones
};

}  // namespace smalldb::properties
