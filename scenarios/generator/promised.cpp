#include "scenarios/generator/promised.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <utility>
#include <variant>

#include "scenarios/generator/drawing.h"
#include "sim/chance.h"

namespace smalldb::scenarios {
namespace {

Duration longest(const sim::Distribution& length) {
  return std::max({length.least, length.mean, length.most, length.tail.never() ? Duration{} : length.tail_most});
}

Duration longest_latency(const Network& network) {
  Duration latency = longest(network.settings.link.latency);
  for (const LinkException& link : network.links) {
    if (link.latency) latency = std::max(latency, longest(*link.latency));
  }
  return latency;
}

Duration longest_sync(const Disks& disks) {
  Duration sync = longest(disks.settings.sync);
  for (const auto& [name, disk] : disks.exceptions) sync = std::max(sync, longest(disk.sync));
  return sync;
}

// The beat at which all would be as long as it ever is drawn (generate_cluster.cpp).
Duration slowest_beat(const Scenario& scenario) {
  const Settings& store = scenario.cluster.store;
  const ClientSettings& client = scenario.cluster.client;
  const sim::NetworkSettings& network = scenario.network.settings;
  Duration beat = std::max({
      store.heartbeat_every,
      store.suspect_after / 12,
      store.retry_after / 3,
      store.seek_for / 3,
      client.answer_within / 8,
      client.retry_after / 4,
      longest(network.retransmission) / 3,
      network.retransmission_most / 30,
      network.connect_timeout / 30,
      network.connection_timeout / 150,
      scenario.disks.shared_timeout / 10,
  });
  for (const auto& [name, cost] : scenario.step_costs) beat = std::max(beat, longest(cost) * 200);
  return beat;
}

constexpr std::int64_t billion = 1'000'000'000;

bool is_lie(sim::FaultKind kind) { return family_of(kind) == Family::lies; }

bool is_of_shared_volume(const FaultPlan& fault) {
  return fault.shared || std::find(fault.processes.begin(), fault.processes.end(), "disk") != fault.processes.end();
}

// A register on the shared volume that is damaged is there all the same: it is seen by its checksum, and gives no epoch
// away.
bool makes_arbiter_forget(const FaultPlan& fault) {
  const bool is_tie_breakers =
      std::find(fault.processes.begin(), fault.processes.end(), "arbiter") != fault.processes.end();
  switch (family_of(fault.kind)) {
    case Family::wipes: return is_tie_breakers || is_of_shared_volume(fault);
    case Family::damage: return is_tie_breakers;
    default: return false;
  }
}

// By how much a fault makes a clock go wrong, in billionths.
std::int64_t drift_of(const FaultPlan& fault) {
  if (fault.kind == sim::FaultKind::clock_freeze) return billion;
  return fault.kind == sim::FaultKind::clock_drift ? std::abs(fault.drift) : 0;
}

// In billionths; of the clock that is furthest off, with the worst of the faults.
std::int64_t largest_drift(const Scenario& scenario) {
  std::int64_t clock_drift = 0, fault_drift = 0;
  for (const auto& [name, clock] : scenario.clocks) clock_drift = std::max(clock_drift, std::abs(clock.drift));
  for (const FaultPlan& fault : scenario.faults) fault_drift = std::max(fault_drift, drift_of(fault));
  return clock_drift + fault_drift;
}

// What its clients wait for of their own accord, and how many operations they ask for.
std::pair<Duration, std::int64_t> waits_and_operations_of(const Work& work) {
  Duration waits = work.starts_at - sim::Time{};
  std::int64_t operations = 0;
  for (const ScriptStep& step : work.script) {
    if (const auto* const wait = std::get_if<Wait>(&step))
      waits = waits + wait->length;
    else
      ++operations;
  }
  if (work.generate) {
    const auto count = static_cast<std::int64_t>(work.generate->count);
    waits = waits + longest(work.generate->interval.value_or(work.generate->think_time)) * count;
    operations += count;
  }
  return {waits, operations};
}

}  // namespace

bool keeps_what_all_rests_on(const Scenario& scenario) {
  const Settings& store = scenario.cluster.store;
  if (store.reads == Reads::leased && largest_drift(scenario) > std::int64_t{store.clock_drift_max_ppm} * 1000)
    return false;
  return std::none_of(scenario.faults.begin(), scenario.faults.end(),
                      [](const FaultPlan& fault) { return is_lie(fault.kind) || makes_arbiter_forget(fault); });
}

bool may_damage_registers(const Scenario& scenario) {
  return std::any_of(scenario.faults.begin(), scenario.faults.end(), [](const FaultPlan& fault) {
    return family_of(fault.kind) == Family::damage && is_of_shared_volume(fault);
  });
}

bool may_draw_garbage(const Disks& disks) {
  return disks.settings.garbage > 0 || std::any_of(disks.exceptions.begin(), disks.exceptions.end(),
                                                   [](const auto& disk) { return disk.second.garbage > 0; });
}

std::optional<Duration> longest_story(const Scenario& scenario) {
  const bool may_be_given_up = generator::may_never_be_done(scenario);
  Duration longest_wait, longest_work;
  for (const Work& work : scenario.workload) {
    if (generator::waits_for_something(work)) return std::nullopt;
    const auto [waits, operations] = waits_and_operations_of(work);
    longest_wait = std::max(longest_wait, waits);
    longest_work = std::max(longest_work, waits + scenario.cluster.client.give_up_after * operations);
  }
  for (const FaultPlan& fault : scenario.faults) {
    const Schedule& schedule = fault.schedule;
    longest_wait = std::max(longest_wait,
                            std::max(schedule.from, schedule.to) - sim::Time{} + schedule.delay + longest(fault.lasts));
  }
  return std::max(longest_wait + scenario.end.settle * 2, may_be_given_up ? longest_work : Duration{});
}

bool leaves_time_to_end(const Scenario& scenario) {
  if (scenario.end.until == End::Until::time) return true;
  const std::optional<Duration> story = longest_story(scenario);
  return story && sim::Time{} + *story <= scenario.end.limit;
}

bool leaves_time_to_settle(const Scenario& scenario) {
  const Settings& store = scenario.cluster.store;
  const ClientSettings& client = scenario.cluster.client;
  const Duration beat = store.heartbeat_every;
  const bool hears_in_time = longest_latency(scenario.network) * 2 <= beat && longest_sync(scenario.disks) <= beat &&
                             store.suspect_after >= beat * 2 && client.answer_within >= beat * 2 &&
                             client.give_up_after >= beat * 5;
  if (!hears_in_time) return false;
  Duration needed = slowest_beat(scenario) * 300;
  // A client that has begun anew wants a session more, and may have to wait until another has been idle for long.
  const auto clients = static_cast<std::int64_t>(scenario.cluster.clients.size());
  if (store.sessions_max < static_cast<std::uint64_t>(4 * clients)) {
    const Duration idle = std::max(store.session_expires_after / 60, store.suspect_after * 10);
    needed = needed + idle * (2 * clients + 4);
  }
  return scenario.end.settle >= needed;
}

}  // namespace smalldb::scenarios
