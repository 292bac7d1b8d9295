// Conditions on a revision, as conditions on the value that an answer has told with it.
//
// What a write's revision is, if it told none, the engines do not know: any condition on one may then be met. But a
// revision is of one write, so whoever found it found what that wrote, and that may have been told: by a get, or by a
// refusal that says what was there. Somebody whose gets alone tell revisions has no other way to see that two writes on
// condition of one exclude each other.
#pragma once

#include "properties/checker/engines.h"
#include "properties/checker/history.h"

namespace smalldb::checker {

// The task's operations, by its positions, with conditions by value where the value is known; empty if it nowhere is.
// One that was refused found another value only if a single write can have written that one.
Operations with_conditions_by_value(const KeyTask& task);

}  // namespace smalldb::checker
