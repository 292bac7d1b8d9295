// smalldb-sim: runs scenarios, and says whether the store kept its promises.
#include <algorithm>
#include <exception>
#include <filesystem>
#include <iostream>
#include <iterator>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "cli/command.h"
#include "cli/list.h"
#include "model/printable.h"
#include "scenarios/problem.h"

namespace smalldb::cli {
namespace {

struct Command {
  std::string_view name;
  std::string_view what;
  Exit (*execute)(const CommandLine& line);
};

constexpr Command commands[] = {
    {"run", "runs scenarios; what is done when no command is named", run},
    {"check", "judges histories of any key-value store: are they linearizable, and if not, why not", check},
    {"fuzz", "runs random scenarios by their seeds, and says what it found and what it exercised", fuzz},
    {"replay", "runs a failure again, and says whether it is still the same", replay},
    {"diff", "finds the first event in which two runs differ", diff},
    {"shrink", "makes a failing scenario as small as it can be", shrink},
    {"merge", "adds up the results of a campaign that ran in shards", merge},
    {"validate", "reads scenarios and says what is wrong with them", validate},
    {"properties", "lists what must be true of every run", list_properties},
    {"conditions", "lists what a scenario can want to have been through (sometimes)", list_conditions},
    {"faults", "lists what can go wrong in a scenario", list_faults},
    {"occurrences", "lists what a fault can wait for (when, until)", list_occurrences},
};

// In lines that fit the terminal, as the help of each command.
void write_help(std::ostream& out) {
  write_paragraphs(
      "smalldb-sim runs smalldb, a replicated key-value store, in a simulated world, breaks that world in every way a "
      "scenario asks for, and says whether the store kept its promises, and if not, why.\n",
      out);
  write_list({{"  smalldb-sim SCENARIO.yaml...", "runs scenarios, as scenarios/split_brain.yaml"},
              {"  smalldb-sim check HISTORY...", "judges recorded histories of any key-value store"},
              {"  smalldb-sim COMMAND --help", "explains a command and its options"}},
             out);
  Meanings list;
  for (const Command& command : commands) list.emplace_back("  " + std::string(command.name), command.what);
  out << "\nCommands:\n";
  write_list(list, out);
  out << "\nOptions that every run takes:\n";
  write_list({{"  --seed N|A..B", "another seed than the scenario's, or one run with each of these"},
              {"  --story none|short|operations|full", "how much of the story to tell"},
              {"  --format text|json", "for a person, or for a program"},
              {"  --trace FILE", "writes every event, a line of JSON each"},
              {"  --history FILE", "writes what the users asked and were told"},
              {"  --picture FILE", "writes who said what to whom and when, as a page of HTML"},
              {"  -q, --quiet", "a line for each scenario, and what was not as expected"}},
             out);
  write_paragraphs(
      "\nExit codes: 0 all is as the scenario expects, 1 it is not, 2 unknown (the run did not come to its end), 3 bad "
      "input, 4 the simulator itself failed.",
      out);
}

// Whether a first argument can only have been meant as a command.
bool is_mistyped_command(const std::string& word) {
  std::error_code ignored;
  return word.find_first_of("./\\") == std::string::npos && !word.starts_with("-") &&
         !std::filesystem::exists(word, ignored);
}

Exit complain_of_command(const std::string& word) {
  std::vector<std::string> names;
  for (const Command& command : commands) names.emplace_back(command.name);
  const std::string perhaps = smalldb::did_you_mean(smalldb::nearest_word(word, names));
  std::cerr << "smalldb-sim: " << smalldb::quoted(word) << " is neither a command nor a file"
            << (perhaps.empty() ? "; smalldb-sim --help lists the commands" : perhaps) << '\n';
  return bad_input;
}

Exit execute(const std::string& program, std::vector<std::string> words) {
  if (words.empty()) {
    write_help(std::cerr);
    return bad_input;
  }
  if (words.front() == "help" && words.size() > 1) words = {words[1], "--help"};
  const std::string first = words.front();
  if (first == "--help" || first == "-h" || first == "help") {
    write_help(std::cout);
    return as_expected;
  }
  if (first == "--version") {
    std::cout << "smalldb-sim " << version() << '\n';
    return as_expected;
  }
  const auto* command =
      std::find_if(std::begin(commands), std::end(commands), [&](const Command& c) { return c.name == first; });
  if (command == std::end(commands)) {
    return is_mistyped_command(first) ? complain_of_command(first) : run({program, std::move(words)});
  }
  words.erase(words.begin());
  return command->execute({program, std::move(words)});
}

}  // namespace

Exit worse(Exit one, Exit other) {
  constexpr Exit rising[] = {as_expected, unknown, not_as_expected, bad_input, failed};
  const auto place = [&](Exit exit) { return std::find(std::begin(rising), std::end(rising), exit); };
  return std::max(place(one), place(other)) == place(one) ? one : other;
}

}  // namespace smalldb::cli

int main(int count, char** words) {
  using namespace smalldb::cli;
  std::ios::sync_with_stdio(false);
  try {
    const Exit exit = execute(count > 0 ? words[0] : "smalldb-sim", {words + std::min(count, 1), words + count});
    std::cout.flush();
    if (std::cout) return exit;
    std::cerr << "smalldb-sim: could not write to standard output\n";
  } catch (const std::exception& problem) {
    std::cerr << "smalldb-sim: failed itself: " << smalldb::printable(problem.what()) << '\n';
  }
  return failed;
}
