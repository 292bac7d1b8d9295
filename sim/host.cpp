#include "sim/host.h"

#include <algorithm>
#include <utility>

#include "model/assert.h"

namespace smalldb::sim {
namespace {

// The ends of the network by their names.
std::vector<Key> ends_of(const WorldSettings& settings) {
  std::vector<Key> ends;
  ends.reserve(settings.processes.size() + 1);
  for (const ProcessSettings& each : settings.processes) ends.push_back(key_of(each.name));
  ends.push_back(key_of("disk"));
  return ends;
}

}  // namespace

Host::Host(const WorldSettings& settings)
    : settings_(std::make_shared<const WorldSettings>(settings)),
      dice_(settings.seed, settings.pins),
      network_(settings.network, ends_of(settings)),
      volumes_(settings.processes.size() + 1) {
  SMALLDB_ASSERT(settings.processes.size() < 0xffff, settings.processes.size());
  const std::vector<Key> ends = ends_of(settings);
  for (std::size_t i = 0; i < ends.size(); ++i) volumes_[i].key = ends[i];
  processes_.reserve(settings.processes.size());
  pending_.reserve(8 * settings.processes.size());  // starts, backlogs, timers and connections: no more in most worlds
  queue_.reserve(8 * settings.processes.size());
  for (std::size_t i = 0; i < settings.processes.size(); ++i) {
    const ProcessSettings& each = settings.processes[i];
    SMALLDB_ASSERT(each.pattern != nullptr, each.name);
    SMALLDB_ASSERT(std::count(ends.begin(), ends.end(), ends[i]) == 1, each.name);
    Process& process = processes_.emplace_back(ends[i], Clock(each.clock, settings.wall));
    const ProcessId id{static_cast<std::uint32_t>(i)};
    process.has_cost = each.step_cost != Distribution{};
    process.start = make_pending({.kind = Pending::Kind::start, .process = id});
    process.next = make_pending({.kind = Pending::Kind::backlog, .process = id});
    if (each.starts) arm(process.start, each.starts_at);
  }
}

ProcessState Host::state(ProcessId id) const {
  const Process& its = process(id);
  if (its.running()) return its.pauses > 0 ? ProcessState::paused : ProcessState::running;
  return its.stopped ? ProcessState::stopped : ProcessState::down;
}

std::size_t Host::memory() const {
  return queue_.memory() + pending_.capacity() * sizeof(Pending) + operations_.capacity() * sizeof(DiskOperation) +
         network_.memory();
}

// ---- Slots ----------------------------------------------------------------------------------------------------------

Slot Host::make_pending(Pending pending) {
  const Slot slot = queue_.make();
  if (slot == pending_.size()) {
    pending_.push_back(std::move(pending));
  } else {
    pending_[slot] = std::move(pending);
  }
  return slot;
}

// Another pending for a slot that is not armed, or was not there yet.
void Host::renew(Slot& slot, Pending pending) {
  if (slot == no_slot) {
    slot = make_pending(std::move(pending));
  } else {
    pending_[slot] = std::move(pending);
  }
}

void Host::drop_pending(Slot slot) {
  disarm(slot);
  pending_[slot] = Pending();
  queue_.drop(slot);
}

// It is no longer among what waits for its process.
void Host::leave_backlog(Slot slot) {
  pending_[slot].waiting = false;
  std::erase(at(pending_[slot].process).backlog, slot);
}

// The order among equal times where it is left to chance.
std::uint64_t Host::drawn_order(const Pending& pending, std::uint64_t sequence) {
  const bool of_process = pending.process != no_process;  // else the end of a fault
  const Key who = of_process ? at(pending.process).key : ledger_.fault(FaultId{pending.index}).key;
  const std::uint64_t n = of_process ? at(pending.process).scheduled++ : 0;
  if (settings_->ties == TieOrder::shuffled) {
    return dice_.draw(Chance::tie, who, n) >> (64 - EventQueue::order_bits);
  }
  const std::uint64_t change = n / std::max<std::uint64_t>(1, settings_->priority_change);
  const std::uint64_t priority = dice_.draw(Chance::priority, who, change) >> 56;
  constexpr int sequence_bits = EventQueue::order_bits - 8;
  return priority << sequence_bits | (sequence & ((std::uint64_t{1} << sequence_bits) - 1));
}

// ---- The next event -------------------------------------------------------------------------------------------------

// Makes the first of the queue one that leaves a trace: what nobody sees happens here. None if nothing is due by then.
[[gnu::always_inline]] inline Host::First Host::find_first(Time until) {
  held_ = no_slot;
  for (;;) {
    const std::optional<EventQueue::Due> due = queue_.due();
    if (!due || due->time > until) return {};
    const Pending& pending = pending_[due->slot];
    const bool delivery = pending.kind == Pending::Kind::arrival && delivers(pending.index);
    const bool usual = delivery || pending.kind == Pending::Kind::timer;
    if (usual && !at(pending.process).holds_back(due->time)) [[likely]]
      return {delivery ? First::Kind::delivery : First::Kind::other, due->slot, due->time};
    if (settle_slowly(due->slot, due->time)) return {First::Kind::other, due->slot, due->time};
  }
}

// Whether anything is due by then; it is `first_` then.
bool Host::settle(Time until) {
  if (first_.kind == First::Kind::none) first_ = find_first(until);
  return first_.kind != First::Kind::none && first_.time <= until;
}

// Whether `slot`, the first of the queue, is to be seen; if not, it has been dealt with.
bool Host::settle_slowly(Slot slot, Time time) {
  const Pending& pending = pending_[slot];
  switch (pending.kind) {
    case Pending::Kind::timer:
    case Pending::Kind::disk:
    case Pending::Kind::disk_unreachable:
    case Pending::Kind::flow_timeout:
      if (!at(pending.process).running() || !at(pending.process).holds_back(time)) return true;
      break;
    case Pending::Kind::input:
      if (!at(pending.process).running()) {
        now_ = time;
        drop_pending(queue_.pop());
        return false;
      }
      if (!at(pending.process).holds_back(time)) return true;
      break;
    case Pending::Kind::datagram:
      if (!at(pending.process).running() || network_.path(pending.peer, pending.process).blocked() ||
          !at(pending.process).holds_back(time)) {
        return true;
      }
      break;
    case Pending::Kind::arrival:
      if (!arrival_is_seen(pending.index)) {
        now_ = time;
        const std::uint32_t flow = pending.index;
        queue_.pop();
        arrive_unseen(flow);
        return false;
      }
      if (blocked(pending.index) || !takes(pending.index) || !at(pending.process).holds_back(time)) return true;
      break;
    case Pending::Kind::start:
      if (at(pending.process).running()) {
        queue_.pop();
        return false;
      }
      if (at(pending.process).downs > 0 || at(pending.process).pauses == 0) return true;
      break;
    case Pending::Kind::backlog: return !pass_unseen(at(pending.process), time);
    case Pending::Kind::none:
    case Pending::Kind::fault_end: return true;
  }
  // The first event that a pause holds back is to be seen: it is the pause's effect.
  if (!at(pending.process).unseen_pauses.empty()) {
    held_ = slot;
    return true;
  }
  now_ = time;
  queue_.pop();
  wait(slot);
  return false;
}

// Whether the first of the backlog, now due, is something that nobody sees; if so, it has been dealt with.
bool Host::pass_unseen(Process& process, Time time) {
  if (!process.backlog.empty()) {
    const Pending& first = pending_[process.backlog.front()];
    if (first.kind != Pending::Kind::arrival || arrival_is_seen(first.index)) return false;
  }
  now_ = time;
  queue_.pop();
  if (process.backlog.empty()) return true;
  const std::uint32_t flow = pending_[process.backlog.front()].index;
  const ProcessId id = pending_[process.next].process;
  disarm(process.backlog.front());
  arrive_unseen(flow);
  resume_backlog(id);
  return true;
}

// The process cannot take it now: it goes to the end of the backlog.
void Host::wait(Slot slot) {
  Pending& pending = pending_[slot];
  pending.waiting = true;
  at(pending.process).backlog.push_back(slot);
  resume_backlog(pending.process);
}

void Host::resume_backlog(ProcessId id) {
  Process& process = at(id);
  if (process.pauses > 0 || process.backlog.empty()) {
    disarm(process.next);
  } else if (!queue_.armed(process.next)) {
    arm(process.next, std::max(now_, process.busy_until));
  }
}

void Host::take_from_backlog(ProcessId id) {
  Process& process = at(id);
  if (process.backlog.empty()) return;
  const Slot slot = process.backlog.front();
  process.backlog.erase(process.backlog.begin());
  pending_[slot].waiting = false;
  execute(slot);
  resume_backlog(id);
}

const TraceEvent* Host::peek(Time until) {
  if (!settle(until)) return nullptr;
  peeked_ = TraceEvent();
  peeked_.index = trace_.next_index();
  peeked_.time = first_.time;
  describe(first_.slot, peeked_);
  return &peeked_;
}

std::optional<Time> Host::peek_time(Time until) {
  if (!settle(until)) return {};
  return first_.time;
}

std::span<const TraceEvent> Host::step() {
  trace_.begin();
  do {
    const First first = first_.kind == First::Kind::none ? find_first(end_of_time) : std::exchange(first_, First());
    if (first.kind == First::Kind::none) break;
    now_ = first.time;
    if (first.kind == First::Kind::delivery) [[likely]] {
      const std::uint32_t flow = pending_[first.slot].index;
      if (flow_of(flow).segments.size() == 1) queue_.pop();
      deliver_piece(flow);
    } else {
      queue_.pop();
      execute(first.slot);
    }
  } while (trace_.empty());
  trace_.finish();
  return trace_.events();
}

void Host::advance(Time until) {
  SMALLDB_ASSERT(now_ <= until, now_.nanoseconds, until.nanoseconds);
  SMALLDB_ASSERT(!settle(until) || first_.time >= until, first_.time.nanoseconds, until.nanoseconds);
  now_ = std::max(now_, until);
}

void Host::execute(Slot slot) {
  if (slot == held_) return hold_back(slot);
  switch (pending_[slot].kind) {
    case Pending::Kind::timer: return fire_timer(slot);
    case Pending::Kind::arrival: return arrive(pending_[slot].index);
    case Pending::Kind::datagram: return deliver_datagram(slot);
    case Pending::Kind::disk: return complete(slot);
    case Pending::Kind::disk_unreachable: return answer_unreachable(slot);
    case Pending::Kind::input: return give_input(slot);
    case Pending::Kind::flow_timeout: return flow_timed_out(pending_[slot].index);
    case Pending::Kind::backlog: return take_from_backlog(pending_[slot].process);
    case Pending::Kind::start: return do_start(slot);
    case Pending::Kind::fault_end: {
      const FaultId fault{pending_[slot].index};
      drop_pending(slot);
      return end_fault(fault);
    }
    case Pending::Kind::none: break;
  }
}

// What execute(slot) would do first, in terms of the trace.
void Host::describe(Slot slot, TraceEvent& event) {
  const Pending& pending = pending_[slot];
  event.process = pending.process;
  event.cause = pending.cause;
  if (slot == held_) {
    event.kind = EventKind::fault_took_effect;
    const auto [fault, began] = at(pending.process).unseen_pauses.front();
    event.cause = began;
    event.a = static_cast<std::uint64_t>(fault);
    event.b = static_cast<std::uint64_t>(FaultKind::pause);
    return;
  }
  switch (pending.kind) {
    case Pending::Kind::timer:
      event.kind = EventKind::timer_fired;
      event.a = pending.index;
      return;
    case Pending::Kind::arrival: return describe_arrival(pending.index, event);
    case Pending::Kind::datagram: {
      const bool lost = network_.path(pending.peer, pending.process).cuts > 0 || !at(pending.process).running();
      const bool held = network_.path(pending.peer, pending.process).clogs > 0;
      event.kind = lost ? EventKind::datagram_lost : held ? EventKind::fault_took_effect : EventKind::datagram_received;
      event.peer = pending.peer;
      event.a = pending.number;
      if (event.kind == EventKind::datagram_received) event.payload = pending.bytes;
      return;
    }
    case Pending::Kind::disk:
    case Pending::Kind::disk_unreachable: return describe_disk(pending.index, event);
    case Pending::Kind::input:
      event.kind = EventKind::input;
      event.a = pending.number;
      event.payload = pending.bytes;
      return;
    case Pending::Kind::flow_timeout:
      event.kind = EventKind::closed;
      event.peer = receiver_of(pending.index).process;
      event.link = sender_of(pending.index).link;
      event.a = flow_of(pending.index).number;
      event.b = static_cast<std::uint64_t>(CloseReason::timed_out);
      return;
    case Pending::Kind::backlog: return describe(at(pending.process).backlog.front(), event);
    case Pending::Kind::start:
      if (at(pending.process).downs > 0) {
        event.kind = EventKind::fault_took_effect;
        event.a = static_cast<std::uint64_t>(at(pending.process).down_by);
        event.b = static_cast<std::uint64_t>(ledger_.fault(at(pending.process).down_by).kind);
        return;
      }
      event.kind = EventKind::started;
      event.a = at(pending.process).incarnation + 1;
      return;
    case Pending::Kind::fault_end:
      event.kind = EventKind::fault_ended;
      event.a = pending.index;
      event.b = static_cast<std::uint64_t>(ledger_.fault(FaultId{pending.index}).kind);
      return;
    case Pending::Kind::none: return;
  }
}

}  // namespace smalldb::sim
