#include "cli/wishes.h"

#include <iostream>
#include <utility>

#include "cli/options.h"
#include "scenarios/notation.h"

namespace smalldb::cli {
namespace {

std::optional<Seeds> read_seeds(const std::string& text, std::string& expected) {
  std::optional<Seeds> seeds;
  if (text.find("..") != text.npos) {
    seeds = Seeds::read(text, expected);
  } else if (const auto one = scenarios::notation::read_count(text, expected)) {
    seeds = Seeds{*one, one};
  }
  expected = "a whole number, or a range of them, as 1..200";
  return seeds;
}

void declare(Options& options, Wishes& wishes) {
  using Story = Wishes::Story;
  options.add_option("SCENARIO.yaml", wishes.files, "The scenarios to run, one after the other; - is standard input")
      .required()
      .type_name("");
  add_read(options, "--seed", wishes.seeds, "N|A..B", read_seeds,
           "Decides all that is left to chance, in place of the scenario's own seed; of a range, one run with each");
  add_choice<Story>(
      options, "--story", wishes.story,
      {{"none", Story::none}, {"short", Story::what_matters}, {"operations", Story::operations}, {"full", Story::full}},
      "How much of the story to tell. short: what matters; operations: and what each client asked and was "
      "told; full: and every message and sync. If not said: short, and operations for a short script");
  add_choice<Wishes::Format>(options, "--format", wishes.format,
                             {{"text", Wishes::Format::text}, {"json", Wishes::Format::json}},
                             "For a person, or one document for a program (reports/report.schema.json)");
  options.add_option("--trace", wishes.trace, "Writes every event to this file, a line of JSON each (docs/trace.md)")
      .type_name("FILE");
  options
      .add_option("--history", wishes.history,
                  "Writes what the users asked and were told to this file, for smalldb-sim check (docs/histories.md)")
      .type_name("FILE");
  add_picture(options, wishes);
  options.add_flag("-q,--quiet", wishes.quiet, "A line for each scenario, and what was not as expected");
  options.add_flag("--fail-if-stale", wishes.fail_if_stale,
                   "Not as expected, too, is a run in which none of the scenario's faults took effect");
  add_choice<Wishes::Colour>(
      options, "--color,--colour", wishes.colour,
      {{"auto", Wishes::Colour::automatic}, {"always", Wishes::Colour::always}, {"never", Wishes::Colour::never}},
      "If not said: on a terminal, unless NO_COLOR is set");
}

}  // namespace

void add_picture(Options& options, Wishes& wishes) {
  options
      .add_option("--picture", wishes.picture,
                  "Writes a page of HTML to this file: who said what to whom and when, with the story beside it")
      .type_name("FILE");
}

std::optional<Exit> read_wishes(const CommandLine& line, Wishes& wishes) {
  Options options{
      "Runs scenarios and says whether the store kept its promises: the scenario, the story, the verdicts with their "
      "witnesses, what the faults really did, and the command that shows the run again.",
      "smalldb-sim run",
      {"all is as the scenario expects", "it is not",
       "unknown: a run did not come to its end, or something could not be judged"}};
  declare(options, wishes);
  if (const auto exit = options.parse(line)) return exit;
  if (!wishes.several()) return std::nullopt;
  for (const auto& [option, file] :
       {std::pair{"--trace", &wishes.trace}, {"--history", &wishes.history}, {"--picture", &wishes.picture}}) {
    if (file->empty()) continue;
    std::cerr << "smalldb-sim run: " << option << " is for one run at a time, and here are several\n";
    return bad_input;
  }
  return std::nullopt;
}

}  // namespace smalldb::cli
