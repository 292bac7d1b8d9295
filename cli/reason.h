// Why the answers of a run are not linearizable.
#pragma once

#include <optional>

#include "reports/reason.h"
#include "scenarios/run.h"

namespace smalldb::cli {

// Runs what came out as `result` once more, this time with an ear for its history, and explains that. Nothing if the
// run did not violate linearizability. A run that is well costs nothing, so that nobody has to keep a history in case.
std::optional<reports::Reason> reason_of(const scenarios::Result& result);

}  // namespace smalldb::cli
