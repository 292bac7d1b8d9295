// Claims of a key's revisions that contradict each other, in whole histories; claims.h judges them while things happen.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "properties/checker/check.h"
#include "properties/checker/engines.h"

namespace smalldb::checker {

// What claims are looked at: all, or where they were a proof, those that the proof does not rest on. To have replaced a
// revision is to claim that it was there.
enum class Looks : std::uint8_t { at_all, at_conditions };

// At most `most`. Whether they are linearizable or not, no store that gives each write a greater revision than it gave
// those before, and tells of what is there the revision of its write, could have told them.
std::vector<WrongRevision> find_wrong_revisions(const KeyTask& task, std::size_t most, Looks looks = Looks::at_all);

}  // namespace smalldb::checker
