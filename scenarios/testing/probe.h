// Prints the hash of each of many runs, for determinism_test.py to compare between processes, compilers and machines.
//
//     PROBE FIRST LAST [once]      scenarios FIRST to LAST of an endless fixed list, backwards if LAST is smaller
//
// Each is run twice, and once more forked at an instant of its own, unless it is to be run once: exits with 1 if those
// three differ.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string_view>

#include "scenarios/run.h"

namespace smalldb::scenarios::testing {

inline std::uint64_t rest_of(Run run) {
  while (run.step()) {
  }
  return run.finish().hash;
}

// Prints the hash, and gives whether a repetition and a fork agree with it.
inline bool probe(std::uint64_t number, const Scenario& scenario, bool once) {
  const RunOptions options{.events_max = 30'000};
  const Result result = run(scenario, options);
  std::cout << number << ' ' << std::hex << result.hash << std::dec << ' ' << result.event_count << '\n';
  if (once) return true;

  Run original(scenario, options);
  const std::uint64_t fork_at = number * 0x9e3779b97f4a7c15 % (result.event_count / 2 + 1);
  for (std::uint64_t steps = 0; steps < fork_at && original.step(); ++steps) {
  }
  const Run fork = original;
  const std::uint64_t forked = rest_of(fork);
  const std::uint64_t repeated = rest_of(std::move(original));
  if (repeated == result.hash && forked == result.hash) return true;
  std::cerr << "scenario " << number << " had " << result.event_count << " events; run again" << std::hex
            << " its hash is " << repeated << ", forked after " << std::dec << fork_at << " steps " << std::hex
            << forked << " instead of " << result.hash << std::dec << '\n';
  return false;
}

// `scenario_of(number)` is the list. Gives the exit code.
template <class ScenarioOf>
int probe_all(int arguments, char** argument, const ScenarioOf& scenario_of) {
  const bool once = arguments == 4 && std::string_view(argument[3]) == "once";
  if (arguments != 3 && !once) {
    std::cerr << "usage: " << argument[0] << " FIRST LAST [once]\n";
    return 3;
  }
  const std::uint64_t first = std::strtoull(argument[1], nullptr, 10);
  const std::uint64_t last = std::strtoull(argument[2], nullptr, 10);
  bool same = true;
  for (std::uint64_t number = first;; first <= last ? ++number : --number) {
    same = probe(number, scenario_of(number), once) && same;
    if (number == last) break;
  }
  return same ? 0 : 1;
}

}  // namespace smalldb::scenarios::testing
