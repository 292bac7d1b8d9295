// Scenarios of which a file fixes a part.
#include <algorithm>
#include <string>
#include <utility>

#include "scenarios/check.h"
#include "scenarios/generator/drawing.h"
#include "scenarios/language.h"
#include "scenarios/notation.h"

namespace smalldb::scenarios {
namespace {

// What `fixed` says in the place of what `drawn` says; maps are merged key by key, all else is replaced whole.
Node merged(Node drawn, const Node& fixed) {
  if (!drawn.is_map() || !fixed.is_map()) return fixed;
  for (const Node::Entry& entry : fixed.entries) {
    const auto known = std::find_if(drawn.entries.begin(), drawn.entries.end(),
                                    [&](const Node::Entry& other) { return other.key == entry.key; });
    if (known == drawn.entries.end())
      drawn.entries.push_back(entry);
    else
      known->value = merged(std::move(known->value), entry.value);
  }
  return drawn;
}

template <class Item>
bool drop(std::vector<Item>& items, const std::vector<std::string>& path) {
  std::string ignored;
  const auto place = path.size() > 1 ? notation::read_count(path[1], ignored) : std::nullopt;
  if (!place || *place >= items.size()) return false;
  items.erase(items.begin() + static_cast<std::ptrdiff_t>(*place));
  return true;
}

sim::Time last_time(const Schedule& schedule) { return std::max(schedule.from, schedule.to) + schedule.delay; }

}  // namespace

Scenario Template::over(const Scenario& drawn) const {
  const Node all = merged(grammar::Struct<Scenario>::write(drawn), root_);
  std::vector<Problem> problems;
  grammar::Reader reader("template", problems);
  Scenario scenario;
  scenario.name = drawn.name;
  grammar::Struct<Scenario>::read(all, scenario, reader);
  return scenario;
}

bool Template::tells_a_story() const { return says("workload") || says("faults") || says("operator"); }

void Template::begin(Scenario& drawn) const {
  if (tells_a_story()) {
    const Cluster cast = over({}).cluster;
    drawn.cluster.nodes = cast.nodes;
    drawn.cluster.clients = cast.clients;
    drawn.cluster.founders = cast.founders;
    drawn.cluster.spares = cast.spares;
    drawn.cluster.arbiter = cast.arbiter;
  }
  const Scenario told = over(drawn);
  drawn.cluster = told.cluster;
  drawn.workload = told.workload;
  drawn.faults = told.faults;
  drawn.operators = told.operators;
}

Budget Template::budget(Budget drawn) const {
  const Scenario told = over({});
  const bool is_survivable = std::none_of(told.faults.begin(), told.faults.end(), [](const FaultPlan& fault) {
    return family_of(fault.kind) >= Family::damage;
  });
  return is_survivable ? drawn : Budget::unrestricted;
}

Scenario Template::end(Scenario drawn) const {
  // What is told from its beginning ends as it does when it is told alone; else nothing ends before what is told.
  if (says("workload") && says("faults")) {
    const bool heal = drawn.end.heal;
    drawn.end = {};
    drawn.end.heal = heal;
  } else if (tells_a_story()) {
    drawn.end.limit = End{}.limit;
    for (const FaultPlan& fault : drawn.faults) {
      drawn.end.at = std::max(drawn.end.at, last_time(fault.schedule) + fault.lasts.most);
    }
    for (const OperatorAction& action : drawn.operators) {
      drawn.end.at = std::max(drawn.end.at, last_time(action.schedule));
    }
  }
  Scenario scenario = over(drawn);
  scenario.expect = std::move(drawn.expect);
  for (const auto& [property, expected] : over({}).expect.properties) {
    // In that one story it must be violated; here it may be.
    if (expected == Expected::holds) continue;
    const auto drawn_one = scenario.expect.properties.try_emplace(property, scenario.expect.others).first;
    if (expected != Expected::if_recoverable)
      drawn_one->second = Expected::any;
    else if (drawn_one->second == Expected::holds)
      drawn_one->second = Expected::if_recoverable;
  }
  for (FaultPlan& fault : scenario.faults) fault.may_miss = true;
  for (OperatorAction& action : scenario.operators) action.may_miss = true;
  return scenario;
}

namespace generator {

Scenario without_what_does_not_fit(Scenario scenario) {
  for (;;) {
    const std::vector<Finding> findings = check(scenario);
    if (findings.empty()) return scenario;
    const std::vector<std::string>& path = findings.front().path;
    const bool dropped = (path[0] == "faults" && drop(scenario.faults, path)) ||
                         (path[0] == "operator" && drop(scenario.operators, path)) ||
                         (path[0] == "workload" && drop(scenario.workload, path));
    if (dropped) continue;
    if (path[0] == "clocks")
      scenario.clocks.erase(path[1]);
    else if (path[0] == "processors")
      scenario.step_costs.erase(path[1]);
    else
      return scenario;  // what the file says and what was drawn do not go together
  }
}

}  // namespace generator
}  // namespace smalldb::scenarios
