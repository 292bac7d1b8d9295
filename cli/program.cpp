#include "cli/command.h"

namespace smalldb::cli {

std::string program_name() { return "smalldb-sim " + std::string(version()); }

}  // namespace smalldb::cli
