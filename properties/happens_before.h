// Happens-before (Lamport 1978) over a recorded trace, as a graph: every event rests on the one before it in its
// process, on the event that caused it, and, if it received bytes of a stream, on the sending of the last of them.
//
// What is done *to* a process (faults, losses on the way to it) rests on its cause and nothing of the process rests on
// it: a packet that died tells nobody anything.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "sim/trace.h"

namespace smalldb::properties {

class HappensBefore {
 public:
  // The trace in order and without gaps, from any event on. Nothing of it is kept.
  explicit HappensBefore(std::span<const sim::TraceEvent> trace);

  // `earlier` lies in the causal past of `later`. Costs what happened in between. REQUIRES: both are of the trace.
  bool before(sim::EventIndex earlier, sim::EventIndex later) const;

  // The causal past of an event, rising, without itself.
  std::vector<sim::EventIndex> past(sim::EventIndex event) const;

  // A shortest chain of events from `earlier` to `later`, both included; empty if there is none.
  std::vector<sim::EventIndex> path(sim::EventIndex earlier, sim::EventIndex later) const;

  // What an event rests on directly, rising.
  std::vector<sim::EventIndex> causes(sim::EventIndex event) const;

  std::size_t size() const;

 private:
  struct Graph;
  std::shared_ptr<const Graph> graph_;
};

}  // namespace smalldb::properties
