// What a drawn scenario may promise of its end, for those who change it.
#pragma once

#include "scenarios/scenario.h"

namespace smalldb::scenarios {

// Whether the times of the store, of its clients and of the world fit together as those that are drawn do, so that the
// healed world can do within End::settle what is asked of it. What takes longer is no failure of the store's. True of
// all that generate() draws without a template and asks liveness of, and of a plain scenario.
bool leaves_time_to_settle(const Scenario& scenario);

}  // namespace smalldb::scenarios
