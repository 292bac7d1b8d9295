// Random scenarios for tests: everything that the language can say, drawn with rapidcheck.
#pragma once

#include <rapidcheck.h>

#include "scenarios/scenario.h"

namespace smalldb::scenarios::testing {

// A scenario that check() finds nothing wrong with. Small enough to be run.
rc::Gen<Scenario> any_scenario();

}  // namespace smalldb::scenarios::testing
