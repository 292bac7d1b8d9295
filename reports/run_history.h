// The history of a run: what its users asked for and were told, as JSON lines that `smalldb-sim check` reads
// (docs/histories.md), with the faults and the takeovers as marks. Instants are indexes of events in the trace.
//
// An operation counts as called when its client first sends it: before that it cannot take effect, however long it
// waited. A client that has several under way is several processes: c1, c1/2, ...
#pragma once

#include <cstdint>
#include <iosfwd>
#include <map>
#include <span>
#include <vector>

#include "model/machine.h"
#include "properties/users.h"
#include "reports/names.h"
#include "sim/trace.h"

namespace smalldb::reports {

class RunHistory {
 public:
  // REQUIRES: `out` outlives it.
  explicit RunHistory(std::ostream& out);

  // Writes what the next events of a trace say. A note event's `a` is an index of `notes`.
  void see(std::span<const sim::TraceEvent> events, std::span<const effect::Note> notes, const Names& names);

 private:
  // A client's operations under way, by lane: the user's number, from which a lane is known to be taken.
  struct Lane {
    bool taken = false;
    std::uint64_t number = 0;
  };

  void on_input(const sim::TraceEvent& event);
  void on_sent(const sim::TraceEvent& event, const Names& names);
  void on_report(const sim::TraceEvent& event, const Names& names);
  void on_end_of_process(const sim::TraceEvent& event, const Names& names);

  std::ostream& out_;
  std::map<ProcessId, properties::Users> users_;  // by client; each knows of no other
  std::map<ProcessId, std::vector<Lane>> lanes_;
};

}  // namespace smalldb::reports
