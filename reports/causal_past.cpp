#include "reports/causal_past.h"

#include <map>

namespace smalldb::reports {

void CausalPast::see(std::span<const sim::TraceEvent> events) {
  for (const sim::TraceEvent& event : events) {
    if (known_.size() < events_max_) known_.push_back({event.cause, event.process});
  }
}

std::vector<bool> CausalPast::of(const std::vector<sim::EventIndex>& these) const {
  std::vector<bool> past(known_.size(), false);
  for (const sim::EventIndex event : these) {
    if (event < past.size()) past[event] = true;
  }
  // Backwards: whatever leads to an event stands before it.
  std::map<ProcessId, bool> reached;
  for (std::size_t event = known_.size(); event-- > 0;) {
    const Known& known = known_[event];
    if (known.process != no_process && reached[known.process]) past[event] = true;
    if (!past[event]) continue;
    if (known.process != no_process) reached[known.process] = true;
    if (known.cause < event) past[known.cause] = true;
  }
  return past;
}

}  // namespace smalldb::reports
