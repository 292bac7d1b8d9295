// Reads a command line with CLI11, and turns what is wrong with it into one line that a person can act on.
#pragma once

#include <optional>
#include <string_view>

#include "cli/command.h"

namespace CLI {
class App;
}

namespace smalldb::cli {

// Nothing if the command is to go on; else the exit code, after its help or what is wrong with the line has been
// written.
std::optional<Exit> parse(CLI::App& app, const CommandLine& line);

// For a command that takes nothing but --help. `what` is the sentence of its help.
std::optional<Exit> parse_nothing(std::string_view command, std::string_view what, const CommandLine& line);

}  // namespace smalldb::cli
