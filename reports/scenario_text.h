// A scenario in a few lines, as it is run: who takes part, and all that is not as it is by default.
#pragma once

#include <iosfwd>

#include "reports/style.h"
#include "scenarios/scenario.h"

namespace smalldb::reports {

void write_scenario(const scenarios::Scenario& scenario, const Style& style, std::ostream& out);

}  // namespace smalldb::reports
