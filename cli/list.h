// Names with what they mean, for the commands that list them.
#pragma once

#include <iosfwd>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace smalldb::cli {

using Meanings = std::vector<std::pair<std::string, std::string>>;

// What stands between two ends of lines, each in lines that fit the terminal.
void write_paragraphs(std::string_view text, std::ostream& out);

// A column of names, and beside it what each means.
void write_list(const Meanings& list, std::ostream& out);

}  // namespace smalldb::cli
