// Names with what they mean, for the commands that list them.
#pragma once

#include <iosfwd>
#include <string>
#include <utility>
#include <vector>

namespace smalldb::cli {

using Meanings = std::vector<std::pair<std::string, std::string>>;

// A column of names, and beside it what each means.
void write_list(const Meanings& list, std::ostream& out);

}  // namespace smalldb::cli
