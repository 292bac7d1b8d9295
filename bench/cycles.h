// What a second is worth on the machine at hand.
//
// Virtual processors share cores and are given another speed every day; what a benchmark takes in cycles stays about
// the same. Additions of which each waits for the one before take one cycle each on every processor of today: their
// rate is the clock as this process gets it, to be measured in the same run as what is to be told in cycles.
#pragma once

#include <benchmark/benchmark.h>

#include <cstdint>

namespace smalldb {

inline void cycles(benchmark::State& state) {
  constexpr std::int64_t at_a_time = 1000, in_a_row = 20;
  std::uint64_t sum = 0;
  const auto add = [&sum] {
    ++sum;
    benchmark::DoNotOptimize(sum);
  };
  for (auto _ : state) {
    for (std::int64_t i = 0; i < at_a_time; i += in_a_row) {
      // Written out, for some processors take a turn of a loop in two cycles at the least.
      add(), add(), add(), add(), add(), add(), add(), add(), add(), add();
      add(), add(), add(), add(), add(), add(), add(), add(), add(), add();
    }
  }
  state.SetItemsProcessed(state.iterations() * at_a_time);
}

}  // namespace smalldb
