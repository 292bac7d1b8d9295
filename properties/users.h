// The operations of users that are not completed, and the requests by which their clients sent them.
//
// A client may let operations wait before it sends them, and send one again, under the same name (session and request
// number) or, when its session is gone, under a new one. Which operation a request is for is known by its contents;
// of several that are alike, the one asked for in the step that sends it, else the one that has waited longest.
// Outside of a session a request has no name, and is sent once.
#pragma once

#include <boost/container/small_vector.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "model/client.h"
#include "model/ids.h"
#include "model/machine.h"
#include "model/request.h"
#include "sim/trace.h"

namespace smalldb::properties {

class Users {
 public:
  using Name = std::pair<SessionId, std::uint64_t>;
  struct Operation {
    Invocation invocation;
    sim::EventIndex invoked = sim::no_event;
    boost::container::small_vector<Name, 1> names;  // by which it was sent: nearly always one
  };

  // REQUIRES: process ids below `processes`.
  explicit Users(std::size_t processes) : desks_(processes) {}

  void invoked(ProcessId client, const Invocation& invocation, sim::EventIndex event);
  // The operation that `request` sends under a new name, or without one; null if it is known by that name, or for none.
  // `cause`: of the sending. Valid until the next call.
  const Operation* sent(ProcessId client, const Request& request, sim::EventIndex cause);
  // It is completed. Nothing if there is no such operation.
  std::optional<Operation> completed(ProcessId client, std::uint64_t number);
  // The uncompleted operation of the client that goes by this name; null if there is none. Valid until the next call.
  const Operation* find(ProcessId client, const Name& name) const;
  // Whose uncompleted operation goes by this name; no_process if it is nobody's.
  ProcessId who_sent(const Name& name) const;
  // The client is gone, and its operations with it.
  void gone(ProcessId client);

 private:
  struct Desk {
    std::vector<Operation> waiting;  // from `next` on, in the order of their invocations
    std::size_t next = 0;
    std::vector<Operation> sent;
  };

  static Operation* take_up(Desk& desk, const Request& request, sim::EventIndex invoked);
  static Operation take_waiting(Desk& desk, std::size_t place);

  std::vector<Desk> desks_;  // by process
};

}  // namespace smalldb::properties
