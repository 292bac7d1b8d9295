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
  TraceEvent& event = stream_event(EventKind::stream_lost, number, cause, segment.offset);
  event.payload = segment.bytes;
  event.digest = segment.digest;
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

void Host::tell_closed(std::uint32_t number, CloseReason reason, EventIndex cause) {
  const ConnectionEnd end = sender_of(number);
  const EventIndex closing = stream_event(EventKind::closed, number, cause, static_cast<std::uint64_t>(reason)).index;
  // After a reset nothing of what it sent is sent again; what is on its way after a finish still finds its end.
  if (reason != CloseReason::closed_by_peer) {
    const Flow& flow = flow_of(number);
    std::optional<Segment> reset;  // that both ends be told was settled before this one learned of it
    if (!flow.empty() && flow.segments.back().kind == Kind::reset) reset = flow.segments.back();
    lose_all(number, closing);
    if (reset) {
      flow_of(number).segments.push_back(std::move(*reset));
      arm_flow(flow_of(number));
    }
  }
  end_is_gone(number);
  step_machine(end.process, Closed{end.link, reason}, closing);
}

void Host::flow_timed_out(std::uint32_t number) {
  const EventIndex cause = pending_[flow_of(number).timeout].cause;
  if (sender_of(number).listens()) return tell_closed(number, CloseReason::timed_out, cause);
  lose_all(number, cause);
  maybe_free(number);
}

// The end where the flow begins.
void Host::end_is_gone(std::uint32_t number) {
  ConnectionEnd& end = sender_of(number);
  end.state = State::gone;
  at(end.process).forget(end.link);
  maybe_free(number);
}

// The process is gone and its ends of connections with it. What it sent is on its way; the other ends learn of it from
// its operating system after that, or not at all.
void Host::drop_connections(ProcessId id, bool silent, EventIndex cause) {
  const auto links = std::move(at(id).links);
  at(id).links.clear();
  for (const auto& [link, flow] : links) {
    sender_of(flow).state = State::dead;
    lose_waiting(flow, cause);
    if (flow_of(flow).held) lose_all(flow, cause);
    disarm(flow_of(flow).timeout);
    if (!silent && receiver_of(flow).state != State::absent && !finished(receiver_of(flow))) {
      push_segment(flow_of(flow), {.kind = Kind::reset, .reason = CloseReason::reset, .cause = cause});
    }
    maybe_free(flow);
  }
}

// FaultKind::reset and half_open.
void Host::break_connections(FaultId id, const Fault& fault, EventIndex cause) {
  for (std::uint32_t connection = 0; connection < network_.connection_count(); ++connection) {
    if (!network_.connection(connection).in_use) continue;
    for (const std::uint32_t flow : {2 * connection, 2 * connection + 1}) {
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

// Gives the place of the flow's connection back once nobody needs it.
void Host::maybe_free(std::uint32_t number) {
  const std::uint32_t there = number & ~1u;
  const std::uint32_t back = number | 1;
  if (!connection_of(number).in_use || !flow_of(there).empty() || !flow_of(back).empty()) return;
  const bool never_accepted = sender_of(back).state == State::absent;
  if (!finished(sender_of(there)) || (!finished(sender_of(back)) && !never_accepted)) return;
  for (const std::uint32_t flow : {there, back}) {
    disarm(flow_of(flow).slot);
    disarm(flow_of(flow).timeout);
  }
  network_.free_connection(number / 2);
}

}  // namespace smalldb::sim
