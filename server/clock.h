// The clocks of the machine that the server runs on, as a Moment.
#pragma once

#include "model/time.h"

namespace smalldb::server {

// Now. The instant is CLOCK_BOOTTIME: it goes on while the machine is suspended, so a lease does not outlive a lid that
// was shut (S8).
Moment read_clocks();

}  // namespace smalldb::server
