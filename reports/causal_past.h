// What could have had a part in something that happened: the events from which a chain leads to it, of causes and of
// what the same process did before (happens before, Lamport 1978).
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "model/machine.h"
#include "sim/trace.h"

namespace smalldb::reports {

class CausalPast {
 public:
  // Remembers at most so many events; later ones have no past.
  explicit CausalPast(std::size_t events_max = 4'000'000) : events_max_(events_max) {}

  // REQUIRES: all events of a trace from its first on, in their order.
  void see(std::span<const sim::TraceEvent> events);

  // For each event that is remembered, whether it is one of these or before one of them.
  std::vector<bool> of(const std::vector<sim::EventIndex>& these) const;

 private:
  struct Known {
    sim::EventIndex cause = sim::no_event;
    ProcessId process = no_process;
  };

  std::size_t events_max_;
  std::vector<Known> known_;  // by index
};

}  // namespace smalldb::reports
