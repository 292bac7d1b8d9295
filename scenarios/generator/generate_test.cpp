// The generator of scenarios that mean something, and what is done with their failures.
#include <catch2/catch.hpp>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "scenarios/check.h"
#include "scenarios/generator/generate.h"
#include "scenarios/load.h"
#include "scenarios/problem.h"
#include "scenarios/save.h"

namespace smalldb::scenarios {
namespace {

constexpr Budget budgets[] = {Budget::survivable, Budget::unrestricted};

TEST_CASE("whatever is drawn can be run, and written down") {
  for (const Budget budget : budgets) {
    for (std::uint64_t seed = 1; seed <= 1500; ++seed) {
      INFO("seed " << seed << ", " << name(budget));
      const Scenario scenario = generate(seed, budget);
      for (const Finding& finding : check(scenario)) {
        std::string path;
        for (const std::string& step : finding.path) path += step + ".";
        FAIL(path << " " << finding.found << ", expected " << finding.expected);
      }
      if (seed % 15 != 0) continue;
      const Loaded loaded = load_text(save_text(scenario), "drawn.yaml");
      for (const Problem& problem : loaded.problems) FAIL(to_text(problem));
      REQUIRE(loaded.scenario == scenario);
    }
  }
}

TEST_CASE("a seed stands for the same scenario whenever it is drawn, and for different ones in the two budgets") {
  CHECK(generate(7, Budget::survivable) == generate(7, Budget::survivable));
  CHECK_FALSE(generate(7, Budget::survivable) == generate(8, Budget::survivable));
  CHECK_FALSE(generate(7, Budget::survivable) == generate(7, Budget::unrestricted));
}

TEST_CASE(
    "every family of faults is there in some runs and missing in others, and none of the disks' in survivable ones") {
  constexpr std::uint64_t seeds = 600;
  for (const Budget budget : budgets) {
    std::map<Family, std::uint64_t> runs;
    std::set<sim::FaultKind> kinds;
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
      std::set<Family> present;
      for (const FaultPlan& fault : generate(seed, budget).faults) {
        present.insert(family_of(fault.kind));
        kinds.insert(fault.kind);
      }
      for (const Family family : present) ++runs[family];
    }
    for (std::uint8_t f = 0; f <= static_cast<std::uint8_t>(Family::lies); ++f) {
      const Family family{f};
      INFO(name(family) << ", " << name(budget));
      if (budget == Budget::survivable && family >= Family::damage) {
        CHECK(runs[family] == 0);
      } else {
        CHECK(runs[family] > seeds / 20);
        CHECK(runs[family] < seeds * 19 / 20);
      }
    }
    if (budget == Budget::unrestricted) CHECK(kinds.size() == sim::fault_kinds);
  }
}

TEST_CASE("what a file says is kept, and the rest is drawn around it") {
  const Template fixed("why: Fixed.\ncluster: {arbiter: none, clients: 2}\nworkload: [{script: [put x=1]}]\n",
                       "t.yaml");
  std::set<std::string> drawn;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    INFO("seed " << seed);
    const Scenario scenario = generate(seed, Budget::unrestricted, &fixed);
    REQUIRE(check(scenario).empty());
    CHECK(scenario.cluster.arbiter == ArbiterKind::none);
    CHECK(scenario.cluster.clients == std::vector<Name>{"c1", "c2"});
    REQUIRE(scenario.workload.size() == 1);
    CHECK(scenario.workload[0].script.size() == 1);
    drawn.insert(save_text(scenario));
  }
  CHECK(drawn.size() == 60);
}

TEST_CASE("bytes of any length are a scenario, and no bytes a plain one") {
  std::vector<std::uint8_t> bytes;
  for (std::size_t size = 0; size < 400; size += 7) {
    INFO(size << " bytes");
    CHECK(check(generate(Draws(std::span<const std::uint8_t>(bytes)), Budget::unrestricted)).empty());
    for (int i = 0; i < 7; ++i) bytes.push_back(static_cast<std::uint8_t>(bytes.size() * 37 + 11));
  }
  CHECK(generate(Draws(std::span<const std::uint8_t>()), Budget::survivable).faults.empty());
}

TEST_CASE("a scenario has one shape in each dimension but that of its families") {
  std::map<std::string, int> dimensions;
  for (const std::string& shape : shapes(generate(3, Budget::survivable)))
    ++dimensions[shape.substr(0, shape.find(' '))];
  for (const auto& [dimension, count] : dimensions) {
    INFO(dimension);
    CHECK((count == 1 || dimension == "family"));
  }
}

}  // namespace
}  // namespace smalldb::scenarios
