#include "scenarios/testing/failing.h"

#include <catch2/catch.hpp>

#include "scenarios/load.h"

namespace smalldb::scenarios::testing {

Scenario scenario(const std::string& text) {
  const Loaded loaded = load_text(text, "test.yaml");
  for (const Problem& problem : loaded.problems) FAIL(to_text(problem));
  return *loaded.scenario;
}

Capsule sealed(const Scenario& failing) {
  auto capsule = seal(failing, {"smalldb-sim test", "a compiler", "a test"});
  REQUIRE(capsule);
  return *capsule;
}

Scenario with_a_planted_bug() {
  return scenario(R"(
why: A planted bug among much that has nothing to do with it.
seed: 11
ties: shuffled
cluster:
  nodes: 3
  clients: 3
  founders: [a, b]
  store: {checkpoint_every_bytes: 2 KiB, segment_bytes: 1 KiB}
  rules: {output_rule: off}
network: {latency: 1ms..3ms}
clocks: {b: {offset: 3s}}
workload:
  - generate: {count: 30, keys: 3, mix: {get: 1, put: 2, compare_and_set: 1}, think_time: 1ms..20ms}
faults:
  - {delay: a -> b, at: 1s, for: 2s, by: 20ms, may_miss: yes}
  - {pause: c, at: 1200ms, for: 100ms, may_miss: yes}
  - {slow_disk: random, at: 1300ms, for: 500ms, by: 1ms, may_miss: yes}
  - {duplication: all, at: 1s, for: 1s, may_miss: yes}
end: {until: 5s}
)");
}

}  // namespace smalldb::scenarios::testing
