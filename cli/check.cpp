#include "properties/checker/check.h"

#include <fmt/format.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <limits>
#include <memory>
#include <string>
#include <system_error>
#include <utility>
#include <variant>
#include <vector>

#include "cli/check_wishes.h"
#include "cli/command.h"
#include "cli/file_output.h"
#include "cli/history_file.h"
#include "cli/interrupt.h"
#include "cli/read_file.h"
#include "cli/tasks.h"
#include "cli/terminal.h"
#include "cli/work.h"
#include "model/printable.h"
#include "properties/checker/formats/follow.h"
#include "properties/checker/formats/reader.h"
#include "reports/history_json.h"
#include "reports/history_report.h"
#include "reports/history_text.h"
#include "reports/layout.h"
#include "reports/picture.h"
#include "scenarios/problem.h"

namespace smalldb::cli {
namespace {

// One history on its way from its file to its report. Shared with the thread that works on it.
struct Judging {
  std::string file;
  CheckWishes wishes;
  std::atomic<std::uint64_t> bytes{0};
  std::atomic<std::uint64_t> line{0};  // followed up to here
  TaskCount keys;
  // What comes of it: one of these.
  std::string refused;
  reports::HistoryReport report;

  void work();
  void follow(checker::Source& source);
  std::string progress() const;
};

std::string refusal(const std::string& file, const checker::Malformed& malformed) {
  const auto number = [](std::uint64_t count) {
    constexpr std::uint64_t most = std::numeric_limits<int>::max();
    return static_cast<int>(std::min(count, most));
  };
  return to_text(scenarios::Problem{file,
                                    {number(malformed.line), number(malformed.column)},
                                    malformed.found,
                                    malformed.expected,
                                    smalldb::nearest_word(malformed.word, malformed.words)});
}

void Judging::work() {
  checker::Read read;
  try {
    HistoryFile source(file, bytes);
    if (wishes.follow) return follow(source);
    read = checker::read(source, wishes.reading);
  } catch (const UnreadableFile& problem) {
    refused = shown_name(file) + ": " + problem.what();
    return;
  }
  if (const auto* malformed = std::get_if<checker::Malformed>(&read)) {
    refused = refusal(shown_name(file), *malformed);
    return;
  }
  const auto& history = std::get<checker::History>(read);
  checker::Options options;
  options.engine = wishes.engine;
  options.steps_max = wishes.steps_max;
  options.witness = wishes.witness;
  options.run_tasks = [this](std::size_t count, const std::function<void(std::size_t)>& task) {
    run_tasks(wishes.jobs, count, task, keys);
  };
  checker::Verdict verdict = checker::check(history, options);
  if (wishes.numbers_all) {
    const auto across_keys = checker::check_order_of_revisions(history);
    verdict.wrong_revisions.insert(verdict.wrong_revisions.end(), across_keys.begin(), across_keys.end());
  }
  const auto broken = wishes.sessions ? checker::check_sessions(history) : std::vector<checker::BrokenGuarantee>();
  report = reports::report_of(shown_name(file), history, verdict, broken);
  report.asked = wishes.engine;
}

void Judging::follow(checker::Source& source) {
  const auto followed =
      checker::follow(source, wishes.steps_max, wishes.reading, [this](std::uint64_t now) { line = now; });
  if (const auto* malformed = std::get_if<checker::Malformed>(&followed)) {
    refused = refusal(shown_name(file), *malformed);
    return;
  }
  report = reports::report_of(shown_name(file), std::get<checker::Followed>(followed));
}

std::string Judging::progress() const {
  if (wishes.follow) return fmt::format("{}: judged up to line {}", shown_name(file), reports::grouped(line));
  if (keys.all == 0) return fmt::format("{}: reading, {} MB", shown_name(file), reports::grouped(bytes / 1'000'000));
  return fmt::format("{}: judging, {} of {} keys", shown_name(file), reports::grouped(keys.done),
                     reports::grouped(keys.all));
}

class Writer {
 public:
  explicit Writer(const CheckWishes& wishes) : wishes_(wishes), style_(output_style()) {}

  void take(reports::HistoryReport report) {
    if (wishes_.format == CheckWishes::Format::text) {
      if (has_details_) std::cout << '\n';
      reports::write_text(report, style_, std::cout);
      std::cout.flush();
      has_details_ = report.exit_code() != 0 || !report.witnesses.empty();
    }
    reports_.push_back(std::move(report));
  }

  void finish(Exit exit) const {
    if (wishes_.format == CheckWishes::Format::json) {
      reports::write_json(reports_, program_name(), exit, std::cout);
    } else if (wishes_.files.size() > 1) {
      std::cout << '\n';
      reports::write_history_totals(reports_, wishes_.files.size() - reports_.size(), style_, std::cout);
    }
  }

 private:
  const CheckWishes& wishes_;
  reports::Style style_;
  std::vector<reports::HistoryReport> reports_;
  bool has_details_ = false;  // of the last: then a line is left free
};

std::string no_picture_at(const std::string& file, const char* why) {
  return fmt::format("smalldb-sim check: cannot write the picture to {}: {}\n", printable(file), why);
}

// Before a history is judged, which may take long. What is there is left as it is: there may be nothing to draw.
bool can_write_picture(const std::string& file, const std::string& history) {
  namespace fs = std::filesystem;
  std::error_code none;
  const fs::file_status before = fs::status(file, none);
  const char* why = file == "-" ? "standard output is for the report" : nullptr;
  if (is_one_file(file, history)) why = "the command reads it";
  // To open a pipe is to be seen at its other end.
  if (!why && (!fs::exists(before) || fs::is_regular_file(before) || fs::is_directory(before))) {
    if (!std::ofstream(file, std::ios::binary | std::ios::app)) why = std::strerror(errno);
    if (!why && !fs::exists(before)) fs::remove(file, none);
  }
  if (why) std::cerr << no_picture_at(file, why);
  return !why;
}

// The page, or a word on why there is none.
Exit write_picture(const reports::HistoryReport& report, const std::string& file) {
  if (!report.reason) {
    std::cerr << "smalldb-sim check: no picture: " << printable(report.file) << " is not violated\n";
    return as_expected;
  }
  std::ofstream out(file, std::ios::binary);
  out << reports::picture(*report.reason, report.file, program_name());
  if (out.flush()) return as_expected;
  std::cerr << no_picture_at(file, std::strerror(errno));
  return bad_input;
}

}  // namespace

Exit check(const CommandLine& line) {
  CheckWishes wishes;
  if (const auto exit = read_wishes(line, wishes)) return *exit;
  if (!wishes.picture.empty() && !can_write_picture(wishes.picture, wishes.files.front())) return bad_input;
  note_interrupts();
  Writer writer(wishes);
  Exit exit = as_expected;
  for (const std::string& file : wishes.files) {
    const auto judging = std::make_shared<Judging>();
    judging->file = file;
    judging->wishes = wishes;
    try {
      const WorkEnd end = do_work([judging] { judging->work(); }, [&] { return judging->progress(); });
      if (end == WorkEnd::interrupted) {
        writer.take(reports::report_of_stopped(shown_name(file), "interrupted " + judging->progress()));
        exit = worse(exit, unknown);
        writer.finish(exit);
        leave(exit);
      }
    } catch (const std::exception& problem) {
      std::cerr << "smalldb-sim: the checker itself failed on " << printable(shown_name(file)) << ": " << problem.what()
                << '\n';
      exit = failed;
      continue;
    }
    if (!judging->refused.empty()) {
      std::cerr << printable(judging->refused) << '\n';
      exit = worse(exit, bad_input);
      continue;
    }
    exit = worse(exit, static_cast<Exit>(judging->report.exit_code()));
    if (!wishes.picture.empty()) exit = worse(exit, write_picture(judging->report, wishes.picture));
    writer.take(std::move(judging->report));
  }
  writer.finish(exit);
  return exit;
}

}  // namespace smalldb::cli
