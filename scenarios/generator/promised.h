// What a drawn scenario may promise of its end, for those who change it.
#pragma once

#include <optional>

#include "model/time.h"
#include "scenarios/scenario.h"

namespace smalldb::scenarios {

// Whether the times of the store, of its clients and of the world fit together as those that are drawn do, so that the
// healed world can do within End::settle what is asked of it. What takes longer is no failure of the store's. True of
// all that generate() draws without a template and asks liveness of, and of a plain scenario.
bool leaves_time_to_settle(const Scenario& scenario);

// Whether the world keeps what every rule of the store rests on: disks that do not lie, an arbiter that does not
// forget, and where there are leases clocks that are no further off than the store is told (S8). Of one that does not,
// nothing is promised but that no assertion fails.
bool keeps_what_all_rests_on(const Scenario& scenario);

// Whether a register on the shared volume may be damaged. No epoch is won any more then, if it is that of the next one
// or the first: of liveness nothing is promised, of safety everything.
bool may_damage_registers(const Scenario& scenario);

// Whether a crash may leave garbage there in the place of what was not synced, though no fault says so. Garbage may
// take bytes with it that were durable.
bool may_draw_garbage(const Disks& disks);

// How long a story that ends when all is done may take a store that does what it promises: what its clients wait for
// and its faults last, and twice as long as it may take to settle. If nobody may be there to serve them, so long that
// they can give up all that they ask for. Nothing if they may wait for ever.
std::optional<Duration> longest_story(const Scenario& scenario);

// Whether the story ends before its limit, all the same what becomes of its clients' work.
bool leaves_time_to_end(const Scenario& scenario);

}  // namespace smalldb::scenarios
