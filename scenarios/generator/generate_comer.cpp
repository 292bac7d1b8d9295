// A story about a backup that comes back when the log that it lacks is gone (F7, F9, S6): it takes a snapshot while a
// client writes, its disk is slow, and it dies when others may rest on what it has; perhaps it alone comes back.
#include <cstdint>
#include <utility>

#include "scenarios/generator/drawing.h"

namespace smalldb::scenarios::generator {
namespace {

using sim::FaultKind;

FaultPlan strikes_at(const char* whom, FaultKind kind, Duration lasts, Occurrence when) {
  FaultPlan fault = strikes(kind, std::move(when));
  fault.processes = {whom};
  fault.lasts = sim::constant(lasts);
  return fault;
}

}  // namespace

void draw_comer(Draws& draws, Pace& pace, Scenario& scenario) {
  static constexpr std::uint64_t checkpoints[] = {256, 512, 1024};
  static constexpr std::uint32_t chunks[] = {64, 512, 2048};
  Settings& store = scenario.cluster.store;
  store.checkpoint_every_bytes = draws.one_of(checkpoints);
  store.segment_bytes = 512;
  store.chunk_bytes = draws.one_of(chunks);
  // Requests wait for the snapshot, too.
  static constexpr std::uint64_t buffers[] = {256, 1024};
  if (draws.hits(1, 3)) store.join_buffer_bytes = store.log_buffer_bytes = draws.one_of(buffers);

  Work writes;
  writes.clients = {draws.one_of(scenario.cluster.clients)};
  writes.in_flight = 2;
  writes.generate.emplace();
  writes.generate->mix = only_writes;
  writes.generate->keys = static_cast<std::uint64_t>(draws.between(1, 4));
  writes.generate->count = static_cast<std::uint64_t>(draws.between(20, 40));
  writes.generate->think_time = sim::uniform(Duration{}, pace.beats(1));
  scenario.workload.push_back(writes);

  // Away for so long that the primary goes on without it, and cuts its log.
  const Duration away_for = pace.suspect + draws.between(pace.beats(2), pace.beats(8));
  FaultPlan away = strikes_at("backup", FaultKind::kill, away_for, noted("backup_declared"));
  away.schedule.delay = draws.between(Duration{}, pace.beats(2));
  scenario.faults.push_back(away);

  FaultPlan slow = strikes_at("backup", FaultKind::slow_disk, pace.beats(6), noted("comer_welcomed", 2));
  slow.delay = sim::uniform(pace.nth(4), pace.beats(2));
  if (draws.hits(2, 3)) scenario.faults.push_back(slow);

  const Occurrence in_sync_again = noted("backup_declared", 2);
  FaultPlan crash = strikes_at("backup", FaultKind::crash, draws.between(pace.nth(4), pace.beats(2)), in_sync_again);
  crash.unsynced = sim::Unsynced::lost;
  if (draws.hits(1, 2)) {
    FaultPlan for_good = strikes_at("primary", FaultKind::kill, pace.suspect + pace.beats(8), in_sync_again);
    for_good.schedule.delay = draws.between(Duration{}, pace.beats(2));
    scenario.faults.push_back(for_good);
  } else if (draws.hits(1, 2)) {
    Occurrence is_ready_again;
    is_ready_again.what = Occurrence::What::receives;
    is_ready_again.message = "ready";
    is_ready_again.nth = 2;
    crash.schedule.when = is_ready_again;
  }
  crash.schedule.delay = draws.between(Duration{}, pace.beats(2));
  scenario.faults.push_back(crash);
  pace.makes_room_for(away_for + pace.suspect + pace.beats(6));
}

}  // namespace smalldb::scenarios::generator
