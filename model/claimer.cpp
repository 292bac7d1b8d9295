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

std::optional<ClaimResult> Claimer::claim(Epoch epoch, DirectoryId directory, Incarnation incarnation,
                                          const Moment& moment, Effects& effects) {
  if (wanted_ == epoch) return std::nullopt;
  finish(effects);
  wanted_ = epoch;
  directory_ = directory;
  incarnation_ = incarnation;
  if (kind_ == ArbiterKind::none || !arbiter_before_live_) return ClaimResult{epoch, directory, self_};
  ask(moment, effects);
  return std::nullopt;
}

std::optional<ClaimResult> Claimer::promote() {
  if (!waits_for_operator()) return std::nullopt;
  return ClaimResult{*wanted_, directory_, self_};
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

void Claimer::ask(const Moment& moment, Effects& effects) {
  if (kind_ == ArbiterKind::tie_breaker) {
    if (!link_) {
      link_ = effects.connect(arbiter_, Port::arbiter);
      frames_ = {};
    } else if (connected_) {
      effects.send(*link_, encode(wanted_->previous(), incarnation_, Claim{*wanted_, directory_, self_}));
      may_have_reached_ = true;
    }
    ask_later(moment, effects);
  } else if (kind_ == ArbiterKind::shared_lock) {
    if (lock_step_ == LockStep::none) next_lock_step(LockStep::write, effects);
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
  effects.send(*link_, encode(wanted_->previous(), incarnation_, Claim{*wanted_, directory_, self_}));
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
  }
  effects.close(*link_);
  on_closed(moment, effects);
  return std::nullopt;
}

// ---- shared_lock -------------------------------------------------------------------------------------------------

namespace {

constexpr std::size_t claim_size = 8 + 8 + 8 + 4 + 4;

std::string epoch_digits(Epoch epoch) {
  std::array<char, 24> digits;
  std::snprintf(digits.data(), digits.size(), "%012llu", static_cast<unsigned long long>(epoch.value));
  return digits.data();
}

std::string epoch_file(Epoch epoch) { return "epoch-" + epoch_digits(epoch); }

std::optional<ClaimResult> decode_claim(std::string_view bytes) {
  if (bytes.size() != claim_size) return std::nullopt;
  Reader reader(bytes);
  ClaimResult result;
  result.epoch = {reader.u64()};
  result.winner.high = reader.u64();
  result.winner.low = reader.u64();
  result.node = ProcessId{reader.u32()};
  if (reader.u32() != crc32c(bytes.substr(0, claim_size - 4))) return std::nullopt;
  return result;
}

}  // namespace

std::string Claimer::claim_file() const {
  std::array<char, 40> digits;
  std::snprintf(digits.data(), digits.size(), "%016llx%016llx", static_cast<unsigned long long>(directory_.high),
                static_cast<unsigned long long>(directory_.low));
  return "claim-" + epoch_digits(*wanted_) + "-" + digits.data();
}

Bytes Claimer::claim_bytes() const {
  std::string bytes;
  Writer(bytes).u64(wanted_->value).u64(directory_.high).u64(directory_.low).u32(static_cast<std::uint32_t>(self_));
  Writer(bytes).u32(crc32c(bytes));
  return Bytes::copy(bytes);
}

void Claimer::next_lock_step(LockStep step, Effects& effects) {
  lock_step_ = step;
  const DiskToken token = make_token(DiskOwner::claimer, ++disk_sequence_);
  switch (step) {
    case LockStep::none: break;
    case LockStep::write: effects.write_synced(token, claim_file(), 0, claim_bytes(), Volume::shared); break;
    case LockStep::link:
      effects.link(token, claim_file(), epoch_file(*wanted_), Volume::shared);
      may_have_reached_ = true;
      break;
    case LockStep::sync: effects.sync_directory(token, Volume::shared); break;
    case LockStep::read:
    case LockStep::read_later:
      lock_read_ = step == LockStep::read ? *wanted_ : lock_read_.next();
      effects.read(token, epoch_file(lock_read_), 0, claim_size, Volume::shared);
      break;
  }
}

std::optional<ClaimResult> Claimer::on_disk_done(const DiskDone& done, const Moment& moment, Effects& effects) {
  if (done.token != make_token(DiskOwner::claimer, disk_sequence_)) return std::nullopt;  // of a claim given up
  const LockStep step = std::exchange(lock_step_, LockStep::none);
  if (step == LockStep::none) return std::nullopt;
  if (step == LockStep::read || step == LockStep::read_later) return on_lock_read(done, step, moment, effects);
  const bool taken = step == LockStep::link && done.status == DiskStatus::exists;
  if (step == LockStep::link) lock_taken_ = taken;
  if (done.status == DiskStatus::ok || taken) {
    next_lock_step(static_cast<LockStep>(static_cast<std::uint8_t>(step) + 1), effects);
  } else {
    ask_later(moment, effects);
  }
  return std::nullopt;
}

// An epoch that was this directory's before it was claimed may be over.
std::optional<ClaimResult> Claimer::on_lock_read(const DiskDone& done, LockStep step, const Moment& moment,
                                                 Effects& effects) {
  const bool is_last = step == LockStep::read_later && done.status == DiskStatus::not_found;
  if (is_last) return ClaimResult{*wanted_, directory_, self_};
  const std::optional<ClaimResult> read = decode_claim(done.bytes.view());
  if (done.status != DiskStatus::ok || !read || read->epoch != lock_read_) {
    ask_later(moment, effects);
    return std::nullopt;
  }
  if (read->winner == directory_ && lock_taken_) {
    next_lock_step(LockStep::read_later, effects);
    return std::nullopt;
  }
  if (step == LockStep::read) return read;
  return ClaimResult{*wanted_, directory_, self_, true};
}

}  // namespace smalldb
