// Why answers of a run should not have left.
#pragma once

#include <vector>

#include "reports/why.h"
#include "scenarios/run.h"

namespace smalldb::cli {

// Runs what came out as `result` once more and follows the answers that its violated properties point at. Nothing if
// none points at one.
std::vector<reports::Why> whys_of(const scenarios::Result& result);

}  // namespace smalldb::cli
