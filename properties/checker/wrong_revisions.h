// Claims of a key's revisions that contradict each other, in whole histories; claims.h judges them while things happen.
#pragma once

#include <cstddef>
#include <vector>

#include "properties/checker/check.h"
#include "properties/checker/engines.h"

namespace smalldb::checker {

// At most `most`. Whether they are linearizable or not, no store that gives each write a greater revision than it gave
// those before, and tells of what is there the revision of its write, could have told them.
std::vector<WrongRevision> find_wrong_revisions(const KeyTask& task, std::size_t most);

}  // namespace smalldb::checker
