// The Output Rule (F2, with S4, S5 and S7), as a monitor: at the release of an answer that depends on all records up to p
//
//   1. p is durable at the primary, and so is the first record of its epoch;
//   2. if p lies at or after the joining record of a backup, that backup has p (durable, or received where that is the
//      setting); unless the join was given up before the backup was declared;
//   3. otherwise the primary is alone, and the arbiter has given it the epoch.
//
// An answer released while a backup is joining, without it, is a breach only once that backup is declared: a primary may
// have given the join up in memory, and the record that says so may be seen later, or never, because the primary died.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "properties/mirror.h"
#include "properties/observation.h"
#include "properties/verdict.h"

namespace smalldb::properties {

class OutputRule : public Property {
 public:
  static constexpr ObservationKinds interests{ObservationKind::answer_released, ObservationKind::record_written};

  void observe(const Observation& observation, const Mirror& mirror);
  void finish(sim::Time, const Mirror&) {}

 private:
  // Released past a joining record without the backup that was joining.
  struct Breach {
    Line line;
    Lsn joining;
    sim::Time at;
    std::string witness;
    sim::EventIndex released;
  };

  void on_answer(const Observation& answer, const Mirror& mirror);
  void on_record(const Observation& written, const Mirror& mirror);

  std::vector<Breach> breaches_;  // not yet known to be harmless
};

// Whether this cluster's arbiter speaks where the trace shows it.
bool arbiter_is_seen(const Cast& cast);

}  // namespace smalldb::properties
