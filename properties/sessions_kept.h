// Sessions are kept (S9): the record that drops them drops none that has been active, by the log's own stamps, within
// the time for which the settings promise it a place.
#pragma once

#include "properties/mirror.h"
#include "properties/observation.h"
#include "properties/verdict.h"

namespace smalldb::properties {

class SessionsKept : public Property {
 public:
  static constexpr ObservationKinds interests{ObservationKind::record_written};

  void observe(const Observation& observation, const Mirror& mirror);
  void finish(sim::Time, const Mirror&) {}
};

}  // namespace smalldb::properties
