// No assertion failed: no machine found itself in a state that cannot be.
#pragma once

#include <string>

#include "properties/mirror.h"
#include "properties/observation.h"
#include "properties/verdict.h"
#include "properties/words.h"

namespace smalldb::properties {

class NoAssertion : public Property {
 public:
  static constexpr ObservationKinds interests{ObservationKind::assertion_failed};

  void observe(const Observation& failed, const Mirror& mirror) {
    violate(failed.time,
            "at " + text(failed.time) + " " + std::string(mirror.name(failed.process)) +
                " found a state that cannot be: " + std::string(failed.text),
            {failed.event});
  }
  void finish(sim::Time, const Mirror&) {}
};

}  // namespace smalldb::properties
