#include "model/claimer.h"

#include <array>
#include <cstdio>
#include <utility>

#include "model/codec.h"
#include "model/crc32c.h"
#include "model/data_directory.h"

namespace smalldb {

Claimer::Claimer(const NodeConfig& config, TimerId retry_timer)
    : kind_(config.arbiter_kind),
      arbiter_before_live_(config.rules.arbiter_before_live),
      self_(config.self),
      arbiter_(config.arbiter),
      retry_after_(config.settings.retry_after),
      retry_timer_(retry_timer) {}

std::optional<ClaimResult> Claimer::claim(Epoch epoch, const Claimant& claimant, const Moment& moment,
                                          Effects& effects) {
  if (wanted_ == epoch) return std::nullopt;
  finish(effects);
  wanted_ = epoch;
  claimant_ = claimant;
  if (kind_ == ArbiterKind::none || !arbiter_before_live_) return ClaimResult{epoch, claimant.directory, self_};
  ask(moment, effects);
  return std::nullopt;
}

std::optional<ClaimResult> Claimer::promote() {
  if (!waits_for_operator()) return std::nullopt;
  return ClaimResult{*wanted_, claimant_.directory, self_};
}

void Claimer::withdraw(Effects& effects) {
  if (!may_have_reached_) finish(effects);
}

void Claimer::finish(Effects& effects) {
  wanted_.reset();
  may_have_reached_ = false;
  lock_step_ = LockStep::none;
  effects.cancel_timer(retry_timer_);
  if (link_) effects.close(*link_);
  link_.reset();
  connected_ = false;
}

Bytes Claimer::claim_message() const {
  const Claim claim{*wanted_, claimant_.directory, self_, claimant_.founder};
  return encode(wanted_->previous(), claimant_.incarnation, claim);
}

void Claimer::ask(const Moment& moment, Effects& effects) {
  if (kind_ == ArbiterKind::tie_breaker) {
    if (!link_) {
      link_ = effects.connect(arbiter_, Port::arbiter);
      frames_ = {};
    } else if (connected_) {
      effects.send(*link_, claim_message());
      may_have_reached_ = true;
    }
    ask_later(moment, effects);
  } else if (kind_ == ArbiterKind::shared_lock) {
    if (lock_step_ != LockStep::none) return;
    lock_claimed_ = *wanted_;
    next_lock_step(*wanted_ == Epoch{1} ? LockStep::write : LockStep::read_founder, effects);
  }
}

void Claimer::ask_later(const Moment& moment, Effects& effects) {
  effects.set_timer(retry_timer_, moment.now + retry_after_);
}

void Claimer::on_retry_timer(const Moment& moment, Effects& effects) {
  if (claiming()) ask(moment, effects);
}

void Claimer::on_connected(Effects& effects) {
  connected_ = true;
  effects.send(*link_, claim_message());
  may_have_reached_ = true;
}

void Claimer::on_closed(const Moment& moment, Effects& effects) {
  link_.reset();
  connected_ = false;
  ask_later(moment, effects);
}

std::optional<ClaimResult> Claimer::on_received(const Bytes& bytes, const Moment& moment, Effects& effects) {
  frames_.take(bytes);
  while (!frames_.broken()) {
    const std::optional<Bytes> frame = frames_.next();
    if (!frame && frames_.broken()) break;
    if (!frame) return std::nullopt;
    const std::optional<Message> message = decode_frame(*frame);
    if (!message) break;
    const Verdict* verdict = std::get_if<Verdict>(&message->body);
    if (verdict != nullptr && verdict->claimed == wanted_) {
      return ClaimResult{verdict->claimed, verdict->winner, verdict->node, message->epoch > verdict->claimed};
    }
    if (verdict != nullptr && verdict->claimed == Epoch{1} && verdict->winner != claimant_.founder) {
      return ClaimResult{*wanted_, verdict->winner, verdict->node, false, true};
    }
  }
  effects.close(*link_);
  on_closed(moment, effects);
  return std::nullopt;
}

// ---- shared_lock -------------------------------------------------------------------------------------------------

namespace {

std::string epoch_digits(Epoch epoch) {
  std::array<char, 24> digits;
  std::snprintf(digits.data(), digits.size(), "%012llu", static_cast<unsigned long long>(epoch.value));
  return digits.data();
}

}  // namespace

std::string epoch_file(Epoch epoch) { return "epoch-" + epoch_digits(epoch); }

Bytes encode_claim(const ClaimResult& claim) {
  std::string bytes;
  Writer(bytes).u64(claim.epoch.value).u64(claim.winner.high).u64(claim.winner.low);
  Writer(bytes).u32(static_cast<std::uint32_t>(claim.node)).u32(crc32c(bytes));
  return Bytes::copy(bytes);
}

std::optional<ClaimResult> decode_claim(std::string_view bytes) {
  if (bytes.size() != Claimer::claim_size) return std::nullopt;
  Reader reader(bytes);
  ClaimResult result;
  result.epoch = {reader.u64()};
  result.winner.high = reader.u64();
  result.winner.low = reader.u64();
  result.node = ProcessId{reader.u32()};
  if (reader.u32() != crc32c(bytes.substr(0, Claimer::claim_size - 4))) return std::nullopt;
  return result;
}

std::string Claimer::claim_file() const {
  std::array<char, 40> digits;
  std::snprintf(digits.data(), digits.size(), "%016llx%016llx",
                static_cast<unsigned long long>(claimant_.directory.high),
                static_cast<unsigned long long>(claimant_.directory.low));
  return "claim-" + epoch_digits(lock_claimed_) + "-" + digits.data();
}

Bytes Claimer::claim_bytes() const {
  const bool is_for_founder = lock_claimed_ != *wanted_;
  return encode_claim(
      {lock_claimed_, is_for_founder ? claimant_.founder : claimant_.directory, is_for_founder ? no_process : self_});
}

void Claimer::next_lock_step(LockStep step, Effects& effects) {
  lock_step_ = step;
  const DiskToken token = make_token(DiskOwner::claimer, ++disk_sequence_);
  switch (step) {
    case LockStep::none: break;
    case LockStep::write: effects.write_synced(token, claim_file(), 0, claim_bytes(), Volume::shared); break;
    case LockStep::link:
      effects.link(token, claim_file(), epoch_file(lock_claimed_), Volume::shared);
      may_have_reached_ = lock_claimed_ == *wanted_;
      break;
    case LockStep::sync: effects.sync_directory(token, Volume::shared); break;
    case LockStep::read_founder:
    case LockStep::read:
    case LockStep::read_later:
      lock_read_ = step == LockStep::read_founder ? Epoch{1} : step == LockStep::read ? *wanted_ : lock_read_.next();
      effects.read(token, epoch_file(lock_read_), 0, claim_size, Volume::shared);
      break;
  }
}

std::optional<ClaimResult> Claimer::on_disk_done(const DiskDone& done, const Moment& moment, Effects& effects) {
  if (done.token != make_token(DiskOwner::claimer, disk_sequence_)) return std::nullopt;  // of a claim given up
  const LockStep step = std::exchange(lock_step_, LockStep::none);
  if (step == LockStep::none) return std::nullopt;
  if (step == LockStep::read_founder) return on_founder_read(done, moment, effects);
  if (step == LockStep::read || step == LockStep::read_later) return on_lock_read(done, step, moment, effects);
  const bool taken = step == LockStep::link && done.status == DiskStatus::exists;
  if (step == LockStep::link) lock_taken_ = taken;
  if (done.status != DiskStatus::ok && !taken) {
    ask_later(moment, effects);
  } else if (step == LockStep::sync && lock_claimed_ != *wanted_) {
    next_lock_step(LockStep::read_founder, effects);
  } else {
    next_lock_step(static_cast<LockStep>(static_cast<std::uint8_t>(step) + 1), effects);
  }
  return std::nullopt;
}

std::optional<ClaimResult> Claimer::on_founder_read(const DiskDone& done, const Moment& moment, Effects& effects) {
  const std::optional<ClaimResult> read = decode_claim(done.bytes.view());
  const bool is_there = done.status == DiskStatus::ok && read && read->epoch == Epoch{1};
  if (is_there && read->winner != claimant_.founder) {
    return ClaimResult{*wanted_, read->winner, read->node, false, true};
  }
  if (is_there || done.status == DiskStatus::not_found) {
    lock_claimed_ = is_there ? *wanted_ : Epoch{1};
    next_lock_step(LockStep::write, effects);
  } else {
    ask_later(moment, effects);
  }
  return std::nullopt;
}

// An epoch that was this directory's before it was claimed may be over.
std::optional<ClaimResult> Claimer::on_lock_read(const DiskDone& done, LockStep step, const Moment& moment,
                                                 Effects& effects) {
  const bool is_last = step == LockStep::read_later && done.status == DiskStatus::not_found;
  if (is_last) return ClaimResult{*wanted_, claimant_.directory, self_};
  const std::optional<ClaimResult> read = decode_claim(done.bytes.view());
  if (done.status != DiskStatus::ok || !read || read->epoch != lock_read_) {
    ask_later(moment, effects);
    return std::nullopt;
  }
  if (read->winner == claimant_.directory && lock_taken_) {
    next_lock_step(LockStep::read_later, effects);
    return std::nullopt;
  }
  if (step == LockStep::read) return read;
  return ClaimResult{*wanted_, claimant_.directory, self_, true};
}

}  // namespace smalldb
