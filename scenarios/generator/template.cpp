// Scenarios of which a file fixes a part.
#include <algorithm>
#include <string>

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
