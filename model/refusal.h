// Refusals: the answers that need not pass the output gate, because they say nothing of the store's state.
#pragma once

#include "model/machine.h"
#include "model/request.h"

namespace smalldb {

// "Not here, not now": the framed Response to `request` with `reason` and, if known, where the primary is.
// REQUIRES: is_refusal(reason).
struct RefusalMaker {
  static Refusal make(const Request& request, Status reason, ProcessId primary = no_process);
};

}  // namespace smalldb
