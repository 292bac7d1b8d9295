// Reads the scenarios that a command line names.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "scenarios/scenario.h"

namespace smalldb::cli {

struct NamedScenario {
  std::string file;  // as the user named it
  scenarios::Scenario scenario;
};

// All of them in their order, or nothing after every problem of every file has been written to standard error.
std::optional<std::vector<NamedScenario>> load(const std::vector<std::string>& files);

}  // namespace smalldb::cli
