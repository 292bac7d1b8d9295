// Reads a command line, and a file of the same words, with CLI11; and turns what is wrong with them into one line that
// a person can act on: where, what stood there, what was expected, and the nearest valid word.
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace smalldb::server {

using Words = std::vector<std::string>;

// Adds --config FILE. The file has the app's options without their dashes, one a line:
//
//     data = "/var/lib/smalldb"   # up to here, and no further
//     record-anew = true
//
// What is said on the command line goes before it. REQUIRES: the app outlives its own reading.
void add_config_file(CLI::App& app);

// Reads the words behind the program's name into the app's options. What is wrong with them; empty if nothing is. Lets
// CLI::CallForHelp and CLI::CallForVersion pass.
std::string read_command_line(CLI::App& app, const Words& words);

}  // namespace smalldb::server
