// What it costs to judge a history, by size and kind. Histories come from the generator with fixed seeds
// (properties/checker/testing/generator.h); to make one is not measured. bench/README.md says what each figure means.
#include <benchmark/benchmark.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "bench/checker_cases.h"
#include "bench/cycles.h"
#include "properties/checker/check.h"
#include "properties/checker/formats/reader.h"
#include "properties/checker/stream.h"
#include "properties/checker/testing/compare_stream.h"

namespace smalldb::checker {
namespace {

double memory_mib() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

Conclusion expected_of(const Case& one) {
  if (one.is_too_hard) return Conclusion::unknown;
  return one.broken_at == 0 ? Conclusion::holds : Conclusion::violated;
}

History make(benchmark::State& state, const Case& one) {
  std::optional<History> history = history_of(one, one.workload.seed);
  if (!history) state.SkipWithError("there is nothing to be broken");
  return history ? std::move(*history) : History();
}

// Judges one history again and again.
void judge(benchmark::State& state, const Case& one, bool explain) {
  const History history = make(state, one);
  const Conclusion expected = expected_of(one);
  Options options;
  options.engine = one.engine;
  options.explain = explain;
  std::uint64_t steps = 0;
  for (auto _ : state) {
    const Verdict verdict = check(history, options);
    if (verdict.conclusion != expected) state.SkipWithError("the verdict is wrong");
    steps = 0;
    for (const KeyVerdict& key : verdict.keys) steps += key.steps;
  }
  state.counters["steps"] = static_cast<double>(steps);
  state.counters["ops/s"] =
      benchmark::Counter(static_cast<double>(one.workload.operations) * static_cast<double>(state.iterations()),
                         benchmark::Counter::kIsRate);
  state.counters["peak_MiB"] = memory_mib();
}

// Judges one history again and again, event by event as it happens.
void judge_as_it_happens(benchmark::State& state, const Case& one) {
  const History history = make(state, one);
  constexpr std::size_t look_every = 10'000;
  std::size_t size = 0;
  std::uint64_t steps_left = 0;
  for (auto _ : state) {
    Stream stream;
    size = testing::play(history, stream, look_every, one.tells_unknown);
    steps_left = stream.steps_left();
    if (stream.conclusion() != expected_of(one)) {
      state.SkipWithError("the verdict is wrong");
    }
  }
  state.counters["steps"] = static_cast<double>(Options().steps_max - steps_left);
  state.counters["remembered"] = static_cast<double>(size);
  state.counters["ops/s"] =
      benchmark::Counter(static_cast<double>(one.workload.operations) * static_cast<double>(state.iterations()),
                         benchmark::Counter::kIsRate);
}

// A history of another system; to read it is not measured.
void judge_file(benchmark::State& state, const std::string& file, bool explain) {
  std::ifstream in("properties/checker/testdata/histories/" + file, std::ios::binary);
  const std::string bytes(std::istreambuf_iterator<char>(in), {});
  Text text(bytes);
  const auto history = read(text);
  if (!std::holds_alternative<History>(history)) {
    state.SkipWithError("is not a history (start this from the top of the tree)");
    return;
  }
  Options options;
  options.explain = explain;
  for (auto _ : state) benchmark::DoNotOptimize(check(std::get<History>(history), options));
}

// Verdict and reason of many histories of one kind, told apart by their seeds, each with one answer that may be wrong.
void judge_many(benchmark::State& state, const Case& one) {
  constexpr std::uint64_t histories = 200;
  constexpr int repetitions = 3;  // of which the fastest counts
  const auto best_of = [&](const History& history, bool explain, Verdict& verdict) {
    double best = std::numeric_limits<double>::max();
    for (int i = 0; i < repetitions; ++i) {
      const auto start = std::chrono::steady_clock::now();
      verdict = check(history, {.explain = explain});
      best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    }
    return best;
  };
  for (auto _ : state) {
    std::vector<double> ratios;
    std::vector<std::size_t> named;
    double not_minimal = 0;
    for (std::uint64_t seed = 1; seed <= histories; ++seed) {
      const std::optional<History> history = history_of(one, seed);
      if (!history) continue;
      Verdict verdict;
      const double alone = best_of(*history, false, verdict);
      if (verdict.conclusion != Conclusion::violated) continue;
      ratios.push_back((best_of(*history, true, verdict) - alone) / alone);
      named.push_back(verdict.violation->operations.size());
      if (!verdict.violation->is_minimal) ++not_minimal;
    }
    if (ratios.empty()) return state.SkipWithError("none is violated");
    std::sort(ratios.begin(), ratios.end());
    std::sort(named.begin(), named.end());
    state.counters["violated"] = static_cast<double>(ratios.size());
    state.counters["not_minimal"] = not_minimal;
    state.counters["median_named"] = static_cast<double>(named[named.size() / 2]);
    state.counters["most_named"] = static_cast<double>(named.back());
    state.counters["median_verdicts"] = ratios[ratios.size() / 2];
    state.counters["most_verdicts"] = ratios.back();
    const auto first = std::upper_bound(ratios.begin(), ratios.end(), 2.0);
    state.counters["over_two_verdicts"] = static_cast<double>(ratios.end() - first);
  }
}

const char* const files[] = {"etcd_000.log", "etcd_001.log", "etcd_002.log", "etcd_005.log", "etcd_010.log",
                             "etcd_018.log", "etcd_023.log", "etcd_031.log", "etcd_042.log", "etcd_048.log",
                             "etcd_051.log", "etcd_057.log", "etcd_067.log", "etcd_075.log", "c01-bad.txt",
                             "c01-ok.txt",   "c10-bad.txt",  "c10-ok.txt"};

}  // namespace
}  // namespace smalldb::checker

int main(int count, char** arguments) {
  using namespace smalldb::checker;
  benchmark::RegisterBenchmark("cycles", smalldb::cycles);
  for (const Case& one : cases()) {
    const auto add = [&one](const std::string& name, bool explain) {
      benchmark::RegisterBenchmark(name.c_str(), [&one, explain](benchmark::State& state) {
        judge(state, one, explain);
      })->Unit(benchmark::kMillisecond);
    };
    add(one.name, false);
    if (one.broken_at != 0) add(std::string(one.name) + "/with_reason", true);
  }
  for (const Case& one : cases_of_reasons()) {
    benchmark::RegisterBenchmark((std::string("reasons/") + one.name).c_str(), [&one](benchmark::State& state) {
      judge_many(state, one);
    })->Iterations(1);
  }
  for (const Case& one : cases_as_it_happens()) {
    benchmark::RegisterBenchmark((std::string("as_it_happens/") + one.name).c_str(), [&one](benchmark::State& state) {
      judge_as_it_happens(state, one);
    })->Unit(benchmark::kMillisecond);
  }
  for (const std::string file : files) {
    for (const bool explain : {false, true}) {
      const std::string name = "file/" + file + (explain ? "/with_reason" : "");
      benchmark::RegisterBenchmark(name.c_str(), [file, explain](benchmark::State& state) {
        judge_file(state, file, explain);
      })->Unit(benchmark::kMicrosecond);
    }
  }
  benchmark::Initialize(&count, arguments);
  if (benchmark::ReportUnrecognizedArguments(count, arguments)) return 3;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
