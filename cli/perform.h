// Runs one scenario and makes the report of it.
#pragma once

#include <iosfwd>
#include <string>

#include "cli/load.h"
#include "cli/wishes.h"
#include "reports/report.h"

namespace smalldb::cli {

// `trace` may be null. Throws what the simulator throws when it fails itself.
reports::Report perform(const NamedScenario& what, const Wishes& wishes, const std::string& program,
                        std::ostream* trace);

}  // namespace smalldb::cli
