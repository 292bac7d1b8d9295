// Asks the arbiter for an epoch (F5, S2), whichever kind of arbiter there is, and goes on asking until there is an
// answer.
//
// Claims are idempotent, so a claim whose answer got lost is simply made again. Once a claim may have reached the
// arbiter it is pursued to its answer: a register won and not known of would lock everybody out.
//
// shared_lock, on the volume that all nodes mount, works as on NFS, where a lost reply makes an exclusive creation look
// like a failure: write and sync a file of our own, link it to the name `epoch-N` (which fails if that is taken), sync
// the directory, and believe what `epoch-N` then holds, whoever made it. Where the name was taken by oneself before,
// whoever has the epochs behind it is looked up, too. Before an epoch beyond the first is asked for, `epoch-1` is read:
// it tells which store the volume is of, and where there is none, it is made for the claimant's founder.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "model/ids.h"
#include "model/machine.h"
#include "model/messages.h"
#include "model/settings.h"

namespace smalldb {

// Who claims, and for which store.
struct Claimant {
  DirectoryId directory;
  DirectoryId founder;  // Configuration::founder() of its log
  Incarnation incarnation;
};

// Who has an epoch.
struct ClaimResult {
  Epoch epoch;
  DirectoryId winner;
  ProcessId node = no_process;
  bool over = false;  // somebody else has a later one: the winner, too, is not to serve in this one any more
  // The arbiter's store is another than the claimant's, founded by `winner`; nothing was granted.
  bool other_store = false;
};

// What a shared lock holds of an epoch, and in which file. Decoding takes nothing for what is damaged.
std::string epoch_file(Epoch epoch);
Bytes encode_claim(const ClaimResult& claim);  // its epoch, winner and node
std::optional<ClaimResult> decode_claim(std::string_view bytes);

class Claimer {
 public:
  // Bytes of a claim's file on a shared lock.
  static constexpr std::size_t claim_size = 8 + 8 + 8 + 4 + 4;

  // `retry_timer` is the machine's timer for asking again.
  Claimer(const NodeConfig& config, TimerId retry_timer);

  // Begins to claim `epoch`. Does nothing if that claim is already being made. The result comes at once with `none` and
  // with the rule arbiter_before_live switched off.
  std::optional<ClaimResult> claim(Epoch epoch, const Claimant& claimant, const Moment& moment, Effects& effects);
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
  enum class LockStep : std::uint8_t { none, read_founder, write, link, sync, read, read_later };

  Bytes claim_message() const;
  void ask(const Moment& moment, Effects& effects);
  void next_lock_step(LockStep step, Effects& effects);
  std::optional<ClaimResult> on_founder_read(const DiskDone& done, const Moment& moment, Effects& effects);
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
  Claimant claimant_;
  bool may_have_reached_ = false;

  std::optional<PeerLink> link_;
  bool connected_ = false;
  FrameReader frames_;

  LockStep lock_step_ = LockStep::none;
  Epoch lock_claimed_;       // `wanted_`; or epoch 1 for the founder, of whom the volume does not know
  bool lock_taken_ = false;  // the name of that epoch was, by whomever
  Epoch lock_read_;          // the epoch whose file is being read
  std::uint64_t disk_sequence_ = 0;
};

}  // namespace smalldb
