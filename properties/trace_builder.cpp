#include "properties/trace_builder.h"

#include <algorithm>
#include <utility>

#include "model/claimer.h"
#include "model/codec.h"
#include "model/data_directory.h"
#include "model/operator_command.h"

namespace smalldb::properties {

using sim::EventKind;
using sim::TraceEvent;

Request put(std::uint64_t number, std::string_view key, std::string_view value) {
  Request request;
  request.session = {2};
  request.number = number;
  request.verb = Verb::put;
  request.key = Bytes::copy(key);
  request.value = Bytes::copy(value);
  return request;
}

TraceBuilder::TraceBuilder(ArbiterKind kind, Acknowledge acknowledge) {
  cast_.members = {
      {"a", Part::node}, {"b", Part::node}, {"arbiter", Part::arbiter}, {"c1", Part::client}, {"c2", Part::client}};
  cast_.arbiter_kind = kind;
  cast_.acknowledge = acknowledge;
  for (std::uint32_t process = 0; process < cast_.members.size(); ++process) starts(ProcessId{process});
}

// ---- Stories

void TraceBuilder::a_alone() {
  if (cast_.arbiter_kind == ArbiterKind::tie_breaker) grants(Epoch{1}, a);
  if (cast_.arbiter_kind == ArbiterKind::shared_lock) reads_lock(a, Epoch{1}, a);
  if (cast_.arbiter_kind == ArbiterKind::manual) promotes(a);
  begins(a, Epoch{1});
  Request session;
  session.verb = Verb::open_session;
  appends(a, session);
  syncs(a);
}

void TraceBuilder::a_pair() {
  a_alone();
  appends(a, BackupJoining{directory(b), b});
  syncs(a);
  copies(a, b);
  syncs(b);
  acks(b, a);
  appends(a, BackupDeclared{directory(b), b});
  syncs(a);
  copies(a, b);
  syncs(b);
  acks(b, a);
}

// ---- Events

TraceEvent& TraceBuilder::event(EventKind kind, ProcessId process, ProcessId peer) {
  now_ = now_ + milliseconds(1);
  TraceEvent& made = events_.emplace_back();
  made.index = events_.size() - 1;
  made.time = now_;
  made.kind = kind;
  made.process = process;
  made.peer = peer;
  return made;
}

TraceEvent& TraceBuilder::disk_event(EventKind kind, ProcessId process, const std::string& name) {
  const sim::FileId id = file(name);
  TraceEvent& made = event(kind, process);
  made.file = id;
  return made;
}

sim::FileId TraceBuilder::file(const std::string& name) {
  const auto known = std::find(file_names_.begin(), file_names_.end(), name);
  if (known == file_names_.end()) file_names_.push_back(name);
  const auto place = std::find(file_names_.begin(), file_names_.end(), name) - file_names_.begin();
  return sim::FileId{static_cast<std::uint32_t>(place)};
}

void TraceBuilder::sends(ProcessId from, ProcessId to, Epoch epoch, const MessageBody& body, EventKind kind) {
  const Bytes frame = encode(epoch, Incarnation{1}, body);
  Direction& direction = directions_[{from, to}];
  const std::uint64_t low = std::min(static_cast<std::uint64_t>(from), static_cast<std::uint64_t>(to));
  const std::uint64_t high = std::max(static_cast<std::uint64_t>(from), static_cast<std::uint64_t>(to));
  TraceEvent& sent = event(kind, from, to);
  sent.a = low * 16 + high;  // one connection per pair of processes
  sent.b = direction.offset;
  sent.payload = frame;
  TraceEvent received = sent;
  TraceEvent& arrival = event(EventKind::received, to, from);
  arrival.a = received.a;
  arrival.b = received.b;
  arrival.payload = frame;
  arrival.cause = received.index;
  direction.offset += frame.size();
}

void TraceBuilder::starts(ProcessId process) { event(EventKind::started, process); }

void TraceBuilder::crashes(ProcessId process) { event(EventKind::crashed, process); }

void TraceBuilder::stops(ProcessId process) { event(EventKind::stopped, process); }

void TraceBuilder::fails_an_assertion(ProcessId process, std::string_view message) {
  event(EventKind::assertion_failed, process).payload = Bytes::copy(message);
}

void TraceBuilder::fault(sim::FaultKind kind, ProcessId process, EventKind what) {
  event(what, process).b = static_cast<std::uint64_t>(kind);
}

void TraceBuilder::notes(ProcessId node, NoteKind what) {
  event(EventKind::note, node).b = static_cast<std::uint64_t>(what);
}

void TraceBuilder::promotes(ProcessId node) {
  event(EventKind::input, node).payload = encode(OperatorCommand::promote);
}

// ---- Epochs

void TraceBuilder::grants(Epoch epoch, ProcessId node) {
  sends(arbiter, node, epoch, smalldb::Verdict{epoch, directory(node), node});
}

void TraceBuilder::reads_lock(ProcessId node, Epoch epoch, ProcessId winner) {
  reads_lock(node, epoch_file(epoch), encode_claim({epoch, directory(winner), winner}));
}

void TraceBuilder::reads_lock(ProcessId node, const std::string& file, const Bytes& claim) {
  TraceEvent& read = disk_event(EventKind::disk_read, node, file);
  read.volume = Volume::shared;
  read.payload = claim;
}

Lsn TraceBuilder::begins(ProcessId node, Epoch epoch) {
  const Lsn lsn =
      writes(node, {end(node).next(), epoch, WallTime{now_.nanoseconds}, EpochStarted{directory(node), node}});
  syncs(node);
  return lsn;
}

// ---- Logs

Lsn TraceBuilder::end(ProcessId node) const {
  const auto log = logs_.find(node);
  return {log == logs_.end() ? 0 : log->second.records.size()};
}

DirectoryId TraceBuilder::directory(ProcessId node) const {
  const auto lost = disks_lost_.find(node);
  return {1 + (lost == disks_lost_.end() ? 0 : lost->second), static_cast<std::uint64_t>(node) + 100};
}

std::string TraceBuilder::file_of(ProcessId node) {
  std::string& file = logs_[node].file;
  if (file.empty()) file = log_file(1, Lsn{1});
  return file;
}

Lsn TraceBuilder::appends(ProcessId node, const Request& request) { return appends(node, Operation{request}); }

Lsn TraceBuilder::appends(ProcessId node, RecordBody body) {
  const Epoch epoch = logs_[node].records.back().epoch;
  return writes(node, {end(node).next(), epoch, WallTime{now_.nanoseconds}, std::move(body)});
}

Lsn TraceBuilder::writes(ProcessId node, Record record) {
  Log& log = logs_[node];
  const Bytes encoded = encode(record);
  TraceEvent& written = disk_event(EventKind::disk_written, node, file_of(node));
  written.a = log.size;
  written.b = encoded.size();
  written.payload = encoded;
  log.size += encoded.size();
  log.records.push_back(std::move(record));
  log.encoded.push_back(encoded);
  return end(node);
}

void TraceBuilder::copies(ProcessId from, ProcessId to, std::optional<Lsn> last) {
  const Log& source = logs_[from];
  const std::size_t behind = last.value_or(end(from)).value;
  const Lsn first = end(to).next();
  std::string bytes;
  for (std::size_t i = first.value - 1; i < behind; ++i) bytes += source.encoded[i].view();
  sends(from, to, source.records.back().epoch, Records{first, first.previous(), 0, Bytes::copy(bytes)});
  for (std::size_t i = first.value - 1; i < behind; ++i) writes(to, source.records[i]);
}

void TraceBuilder::syncs(ProcessId node) {
  Log& log = logs_[node];
  disk_event(EventKind::disk_synced, node, file_of(node));
  if (!std::exchange(log.named, true)) event(EventKind::disk_directory_synced, node);
  log.synced = log.records.size();
}

void TraceBuilder::fails_to_sync(ProcessId node) {
  TraceEvent& failed = disk_event(EventKind::disk_failed, node, file_of(node));
  failed.a = static_cast<std::uint64_t>(effect::DiskVerb::sync);
  failed.b = static_cast<std::uint64_t>(DiskStatus::failed);
}

void TraceBuilder::writes_again(ProcessId node) {
  const Log& log = logs_[node];
  const Bytes& last = log.encoded.back();
  TraceEvent& written = disk_event(EventKind::disk_written, node, file_of(node));
  written.a = log.size - last.size();
  written.b = last.size();
  written.payload = last;
}

void TraceBuilder::cuts(ProcessId node, Lsn end) {
  forgets(node, end);
  disk_event(EventKind::disk_truncated, node, file_of(node)).a = logs_[node].size;
}

void TraceBuilder::forgets(ProcessId node, Lsn end) {
  Log& log = logs_[node];
  log.records.resize(end.value);
  log.encoded.resize(end.value);
  if (end.value < log.before) log.before = 0;
  log.size = 0;
  for (std::size_t i = log.before; i < log.encoded.size(); ++i) log.size += log.encoded[i].size();
  log.synced = std::min<std::size_t>(log.synced, end.value);
  log.named = log.named && end.value > 0;
}

void TraceBuilder::loses_unsynced(ProcessId node) {
  crashes(node);
  Log& log = logs_[node];
  log.records.resize(log.synced);
  log.encoded.resize(log.synced);
  std::string left;
  for (std::size_t i = log.before; i < log.encoded.size(); ++i) left += log.encoded[i].view();
  log.size = left.size();
  disk_event(EventKind::disk_lost, node, file_of(node)).a = log.size;
  starts(node);
  disk_event(EventKind::disk_read, node, file_of(node)).payload = Bytes::copy(left);
}

void TraceBuilder::loses_disk(ProcessId node) {
  crashes(node);
  logs_[node] = {};
  starts(node);
  event(EventKind::disk_listed, node);
  ++disks_lost_[node];
  disk_event(EventKind::disk_written, node, temporary_file(meta_file)).payload = encode(Meta{directory(node)});
}

void TraceBuilder::takes_snapshot(ProcessId to, ProcessId from) {
  constexpr std::uint64_t generation = 2;
  const Lsn lsn = end(from);
  ships_snapshot(from, to, logs_[from].records.back().epoch, lsn);
  writes_checkpoint(to, lsn, "a snapshot", generation);
  const std::string meta(meta_file);
  disk_event(EventKind::disk_renamed, to, temporary_file(meta)).payload =
      Bytes::copy(temporary_file(meta) + '\0' + meta);
  event(EventKind::disk_directory_synced, to);
  Log& log = logs_[to];
  log = logs_[from];
  log.file = log_file(generation, lsn.next());
  log.before = log.synced = log.records.size();
  log.size = 0;
  log.named = false;
}

void TraceBuilder::writes_checkpoint(ProcessId node, Lsn lsn, std::string_view bytes, std::uint64_t generation) {
  const std::string name = checkpoint_file(generation, lsn);
  const std::string being_made = temporary_file(name);
  disk_event(EventKind::disk_written, node, being_made).payload = Bytes::copy(bytes.substr(0, bytes.size() / 2));
  TraceEvent& rest = disk_event(EventKind::disk_written, node, being_made);
  rest.a = bytes.size() / 2;
  rest.payload = Bytes::copy(bytes.substr(bytes.size() / 2));
  disk_event(EventKind::disk_synced, node, being_made);
  std::string names = being_made;
  names += '\0';
  names += name;
  disk_event(EventKind::disk_renamed, node, being_made).payload = Bytes::copy(names);
}

// ---- Messages

void TraceBuilder::acks(ProcessId backup, ProcessId primary) {
  const Log& log = logs_[backup];
  sends(backup, primary, log.records.back().epoch, Ack{end(backup), {log.synced}, 0, false});
}

void TraceBuilder::acks(ProcessId backup, ProcessId primary, Epoch epoch, Lsn durable) {
  sends(backup, primary, epoch, Ack{durable, durable, 0, false});
}

void TraceBuilder::asks(ProcessId client, ProcessId node, const Request& request) {
  sends(client, node, {}, RequestMessage{request});
}

void TraceBuilder::answers(ProcessId node, ProcessId client, std::uint64_t number, Lsn position, Status status) {
  Response response;
  response.session = {2};
  response.number = number;
  response.status = status;
  response.position = position;
  response.revision = status == Status::ok ? position : Lsn{};
  sends(node, client, {}, ResponseMessage{response}, EventKind::replied);
}

void TraceBuilder::ships_nothing(ProcessId from, ProcessId to, Epoch epoch) {
  sends(from, to, epoch, Records{end(from).next(), {}, 0, {}});
}

void TraceBuilder::ships_snapshot(ProcessId from, ProcessId to, Epoch epoch, Lsn lsn) {
  sends(from, to, epoch, SnapshotChunk{lsn, 0, true, {}});
}

void TraceBuilder::welcomes(ProcessId from, ProcessId to, Epoch epoch, Lsn cut) {
  sends(from, to, epoch, Welcome{cut, false, {}});
}

// ---- Users

void TraceBuilder::invokes(ProcessId client, std::uint64_t number, Verb verb, std::string_view key,
                           std::string_view value, Condition condition) {
  const Invocation invocation{number, verb, Bytes::copy(key), Bytes::copy(value), condition};
  event(EventKind::input, client).payload = encode(invocation);
  Request request;
  request.session = {2};
  request.number = number;
  request.verb = verb;
  request.key = invocation.key;
  request.value = invocation.value;
  request.condition = condition;
  TraceEvent& sent = event(EventKind::sent, client, a);
  sent.a = 1000 + static_cast<std::uint64_t>(client);  // a connection on which nothing arrives
  sent.payload = encode(Epoch{}, Incarnation{1}, RequestMessage{request});
}

void TraceBuilder::completes(ProcessId client, std::uint64_t number, Outcome outcome, std::uint64_t revision,
                             std::string_view value) {
  const Completion completion{number, outcome, {revision}, Bytes::copy(value)};
  event(EventKind::report, client).payload = encode(completion);
}

// ---- What comes of it

Properties TraceBuilder::judged(std::optional<sim::Time> heal_at, const Bounds& bounds) const {
  Properties properties(cast_, bounds);
  for (const TraceEvent& one : events_) {
    if (heal_at && one.time >= *heal_at) properties.heal(*std::exchange(heal_at, std::nullopt));
    properties.observe({&one, 1}, file_names_);
  }
  if (heal_at) properties.heal(*heal_at);
  properties.finish(now_);
  return properties;
}

Verdict TraceBuilder::verdict(std::string_view property, std::optional<sim::Time> heal_at) const {
  return judged(heal_at).verdict(*find(property));
}

std::vector<std::string_view> TraceBuilder::violated() const {
  std::vector<std::string_view> list;
  const std::vector<Verdict> verdicts = judged().verdicts();
  for (std::size_t place = 0; place < verdicts.size(); ++place) {
    if (verdicts[place].conclusion == Conclusion::violated) list.push_back(names()[place]);
  }
  return list;
}

}  // namespace smalldb::properties
