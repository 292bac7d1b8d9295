#include "cli/failing.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <functional>
#include <iostream>

#include "cli/interrupt.h"
#include "cli/read_file.h"
#include "cli/tasks.h"
#include "reports/layout.h"
#include "scenarios/campaign/campaign.h"
#include "scenarios/campaign/shrink.h"
#include "scenarios/load.h"
#include "scenarios/save.h"

namespace smalldb::cli {
namespace {

constexpr auto shrink_for = std::chrono::seconds(30);

}  // namespace

std::optional<Failing> load_failing(const std::string& file, const char* taken) {
  std::string told_by_load_file;
  const auto text = read_file(file, told_by_load_file);
  std::vector<scenarios::Problem> problems;
  Failing failing{file, {}, {}};
  if (text && scenarios::is_capsule(*text)) {
    failing.capsule = scenarios::read_capsule(*text, shown_name(file), problems);
    if (failing.capsule) failing.scenario = failing.capsule->scenario;
  } else if (text && text->empty()) {
    problems.push_back({shown_name(file), {1, 1}, "an empty file", taken, {}});
  } else {
    scenarios::Loaded loaded = text ? scenarios::load_text(*text, shown_name(file)) : scenarios::load_file(file);
    problems = std::move(loaded.problems);
    if (loaded.scenario) {
      failing.scenario = std::move(*loaded.scenario);
    } else if (!text) {
      for (scenarios::Problem& problem : problems) problem.expected = taken;
    } else if (!file.ends_with(".yaml") && !scenarios::is_meant_as_scenario(*text)) {
      problems = {{shown_name(file), {}, "something else", taken, {}}};
    }
  }
  for (const scenarios::Problem& problem : problems) std::cerr << to_text(problem) << '\n';
  return problems.empty() ? std::optional(std::move(failing)) : std::nullopt;
}

std::uint64_t hang_after_ms(const std::optional<std::uint64_t>& wished, const Failing& failing) {
  return wished.value_or(failing.capsule ? failing.capsule->hang_after_ms : scenarios::usual_hang_after_ms);
}

std::string why_not_shrunk(const scenarios::Capsule& capsule) {
  if (!is_endless(capsule.kind) || capsule.events >= scenarios::Campaign{}.events_max) return {};
  return "it came to no end in " + reports::counted(capsule.events, "event") +
         ", a bound that a campaign is given (--events) and no scenario says";
}

SmallFailure make_small(const scenarios::Capsule& capsule, const std::string& name, Pulse& pulse) {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point began = Clock::now();
  scenarios::ShrinkOptions options;
  // What comes to no end is not waited for any longer than it was; all else may take longer when it is simpler.
  options.events_max = is_endless(capsule.kind) ? capsule.events : 4 * capsule.events + 10'000;
  if (is_endless(capsule.kind)) options.proof_events_max = capsule.events;
  options.stop = [&] { return interrupted() || Clock::now() - began > shrink_for; };
  options.run = [&](const scenarios::Scenario& scenario, const scenarios::RunOptions& run_options) {
    const WatchedRun watched(pulse);
    return scenarios::run(scenario, run_options);
  };
  options.at_a_time = 64;  // the threads that work at it are made and awaited once for all of these
  options.try_to_first = [](std::size_t count, const std::function<bool(std::size_t)>& helps) {
    std::atomic<std::size_t> first = count;
    TaskCount ignored;
    const auto task = [&](std::size_t n) {
      if (n > first || !helps(n)) return;
      for (std::size_t known = first; n < known && !first.compare_exchange_weak(known, n);) {
      }
    };
    run_tasks(0, count, task, ignored);
  };
  scenarios::Shrunk shrunk = scenarios::shrink(capsule.scenario, capsule.kind, options);
  shrunk.scenario.name = name;
  shrunk.scenario.why = "Shrunk from " + capsule.origin + ". " + capsule.kind.property + ": " +
                        reports::shortened(shrunk.witness.empty() ? capsule.witness : shrunk.witness, 300) + ".";
  const auto tenths = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - began).count() / 100;
  const std::string seconds = std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " s";
  return {scenarios::save_text(shrunk.scenario),
          reports::counted(shrunk.elements, "element") + " and " + reports::counted(shrunk.settings, "setting") +
              " left, " + (shrunk.minimal ? "none of which can be dropped" : "not known to be the fewest") + "; " +
              reports::counted(shrunk.tried, "candidate") + " in " + seconds};
}

}  // namespace smalldb::cli
