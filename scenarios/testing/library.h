// The library of scenarios, for tests.
#pragma once

#include <string>
#include <vector>

#include "scenarios/scenario.h"

namespace smalldb::scenarios::testing {

// The paths of all scenarios that scenarios/CMakeLists.txt registers, from the root of the tree.
std::vector<std::string> library_files();

// What one file holds. REQUIRES: that it can be loaded.
Scenario load_one(const std::string& file);

// All of them, loaded.
std::vector<Scenario> library();

}  // namespace smalldb::scenarios::testing
