#include "cli/perform.h"

#include <algorithm>
#include <ostream>
#include <string_view>

#include "cli/interrupt.h"
#include "cli/reason.h"
#include "cli/why.h"
#include "model/printable.h"
#include "reports/names.h"
#include "reports/run_history.h"
#include "reports/run_picture.h"
#include "reports/trace_file.h"
#include "reports/witnessed.h"
#include "scenarios/stage.h"
#include "sim/world.h"

namespace smalldb::cli {
namespace {

// A script of so many steps in all can be told operation by operation.
constexpr std::size_t short_script_steps_max = 60;

// As much as a person reads in one go; of a full story, what an editor searches through.
constexpr reports::StoryLimits usual_limits{.first = 300, .last = 300};
constexpr reports::StoryLimits full_limits{.first = 5'000, .last = 5'000, .folds = false};

bool is_short_script(const scenarios::Scenario& scenario) {
  std::size_t steps = 0;
  for (const scenarios::Work& work : scenario.workload) {
    if (work.generate) return false;
    steps += work.script.size() * std::max<std::size_t>(work.clients.size(), 1);
  }
  return steps <= short_script_steps_max;
}

// `named`: events that are told in any case.
std::optional<reports::Story> story_of(const scenarios::Scenario& scenario, const Wishes& wishes,
                                       const std::vector<sim::EventIndex>& named = {}) {
  using reports::StoryDetail;
  const auto columns = reports::story_columns(scenario);
  switch (wishes.story) {
    case Wishes::Story::none: return std::nullopt;
    case Wishes::Story::what_matters: return reports::Story(columns, StoryDetail::what_matters, usual_limits, named);
    case Wishes::Story::operations: return reports::Story(columns, StoryDetail::operations, usual_limits, named);
    case Wishes::Story::full: return reports::Story(columns, StoryDetail::messages, full_limits, named);
    case Wishes::Story::automatic: break;
  }
  if (wishes.quiet) return std::nullopt;
  return reports::Story(columns, is_short_script(scenario) ? StoryDetail::operations : StoryDetail::what_matters,
                        usual_limits, named);
}

// The same run again, with all that the witnesses of what it violates name; nothing if they name nothing.
std::optional<reports::Story> story_with_witnesses(const scenarios::Result& result, const Wishes& wishes) {
  std::vector<sim::EventIndex> events = reports::witnessed_events(result.verdicts);
  if (events.empty()) return std::nullopt;
  scenarios::RunOptions options;
  options.events_max = result.event_count;
  options.interrupted = interrupted;
  reports::Witnessed witnessed(std::move(events));
  options.reader = [&](const sim::World& world) { witnessed.see(world.events()); };
  scenarios::run(result.scenario, options);
  std::optional<reports::Story> story = story_of(result.scenario, wishes, witnessed.events());
  options.reader = [&](const sim::World& world) {
    story->see(world.events(), world.notes(), reports::WorldNames(world));
  };
  scenarios::run(result.scenario, options);
  return story;
}

scenarios::Result result_of(const scenarios::Scenario& scenario, const scenarios::RunOptions& options,
                            const Outputs& outputs) {
  if (outputs.pulse == nullptr && !outputs.last_step) return scenarios::run(scenario, options);
  std::optional<WatchedRun> watched;
  if (outputs.pulse != nullptr) watched.emplace(*outputs.pulse);
  scenarios::Run one(scenario, options);
  std::uint64_t steps = 0;
  while (steps != outputs.last_step && one.step()) {
    ++steps;
    if (outputs.pulse != nullptr) outputs.pulse->steps.store(steps, std::memory_order_relaxed);
  }
  return one.finish(outputs.ended_by);
}

char digit(int value) { return static_cast<char>('0' + value); }

// A word as $'...' says it, byte by byte where it could not be shown.
std::string in_escapes(std::string_view word) {
  std::string text = "$'";
  for (const char c : word) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\'' || c == '\\') {
      text += {'\\', c};
    } else if (byte >= ' ' && byte < 0x7f) {
      text += c;
    } else {  // three digits, so that none that follows is taken for one of them
      text += {'\\', digit(byte >> 6), digit(byte >> 3 & 7), digit(byte & 7)};
    }
  }
  return text + "'";
}

}  // namespace

std::string in_shell(std::string_view word) {
  const auto is_plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("_./-+,@%=:").find(c) != std::string_view::npos;
  };
  if (!word.empty() && std::all_of(word.begin(), word.end(), is_plain)) return std::string(word);
  if (!is_printable(word)) return in_escapes(word);
  std::string text = "'";
  for (const char c : word) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return text + "'";
}

reports::Report perform(const NamedScenario& what, const Wishes& wishes, const std::string& program,
                        const Outputs& outputs) {
  std::optional<reports::Story> story = story_of(what.scenario, wishes);
  scenarios::RunOptions options;
  if (!outputs.last_step) options.interrupted = interrupted;
  options.events_max = outputs.events_max;
  std::optional<reports::RunHistory> history;
  if (outputs.history != nullptr) history.emplace(*outputs.history);
  std::optional<reports::RunPicture> picture;
  if (outputs.picture != nullptr) picture.emplace(cast_of(what.scenario, scenarios::Numbers(what.scenario.cluster)));
  if (story || history || picture || outputs.trace != nullptr || outputs.reader) {
    options.reader = [&](const sim::World& world) {
      const reports::WorldNames names(world);
      if (outputs.reader) outputs.reader(world);
      if (story) story->see(world.events(), world.notes(), names);
      if (history) history->see(world.events(), world.notes(), names);
      if (picture) picture->see(world.events(), world.notes(), names);
      if (outputs.trace != nullptr) reports::write_trace(world.events(), world.notes(), names, *outputs.trace);
    };
  }
  scenarios::Result result = result_of(what.scenario, options, outputs);
  std::string again = in_shell(program) + " " + in_shell(what.file) + " --seed " + std::to_string(result.scenario.seed);
  std::optional<reports::Reason> reason;
  std::vector<reports::Why> whys;
  // All of these run it again, and what hangs would do so again.
  const bool hangs = outputs.last_step.has_value();
  if (!hangs && story) {
    if (auto told = story_with_witnesses(result, wishes)) story = std::move(told);
  }
  if (!hangs && (!wishes.quiet || wishes.format == Wishes::Format::json || picture)) {
    reason = reason_of(result);
    whys = whys_of(result);
  }
  reports::Report report{std::move(result), std::move(story),  what.file,      program_name(),
                         std::move(again),  std::move(reason), std::move(whys)};
  report.fails_if_stale = wishes.fail_if_stale;
  if (picture) *outputs.picture << picture->page(report);
  return report;
}

}  // namespace smalldb::cli
