#include "cli/replay_lives.h"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <new>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <variant>

#include "cli/file_output.h"
#include "cli/read_file.h"
#include "cli/terminal.h"
#include "model/printable.h"
#include "reports/lives_report.h"
#include "reports/run_picture.h"
#include "reports/trace_file.h"
#include "reports/witnessed.h"

namespace smalldb::cli {
namespace {

constexpr reports::StoryLimits usual_limits{.first = 300, .last = 300};
constexpr reports::StoryLimits full_limits{.first = 5'000, .last = 5'000, .folds = false};

struct LifeInFile {
  std::string file;
  scenarios::Life life;
  std::int64_t began() const { return life.steps.front().moment.wall.nanoseconds; }
};

// There is none left to throw and to unwind with.
void end_out_of_memory() {
  std::fputs("smalldb-sim replay: out of memory\n", stderr);
  _exit(failed);
}

// FILE.2 is FILE, moved aside twice.
scenarios::Life::Aside aside(const std::string& file) {
  const std::size_t dot = file.rfind('.');
  unsigned times = 0;
  const char* const end = file.data() + file.size();
  if (dot != std::string::npos) {
    const auto [rest, error] = std::from_chars(file.data() + dot + 1, end, times);
    if (error == std::errc() && rest == end) return {file.substr(0, dot), times};
  }
  return {file, 0};
}

// Adds the life in the file, unless there is none. False if the file is no recording.
bool add_life(const std::string& file, std::vector<LifeInFile>& lives) {
  std::string why;
  const std::optional<std::string> bytes = read_file(file, why);
  if (!bytes) {
    std::cerr << "smalldb-sim replay: cannot read " << printable(file) << ": " << why << '\n';
    return false;
  }
  auto read = scenarios::read_life(*bytes);
  if (auto* const life = std::get_if<scenarios::Life>(&read)) {
    life->aside = aside(file);
    lives.push_back({file, std::move(*life)});
    return true;
  }
  const auto& problem = std::get<scenarios::LifeProblem>(read);
  std::cerr << printable(file) << ": byte " << problem.offset << ": " << problem.what
            << (problem.nothing_yet ? ": skipped\n" : "\n");
  return problem.nothing_yet;
}

// Two files may hold one life: a copy that was taken while the process lived, and what its recording came to. (Each
// life begins with entropy of its own.)
bool is_one_life(const scenarios::Life& a, const scenarios::Life& b) {
  const auto beginning = [](const scenarios::Life& life) {
    std::string bytes;
    append_recorded_step(bytes, life.steps.front().moment, life.steps.front().event, life.steps.front().effects);
    return bytes;
  };
  return a.machine.self() == b.machine.self() && beginning(a) == beginning(b);
}

// Of what two files tell of one life, the longer.
void leave_out_copies(std::vector<LifeInFile>& lives) {
  for (std::size_t i = 1; i < lives.size();) {
    const auto copied = std::find_if(lives.begin(), lives.begin() + static_cast<std::ptrdiff_t>(i),
                                     [&](const LifeInFile& other) { return is_one_life(other.life, lives[i].life); });
    if (copied == lives.begin() + static_cast<std::ptrdiff_t>(i)) {
      ++i;
      continue;
    }
    if (copied->life.bytes < lives[i].life.bytes) std::swap(*copied, lives[i]);
    std::cerr << printable(lives[i].file) << ": has the same life as " << printable(copied->file) << ": skipped\n";
    lives.erase(lives.begin() + static_cast<std::ptrdiff_t>(i));
  }
}

// What is to be told of the trace, and drawn; it is gone through again for that.
void tell(const scenarios::Together& lives, const Wishes& wishes, reports::LivesReport& report,
          reports::RunPicture* picture, std::ostream* trace) {
  using Wish = Wishes::Story;
  using Passage = scenarios::Together::Passage;
  if (!wishes.quiet && wishes.story != Wish::none) {
    const auto detail = wishes.story == Wish::full         ? reports::StoryDetail::messages
                        : wishes.story == Wish::operations ? reports::StoryDetail::operations
                                                           : reports::StoryDetail::what_matters;
    std::vector<properties::Verdict> verdicts;
    for (const scenarios::LivesVerdict& one : report.judged.verdicts) {
      if (one.not_judged.empty()) verdicts.push_back(one.verdict);
    }
    std::vector<sim::EventIndex> named = reports::witnessed_events(verdicts);
    if (!named.empty()) {
      reports::Witnessed witnessed(std::move(named));
      lives.join([&](const Passage& next) { witnessed.see(next.events); });
      named = witnessed.events();
    }
    report.story.emplace(reports::story_columns(lives.cast()), detail,
                         wishes.story == Wish::full ? full_limits : usual_limits, named);
  }
  if (!report.story && picture == nullptr && trace == nullptr) return;
  lives.join([&](const Passage& next) {
    const reports::JoinedNames names(next.joined);
    if (report.story) report.story->see(next.events, next.notes, names);
    if (picture != nullptr) picture->see(next.events, next.notes, names);
    if (trace != nullptr) write_trace(next.events, next.notes, names, *trace);
  });
}

}  // namespace

bool is_recording_file(const std::string& file) {
  // What is read from a pipe is gone from it.
  std::error_code error;
  if (!std::filesystem::is_regular_file(file, error)) return false;
  std::ifstream in(file, std::ios::binary);
  std::string begin(recording_magic.size(), '\0');
  in.read(begin.data(), static_cast<std::streamsize>(begin.size()));
  return in.good() && scenarios::is_recording(begin);
}

Exit replay_lives(const std::vector<std::string>& files, const Wishes& wishes) {
  std::set_new_handler(end_out_of_memory);
  FileOutput trace("smalldb-sim replay", "trace", wishes.trace);
  FileOutput picture("smalldb-sim replay", "picture", wishes.picture);
  if (!open_all({&trace, &picture}, files)) return bad_input;
  std::vector<LifeInFile> lives;
  for (const std::string& file : files) {
    if (!add_life(file, lives)) return bad_input;
  }
  // The same whatever order they are named in. A shell sorts a.rec before a.rec.1, its earlier life.
  std::stable_sort(lives.begin(), lives.end(),
                   [](const LifeInFile& a, const LifeInFile& b) { return a.began() < b.began(); });
  leave_out_copies(lives);
  reports::LivesReport report;
  for (LifeInFile& each : lives) {
    report.files.push_back(std::move(each.file));
    report.lives.push_back(std::move(each.life));
  }
  if (report.lives.empty()) {
    std::cerr << "smalldb-sim replay: there is no life in " << (files.size() == 1 ? "it" : "any of them") << '\n';
    return bad_input;
  }
  const scenarios::Together together(report.lives);
  scenarios::LivesJudge judge(together.cast());
  report.joined = together.join([&](const auto& next) { judge.see(next); });
  report.judged = judge.judged(report.joined);
  std::optional<reports::RunPicture> drawn;
  if (picture.stream() != nullptr) drawn.emplace(together.cast());
  tell(together, wishes, report, drawn ? &*drawn : nullptr, trace.stream());
  write_lives(report, output_style(), std::cout);
  if (drawn) *picture.stream() << drawn->page(report, program_name());
  if (!all_written({&trace, &picture})) return failed;
  const bool same = std::none_of(report.joined.lives.begin(), report.joined.lives.end(),
                                 [](const scenarios::LifeAccount& life) { return life.divergence.has_value(); });
  if (!same || report.judged.violated()) return not_as_expected;
  return report.judged.unknown() ? unknown : as_expected;
}

}  // namespace smalldb::cli
