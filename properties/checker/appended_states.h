// What a key may have held that is made of what was appended to it: values of which no operation says, so they have no
// number. To know them, the key's past happens once more, to a stream.
#pragma once

#include <cstdint>

#include "properties/checker/engines.h"

namespace smalldb::checker {

// Says of a violation what the key may have held before the instant at which its culprit returned; all of it, if no
// write was open then. False, and nothing is changed, if that takes more than `steps_max` steps. REQUIRES: up to each
// return before that instant there is an order.
bool find_appended_states(const KeyTask& task, std::uint64_t steps_max, Violation& violation);

}  // namespace smalldb::checker
