// All properties together, over hand-written traces and over the real store in a simulated world.
#include "properties/properties.h"

#include <catch2/catch.hpp>

#include <memory>
#include <set>
#include <vector>

#include "model/arbiter.h"
#include "model/client.h"
#include "model/node.h"
#include "properties/happens_before.h"
#include "properties/trace_builder.h"
#include "sim/world.h"

namespace smalldb::properties {
namespace {

using sim::FaultKind;
using sim::World;

// Two nodes, an arbiter and two clients, numbered as in TraceBuilder.
World small_world(std::uint64_t seed, const RuleSwitches& rules = {}) {
  sim::WorldSettings settings;
  settings.seed = seed;
  const std::vector<ProcessId> nodes{a, b};
  for (const ProcessId node : nodes) {
    NodeConfig config;
    config.self = node;
    config.nodes = nodes;
    config.arbiter = arbiter;
    config.may_found = node == a;
    config.rules = rules;
    config.settings.checkpoint_every_bytes = 2000;
    sim::ProcessSettings process;
    process.name = node == a ? "a" : "b";
    process.pattern = std::make_shared<Node>(config);
    settings.processes.push_back(process);
  }
  sim::ProcessSettings tie_breaker;
  tie_breaker.name = "arbiter";
  tie_breaker.pattern = std::make_shared<Arbiter>(ArbiterConfig{arbiter});
  settings.processes.push_back(tie_breaker);
  for (const ProcessId client : {c1, c2}) {
    ClientConfig config;
    config.self = client;
    config.nodes = nodes;
    sim::ProcessSettings process;
    process.name = client == c1 ? "c1" : "c2";
    process.pattern = std::make_shared<Client>(config);
    settings.processes.push_back(process);
  }
  World world(settings);
  for (std::uint64_t number = 1; number <= 40; ++number) {
    for (const ProcessId client : {c1, c2}) {
      const Verb verb = number % 3 == 0 ? Verb::get : number % 7 == 0 ? Verb::remove : Verb::put;
      const Bytes key = Bytes::copy(number % 2 == 0 ? "x" : "y");
      const Bytes value = verb == Verb::put ? Bytes::copy("value " + std::to_string(number)) : Bytes();
      const Invocation invocation{number, verb, key, value, {}};
      world.schedule_input(client, {1'000'000'000 + static_cast<std::int64_t>(number) * 100'000'000},
                           encode(invocation));
    }
  }
  return world;
}

// The primary's machine dies in the middle and comes back.
void run(World& world, Properties& properties, std::vector<sim::TraceEvent>* record = nullptr) {
  sim::Fault fault;
  fault.kind = FaultKind::crash;
  fault.process = a;
  fault.duration = seconds(2);
  bool broken = false;
  bool healed = false;
  const auto look = [&] {
    properties.observe(world.events(), world);
    if (record != nullptr) record->insert(record->end(), world.events().begin(), world.events().end());
  };
  while (const sim::TraceEvent* next = world.peek()) {
    const std::int64_t due = next->time.nanoseconds;
    if (due > 20'000'000'000) break;
    if (!broken && due > 3'000'000'000) {
      broken = true;
      world.inject(fault);
      look();
    } else if (!healed && due > 6'000'000'000) {
      healed = true;
      properties.heal(world.now());
    }
    world.step();
    look();
  }
}

Cast small_cast() { return TraceBuilder().cast(); }

}  // namespace

TEST_CASE("Every property has a name of its own and says what must be true") {
  std::set<std::string_view> seen;
  for (const PropertyDescription& description : descriptions()) {
    CHECK(seen.insert(description.name).second);
    CHECK(description.what.size() > 20);
    CHECK(descriptions()[*find(description.name)].name == description.name);
  }
  CHECK(names().size() == descriptions().size());
  CHECK_FALSE(find("output_rul"));
}

TEST_CASE("Every condition of coverage has a name of its own and begins at none") {
  std::set<std::string_view> seen;
  for (const CoverageCondition& condition : conditions()) {
    CHECK(seen.insert(condition.name).second);
    CHECK(Coverage().count(condition.name) == 0);
  }
  CHECK(Coverage().seen().size() == conditions().size());
}

TEST_CASE("Violations are told in the order in which they were seen") {
  TraceBuilder trace(ArbiterKind::none);
  trace.a_pair();
  trace.appends(a, put(1, "x"));
  trace.appends(a, put(1, "x"));
  trace.begins(a, Epoch{2});
  trace.begins(b, Epoch{2});
  const Properties properties = trace.judged();
  REQUIRE(properties.violations().size() == 2);
  CHECK(properties.first_violation() == "exactly_once");
  CHECK(names()[properties.violations()[1]] == "one_primary");
}

TEST_CASE("A copy goes on judging by itself") {
  TraceBuilder trace;
  trace.a_pair();
  Properties properties(trace.cast());
  properties.observe(trace.events(), trace.files());
  Properties branch = properties;
  const std::size_t shared = trace.events().size();
  trace.fails_an_assertion(a, "x");
  branch.observe(std::span(trace.events()).subspan(shared), trace.files());
  CHECK(branch.first_violation() == "no_assertion");
  CHECK_FALSE(properties.first_violation());
}

TEST_CASE("The store keeps every property through the death of its primary") {
  World world = small_world(GENERATE(1, 2, 3, 4, 5));
  Properties properties(small_cast());
  run(world, properties);
  properties.finish(world.now());
  const std::vector<Verdict> verdicts = properties.verdicts();
  for (std::size_t place = 0; place < verdicts.size(); ++place) {
    INFO(names()[place] << ": " << verdicts[place].witness);
    const bool is_asked = names()[place] != "answered";  // nobody asks once the world has healed
    CHECK(verdicts[place].conclusion == (is_asked ? Conclusion::holds : Conclusion::unknown));
  }
  CHECK(properties.is_pair());
  for (const std::string_view condition :
       {"founded", "backup_took_over", "backup_declared", "output_held", "checkpoint_written", "node_restarted"}) {
    INFO(condition);
    CHECK(properties.coverage().count(condition) > 0);
  }
}

TEST_CASE("A crash and a power failure are counted at the steps that they struck, and not at those that they bring") {
  World world = small_world(1);
  Properties properties(small_cast());
  const FaultKind kind = GENERATE(FaultKind::crash, FaultKind::kill, FaultKind::power_failure);
  while (!properties.is_pair()) {
    world.step();
    properties.observe(world.events(), world);
  }
  world.inject({.kind = kind, .process = kind == FaultKind::power_failure ? no_process : a});
  properties.observe(world.events(), world);
  const auto& row = properties.fault_matrix().rows()[static_cast<std::size_t>(kind)];
  CHECK(row.effects == (kind == FaultKind::power_failure ? 5 : 1));
  CHECK(row.at_step[static_cast<std::size_t>(ProtocolStep::pair)] == row.effects);
  CHECK(row.at_step[static_cast<std::size_t>(ProtocolStep::nobody_serves)] == 0);
}

TEST_CASE("The clocks and the graph judge the output rule alike") {
  RuleSwitches rules;
  rules.output_rule = GENERATE(true, false);
  World world = small_world(7, rules);
  Properties properties(small_cast());
  std::vector<sim::TraceEvent> trace;
  run(world, properties, &trace);
  const Conclusion online = properties.verdict(*find("output_rule_causal")).conclusion;
  CHECK(online == (rules.output_rule ? Conclusion::holds : Conclusion::violated));

  // The same observations, asked of the graph.
  struct Judge final : Listener {
    explicit Judge(std::shared_ptr<const HappensBefore> graph) : rule(std::move(graph)) {}
    void on(const Observation& observation, const Mirror& mirror) override {
      if (!OutputRuleCausal::interests.has(observation.kind)) return;
      ++answers;
      rule.observe(observation, mirror);
    }
    OutputRuleCausal rule;
    std::size_t answers = 0;
  };
  Judge judge(std::make_shared<const HappensBefore>(trace));
  Observer observer(small_cast());
  for (const sim::TraceEvent& event : trace) observer.observe(event, world, judge);
  CHECK(judge.answers > 40);
  CHECK(judge.rule.verdict() == properties.verdict(*find("output_rule_causal")));
}

TEST_CASE("A rule that is switched off is caught by the property that stands for it") {
  RuleSwitches rules;
  std::string_view caught_by;
  SECTION("output_rule") {
    rules.output_rule = false;
    caught_by = "output_rule";
  }
  SECTION("local_sync_before_release") {
    rules.local_sync_before_release = false;
    caught_by = "output_rule";
  }
  SECTION("backup_sync_before_ack") {
    rules.backup_sync_before_ack = false;
    caught_by = "output_rule";
  }
  SECTION("arbiter_before_live") {
    rules.arbiter_before_live = false;
    caught_by = "one_primary";
  }
  SECTION("checkpoint_in_stream") {
    rules.checkpoint_in_stream = false;
    caught_by = "checkpoints_identical";
  }
  World world = small_world(11, rules);
  Properties properties(small_cast());
  run(world, properties);
  CHECK(properties.verdict(*find(caught_by)).conclusion == Conclusion::violated);
}

}  // namespace smalldb::properties
