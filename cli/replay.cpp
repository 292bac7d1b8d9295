#include <algorithm>
#include <cstdint>
#include <iostream>
#include <optional>
#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/failing.h"
#include "cli/file_output.h"
#include "cli/growth.h"
#include "cli/interrupt.h"
#include "cli/options.h"
#include "cli/perform.h"
#include "cli/replay_lives.h"
#include "cli/template.h"
#include "cli/terminal.h"
#include "cli/watch.h"
#include "model/printable.h"
#include "reports/json_report.h"
#include "reports/layout.h"
#include "reports/text_report.h"
#include "reports/words.h"
#include "scenarios/campaign/campaign.h"
#include "scenarios/notation.h"
#include "scenarios/save.h"

namespace smalldb::cli {
namespace {

// How what is seen now compares with what the capsule says.
reports::Comparison compare(const scenarios::Capsule& then, const std::optional<scenarios::Failure>& failure,
                            const Growth& now) {
  using Outcome = reports::Comparison::Outcome;
  // Of what has ended nobody knows how, no trace is known.
  const std::string change = then.chain.calls() > 0 ? now.since(then.chain) : "";
  Outcome outcome = Outcome::same;
  std::string text = then.chain.calls() > 0 ? "the same failure, and the same trace" : "the same failure";
  if (!failure) {
    outcome = Outcome::no_failure;
    text = "no longer fails";
  } else if (failure->kind != then.kind) {
    outcome = Outcome::another_failure;
    text = "another failure than " + to_text(then.kind);
  } else if (!change.empty()) {
    outcome = Outcome::trace_changed;
    text = "the same failure, but the trace has changed since";
  }
  if (!change.empty()) text += ": " + change;
  if (then.chain.calls() == 0) text += "; of its trace nothing was kept";
  const std::string made_by = program_name();
  if (then.program != made_by) text += "; the capsule is of " + printable(then.program) + ", this is " + made_by;
  if (then.compiler != compiler())
    text += "; it was compiled by " + printable(then.compiler) + ", this by " + std::string(compiler());
  return {outcome, text};
}

struct Wanted {
  Wishes wishes;
  std::vector<std::string> files;
  std::string save, fixed_file;
  std::optional<std::uint64_t> seed;
  scenarios::Campaign campaign;
  std::optional<std::uint64_t> hang_after_ms;
};

// The exit code if there is nothing more to be done.
std::optional<Exit> read_wanted(const CommandLine& line, Wanted& wanted) {
  Options options{
      "Runs a failure again: a capsule that fuzz has written, or the scenario that a seed of a campaign stands for. Of "
      "a capsule it says whether it is the same failure, with the same trace, and where the first difference is if "
      "not.\n"
      "Or goes through what smalldb-server has recorded: one recording, or those of several processes, judged "
      "together.",
      "smalldb-sim replay",
      {"all is as it should be: it no longer fails", "it fails, or comes to no end",
       "it could not be judged, or was interrupted"}};
  options
      .add_option(
          "FILE", wanted.files,
          "The capsule, or a scenario, - is standard input; or recordings, of any number of lives and processes")
      .type_name("");
  const Option seed =
      add_read(options, "--seed", wanted.seed, "N", scenarios::seed_of_word, "What this seed stands for in a campaign");
  add_choice<std::optional<scenarios::Budget>>(
      options, "--budget", wanted.campaign.budget,
      {{"survivable", scenarios::Budget::survivable}, {"unrestricted", scenarios::Budget::unrestricted}},
      "The campaign's; if not said, even seeds are survivable")
      .needs(seed);
  options.add_option("--template", wanted.fixed_file, "The campaign's").type_name("FILE").needs(seed);
  add_events(options, wanted.campaign.events_max).needs(seed);
  add_hang(options, wanted.hang_after_ms, as_the_capsule_says);
  options.add_option("--save", wanted.save, "Writes the scenario to this file; not of recordings").type_name("FILE");
  using Story = Wishes::Story;
  add_choice<Story>(
      options, "--story", wanted.wishes.story,
      {{"none", Story::none}, {"short", Story::what_matters}, {"operations", Story::operations}, {"full", Story::full}},
      "How much of the story to tell");
  add_choice<Wishes::Format>(options, "--format", wanted.wishes.format,
                             {{"text", Wishes::Format::text}, {"json", Wishes::Format::json}},
                             "For a person, or one document for a program (reports/report.schema.json); not of "
                             "recordings");
  options
      .add_option("--trace", wanted.wishes.trace,
                  "Writes every event to this file, a line of JSON each (docs/trace.md)")
      .type_name("FILE");
  options
      .add_option(
          "--history", wanted.wishes.history,
          "Writes what the users asked and were told to this file, for smalldb-sim check (docs/histories.md); not "
          "of recordings")
      .type_name("FILE");
  add_picture(options, wanted.wishes);
  options.add_flag("-q,--quiet", wanted.wishes.quiet, "A line, and what was not as expected");
  if (const auto exit = options.parse(line)) return *exit;
  if (wanted.files.empty() == !wanted.seed.has_value()) {
    std::cerr << "smalldb-sim replay: needs "
              << (wanted.seed ? "either a file or --seed N, and not both" : "a capsule, recordings, or --seed N")
              << '\n';
    return bad_input;
  }
  return std::nullopt;
}

// The capsule, or what the seed stands for. Nothing, and said why, if it cannot be had.
std::optional<Failing> load_wanted(Wanted& wanted) {
  Failing failing;
  if (wanted.seed) {
    if (!wanted.fixed_file.empty() && !load_template(wanted.fixed_file, wanted.campaign.fixed)) return std::nullopt;
    failing.file = "what seed " + std::to_string(*wanted.seed) + " stands for";
    failing.scenario = wanted.campaign.scenario_of(*wanted.seed);
  } else {
    auto loaded = load_failing(wanted.files.front(), "a capsule, a recording of smalldb-server or a scenario");
    if (!loaded) return std::nullopt;
    failing = std::move(*loaded);
  }
  return failing;
}

Exit replay_recordings(const Wanted& wanted) {
  const char* const wrong = wanted.wishes.format == Wishes::Format::json ? "--format json"
                            : !wanted.wishes.history.empty()             ? "--history"
                            : !wanted.save.empty()                       ? "--save"
                                                                         : nullptr;
  if (wrong != nullptr) {
    std::cerr << "smalldb-sim replay: " << wrong << " is for capsules and seeds, and here are recordings\n";
    return bad_input;
  }
  return replay_lives(wanted.files, wanted.wishes);
}

void write(const reports::Report& report, Exit exit, const Wishes& wishes) {
  if (wishes.format == Wishes::Format::json) return reports::write_json({&report, 1}, exit, std::cout);
  const reports::Style style = output_style();
  wishes.quiet ? write_summary(report, style, std::cout) : write_text(report, style, std::cout);
}

// `run`: how far, and what is counted of it.
Exit replay_once(const CommandLine& line, const Wanted& wanted, const Failing& failing, Outputs run) {
  FileOutput trace("smalldb-sim replay", "trace", wanted.wishes.trace);
  FileOutput history("smalldb-sim replay", "history", wanted.wishes.history);
  FileOutput picture("smalldb-sim replay", "picture", wanted.wishes.picture);
  std::vector<std::string> inputs = wanted.files;
  inputs.push_back(wanted.fixed_file);
  FileOutput saved("smalldb-sim replay", "scenario", wanted.save);
  if (!open_all({&saved, &trace, &history, &picture}, inputs)) return bad_input;
  if (std::ostream* const out = saved.stream()) *out << scenarios::save_text(failing.scenario) << std::flush;
  Growth growth;
  // What came to no end is not waited for any longer than it was then.
  const bool hung = failing.capsule && is_endless(failing.capsule->kind);
  run.trace = trace.stream();
  run.history = history.stream();
  run.picture = picture.stream();
  run.reader = [&](const sim::World& world) { growth.see(world); };
  run.events_max = hung ? failing.capsule->events : wanted.campaign.events_max;
  reports::Report report = perform({failing.file, failing.scenario}, wanted.wishes, line.program, run);
  report.must_end = true;
  report.again = in_shell(line.program) + " replay";
  for (const std::string& word : line.arguments) report.again += " " + in_shell(word);
  const auto failure = scenarios::failure_of(report.result);
  const bool is_known = report.result.end_reason != scenarios::EndReason::interrupted;
  if (failing.capsule && is_known) report.comparison = compare(*failing.capsule, failure, growth);
  // What is a finding to fuzz is one here: a run that comes to no end is.
  const Exit exit =
      worse(static_cast<Exit>(exit_code(report)), failure && is_certain(failure->kind) ? not_as_expected : as_expected);
  write(report, exit, wanted.wishes);
  return all_written({&saved, &trace, &history, &picture}) ? exit : failed;
}

}  // namespace

Exit replay(const CommandLine& line) {
  Wanted wanted;
  if (const auto exit = read_wanted(line, wanted)) return *exit;
  if (std::any_of(wanted.files.begin(), wanted.files.end(), is_recording_file)) return replay_recordings(wanted);
  if (wanted.files.size() > 1) {
    std::cerr << "smalldb-sim replay: runs one capsule at a time, and none of these is a recording\n";
    return bad_input;
  }
  const auto failing = load_wanted(wanted);
  if (!failing) return bad_input;
  note_interrupts();
  const Watched first = watch(hang_after_ms(wanted.hang_after_ms, *failing), [&](Pulse& pulse, std::string&) {
    return replay_once(line, wanted, *failing, {.pulse = &pulse});
  });
  if (first.exit) return *first.exit;
  if (first.signal != 0 && !interrupted()) {
    std::cerr << "smalldb-sim: failed itself: the run was ended by signal " << first.signal << " in step "
              << first.steps + 1 << '\n';
    return failed;
  }
  if (first.hung && first.has_run && !interrupted()) {
    std::cerr << "smalldb-sim: failed itself: the run came to its end, and what is told of it did not\n";
    return failed;
  }
  // The same again up to there, which is told.
  using scenarios::EndReason;
  return replay_once(line, wanted, *failing,
                     {.last_step = first.steps, .ended_by = interrupted() ? EndReason::interrupted : EndReason::hung});
}

}  // namespace smalldb::cli
