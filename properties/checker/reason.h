// Why a key has no order, in as few operations as possible: for the engines that find only that there is none.
//
// A part of a linearizable history may be illegal, so to leave out operations at will proves nothing. These steps are
// sound: if the history has an order, it has one after each of them.
//
//   1. Leave out what was invoked after the culprit returned, and what had not returned by then and only reads: the
//      past has an order if the whole has.
//   2. Leave out an operation that changes nothing.
//   3. Let a write take effect at any instant, before its invocation too, or never: a *loose* write.
//   4. Leave out a loose write if nobody who is left needs what it writes, and nobody needs a value not to be there: in
//      an order with it, whatever follows it until the next write can do without.
//   5. Of loose writes that are alike, leave out those beyond the number of all others: each that somebody needs serves
//      one of those at least.
#pragma once

#include "properties/checker/engines.h"

namespace smalldb::checker {

// Completes a violation of which it is known where the search gave up: culprit, states, operations, writers, anomaly.
// Takes at most `steps_max` steps of the search; what is left then is a proof, but perhaps not a minimal one.
void find_reason(const KeyTask& task, std::uint64_t steps_max, Violation& violation);

}  // namespace smalldb::checker
