#include "cli/results.h"

#include <iostream>
#include <sstream>

#include "cli/read_file.h"
#include "reports/tally_json.h"

namespace smalldb::cli {

bool Results::add_file(const std::string& command, const std::string& file, std::uint64_t& whole_bytes) {
  std::string why;
  const auto text = read_file(file, why);
  if (!text) {
    std::cerr << "smalldb-sim " << command << ": cannot read " << file << ": " << why << '\n';
    return false;
  }
  std::istringstream input(*text);
  whole_bytes = 0;
  std::size_t number = 0;
  for (std::string line; std::getline(input, line);) {
    ++number;
    if (input.eof()) break;
    std::string expected;
    const auto block = reports::read_block(line, expected);
    if (!block) {
      std::cerr << file << ":" << number << ": expected " << expected << '\n';
      return false;
    }
    if (campaign.empty()) campaign = block->name.campaign;
    if (block->name.campaign != campaign) {
      std::cerr << file << ":" << number << ": found results of another campaign (" << block->name.campaign
                << "), expected those of " << campaign << '\n';
      return false;
    }
    whole_bytes += line.size() + 1;
    if (known.insert(block->name).second) tally.add(block->tally);
  }
  return true;
}

}  // namespace smalldb::cli
