// The library of scenarios, for tests.
#pragma once

#include <string>
#include <vector>

#include "scenarios/scenario.h"

namespace smalldb::scenarios::testing {

// The paths of all scenarios that scenarios/CMakeLists.txt registers, from the root of the tree.
std::vector<std::string> library_files();

// All of them, loaded.
std::vector<Scenario> library();

}  // namespace smalldb::scenarios::testing
