// Faults and notes in plain sentences.
#pragma once

#include <string>
#include <string_view>

#include "model/machine.h"
#include "reports/names.h"
#include "sim/fault.h"

namespace smalldb::reports {

// What a fault does to the world: "a <-> b: nothing passes", "b: the disk is full".
std::string fault_text(const sim::Fault& fault, const Names& names);

// What a machine said of itself: "b takes over in epoch 2". `self` is the process that said it.
std::string note_text(const effect::Note& note, ProcessId self, const Names& names);

}  // namespace smalldb::reports
