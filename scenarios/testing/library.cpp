#include "scenarios/testing/library.h"

#include <sstream>

#include "model/assert.h"
#include "scenarios/load.h"

namespace smalldb::scenarios::testing {

std::vector<std::string> library_files() {
  std::istringstream names(SMALLDB_SCENARIOS);
  std::vector<std::string> files;
  for (std::string name; names >> name;) files.push_back("scenarios/" + name + ".yaml");
  return files;
}

Scenario load_one(const std::string& file) {
  Loaded loaded = load_file(file);
  for (const Problem& problem : loaded.problems) SMALLDB_ASSERT(false, to_text(problem));
  return std::move(*loaded.scenario);
}

std::vector<Scenario> library() {
  std::vector<Scenario> scenarios;
  for (const std::string& file : library_files()) scenarios.push_back(load_one(file));
  return scenarios;
}

}  // namespace smalldb::scenarios::testing
