// Streams: connecting, sending, arriving, holding back, breaking.
#include <algorithm>
#include <optional>
#include <utility>

#include "model/assert.h"
#include "sim/host.h"

namespace smalldb::sim {

using State = ConnectionEnd::State;
using Kind = Segment::Kind;

namespace {

bool opens(Kind kind) { return kind == Kind::open || kind == Kind::opened; }

}  // namespace

// ---- What machines ask for ------------------------------------------------------------------------------------------

void Host::connect(ProcessId from, const effect::Connect& effect, EventIndex cause) {
  SMALLDB_ASSERT(index(effect.to) < processes_.size(), index(effect.to));
  const std::uint32_t there = 2 * network_.make_connection(from, effect.to, effect.port);
  sender_of(there).link = effect.link;
  sender_of(there).state = State::connecting;
  at(from).links.push_back({effect.link, there});
  for (const std::uint32_t number : {there, there ^ 1}) {
    Flow& flow = flow_of(number);
    const ProcessId sender = sender_of(number).process;
    const ProcessId receiver = receiver_of(number).process;
    renew(flow.slot, {.kind = Pending::Kind::arrival, .process = receiver, .peer = sender, .index = number});
    renew(flow.timeout, {.kind = Pending::Kind::flow_timeout, .process = sender, .peer = receiver, .index = number});
  }
  Flow& flow = flow_of(there);
  const auto port = static_cast<std::uint64_t>(effect.port);
  const EventIndex connecting = stream_event(EventKind::connecting, there, cause, port).index;
  pending_[flow.timeout].cause = connecting;
  arm(flow.timeout, now_ + settings_->network.connect_timeout);
  push_segment(flow, {.kind = Kind::open, .cause = connecting});
}

void Host::close(ProcessId from, Link link, EventIndex cause) {
  const std::uint32_t* const found = at(from).find(link);
  if (!found) return;
  const std::uint32_t number = *found;
  const EventIndex closing = stream_event(EventKind::link_closed, number, cause, 0).index;
  if (sender_of(number).state == State::connecting) {
    lose_waiting(number, closing);
    disarm(flow_of(number).timeout);
  }
  push_segment(flow_of(number), {.kind = Kind::finish, .cause = closing});
  end_is_gone(number);
}

// ---- Setting out ----------------------------------------------------------------------------------------------------

void Host::push_segment(Flow& flow, Segment&& segment) {
  const bool first = flow.empty();
  Segment& pushed = flow.segments.append() = std::move(segment);
  if (pushed.can_leave) schedule_segment(flow, pushed);
  if (first) arm_flow(flow);
}

// When a segment arrives that leaves now, wherever a bandwidth, faults or pins have a say.
Time Host::arrival_of(const Flow& flow, const Segment& segment) {
  const Direction way = network_.direction_of(flow);
  const Transit transit = this->transit(way.from, way.to, segment.bytes.size(), true, segment.cause);
  if (segment.kind != Kind::finish) return transit.arrives;
  return transit.arrives + delay_of_close(segment, way.from, way.to, transit.packet);
}

// FaultKind::late_close.
Duration Host::delay_of_close(const Segment& finish, ProcessId from, ProcessId to, std::uint64_t packet) {
  Duration delay;
  ledger_.each(FaultKind::late_close, [&](FaultId id, const Fault& fault) {
    if (!FaultLedger::covers(fault, from, to)) return;
    const Key who = key_of(fault.key, network_.path(from, to).key);
    delay = delay + fault.delay.at(dice_.draw(Chance::delay, who, packet));
    take_effect(id, from, to, finish.cause);
  });
  return delay;
}

// ---- Arriving -------------------------------------------------------------------------------------------------------

// Whether the arrival of the first segment is in the trace.
bool Host::arrival_is_seen(std::uint32_t number) {
  const Segment& segment = flow_of(number).first();
  if (segment.kind == Kind::bytes) return true;
  if (blocked(number)) return sender_of(number).state != State::dead;
  return takes(number) || (opens(segment.kind) && may_answer(number));
}

// Whether the receiver's machine is told of the first segment, which is not bytes.
bool Host::takes(std::uint32_t number) {
  const ConnectionEnd& receiver = receiver_of(number);
  switch (flow_of(number).first().kind) {
    case Kind::open: return at(receiver.process).running() && receiver.state == State::absent;
    case Kind::opened: return receiver.state == State::connecting;
    default: return receiver.listens();
  }
}

// The first segment arrives and changes nothing that anybody sees.
void Host::arrive_unseen(std::uint32_t number) {
  const Kind kind = flow_of(number).first().kind;
  flow_of(number).pop();
  if (kind == Kind::open) receiver_of(number).state = State::gone;
  arm_flow(flow_of(number));
  maybe_free(number);
}

// The first segment opens a connection that nobody takes: a reset goes back.
void Host::refuse(std::uint32_t number) {
  const Segment segment = flow_of(number).first();
  flow_of(number).pop();
  ConnectionEnd& receiver = receiver_of(number);
  TraceEvent& event = trace_.add(EventKind::refused, now_, receiver.process, segment.cause);
  event.peer = sender_of(number).process;
  event.a = flow_of(number).number;
  event.b = static_cast<std::uint64_t>(connection_of(number).port);
  answer_with_reset(number, segment.kind == Kind::open ? CloseReason::refused : CloseReason::reset, event.index);
  if (segment.kind == Kind::open) receiver.state = State::gone;
  arm_flow(flow_of(number));
  maybe_free(number);
}

void Host::describe_arrival(std::uint32_t number, TraceEvent& event) {
  const Flow& flow = flow_of(number);
  const Segment& segment = flow.first();
  const ConnectionEnd& receiver = receiver_of(number);
  event.cause = segment.cause;
  event.process = receiver.process;
  event.peer = sender_of(number).process;
  event.link = receiver.link;
  event.a = flow_of(number).number;
  const bool is_blocked = blocked(number);
  if (is_blocked && sender_of(number).state != State::dead) {
    event.kind = EventKind::fault_took_effect;
    return;
  }
  switch (segment.kind) {
    case Kind::open:
    case Kind::opened:
      event.kind = segment.kind == Kind::open ? EventKind::accepted : EventKind::connected;
      if (!takes(number)) {
        event.kind = EventKind::refused;
        event.link = Link{0};
      }
      event.b = static_cast<std::uint64_t>(connection_of(number).port);
      return;
    case Kind::bytes:
      if (is_blocked || !receiver.listens()) {
        event.kind = EventKind::stream_lost;
        event.process = sender_of(number).process;
        event.peer = receiver.process;
        event.link = sender_of(number).link;
        event.b = segment.offset;
        event.payload = segment.bytes;
      } else {
        const Piece piece = next_piece(number, tears(flow));
        event.kind = EventKind::received;
        event.cause = piece.cause;
        event.b = piece.offset;
        event.payload = piece.bytes;
      }
      return;
    case Kind::finish:
    case Kind::reset:
      event.kind = EventKind::closed;
      event.b = static_cast<std::uint64_t>(segment.kind == Kind::finish ? CloseReason::closed_by_peer : segment.reason);
      return;
  }
}

void Host::arrive(std::uint32_t number) {
  if (delivers(number)) return deliver_piece(number);
  if (!arrival_is_seen(number)) return arrive_unseen(number);
  const ConnectionEnd& sender = sender_of(number);
  ConnectionEnd& receiver = receiver_of(number);
  const Segment& first = flow_of(number).first();
  if (blocked(number)) {
    // Whom would send them again is gone with its process; otherwise they wait.
    if (sender.state != State::dead) return hold(number);
    lose_first(number, first.cause);
    arm_flow(flow_of(number));
    return maybe_free(number);
  }
  if (first.kind == Kind::bytes) {
    const EventIndex cause = first.cause;
    lose_first(number, cause);
    answer_with_reset(number, CloseReason::reset, trace_.last_index());
    arm_flow(flow_of(number));
    return maybe_free(number);
  }

  if (!takes(number)) return refuse(number);

  const Segment segment = first;
  flow_of(number).pop();
  const ProcessId id = receiver.process;
  if (segment.kind == Kind::finish || segment.kind == Kind::reset) {
    arm_flow(flow_of(number));
    const auto reason = segment.kind == Kind::finish ? CloseReason::closed_by_peer : segment.reason;
    return tell_closed(number ^ 1, reason, segment.cause);
  }

  const bool accepts = segment.kind == Kind::open;
  if (accepts) {
    receiver.link = at(id).effects.take_link();
    at(id).links.push_back({receiver.link, number ^ 1});
  }
  receiver.state = State::open;
  const Link link = receiver.link;
  const Port port = connection_of(number).port;
  const EventKind kind = accepts ? EventKind::accepted : EventKind::connected;
  const EventIndex cause = stream_event(kind, number ^ 1, segment.cause, static_cast<std::uint64_t>(port)).index;
  const ProcessId from = sender.process;
  const std::uint32_t back = number ^ 1;
  if (accepts) {
    push_segment(flow_of(back), {.kind = Kind::opened, .cause = cause});
  } else {  // what the machine sent meanwhile can leave
    disarm(flow_of(back).timeout);
    Flow& own = flow_of(back);
    for (std::uint32_t i = 0; i < own.segments.size(); ++i) {
      if (own.segments[i].can_leave) continue;
      own.segments[i].can_leave = true;
      schedule_segment(own, own.segments[i]);
    }
    arm_flow(own);
  }
  arm_flow(flow_of(number));
  if (accepts) {
    step_machine(id, HostEvents::accepted(link, from, port), cause);
  } else {
    step_machine(id, Connected{link}, cause);
  }
}

// ---- Bytes ----------------------------------------------------------------------------------------------------------

// Whether a fault tears the flow's bytes.
bool Host::torn_by_fault(Direction way) const {
  bool found = false;
  ledger_.each(FaultKind::chunking,
               [&](FaultId, const Fault& fault) { found = found || FaultLedger::covers(fault, way.from, way.to); });
  return found;
}

// The bytes that the receiver gets next: the first segment, or where streams are torn any number of those that are
// there by then.
Host::Piece Host::next_piece(std::uint32_t number, bool tear) {
  const Flow& flow = flow_of(number);
  const Segment& first = flow.first();
  Piece piece;
  piece.offset = first.offset;
  piece.cause = first.cause;
  piece.segments = 1;
  if (!tear) {
    piece.bytes = first.bytes;
    return piece;
  }
  std::uint64_t available = 0;
  for (std::uint32_t i = 0; i < flow.segments.size(); ++i) {
    const Segment& segment = flow.segments[i];
    if (segment.kind != Kind::bytes || !segment.can_leave || segment.arrives > first.arrives) break;
    available += segment.bytes.size();
  }
  const Key who = key_of(connection_of(number).key, number % 2);
  const std::uint64_t drawn = dice_.draw(Chance::piece, who, flow.pieces);
  const std::uint64_t length = hits(drawn, {1, 3}) ? available : 1 + below(again(drawn), available);
  piece.chunked = length != first.bytes.size();
  std::uint64_t left = length;
  std::uint32_t i = 0;
  for (piece.segments = 0; left >= flow.segments[i].bytes.size();) {
    left -= flow.segments[i].bytes.size();
    piece.cause = flow.segments[i].cause;
    ++piece.segments;
    ++i;
    if (left == 0) break;
  }
  if (left > 0) piece.cause = flow.segments[i].cause;
  piece.rest = left;
  if (length <= first.bytes.size()) {
    piece.bytes = first.bytes.slice(0, length);
    return piece;
  }
  piece.bytes = Bytes::build(length, [&](char* to) {
    std::uint64_t missing = length;
    for (std::uint32_t from = 0; missing > 0; ++from) {
      const std::string_view bytes = flow.segments[from].bytes.view().substr(0, missing);
      to = std::copy(bytes.begin(), bytes.end(), to);
      missing -= bytes.size();
    }
  });
  return piece;
}

void Host::deliver_torn(std::uint32_t number) {
  Flow& flow = flow_of(number);
  const ConnectionEnd receiver = receiver_of(number);
  const ProcessId from = sender_of(number).process;
  Piece piece = next_piece(number, true);
  for (std::uint32_t i = 0; i < piece.segments; ++i) flow.pop();
  if (piece.rest > 0) {
    Segment& first = flow.first();
    first.offset += piece.rest;
    first.bytes = first.bytes.slice(piece.rest, first.bytes.size() - piece.rest);
    first.digest = 0;
    const Key who = key_of(connection_of(number).key, number % 2);
    const std::uint64_t pause = below(again(again(dice_.draw(Chance::piece, who, flow.pieces))), 50'000);
    first.arrives = now_ + nanoseconds(static_cast<std::int64_t>(pause));
    flow.last_arrival = std::max(flow.last_arrival, first.arrives);
  }
  ++flow.pieces;
  arm_flow(flow_of(number));
  TraceEvent& event = stream_event(EventKind::received, number ^ 1, piece.cause, piece.offset);
  event.payload = piece.bytes;
  const EventIndex cause = event.index;
  if (piece.chunked) {
    ledger_.each(FaultKind::chunking, [&](FaultId id, const Fault& fault) {
      if (FaultLedger::covers(fault, from, receiver.process)) take_effect(id, from, receiver.process, cause);
    });
  }
  step_machine(receiver.process, Received{receiver.link, std::move(piece.bytes)}, cause);
}

// ---- Holding back ---------------------------------------------------------------------------------------------------

// The first segment came to where nothing passes. Its sender tries again until it does, or loses patience.
void Host::hold(std::uint32_t number) {
  Flow& flow = flow_of(number);
  const ProcessId from = sender_of(number).process;
  const ProcessId to = receiver_of(number).process;
  const EventIndex cause = flow.first().cause;
  flow.held = true;
  flow.held_since = now_;
  if (!queue_.armed(flow.timeout)) {
    pending_[flow.timeout].cause = cause;
    arm(flow.timeout, now_ + settings_->network.connection_timeout);
  }
  FaultId fault{};
  take_effect(blocking_fault(from, to, fault) ? fault : at(to).down_by, from, to, cause);
}

// What held it back is over: it arrives with the next attempt of its sender.
void Host::release(std::uint32_t number) {
  if (!flow_of(number).held || blocked(number)) return;
  Flow& flow = flow_of(number);
  const ProcessId from = sender_of(number).process;
  const ProcessId to = receiver_of(number).process;
  Path& path = network_.path(from, to);
  const std::uint64_t packet = path.packets++;
  const Duration longest = std::min(settings_->network.retransmission_most, now_ - flow.held_since);
  const Duration wait = uniform({}, longest).at(dice_.draw(Chance::retransmission, path.key, packet));
  const Duration latency = network_.settings_of(path).latency.at(dice_.draw(Chance::latency, path.key, packet));
  flow.held = false;
  flow.first().arrives = now_ + wait + latency;
  flow.last_arrival = std::max(flow.last_arrival, flow.first().arrives);
  if (sender_of(number).state != State::connecting) disarm(flow.timeout);
  arm_flow(flow_of(number));
}

// `id` is up again, so what waited for it gets an answer.
void Host::release_toward(ProcessId id) {
  for (std::uint32_t flow = 0; flow < 2 * network_.connection_count(); ++flow) {
    if (connection_of(flow).in_use && flow_of(flow).held && receiver_of(flow).process == id) release(flow);
  }
}

}  // namespace smalldb::sim
