// What the campaign draws, as a rapidcheck generator: for properties of tests. What fails is shrunk by leaving out
// decisions (Choices::simpler), so it stays something that the campaign could have drawn.
#pragma once

#include <rapidcheck.h>

#include <iosfwd>

#include "scenarios/generator/generate.h"

namespace smalldb::scenarios {

void showValue(const Scenario& scenario, std::ostream& out);  // as YAML, when a property fails

namespace testing {

rc::Gen<Scenario> drawn_scenario(Budget budget);

}  // namespace testing
}  // namespace smalldb::scenarios
