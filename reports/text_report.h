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

// One of several runs.
struct RunOutcome {
  int exit_code = 0;
  bool is_stale = false;
};

// How many of several came out how, and how many are stale: "3 runs: ...", if `what` is a run.
void write_totals(std::span<const RunOutcome> outcomes, std::string_view what, const Style& style, std::ostream& out);

}  // namespace smalldb::reports
