// Packets and datagrams: when they arrive, and whether.
#include <algorithm>
#include <utility>

#include "model/assert.h"
#include "sim/host.h"

namespace smalldb::sim {
namespace {

constexpr std::int64_t nanoseconds_a_second = 1'000'000'000;

Duration time_for(std::uint64_t bytes, std::uint64_t bytes_a_second) {
  const auto wide = static_cast<chance::Wide>(bytes) * nanoseconds_a_second / bytes_a_second;
  return nanoseconds(static_cast<std::int64_t>(std::min<chance::Wide>(wide, std::uint64_t{1} << 60)));
}

std::uint64_t bytes_in(Duration time, std::uint64_t bytes_a_second) {
  const auto wide = static_cast<chance::Wide>(static_cast<std::uint64_t>(time.nanoseconds)) * bytes_a_second;
  return static_cast<std::uint64_t>(wide / nanoseconds_a_second);
}

}  // namespace

// What becomes of a packet of `size` bytes that leaves now. `cause` is the event that sent it.
Host::Transit Host::transit(ProcessId from, ProcessId to, std::size_t size, bool stream, EventIndex cause) {
  Path& path = network_.path(from, to);
  const LinkSettings& link = network_.settings_of(path);
  Transit transit;
  transit.packet = path.packets++;
  Time leaves = now_;
  if (link.bandwidth > 0 || path.shapes > 0) [[unlikely]] {
    if (!queue_up(path, from, to, size, leaves, transit, cause)) transit.lost = true;
  }
  transit.arrives = leaves + link.latency.at(dice_.draw(Chance::latency, path.key, transit.packet));
  if (dice_.hits(link.loss, Chance::loss, path.key, transit.packet)) transit.lost = true;
  if (path.shapes > 0) [[unlikely]]
    shape(transit, from, to, stream, cause);
  if (stream && transit.lost) transit.arrives = transit.arrives + retransmission(link, path.key, transit.packet);
  return transit;
}

// How much later a stream's packet arrives that was lost; the attempts after it can be lost as well.
Duration Host::retransmission(const LinkSettings& link, Key path, std::uint64_t packet) const {
  std::uint64_t drawn = dice_.draw(Chance::retransmission, path, packet);
  std::uint64_t luck = dice_.draw(Chance::lost_segment, path, packet);
  Duration wait = settings_->network.retransmission.at(drawn);
  for (int attempts = 1; attempts < 6 && hits(luck, link.loss); ++attempts) {
    drawn = again(drawn);
    luck = again(luck);
    wait = wait + settings_->network.retransmission.at(drawn);
  }
  return wait;
}

// Waits for its turn where there is a bandwidth. False if it finds the queue full.
bool Host::queue_up(Path& path, ProcessId from, ProcessId to, std::size_t size, Time& leaves, Transit& transit,
                    EventIndex cause) {
  const LinkSettings& link = network_.settings_of(path);
  std::uint64_t bandwidth = link.bandwidth;
  std::uint64_t limit = link.queue_limit;
  bool slowed = false;
  bool limited = false;
  FaultId slowed_by{};
  FaultId limited_by{};
  ledger_.each(FaultKind::bandwidth, [&](FaultId id, const Fault& fault) {
    if (!FaultLedger::covers(fault, from, to) || fault.size == 0) return;
    if (bandwidth != 0 && fault.size >= bandwidth) return;
    bandwidth = fault.size;
    slowed = true;
    slowed_by = id;
  });
  ledger_.each(FaultKind::queue_limit, [&](FaultId id, const Fault& fault) {
    if (!FaultLedger::covers(fault, from, to) || (limit != 0 && fault.size >= limit)) return;
    limit = std::max<std::uint64_t>(1, fault.size);
    limited = true;
    limited_by = id;
  });
  if (bandwidth == 0) return true;

  const Time begins = std::max(now_, path.busy_until);
  if (limit > 0 && bytes_in(begins - now_, bandwidth) + size > limit) {
    transit.reason = LossReason::queue_full;
    transit.by_fault = limited;
    transit.fault = limited_by;
    if (limited) take_effect(limited_by, from, to, cause);
    return false;
  }
  leaves = begins + time_for(size, bandwidth);
  path.busy_until = leaves;
  if (slowed) take_effect(slowed_by, from, to, cause);
  return true;
}

// What the faults that last on the path do to the packet.
void Host::shape(Transit& transit, ProcessId from, ProcessId to, bool stream, EventIndex cause) {
  const Key path = network_.path(from, to).key;
  ledger_.each(FaultKind::delay, [&](FaultId id, const Fault& fault) {
    if (!FaultLedger::covers(fault, from, to)) return;
    const Duration more = fault.delay.at(dice_.draw(Chance::delay, key_of(fault.key, path), transit.packet));
    if (more <= Duration{}) return;
    transit.arrives = transit.arrives + more;
    take_effect(id, from, to, cause);
  });
  ledger_.each(FaultKind::loss, [&](FaultId id, const Fault& fault) {
    if (transit.lost || !FaultLedger::covers(fault, from, to)) return;
    if (fault.packets == (stream ? Packets::datagrams : Packets::streams)) return;
    if (!dice_.hits(fault.ratio, Chance::loss, key_of(fault.key, path), transit.packet)) return;
    transit.lost = true;
    take_effect(id, from, to, cause);
  });
  if (stream) return;
  ledger_.each(FaultKind::reordering, [&](FaultId id, const Fault& fault) {
    if (transit.lost || !FaultLedger::covers(fault, from, to)) return;
    const std::uint64_t drawn = dice_.draw(Chance::reordering, key_of(fault.key, path), transit.packet);
    if (!hits(drawn, fault.ratio)) return;
    transit.arrives = transit.arrives + fault.delay.at(again(drawn));
    take_effect(id, from, to, cause);
  });
}

// ---- Datagrams ------------------------------------------------------------------------------------------------------

void Host::send_datagram(ProcessId from, const effect::SendDatagram& effect, EventIndex cause) {
  const ProcessId to = effect.to;
  SMALLDB_ASSERT(index(to) < processes_.size(), index(to));
  Path& path = network_.path(from, to);
  const LinkSettings& link = network_.settings_of(path);
  const std::uint64_t number = path.datagrams++;
  TraceEvent& sent = trace_.add(EventKind::datagram_sent, now_, from, cause);
  sent.peer = to;
  sent.a = number;
  sent.payload = effect.bytes;
  const EventIndex sending = sent.index;

  Transit transit = this->transit(from, to, effect.bytes.size(), false, sending);
  if (transit.lost) {
    TraceEvent& lost = trace_.add(EventKind::datagram_lost, now_, to, sending);
    lost.peer = from;
    lost.a = number;
    lost.b = static_cast<std::uint64_t>(transit.reason);
    return;
  }
  if (!link.reordering.never()) {
    const std::uint64_t drawn = dice_.draw(Chance::reordering, path.key, transit.packet);
    if (hits(drawn, link.reordering)) {
      transit.arrives = transit.arrives + uniform({}, link.reordering_window).at(again(drawn));
    }
  }
  schedule_datagram(from, to, effect.bytes, number, 0, sending, transit.arrives);

  bool twice = dice_.hits(link.duplication, Chance::duplication, path.key, transit.packet);
  if (path.shapes > 0) {
    ledger_.each(FaultKind::duplication, [&](FaultId id, const Fault& fault) {
      if (twice || !FaultLedger::covers(fault, from, to)) return;
      twice = dice_.hits(fault.ratio, Chance::duplication, key_of(fault.key, path.key), transit.packet);
      if (twice) take_effect(id, from, to, sending);
    });
  }
  if (twice) {
    const Duration latency = link.latency.at(dice_.draw(Chance::copy_latency, path.key, transit.packet));
    schedule_datagram(from, to, effect.bytes, number, 1, sending, std::max(transit.arrives, now_ + latency));
  }
}

void Host::schedule_datagram(ProcessId from, ProcessId to, Bytes bytes, std::uint64_t number, std::uint64_t copy,
                             EventIndex cause, Time arrives) {
  arm(make_pending({.kind = Pending::Kind::datagram,
                    .process = to,
                    .peer = from,
                    .cause = cause,
                    .number = number,
                    .copy = copy,
                    .bytes = std::move(bytes)}),
      arrives);
}

void Host::deliver_datagram(Slot slot) {
  const Pending arrived = std::move(pending_[slot]);
  drop_pending(slot);
  const ProcessId from = arrived.peer;
  const ProcessId to = arrived.process;
  const Path& path = network_.path(from, to);
  FaultId fault{};
  if (path.cuts == 0 && path.clogs > 0) {
    blocking_fault(from, to, fault);
    network_.held_datagrams().push_back({{from, to}, arrived.cause, arrived.number, arrived.copy, arrived.bytes});
    return take_effect(fault, from, to, arrived.cause);
  }
  if (path.cuts > 0 || !at(to).running()) {
    TraceEvent& lost = trace_.add(EventKind::datagram_lost, now_, to, arrived.cause);
    lost.peer = from;
    lost.a = arrived.number;
    lost.b = static_cast<std::uint64_t>(path.cuts > 0 ? LossReason::cut : LossReason::receiver_down);
    const EventIndex losing = lost.index;
    if (blocking_fault(from, to, fault)) take_effect(fault, from, to, losing);
    return;
  }
  TraceEvent& event = trace_.add(EventKind::datagram_received, now_, to, arrived.cause);
  event.peer = from;
  event.a = arrived.number;
  event.b = arrived.copy;
  event.payload = arrived.bytes;
  const EventIndex cause = event.index;
  step_machine(to, DatagramReceived{from, arrived.bytes}, cause);
}

// ---- Cuts and clogs -------------------------------------------------------------------------------------------------

// The fault that keeps packets from getting through; cuts before clogs. False if there is none.
bool Host::blocking_fault(ProcessId from, ProcessId to, FaultId& fault) const {
  bool found = false;
  for (const FaultKind kind : {FaultKind::cut, FaultKind::clog}) {
    ledger_.each(kind, [&](FaultId id, const Fault& blocks) {
      if (found || !FaultLedger::covers(blocks, from, to)) return;
      fault = id;
      found = true;
    });
  }
  return found;
}

// The path is free again: what waited on it sets out.
void Host::unblock(ProcessId from, ProcessId to) {
  for (std::uint32_t i = 0; i < network_.connection_count(); ++i) {
    if (!network_.connection(i).in_use) continue;
    for (const std::uint32_t flow : {2 * i, 2 * i + 1}) {
      if (flow_of(flow).held && sender_of(flow).process == from && receiver_of(flow).process == to) release(flow);
    }
  }
  std::vector<HeldDatagram> held = std::move(network_.held_datagrams());
  network_.held_datagrams().clear();
  for (HeldDatagram& each : held) {
    if (each.direction == Direction{from, to}) {
      schedule_datagram(from, to, std::move(each.bytes), each.number, each.copy, each.cause, now_);
    } else {
      network_.held_datagrams().push_back(std::move(each));
    }
  }
}

}  // namespace smalldb::sim
