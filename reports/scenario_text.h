// A scenario in a few lines, as it is run: who takes part, and all that is not as it is by default.
#pragma once

#include <iosfwd>

#include "reports/style.h"
#include "scenarios/run.h"

namespace smalldb::reports {

// As it was written, with what was drawn: when each fault struck, and when it was over.
void write_scenario(const scenarios::Result& result, const Style& style, std::ostream& out);

}  // namespace smalldb::reports
