// Stories about what a crash takes from a disk: a backup that has forgotten what it acknowledged and is back before
// anybody missed it (S3, S7), a log whose torn end is written over, and read once more (S11), a write of many records
// that is lost in part, or whose sync failed (S11), and a grant whose sync failed (S2).
#include <algorithm>
#include <cstdint>
#include <utility>

#include "scenarios/generator/drawing.h"

namespace smalldb::scenarios::generator {
namespace {

using sim::FaultKind;

Work busy(const Name& client, const Mix& mix, std::uint64_t count, SizeRange sizes, Duration pause) {
  Work work;
  work.clients = {client};
  work.in_flight = 3;
  work.generate.emplace();
  work.generate->mix = mix;
  work.generate->count = count;
  work.generate->keys = 2;
  work.generate->value_size = sizes;
  work.generate->think_time = sim::uniform(Duration{}, pause);
  return work;
}

// The backup is told to stop. Before the primary has an epoch of its own, for which it asks in vain, it is gone, and
// the backup is there again.
void leave_before_the_primary_dies(Draws& draws, Pace& pace, Duration after, Scenario& scenario) {
  scenario.operators.push_back(stops("backup", noted("backup_declared"), after));
  pace.makes_room_for(after + pace.suspect + pace.beats(16));
  for (const Name& node : scenario.cluster.nodes) {
    scenario.operators.push_back(starts_again(node, draws.between(pace.nth(100), pace.suspect / 2), 1));
  }
  FaultPlan kill = strikes(FaultKind::kill, noted("peer_leaves"), draws.between(Duration{}, pace.nth(20)));
  kill.processes = {"primary"};
  kill.lasts = sim::constant(pace.suspect + pace.beats(16));
  scenario.faults.push_back(std::move(kill));
  if (scenario.cluster.arbiter == ArbiterKind::manual) return;
  FaultPlan unheard = strikes(FaultKind::cut, noted("backup_declared"), after);
  unheard.links = {{{"primary"}, {scenario.cluster.arbiter == ArbiterKind::tie_breaker ? "arbiter" : "disk"}, true}};
  unheard.lasts = sim::constant(pace.beats(1));
  scenario.faults.push_back(std::move(unheard));
}

}  // namespace

void draw_forgetful_backup(Draws& draws, Pace& pace, bool may_be_commands, Scenario& scenario) {
  scenario.cluster.store.acknowledge = Acknowledge::received;
  const Duration pause = pace.nth(draws.between(1, 8));
  scenario.workload.push_back(busy(draws.one_of(scenario.cluster.clients), only_writes, 40, {1, 40}, pause));
  scenario.workload.push_back(busy(draws.one_of(scenario.cluster.clients), only_reads, 40, {1, 40}, pause));
  const Duration after = draws.between(pace.nth(2), pace.beats(5));
  FaultPlan slow = strikes(FaultKind::slow_disk, noted("backup_declared"));
  slow.processes = {"backup"};
  slow.lasts = sim::constant(after);
  slow.delay = sim::uniform(pace.nth(2), pace.beats(3));
  scenario.faults.push_back(std::move(slow));
  pace.makes_room_for(after + pace.beats(4));
  if (may_be_commands && draws.hits(1, 3)) return leave_before_the_primary_dies(draws, pace, after, scenario);
  FaultPlan crash = strikes(FaultKind::crash, noted("backup_declared"), after);
  crash.processes = {"backup"};
  crash.lasts = sim::constant(draws.between(pace.nth(100), pace.suspect / 2));
  crash.unsynced = sim::Unsynced::lost;
  scenario.faults.push_back(std::move(crash));
}

void draw_torn_end(Draws& draws, Pace& pace, Scenario& scenario) {
  // Read once more after a checkpoint, or far within a segment, where a write is bounded (S11).
  const bool after_checkpoint = draws.hits(1, 2);
  Settings& store = scenario.cluster.store;
  if (after_checkpoint) {
    static constexpr std::uint64_t checkpoints[] = {256, 512, 1024};
    store.checkpoint_every_bytes = draws.one_of(checkpoints);
  } else {
    static constexpr std::uint64_t writes[] = {1024, 2048, 4096};
    store.checkpoint_every_bytes = 0;
    store.segment_bytes = 16384;
    store.log_write_bytes = draws.one_of(writes);
  }
  const Name& client = draws.one_of(scenario.cluster.clients);
  scenario.workload.push_back(busy(client, only_writes, 20, {0, 4000}, pace.nth(2)));
  scenario.workload.push_back(busy(client, only_writes, 20, {1, 40}, pace.beats(1)));
  Occurrence unsynced;
  unsynced.what = Occurrence::What::synced;
  unsynced.before = true;
  const Duration down_for = draws.between(pace.nth(10), pace.beats(1));
  unsynced.nth = static_cast<std::uint64_t>(draws.between(6, 24));
  FaultPlan torn = strikes(FaultKind::power_failure, unsynced);
  torn.lasts = sim::constant(down_for);
  torn.unsynced = draws.hits(1, 2) ? sim::Unsynced::torn : sim::Unsynced::subset;
  scenario.faults.push_back(std::move(torn));

  const Duration down_again_for = draws.between(pace.nth(10), pace.beats(1));
  const Duration after = draws.between(Duration{}, pace.beats(2));
  const auto nth = static_cast<std::uint64_t>(draws.between(1, 4));
  const char* const note = after_checkpoint ? "checkpoint_done" : "resumed_alone";
  FaultPlan again = strikes(FaultKind::power_failure, noted(note, nth), after);
  again.lasts = sim::constant(down_again_for);
  again.unsynced = sim::Unsynced::kept;
  again.schedule.count = 2;
  scenario.faults.push_back(std::move(again));
  pace.makes_room_for(pace.suspect + pace.beats(8));
}

void draw_full_writes(Draws& draws, Pace& pace, bool may_be_commands, Scenario& scenario) {
  static constexpr std::uint64_t writes[] = {256, 512, 1024, 2048};
  Settings& store = scenario.cluster.store;
  store.checkpoint_every_bytes = 0;
  store.segment_bytes = 16384;
  store.log_write_bytes = draws.one_of(writes);
  const SizeRange sizes = {0, store.log_write_bytes * 3 / 4};
  Work work = busy(draws.one_of(scenario.cluster.clients), only_writes, 24, sizes, pace.nth(4));
  work.in_flight = std::min<std::uint32_t>(8, store.session_window);
  scenario.workload.push_back(std::move(work));
  Occurrence unsynced;
  unsynced.what = Occurrence::What::synced;
  unsynced.before = true;
  unsynced.nth = static_cast<std::uint64_t>(draws.between(8, 28));
  const Duration down_for = draws.between(pace.nth(10), pace.beats(1));
  if (may_be_commands && draws.hits(1, 2)) {
    FaultPlan fails = strikes(FaultKind::sync_failure, unsynced);
    fails.processes = {draws.one_of(scenario.cluster.nodes)};
    fails.file = "log-*";
    fails.times = 1;
    fails.lasts = sim::constant(pace.beats(2));
    scenario.operators.push_back(starts_again(fails.processes.front(), down_for, 1));
    scenario.faults.push_back(std::move(fails));
  } else {
    FaultPlan dark = strikes(FaultKind::power_failure, unsynced);
    dark.lasts = sim::constant(down_for);
    dark.unsynced = draws.hits(1, 2) ? sim::Unsynced::torn : sim::Unsynced::subset;
    scenario.faults.push_back(std::move(dark));
  }
  pace.makes_room_for(pace.suspect + pace.beats(4));
}

// The backup is given an epoch by a tie breaker that stops over it, tells it when it has been started again, and then
// loses power; and the primary, whom nobody could tell, asks for the same.
void draw_forgetful_arbiter(Draws& draws, Pace& pace, Scenario& scenario) {
  const Occurrence at_stake = noted("backup_declared");
  const Duration unasked_for = pace.suspect + draws.between(pace.beats(8), pace.beats(14));
  const Duration apart_for = unasked_for + draws.between(pace.beats(4), pace.suspect + pace.beats(4));
  const Duration after = draws.between(pace.nth(2), pace.beats(3));  // the backup is to know that it is one
  FaultPlan apart = strikes(FaultKind::cut, at_stake, after);
  apart.links = {{{"primary"}, scenario.cluster.nodes, true}};
  apart.lasts = sim::constant(apart_for);
  scenario.faults.push_back(apart);
  apart.links = {{{"primary"}, {"arbiter"}, true}};
  apart.lasts = sim::constant(unasked_for);
  scenario.faults.push_back(std::move(apart));
  FaultPlan fails = strikes(FaultKind::sync_failure, at_stake, after);
  fails.processes = {"arbiter"};
  fails.times = static_cast<std::uint64_t>(draws.between(1, 2));
  fails.lasts = sim::constant(unasked_for);
  scenario.faults.push_back(std::move(fails));
  scenario.operators.push_back(starts_again("arbiter", draws.between(pace.nth(10), pace.beats(1)), 3));
  FaultPlan dark = strikes(FaultKind::crash, noted("took_over"), draws.between(Duration{}, pace.beats(1)));
  dark.processes = {"arbiter"};
  dark.lasts = sim::constant(draws.between(pace.nth(10), pace.beats(2)));
  dark.unsynced = draws.hits(1, 2) ? sim::Unsynced::kept : sim::Unsynced::lost;
  scenario.faults.push_back(std::move(dark));
  pace.makes_room_for(after + apart_for + pace.beats(2));
}

// Both claim the next epoch, and cannot read who has it.
void draw_damaged_register(Draws& draws, Pace& pace, Scenario& scenario) {
  const Occurrence at_stake = noted("backup_declared");
  const Duration after = draws.between(pace.nth(2), pace.beats(3));
  const Duration apart_for = pace.suspect + draws.between(pace.beats(2), pace.beats(10));
  FaultPlan apart = strikes(FaultKind::cut, at_stake, after);
  apart.links = {{{"primary"}, scenario.cluster.nodes, true}};
  apart.lasts = sim::constant(apart_for);
  scenario.faults.push_back(std::move(apart));
  FaultPlan rots = strikes(draws.hits(3, 4) ? FaultKind::bit_rot : FaultKind::bad_sector, at_stake, after);
  rots.processes = {"disk"};
  rots.file = "claim-*2-*";  // by which the register is written and synced
  rots.lasts = sim::constant(apart_for);
  scenario.faults.push_back(std::move(rots));
  pace.makes_room_for(after + apart_for + pace.beats(2));
}

}  // namespace smalldb::scenarios::generator
