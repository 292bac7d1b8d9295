// No answer is taken back: what a released answer depends on survives every takeover and restart (F1, S3, S6, S7).
//
//   - A node that begins an epoch, durably, has in its log every record that an answer of an earlier epoch depends on;
//     and an answer released later, of an earlier epoch, depends on nothing that the newer epoch lacks.
//   - A node that cuts its log (rejoining, or after a restart) cuts nothing that an answer depends on, unless another
//     node holds it.
//   - At the end somebody holds it all; if not, because disks were emptied or rotted, the verdict is unknown: the
//     faults may have taken more than any protocol can save.
//
// An answer that is released, or delivered, after a takeover is no breach in itself: what counts is whether the new
// epoch's log holds what it depends on.
#pragma once

#include <vector>

#include "properties/mirror.h"
#include "properties/observation.h"
#include "properties/verdict.h"
#include "properties/words.h"

namespace smalldb::properties {

class NoLostWrite : public Property {
 public:
  static constexpr ObservationKinds interests{ObservationKind::answer_released, ObservationKind::epoch_started,
                                              ObservationKind::log_cut};

  void observe(const Observation& observation, const Mirror& mirror);
  void finish(sim::Time at, const Mirror& mirror);

 private:
  // The answer that depends on the furthest record of a line.
  struct Furthest {
    Line line;
    Answer answer;
  };

  void on_answer(const Observation& released, const Mirror& mirror);
  void on_epoch(const Observation& started, const Mirror& mirror);
  void on_cut(const Observation& cut, const Mirror& mirror);

  std::vector<Furthest> released_;  // by line, in the order of their first answers
};

}  // namespace smalldb::properties
