// What could have had a part in something that happened: the events from which a chain leads to it, of causes and of
// what the same process did before (happens before, Lamport 1978, as properties/happens_before.h has it; here of runs
// whose events nobody keeps).
//
// A message that is lost tells its receiver nothing, so no chain leads over it. That it did not come is another matter.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "model/machine.h"
#include "sim/trace.h"

namespace smalldb::reports {

class CausalPast {
 public:
  // Remembers at most so many events.
  explicit CausalPast(std::size_t events_max = 4'000'000) : events_max_(events_max) {}

  // REQUIRES: all events of a trace from its first on, in their order.
  void see(std::span<const sim::TraceEvent> events);

  bool remembers(sim::EventIndex event) const { return event < known_.size(); }
  // For each event that is remembered, whether it is one of these or before one of them; for a loss, whether the
  // process that waited in vain does one of these later.
  std::vector<bool> of(const std::vector<sim::EventIndex>& these) const;

 private:
  struct Known {
    sim::EventIndex cause = sim::no_event;
    ProcessId process = no_process;
    bool is_done_to_it = false;  // and nothing that the process does rests on it
  };

  std::size_t events_max_;
  std::vector<Known> known_;  // by index
};

}  // namespace smalldb::reports
