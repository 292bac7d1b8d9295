// What every command of smalldb-sim is: a function from a command line to an exit code.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/version.h"

namespace smalldb::cli {

// What the program says with its exit code.
enum Exit : int {
  as_expected = 0,
  not_as_expected = 1,  // a property was violated that should hold, or another expectation was not met
  unknown = 2,          // it could not be judged: the run did not come to its end
  bad_input = 3,        // a person's mistake: in the scenario, or on the command line
  failed = 4,           // the simulator itself, or what it stands on
};

// Of several, the one that is told: the worst, and a certain one before an uncertain one.
Exit worse(Exit one, Exit other);

struct CommandLine {
  std::string program;                 // as the user called it
  std::vector<std::string> arguments;  // after the command's name
};

// One command in each file of this folder.
Exit run(const CommandLine& line);
Exit check(const CommandLine& line);
Exit fuzz(const CommandLine& line);
Exit replay(const CommandLine& line);
Exit diff(const CommandLine& line);
Exit shrink(const CommandLine& line);
Exit merge(const CommandLine& line);
Exit validate(const CommandLine& line);
Exit list_properties(const CommandLine& line);
Exit list_conditions(const CommandLine& line);
Exit list_faults(const CommandLine& line);
Exit list_occurrences(const CommandLine& line);

// "smalldb-sim 0.1.0 (commit 0a1b2c3d4e)".
std::string program_name();
// "g++ 12.2.0, Release -O2, x86_64".
std::string_view compiler();

}  // namespace smalldb::cli
