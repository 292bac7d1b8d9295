// Faults, notes and events in plain sentences.
#pragma once

#include <string>
#include <string_view>

#include "model/machine.h"
#include "reports/names.h"
#include "sim/fault.h"
#include "sim/trace.h"

namespace smalldb::reports {

// What a fault does to the world: "a <-> b: nothing passes", "b: the disk is full".
std::string fault_text(const sim::Fault& fault, const Names& names);

// What a machine said of itself: "b takes over in epoch 2". `self` is the process that said it.
std::string note_text(const effect::Note& note, ProcessId self, const Names& names);

// A file of the machine's own disk, or of the shared volume: "log-1-1", "epoch-000000000002 of the shared volume".
std::string file_text(const sim::TraceEvent& event, const Names& names);

// What happened, of an event of any kind: "a reads epoch-000000000002 of the shared volume".
std::string event_text(const sim::TraceEvent& event, const Names& names);

}  // namespace smalldb::reports
