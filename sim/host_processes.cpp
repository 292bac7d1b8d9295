// Processes: starting, stepping, carrying out, going down.
#include <algorithm>
#include <utility>

#include "model/assert.h"
#include "sim/host.h"

namespace smalldb::sim {
namespace {

// Nobody waits longer than a century.
constexpr std::int64_t farthest = std::int64_t{3'200'000'000} * 1'000'000'000;

}  // namespace

// ---- Starting -------------------------------------------------------------------------------------------------------

void Host::start(ProcessId id) {
  first_ = First();
  Process& process = at(id);
  if (!process.running() && process.downs == 0) arm(process.start, now_);
}

void Host::do_start(Slot slot) {
  const ProcessId id = pending_[slot].process;
  Process& process = at(id);
  if (process.running()) return;
  if (process.downs > 0) return take_effect(process.down_by, id, no_process, pending_[slot].cause);
  process.machine.start(*settings_->processes[index(id)].pattern);
  process.effects.recorded().reserve(32);  // a first step has many, and they are large to move
  process.stopped = process.silent = false;
  const std::uint64_t start = process.incarnation++;
  TraceEvent& event = trace_.add(EventKind::started, now_, id, pending_[slot].cause);
  event.a = process.incarnation;
  const EventIndex cause = event.index;
  pending_[slot].cause = no_event;
  const Started started{
      {dice_.draw(Chance::entropy, process.key, 2 * start), dice_.draw(Chance::entropy, process.key, 2 * start + 1)}};
  release_toward(id);
  step_machine(id, started, cause);
}

// ---- Stepping -------------------------------------------------------------------------------------------------------

void Host::fire_timer(Slot slot) {
  const Pending& pending = pending_[slot];
  const ProcessId id = pending.process;
  const std::uint32_t timer = pending.index;
  TraceEvent& event = trace_.add(EventKind::timer_fired, now_, id, pending.cause);
  event.a = timer;
  const EventIndex cause = event.index;
  at(id).timers[timer].set = false;
  step_machine(id, TimerFired{TimerId{timer}}, cause);
}

void Host::schedule_input(ProcessId id, Time time, Bytes bytes) {
  first_ = First();
  const Slot slot =
      make_pending({.kind = Pending::Kind::input, .process = id, .number = at(id).inputs++, .bytes = std::move(bytes)});
  arm(slot, std::max(time, now_));
}

void Host::give_input(Slot slot) {
  const ProcessId id = pending_[slot].process;
  Input input{std::move(pending_[slot].bytes)};
  TraceEvent& event = trace_.add(EventKind::input, now_, id, pending_[slot].cause);
  event.a = pending_[slot].number;
  event.payload = input.bytes;
  const EventIndex cause = event.index;
  drop_pending(slot);
  step_machine(id, std::move(input), cause);
}

// What a step does not have as a rule.
void Host::finish_step(ProcessId id, EventIndex cause) {
  Process& process = at(id);
  for (const FaultId fault : process.unseen_clock_faults) take_effect(fault, id, no_process, cause);
  process.unseen_clock_faults.clear();
  if (process.has_cost || process.slow > 0) spend_time(id, cause);
}

void Host::spend_time(ProcessId id, EventIndex cause) {
  Process& process = at(id);
  const std::uint64_t step = process.steps++;
  Duration cost = settings_->processes[index(id)].step_cost.at(dice_.draw(Chance::step_cost, process.key, step));
  if (process.slow > 0) {
    ledger_.each(FaultKind::slow_cpu, [&](FaultId fault, const Fault& slow) {
      if (!FaultLedger::covers(slow, id)) return;
      cost = cost + slow.delay.at(dice_.draw(Chance::step_cost, key_of(slow.key, process.key), step));
      take_effect(fault, id, no_process, cause);
    });
  }
  process.busy_until = now_ + cost;
}

// ---- Carrying out ---------------------------------------------------------------------------------------------------

[[gnu::flatten]] void Host::carry_out(Process& process, ProcessId id, EventIndex cause) {
  std::vector<Effect>& effects = process.effects.recorded();
  for (Effect& effect : effects) {
    EventKind kind = EventKind::sent;
    Link link{0};
    Bytes* bytes = nullptr;
    if (auto* const send_it = std::get_if<effect::Send>(&effect)) {
      link = send_it->link;
      bytes = &send_it->bytes;
    } else if (auto* const reply = std::get_if<effect::Reply>(&effect)) {
      kind = EventKind::replied;
      link = reply->link;
      bytes = &reply->bytes;
    } else if (carry_out_other(id, effect, cause)) {
      continue;
    } else {
      return;
    }
    send(process, link, std::move(*bytes), kind, cause);
  }
  effects.clear();
}

// False if it ended the process, and its effects with it.
[[gnu::noinline]] bool Host::carry_out_other(ProcessId id, Effect& effect, EventIndex cause) {
  if (auto* const timer = std::get_if<effect::SetTimer>(&effect)) {
    set_timer(id, *timer, cause);
  } else if (auto* const note = std::get_if<effect::Note>(&effect)) {
    TraceEvent& event = trace_.add(EventKind::note, now_, id, cause);
    event.b = note->what | static_cast<std::uint64_t>(note->role) << 16;
    event.payload = note->text;
    event.a = trace_.add_note(std::move(*note));
  } else if (auto* const disk = std::get_if<effect::Disk>(&effect)) {
    issue(id, *disk, cause);
  } else if (auto* const cancel = std::get_if<effect::CancelTimer>(&effect)) {
    cancel_timer(id, cancel->timer);
  } else if (auto* const datagram = std::get_if<effect::SendDatagram>(&effect)) {
    send_datagram(id, *datagram, cause);
  } else if (auto* const report = std::get_if<effect::Report>(&effect)) {
    TraceEvent& event = trace_.add(EventKind::report, now_, id, cause);
    event.a = at(id).reports++;
    event.payload = std::move(report->bytes);
  } else if (auto* const connect_it = std::get_if<effect::Connect>(&effect)) {
    connect(id, *connect_it, cause);
  } else if (auto* const close_it = std::get_if<effect::Close>(&effect)) {
    close(id, close_it->link, cause);
  } else if (auto* const stop_it = std::get_if<effect::Stop>(&effect)) {
    stop(id, EventKind::stopped, std::move(stop_it->why), cause);
    return false;
  }
  return true;
}

void Host::set_timer(ProcessId id, const effect::SetTimer& effect, EventIndex cause) {
  Process& process = at(id);
  const auto number = static_cast<std::uint32_t>(effect.timer);
  if (number >= process.timers.size()) process.timers.resize(number + 1);
  Timer& timer = process.timers[number];
  if (timer.slot == no_slot) {
    timer.slot = make_pending({.kind = Pending::Kind::timer, .process = id, .index = number});
  }
  timer.set = true;
  timer.at = Instant{std::min(effect.at.nanoseconds, farthest)};
  pending_[timer.slot].cause = cause;
  arm_timer(timer, process.clock);
}

void Host::arm_timer(const Timer& timer, const Clock& clock) {
  const Time when = clock.when(timer.at, now_);
  if (when != end_of_time) [[likely]] {
    arm(timer.slot, when);
  } else {
    disarm(timer.slot);
  }
}

void Host::cancel_timer(ProcessId id, TimerId timer) {
  Process& process = at(id);
  const auto number = static_cast<std::uint32_t>(timer);
  if (number >= process.timers.size() || !process.timers[number].set) return;
  process.timers[number].set = false;
  disarm(process.timers[number].slot);
}

// The clock goes differently: every timer that has not come due yet comes due at another time.
void Host::rearm_timers(ProcessId id) {
  for (const Timer& timer : at(id).timers) {
    if (!timer.set || pending_[timer.slot].waiting) continue;
    arm_timer(timer, at(id).clock);
  }
}

// ---- Going down -----------------------------------------------------------------------------------------------------

// By its own wish, or because an assertion failed. The operating system stays up.
void Host::stop(ProcessId id, EventKind kind, Bytes why, EventIndex cause) {
  TraceEvent& event = trace_.add(kind, now_, id, cause);
  event.a = at(id).incarnation;
  event.payload = std::move(why);
  const EventIndex stopped = event.index;
  go_down(id, {.key = key_of(at(id).key, at(id).incarnation), .keep_cache = true}, stopped);
  at(id).stopped = true;
}

// Drops the machine and all that was under way for it. `cause` is the event that tells of it.
void Host::go_down(ProcessId id, const Downfall& downfall, EventIndex cause) {
  Process& process = at(id);
  crash_operations(id, downfall.unsynced);
  if (!downfall.keep_cache) crash_disk(volumes_[index(id)], id, Volume::own, downfall, cause);
  process.machine.drop();
  process.effects = HostEffects();
  process.silent = downfall.silent;
  process.stopped = false;
  for (const Timer& timer : process.timers) {
    if (timer.slot != no_slot) drop_pending(timer.slot);
  }
  process.timers.clear();
  drop_connections(id, process.silent, cause);
  const std::vector<Slot> backlog = std::move(process.backlog);
  process.backlog.clear();
  for (const Slot slot : backlog) {
    pending_[slot].waiting = false;
    // What the network brought finds nobody, later and in its own time; a word from outside is lost.
    if (pending_[slot].kind == Pending::Kind::input) {
      drop_pending(slot);
    } else if (pending_[slot].kind != Pending::Kind::none) {
      arm(slot, now_);
    }
  }
  disarm(process.next);
  process.busy_until = Time{};
}

}  // namespace smalldb::sim
