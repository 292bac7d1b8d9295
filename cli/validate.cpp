#include <CLI/CLI.hpp>
#include <iostream>
#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/load.h"
#include "cli/parse.h"

namespace smalldb::cli {

Exit validate(const CommandLine& line) {
  std::vector<std::string> files;
  CLI::App app{"Reads scenarios, runs nothing, and writes everything that is wrong with them.", "smalldb-sim validate"};
  app.set_help_flag("-h,--help", "Prints this");
  app.add_option("SCENARIO.yaml", files, "The scenarios to read")->required()->type_name("");
  if (const auto exit = parse(app, line)) return *exit;

  const auto loaded = load(files);
  if (!loaded) return bad_input;
  for (const NamedScenario& each : *loaded) std::cout << each.file << ": good\n";
  return as_expected;
}

}  // namespace smalldb::cli
