// A story of much: more keys than one page of the store's map holds, or values larger than what is written, sent or
// read at a time. All others have a few keys and small values, so that much can happen in little time.
#include <algorithm>
#include <utility>

#include "scenarios/generator/drawing.h"

namespace smalldb::scenarios::generator {

void draw_much(Draws& draws, const Pace& pace, Scenario& scenario) {
  Settings& store = scenario.cluster.store;
  Work work;
  work.clients = {draws.one_of(scenario.cluster.clients)};
  work.starts_at = sim::Time{} + draws.between(store.seek_for, store.seek_for + pace.beats(4));
  work.in_flight = static_cast<std::uint32_t>(draws.between(4, std::min<std::uint32_t>(16, store.session_window)));
  Generated& generated = work.generate.emplace();
  generated.mix = {1, 8, 0, 0, 0, 0};
  // What is sent in pieces of a few bytes, of so much, takes a run of its own.
  constexpr std::uint32_t chunk_min = 8192;
  store.chunk_bytes = std::max(store.chunk_bytes, chunk_min);
  if (draws.hits(1, 2)) {
    generated.keys = static_cast<std::uint64_t>(draws.between(200, 500));
    generated.count = static_cast<std::uint64_t>(draws.between(150, 400));
    generated.value_size = {1, 12};
    generated.mix.remove = static_cast<std::uint32_t>(draws.between(0, 4));
    constexpr std::uint64_t checkpoint_min = 2048;
    if (store.checkpoint_every_bytes > 0)
      store.checkpoint_every_bytes = std::max(store.checkpoint_every_bytes, checkpoint_min);
  } else {
    generated.keys = static_cast<std::uint64_t>(draws.between(1, 3));
    generated.count = static_cast<std::uint64_t>(draws.between(3, 8));
    generated.value_size = {1, static_cast<std::uint64_t>(draws.hits(1, 4) ? draws.between(300'000, 1'000'000)
                                                                           : draws.between(50'000, 200'000))};
    // A link has to carry the largest value while nobody is suspected yet.
    std::erase_if(scenario.faults, chokes_a_link);
  }
  scenario.workload.push_back(std::move(work));
}

bool chokes_a_link(const FaultPlan& fault) {
  return fault.kind == sim::FaultKind::bandwidth || fault.kind == sim::FaultKind::queue_limit;
}

}  // namespace smalldb::scenarios::generator
