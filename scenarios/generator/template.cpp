// Scenarios of which a file fixes a part.
#include <algorithm>
#include <string>
#include <utility>

#include "scenarios/check.h"
#include "scenarios/generator/drawing.h"
#include "scenarios/generator/pace.h"
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

// When it is done if every answer comes at once.
sim::Time last_time(const Work& work) {
  sim::Time last = work.starts_at;
  for (const ScriptStep& step : work.script) {
    if (const Wait* wait = std::get_if<Wait>(&step)) last = last + wait->length;
  }
  if (!work.generate) return last;
  const sim::Distribution& pause = work.generate->interval.value_or(work.generate->think_time);
  return last + pause.most * static_cast<std::int64_t>(work.generate->count);
}

sim::Time last_time(const Scenario& story) {
  sim::Time last;
  for (const Work& work : story.workload) last = std::max(last, last_time(work));
  for (const FaultPlan& fault : story.faults) last = std::max(last, last_time(fault.schedule) + fault.lasts.most);
  for (const OperatorAction& action : story.operators) last = std::max(last, last_time(action.schedule));
  return last;
}

// Settings that do not go together: of the store among themselves.
bool is_of_the_store(const Finding& finding) { return finding.path.front() == "cluster"; }

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

bool Template::is_slow() const {
  const Network network = over({}).network;
  return says("disks") || network.settings.link.bandwidth != 0 ||
         std::any_of(network.links.begin(), network.links.end(),
                     [](const LinkException& link) { return link.bandwidth.has_value(); });
}

void Template::begin(Scenario& drawn) const {
  if (tells_a_story()) {
    const Cluster cast = over({}).cluster;
    drawn.cluster.nodes = cast.nodes;
    drawn.cluster.clients = cast.clients;
    drawn.cluster.founders = cast.founders;
    drawn.cluster.spares = cast.spares;
    drawn.cluster.arbiter = cast.arbiter;
  }
  // Settings are drawn for the disks and links that are drawn with them, and among themselves.
  const auto takes_defaults = [&] {
    drawn.cluster.store = {};
    drawn.cluster.client = {};
  };
  if (is_slow()) takes_defaults();
  const std::vector<Finding> findings = check(over(drawn));
  if (std::any_of(findings.begin(), findings.end(), is_of_the_store)) takes_defaults();
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
  // What is told from its beginning ends as it does when it is told alone, but where that may be never; else nothing
  // ends before what is told, and what came of it.
  const bool told_whole = says("workload") && says("faults");
  if (told_whole) {
    const bool heal = drawn.end.heal;
    drawn.end = {};
    drawn.end.heal = heal;
  }
  if (told_whole ? generator::may_never_be_done(drawn) : tells_a_story()) {
    const Pace pace(drawn);
    drawn.end.until = End::Until::time;
    drawn.end.limit = End{}.limit;
    drawn.end.at = std::max(drawn.end.at, last_time(drawn) + pace.beats(20));
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
