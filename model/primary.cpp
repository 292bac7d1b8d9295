#include "model/primary.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <utility>

#include "model/assert.h"
#include "model/refusal.h"

namespace smalldb {
namespace {

Bytes answer_bytes(const Replica& replica, Response response) {
  response.epoch = replica.epoch();
  return replica.message(ResponseMessage{std::move(response)});
}

// A clock may be set to anything. A stamp of the far future must not become one of the past, behind which no record may
// come any more: at the end of what can be said, time stands still.
WallTime later(WallTime time, Duration by) {
  WallTime sum;
  if (!__builtin_add_overflow(time.nanoseconds, by.nanoseconds, &sum.nanoseconds)) return sum;
  return {std::numeric_limits<std::int64_t>::max()};
}

}  // namespace

Primary::Primary(Replica& replica, Epoch epoch, Effects& effects)
    : stamped_at_(replica.moment.now), gate_(replica.config.rules, replica.log.durable()) {
  SMALLDB_ASSERT(replica.store.applied() == replica.log.end(), replica.store.applied().value, replica.log.end().value);
  replica.log.keep_from(replica.log.end().next());
  go_alone(replica, epoch, effects);
}

// ---- A request's life -----------------------------------------------------------------------------------------------

Next Primary::on_request(Replica& replica, ClientLink from, const Request& request, Effects& effects) {
  if (takes_requests(replica)) {
    execute(replica, from, request, effects);
  } else if (retiring_) {
    effects.reply(from, RefusalMaker::make(request, Status::not_serving));
  } else if (waiting_.size() < replica.config.settings.waiting_requests_max) {
    waiting_.push_back({from, request});
  } else {
    effects.reply(from, RefusalMaker::make(request, Status::overloaded));
  }
  return {};
}

// Invariants 2 and 5, and the order of arrival. F8: of many requests that one step brings, too.
bool Primary::takes_requests(const Replica& replica) const {
  return serving(replica) && !retiring_ && !flow_control_ && waiting_.empty() && lag() < lag_max(replica);
}

void Primary::execute(Replica& replica, ClientLink from, const Request& request, Effects& effects) {
  if (request.verb == Verb::open_session) make_room_for_session(replica, effects);
  const Admission admission = replica.store.admit(request);
  switch (admission.kind) {
    case Admission::Kind::refused: effects.reply(from, RefusalMaker::make(request, admission.reason)); return;
    case Admission::Kind::answered:
      // F3: executed before, perhaps under another primary. The answer waits like the first one did, and for the
      // backup's word as a read does: nothing that reaches a deposed primary is answered.
      replica.note(effects, NoteKind::answered_from_memory, request.number, request.session.value);
      hold_until_confirmed(replica, from, admission.response, effects);
      return;
    case Admission::Kind::denied: hold_until_confirmed(replica, from, admission.response, effects); return;
    case Admission::Kind::execute: break;
  }
  if (request.verb == Verb::get) {
    hold_until_confirmed(replica, from, replica.store.get(request, replica.epoch()), effects);
    return;
  }
  Response response;
  const Lsn position = append(replica, Operation{request}, &response);
  if (request.verb == Verb::open_session && response.status == Status::ok) {
    replica.note(effects, NoteKind::session_opened, response.revision.value);
  }
  gate_.hold(from, position, answer_bytes(replica, std::move(response)));
}

// S8: reads are outputs too. A primary that was replaced without noticing gets no confirmation, so what it would have
// answered is held for ever instead of being shown: a stale value, or the result of a write that was executed before.
void Primary::hold_until_confirmed(Replica& replica, ClientLink from, Response response, Effects& effects) {
  const Lsn position = response.position;
  Bytes answer = answer_bytes(replica, std::move(response));
  if (!gate_.closed()) {
    gate_.hold(from, position, std::move(answer));
  } else if (lease_holds(replica)) {
    if (!std::exchange(lease_noted_, true)) replica.note(effects, NoteKind::read_under_lease);
    gate_.hold(from, position, std::move(answer));
  } else {
    confirmation_wanted_ = true;
    gate_.hold_read(from, position, confirmation_sent_ + 1, std::move(answer));
  }
}

Lsn Primary::append(Replica& replica, RecordBody body, Response* response) {
  Record record{replica.log.end().next(), replica.epoch(), time(replica), std::move(body)};
  if (const auto* started = std::get_if<EpochStarted>(&record.body)) {
    SMALLDB_ASSERT(started->primary == replica.directory());
    record.epoch = replica.epoch().next();
  }
  stamped_at_ = replica.moment.now;
  const Bytes encoded = encode(record);
  logged_bytes_ += encoded.size();
  replica.log.append(record, encoded);
  Response applied = replica.apply(record, encoded.size());
  if (response != nullptr) *response = std::move(applied);
  return record.lsn;
}

// Where the wall clock is behind what has been stamped, because it was set back or an earlier primary's was ahead, time
// goes on from the last stamp, or no session would ever be seen to be idle.
WallTime Primary::time(const Replica& replica) const {
  const Duration since = replica.moment.now - stamped_at_;
  return std::max(replica.moment.wall, later(replica.store.stamp(), since));
}

// The Output Rule is kept here: in all of smalldb this is the only line that sends an Output. (Refusals say nothing of
// the state.)
void Primary::release_outputs(Replica& replica, Effects& effects) {
  for (const Output& output : gate_.release()) effects.reply(output);
  if (gate_.holds_any() && gate_.closed() && !std::exchange(output_held_noted_, true)) {
    replica.note(effects, NoteKind::output_held, gate_.safe().value);
  }
}

// ---- The end of a step ----------------------------------------------------------------------------------------------

void Primary::finish_step(Replica& replica, Effects& effects) {
  gate_.primary_has(replica.log.durable());
  execute_waiting(replica, effects);
  maybe_append_control_records(replica, effects);
  maybe_close_the_gate(replica, effects);
  maybe_declare(replica, effects);
  ship(replica, effects);
  replica.log.flush(effects);
  release_outputs(replica, effects);
  replica.maybe_checkpoint(gate_.safe(), effects);
  keep_what_the_follower_needs(replica);
}

void Primary::execute_waiting(Replica& replica, Effects& effects) {
  if (!serving(replica)) return;
  const std::uint64_t limit = lag_max(replica);
  while (!waiting_.empty() && lag() < limit) {
    const Waiting waiting = std::move(waiting_.front());
    waiting_.pop_front();
    execute(replica, waiting.from, waiting.request, effects);
  }
  // One request more or less is no change that anybody wants to read of.
  const bool full = lag() >= (flow_control_ ? limit - limit / 4 : limit);
  if (full && !flow_control_) replica.note(effects, NoteKind::flow_control_on, lag());
  if (!full && flow_control_) replica.note(effects, NoteKind::flow_control_off, lag());
  flow_control_ = full;
}

// How far the follower may fall behind before requests wait. For a pair that is little (F8). A comer gets room while it
// takes its snapshot, so that the service goes on (F7), and then has to come closer: the primary takes in half of what
// it acknowledges, so that it catches up under any load, and no request waits for all of it.
std::uint64_t Primary::lag_max(const Replica& replica) const {
  const Settings& settings = replica.config.settings;
  if (!follower_ || replica.log.configuration().backup_standing != BackupStanding::none) {
    return settings.log_buffer_bytes;
  }
  if (follower_->phase != Follower::Phase::streaming) {
    return std::max(settings.join_buffer_bytes, settings.log_buffer_bytes);
  }
  const std::uint64_t near = std::min<std::uint64_t>(settings.chunk_bytes / 2, settings.log_buffer_bytes);
  return std::max(follower_->catch_up_max, near);
}

// F9: what is not deterministic goes through the log. Decided once, here.
void Primary::maybe_append_control_records(Replica& replica, Effects& effects) {
  if (!serving(replica)) return;
  const Settings& settings = replica.config.settings;
  if (replica.config.rules.checkpoint_in_stream && settings.checkpoint_every_bytes > 0 &&
      replica.bytes_since_checkpoint >= settings.checkpoint_every_bytes) {
    append(replica, Checkpoint{});
  }
  const std::optional<WallTime> oldest = replica.store.oldest_session_activity();
  const WallTime cutoff{time(replica).nanoseconds - settings.session_expires_after.nanoseconds};
  if (oldest && *oldest < cutoff) expire_sessions(replica, cutoff, effects);
}

// S9: for one more session than there is room for the one that has been idle for longest goes, if it has been for so
// long that nobody is in the middle of something with it: a takeover, say, and all retries.
void Primary::make_room_for_session(Replica& replica, Effects& effects) {
  const Settings& settings = replica.config.settings;
  const std::optional<WallTime> oldest = replica.store.oldest_session_activity();
  if (!oldest || replica.store.sessions().size() < settings.sessions_max) return;
  const Duration idle = std::max(settings.session_expires_after / 60, settings.suspect_after * 10);
  if (oldest->nanoseconds >= time(replica).nanoseconds - idle.nanoseconds) return;
  expire_sessions(replica, {oldest->nanoseconds + 1}, effects);
}

void Primary::expire_sessions(Replica& replica, WallTime cutoff, Effects& effects) {
  const std::size_t sessions = replica.store.sessions().size();
  append(replica, SessionsExpired{cutoff});
  replica.note(effects, NoteKind::sessions_expired, sessions - replica.store.sessions().size());
}

void Primary::on_checkpoint_command(Replica& replica, Effects&) {
  if (serving(replica)) append(replica, Checkpoint{});
}

// ---- Going alone --------------------------------------------------------------------------------------------------

void Primary::go_alone(Replica& replica, Epoch epoch, Effects& effects) {
  SMALLDB_ASSERT(epoch == replica.epoch().next(), epoch.value, replica.epoch().value);
  if (follower_ && follower_->linked) effects.close(follower_->link);
  follower_.reset();
  epoch_started_ = append(replica, EpochStarted{replica.directory(), replica.config.self});
  gate_.open();
  output_held_noted_ = false;
  lease_until_.reset();
}

Next Primary::on_tick(Replica& replica, Effects& effects) {
  keepalive_due_ = true;
  if (!follower_) return {};
  const std::optional<Silence> silence = follower_->detector.suspects(replica.moment.now);
  const bool declared = replica.log.configuration().backup_standing == BackupStanding::declared;
  if (!silence && !follower_->leaves) return declared ? Next(next::Withdraw{}) : Next{};
  if (declared) {
    if (replica.claiming) return {};
    if (silence) {
      replica.note(effects, NoteKind::suspects_peer, static_cast<std::uint64_t>(follower_->node),
                   static_cast<std::uint64_t>(*silence));
    }
    return next::Claim{};
  }
  drop_follower(replica, effects);
  return {};
}

Next Primary::on_link_closed(Replica& replica, Link link, Effects& effects) {
  if (!follower_ || !follower_->linked || follower_->link.link() != link) return {};
  follower_->linked = false;
  if (replica.log.configuration().backup_standing != BackupStanding::declared) drop_follower(replica, effects);
  return {};
}

// The backup stops. What it has not acknowledged waits for no silence: going alone needs a won epoch as ever (S4).
Next Primary::on_leaving(Replica& replica, const PeerMessage& message, Effects& effects) {
  replica.note(effects, NoteKind::peer_leaves, static_cast<std::uint64_t>(message.from));
  follower_->leaves = true;
  effects.close(message.link);
  on_link_closed(replica, message.link.link(), effects);
  return follower_ ? Next(next::Claim{}) : Next{};
}

// A comer that was not declared yet: the join is given up, and the primary is alone in the same epoch.
void Primary::drop_follower(Replica& replica, Effects& effects) {
  SMALLDB_ASSERT(replica.log.configuration().backup_standing != BackupStanding::declared);
  if (follower_->linked) effects.close(follower_->link);
  if (replica.log.configuration().backup_standing == BackupStanding::joining) {
    const Lsn left = append(replica, BackupLeft{follower_->directory});
    replica.note(effects, NoteKind::backup_left, left.value, static_cast<std::uint64_t>(follower_->node));
    gate_.open();
  }
  follower_.reset();
}

// It says what no sound follower would: it is left, as if its connection had broken.
Next Primary::leave_follower(Replica& replica, const PeerMessage& message, Effects& effects) {
  replica.ignore(effects, IgnoreReason::malformed, message.message);
  effects.close(message.link);
  return on_link_closed(replica, message.link.link(), effects);
}

// ---- A comer ------------------------------------------------------------------------------------------------------

Next Primary::on_message(Replica& replica, const PeerMessage& message, Effects& effects) {
  if (const auto* hello = std::get_if<Hello>(&message.message.body)) return on_hello(replica, message, *hello, effects);
  if (!follower_ || !follower_->linked || follower_->link != message.link) {
    replica.ignore(effects, IgnoreReason::not_my_peer, message.message);
    return {};
  }
  if (follower_->incarnation != message.message.from && replica.config.rules.epoch_check) {
    replica.ignore(effects, IgnoreReason::other_incarnation, message.message);
    return {};
  }
  follower_->detector.heard_log_traffic(replica.moment.now);
  if (const auto* taken = std::get_if<SnapshotTaken>(&message.message.body))
    return on_snapshot_taken(replica, message, *taken, effects);
  if (const auto* ready = std::get_if<Ready>(&message.message.body)) on_ready(replica, *ready, effects);
  if (const auto* ack = std::get_if<Ack>(&message.message.body)) return on_ack(replica, message, *ack, effects);
  if (std::holds_alternative<Leaving>(message.message.body)) return on_leaving(replica, message, effects);
  return {};
}

Next Primary::on_hello(Replica& replica, const PeerMessage& message, const Hello& hello, Effects& effects) {
  if (message.message.epoch > replica.epoch() && replica.config.rules.epoch_check) {
    const bool is_stranger = !replica.log.configuration().may_be_of(hello.epochs);
    if (is_stranger) return turn_away(replica, message, effects, IgnoreReason::other_store);
    return next::Seek{message.from, true};  // the comer knows of an epoch that this node has lost
  }
  if (!serving(replica)) return turn_away(replica, message, effects);
  // A copy of this node's own directory is no second replica (S2): the arbiter could not tell the two apart.
  const bool can_be = hello.node == message.from && !hello.directory.none() && hello.directory != replica.directory() &&
                      is_sound(hello.epochs, hello.log_end);
  if (!can_be) return turn_away(replica, message, effects, IgnoreReason::malformed);
  const bool same_life = follower_ && follower_->incarnation == message.message.from;
  // Overtaken on its way: its connection has been given up for the one that the follower has.
  if (same_life && hello.number <= follower_->greeting) {
    return turn_away(replica, message, effects, IgnoreReason::not_expected_now);
  }
  if (replica.log.configuration().backup_standing == BackupStanding::declared) {
    return on_hello_in_a_pair(replica, message, hello, effects);
  }
  if (follower_) {
    if (follower_->node != message.from) return turn_away(replica, message, effects);
    drop_follower(replica, effects);
  }
  welcome(replica, message, hello, effects);
  return {};
}

// Only the backup itself may come back, and only if it holds all that it has acknowledged (S3, S4). If it does not, or
// its node comes with another directory, it is no more, and this node needs the next epoch to go on.
Next Primary::on_hello_in_a_pair(Replica& replica, const PeerMessage& message, const Hello& hello, Effects& effects) {
  const Configuration& configuration = replica.log.configuration();
  const bool is_backup = configuration.backup == hello.directory;
  if (!is_backup && configuration.backup_node != hello.node) return turn_away(replica, message, effects);
  if (is_backup) {
    const Lsn common = last_common(configuration.epochs, replica.log.end(), hello.epochs, hello.log_end);
    const bool holds_all = common >= follower_->acknowledged;
    if (holds_all && common >= replica.log.first_in_memory().previous()) {
      replica.note(effects, NoteKind::backup_resumed, static_cast<std::uint64_t>(message.from), common.value);
      welcome(replica, message, hello, effects);
      return {};
    }
  }
  // While it is heard of on its connection, these are the late words of an earlier life.
  if (follower_->linked && !follower_->detector.suspects(replica.moment.now)) {
    return turn_away(replica, message, effects, IgnoreReason::not_expected_now);
  }
  if (is_backup) replica.note(effects, NoteKind::backup_lost_its_log, static_cast<std::uint64_t>(message.from));
  turn_away(replica, message, effects);
  return next::Claim{};
}

Next Primary::turn_away(const Replica& replica, const PeerMessage& message, Effects& effects,
                        std::optional<IgnoreReason> reason) {
  if (reason) replica.ignore(effects, *reason, message.message);
  effects.send(message.link, replica.not_primary(replica.config.self));
  return {};
}

// S6: the last common position; then the missing tail, or a snapshot of the running store followed by the tail.
void Primary::welcome(Replica& replica, const PeerMessage& message, const Hello& hello, Effects& effects) {
  const Lsn cut = last_common(replica.log.configuration().epochs, replica.log.end(), hello.epochs, hello.log_end);
  // No log is cut to nothing: one that has begun and holds nothing is damaged (S11).
  const bool begins_alike = cut > Lsn{} || hello.log_end == Lsn{};
  const bool tail = begins_alike && cut >= hello.checkpoint && cut.next() >= replica.log.first_in_memory();
  if (follower_ && follower_->linked) effects.close(follower_->link);
  const Lsn from = tail ? cut : replica.store.applied();
  follower_.emplace(message, hello, replica);
  follower_->sent = follower_->acknowledged = from;
  follower_->sent_bytes = follower_->acknowledged_bytes =
      logged_bytes_ - (tail ? replica.log.records_from(cut.next()).size() : 0);
  keep_what_the_follower_needs(replica);  // records of this very step may push others out of memory
  if (!tail) {
    follower_->phase = Follower::Phase::snapshot;
    follower_->snapshot.emplace(replica.store);
    follower_->snapshot_lsn = from;
  }
  replica.note(effects, NoteKind::comer_welcomed, static_cast<std::uint64_t>(message.from), tail ? 0 : 1);
  effects.send(message.link, replica.message(Welcome{cut, !tail, follower_->snapshot_lsn}));
  if (!tail) send_snapshot(replica, effects);
}

// F7: the snapshot is of the store as it was at the welcome, in pieces, while the store goes on.
void Primary::send_snapshot(Replica& replica, Effects& effects) {
  SnapshotWriter& snapshot = *follower_->snapshot;
  const Settings& settings = replica.config.settings;
  const std::uint64_t window =
      std::min(follower_->window.size(), std::uint64_t{settings.chunk_bytes} * settings.chunks_in_flight);
  const auto room = [&] { return window - std::min(window, snapshot.size() - follower_->snapshot_taken); };
  while (!snapshot.finished() && room() > 0) {
    SnapshotChunk chunk;
    chunk.snapshot_lsn = follower_->snapshot_lsn;
    chunk.offset = snapshot.size();
    chunk.bytes = snapshot.next(std::min<std::uint64_t>(settings.chunk_bytes, room()));
    chunk.last = snapshot.finished();
    effects.send(follower_->link, replica.message(std::move(chunk)));
  }
  if (!snapshot.finished() && !follower_->window.asking()) follower_->window.ask(snapshot.size(), replica.moment.now);
}

Next Primary::on_snapshot_taken(Replica& replica, const PeerMessage& message, const SnapshotTaken& taken,
                                Effects& effects) {
  if (follower_->phase != Follower::Phase::snapshot || taken.snapshot_lsn != follower_->snapshot_lsn) return {};
  if (taken.size > follower_->snapshot->size()) return leave_follower(replica, message, effects);
  follower_->snapshot_taken = std::max(follower_->snapshot_taken, taken.size);
  follower_->window.answered(follower_->snapshot_taken, replica.moment.now);
  send_snapshot(replica, effects);
  return {};
}

void Primary::on_ready(Replica& replica, const Ready& ready, Effects& effects) {
  if (follower_->phase == Follower::Phase::streaming) return;
  if (ready.end != follower_->sent) {
    replica.note(effects, NoteKind::ignored, static_cast<std::uint64_t>(IgnoreReason::not_expected_now),
                 MessageBody(ready).index());
    return;
  }
  follower_->phase = Follower::Phase::streaming;
  follower_->catch_up_max = std::max(lag(), replica.config.settings.log_buffer_bytes);
  follower_->snapshot.reset();
  follower_->window.forget();
  if (gate_.closed()) gate_.backup_has(ready.end);
  keepalive_due_ = true;
  SMALLDB_ASSERT(follower_->sent.next() >= replica.log.first_in_memory(), follower_->sent.value);
}

// S5: the gate closes before the backup is declared. Only when little is missing, so that outputs do not wait long.
void Primary::maybe_close_the_gate(Replica& replica, Effects& effects) {
  if (!follower_ || follower_->phase != Follower::Phase::streaming || !follower_->linked) return;
  if (replica.log.configuration().backup_standing != BackupStanding::none || !serving(replica)) return;
  if (lag() > replica.config.settings.chunk_bytes) return;
  joining_record_ = append(replica, BackupJoining{follower_->directory, follower_->node});
  gate_.close_from(joining_record_);
  output_held_noted_ = false;
  confirmed_noted_ = false;
  lease_noted_ = false;
  replica.note(effects, NoteKind::backup_joining, joining_record_.value, static_cast<std::uint64_t>(follower_->node));
}

void Primary::maybe_declare(Replica& replica, Effects& effects) {
  if (replica.log.configuration().backup_standing != BackupStanding::joining) return;
  if (follower_->acknowledged < joining_record_ || replica.log.durable() < joining_record_) return;
  declared_record_ = append(replica, BackupDeclared{follower_->directory, follower_->node});
  replica.note(effects, NoteKind::backup_declared, declared_record_.value, static_cast<std::uint64_t>(follower_->node));
}

// ---- The logging channel --------------------------------------------------------------------------------------------

// Sends what the follower lacks, a confirmation that reads wait for, or a sign of life. What one write to the log
// carries goes in one message, where it fits; what comes meanwhile gathers for both.
void Primary::ship(Replica& replica, Effects& effects) {
  if (!follower_ || !follower_->linked || follower_->phase != Follower::Phase::streaming || !serving(replica)) return;
  const Settings& settings = replica.config.settings;
  const bool keepalive = std::exchange(keepalive_due_, false);
  if (settings.reads == Reads::leased && keepalive) confirmation_wanted_ = true;
  const bool confirm = confirmation_wanted_ && confirmation_got_ == confirmation_sent_;
  if (confirm) number_a_confirmation(replica);
  const Lsn handed = replica.log.handed();
  const std::uint64_t window = std::min(follower_->window.size(), settings.log_buffer_bytes);
  const auto may_ship = [&] { return follower_->sent < handed && follower_->on_its_way() < window; };
  for (bool something = confirm || keepalive; something || may_ship(); something = false) {
    LogTail::Run run;
    if (may_ship()) {
      const std::uint64_t room = window - follower_->on_its_way();
      run = replica.log.run_from(follower_->sent.next(), handed, std::min(settings.log_write_bytes, room));
    }
    send_records(replica, run, effects);
  }
  // It may have been sent more than the log has handed on: a write ends where its segment does.
  if (follower_->sent >= handed || follower_->window.asking() || follower_->has_told_all(settings)) return;
  // More would go if it might: a confirmation, which is answered as soon as it is there, tells how long all that takes.
  if (confirmation_got_ == confirmation_sent_) {
    number_a_confirmation(replica);
    send_records(replica, {}, effects);
  }
  if (confirmation_sent_at_ == replica.moment.now) follower_->ask(confirmation_sent_, replica.moment.now);
}

void Primary::send_records(Replica& replica, const LogTail::Run& run, Effects& effects) {
  Records records;
  records.first = follower_->sent.next();
  records.safe = gate_.safe();
  records.confirm = confirmation_sent_;
  RecordsFrame made = encode_records(replica.epoch(), replica.incarnation, records, run.parts);
  if (!run.parts.empty()) {
    if (run.parts.size() > 1) replica.log.note_in_one_piece(records.first, run.last, std::move(made.records));
    follower_->sent = run.last;
    follower_->sent_bytes += run.size;
    follower_->shipped.emplace_back(follower_->sent, follower_->sent_bytes);
  }
  effects.send(follower_->link, std::move(made.frame));
}

void Primary::number_a_confirmation(const Replica& replica) {
  ++confirmation_sent_;
  confirmation_sent_at_ = replica.moment.now;
  confirmation_wanted_ = false;
}

Next Primary::on_ack(Replica& replica, const PeerMessage& message, const Ack& ack, Effects& effects) {
  if (message.message.epoch != replica.epoch() && replica.config.rules.epoch_check) {
    replica.ignore(effects, IgnoreReason::older_epoch, message.message);
    return {};
  }
  if (follower_->phase != Follower::Phase::streaming) {
    replica.ignore(effects, IgnoreReason::not_expected_now, message.message);
    return {};
  }
  const bool can_be =
      ack.durable <= ack.received && ack.received <= follower_->sent && ack.confirmed <= confirmation_sent_;
  if (!can_be) return leave_follower(replica, message, effects);
  const Lsn has = replica.config.settings.acknowledge == Acknowledge::received ? ack.received : ack.durable;
  follower_->acknowledged = std::max(follower_->acknowledged, has);
  follower_->window.answered(ack.confirmed, replica.moment.now);
  // F8: however soon it acknowledges, it is not to gather more than its disk can take.
  while (!follower_->shipped.empty() && follower_->shipped.front().first <= ack.durable) {
    const std::uint64_t came = follower_->shipped.front().second - follower_->acknowledged_bytes;
    follower_->acknowledged_bytes += came;
    follower_->catch_up_max -= std::min(follower_->catch_up_max, came / 2);
    follower_->shipped.pop_front();
  }
  if (gate_.closed()) gate_.backup_has(has);
  if (ack.confirmed > confirmation_got_) {
    confirmation_got_ = ack.confirmed;
    gate_.backup_confirmed(ack.confirmed);
    if (replica.config.settings.reads == Reads::leased && ack.lease) {
      const Duration lease = replica.config.settings.lease;
      const Duration drift = lease * replica.config.settings.clock_drift_max_ppm / 1'000'000;
      lease_until_ = confirmation_sent_at_ + lease - drift;
    }
    if (gate_.holds_any() && !std::exchange(confirmed_noted_, true)) {
      replica.note(effects, NoteKind::reads_confirmed, ack.confirmed);
    }
  }
  return {};
}

bool Primary::lease_holds(const Replica& replica) const {
  return replica.config.settings.reads == Reads::leased && lease_until_ && replica.moment.now < *lease_until_ &&
         replica.log.configuration().backup_standing == BackupStanding::declared;
}

void Primary::leave(Replica& replica, ProcessId new_primary, Effects& effects) {
  for (const Waiting& waiting : waiting_) {
    effects.reply(waiting.from, RefusalMaker::make(waiting.request, Status::not_primary, new_primary));
  }
  if (follower_ && follower_->linked) effects.close(follower_->link);
  replica.log.keep_from(replica.log.end().next());
}

void Primary::retire(Replica&, Effects& effects) {
  retiring_ = true;
  for (const Waiting& waiting : std::exchange(waiting_, {})) {
    effects.reply(waiting.from, RefusalMaker::make(waiting.request, Status::not_serving));
  }
}

bool Primary::retired(const Replica& replica) const {
  if (!retiring_ || gate_.holds_any() || replica.log.durable() < replica.log.end()) return false;
  if (!follower_ || !follower_->linked) return true;
  if (replica.log.configuration().backup_standing == BackupStanding::none) return true;
  // Whatever the setting `acknowledge` says: what is shipped is taken off the list when it is durable there.
  return follower_->phase == Follower::Phase::streaming && follower_->sent == replica.log.end() &&
         follower_->shipped.empty();
}

std::optional<PeerLink> Primary::hand_over(const Replica& replica) {
  if (replica.log.configuration().backup_standing != BackupStanding::declared) return std::nullopt;
  if (!std::exchange(follower_->linked, false)) return std::nullopt;
  return follower_->link;
}

Next Primary::on_heartbeat(Replica& replica, ProcessId from, const Message& message, Effects& effects) {
  const bool primary = std::get<Heartbeat>(message.body).primary;
  if (message.epoch > replica.epoch() && primary && replica.config.rules.epoch_check) return next::Seek{from, true};
  // Neither may decide between the two: both have answered. It is for a person to.
  if (message.epoch == replica.epoch() && primary && std::exchange(another_noted_, from) != from) {
    replica.note(effects, NoteKind::another_primary, static_cast<std::uint64_t>(from));
  }
  if (!follower_ || follower_->node != from) return {};
  if (follower_->incarnation != message.from && replica.config.rules.epoch_check) {
    replica.ignore(effects, IgnoreReason::other_incarnation, message);
  } else {
    follower_->detector.heard_heartbeat(replica.moment.now);
  }
  return {};
}

void Primary::fill(NodeStatus& status, const Replica& replica) const {
  // What answers wait for, once a backup is declared: without it, or an epoch of its own, this node can give none.
  const bool declared = replica.log.configuration().backup_standing == BackupStanding::declared;
  const bool there = follower_ && follower_->linked && !follower_->leaves && !replica.claiming;
  status.serving = serving(replica) && !replica.claiming && (!declared || there);
  // A backup that has not read that it is one could not take over (S3).
  status.in_sync = declared && there && declared_record_ <= gate_.safe();
  status.primary = replica.config.self;
  status.safe = gate_.safe();
  status.answers_held = gate_.held();
  status.requests_waiting = waiting_.size();
  status.lag_bytes = lag();
}

void Primary::keep_what_the_follower_needs(Replica& replica) {
  replica.log.keep_from(follower_ ? std::min(follower_->sent, follower_->acknowledged).next()
                                  : replica.log.end().next());
}

}  // namespace smalldb
