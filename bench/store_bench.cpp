// What the store costs in its world: the real machines, all properties judging online, the trace hashed. Nothing is
// recorded. bench/README.md says what each figure means and how it is taken.
#include <benchmark/benchmark.h>
#include <sys/resource.h>

#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <iostream>
#include <memory>
#include <optional>
#include <string>

#include "bench/cycles.h"
#include "properties/linearizability.h"
#include "properties/observer.h"
#include "scenarios/load.h"
#include "scenarios/run.h"
#include "scenarios/stage.h"

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

// Hands what it hears to the property, if there is one.
struct Judge final : properties::Listener {
  void on(const properties::Observation& observation, const properties::Mirror& mirror) override {
    const bool is_for_it = property && properties::Linearizability::interests.has(observation.kind);
    if (is_for_it) property->observe(observation, mirror);
  }
  std::optional<properties::Linearizability> property;
};

void judge(const Recording& recording, const properties::Cast& cast, Judge& judge) {
  properties::Observer observer(cast);
  for (const sim::TraceEvent& event : recording.events) observer.observe(event, recording.file_names, judge);
}

double cpu_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

// What linearizability takes of a run: the run as it is; then its trace is observed with nobody listening, and with
// this property alone. By turns, so that all three are taken of the same machine in the same state.
void linearizability_share(benchmark::State& state, const std::string& path) {
  const Scenario scenario = load(path);
  const std::shared_ptr<const Recording> recording = run(scenario, {.record = true}).recording;
  const properties::Cast cast = cast_of(scenario, Numbers(scenario.cluster));
  double whole = 0;
  double observed = 0;
  double judged = 0;
  for (auto _ : state) {
    const double began = cpu_seconds();
    run(scenario);
    const double ran = cpu_seconds();
    Judge deaf;
    judge(*recording, cast, deaf);
    const double heard = cpu_seconds();
    Judge judging;
    judging.property.emplace();
    judge(*recording, cast, judging);
    const double done = cpu_seconds();
    if (judging.property->violated()) state.SkipWithError("it was violated");
    whole += ran - began;
    observed += heard - ran;
    judged += done - heard;
  }
  state.counters["share_percent"] = 100 * (judged - observed) / whole;
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

BENCHMARK(cycles);
BENCHMARK(steady)->Unit(benchmark::kMillisecond);
BENCHMARK(short_scenario)->Unit(benchmark::kMicrosecond);
BENCHMARK(split_brain)->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(linearizability_share, many_keys, "bench/scenarios/steady.yaml")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(linearizability_share, few_keys, "bench/scenarios/few_keys.yaml")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(linearizability_share, short_run, "bench/scenarios/short.yaml")->Unit(benchmark::kMicrosecond);
BENCHMARK(fork_world)->Unit(benchmark::kMicrosecond);
BENCHMARK(fork_run)->Unit(benchmark::kMicrosecond);
BENCHMARK(hour)->Unit(benchmark::kMillisecond)->Iterations(1);

}  // namespace smalldb::scenarios

BENCHMARK_MAIN();
