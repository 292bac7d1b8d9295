// What may happen: one for every slot of the event queue, as plain data.
#pragma once

#include <cstdint>

#include "model/bytes.h"
#include "model/machine.h"
#include "sim/event_queue.h"
#include "sim/trace.h"

namespace smalldb::sim {

struct Pending {
  enum class Kind : std::uint8_t {
    none,
    start,             // of `process`
    timer,             // index: the timer
    input,             // number: its number; bytes
    arrival,           // index: the flow (2 * connection + side) whose first segment reaches `process`
    flow_timeout,      // index: the flow whose sender `process` loses patience
    datagram,          // peer: the sender; number, copy; bytes
    disk,              // index: the operation of `process` that takes effect
    disk_unreachable,  // index: the operation of `process` on the shared volume that gets no answer
    backlog,           // `process` can take the next event that waited
    fault_end,         // index: the fault
  };

  Kind kind = Kind::none;
  bool waiting = false;  // in the backlog of `process`, and not in the queue
  ProcessId process = no_process;
  ProcessId peer = no_process;
  std::uint32_t index = 0;
  EventIndex cause = no_event;
  std::uint64_t number = 0;
  std::uint64_t copy = 0;
  Bytes bytes = {};
};

}  // namespace smalldb::sim
