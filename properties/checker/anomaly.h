// What a proof is called in the words of the field, and which of its operations is set against the culprit.
//
// A name says more than the proof does: that a value *had been* there, that it was overwritten *by that write*, that
// *nobody* has seen it. So each has a condition, in terms of the operations that it is said of, under which it is true
// whatever order the operations before the culprit had; where none is met the name is `no_order`, which is always true.
// Of a value these follow from the operations' instants and answers alone:
//
//   its sources   the writes that may have left it by the culprit's return, and the beginning if the key held it then
//   it is *over*  by an instant if all its sources had taken effect by then. Of a single one that is so as soon as
//                 somebody has seen the value
//   it is *newer* than one that was over by an instant at which it, or the stretch in which it was there, was not: of
//                 a value with a single source, from its write to whoever saw it last there was nothing else. Or if its
//                 single source needed the older one, or what came of that by such sources
//
// Of what appends have made the sources are not known: there the text itself says what it is made of, if it can be
// taken apart in one way only.
#pragma once

#include "properties/checker/engines.h"

namespace smalldb::checker {

// Completes a violation of which the proof is known: `anomaly` and `other`.
void name_anomaly(const KeyTask& task, Violation& violation);

}  // namespace smalldb::checker
