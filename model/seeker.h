// A node that follows nobody and serves nobody: looks for a primary, node by node, and when it has found none for a
// while asks the arbiter for the next epoch, if it may (S3, S4). Every node starts here, and comes back when it is
// fenced or loses its primary.
#pragma once

#include <cstddef>
#include <optional>

#include "model/ids.h"
#include "model/machine.h"
#include "model/replica.h"
#include "model/role.h"

namespace smalldb {

class Seeker {
 public:
  // `retry_timer`: the machine's timer for the next attempt. Who has been handed over to looks for nobody yet.
  Seeker(Replica& replica, const next::Seek& seek, TimerId retry_timer, Effects& effects);

  void on_connected(Replica& replica, Effects& effects);
  Next on_link_closed(Replica& replica, Link link, Effects& effects);
  Next on_message(Replica& replica, const PeerMessage& message, Effects& effects);
  Next on_heartbeat(Replica& replica, ProcessId from, const Message& message, Effects& effects);
  void on_retry_timer(Replica& replica, Effects& effects);
  Next on_tick(Replica& replica, Effects& effects);

  // The connection being tried, and with whom.
  const std::optional<PeerLink>& link() const { return link_; }
  ProcessId target() const { return target_; }

  // Gives up looking.
  void leave(Effects& effects);

 private:
  void try_next(Replica& replica, Effects& effects);
  void try_node(Replica& replica, ProcessId node, Effects& effects);
  void try_next_later(Replica& replica, Effects& effects);
  ProcessId next_node(const Replica& replica);

  TimerId retry_timer_;
  Instant began_;
  ProcessId target_ = no_process;
  ProcessId hint_ = no_process;   // whom to try next, if anybody
  std::size_t position_ = 0;      // in the list of nodes, for trying one after the other
  std::optional<PeerLink> link_;  // to target_
  bool knows_nobody_ = false;     // whom it could try: no timer runs
};

}  // namespace smalldb
