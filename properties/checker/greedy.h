// One way through a key's operations, without a look at any other: for histories in which little happens at a time,
// where there is hardly ever a choice.
//
// What it does is a proof by itself if it comes to the end: it gives effect to one operation after the other, each
// between its invocation and its return, each in a state that explains its answer. So where it has a choice it may
// choose as it likes, and no rule that it chooses by can make a wrong verdict: one that is bad makes it get stuck, and
// then it says nothing. (The tests replay its orders nevertheless.)
//
// It chooses as a search does that puts off what it can (frontier.cpp): what reads takes effect as soon as it finds
// what it has read; a write when it returns, or when somebody returns who has seen it. A blind write that is open while
// another takes effect may have happened right before that one. Whether it has is decided when it returns, by a look at
// the operations that come next: which of the two values do they find?
#pragma once

#include <optional>

#include "properties/checker/engines.h"

namespace smalldb::checker {

// That the key holds; nothing if the way ends before the history does. `steps`: of operations looked at, in any case.
std::optional<KeyResult> judge_by_greed(const KeyTask& task, std::uint64_t& steps);

}  // namespace smalldb::checker
