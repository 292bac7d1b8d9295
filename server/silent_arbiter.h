// Tells the operator that the arbiter does not answer a claim. The machine notes it as soon as it has asked in vain
// once (NoteKind::arbiter_unreachable): so it does in a takeover in which all is well, if the arbiter's disk is busy
// and takes longer than that over the grant. It is worth a warning when it lasts.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <vector>

#include "model/ids.h"
#include "model/node_status.h"
#include "server/journal.h"

namespace smalldb::server {

class SilentArbiter {
 public:
  // `status`: of the node, now. `patience`: how long the arbiter may be silent before it is said.
  SilentArbiter(boost::asio::io_context& loop, Journal& journal, std::function<NodeStatus()> status,
                std::chrono::nanoseconds patience = std::chrono::seconds(1));

  // The node has asked for `wanted` in vain. Warns with these fields later, if it asks for that then.
  void on_note(Epoch wanted, std::vector<Journal::Field> fields);

 private:
  Journal& journal_;
  std::function<NodeStatus()> status_;
  std::chrono::nanoseconds patience_;
  boost::asio::steady_timer timer_;
};

}  // namespace smalldb::server
