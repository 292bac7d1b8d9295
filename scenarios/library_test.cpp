// What the library of scenarios covers. That each of them comes out as it expects is a test of its own (ctest -R
// scenario/).
#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "model/rule_switches.h"
#include "properties/coverage.h"
#include "scenarios/fault_grammar.h"
#include "scenarios/load.h"
#include "scenarios/run.h"
#include "scenarios/save.h"
#include "scenarios/testing/library.h"
#include "sim/fault.h"

namespace smalldb::scenarios {
namespace {

TEST_CASE("the library names every rule of the protocol in some scenario's why") {
  std::string whys;
  for (const Scenario& scenario : testing::library()) whys += scenario.why + " ";
  const auto is_named = [&](const std::string& rule) {
    for (std::size_t at = whys.find(rule); at != std::string::npos; at = whys.find(rule, at + 1)) {
      const char after = whys[at + rule.size()];
      if (after < '0' || after > '9') return true;
    }
    return false;
  };
  std::vector<std::string> missing;
  for (int i = 1; i <= 11; ++i) {
    if (!is_named("F" + std::to_string(i))) missing.push_back("F" + std::to_string(i));
  }
  for (int i = 1; i <= 12; ++i) {
    if (!is_named("S" + std::to_string(i))) missing.push_back("S" + std::to_string(i));
  }
  CHECK(missing == std::vector<std::string>{});
}

TEST_CASE("every condition is seen in a run of the library", "[again]") {  // scenario/NAME runs each
  std::map<std::string, std::uint64_t> seen;
  for (const Scenario& scenario : testing::library()) {
    for (const properties::Seen& condition : run(scenario).coverage) {
      seen[std::string(condition.name)] += condition.count;
    }
  }
  std::vector<std::string> missing;
  for (const properties::CoverageCondition& condition : properties::conditions()) {
    if (seen[std::string(condition.name)] == 0) missing.emplace_back(condition.name);
  }
  CHECK(missing == std::vector<std::string>{});
}

TEST_CASE("the library relies on every kind of fault") {
  std::set<std::string> relied_on;
  for (const Scenario& scenario : testing::library()) {
    for (const FaultPlan& fault : scenario.faults) {
      if (!fault.may_miss) relied_on.insert(std::string(verb_of(fault)));
    }
  }
  std::vector<std::string> missing;
  for (const FaultDescription& fault : fault_descriptions()) {
    if (relied_on.count(std::string(fault.verb)) == 0) missing.emplace_back(fault.verb);
  }
  CHECK(missing == std::vector<std::string>{});
}

TEST_CASE("for each rule switch a scenario expects the violation of a named property when it is off") {
  const std::vector<Scenario> library = testing::library();
  for (const RuleSwitch& rule : rule_switches) {
    INFO(rule.name);
    RuleSwitches off;
    off.*rule.on = false;
    CHECK(std::any_of(library.begin(), library.end(), [&](const Scenario& scenario) {
      const auto& expected = scenario.expect.properties;
      return scenario.cluster.rules == off && std::any_of(expected.begin(), expected.end(), [](const auto& property) {
               return property.second == Expected::violated;
             });
    }));
  }
}

TEST_CASE("every arbiter has its scenario") {
  std::set<ArbiterKind> kinds;
  for (const Scenario& scenario : testing::library()) kinds.insert(scenario.cluster.arbiter);
  CHECK(kinds.size() == 4);
}

TEST_CASE("the library is saved and loaded as the same values") {
  for (const Scenario& scenario : testing::library()) {
    const Loaded loaded = load_text(save_text(scenario), scenario.name + ".yaml");
    INFO(scenario.name);
    for (const Problem& problem : loaded.problems) UNSCOPED_INFO(to_text(problem));
    REQUIRE(loaded.scenario);
    CHECK(*loaded.scenario == scenario);
  }
}

TEST_CASE("a scenario is called as its file") {
  for (const std::string& file : testing::library_files()) {
    const Loaded loaded = load_file(file);
    REQUIRE(loaded.scenario);
    CHECK("scenarios/" + loaded.scenario->name + ".yaml" == file);
  }
}

}  // namespace
}  // namespace smalldb::scenarios
