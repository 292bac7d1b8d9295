// Runs one scenario and makes the report of it.
#pragma once

#include <iosfwd>
#include <string>

#include "cli/load.h"
#include "cli/wishes.h"
#include "reports/report.h"

namespace smalldb::cli {

// What is written beside the report; null: not wanted.
struct Outputs {
  std::ostream* trace = nullptr;
  std::ostream* history = nullptr;
};

// Throws what the simulator throws when it fails itself.
reports::Report perform(const NamedScenario& what, const Wishes& wishes, const std::string& program,
                        const Outputs& outputs);

}  // namespace smalldb::cli
