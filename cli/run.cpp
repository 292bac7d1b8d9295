#include <exception>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include "cli/command.h"
#include "cli/file_output.h"
#include "cli/interrupt.h"
#include "cli/load.h"
#include "cli/perform.h"
#include "cli/terminal.h"
#include "cli/wishes.h"
#include "model/printable.h"
#include "reports/json_report.h"
#include "reports/text_report.h"

namespace smalldb::cli {
namespace {

// Writes each report as the user wishes; JSON when all are there.
class Writer {
 public:
  explicit Writer(const Wishes& wishes) : wishes_(wishes), style_(output_style(wishes.colour)) {}

  void take(reports::Report report) {
    outcomes_.push_back({exit_code(report), report.result.is_stale()});
    if (wishes_.format == Wishes::Format::json) {
      reports_.push_back(std::move(report));
    } else if (wishes_.quiet) {
      write_summary(report, style_, std::cout);
    } else {
      if (outcomes_.size() > 1) std::cout << "\n\n";
      write_text(report, style_, std::cout);
    }
    std::cout.flush();
  }

  void finish(Exit exit) const {
    if (wishes_.format == Wishes::Format::json) return write_json(reports_, exit, std::cout);
    if (!wishes_.several()) return;
    if (!wishes_.quiet) std::cout << '\n';
    write_totals(outcomes_, wishes_.seeds ? "run" : "scenario", style_, std::cout);
  }

 private:
  const Wishes& wishes_;
  reports::Style style_;
  std::vector<reports::RunOutcome> outcomes_;
  std::vector<reports::Report> reports_;
};

class Runner {
 public:
  Runner(const Wishes& wishes, const std::string& program, const Outputs& outputs)
      : wishes_(wishes), program_(program), outputs_(outputs), writer_(wishes) {}

  // With each of the seeds that the user names, or with its own.
  void run(NamedScenario what) {
    const Seeds seeds = wishes_.seeds.value_or(Seeds{what.scenario.seed, what.scenario.seed});
    for (std::uint64_t seed = seeds.first;; ++seed) {
      what.scenario.seed = seed;
      if (interrupted()) return leave_out(what, seed != seeds.first);
      run_once(what);
      if (seed == seeds.last) return;
    }
  }

  Exit finish() {
    writer_.finish(exit_);
    return exit_;
  }

 private:
  void run_once(const NamedScenario& what) {
    try {
      reports::Report report = perform(what, wishes_, program_, outputs_);
      exit_ = worse(exit_, static_cast<Exit>(exit_code(report)));
      writer_.take(std::move(report));
    } catch (const std::exception& problem) {
      std::cerr << "smalldb-sim: the simulator itself failed on " << printable(what.file) << " with seed "
                << what.scenario.seed << ": " << problem.what() << '\n';
      exit_ = failed;
    }
  }

  void leave_out(const NamedScenario& what, bool in_part) {
    std::cerr << "smalldb-sim: interrupted; not run: " << printable(what.file);
    if (in_part) std::cerr << " from seed " << what.scenario.seed << " on";
    std::cerr << '\n';
    exit_ = worse(exit_, unknown);
  }

  const Wishes& wishes_;
  const std::string& program_;
  const Outputs& outputs_;
  Writer writer_;
  Exit exit_ = as_expected;
};

}  // namespace

Exit run(const CommandLine& line) {
  Wishes wishes;
  if (const auto exit = read_wishes(line, wishes)) return *exit;
  std::vector<scenarios::Problem> problems;
  auto all = load(wishes.files, &problems);
  if (!all) {
    if (wishes.format == Wishes::Format::json) reports::write_json(problems, program_name(), bad_input, std::cout);
    return bad_input;
  }

  FileOutput trace("smalldb-sim run", "trace", wishes.trace);
  FileOutput history("smalldb-sim run", "history", wishes.history);
  FileOutput picture("smalldb-sim run", "picture", wishes.picture);
  if (!open_all({&trace, &history, &picture}, wishes.files)) return bad_input;
  note_interrupts();
  const Outputs outputs{trace.stream(), history.stream(), picture.stream()};
  Runner runner(wishes, line.program, outputs);
  for (NamedScenario& each : *all) runner.run(std::move(each));
  const Exit exit = runner.finish();
  return all_written({&trace, &history, &picture}) ? exit : failed;
}

}  // namespace smalldb::cli
