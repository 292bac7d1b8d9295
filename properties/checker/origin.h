// Who could have written what somebody found: a question that needs no search.
#pragma once

#include <optional>

#include "properties/checker/engines.h"

namespace smalldb::checker {

// Whether some operation found a value that nobody could have written by the time it returned: then there is no order,
// however many ways a search would have to go before it comes there. Of several, the one that returned first; another
// violation may have come before it. Nothing if there is none, or something is appended: that may make any value.
std::optional<KeyResult> judge_by_origin(const KeyTask& task);

// The proof about a culprit that has found what only writes that failed or were refused, or that came later, could have
// written, or nobody: itself, and one of those. False, and nothing is changed, if it is none.
bool find_origin(const KeyTask& task, Violation& violation);

}  // namespace smalldb::checker
