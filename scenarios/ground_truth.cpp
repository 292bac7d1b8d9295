#include "scenarios/ground_truth.h"

#include <optional>

#include "scenarios/fault_grammar.h"

namespace smalldb::scenarios {

properties::Destroyed destroyed_disks(const sim::World& world, const Numbers& numbers) {
  properties::Destroyed destroyed{std::vector<bool>(numbers.all()), false};
  for (const sim::FaultRecord& record : world.faults()) {
    for (const ProcessId process : record.garbage_drawn) destroyed.processes[static_cast<std::size_t>(process)] = true;
    if (record.effects == 0 || !destroys_what_is_durable(record.fault.kind, record.fault.unsynced)) continue;
    const ProcessId where = record.fault.process;
    if (where == sim::shared_volume || record.fault.volume == Volume::shared) {
      destroyed.shared_volume = true;
    } else if (where == no_process) {
      destroyed.processes.assign(numbers.all(), true);
    } else {
      destroyed.processes[static_cast<std::size_t>(where)] = true;
    }
  }
  return destroyed;
}

properties::Lost lost_for_ever(const std::vector<Name>& names, const Numbers& numbers) {
  properties::Lost lost{std::vector<bool>(numbers.all()), false};
  for (const Name& name : names) {
    const ProcessId process = numbers.of(name);
    if (process == sim::shared_volume) {
      lost.shared_volume = true;
    } else {
      lost.processes[static_cast<std::size_t>(process)] = true;
    }
  }
  return lost;
}

FaultAccount account_of(std::size_t plan, const Scenario& scenario, const Director& director, const sim::World& world) {
  const FaultPlan& fault = scenario.faults[plan];
  FaultAccount account{plan, director.words(plan), director.fired(plan), 0, !fault.may_miss, {}};
  const bool over_at_once = is_over_at_once(fault.kind);
  for (const sim::FaultId id : director.struck(plan)) {
    const sim::FaultRecord& record = world.faults()[static_cast<std::size_t>(id)];
    account.effects += record.effects;
    const bool another_victim = !account.strikes.empty() && account.strikes.back().began == record.began;
    if (another_victim || account.strikes.size() == FaultAccount::strikes_max) continue;
    // The world lets go of those as well when it heals, long after they have been.
    const sim::Time ended = over_at_once ? record.began : record.ended;
    account.strikes.push_back({record.began, record.active && !over_at_once ? std::nullopt : std::optional(ended)});
  }
  return account;
}

}  // namespace smalldb::scenarios
