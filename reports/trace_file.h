// Trace files: one JSON object a line, one line an event, in the order of the trace. docs/trace.md has the format.
//
//     {"index":17,"time_ns":3204117000,"cause":12,"kind":"sent","process":"a","peer":"b","link":3,"connection":1,
//      "offset":512,"size":3,"bytes":"0a1b2c"}                                             (on one line)
//
// Every event has the first five fields (cause is null for what only the scenario causes); the others depend on the
// kind and are named as in sim/trace.h. Nothing is lost: a file holds all that the trace hash covers.
#pragma once

#include <iosfwd>
#include <span>

#include "model/machine.h"
#include "reports/names.h"
#include "sim/trace.h"

namespace smalldb::reports {

// Writes the events of one call of a world. `notes` are that call's notes.
void write_trace(std::span<const sim::TraceEvent> events, std::span<const effect::Note> notes, const Names& names,
                 std::ostream& out);

}  // namespace smalldb::reports
