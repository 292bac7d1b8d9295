// One known anomaly in a history that has none.
#pragma once

#include <cstdint>

#include "properties/checker/check.h"
#include "properties/checker/history.h"

namespace smalldb::checker::testing {

// Adds operations of new clients that have this anomaly and no other: at `permille` of the history or as soon after as
// there is an instant at which nothing of known outcome is open on a key, and the key is overwritten next. So what is
// added meets nothing and leaves nothing, and without its anomaly the history would hold by construction. False, and
// nothing is changed, if there is no such instant. REQUIRES: the values of writes are distinct; not no_order.
bool plant(History& history, Anomaly anomaly, std::uint32_t permille);

}  // namespace smalldb::checker::testing
