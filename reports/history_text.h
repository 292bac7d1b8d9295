// Histories that were checked, told to a person: a line with the verdict of each, and below it what is wrong.
#pragma once

#include <cstddef>
#include <iosfwd>
#include <span>

#include "reports/history_report.h"
#include "reports/style.h"

namespace smalldb::reports {

// No more lines than this, but for the order of a history that holds (--witness): what is left out is said.
inline constexpr std::size_t history_lines_max = 25;

void write_text(const HistoryReport& report, const Style& style, std::ostream& out);

// How many of several came out how; of `refused` more nothing is known.
void write_history_totals(std::span<const HistoryReport> reports, std::size_t refused, const Style& style,
                          std::ostream& out);

}  // namespace smalldb::reports
