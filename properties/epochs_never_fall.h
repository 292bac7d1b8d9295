// Epochs never fall (S2, S12): not from record to record of a log, not from one epoch that a directory begins to the
// next, and not among the records that a process ships in one life.
#pragma once

#include <cstdint>
#include <vector>

#include "properties/mirror.h"
#include "properties/observation.h"
#include "properties/verdict.h"

namespace smalldb::properties {

class EpochsNeverFall : public Property {
 public:
  static constexpr ObservationKinds interests{ObservationKind::record_written, ObservationKind::epoch_started,
                                              ObservationKind::message_sent, ObservationKind::process_started};

  void observe(const Observation& observation, const Mirror& mirror);
  void finish(sim::Time, const Mirror&) {}

 private:
  struct Began {
    DirectoryId directory;
    Epoch epoch;
    sim::EventIndex event;
  };
  struct Shipped {
    Epoch epoch;
    sim::EventIndex event = sim::no_event;
  };

  void on_record(const Observation& written, const Mirror& mirror);
  void on_epoch(const Observation& started, const Mirror& mirror);
  void on_sent(const Observation& sent, const Mirror& mirror);

  std::vector<Began> began_;      // by directory
  std::vector<Shipped> shipped_;  // by process, in its present life
};

}  // namespace smalldb::properties
