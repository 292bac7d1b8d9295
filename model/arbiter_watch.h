// Looks from time to time whether the arbiter would answer, for those who run the store: while both nodes are well
// nobody asks it, and nobody would miss it before the takeover.
//
// It asks in the way in which one claims, so that it fails where a claim would: a tie breaker on a connection of its
// own each time, with Ping, which grants nothing; a shared lock by a file that is no epoch's, a new one each time,
// for a full volume takes what is written to an old one. It takes the old one's place once it has been written and
// synced. An operator cannot be asked, and with no arbiter there is nothing to ask.
//
// Nothing that a node decides rests on what is seen here (decision 0040).
#pragma once

#include <cstdint>
#include <optional>

#include "model/ids.h"
#include "model/machine.h"
#include "model/messages.h"
#include "model/settings.h"

namespace smalldb {

class ArbiterWatch {
 public:
  // `timer` is the machine's timer for asking again.
  ArbiterWatch(const NodeConfig& config, TimerId timer);

  // Whether the arbiter has answered what it was last asked, or a claim since, before it was asked again. Nothing:
  // nobody asks, or there has not been an answer to wait for yet.
  std::optional<bool> reachable() const { return reachable_; }
  bool owns(Link link) const { return link_ && link_->link() == link; }

  // Asks for the first time, if anybody is to be asked.
  void start(const Moment& moment, Effects& effects);
  // Events for the watch. `held`: the epoch of the node's log, stamped on its message (S12).
  void on_timer(const Moment& moment, Effects& effects);
  void on_connected(Epoch held, Incarnation incarnation, Effects& effects);
  void on_closed();
  void on_received(const Bytes& bytes, Effects& effects);
  // REQUIRES: owner_of(done.token) == DiskOwner::arbiter_watch.
  void on_disk_done(const DiskDone& done, Effects& effects);
  // A claim of this node has got its verdict: no answer to anything else says more.
  void on_verdict(Effects& effects);

 private:
  // Of asking a shared lock, in their order.
  enum class LockStep : std::uint8_t { write, rename, sync_directory };

  bool may_ask() const;
  void ask(Effects& effects);
  void take(LockStep step, Effects& effects);
  void hang_up(bool answered, Effects& effects);

  ArbiterKind kind_;
  ProcessId self_;
  ProcessId arbiter_;
  Duration every_;
  TimerId timer_;

  std::optional<bool> reachable_;
  bool asked_ = false;  // and not answered
  std::optional<PeerLink> link_;
  FrameReader frames_;
  LockStep lock_step_ = LockStep::write;
  std::uint64_t disk_sequence_ = 0;
};

}  // namespace smalldb
