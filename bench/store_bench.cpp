// What the store costs in its world: the real machines, all properties judging online, the trace hashed. Nothing is
// recorded. bench/README.md says what each figure means and how it is taken.
#include <benchmark/benchmark.h>
#include <sys/resource.h>

#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>

#include "scenarios/load.h"
#include "scenarios/run.h"

namespace smalldb::scenarios {
namespace {

Scenario load(const std::string& path) {
  const Loaded loaded = load_file(path);
  if (!loaded.scenario) {
    std::cerr << path << ": is not a scenario (start this from the top of the tree)\n";
    std::exit(3);
  }
  return *loaded.scenario;
}

double memory_mib() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

double virtual_seconds(const Result& result) { return static_cast<double>(result.ended_at.nanoseconds) / 1e9; }

// Runs a scenario from one seed to the next; the world is made and dropped each time.
void runs(benchmark::State& state, const std::string& path) {
  const Scenario scenario = load(path);
  std::uint64_t seed = 1;
  std::uint64_t trace_events = 0;
  std::uint64_t steps = 0;
  double simulated = 0;
  for (auto _ : state) {
    Run one(scenario, {.seed = seed++});
    while (one.step()) ++steps;
    const Result result = one.finish();
    if (result.end_reason == EndReason::violation) state.SkipWithError("a property was violated");
    trace_events += result.event_count;
    simulated += virtual_seconds(result);
  }
  state.counters["runs/s"] = benchmark::Counter(static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
  state.counters["steps/s"] = benchmark::Counter(static_cast<double>(steps), benchmark::Counter::kIsRate);
  state.counters["trace_events/s"] = benchmark::Counter(static_cast<double>(trace_events), benchmark::Counter::kIsRate);
  state.counters["simulated_s/s"] = benchmark::Counter(simulated, benchmark::Counter::kIsRate);
}

void steady(benchmark::State& state) { runs(state, "bench/scenarios/steady.yaml"); }
void short_scenario(benchmark::State& state) { runs(state, "bench/scenarios/short.yaml"); }
void split_brain(benchmark::State& state) { runs(state, "scenarios/split_brain.yaml"); }

void hour(benchmark::State& state) {
  runs(state, "bench/scenarios/hour.yaml");
  state.counters["peak_MiB"] = memory_mib();
}

// A fork in the middle of a run: the world alone, and the run with its properties, users and director.
void fork_world(benchmark::State& state) {
  Run one(load("bench/scenarios/short.yaml"));
  for (int step = 0; step < 300 && one.step(); ++step) {
  }
  for (auto _ : state) {
    sim::World branch = one.world();
    benchmark::DoNotOptimize(branch);
  }
}

void fork_run(benchmark::State& state) {
  Run one(load("bench/scenarios/short.yaml"));
  for (int step = 0; step < 300 && one.step(); ++step) {
  }
  for (auto _ : state) {
    Run branch = one;
    benchmark::DoNotOptimize(branch);
  }
}

}  // namespace

BENCHMARK(steady)->Unit(benchmark::kMillisecond);
BENCHMARK(short_scenario)->Unit(benchmark::kMicrosecond);
BENCHMARK(split_brain)->Unit(benchmark::kMicrosecond);
BENCHMARK(fork_world)->Unit(benchmark::kMicrosecond);
BENCHMARK(fork_run)->Unit(benchmark::kMicrosecond);
BENCHMARK(hour)->Unit(benchmark::kMillisecond)->Iterations(1);

}  // namespace smalldb::scenarios

BENCHMARK_MAIN();
