#include "model/arbiter_watch.h"

#include <string>
#include <utility>
#include <variant>

#include "model/claimer.h"
#include "model/codec.h"
#include "model/data_directory.h"

namespace smalldb {

ArbiterWatch::ArbiterWatch(const NodeConfig& config, TimerId timer)
    : kind_(config.arbiter_kind),
      self_(config.self),
      arbiter_(config.arbiter),
      every_(config.settings.arbiter_ping_every),
      timer_(timer) {}

void ArbiterWatch::start(const Moment& moment, Effects& effects) {
  if (may_ask()) on_timer(moment, effects);
}

bool ArbiterWatch::may_ask() const {
  const bool is_anybody = kind_ == ArbiterKind::tie_breaker || kind_ == ArbiterKind::shared_lock;
  return is_anybody && every_ > Duration{};
}

void ArbiterWatch::on_timer(const Moment& moment, Effects& effects) {
  effects.set_timer(timer_, moment.now + every_);
  if (asked_) reachable_ = false;
  ask(effects);
}

void ArbiterWatch::ask(Effects& effects) {
  if (kind_ == ArbiterKind::tie_breaker) {
    if (link_) effects.close(*link_);
    link_ = effects.connect(arbiter_, Port::arbiter);
    frames_ = {};
  } else if (!asked_) {  // else the volume has one to answer already, and gets no more
    take(LockStep::write, effects);
  }
  asked_ = true;
}

void ArbiterWatch::take(LockStep step, Effects& effects) {
  lock_step_ = step;
  const std::string file = "ping-" + std::to_string(static_cast<std::uint32_t>(self_));
  const std::string new_file = file + "-new";
  const DiskToken token = make_token(DiskOwner::arbiter_watch, ++disk_sequence_);
  switch (step) {
    case LockStep::write: {
      std::string bytes;
      Writer(bytes).u64(disk_sequence_);
      bytes.resize(Claimer::claim_size);
      return effects.write_synced(token, new_file, 0, Bytes::copy(bytes), Volume::shared);
    }
    case LockStep::rename: return effects.rename(token, new_file, file, Volume::shared);
    case LockStep::sync_directory: return effects.sync_directory(token, Volume::shared);
  }
}

void ArbiterWatch::on_connected(Epoch held, Incarnation incarnation, Effects& effects) {
  effects.send(*link_, encode(held, incarnation, Ping{}));
}

void ArbiterWatch::on_closed() {
  link_.reset();
  asked_ = false;
  reachable_ = false;
}

void ArbiterWatch::on_received(const Bytes& bytes, Effects& effects) {
  frames_.take(bytes);
  const std::optional<Bytes> frame = frames_.broken() ? std::nullopt : frames_.next();
  if (!frame && !frames_.broken()) return;
  const std::optional<Message> message = frame ? decode_frame(*frame) : std::nullopt;
  hang_up(message && std::holds_alternative<Pong>(message->body), effects);
}

void ArbiterWatch::hang_up(bool answered, Effects& effects) {
  effects.close(*link_);
  on_closed();
  reachable_ = answered;
}

void ArbiterWatch::on_verdict(Effects& effects) {
  if (link_) hang_up(true, effects);
  if (may_ask()) reachable_ = true;
}

void ArbiterWatch::on_disk_done(const DiskDone& done, Effects& effects) {
  if (done.status == DiskStatus::ok && lock_step_ != LockStep::sync_directory) {
    return take(static_cast<LockStep>(static_cast<std::uint8_t>(lock_step_) + 1), effects);
  }
  asked_ = false;
  reachable_ = done.status == DiskStatus::ok;
}

}  // namespace smalldb
