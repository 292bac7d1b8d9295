// A block: so many seeds in a row and what came of them. Campaigns are made of blocks that begin at the same seeds
// wherever and by however many they are run, so that their results can be merged in any order, and twice.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>

#include "scenarios/campaign/tally.h"

namespace smalldb::scenarios {

// What decides what the seeds of a campaign stand for, and what they come to.
struct CampaignName {
  std::string program;  // with its version and commit
  std::optional<Budget> budget;
  std::uint64_t events_max = 0;
  std::string fixed;  // the text of the template; empty: none

  friend bool operator==(const CampaignName&, const CampaignName&) = default;
};

struct BlockName {
  std::uint64_t first = 0;  // seed ...
  std::uint64_t count = 0;  // ... and so many in all

  // Subtracted, and not added: the last seed may be the last number that there is.
  bool overlaps(const BlockName& other) const {
    return first <= other.first ? other.first - first < count : first - other.first < other.count;
  }

  friend auto operator<=>(const BlockName&, const BlockName&) = default;
};

struct Block {
  CampaignName campaign;
  BlockName name;
  Tally tally;
};

}  // namespace smalldb::scenarios
