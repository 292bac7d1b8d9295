#include <iostream>

#include "cli/command.h"
#include "cli/list.h"
#include "cli/options.h"
#include "properties/properties.h"

namespace smalldb::cli {

Exit list_properties(const CommandLine& line) {
  if (const auto exit = parse_nothing("properties",
                                      "Lists what must be true of every run. A scenario that expects a "
                                      "property to be violated names it under `expect`.",
                                      line)) {
    return *exit;
  }
  Meanings list;
  for (const auto& property : properties::descriptions()) {
    list.emplace_back(property.name, std::string(property.what) + (property.liveness ? " (liveness)" : ""));
  }
  write_list(list, std::cout);
  return as_expected;
}

}  // namespace smalldb::cli
