#include "scenarios/save.h"

#include <rapidcheck.h>
#include <catch2/catch.hpp>

#include <algorithm>

#include "scenarios/check.h"
#include "scenarios/load.h"
#include "scenarios/testing/generator.h"

namespace smalldb::scenarios {
namespace {

TEST_CASE("what is saved is loaded as the same value") {
  const bool held = rc::check("any scenario", [] {
    const Scenario scenario = *testing::any_scenario();
    const std::vector<Finding> findings = check(scenario);
    for (const Finding& finding : findings) {
      std::string path;
      for (const std::string& step : finding.path) path += "/" + step;
      RC_LOG() << path << ": found " << finding.found << ", expected " << finding.expected << "\n";
    }
    RC_ASSERT(findings.empty());
    const std::string text = save_text(scenario);
    const Loaded loaded = load_text(text, "drawn.yaml");
    RC_LOG() << text;
    for (const Problem& problem : loaded.problems) RC_LOG() << to_text(problem) << "\n";
    RC_ASSERT(loaded.problems.empty());
    RC_ASSERT(*loaded.scenario == scenario);
  });
  CHECK(held);
}

TEST_CASE("a value is saved as it is, whatever words are in it") {
  for (const std::string& value :
       std::vector<std::string>{"1 if absent", "1 if absent if exists", "if exists", " 1 ", "\"1\"", "\\", "a \"b\"",
                                "", "two\nlines", "if", "iffy", "1 if", "what: # if \"so\"", std::string(12, '.'),
                                std::string(13, '.'), std::string(99, '"'), "c" + std::string(99, '.')}) {
    Scenario scenario;
    scenario.name = "values";
    scenario.why = "to be saved";
    scenario.workload.emplace_back();
    Operation operation{Verb::put, "x", value, Operation::Condition::none, 0};
    scenario.workload[0].script.emplace_back(operation);
    operation.condition = Operation::Condition::exists;
    scenario.workload[0].script.emplace_back(operation);
    const std::string text = save_text(scenario);
    INFO(text);
    const Loaded loaded = load_text(text, "values.yaml");
    REQUIRE(loaded.scenario);
    CHECK(*loaded.scenario == scenario);
  }
}

TEST_CASE("what is as it is by default is not said") {
  Scenario scenario;
  scenario.name = "plain";
  scenario.why = "to say little";
  CHECK(save_text(scenario) == "name: plain\nwhy: to say little\n");
}

TEST_CASE("a mix is saved by the kinds that it has") {
  Scenario scenario;
  scenario.name = "mixed";
  scenario.why = "to be saved";
  scenario.workload.emplace_back();
  const auto saved = [&](const Mix& mix) {
    scenario.workload[0].generate = Generated{.mix = mix};
    const std::string text = save_text(scenario);
    CHECK(load_text(text, "mixed.yaml").scenario == scenario);
    const std::size_t begin = text.find("mix: ");
    return begin == std::string::npos ? std::string() : text.substr(begin, text.find('}') + 1 - begin);
  };
  CHECK(saved({1, 1, 0, 0, 0, 0}).empty());  // as it is by default
  CHECK(saved({0, 1, 0, 0, 0, 0}) == "mix: {put: 1}");
  CHECK(saved({1, 1, 0, 0, 1, 0}) == "mix: {get: 1, put: 1, compare_and_set: 1}");
  CHECK(saved({0, 0, 2, 0, 0, 3}) == "mix: {delete: 2, delete_if_unchanged: 3}");
}

TEST_CASE("a saved scenario reads as a person would write it") {
  Scenario scenario;
  scenario.name = "story";
  scenario.why = "to be read";
  FaultPlan fault;
  fault.kind = sim::FaultKind::cut;
  fault.groups = {{"a", "c1"}, {"b"}};
  fault.schedule.from = {2'000'000'000};
  fault.lasts = sim::uniform(seconds(1), seconds(2));
  scenario.faults.push_back(fault);
  scenario.expect.properties["one_primary"] = Expected::violated;
  CHECK(save_text(scenario) == R"(name: story
why: to be read
faults:
  - partition: [[a, c1], [b]]
    at: 2s
    for: 1s..2s
expect:
  one_primary: violated
)");
}

}  // namespace
}  // namespace smalldb::scenarios
