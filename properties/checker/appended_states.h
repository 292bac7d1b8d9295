// What a key may have held that is made of what was appended to it: values of which no operation says, so they have no
// number. To know them, the key's past happens once more, to a stream.
#pragma once

#include <cstdint>

#include "properties/checker/engines.h"

namespace smalldb::checker {

// Says of a violation what the key may have held before its culprit returned; all of it, if no write was open then.
// False, and nothing is changed, if that takes more than `steps_max` steps or is too long to go through, or if
// something else happened at that same instant. REQUIRES: up to each return before the culprit's there is an order.
bool find_appended_states(const KeyTask& task, std::uint64_t steps_max, Violation& violation);

}  // namespace smalldb::checker
