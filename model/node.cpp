#include "model/node.h"

#include <algorithm>
#include <type_traits>
#include <utility>

#include "model/assert.h"
#include "model/refusal.h"

namespace smalldb {
namespace {

constexpr std::size_t nodes_max = 16;  // beyond which nobody is met by hearsay

constexpr TimerId timer(std::uint32_t number) { return TimerId{number}; }

}  // namespace

Node::Node(NodeConfig config)
    : config_(std::move(config)),
      role_(Stopped{}),
      claimer_(config_, timer(claim_timer)),
      arbiter_watch_(config_, timer(arbiter_timer)) {}

std::unique_ptr<Machine> Node::clone() const { return std::make_unique<Node>(*this); }

void Node::step(const Moment& moment, const Event& event, Effects& effects) {
  moment_ = moment;
  if (replica_) replica_->moment = moment;
  if (std::holds_alternative<Stopped>(role_) && !std::holds_alternative<Started>(event)) return;
  std::visit([&](const auto& any) { on(any, effects); }, event);
  finish_step(effects);
}

void Node::finish_step(Effects& effects) {
  // Whoever closed a link, nothing more comes on it.
  for (const Effect& effect : effects.recorded()) {
    if (const auto* close = std::get_if<effect::Close>(&effect)) peers_.erase(close->link);
  }
  if (auto* primary = std::get_if<Primary>(&role_)) {
    primary->finish_step(*replica_, effects);
  } else if (auto* backup = std::get_if<Backup>(&role_)) {
    backup->finish_step(*replica_, effects);
  } else if (replica_ && !std::holds_alternative<Recovery>(role_)) {
    replica_->log.flush(effects);
  }
  if (stopping_) go_on_stopping(effects);
}

// ---- Starting -------------------------------------------------------------------------------------------------------

void Node::on(const Started& started, Effects& effects) {
  incarnation_ = {started.entropy[0]};
  fresh_directory_ = {started.entropy[0], started.entropy[1]};
  effects.set_timer(timer(tick_timer), moment_.now + config_.settings.heartbeat_every);
  arbiter_watch_.start(moment_, effects);
  become_recovering(effects);
}

void Node::become_recovering(Effects& effects) {
  Recovery& recovery = role_.emplace<Recovery>(config_.settings, config_.rules, fresh_directory_);
  recovery.start(effects);
}

void Node::on_recovery_done(Effects& effects) {
  const Recovery recovery = std::get<Recovery>(role_);
  const std::optional<Instant> lease = replica_ ? replica_->lease_granted_until : std::nullopt;
  const std::uint64_t greetings = replica_ ? replica_->greetings : 0;
  std::optional<SnapshotInstaller> installer;
  std::optional<CheckpointWriter> checkpoint_writer;
  if (replica_) {
    installer = std::move(replica_->installer);
    checkpoint_writer = std::move(replica_->checkpoint_writer);
  }
  if (recovery.recovered()) {
    replica_.emplace(config_, incarnation_, *recovery.recovered());
  } else {
    replica_.emplace(config_, incarnation_, *recovery.damaged(), fresh_directory_);
  }
  // A directory that was made in this life may be gone when it is read again: the next one made is another (S2).
  ++fresh_directory_.low;
  if (installer) replica_->installer = std::move(*installer);
  if (checkpoint_writer) replica_->checkpoint_writer = std::move(*checkpoint_writer);
  replica_->moment = moment_;
  replica_->greetings = greetings;
  replica_->claiming = claimer_.claiming();
  if (lease && *lease > moment_.now) {
    replica_->lease_granted_until = lease;
  } else if (config_.settings.reads == Reads::leased && !(recovery.recovered() && recovery.recovered()->fresh)) {
    replica_->grant_lease();  // what a former life granted may still hold
  }

  if (const std::optional<Damaged>& damage = recovery.damaged()) {
    if (!damage->other_format) {
      set_role(Role::damaged, effects);
      replica_->note(effects, NoteKind::log_damaged, damage->offset, 0, damage->message);
    }
    if (config_.nodes.size() < 2 || damage->other_format) {
      effects.stop(Bytes::copy(damage->message));
      role_.emplace<Stopped>();
      return;
    }
  } else {
    const Recovered& recovered = *recovery.recovered();
    replica_->note(effects, NoteKind::recovered, recovered.store.applied().value,
                   recovered.log.end().value - recovered.store.applied().value);
    if (recovered.torn_tail) {
      replica_->note(effects, NoteKind::torn_tail_cut, recovered.torn_tail->bytes, recovered.torn_tail->offset,
                     recovered.torn_tail->file);
    }
  }
  become_seeker({primary_hint_}, effects);
}

// ---- Events -------------------------------------------------------------------------------------------------------

void Node::on(const TimerFired& fired, Effects& effects) {
  if (fired.timer == timer(tick_timer)) on_tick(effects);
  if (fired.timer == timer(claim_timer) && claimer_.claiming()) {
    if (!std::exchange(arbiter_silent_noted_, true)) {
      replica_->note(effects, NoteKind::arbiter_unreachable, claimer_.wanted().value);
    }
    claimer_.on_retry_timer(moment_, effects);
  }
  if (fired.timer == timer(arbiter_timer)) {
    arbiter_watch_.on_timer(moment_, effects);
    note_arbiter(effects);
  }
  if (fired.timer == timer(seek_timer)) {
    if (auto* seeker = std::get_if<Seeker>(&role_)) seeker->on_retry_timer(*replica_, effects);
  }
}

// What the present role makes of an event; nothing, if it is none that events are for.
template <class Handle>
Next Node::ask_role(Handle handle) {
  return std::visit(
      [&](auto& role) -> Next {
        using Type = std::remove_cvref_t<decltype(role)>;
        if constexpr (std::is_same_v<Type, Recovery> || std::is_same_v<Type, Stopped>) {
          return {};
        } else {
          return handle(role);
        }
      },
      role_);
}

void Node::on_tick(Effects& effects) {
  effects.set_timer(timer(tick_timer), moment_.now + config_.settings.heartbeat_every);
  if (!replica_ || std::holds_alternative<Recovery>(role_)) return;
  const auto* serving = std::get_if<Primary>(&role_);
  const Bytes heartbeat = replica_->message(Heartbeat{serving != nullptr && serving->serving(*replica_)});
  for (const ProcessId node : config_.nodes) {
    if (node != config_.self) effects.send_datagram(node, heartbeat);
  }
  follow_up(ask_role([&](auto& role) -> Next { return role.on_tick(*replica_, effects); }), effects);
}

void Node::on(const Accepted& accepted, Effects&) {
  if (accepted.port() == Port::replication) meet(accepted.from());
  if (accepted.port() == Port::client) clients_.emplace(accepted.link(), ClientConnection{accepted.as_client(), {}});
  if (accepted.port() == Port::replication) {
    peers_.emplace(accepted.link(), PeerConnection{accepted.as_peer(), accepted.from(), {}});
  }
}

// A backup may join a primary that was not told of it, or that it was only sent to; from then on each is one of the
// cluster's nodes to the other.
void Node::meet(ProcessId node) {
  if (std::find(config_.nodes.begin(), config_.nodes.end(), node) != config_.nodes.end()) return;
  config_.nodes.push_back(node);
  if (replica_) replica_->config.nodes = config_.nodes;
}

void Node::on(const Connected& connected, Effects& effects) {
  if (claimer_.owns(connected.link)) return claimer_.on_connected(effects);
  if (arbiter_watch_.owns(connected.link)) {
    return arbiter_watch_.on_connected(replica_ ? replica_->epoch() : Epoch{}, incarnation_, effects);
  }
  auto* seeker = std::get_if<Seeker>(&role_);
  if (seeker == nullptr || !seeker->link() || seeker->link()->link() != connected.link) return;
  meet(seeker->target());
  peers_.emplace(connected.link, PeerConnection{*seeker->link(), seeker->target(), {}});
  seeker->on_connected(*replica_, effects);
}

void Node::on(const Closed& closed, Effects& effects) {
  if (claimer_.owns(closed.link)) return claimer_.on_closed(moment_, effects);
  if (arbiter_watch_.owns(closed.link)) {
    arbiter_watch_.on_closed();
    return note_arbiter(effects);
  }
  clients_.erase(closed.link);
  peers_.erase(closed.link);
  follow_up(ask_role([&](auto& role) -> Next { return role.on_link_closed(*replica_, closed.link, effects); }),
            effects);
}

void Node::on(const Received& received, Effects& effects) {
  if (claimer_.owns(received.link)) {
    const std::optional<ClaimResult> result = claimer_.on_received(received.bytes, moment_, effects);
    if (result) on_claim_result(*result, effects);
    return;
  }
  if (const auto client = clients_.find(received.link); client != clients_.end()) {
    return on_client_bytes(client->second, received.bytes, effects);
  }
  if (arbiter_watch_.owns(received.link)) {
    arbiter_watch_.on_received(received.bytes, effects);
    return note_arbiter(effects);
  }
  on_peer_bytes(received.link, received.bytes, effects);
}

void Node::on_client_bytes(ClientConnection& client, const Bytes& bytes, Effects& effects) {
  client.frames.take(bytes);
  while (!client.frames.broken()) {
    const std::optional<Bytes> frame = client.frames.next();
    if (!frame && client.frames.broken()) break;
    if (!frame) return;
    const std::optional<Message> message = decode_frame(*frame);
    if (!message) break;
    if (const auto* request = std::get_if<RequestMessage>(&message->body)) {
      on_request(client.link, request->request, effects);
    }
  }
  effects.close(client.link);
  clients_.erase(client.link.link());
}

void Node::on_request(ClientLink from, const Request& request, Effects& effects) {
  if (request.key.size() > key_size_max || request.value.size() > value_size_max) {
    effects.reply(from, RefusalMaker::make(request, Status::too_large));
  } else if (auto* primary = std::get_if<Primary>(&role_)) {
    follow_up(primary->on_request(*replica_, from, request, effects), effects);
  } else {
    const ProcessId primary_node = known_primary();
    const Status reason = primary_node == no_process ? Status::not_serving : Status::not_primary;
    effects.reply(from, RefusalMaker::make(request, reason, primary_node));
  }
}

void Node::on_peer_bytes(Link link, const Bytes& bytes, Effects& effects) {
  for (Bytes piece = bytes;; piece = Bytes()) {
    const auto found = peers_.find(link);
    if (found == peers_.end()) return;
    PeerConnection& peer = found->second;
    if (!piece.empty()) peer.frames.take(piece);
    if (peer.frames.broken()) break;
    const std::optional<Bytes> frame = peer.frames.next();
    if (!frame && !peer.frames.broken()) return;
    const std::optional<Message> message = frame ? decode_frame(*frame) : std::nullopt;
    if (!message) break;
    on_peer_message({peer.link, peer.node, *message}, effects);
  }
  // What cannot be cut into messages is a stream that nobody can go on with.
  const PeerLink broken = peers_.at(link).link;
  effects.close(broken);
  on(Closed{link, CloseReason::reset}, effects);
}

void Node::on_peer_message(const PeerMessage& message, Effects& effects) {
  if (!replica_ || std::holds_alternative<Recovery>(role_)) return;
  if (std::holds_alternative<Hello>(message.message.body) && !std::holds_alternative<Primary>(role_)) {
    effects.send(message.link, replica_->not_primary(known_primary()));
    return;
  }
  // A spare may have been told of one node of the pair, which will be gone when it is needed.
  if (const auto* no = std::get_if<NotPrimary>(&message.message.body); no != nullptr && no->backup != no_process) {
    if (config_.nodes.size() < nodes_max) meet(no->backup);
  }
  follow_up(ask_role([&](auto& role) -> Next { return role.on_message(*replica_, message, effects); }), effects);
}

void Node::on(const DatagramReceived& datagram, Effects& effects) {
  if (!replica_ || std::holds_alternative<Recovery>(role_)) return;
  const std::optional<Message> message = decode_frame(datagram.bytes);
  if (!message || !std::holds_alternative<Heartbeat>(message->body)) return;
  const auto tell = [&](auto& role) -> Next { return role.on_heartbeat(*replica_, datagram.from, *message, effects); };
  follow_up(ask_role(tell), effects);
}

void Node::on(const DiskDone& done, Effects& effects) {
  switch (owner_of(done.token)) {
    case DiskOwner::recovery: {
      auto* recovery = std::get_if<Recovery>(&role_);
      if (recovery == nullptr) return;
      recovery->on_disk_done(done, effects);
      if (recovery->done()) on_recovery_done(effects);
      return;
    }
    case DiskOwner::log: replica_->log.on_disk_done(done, effects); break;
    case DiskOwner::checkpoint: replica_->on_checkpoint_disk_done(done, effects); break;
    case DiskOwner::installer: replica_->installer.on_disk_done(done, effects); break;
    case DiskOwner::claimer: {
      const std::optional<ClaimResult> result = claimer_.on_disk_done(done, moment_, effects);
      if (result) on_claim_result(*result, effects);
      return;
    }
    case DiskOwner::arbiter_watch: arbiter_watch_.on_disk_done(done, effects); return note_arbiter(effects);
    case DiskOwner::directory: break;
  }
  if (live_after_cut_ && !replica_->log.cutting()) {
    become_primary(*std::exchange(live_after_cut_, std::nullopt), effects);
  } else if (auto* comer = std::get_if<Comer>(&role_)) {
    follow_up(comer->on_disk_done(*replica_, effects), effects);
  }
}

void Node::on(const Input& input, Effects& effects) {
  const std::optional<OperatorCommand> command = decode_operator_command(input.bytes.view());
  if (!command) return;
  if (*command == OperatorCommand::stop) {
    stopping_ = true;
    if (auto* primary = std::get_if<Primary>(&role_)) primary->retire(*replica_, effects);
    return;
  }
  if (!replica_ || std::holds_alternative<Leaver>(role_)) return;
  if (*command == OperatorCommand::checkpoint) {
    if (auto* primary = std::get_if<Primary>(&role_)) primary->on_checkpoint_command(*replica_, effects);
    return;
  }
  if (config_.arbiter_kind != ArbiterKind::manual) return;
  start_claim(effects);
  const std::optional<ClaimResult> result = claimer_.promote();
  if (result) on_claim_result(*result, effects);
}

void Node::note_arbiter(Effects& effects) {
  const std::optional<bool> reachable = arbiter_watch_.reachable();
  if (!replica_ || !reachable || *reachable != arbiter_away_noted_) return;
  arbiter_away_noted_ = !*reachable;
  replica_->note(effects, *reachable ? NoteKind::arbiter_back : NoteKind::arbiter_away);
}

// ---- Changing roles -------------------------------------------------------------------------------------------------

void Node::follow_up(const Next& next, Effects& effects) {
  if (!next) return;
  if (const auto* seek = std::get_if<next::Seek>(&*next)) become_seeker(*seek, effects);
  if (const auto* join = std::get_if<next::Join>(&*next)) become_comer(*join, effects);
  if (const auto* follow = std::get_if<next::Follow>(&*next)) become_backup(*follow, effects);
  if (std::holds_alternative<next::Claim>(*next)) start_claim(effects);
  if (std::holds_alternative<next::Withdraw>(*next)) withdraw_claim(effects);
  if (std::holds_alternative<next::Recover>(*next)) {
    primary_hint_ = no_process;
    become_recovering(effects);
  }
  if (std::holds_alternative<next::Stop>(*next)) role_.emplace<Stopped>();
}

// S3: only who was in sync may claim the next epoch; the first may be claimed by who may found.
bool Node::may_claim(Epoch epoch) const {
  if (replica_->damaged || epoch != replica_->epoch().next()) return false;
  if (epoch == Epoch{1} && config_.may_found) return true;
  return replica_->log.configuration().may_claim_next(replica_->directory());
}

void Node::start_claim(Effects& effects) {
  const Epoch wanted = replica_->epoch().next();
  if (replica_->claiming || live_after_cut_ || !may_claim(wanted)) return;
  if (replica_->log.durable() < replica_->log.end() && !std::holds_alternative<Primary>(role_)) return;
  if (replica_->lease_granted_until && moment_.now < *replica_->lease_granted_until) return;
  if (wanted <= lost_) return;
  replica_->claiming = true;
  arbiter_silent_noted_ = false;
  if (std::holds_alternative<Seeker>(role_)) set_role(Role::claiming, effects);
  replica_->note(effects, NoteKind::claim_sent, wanted.value);
  const std::optional<ClaimResult> result = claimer_.claim(
      wanted, {replica_->directory(), replica_->log.configuration().founder(), incarnation_}, moment_, effects);
  if (claimer_.waits_for_operator()) replica_->note(effects, NoteKind::waits_for_operator, wanted.value);
  if (result) on_claim_result(*result, effects);
}

void Node::withdraw_claim(Effects& effects) {
  if (!replica_->claiming) return;
  const bool waited = claimer_.waits_for_operator();
  claimer_.withdraw(effects);
  replica_->claiming = claimer_.claiming();
  if (waited && !claimer_.claiming()) replica_->note(effects, NoteKind::needs_no_operator);
}

void Node::on_claim_result(const ClaimResult& result, Effects& effects) {
  arbiter_watch_.on_verdict(effects);
  note_arbiter(effects);
  // Who is in the middle of something asks again: won or lost, the epoch has an owner who must come to know (S2).
  const bool is_busy = std::holds_alternative<Comer>(role_) || std::holds_alternative<Recovery>(role_);
  if (is_busy) return claimer_.ask_later(moment_, effects);
  claimer_.finish(effects);
  replica_->claiming = false;
  // Since the claim was made this node may have joined somebody else's epoch.
  if (!may_claim(result.epoch)) return;
  if (result.other_store) return stop_in_another_store(effects);
  if (result.winner == replica_->directory() && !result.over) {
    replica_->note(effects, NoteKind::claim_won, result.epoch.value);
    become_primary(result.epoch, effects);
  } else {
    lost_ = result.epoch;
    replica_->note(effects, NoteKind::claim_lost, result.epoch.value, static_cast<std::uint64_t>(result.node));
    become_seeker({result.node, true}, effects);
  }
}

// S2: epochs are those of one store. Nobody goes on in that of another, nor is one given up for the other, unless a
// person says so.
void Node::stop_in_another_store(Effects& effects) {
  leave_role(no_process, effects);
  role_.emplace<Stopped>();
  effects.stop(
      Bytes::copy("the arbiter is that of another store: its epoch 1 was won by another directory than the one that "
                  "founded what this node holds. Start this node with the options of its own store; or, to make it a "
                  "backup in this one, with an empty directory. If the arbiter was emptied, and an empty node has "
                  "founded another store since: end that node, empty the arbiter again, and start this one first"));
}

void Node::become_primary(Epoch epoch, Effects& effects) {
  Replica& replica = *replica_;
  const Lsn executed = replica.store.applied();
  if (auto* primary = std::get_if<Primary>(&role_)) {
    primary->go_alone(replica, epoch, effects);
    replica.note(effects, NoteKind::went_alone, epoch.value);
    return;
  }
  auto* backup = std::get_if<Backup>(&role_);
  if (!config_.rules.drain_before_live && backup != nullptr && executed < replica.log.end()) {
    backup->leave(effects);
    live_after_cut_ = epoch;
    replica.log.cut(executed, effects);
    return;
  }
  const bool was_backup = replica.log.configuration().backup == replica.directory() &&
                          replica.log.configuration().backup_standing == BackupStanding::declared;
  leave_role(config_.self, effects);
  replica.apply_up_to(replica.log.end());  // F4
  primary_hint_ = config_.self;
  role_.emplace<Primary>(replica, epoch, effects);
  set_role(Role::primary, effects);
  const std::uint64_t drained = replica.log.end().value - 1 - executed.value;
  if (epoch == Epoch{1}) {
    replica.note(effects, NoteKind::founded, epoch.value);
  } else if (was_backup) {
    replica.note(effects, NoteKind::took_over, epoch.value, drained);
  } else {
    replica.note(effects, NoteKind::resumed_alone, epoch.value);
  }
}

void Node::become_seeker(const next::Seek& seek, Effects& effects) {
  if (seek.fenced) replica_->note(effects, NoteKind::fenced, replica_->epoch().value);
  leave_role(seek.hint, effects);
  withdraw_claim(effects);
  primary_hint_ = seek.fenced ? seek.hint : no_process;
  role_.emplace<Seeker>(*replica_, seek, timer(seek_timer), effects);
  set_role(replica_->damaged ? Role::damaged : Role::seeking, effects);
  if (seek.handed_over) start_claim(effects);
}

void Node::become_comer(const next::Join& join, Effects& effects) {
  leave_role(join.primary, effects);
  withdraw_claim(effects);
  primary_hint_ = join.primary;
  Comer& comer = role_.emplace<Comer>(*replica_, join, effects);
  set_role(Role::joining, effects);
  follow_up(comer.on_disk_done(*replica_, effects), effects);
}

void Node::become_backup(const next::Follow& follow, Effects& effects) {
  primary_hint_ = follow.primary;
  role_.emplace<Backup>(*replica_, follow, effects);
  set_role(Role::backup, effects);
}

// Told to stop. A primary first gives what it owes; whoever comes to be something else meanwhile leaves that as well.
void Node::go_on_stopping(Effects& effects) {
  if (std::holds_alternative<Stopped>(role_)) return;
  if (const auto* primary = std::get_if<Primary>(&role_); primary != nullptr && !primary->retired(*replica_)) return;
  if (replica_ && !std::holds_alternative<Recovery>(role_)) {
    if (!std::holds_alternative<Leaver>(role_)) become_leaver(effects);
    if (!std::get<Leaver>(role_).done(*replica_)) return;
  }
  effects.stop({});
  role_.emplace<Stopped>();
}

void Node::become_leaver(Effects& effects) {
  std::optional<PeerLink> link;
  if (auto* primary = std::get_if<Primary>(&role_)) link = primary->hand_over(*replica_);
  if (const auto* backup = std::get_if<Backup>(&role_)) link = backup->link();
  if (!std::holds_alternative<Backup>(role_)) leave_role(no_process, effects);
  claimer_.finish(effects);  // a claim that reached the arbiter is made again after the next start
  replica_->claiming = false;
  live_after_cut_.reset();
  primary_hint_ = no_process;
  role_.emplace<Leaver>(*replica_, link, effects);
  set_role(Role::stopped, effects);
}

// Lets go of what the present role holds. The link to the primary moves on with a node that follows it.
void Node::leave_role(ProcessId new_primary, Effects& effects) {
  if (auto* seeker = std::get_if<Seeker>(&role_)) seeker->leave(effects);
  if (auto* comer = std::get_if<Comer>(&role_)) comer->leave(*replica_, effects);
  if (auto* backup = std::get_if<Backup>(&role_)) backup->leave(effects);
  if (auto* primary = std::get_if<Primary>(&role_)) {
    primary->leave(*replica_, new_primary, effects);
    for (auto& [link, client] : std::exchange(clients_, {})) effects.close(client.link);
  }
}

void Node::set_role(Role role, Effects& effects) {
  if (std::exchange(replica_->role, role) != role) replica_->note(effects, NoteKind::role_changed);
}

// Whom to name to clients and comers that come to the wrong place.
ProcessId Node::known_primary() const {
  if (std::holds_alternative<Backup>(role_) || std::holds_alternative<Comer>(role_)) return primary_hint_;
  return primary_hint_ == config_.self ? no_process : primary_hint_;
}

// ---- For those who run it -------------------------------------------------------------------------------------------

NodeStatus Node::status() const {
  NodeStatus status;
  if (std::holds_alternative<Stopped>(role_)) status.role = Role::stopped;
  status.arbiter_reachable = arbiter_watch_.reachable();
  if (!replica_) return status;
  const Replica& replica = *replica_;
  const Configuration& configuration = replica.log.configuration();
  if (status.role != Role::stopped) status.role = replica.role;
  status.in_sync = configuration.backup_standing == BackupStanding::declared;
  status.claiming = replica.claiming;
  status.waits_for_operator = claimer_.waits_for_operator();
  status.epoch = replica.epoch();
  status.directory = replica.directory();
  status.primary = known_primary();
  status.log_end = replica.log.end();
  status.log_durable = replica.log.durable();
  status.applied = replica.store.applied();
  status.checkpoint = replica.checkpoint_writer.newest();
  status.log_bytes = replica.log.bytes();
  status.keys = replica.store.size();
  status.sessions = replica.store.sessions().size();
  if (const auto* primary = std::get_if<Primary>(&role_)) primary->fill(status, replica);
  status.backup = status.in_sync ? configuration.backup_node : no_process;
  return status;
}

}  // namespace smalldb
