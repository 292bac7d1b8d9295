// Which version of the programs this is.
#pragma once

#include <string_view>

namespace smalldb {

// "0.1.0 (commit 0a1b2c3d4e)", or "... with changes 1b2c3d4e5f)", a hash of them. In a library apart, smalldb_version.
std::string_view version();

}  // namespace smalldb
