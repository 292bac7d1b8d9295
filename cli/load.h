// Reads the scenarios that a command line names.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "scenarios/problem.h"
#include "scenarios/scenario.h"

namespace smalldb::cli {

struct NamedScenario {
  std::string file;  // as the user named it
  scenarios::Scenario scenario;
};

// All of them in their order; or nothing, if anything is wrong. Every problem of every file has then been written to
// standard error, and is added to `problems` if there is such a list.
std::optional<std::vector<NamedScenario>> load(const std::vector<std::string>& files,
                                               std::vector<scenarios::Problem>* problems = nullptr);

}  // namespace smalldb::cli
