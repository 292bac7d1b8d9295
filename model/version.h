// Which version of the programs this is.
#pragma once

#include <string_view>

namespace smalldb {

// "0.1.0 (commit 0a1b2c3d4e)". In the library smalldb_version, apart from the model: it changes with every commit.
std::string_view version();

}  // namespace smalldb
