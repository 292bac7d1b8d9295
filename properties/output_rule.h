// The Output Rule (F2, with S4, S5 and S7), as a monitor. An output is what cannot be taken back: an answer, and a
// checkpoint of who leads (F9), since a node whose log parts from another's below its checkpoint cannot cut it. At the
// release of an output that depends on all records up to p
//
//   1. p is durable at the primary, and so is the first record of its epoch;
//   2. if p lies at or after the joining record of a backup, that backup has p (durable, or received where that is the
//      setting); unless the join was given up before the backup was declared;
//   3. otherwise the primary is alone, and the arbiter has given it the epoch.
//
// Between winning the next epoch and having its first record durable a primary may release what waited for the backup
// of the old one: the grant is what permits it (S4), and nobody else can go on.
//
// A backup in sync that comes back in the same epoch must still hold what outputs rest on (S3): a primary that
// welcomes it with less keeps an answer whose only copy is its own.
//
// A backup checkpoints what its primary has called safe (F9), so another has that durably. A snapshot that it was sent
// is no such checkpoint: it is of the running store, and who sent it may lose what stands in it.
//
// Two things are decided only by what comes later. An output released without a backup that is still joining is a
// breach once that backup is declared: the primary may have given the join up in memory, and the record that says so
// may be seen later, or never, because the primary died. And where nobody grants epochs (ArbiterKind::none), an output
// released without the backup is one unless the primary turns out to have begun the next epoch.
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
  static constexpr ObservationKinds interests{ObservationKind::answer_released, ObservationKind::checkpoint_written,
                                              ObservationKind::record_written, ObservationKind::message_sent};

  void observe(const Observation& observation, const Mirror& mirror);
  void finish(sim::Time at, const Mirror& mirror);

 private:
  // Released past a joining record without that backup.
  struct Breach {
    Line line;
    Lsn joining;
    bool declared;
    sim::Time at;
    std::string witness;
    sim::EventIndex released;
  };

  void on_answer(const Observation& answer, const Mirror& mirror);
  void on_checkpoint(const Observation& checkpoint, const Mirror& mirror);
  void on_checkpoint_of_a_backup(const Observation& checkpoint, const Mirror& mirror);
  static bool takes_over(ProcessId node, const Tenure& from, const Mirror& mirror);
  void on_output(const Observation& output, Line line, const Mirror& mirror);
  void without_backup(const Observation& output, Line line, const Join& join, const Mirror& mirror);
  void on_record(const Observation& written, const Mirror& mirror);
  void on_welcome(const Observation& sent, Lsn cut, const Mirror& mirror);

  // The last of a line that an output with a copy rests on.
  struct Out {
    Line line = no_line;
    Lsn position;
    sim::EventIndex released = sim::no_event;
  };

  std::vector<Breach> breaches_;  // not yet known to be harmless
  Out out_;                       // of the latest line that had one
};

// Epochs are granted where the trace shows it: by the tie breaker, on the shared volume or by an operator.
inline bool grants_are_seen(const Cast& cast) { return cast.arbiter_kind != ArbiterKind::none; }

}  // namespace smalldb::properties
