// Blocks of a campaign as lines of JSON: what its workers tell each other, and what `smalldb-sim merge` adds up.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "scenarios/campaign/block.h"

namespace smalldb::reports {

// One line, with its end. Counts that are 0 are left out. Its last key is a checksum (crc32c) of all that it says, as
// it would be written without that key: whatever stands between the words.
std::string write_block(const scenarios::Block& block);

// Nothing if `line` is none, and `expected` says what is wrong with it.
std::optional<scenarios::Block> read_block(std::string_view line, std::string& expected);

}  // namespace smalldb::reports
