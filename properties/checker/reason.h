// Why a key has no order, in as few operations as possible: for the engines that find only that there is none.
//
// A part of a linearizable history may be illegal, so to leave out operations at will proves nothing. These steps are
// sound: if the history has an order, it has one after each of them.
//
//   1. Leave out what was invoked after the culprit returned, and what had not returned by then and only reads: the
//      past has an order if the whole has.
//   2. Leave out an operation that changes nothing.
//   3. Let a write take effect at any instant, before its invocation too, or never: a *loose* write.
//   3b. Let a loose write take effect whatever there is: a *free* one. Nobody needs then what it needed.
//   3c. Let there be as many loose writes of some values as anybody needs: *supplied* ones. Who reads such a value is
//      then as good as who writes it, right before, and who needs it to take effect needs nothing. Only on the way to
//      what is kept: no reason that is told rests on it.
//   4. Leave out a loose write if nobody who is left needs what it writes, nor another that somebody needs in its turn:
//      in an order with it, whatever follows it until the next write can do without. Nor is a conditional one needed
//      where blind ones of the same value are as many as could be used.
//   5. Of loose writes that are alike, leave out those beyond the number of those they can serve. In an order, those
//      between one operation and the next lead from state to state; where they come back to a state, the way round can
//      be cut out, and so can what leads nowhere. So right before one that needs something each is used but once.
//   6. Where d operations need a value *not* to be there, and nobody needs a revision: of all other blind loose writes,
//      keep 2d, of each value at most d. In an order, one that serves nobody else can be exchanged for one of these
//      that is not used: d of them at least are of another value than the one that must not be there.
//
// Each makes more orders, or as many. So one that cannot be taken now, for then there is an order, cannot be taken
// later either: once through the operations is enough for a set that is 1-minimal.
#pragma once

#include <cstdint>
#include <optional>

#include "properties/checker/engines.h"
#include "properties/checker/small_search.h"

namespace smalldb::checker {

// Judges a short history by the small search, which says all that a reason begins with: which operation is the first up
// to the return of which there is no order, and what the key may have held before. Nothing if that is no small matter;
// `steps`: what it took.
std::optional<KeyResult> judge_soon(const KeyTask& task, std::uint64_t& steps);

// The first operation up to the return of which there is no order, and, if that is a small matter, what the key may
// have held before; as far as either is not known yet. REQUIRES: the violation's proof is about the first or a later
// one. Without a proof its culprit is where a search gave up, which may be before the first: it looks ahead.
//
// A proof that is about a later one is dropped, and the violation is then one that was found by search. If the first is
// no small matter, and a few operations prove that there is no order, these are the violation's, and the culprit of a
// search is left as it was. Where steps do not suffice to tell which is the first, `good_until` is how far there is an
// order.
void find_past(const KeyTask& task, std::uint64_t steps_max, KeyResult& result);

// What the key may have held before the culprit returned, as far as an eighth of `steps_max` steps of the search go.
void find_states(const KeyTask& task, std::uint64_t steps_max, Violation& violation);

// Whether a few of the last operations prove that up to the return of `culprit` there is no order. Takes at most
// `steps_left` steps of the search, from them.
bool proves_soon(const KeyTask& task, const Steps& all, std::size_t culprit, std::uint64_t& steps_left);

// For how many operations up to the culprit a way of finding a reason is worth it. All lead to a reason.
struct WorthIt {
  std::size_t freeing_beyond = 512;             // to try step 3b first
  std::size_t parts_up_to = SmallSearch::most;  // to judge parts of one set, and no supplied values (step 3c); no more
};

// Completes a violation of which the culprit has been found: operations and writers. Takes at most `steps_max`
// steps of the search; what is left then is a proof, but perhaps not a minimal one.
void find_reason(const KeyTask& task, std::uint64_t steps_max, Violation& violation, const WorthIt& worth_it = {});

// Makes a proof that zones have found 1-minimal, if that is a small matter; or one about who could have written it.
void leave_out_needless(const KeyTask& task, Violation& violation);

// Takes step 3b with all writers, if the proof still is one: then those that only other writers needed are left out,
// and of a chain of compare-and-sets two links remain.
void free_writers(const KeyTask& task, Violation& violation);

}  // namespace smalldb::checker
