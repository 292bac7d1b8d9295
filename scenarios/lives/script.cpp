#include "scenarios/lives/script.h"

#include <algorithm>

#include "model/notes.h"
#include "scenarios/lives/join.h"
#include "sim/listing.h"

namespace smalldb::scenarios {

using sim::EventKind;
using sim::TraceEvent;

namespace {

// Datagrams kept until they arrive; of those that do not, the oldest are forgotten.
constexpr std::size_t datagrams_kept_max = 1024;

std::optional<EventKind> event_of(effect::DiskVerb verb) {
  using effect::DiskVerb;
  switch (verb) {
    case DiskVerb::list: return EventKind::disk_listed;
    case DiskVerb::read: return EventKind::disk_read;
    case DiskVerb::write:
    case DiskVerb::write_synced: return EventKind::disk_written;
    case DiskVerb::sync: return EventKind::disk_synced;
    case DiskVerb::truncate: return EventKind::disk_truncated;
    case DiskVerb::rename: return EventKind::disk_renamed;
    case DiskVerb::link: return EventKind::disk_linked;
    case DiskVerb::remove: return EventKind::disk_removed;
    case DiskVerb::sync_directory: return EventKind::disk_directory_synced;
  }
  return std::nullopt;
}

bool is_sync(effect::DiskVerb verb) { return verb == effect::DiskVerb::sync || verb == effect::DiskVerb::write_synced; }

}  // namespace

Script::Script(Joined& joined, const Evidence& evidence)
    : joined_(joined),
      evidence_(evidence),
      clients_{static_cast<std::uint32_t>(joined.cast.size() - 1)},
      processes_(joined.cast.size()) {}

void Script::at(sim::Time time) { now_ = std::max(now_, time); }

ProcessId Script::place_of(ProcessId called) const {
  return called == no_process ? clients_ : joined_.cast.place_of(called);
}

bool Script::is_recorded(ProcessId process) const {
  return joined_.cast.has(process) && joined_.recorded[static_cast<std::size_t>(process)];
}

// ---- Events of the trace -------------------------------------------------------------------------------------------

TraceEvent& Script::add(EventKind kind, ProcessId process, sim::EventIndex cause) {
  TraceEvent& event = events_.emplace_back();
  event.index = written_++;
  event.cause = cause;
  event.time = now_;
  event.kind = kind;
  event.process = process;
  return event;
}

// Where ends[side] is; its peer is the other.
TraceEvent& Script::add(EventKind kind, const Connection& connection, int side, sim::EventIndex cause) {
  TraceEvent& event = add(kind, connection.ends[side].process, cause);
  event.peer = connection.ends[1 - side].process;
  event.link = connection.ends[side].link.value_or(Link{0});
  event.a = connection.number;
  return event;
}

TraceEvent& Script::add(EventKind kind, ProcessId process, const effect::Disk& disk, sim::EventIndex cause) {
  TraceEvent& event = add(kind, process, cause);
  event.volume = disk.volume;
  if (!disk.name.empty()) event.file = file(disk.name);
  return event;
}

sim::FileId Script::file(std::string_view name) {
  const auto known = files_.find(name);
  if (known != files_.end()) return known->second;
  const sim::FileId id{static_cast<std::uint32_t>(joined_.file_names.size())};
  joined_.file_names.emplace_back(name);
  files_.emplace(name, id);
  return id;
}

// ---- Lives ---------------------------------------------------------------------------------------------------------

void Script::begin_life(ProcessId process, std::size_t life) {
  Process& its = of(process);
  its.running = true;
  its.life = life;
  begun_.insert(life);
  its.known_disk.begin_life();
  TraceEvent& started = add(EventKind::started, process, sim::no_event);
  started.a = ++its.lives;
  cause_ = started.index;
}

void Script::end_life(ProcessId process, Ending ending, std::string_view failure) {
  Process& its = of(process);
  if (its.running && ending != Ending::out_of_sight) {
    TraceEvent& ended = add(ending == Ending::crashed   ? EventKind::crashed
                            : ending == Ending::stopped ? EventKind::stopped
                                                        : EventKind::assertion_failed,
                            process, sim::no_event);
    ended.a = its.lives;
    ended.payload = Bytes::copy(failure);
    const sim::EventIndex end = ended.index;
    // A process that ends takes nothing with it that it had written: the system still has it.
    for (const sim::FileId kept : its.unsynced) {
      TraceEvent& event = add(EventKind::disk_kept, process, end);
      event.file = kept;
    }
  }
  for (const auto& [link, place] : its.links) {
    lose_operations(connections_[place.connection], sim::no_event);
  }
  its.links.clear();
  for (const auto& [token, wanted] : its.disk) {
    if (wanted.first.volume == Volume::own) its.known_disk.on_left(wanted.first);
  }
  its.known_disk.end_life();
  joined_.bytes_never_written += std::exchange(its.bytes_in_doubt, 0);
  its.disk.clear();
  its.unsynced.clear();
  its.running = false;
}

void Script::finish() {
  for (Process& its : processes_) {
    its.running = false;
    joined_.bytes_never_written += std::exchange(its.bytes_in_doubt, 0);
  }
}

void Script::step(ProcessId process, const Reenactor::Step& step) {
  std::visit([&](const auto& event) { show(process, event); }, step.event);
  for (const Effect& effect : step.effects) {
    std::visit([&](const auto& wanted) { show(process, wanted); }, effect);
  }
}

void Script::show(ProcessId, const Started&) {}  // begin_life has

void Script::show(ProcessId process, const TimerFired& fired) {
  TraceEvent& event = add(EventKind::timer_fired, process, sim::no_event);
  event.a = static_cast<std::uint64_t>(fired.timer);
  cause_ = event.index;
}

void Script::show(ProcessId process, const Input& input) {
  TraceEvent& event = add(EventKind::input, process, sim::no_event);
  event.a = of(process).inputs++;
  event.payload = input.bytes;
  cause_ = event.index;
}

void Script::show(ProcessId process, const effect::Note& note) {
  // What a node has found to be damaged it does not build on, whoever wrote it.
  if (note.what == static_cast<std::uint16_t>(NoteKind::log_damaged)) of(process).bytes_in_doubt = 0;
  TraceEvent& event = add(EventKind::note, process, cause_);
  event.a = notes_.size();
  event.b = note.what | static_cast<std::uint64_t>(note.role) << 16;
  event.payload = note.text;
  notes_.push_back(note);
}

void Script::show(ProcessId process, const effect::Stop& stop) {
  TraceEvent& event = add(EventKind::stopped, process, cause_);
  event.a = of(process).lives;
  event.payload = stop.why;
  of(process).running = false;
}

// ---- Connections ---------------------------------------------------------------------------------------------------

Script::Connection& Script::open(Port port, End from, End to) {
  Connection& connection = connections_.emplace_back();
  connection.number = connections_.size();
  connection.port = port;
  connection.ends[0] = from;
  connection.ends[1] = to;
  for (const int side : {0, 1}) {
    const End& end = connection.ends[side];
    if (end.link) of(end.process).links[*end.link] = {connections_.size() - 1, side};
  }
  return connection;
}

const Script::Connection* Script::connection_of(ProcessId process, Link link, int& side) const {
  const auto found = of(process).links.find(link);
  if (found == of(process).links.end()) return nullptr;
  side = found->second.side;
  return &connections_[found->second.connection];
}

// Null for an end whose other one nobody knows.
const Evidence::OtherEnd* Script::other_end(ProcessId process, Link link) const {
  const auto found = evidence_.other_ends.find({of(process).life, link});
  return found == evidence_.other_ends.end() ? nullptr : &found->second;
}

void Script::show(ProcessId process, const effect::Connect& connect) {
  const ProcessId to = joined_.cast.place_of(connect.to);
  if (!joined_.cast.has(to)) return;  // a process that nobody has a name for
  Connection& connection = open(connect.port, {process, connect.link}, {to, std::nullopt});
  connection.is_known = other_end(process, connect.link) != nullptr;
  if (connection.is_known) unaccepted_[{of(process).life, connect.link}] = connections_.size() - 1;
  TraceEvent& event = add(EventKind::connecting, connection, 0, cause_);
  event.b = static_cast<std::uint64_t>(connect.port);
  connection.flows[0].cause = event.index;
}

void Script::show(ProcessId process, const Accepted& accepted) {
  const ProcessId from = place_of(accepted.from());
  if (!joined_.cast.has(from)) return;
  Connection* connection = nullptr;
  const Evidence::OtherEnd* const other = other_end(process, accepted.link());
  const auto made = other == nullptr ? unaccepted_.end() : unaccepted_.find(other->end);
  if (made != unaccepted_.end()) {
    const std::size_t place = made->second;
    unaccepted_.erase(made);
    connection = &connections_[place];
    connection->ends[1].link = accepted.link();
    of(process).links[accepted.link()] = {place, 1};
  } else {
    connection = &open(accepted.port(), {from, std::nullopt}, {process, accepted.link()});
  }
  TraceEvent& event = add(EventKind::accepted, *connection, 1, connection->flows[0].cause);
  event.b = static_cast<std::uint64_t>(accepted.port());
  connection->flows[1].cause = cause_ = event.index;
}

void Script::show(ProcessId process, const Connected& connected) {
  int side = 0;
  const Connection* const connection = connection_of(process, connected.link, side);
  if (connection == nullptr) return;
  TraceEvent& event = add(EventKind::connected, *connection, side, connection->flows[1 - side].cause);
  event.b = static_cast<std::uint64_t>(connection->port);
  cause_ = event.index;
}

void Script::show(ProcessId process, const Closed& closed) {
  int side = 0;
  const Connection* const connection = connection_of(process, closed.link, side);
  if (connection == nullptr) return;
  TraceEvent& event = add(EventKind::closed, *connection, side, sim::no_event);
  event.b = static_cast<std::uint64_t>(closed.reason);
  cause_ = event.index;
  of(process).links.erase(closed.link);
}

void Script::show(ProcessId process, const effect::Close& close) {
  int side = 0;
  const Connection* const connection = connection_of(process, close.link, side);
  if (connection == nullptr) return;
  const sim::EventIndex closed = add(EventKind::link_closed, *connection, side, cause_).index;
  lose_operations(connections_[connection->number - 1], closed);
  of(process).links.erase(close.link);
}

void Script::show(ProcessId process, const effect::Send& send_it) {
  send(process, send_it.link, send_it.bytes, EventKind::sent);
}

void Script::show(ProcessId process, const effect::Reply& reply) {
  send(process, reply.link, reply.bytes, EventKind::replied);
}

void Script::send(ProcessId process, Link link, const Bytes& bytes, EventKind kind) {
  const auto place = of(process).links.find(link);
  if (place == of(process).links.end()) return;  // closed: it goes nowhere
  const int side = place->second.side;
  Connection& connection = connections_[place->second.connection];
  Connection::Flow& flow = connection.flows[side];
  TraceEvent& event = add(kind, connection, side, cause_);
  event.b = flow.sent;
  event.payload = bytes;
  flow.cause = event.index;
  flow.sent += bytes.size();
  if (connection.is_known) flow.on_its_way += bytes.view();
  if (kind == EventKind::replied) end_operation(connection, side, bytes);
}

void Script::show(ProcessId process, const Received& received) {
  const auto place = of(process).links.find(received.link);
  cause_ = sim::no_event;
  if (place == of(process).links.end()) return;
  receive(connections_[place->second.connection], 1 - place->second.side, received.bytes);
}

// Bytes of flows[side] have come to the other end.
void Script::receive(Connection& connection, int side, const Bytes& bytes) {
  Connection::Flow& flow = connection.flows[side];
  const End& from = connection.ends[side];
  if (!from.link && !is_recorded(from.process)) return take_unrecorded(connection, side, bytes);
  // Without a link it was sent in a life that is missing.
  if (flow.on_its_way.compare(0, bytes.size(), bytes.view()) != 0) {
    joined_.bytes_mismatched += bytes.size();
    return;
  }
  flow.on_its_way.erase(0, bytes.size());
  TraceEvent& event = add(EventKind::received, connection, 1 - side, flow.cause);
  event.b = flow.received;
  event.payload = bytes;
  flow.received += bytes.size();
  cause_ = event.index;
}

// Whole messages only: what is sent is one.
void Script::take_unrecorded(Connection& connection, int side, const Bytes& bytes) {
  Connection::Flow& flow = connection.flows[side];
  if (flow.frames.broken()) return;
  flow.frames.take(bytes);
  while (!flow.frames.broken()) {
    const std::optional<Bytes> frame = flow.frames.next();
    if (!frame) return;
    const bool of_clients = connection.ends[side].process == clients_;
    const sim::EventIndex asked = of_clients ? begin_operation(connection, side, *frame) : sim::no_event;
    TraceEvent& sent = add(EventKind::sent, connection, side, asked);
    sent.b = flow.sent;
    sent.payload = *frame;
    flow.sent += frame->size();
    const sim::EventIndex cause = sent.index;
    TraceEvent& event = add(EventKind::received, connection, 1 - side, cause);
    event.b = flow.received;
    event.payload = *frame;
    flow.received += frame->size();
    cause_ = event.index;
  }
}

bool Script::has_been_sent(ProcessId process, const Event& event) const {
  if (const auto* const received = std::get_if<Received>(&event)) {
    int side = 0;
    const Connection* const connection = connection_of(process, received->link, side);
    if (connection == nullptr || !connection->is_known) return true;
    const Connection::Flow& flow = connection->flows[1 - side];
    return flow.on_its_way.size() >= received->bytes.size() ||
           flow.received + received->bytes.size() > other_end(process, received->link)->sent;
  }
  if (const auto* const accepted = std::get_if<Accepted>(&event)) {
    const Evidence::OtherEnd* const other = other_end(process, accepted->link());
    return other == nullptr || unaccepted_.contains(other->end);
  }
  if (const auto* const connected = std::get_if<Connected>(&event)) {
    const Evidence::OtherEnd* const other = other_end(process, connected->link);
    return other == nullptr || begun_.contains(other->end.first);
  }
  if (const auto* const datagram = std::get_if<DatagramReceived>(&event)) {
    const ProcessId from = place_of(datagram->from);
    if (!is_recorded(from)) return true;
    const auto way = datagrams_.find({from, process});
    return way != datagrams_.end() && std::any_of(way->second.begin(), way->second.end(),
                                                  [&](const Datagram& each) { return each.bytes == datagram->bytes; });
  }
  return true;
}

// ---- Operations of clients -----------------------------------------------------------------------------------------

Script::Operation Script::operation(const Connection& connection, int side, SessionId session,
                                    std::uint64_t number) const {
  return Evidence::operation(session, number, of(connection.ends[side].process).life);
}

// A request is on its way to a node, from ends[side]. Gives the event in which it was asked for, unless it is a retry.
sim::EventIndex Script::begin_operation(Connection& connection, int side, const Bytes& frame) {
  const std::optional<Message> message = decode_frame(frame);
  const auto* const body = message ? std::get_if<RequestMessage>(&message->body) : nullptr;
  if (body == nullptr || body->request.verb == Verb::open_session) return sim::no_event;
  const Request& request = body->request;
  const Operation name = operation(connection, 1 - side, request.session, request.number);
  Begun& begun = operations_[name];
  connection.under_way.push_back(name);
  ++begun.attempts;
  ++begun.under_way;
  if (begun.number != 0) return sim::no_event;
  begun.number = ++operation_count_;
  Invocation invocation;
  invocation.number = begun.number;
  invocation.verb = request.verb;
  invocation.key = request.key;
  invocation.value = request.value;
  invocation.condition = request.condition;
  TraceEvent& event = add(EventKind::input, clients_, sim::no_event);
  event.a = begun.number;
  event.payload = encode(invocation);
  return event.index;
}

// An answer leaves ends[side] for the clients.
void Script::end_operation(Connection& connection, int side, const Bytes& frame) {
  const std::optional<Message> message = decode_frame(frame);
  const auto* const body = message ? std::get_if<ResponseMessage>(&message->body) : nullptr;
  if (body == nullptr) return;
  const Response& response = body->response;
  Connection::Flow& flow = connection.flows[side];
  TraceEvent& received = add(EventKind::received, connection, 1 - side, flow.cause);
  received.b = flow.received;
  received.payload = frame;
  flow.received += frame.size();
  const sim::EventIndex cause = received.index;

  const Operation name = operation(connection, side, response.session, response.number);
  const auto attempt = std::find(connection.under_way.begin(), connection.under_way.end(), name);
  if (attempt == connection.under_way.end()) return;
  connection.under_way.erase(attempt);
  Begun& begun = operations_[name];
  --begun.under_way;
  if (begun.ended) return settle(name, cause);
  // A denial is about this attempt alone: an earlier one may have been executed.
  const bool denied = response.status == Status::session_expired || response.status == Status::number_taken;
  begun.may_have_happened = begun.may_have_happened || denied;
  if (!is_refusal(response.status) && !denied) {
    begun.ended = true;
    report(begun, outcome_of(response.status), response, cause);
  }
  settle(name, cause);
}

void Script::settle(const Operation& name, sim::EventIndex cause) {
  const Begun& begun = operations_[name];
  const auto attempts = evidence_.attempts.find(name);
  if (begun.under_way > 0 || (attempts != evidence_.attempts.end() && begun.attempts < attempts->second)) return;
  if (!begun.ended) report(begun, begun.may_have_happened ? Outcome::unknown : Outcome::failed, {}, cause);
  operations_.erase(name);
}

// The requests on this connection get no answer any more.
void Script::lose_operations(Connection& connection, sim::EventIndex cause) {
  for (const Operation& name : std::exchange(connection.under_way, {})) {
    Begun& begun = operations_[name];
    begun.may_have_happened = true;
    --begun.under_way;
    settle(name, cause);
  }
}

void Script::report(const Begun& begun, Outcome outcome, const Response& response, sim::EventIndex cause) {
  Completion completion;
  completion.number = begun.number;
  completion.outcome = outcome;
  completion.revision = response.revision;
  completion.value = response.value;
  TraceEvent& event = add(EventKind::report, clients_, cause);
  event.a = completion.number;
  event.payload = encode(completion);
}

// ---- Datagrams -----------------------------------------------------------------------------------------------------

void Script::show(ProcessId process, const effect::SendDatagram& datagram) {
  const ProcessId to = joined_.cast.place_of(datagram.to);
  if (!joined_.cast.has(to)) return;
  TraceEvent& event = add(EventKind::datagram_sent, process, cause_);
  event.peer = to;
  event.a = datagram_count_[{process, to}]++;
  event.payload = datagram.bytes;
  if (!is_recorded(to)) return;
  std::deque<Datagram>& way = datagrams_[{process, to}];
  way.push_back({event.a, event.index, datagram.bytes});
  if (way.size() > datagrams_kept_max) way.pop_front();
}

void Script::show(ProcessId process, const DatagramReceived& datagram) {
  const ProcessId from = place_of(datagram.from);
  cause_ = sim::no_event;
  if (!joined_.cast.has(from)) return;
  std::deque<Datagram>& way = datagrams_[{from, process}];
  auto sent = std::find_if(way.begin(), way.end(), [&](const Datagram& each) { return each.bytes == datagram.bytes; });
  if (sent == way.end()) {
    TraceEvent& event = add(EventKind::datagram_sent, from, sim::no_event);
    event.peer = process;
    event.a = datagram_count_[{from, process}]++;
    event.payload = datagram.bytes;
    way.push_back({event.a, event.index, datagram.bytes});
    sent = std::prev(way.end());
  }
  TraceEvent& event = add(EventKind::datagram_received, process, sent->cause);
  event.peer = from;
  event.a = sent->number;
  event.payload = datagram.bytes;
  cause_ = event.index;
  way.erase(sent);
}

// ---- Disks ---------------------------------------------------------------------------------------------------------

void Script::show(ProcessId process, const effect::Disk& disk) {
  if (disk.volume == Volume::own) of(process).known_disk.on_wanted(disk);
  of(process).disk.insert_or_assign(disk.token, std::pair(disk, cause_));
}

void Script::show(ProcessId process, const DiskDone& done) {
  Process& its = of(process);
  const auto wanted = its.disk.find(done.token);
  cause_ = sim::no_event;
  if (wanted == its.disk.end()) return;
  const auto [disk, issued] = std::move(wanted->second);
  its.disk.erase(wanted);
  if (done.status != DiskStatus::ok) {
    TraceEvent& event = add(EventKind::disk_failed, process, disk, issued);
    event.a = static_cast<std::uint64_t>(disk.verb);
    event.b = static_cast<std::uint64_t>(done.status);
    cause_ = event.index;
    return;
  }
  if (disk.volume == Volume::own) its.bytes_in_doubt += its.known_disk.on_done(disk, done);
  TraceEvent& event = add(*event_of(disk.verb), process, disk, issued);
  cause_ = event.index;
  switch (event.kind) {
    case EventKind::disk_written:
      event.a = disk.offset;
      event.b = disk.bytes.size();
      event.payload = disk.bytes;
      if (disk.volume == Volume::own) its.unsynced.insert(event.file);
      break;
    case EventKind::disk_read:
      event.a = disk.offset;
      event.payload = done.bytes;
      break;
    case EventKind::disk_listed: event.payload = sim::encode_listing(*done.entries); break;
    case EventKind::disk_truncated: event.a = disk.offset; break;
    case EventKind::disk_renamed:
    case EventKind::disk_linked: event.payload = Bytes::copy(disk.name + '\0' + disk.new_name); break;
    default: break;
  }
  if (!is_sync(disk.verb)) return;
  if (disk.verb == effect::DiskVerb::write_synced) {
    cause_ = add(EventKind::disk_synced, process, disk, cause_).index;
  }
  TraceEvent& synced = events_.back();
  synced.a = ++its.syncs;
  if (disk.volume == Volume::own) its.unsynced.erase(synced.file);
}

}  // namespace smalldb::scenarios
