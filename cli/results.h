// Files of results: what the blocks of a campaign came to, a line each (reports/tally_json.h). They are added up by
// merge, and gone on with by a fuzz that was interrupted.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "scenarios/campaign/block.h"

namespace smalldb::cli {

// "smalldb-sim 0.1.0 (commit 0a1b2c3d4e), budget both"; templates by a number that tells them apart.
std::string to_text(const scenarios::CampaignName& campaign);

struct Results {
  struct Known {
    std::string place;         // "shard3.jsonl:12"
    std::uint64_t result = 0;  // a hash of what the block came to
  };

  std::optional<scenarios::CampaignName> campaign;  // whose results these are; none: any
  std::map<scenarios::BlockName, Known> known;      // no two overlap
  scenarios::Tally tally;                           // of all that are known

  // Adds each block of the file that is not known yet; one that is known and has come to something else is wrong, for a
  // seed is one run. A last line without an end is that of somebody who was killed: it is left out, and `whole_bytes`
  // is what stands before it. False after what is wrong has been written to standard error, as `command`'s words.
  bool add_file(const std::string& command, const std::string& file, std::uint64_t& whole_bytes);

 private:
  // What is wrong with adding it; empty: nothing.
  std::string objection_to(const scenarios::Block& block, std::uint64_t result) const;
};

}  // namespace smalldb::cli
