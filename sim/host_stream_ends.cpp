// Streams: how connections end, and what becomes of the bytes that were on their way.
#include <optional>
#include <utility>

#include "sim/host.h"

namespace smalldb::sim {

using State = ConnectionEnd::State;
using Kind = Segment::Kind;

namespace {

bool finished(const ConnectionEnd& end) { return end.state == State::gone || end.state == State::dead; }

}  // namespace

// Bytes that the receiver will never see.
void Host::tell_lost(std::uint32_t number, const Segment& segment, EventIndex cause) {
  if (segment.kind != Kind::bytes) return;
  TraceEvent& event = trace_.add(EventKind::stream_lost, now_, sender_of(number).process, cause);
  event.peer = receiver_of(number).process;
  event.link = sender_of(number).link;
  event.a = connection_of(number).number;
  event.b = segment.offset;
  event.payload = segment.bytes;
}

// Takes the first segment off the flow.
void Host::lose_first(std::uint32_t number, EventIndex cause) {
  tell_lost(number, flow_of(number).first(), cause);
  flow_of(number).pop();
}

void Host::lose_segments(std::uint32_t number, EventIndex cause) {
  while (!flow_of(number).empty()) lose_first(number, cause);
  flow_of(number).held = false;
  disarm(flow_of(number).slot);
}

void Host::lose_all(std::uint32_t number, EventIndex cause) {
  lose_segments(number, cause);
  disarm(flow_of(number).timeout);
}

// What waits for the connection to open never leaves.
void Host::lose_waiting(std::uint32_t number, EventIndex cause) {
  SegmentQueue& segments = flow_of(number).segments;
  for (std::uint32_t i = 0; i < segments.size(); ++i) {
    if (!segments[i].can_leave) tell_lost(number, segments[i], cause);
  }
  while (!segments.empty() && !segments.back().can_leave) segments.pop_back();  // none stands before one that can
}

// The operating system of the receiver says that there is no such connection, unless an end of it is on its way anyway.
// Somebody is there to learn of a reset, and neither that nor the end of the stream is on its way already.
bool Host::may_answer(std::uint32_t number) {
  if (!sender_of(number).listens()) return false;
  const Flow& back = flow_of(number ^ 1);
  return back.empty() || (back.segments.back().kind != Kind::reset && back.segments.back().kind != Kind::finish);
}

void Host::answer_with_reset(std::uint32_t number, CloseReason reason, EventIndex cause) {
  if (!may_answer(number)) return;
  push_segment(flow_of(number ^ 1), {.kind = Kind::reset, .reason = reason, .cause = cause});
}

void Host::tell_closed(std::uint32_t number, std::uint32_t side, CloseReason reason, EventIndex cause) {
  const ConnectionEnd end = network_.connection(number).ends[side];
  const std::uint32_t own = 2 * number + side;
  TraceEvent& event = trace_.add(EventKind::closed, now_, end.process, cause);
  event.peer = network_.connection(number).ends[1 - side].process;
  event.link = end.link;
  event.a = network_.connection(number).number;
  event.b = static_cast<std::uint64_t>(reason);
  const EventIndex closing = event.index;
  // After a reset nothing of what it sent is sent again; what is on its way after a finish still finds its end.
  if (reason != CloseReason::closed_by_peer) {
    const Flow& flow = flow_of(own);
    std::optional<Segment> reset;  // that both ends be told was settled before this one learned of it
    if (!flow.empty() && flow.segments.back().kind == Kind::reset) reset = flow.segments.back();
    lose_all(own, closing);
    if (reset) {
      flow_of(own).segments.push_back(std::move(*reset));
      arm_flow(flow_of(own));
    }
  }
  end_is_gone(number, side);
  step_machine(end.process, Closed{end.link, reason}, closing);
}

void Host::flow_timed_out(std::uint32_t number) {
  const EventIndex cause = pending_[flow_of(number).timeout].cause;
  if (sender_of(number).listens()) return tell_closed(number / 2, number % 2, CloseReason::timed_out, cause);
  lose_all(number, cause);
  maybe_free(number / 2);
}

void Host::end_is_gone(std::uint32_t number, std::uint32_t side) {
  ConnectionEnd& end = network_.connection(number).ends[side];
  end.state = State::gone;
  at(end.process).forget(end.link);
  maybe_free(number);
}

// The process is gone and its ends of connections with it. What it sent is on its way; the other ends learn of it from
// its operating system after that, or not at all.
void Host::drop_connections(ProcessId id, bool silent, EventIndex cause) {
  const auto links = std::move(at(id).links);
  at(id).links.clear();
  for (const auto& [link, end] : links) {
    const std::uint32_t flow = 2 * end.connection + end.side;
    sender_of(flow).state = State::dead;
    lose_waiting(flow, cause);
    if (flow_of(flow).held) lose_all(flow, cause);
    disarm(flow_of(flow).timeout);
    if (!silent && receiver_of(flow).state != State::absent && !finished(receiver_of(flow))) {
      push_segment(flow_of(flow), {.kind = Kind::reset, .reason = CloseReason::reset, .cause = cause});
    }
    maybe_free(end.connection);
  }
}

// FaultKind::reset and half_open.
void Host::break_connections(FaultId id, const Fault& fault, EventIndex cause) {
  for (std::uint32_t number = 0; number < network_.connection_count(); ++number) {
    if (!network_.connection(number).in_use) continue;
    for (const std::uint32_t flow : {2 * number, 2 * number + 1}) {
      const ProcessId from = sender_of(flow).process;
      const ProcessId to = receiver_of(flow).process;
      const bool covered = FaultLedger::covers(fault, from, to) ||
                           (fault.kind == FaultKind::reset && FaultLedger::covers(fault, to, from));
      if (!covered || !receiver_of(flow).listens()) continue;
      const Flow& own = flow_of(flow);
      if (!own.empty() && own.segments.back().kind == Kind::reset) continue;
      if (sender_of(flow).state == State::connecting) {
        lose_segments(flow, cause);  // it still waits for an answer, and not for ever
      } else {
        lose_all(flow, cause);
      }
      Flow& emptied = flow_of(flow);
      emptied.segments.push_back({.kind = Kind::reset, .reason = CloseReason::reset, .cause = cause, .arrives = now_});
      emptied.last_arrival = std::max(emptied.last_arrival, now_);
      arm_flow(emptied);
      take_effect(id, from, to, cause);
    }
  }
}

// Gives the connection's place back once nobody needs it.
void Host::maybe_free(std::uint32_t number) {
  Connection& connection = network_.connection(number);
  if (!connection.in_use || !connection.flows[0].empty() || !connection.flows[1].empty()) return;
  const bool never_accepted = connection.ends[1].state == State::absent;
  if (!finished(connection.ends[0]) || (!finished(connection.ends[1]) && !never_accepted)) return;
  for (const Flow& flow : connection.flows) {
    disarm(flow.slot);
    disarm(flow.timeout);
  }
  network_.free_connection(number);
}

}  // namespace smalldb::sim
