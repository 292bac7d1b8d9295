// Checkpoints are identical (S1, F9): two checkpoint files as of the same record hold the same bytes, and a node makes
// one as of a checkpoint record only, so that both make theirs at the same place of the stream.
#pragma once

#include <vector>

#include "properties/mirror.h"
#include "properties/observation.h"
#include "properties/verdict.h"

namespace smalldb::properties {

class CheckpointsIdentical : public Property {
 public:
  static constexpr ObservationKinds interests{ObservationKind::checkpoint_written};

  void observe(const Observation& observation, const Mirror& mirror);
  void finish(sim::Time, const Mirror&) {}

 private:
  struct Written {
    Line line;
    Lsn lsn;
    std::uint64_t fingerprint;
    std::uint64_t size;
    ProcessId node;
    sim::EventIndex event;
  };
  std::vector<Written> written_;  // the latest ones
};

}  // namespace smalldb::properties
