// Replicas agree byte by byte (S1): two logs that hold a record of the same epoch at the same position hold the same
// bytes there, and the same record before it; so their common part is a prefix.
#pragma once

#include "properties/mirror.h"
#include "properties/observation.h"
#include "properties/verdict.h"

namespace smalldb::properties {

class ReplicasAgree : public Property {
 public:
  static constexpr ObservationKinds interests{ObservationKind::record_written};

  void observe(const Observation& observation, const Mirror& mirror);
  void finish(sim::Time, const Mirror&) {}
};

}  // namespace smalldb::properties
