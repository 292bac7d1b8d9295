#include <iostream>

#include "cli/command.h"
#include "cli/list.h"
#include "cli/options.h"
#include "scenarios/fault_grammar.h"

namespace smalldb::cli {

Exit list_faults(const CommandLine& line) {
  if (const auto exit = parse_nothing("faults",
                                      "Lists what can go wrong in a scenario, by the words of `faults`; "
                                      "docs/scenarios.md has the keys that go with each.",
                                      line)) {
    return *exit;
  }
  Meanings list;
  for (const auto& fault : scenarios::fault_descriptions()) list.emplace_back(fault.verb, fault.what);
  write_list(list, std::cout);
  return as_expected;
}

}  // namespace smalldb::cli
