// Scenarios for tests of what becomes of failures.
#pragma once

#include <string>

#include "scenarios/campaign/capsule.h"
#include "scenarios/scenario.h"

namespace smalldb::scenarios::testing {

// What the text says. The test fails if it has problems.
Scenario scenario(const std::string& text);
// The capsule of a scenario that fails. The test fails if it does not.
Capsule sealed(const Scenario& failing);
// A store without the Output Rule, in the middle of much else.
Scenario with_a_planted_bug();

}  // namespace smalldb::scenarios::testing
