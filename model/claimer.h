// Asks the arbiter for an epoch (F5, S2), whichever kind of arbiter there is, and goes on asking until there is an
// answer.
//
// Claims are idempotent, so a claim whose answer got lost is simply made again. Once a claim may have reached the
// arbiter it is pursued to its answer: a register won and not known of would lock everybody out.
//
// shared_lock, on the volume that all nodes mount, works as on NFS, where a lost reply makes an exclusive creation look
// like a failure: write and sync a file of our own, link it to the name `epoch-N` (which fails if that is taken), sync
// the directory, and believe what `epoch-N` then holds, whoever made it. Where the name was taken by oneself before,
// whoever has the epochs behind it is looked up, too.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "model/ids.h"
#include "model/machine.h"
#include "model/messages.h"
#include "model/settings.h"

namespace smalldb {

// Who has an epoch.
struct ClaimResult {
  Epoch epoch;
  DirectoryId winner;
  ProcessId node = no_process;
  bool over = false;  // somebody else has a later one: the winner, too, is not to serve in this one any more
};

class Claimer {
 public:
  // `retry_timer` is the machine's timer for asking again.
  Claimer(const NodeConfig& config, TimerId retry_timer);

  // Begins to claim `epoch` for `directory`. Does nothing if that claim is already being made. `held`: the epoch of the
  // claimer's log, stamped on its messages (S12). The result comes at once with `none` and with the rule
  // arbiter_before_live switched off.
  std::optional<ClaimResult> claim(Epoch epoch, DirectoryId directory, Incarnation incarnation, const Moment& moment,
                                   Effects& effects);
  // The operator says go (manual).
  std::optional<ClaimResult> promote();
  // Stops asking, unless the claim may already have reached the arbiter.
  void withdraw(Effects& effects);
  // The answer came, or is of no more interest.
  void finish(Effects& effects);
  // The answer came at a time when it could not be followed: asks again after a while.
  void ask_later(const Moment& moment, Effects& effects);

  bool claiming() const { return wanted_.has_value(); }
  // The epoch being claimed. REQUIRES: claiming().
  Epoch wanted() const { return *wanted_; }
  bool waits_for_operator() const { return claiming() && kind_ == ArbiterKind::manual; }
  bool owns(Link link) const { return link_ && link_->link() == link; }

  // Events for the claimer. A result ends the claim.
  void on_retry_timer(const Moment& moment, Effects& effects);
  void on_connected(Effects& effects);
  void on_closed(const Moment& moment, Effects& effects);
  std::optional<ClaimResult> on_received(const Bytes& bytes, const Moment& moment, Effects& effects);
  std::optional<ClaimResult> on_disk_done(const DiskDone& done, const Moment& moment, Effects& effects);

 private:
  enum class LockStep : std::uint8_t { none, write, link, sync, read, read_later };

  void ask(const Moment& moment, Effects& effects);
  void next_lock_step(LockStep step, Effects& effects);
  std::optional<ClaimResult> on_lock_read(const DiskDone& done, LockStep step, const Moment& moment, Effects& effects);
  std::string claim_file() const;
  Bytes claim_bytes() const;

  ArbiterKind kind_;
  bool arbiter_before_live_;
  ProcessId self_;
  ProcessId arbiter_;
  Duration retry_after_;
  TimerId retry_timer_;

  std::optional<Epoch> wanted_;
  DirectoryId directory_;
  Incarnation incarnation_;
  bool may_have_reached_ = false;

  std::optional<PeerLink> link_;
  bool connected_ = false;
  FrameReader frames_;

  LockStep lock_step_ = LockStep::none;
  bool lock_taken_ = false;  // the name of the epoch was, by whomever
  Epoch lock_read_;          // the epoch whose file is being read
  std::uint64_t disk_sequence_ = 0;
};

}  // namespace smalldb
