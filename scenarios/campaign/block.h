// A block: so many seeds in a row and what came of them. Campaigns are made of blocks that begin at the same seeds
// wherever and by however many they are run, so that their results can be merged in any order, and twice.
#pragma once

#include <compare>
#include <cstdint>
#include <string>

#include "scenarios/campaign/tally.h"

namespace smalldb::scenarios {

struct BlockName {
  std::string campaign;     // what decides what a seed stands for, and the program that ran it
  std::uint64_t first = 0;  // seed ...
  std::uint64_t count = 0;  // ... and so many in all

  friend auto operator<=>(const BlockName&, const BlockName&) = default;
};

struct Block {
  BlockName name;
  Tally tally;
};

}  // namespace smalldb::scenarios
