// What faults have really done to a run, by the world's ledger and by who the scenario says is lost.
#pragma once

#include <cstddef>
#include <vector>

#include "properties/recoverable.h"
#include "scenarios/director.h"
#include "scenarios/run.h"
#include "scenarios/scenario.h"
#include "scenarios/stage.h"
#include "sim/world.h"

namespace smalldb::scenarios {

// Whose disks have lost or changed what was durable there.
properties::Destroyed destroyed_disks(const sim::World& world, const Numbers& numbers);

// Those of these names, who do not come back (End::lost).
properties::Lost lost_for_ever(const std::vector<Name>& names, const Numbers& numbers);

// What became of the fault Scenario::faults[plan].
FaultAccount account_of(std::size_t plan, const Scenario& scenario, const Director& director, const sim::World& world);

}  // namespace smalldb::scenarios
