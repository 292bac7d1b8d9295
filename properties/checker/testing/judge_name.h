// Whether what a violation is called is true of the operations that it is said of, by the definition.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "properties/checker/check.h"
#include "properties/checker/history.h"

namespace smalldb::checker::testing {

// Empty if it is true; or else which of its claims is not. REQUIRES: all operations at `positions` are of one key, and
// few.
std::string wrong_name(const History& history, std::span<const std::uint32_t> positions, const Violation& violation);

}  // namespace smalldb::checker::testing
