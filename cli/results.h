// Files of results: what the blocks of a campaign came to, a line each (reports/tally_json.h). They are added up by
// merge, and gone on with by a fuzz that was interrupted.
#pragma once

#include <cstdint>
#include <set>
#include <string>

#include "scenarios/campaign/block.h"

namespace smalldb::cli {

struct Results {
  std::string campaign;  // whose results these are; empty: any
  std::set<scenarios::BlockName> known;
  scenarios::Tally tally;  // of all that are known

  // Adds each block of the file that is not known yet. A last line without an end is that of somebody who was killed:
  // it is left out, and `whole_bytes` is what stands before it. False after what is wrong has been written to standard
  // error, as `command`'s words.
  bool add_file(const std::string& command, const std::string& file, std::uint64_t& whole_bytes);
};

}  // namespace smalldb::cli
