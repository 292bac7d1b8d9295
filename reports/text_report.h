// A run told to a person: the scenario with its seed, the story, the verdicts with their witnesses, what was expected,
// what the faults really did, what was seen, and the command that shows the run again.
#pragma once

#include <iosfwd>
#include <span>
#include <string_view>

#include "reports/report.h"
#include "reports/style.h"

namespace smalldb::reports {

void write_text(const Report& report, const Style& style, std::ostream& out);

// One line, and below it one for each thing that was not as expected.
void write_summary(const Report& report, const Style& style, std::ostream& out);

// How many of several came out how: "3 runs: ...", if `what` is a run.
void write_totals(std::span<const int> exit_codes, std::string_view what, const Style& style, std::ostream& out);

}  // namespace smalldb::reports
