#include "cli/load.h"

#include <iostream>
#include <utility>

#include "scenarios/load.h"

namespace smalldb::cli {

std::optional<std::vector<NamedScenario>> load(const std::vector<std::string>& files,
                                               std::vector<scenarios::Problem>* problems) {
  std::vector<NamedScenario> all;
  bool good = true;
  for (const std::string& file : files) {
    scenarios::Loaded loaded = file == "-" ? scenarios::load_standard_input() : scenarios::load_file(file);
    for (const scenarios::Problem& problem : loaded.problems) {
      std::cerr << to_text(problem) << '\n';
      if (problems) problems->push_back(problem);
    }
    if (loaded.scenario) {
      all.push_back({file, std::move(*loaded.scenario)});
    } else {
      good = false;
    }
  }
  return good ? std::optional(std::move(all)) : std::nullopt;
}

}  // namespace smalldb::cli
