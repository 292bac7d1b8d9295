// Keys of a store that says the revision of what it wrote and read: revisions rise from write to write, so they are an
// order. If that order respects real time and explains every answer, it is the proof; that takes a pass. If not, it
// proves nothing about the history: the store may have numbered its writes otherwise than it executed them, which is a
// finding of its own (wrong_revisions.h).
//
// What an append makes is known in that order, whatever else was appended: its bytes are compared with what was read of
// each revision, so that all comparisons together take no longer than to read the history.
#pragma once

#include <optional>

#include "properties/checker/engines.h"

namespace smalldb::checker {

// Nothing if the revisions that are claimed are no proof that the key holds.
std::optional<KeyResult> judge_by_certificate(const KeyTask& task);

}  // namespace smalldb::checker
