// What the witness of a violation names: events of the trace, and the requests that these are about. A story tells all
// of it, whatever else it tells (Story).
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include "model/ids.h"
#include "properties/verdict.h"
#include "sim/trace.h"

namespace smalldb::reports {

// Of those that are violated, the events of their witnesses.
std::vector<sim::EventIndex> witnessed_events(std::span<const properties::Verdict> verdicts);

class Witnessed {
 public:
  // Those of the verdicts, in any order.
  explicit Witnessed(std::vector<sim::EventIndex> events);

  // REQUIRES: all events of the trace, in their order.
  void see(std::span<const sim::TraceEvent> events);

  // Those events and, of each request that one of them alone is about or several are, those at which its client sent
  // it: of many the first and the last. Rising.
  std::vector<sim::EventIndex> events() const;

 private:
  using Request = std::pair<SessionId, std::uint64_t>;

  std::vector<sim::EventIndex> events_;
  std::map<Request, std::vector<sim::EventIndex>> sent_;  // by clients
  std::map<Request, std::size_t> mentions_;               // in how many of the events
  std::set<Request> sole_;                                // the only ones of an event
};

}  // namespace smalldb::reports
