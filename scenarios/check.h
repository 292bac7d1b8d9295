// What a scenario can say and cannot mean: names that nobody has, times that never come, faults that can never fire.
#pragma once

#include <string>
#include <vector>

#include "scenarios/scenario.h"

namespace smalldb::scenarios {

struct Finding {
  std::vector<std::string> path;  // keys and indexes from the top: {"faults", "2", "crash"}
  std::string found;
  std::string expected;
  std::string nearest;
  // Other parts of the scenario by which this one is judged: the finding says nothing if one of them is unknown.
  std::vector<std::vector<std::string>> judged_by;
};

// All that is wrong with `scenario`; nothing if it can be run. Looks at the value alone, so a scenario that was
// generated or shrunk is held to the same.
std::vector<Finding> check(const Scenario& scenario);

}  // namespace smalldb::scenarios
