#include <iostream>

#include "cli/command.h"
#include "cli/parse.h"
#include "scenarios/occurrence.h"

namespace smalldb::cli {

Exit list_occurrences(const CommandLine& line) {
  if (const auto exit = parse_nothing("occurrences",
                                      "Lists what a fault (`when`, `until`) or a client's script (`wait "
                                      "until`) can wait for.",
                                      line)) {
    return *exit;
  }
  for (const std::string& phrase : scenarios::occurrence_phrases()) std::cout << phrase << '\n';
  return as_expected;
}

}  // namespace smalldb::cli
