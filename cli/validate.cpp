#include <iostream>
#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/load.h"
#include "cli/options.h"
#include "cli/wishes.h"
#include "model/printable.h"
#include "reports/json_report.h"

namespace smalldb::cli {

Exit validate(const CommandLine& line) {
  std::vector<std::string> files;
  Options options{"Reads scenarios, runs nothing, and writes everything that is wrong with them.",
                  "smalldb-sim validate",
                  {"all are good", "", "", "something is wrong with one of them, or with the command line"}};
  options.add_option("SCENARIO.yaml", files, "The scenarios to read; - is standard input").required().type_name("");
  auto format = Wishes::Format::text;
  add_choice<Wishes::Format>(options, "--format", format,
                             {{"text", Wishes::Format::text}, {"json", Wishes::Format::json}},
                             "For a person, or one document for a program (reports/report.schema.json)");
  if (const auto exit = options.parse(line)) return *exit;

  std::vector<scenarios::Problem> problems;
  const auto loaded = load(files, &problems);
  const Exit exit = loaded ? as_expected : bad_input;
  if (format == Wishes::Format::json) {
    reports::write_json(problems, program_name(), exit, std::cout);
    return exit;
  }
  if (!loaded) return exit;
  for (const NamedScenario& each : *loaded) std::cout << printable(each.file) << ": good\n";
  return as_expected;
}

}  // namespace smalldb::cli
