#include <iostream>

#include "cli/command.h"
#include "cli/list.h"
#include "cli/options.h"
#include "properties/coverage.h"

namespace smalldb::cli {

Exit list_conditions(const CommandLine& line) {
  if (const auto exit = parse_nothing("conditions",
                                      "Lists what can be seen in a run: a scenario names under `sometimes` "
                                      "what it needs to have been through, and under `never` what not.",
                                      line)) {
    return *exit;
  }
  Meanings list;
  for (const auto& condition : properties::conditions()) list.emplace_back(condition.name, condition.what);
  write_list(list, std::cout);
  return as_expected;
}

}  // namespace smalldb::cli
