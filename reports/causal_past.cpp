#include "reports/causal_past.h"

#include <map>

namespace smalldb::reports {
namespace {

using sim::EventKind;

bool is_done_to_a_process(EventKind kind) {
  switch (kind) {
    case EventKind::refused:
    case EventKind::stream_lost:
    case EventKind::datagram_lost:
    case EventKind::fault_injected:
    case EventKind::fault_took_effect:
    case EventKind::fault_ended: return true;
    default: return false;
  }
}

// Bytes of a stream are lost where they were sent.
ProcessId who_is_there(const sim::TraceEvent& event) {
  return event.kind == EventKind::stream_lost ? event.peer : event.process;
}

}  // namespace

void CausalPast::see(std::span<const sim::TraceEvent> events) {
  for (const sim::TraceEvent& event : events) {
    if (known_.size() == events_max_) return;
    known_.push_back({event.cause, who_is_there(event), is_done_to_a_process(event.kind)});
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
    const bool is_before = known.process != no_process && reached[known.process];
    if (known.is_done_to_it) {
      if (past[event] && known.cause < event) past[known.cause] = true;
      past[event] = past[event] || is_before;
      continue;
    }
    past[event] = past[event] || is_before;
    if (!past[event]) continue;
    if (known.process != no_process) reached[known.process] = true;
    if (known.cause < event) past[known.cause] = true;
  }
  return past;
}

}  // namespace smalldb::reports
