// Replaying what smalldb-server has recorded.
#pragma once

#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/wishes.h"

namespace smalldb::cli {

// Whether the file begins as a recording does. False as well if it cannot be read, or is none that can be read twice.
bool is_recording_file(const std::string& file);

// Goes through the recordings again, judges them together and tells. 0: the same came of them, and no property that
// they allow to judge is violated; 1: not so; 2: unknown; 3: a file cannot be read.
Exit replay_lives(const std::vector<std::string>& files, const Wishes& wishes);

}  // namespace smalldb::cli
