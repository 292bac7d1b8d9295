// From a scenario to YAML, as a person would write it: what is as it is by default is left out.
#pragma once

#include <string>

#include "scenarios/scenario.h"

namespace smalldb::scenarios {

// load_text(save_text(scenario)) gives `scenario` again, if check(scenario) finds nothing.
std::string save_text(const Scenario& scenario);

}  // namespace smalldb::scenarios
