// What stands in a file that a command line names.
#pragma once

#include <optional>
#include <string>

namespace smalldb::cli {

// As errors call it: - is standard input.
std::string shown_name(const std::string& file);

// As what is written to be kept calls it: the same, but where an absolute name lies below the directory in which the
// program was started, from there. What lies above is of one machine.
std::string kept_name(const std::string& file);

// All of it; or nothing, and why, in the words of the system: it is not there, a directory, a device that has no end.
std::optional<std::string> read_file(const std::string& file, std::string& why);

}  // namespace smalldb::cli
