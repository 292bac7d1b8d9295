#include "scenarios/testing/stories.h"

#include <catch2/catch.hpp>

#include <algorithm>

#include "scenarios/load.h"

namespace smalldb::scenarios::testing {

Scenario loaded(const std::string& text) {
  const Loaded result = load_text("why: a test\n" + text, "story.yaml");
  for (const Problem& problem : result.problems) UNSCOPED_INFO(to_text(problem));
  REQUIRE(result.scenario);
  return *result.scenario;
}

const Judgement& judgement(const Result& result, const std::string& begin) {
  const auto found = std::find_if(result.judgements.begin(), result.judgements.end(),
                                  [&](const Judgement& one) { return one.what.starts_with(begin); });
  INFO(begin);
  REQUIRE(found != result.judgements.end());
  return *found;
}

Result recorded(const Scenario& scenario) {
  RunOptions options;
  options.record = true;
  return run(scenario, options);
}

std::vector<sim::Time> times(const Result& result, sim::EventKind kind, const std::string& process) {
  std::vector<sim::Time> found;
  for (const sim::TraceEvent& event : result.recording->events) {
    const bool here = event.process != no_process &&
                      result.recording->process_names[static_cast<std::size_t>(event.process)] == process;
    if (event.kind == kind && here) found.push_back(event.time);
  }
  return found;
}

std::vector<sim::Time> story_inputs(const Result& result, const std::string& client) {
  std::vector<sim::Time> found = times(result, sim::EventKind::input, client);
  std::erase_if(found, [&](sim::Time time) { return time >= *result.healed_at; });
  return found;
}

}  // namespace smalldb::scenarios::testing
