#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <fstream>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/command.h"
#include "cli/interrupt.h"
#include "cli/load.h"
#include "cli/perform.h"
#include "cli/wishes.h"
#include "reports/json_report.h"
#include "reports/text_report.h"

namespace smalldb::cli {
namespace {

bool in_colour(Wishes::Colour wish) {
  if (wish != Wishes::Colour::automatic) return wish == Wishes::Colour::always;
  return reports::wants_colour(isatty(STDOUT_FILENO) == 1, std::getenv("TERM"), std::getenv("NO_COLOR"));
}

// Writes each report as the user wishes; JSON when all are there.
class Writer {
 public:
  explicit Writer(const Wishes& wishes) : wishes_(wishes), style_(in_colour(wishes.colour)) {}

  void take(reports::Report report) {
    exits_.push_back(report.result.exit_code());
    if (wishes_.format == Wishes::Format::json) {
      reports_.push_back(std::move(report));
    } else if (wishes_.quiet) {
      write_summary(report, style_, std::cout);
    } else {
      if (exits_.size() > 1) std::cout << "\n\n";
      write_text(report, style_, std::cout);
    }
    std::cout.flush();
  }

  void finish(Exit exit) const {
    if (wishes_.format == Wishes::Format::json) return write_json(reports_, exit, std::cout);
    if (wishes_.files.size() == 1) return;
    if (!wishes_.quiet) std::cout << '\n';
    write_totals(exits_, style_, std::cout);
  }

 private:
  const Wishes& wishes_;
  reports::Style style_;
  std::vector<int> exits_;
  std::vector<reports::Report> reports_;
};

Exit run_all(const std::vector<NamedScenario>& all, const Wishes& wishes, const std::string& program,
             const Outputs& outputs) {
  Writer writer(wishes);
  Exit exit = as_expected;
  for (const NamedScenario& each : all) {
    if (interrupted()) {
      std::cerr << "smalldb-sim: interrupted; not run: " << each.file << '\n';
      exit = worse(exit, unknown);
      continue;
    }
    try {
      reports::Report report = perform(each, wishes, program, outputs);
      exit = worse(exit, static_cast<Exit>(report.result.exit_code()));
      writer.take(std::move(report));
    } catch (const std::exception& problem) {
      std::cerr << "smalldb-sim: the simulator itself failed on " << each.file << " with seed "
                << wishes.seed.value_or(each.scenario.seed) << ": " << problem.what() << '\n';
      exit = failed;
    }
  }
  writer.finish(exit);
  return exit;
}

// A file that the user wants written, if any.
class FileOutput {
 public:
  FileOutput(std::string_view what, std::string name) : what_(what), name_(std::move(name)) {}

  // False, and said why, if it cannot be written.
  bool open() {
    if (name_.empty()) return true;
    out_.open(name_, std::ios::binary);
    if (out_) return true;
    std::cerr << "smalldb-sim run: cannot write the " << what_ << " to " << name_ << ": " << std::strerror(errno)
              << '\n';
    return false;
  }
  std::ostream* stream() { return name_.empty() ? nullptr : &out_; }
  // False, and said so, if not all of it was written.
  bool close() {
    if (name_.empty() || out_.flush()) return true;
    std::cerr << "smalldb-sim run: could not write all of the " << what_ << " to " << name_ << '\n';
    return false;
  }

 private:
  std::string_view what_;
  std::string name_;
  std::ofstream out_;
};

}  // namespace

Exit run(const CommandLine& line) {
  Wishes wishes;
  if (const auto exit = read_wishes(line, wishes)) return *exit;
  const auto all = load(wishes.files);
  if (!all) return bad_input;

  FileOutput trace("trace", wishes.trace), history("history", wishes.history);
  if (!trace.open() || !history.open()) return bad_input;
  note_interrupts();
  const Exit exit = run_all(*all, wishes, line.program, {trace.stream(), history.stream()});
  return trace.close() && history.close() ? exit : failed;
}

}  // namespace smalldb::cli
