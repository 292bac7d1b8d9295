#include "scenarios/testing/plain.h"

#include <string>

#include "scenarios/generator/drawing.h"

namespace smalldb::scenarios::testing {
namespace {

Work same_for_all(Draws& draws, const Pace& pace) {
  Generated generated;
  generated.count = static_cast<std::uint64_t>(draws.between(5, 15));
  generated.mix = {1, 1, 1, 1, 1, 1};
  generated.keys = 4;
  generated.value_size = {1, 40};
  generated.think_time = sim::uniform(Duration{}, pace.beats(2));
  Work work;
  work.generate = generated;
  return work;
}

// One of those that the generator draws, at any time.
void add_fault(Draws draws, const Pace& pace, Budget budget, Scenario& scenario) {
  Scenario one = scenario;
  one.faults.clear();
  for (std::uint64_t attempt = 0; one.faults.empty() && attempt < 10; ++attempt) {
    Draws drawn = draws.of("faults " + std::to_string(attempt));
    generator::draw_faults(drawn, pace, budget, one);
  }
  if (one.faults.empty()) return;
  FaultPlan fault = draws.one_of(one.faults);
  fault.schedule = {};
  fault.schedule.from = pace.any_time(draws);
  fault.until.reset();
  scenario.faults.push_back(std::move(fault));
}

}  // namespace

Scenario plain_scenario(std::uint64_t seed, Budget budget) {
  Draws draws = Draws(seed).of("plain " + std::string(name(budget)));
  Scenario scenario;
  scenario.seed = draws.below(std::uint64_t{1} << 40);
  scenario.name = "plain";
  scenario.why = "Drawn at random, plainly (" + std::string(name(budget)) + ").";
  Draws cluster = draws.of("cluster");
  generator::draw_cluster(cluster, scenario);
  Draws world = draws.of("world");
  generator::draw_world(world, scenario);
  Pace pace(scenario);
  pace.story = sim::Time{} + pace.beats(draws.between(20, 50));
  scenario.workload.push_back(same_for_all(draws, pace));
  for (std::int64_t fault = draws.between(0, 5); fault > 0; --fault) {
    add_fault(draws.of("fault " + std::to_string(fault)), pace, budget, scenario);
  }
  Draws operators = draws.of("operators");
  generator::draw_operators(operators, pace, scenario);
  Draws end = draws.of("end");
  generator::draw_end(end, pace, budget, scenario);
  return generator::without_what_does_not_fit(std::move(scenario)).value();
}

}  // namespace smalldb::scenarios::testing
