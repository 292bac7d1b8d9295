#include "cli/check_wishes.h"

#include <iostream>
#include <utility>

#include "cli/options.h"
#include "scenarios/notation.h"
#include "scenarios/problem.h"

namespace smalldb::cli {
namespace {

constexpr std::string_view what =
    "Judges histories of any key-value store: whether each operation can have taken effect at one instant between its "
    "call and its answer (linearizability), whether each process saw its own writes and never went back (session "
    "guarantees, where the store claims revisions), and if not, why not. Reads JSON lines, Jepsen's EDN and text log, "
    "and Porcupine's text, also compressed by gzip (docs/histories.md).";

constexpr std::string_view examples =
    "  smalldb-sim check history.jsonl\n"
    "  smalldb-sim check store/latest/history.edn --picture why.html\n"
    "  recorder | smalldb-sim check --follow -\n"
    "  smalldb-sim run scenarios/split_brain.yaml --history run.jsonl && smalldb-sim check run.jsonl --witness\n"
    "\n"
    "Exit codes: 0 they hold, 1 one is violated, 2 one is unknown (the budget of steps was used up, or it was\n"
    "interrupted), 3 one is no history, 4 the checker itself failed.";

// A whole number from 1 on.
void add_count(Options& options, const std::string& option, std::uint64_t most,
               const std::function<void(std::uint64_t)>& to, const std::string& meaning) {
  const auto take = [most, to](const std::string& text) -> std::optional<std::string> {
    std::string expected;
    const auto count = scenarios::notation::read_count(text, expected);
    if (!count || *count == 0 || *count > most) return "is not a whole number from 1 to " + std::to_string(most);
    to(*count);
    return std::nullopt;
  };
  options.add_taken(option, take, meaning).type_name("N");
}

void declare(Options& options, CheckWishes& wishes) {
  using checker::Engine;
  options.add_option("HISTORY", wishes.files, "The histories to judge, one after the other; - is standard input")
      .required()
      .type_name("");
  std::vector<std::pair<std::string, checker::Format>> formats;
  for (const checker::Format format : checker::formats) formats.emplace_back(name(format), format);
  add_choice<checker::Format>(options, "--format-in", wishes.reading.format, formats,
                              "How the histories are written. If not said: by what stands in them");
  const auto take_initial = [&wishes](const std::string& text) -> std::optional<std::string> {
    wishes.reading.initial = text;
    return std::nullopt;
  };
  options
      .add_taken("--initial", take_initial,
                 "What every key holds at first. If not said: nothing, or what the file says")
      .type_name("VALUE");
  add_choice<Engine>(options, "--engine", wishes.engine,
                     {{"automatic", Engine::automatic},
                      {"certificate", Engine::certificate},
                      {"zones", Engine::zones},
                      {"greedy", Engine::greedy},
                      {"frontier", Engine::frontier},
                      {"generic", Engine::generic}},
                     "Who judges. If not said: for each key the cheapest that can");
  constexpr std::uint64_t steps_most = 1'000'000'000'000'000;
  add_count(
      options, "--steps", steps_most, [&wishes](std::uint64_t count) { wishes.steps_max = count; },
      "The budget of steps for a history: past it the verdict is unknown. The same on every machine. If not said: " +
          std::to_string(wishes.steps_max));
  add_count(
      options, "-j,--jobs", 1024, [&wishes](std::uint64_t count) { wishes.jobs = static_cast<unsigned>(count); },
      "How many keys to judge at a time; it changes no verdict. If not said: one for each processor");
  options.add_flag(
      "--follow", wishes.follow,
      "Judges while it reads, in memory that does not grow with the history, and stops at the first answer that "
      "no order explains. Tells that answer, and not the whole reason; judges no session guarantees");
  options.add_flag("--witness", wishes.witness, "Of a history that holds, tells an order that explains all answers");
  options
      .add_option("--picture", wishes.picture,
                  "Of a history that is violated, writes the reason to this file, as a page of HTML")
      .type_name("FILE");
  options.add_flag(
      "--no-sessions", [&wishes] { wishes.sessions = false; },
      "Judges no session guarantees: for a store whose revisions are no numbers that grow");
  add_choice<bool>(options, "--revisions", wishes.numbers_all, {{"of-keys", false}, {"of-store", true}},
                   "What revisions number: the writes of each key by itself, or all writes of the store together, as a "
                   "log's positions or etcd's revisions do; then their order is judged across keys too. of-keys if not "
                   "said");
  add_choice<CheckWishes::Format>(options, "--format", wishes.format,
                                  {{"text", CheckWishes::Format::text}, {"json", CheckWishes::Format::json}},
                                  "For a person, or one document for a program (reports/check.schema.json)");
}

}  // namespace

std::optional<Exit> read_wishes(const CommandLine& line, CheckWishes& wishes) {
  Options options{
      what,
      "smalldb-sim check",
      {"all hold", "one is violated", "one is unknown", "a file is no history, or the command line is wrong",
       "the checker itself failed, or something could not be written"}};
  options.footer(examples);
  declare(options, wishes);
  if (const auto exit = options.parse(line)) return exit;
  const bool wants_whole =
      wishes.witness || !wishes.picture.empty() || wishes.numbers_all || wishes.engine != checker::Engine::automatic;
  if (wishes.follow && wants_whole) {
    std::cerr
        << "smalldb-sim check: --follow keeps no history for --witness, --picture, --engine or --revisions of-store\n";
    return bad_input;
  }
  if (wishes.picture.empty() || wishes.files.size() == 1) return std::nullopt;
  std::cerr << "smalldb-sim check: --picture is for one history at a time, and here are " << wishes.files.size()
            << '\n';
  return bad_input;
}

}  // namespace smalldb::cli
