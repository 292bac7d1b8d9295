// Runs as one JSON document, for programs. reports/report.schema.json is its JSON Schema; tests hold every document to
// it.
#pragma once

#include <iosfwd>
#include <span>
#include <string_view>

#include "reports/report.h"
#include "scenarios/problem.h"

namespace smalldb::reports {

// `exit_code` is that of the program: the worst of the runs'.
void write_json(std::span<const Report> reports, int exit_code, std::ostream& out);

// Of scenarios that could not be run.
void write_json(std::span<const scenarios::Problem> problems, std::string_view program, int exit_code,
                std::ostream& out);

}  // namespace smalldb::reports
