// The first event in which two runs differ.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "scenarios/run.h"
#include "scenarios/scenario.h"
#include "sim/trace.h"

namespace smalldb::scenarios {

struct Difference {
  sim::EventIndex event = 0;  // from here on they differ
  // Both recorded up to the call of the world in which that event is; where a run was over, it has no such event.
  Recording one;
  Recording other;
};

// Runs both side by side. Nothing if the two traces are the same. The recordings hold the `context` events before the
// first that differs, and what came with it.
std::optional<Difference> first_difference(const Scenario& one, const Scenario& other, std::size_t context = 5);

}  // namespace smalldb::scenarios
