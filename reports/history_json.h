// Histories that were checked, as one JSON document, for programs. reports/check.schema.json is its JSON Schema.
#pragma once

#include <iosfwd>
#include <span>
#include <string_view>

#include "reports/history_report.h"

namespace smalldb::reports {

// `exit_code` is that of the program: the worst of the histories'.
void write_json(std::span<const HistoryReport> reports, std::string_view program, int exit_code, std::ostream& out);

}  // namespace smalldb::reports
