// Runs random scenarios and prints the hash of each one's trace, for determinism_test.py to compare between processes.
//
//     determinism_probe FIRST LAST      scenarios FIRST to LAST of an endless fixed list, backwards if LAST is smaller
//
// Each is run twice, and once more forked at an instant of its own: exits with 1 if those three differ.
#include <cstdint>
#include <cstdlib>
#include <iostream>

#include "scenarios/run.h"
#include "scenarios/testing/generator.h"
#include "sim/chance.h"

namespace {

using namespace smalldb;

scenarios::Scenario scenario_of(std::uint64_t number) {
  constexpr int size = 40;
  return scenarios::testing::any_scenario()(rc::Random(number), size).value();
}

std::uint64_t rest_of(scenarios::Run run) {
  while (run.step()) {
  }
  return run.finish().hash;
}

// The hash, and whether a repetition and a fork agree with it.
bool probe(std::uint64_t number) {
  const scenarios::Scenario scenario = scenario_of(number);
  const scenarios::RunOptions options{.events_max = 30'000};
  const scenarios::Result result = scenarios::run(scenario, options);

  scenarios::Run original(scenario, options);
  const std::uint64_t fork_at = number * 0x9e3779b97f4a7c15 % (result.event_count / 2 + 1);
  for (std::uint64_t steps = 0; steps < fork_at && original.step(); ++steps) {
  }
  const scenarios::Run fork = original;
  const std::uint64_t forked = rest_of(fork);
  const std::uint64_t repeated = rest_of(std::move(original));

  std::cout << number << ' ' << std::hex << result.hash << std::dec << ' ' << result.event_count << '\n';
  if (repeated == result.hash && forked == result.hash) return true;
  std::cerr << "scenario " << number << " had " << result.event_count << " events; run again" << std::hex
            << " its hash is " << repeated << ", forked after " << std::dec << fork_at << " steps " << std::hex
            << forked << " instead of " << result.hash << std::dec << '\n';
  return false;
}

}  // namespace

int main(int arguments, char** argument) {
  if (arguments != 3) {
    std::cerr << "usage: determinism_probe FIRST LAST\n";
    return 3;
  }
  const std::uint64_t first = std::strtoull(argument[1], nullptr, 10);
  const std::uint64_t last = std::strtoull(argument[2], nullptr, 10);
  bool same = true;
  for (std::uint64_t number = first;; first <= last ? ++number : --number) {
    same = probe(number) && same;
    if (number == last) break;
  }
  return same ? 0 : 1;
}
