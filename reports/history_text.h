// Histories that were checked, told to a person: a line with the verdict of each, and below it what is wrong.
#pragma once

#include <iosfwd>
#include <span>

#include "reports/history_report.h"
#include "reports/style.h"

namespace smalldb::reports {

void write_text(const HistoryReport& report, const Style& style, std::ostream& out);

// How many of several came out how.
void write_history_totals(std::span<const HistoryReport> reports, const Style& style, std::ostream& out);

}  // namespace smalldb::reports
