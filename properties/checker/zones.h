// Keys of which every read tells which write it has seen, because no value is written twice (Gibbons and Korach 1997,
// section 4, "read-mapping"; extended by unknown outcomes and by chains of compare-and-set).
//
// All that has to do with one value happens in one piece: its write, then what has seen it. A successful
// compare-and-set joins the piece of the value that it expects to that of the value it writes: a chain (Golab et al.
// 2018 for read-modify-write). So an order of the key's operations is an order of chains; and of two chains one must
// come first if one of its operations had returned before one of the other's was invoked. For a chain only its first
// return f and its last invocation s matter: K comes before L if f(K) < s(L).
//
// An append joins pieces likewise: where there is but one way to cut what was read into what was written (parts.h), it
// tells which writes made it, one after the other, so that each append that anybody saw must come right after the one
// before it. One that nobody saw is like a blind write that nobody saw: it may have come last in any chain, but not in
// the midst of one, and not while what was there at first is still read.
//
// No order exists if both must come first, or if the inside of a chain contradicts real time, or if a value was read
// that nobody wrote. Otherwise there is one: a longer circle of chains, each of which must come before the next, has a
// circle of two in it. (Let P be the chain before the one with the least f, L, in the circle. P before L by the circle;
// and f(L) is at most the f of the chain before P, which is less than s(P).)
//
// A write of unknown outcome that nobody has seen need not have happened, and one that somebody has seen has no
// deadline: its own return is never an f.
#pragma once

#include "properties/checker/engines.h"

namespace smalldb::checker {

// Nothing if the key is not of that kind, or if it holds as far as this can tell: gets of an absent key that was
// removed more than once, and refused conditional operations, are left aside; a violation without them is one with
// them.
std::optional<KeyResult> judge_by_zones(const KeyTask& task);

}  // namespace smalldb::checker
