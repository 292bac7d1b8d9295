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
#include <string>
#include <variant>
#include <vector>

#include "bench/cycles.h"
#include "properties/checker/check.h"
#include "properties/checker/formats/reader.h"
#include "properties/checker/stream.h"
#include "properties/checker/testing/compare_stream.h"
#include "properties/checker/testing/generator.h"

namespace smalldb::checker {
namespace {

using testing::Breakage;
using testing::Workload;

double memory_mib() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

struct Case {
  const char* name;
  Workload workload;
  std::uint32_t broken_at = 0;  // permille of it at which an answer is made wrong; 0: nowhere
  Engine engine = Engine::automatic;
  Breakage breakage = Breakage::stale_read;
  testing::TellsUnknown tells_unknown = testing::TellsUnknown::at_once;  // as it happens
  bool is_too_hard = false;                                              // the budget ends: the verdict is unknown
};

Conclusion expected_of(const Case& one) {
  if (one.is_too_hard) return Conclusion::unknown;
  return one.broken_at == 0 ? Conclusion::holds : Conclusion::violated;
}

History make(benchmark::State& state, const Case& one) {
  History history = testing::generate(one.workload);
  if (one.broken_at != 0 && !testing::break_it(history, one.breakage, one.broken_at)) {
    state.SkipWithError("there is nothing to be broken");
  }
  return history;
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
      Workload workload = one.workload;
      workload.seed = seed;
      History history = testing::generate(workload);
      if (!testing::break_it(history, one.breakage, one.broken_at)) continue;
      Verdict verdict;
      const double alone = best_of(history, false, verdict);
      if (verdict.conclusion != Conclusion::violated) continue;
      ratios.push_back((best_of(history, true, verdict) - alone) / alone);
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

constexpr std::uint32_t thousand = 1000;
constexpr std::uint32_t million = 1'000'000;

const Workload swaps_200_unknown{
    .operations = 10 * thousand, .clients = 10, .gets = 40, .puts = 30, .swaps = 30, .values = 5, .unknown = 200};

// The goals, then how cost grows, then what is hard.
const Case cases[] = {
    {"one_key_15_clients", {.operations = 10 * thousand, .clients = 15}},
    {"thousand_keys_with_removes",
     {.operations = million, .keys = thousand, .clients = 100, .puts = 40, .removes = 10, .unknown = thousand}},
    {"one_key_100_clients", {.operations = million, .clients = 100, .unknown = thousand}},
    {"one_key_100_clients_stale", {.operations = million, .clients = 100, .unknown = thousand}, 900},
    {"unknown_and_stale", {.operations = 10 * thousand, .clients = 5, .unknown = 100}, 900},
    {"unknown_and_stale_with_swaps",
     {.operations = 10 * thousand, .clients = 5, .gets = 40, .puts = 30, .swaps = 30, .unknown = 100},
     900},
    {"ten_million", {.operations = 10 * million, .keys = thousand, .clients = 100, .unknown = thousand}},
    {"appends", {.operations = 10 * thousand, .keys = 10, .clients = 5, .puts = 0, .appends = 50}},
    {"certificate_one_key", {.operations = million, .clients = 100, .revisions = true}},
    {"certificate_thousand_keys", {.operations = million, .keys = thousand, .clients = 100, .revisions = true}},

    {"growth_zones/10k", {.operations = 10 * thousand, .clients = 100, .unknown = 10}},
    {"growth_zones/100k", {.operations = 100 * thousand, .clients = 100, .unknown = 100}},
    {"growth_zones/1M", {.operations = million, .clients = 100, .unknown = thousand}},
    {"growth_zones/10M", {.operations = 10 * million, .clients = 100, .unknown = 10 * thousand}},
    {"growth_search/10k", {.operations = 10 * thousand, .clients = 10, .puts = 40, .removes = 10, .unknown = 10}},
    {"growth_search/100k", {.operations = 100 * thousand, .clients = 10, .puts = 40, .removes = 10, .unknown = 10}},
    {"growth_search/1M", {.operations = million, .clients = 10, .puts = 40, .removes = 10, .unknown = 10}},
    {"growth_search/10M", {.operations = 10 * million, .clients = 10, .puts = 40, .removes = 10, .unknown = 10}},
    {"growth_certificate/10k", {.operations = 10 * thousand, .clients = 100, .revisions = true}},
    {"growth_certificate/100k", {.operations = 100 * thousand, .clients = 100, .revisions = true}},
    {"growth_certificate/1M", {.operations = million, .clients = 100, .revisions = true}},
    {"growth_certificate/10M", {.operations = 10 * million, .clients = 100, .revisions = true}},

    {"hard/search_100_clients_removes", {.operations = 100 * thousand, .clients = 100, .puts = 40, .removes = 10}},
    {"hard/search_five_values_swaps",
     {.operations = thousand, .clients = 10, .gets = 40, .puts = 30, .swaps = 30, .values = 5, .unknown = 30}},
    {"hard/search_tenth_unknown", {.operations = 10 * thousand, .clients = 5, .values = 20, .unknown = thousand}},
    {"hard/search_swaps_200_unknown", swaps_200_unknown},
    {"hard/search_swaps_200_unknown_phantom", swaps_200_unknown, 900, Engine::automatic, Breakage::phantom_value},
    {"hard/search_20_values_stale", {.operations = 10 * thousand, .clients = 5, .values = 20}, 900},
    {"hard/search_20_values_swaps_stale",
     {.operations = 10 * thousand, .clients = 5, .gets = 40, .puts = 30, .swaps = 30, .values = 20, .unknown = 20},
     900},
    {"hard/search_ten_values_mostly_swaps",
     {.operations = 3 * thousand, .clients = 5, .gets = 5, .puts = 5, .swaps = 90, .values = 10, .unknown = 300},
     0,
     Engine::automatic,
     Breakage::stale_read,
     testing::TellsUnknown::at_once,
     true},
    {"hard/zones_as_search", {.operations = 100 * thousand, .clients = 30}, 0, Engine::frontier},
    {"hard/generic", {.operations = thousand, .clients = 5}, 0, Engine::generic},
};

// What a reason costs, in terms of the verdict, where values are few.
constexpr Breakage other = Breakage::other_value;
const Case reasons[] = {
    {"300_ops_5_values", {.operations = 300, .clients = 5, .values = 5}, 750, Engine::automatic, other},
    {"1000_ops_5_values", {.operations = thousand, .clients = 5, .values = 5}, 750, Engine::automatic, other},
    {"3000_ops_5_values", {.operations = 3 * thousand, .clients = 5, .values = 5}, 750, Engine::automatic, other},
    {"1000_ops_2_values", {.operations = thousand, .clients = 5, .values = 2}, 750, Engine::automatic, other},
    {"1000_ops_20_values_10_clients",
     {.operations = thousand, .clients = 10, .values = 20},
     750,
     Engine::automatic,
     other},
    {"1000_ops_5_values_20_unknown",
     {.operations = thousand, .clients = 5, .values = 5, .unknown = 20},
     750,
     Engine::automatic,
     other},
    {"1000_ops_5_values_swaps",
     {.operations = thousand, .clients = 5, .gets = 40, .puts = 30, .swaps = 30, .values = 5},
     750,
     Engine::automatic,
     other},
    {"1000_ops_5_values_swaps_20_unknown",
     {.operations = thousand, .clients = 5, .gets = 40, .puts = 30, .swaps = 30, .values = 5, .unknown = 20},
     750,
     Engine::automatic,
     other},
    {"3000_ops_10_values_removes",
     {.operations = 3 * thousand, .clients = 10, .puts = 40, .removes = 10, .values = 10},
     750,
     Engine::automatic,
     other},
};

// The same judged while it happens, with what it costs there; and how what is remembered grows: not at all.
const Case as_it_happens[] = {
    {"thousand_keys_with_removes",
     {.operations = million, .keys = thousand, .clients = 100, .puts = 40, .removes = 10, .unknown = thousand}},
    {"one_key_100_clients", {.operations = million, .clients = 100, .unknown = thousand}},
    {"one_key_100_clients_stale", {.operations = million, .clients = 100, .unknown = thousand}, 900},
    {"growth/100k", {.operations = 100 * thousand, .keys = 100, .clients = 20}},
    {"growth/1M", {.operations = million, .keys = 100, .clients = 20}},
    {"growth/10M", {.operations = 10 * million, .keys = 100, .clients = 20}},
    {"hard/one_key_8_clients_removes", {.operations = 100 * thousand, .clients = 8, .puts = 40, .removes = 10}},
    {"hard/one_key_16_clients_removes", {.operations = 10 * thousand, .clients = 16, .puts = 40, .removes = 10}},
    {"hard/five_values_swaps",
     {.operations = thousand, .clients = 10, .gets = 40, .puts = 30, .swaps = 30, .values = 5, .unknown = 30}},
    {"hard/never_answered",
     {.operations = 100 * thousand, .clients = 5, .values = thousand, .unknown = 20},
     900,
     Engine::automatic,
     Breakage::stale_read,
     testing::TellsUnknown::in_the_end},
};

}  // namespace
}  // namespace smalldb::checker

int main(int count, char** arguments) {
  using namespace smalldb::checker;
  benchmark::RegisterBenchmark("cycles", smalldb::cycles);
  for (const Case& one : cases) {
    const auto add = [&one](const std::string& name, bool explain) {
      benchmark::RegisterBenchmark(name.c_str(), [&one, explain](benchmark::State& state) {
        judge(state, one, explain);
      })->Unit(benchmark::kMillisecond);
    };
    add(one.name, false);
    if (one.broken_at != 0) add(std::string(one.name) + "/with_reason", true);
  }
  for (const Case& one : reasons) {
    benchmark::RegisterBenchmark((std::string("reasons/") + one.name).c_str(), [&one](benchmark::State& state) {
      judge_many(state, one);
    })->Iterations(1);
  }
  for (const Case& one : as_it_happens) {
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
