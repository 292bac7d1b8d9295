// A key that is appended to, as one that is not: each append becomes a write on condition of what it followed.
//
// Where what was read tells which writes made it (parts.h), and no two appends append the same, the last part of a
// value names all of it, and a state is that part. Any answer that must have been right shows of each append in it what
// stood before it: a *shown* append takes effect when that is there, and no other time, so it is a compare-and-set of
// one part by the next. What was appended to nothing is one that expects absence. An append that nobody shows is
// followed by a blind write, by another like it, or by nothing: it is a blind write of a part that nobody needs. So an
// order of either is one of the other: of two answers that show one append behind different parts, one has no
// explanation in both.
//
// A condition that nobody was told to be true (of unknown outcome), or that was false, shows nothing. If its value ends
// in an append that is not shown, or holds one, it cannot be said in parts whether it is that value that is there. Then
// there are two: in one such a condition is false, and what denies it counts whatever stood before that part, so that
// each order of it is one of the key; in the other it counts whatever stood before, and what denies it is true, so that
// each order of the key is one of it.
#pragma once

#include <optional>

#include "properties/checker/history.h"
#include "properties/checker/steps.h"

namespace smalldb::checker {

// The same positions and instants, with neither appends nor values of more than one part.
struct AsSwaps {
  Steps steps;                // all orders of these are orders of the key
  std::optional<Steps> more;  // all orders of the key are orders of these; nothing: of `steps` too
};

// Nothing if values may be read in more than one way, or something is appended on a condition.
std::optional<AsSwaps> appends_as_swaps(const History& history, const Steps& all);

}  // namespace smalldb::checker
