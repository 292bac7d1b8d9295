// The host: what is inside a World. It steps machines, carries out their effects, and writes the trace.
//
//     peek / step -> settle -> the next slot that anybody would see
//                 -> execute -> a trace event, and the machine's step -> carry_out its effects -> new slots
//
// Nothing in here points or refers into another part: parts name each other by number, so the copy constructor of the
// compiler copies a world. Its functions stand in host_*.cpp by what they deal with.
#pragma once

#include <algorithm>
#include <cstdint>
#include <exception>
#include <memory>
#include <new>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/chance.h"
#include "sim/disk.h"
#include "sim/event_queue.h"
#include "sim/fault_ledger.h"
#include "sim/file_names.h"
#include "sim/network.h"
#include "sim/pending.h"
#include "sim/process.h"
#include "sim/settings.h"
#include "sim/trace_writer.h"
#include "sim/world.h"

namespace smalldb::sim {

class Host {
 public:
  explicit Host(const WorldSettings& settings);

  const TraceEvent* peek(Time until);
  std::optional<Time> peek_time(Time until);
  std::span<const TraceEvent> step();
  void advance(Time until);
  FaultId inject(const Fault& fault);
  void end(FaultId fault);
  void end_all();
  void start(ProcessId process);
  void schedule_input(ProcessId process, Time at, Bytes bytes);

  Time now() const { return now_; }
  const TraceWriter& trace() const { return trace_; }
  const WorldSettings& settings() const { return *settings_; }
  const FaultLedger& faults() const { return ledger_; }
  const FileNames& files() const { return files_; }
  const Dice& dice() const { return dice_; }
  std::size_t process_count() const { return processes_.size(); }
  const Process& process(ProcessId id) const { return processes_.at(static_cast<std::size_t>(id)); }
  const Disk& disk(ProcessId id) const { return volumes_.at(id == shared_volume ? processes_.size() : index(id)).disk; }
  ProcessState state(ProcessId process) const;
  std::size_t memory() const;

 private:
  struct DiskOperation {
    effect::DiskVerb verb{};
    Volume volume = Volume::own;
    ProcessId process = no_process;
    DiskToken token{};
    FileId file = no_file;
    FileId new_file = no_file;
    std::uint64_t offset = 0;
    std::uint64_t length = 0;
    std::uint64_t number = 0;  // among the process's operations on the volume
    EventIndex cause = no_event;
    Time issued;
    Slot slot = no_slot;
    Bytes bytes;
  };
  struct DiskOutcome {
    DiskStatus status = DiskStatus::ok;
    Bytes bytes;
    std::shared_ptr<const std::vector<FileEntry>> entries;
    EventIndex told = no_event;  // the event by which the process learns of it
  };
  struct VolumeState {
    Key key{};  // whose it is, for draws
    Disk disk;
    std::shared_ptr<const Disk> saved;          // FaultKind::saved_disk
    FaultId saved_by{};                         // ... and which, if there is one
    std::vector<std::pair<FileId, Time>> busy;  // files with operations under way, and until when
    std::uint32_t faults = 0;                   // disk faults that last
  };
  // How a process goes down.
  struct Downfall {
    Key key{};                     // of what is left to chance in it
    std::optional<FaultId> fault;  // that is to blame
    bool silent = false;           // the other ends of its connections are not told
    bool keep_cache = false;       // the operating system stays up
    Unsynced unsynced = Unsynced::drawn;
  };
  // What became of one packet.
  struct Transit {
    Time arrives;
    std::uint64_t packet = 0;  // its number on the path
    bool lost = false;
    LossReason reason = LossReason::loss;
    bool by_fault = false;
    FaultId fault{};
  };
  // Bytes that a stream delivers together.
  struct Piece {
    Bytes bytes;
    std::uint64_t offset = 0;
    EventIndex cause = no_event;
    std::uint32_t segments = 0;  // used up
    std::uint64_t rest = 0;      // bytes of the segment after those that are part of it
    bool chunked = false;        // not what was sent as one message
  };

  // ---- host.cpp: the queue
  static std::size_t index(ProcessId id) { return static_cast<std::size_t>(id); }
  Process& at(ProcessId id) { return processes_[index(id)]; }
  Slot make_pending(Pending pending);
  void renew(Slot& slot, Pending pending);
  void drop_pending(Slot slot);
  void arm(Slot slot, Time time);
  void disarm(Slot slot);
  void leave_backlog(Slot slot);
  std::uint64_t next_order(const Pending& pending);
  std::uint64_t drawn_order(const Pending& pending, std::uint64_t sequence);
  // The first of the queue, once `settle` has made it one that leaves a trace.
  struct First {
    enum class Kind : std::uint8_t {
      none,      // nothing is due; as `first_`: nobody has looked, or something has changed since
      delivery,  // bytes of a stream that a machine takes
      other,
    };
    Kind kind = Kind::none;
    Slot slot = no_slot;
    Time time;
  };
  bool settle(Time until);
  First find_first(Time until);
  bool settle_slowly(Slot slot, Time time);
  bool pass_unseen(Process& process, Time time);
  void wait(Slot slot);
  void hold_back(Slot slot);
  void resume_backlog(ProcessId id);
  void take_from_backlog(ProcessId id);
  void execute(Slot slot);
  void describe(Slot slot, TraceEvent& event);

  // ---- host_processes.cpp
  void do_start(Slot slot);
  void fire_timer(Slot slot);
  void give_input(Slot slot);
  void step_machine(ProcessId id, const Event& event, EventIndex cause);
  void spend_time(ProcessId id, EventIndex cause);
  void carry_out(Process& process, ProcessId id, EventIndex cause);
  bool carry_out_other(ProcessId id, Effect& effect, EventIndex cause);
  void finish_step(ProcessId id, EventIndex cause);
  void set_timer(ProcessId id, const effect::SetTimer& effect, EventIndex cause);
  void arm_timer(const Timer& timer, const Clock& clock);
  void cancel_timer(ProcessId id, TimerId timer);
  void rearm_timers(ProcessId id);
  void go_down(ProcessId id, const Downfall& downfall, EventIndex cause);
  void stop(ProcessId id, EventKind kind, Bytes why, EventIndex cause);

  // ---- host_network.cpp: packets and datagrams
  Transit transit(ProcessId from, ProcessId to, std::size_t size, bool stream, EventIndex cause);
  void shape(Transit& transit, ProcessId from, ProcessId to, bool stream, EventIndex cause);
  bool queue_up(Path& path, ProcessId from, ProcessId to, std::size_t size, Time& leaves, Transit& transit,
                EventIndex cause);
  Duration retransmission(const LinkSettings& link, Key path, std::uint64_t packet) const;
  void send_datagram(ProcessId from, const effect::SendDatagram& effect, EventIndex cause);
  void schedule_datagram(ProcessId from, ProcessId to, Bytes bytes, std::uint64_t number, std::uint64_t copy,
                         EventIndex cause, Time arrives);
  void deliver_datagram(Slot slot);
  void unblock(ProcessId from, ProcessId to);
  bool blocking_fault(ProcessId from, ProcessId to, FaultId& fault) const;

  // ---- host_streams.cpp
  TraceEvent& stream_event(EventKind kind, std::uint32_t flow, EventIndex cause, std::uint64_t b);
  void connect(ProcessId from, const effect::Connect& effect, EventIndex cause);
  void send(const Process& from, Link link, Bytes&& bytes, EventKind kind, EventIndex cause);
  void close(ProcessId from, Link link, EventIndex cause);
  void push_segment(Flow& flow, Segment&& segment);
  void schedule_segment(Flow& flow, Segment& segment);
  Time arrival_of(const Flow& flow, const Segment& segment);
  Duration delay_of_close(const Segment& finish, ProcessId from, ProcessId to, std::uint64_t packet);
  void arm_flow(const Flow& flow);
  bool blocked(std::uint32_t flow);
  bool delivers(std::uint32_t flow);
  bool arrival_is_seen(std::uint32_t flow);
  bool takes(std::uint32_t flow);
  bool may_answer(std::uint32_t flow);
  void refuse(std::uint32_t flow);
  void arrive_unseen(std::uint32_t flow);
  void describe_arrival(std::uint32_t flow, TraceEvent& event);
  void arrive(std::uint32_t flow);
  void hold(std::uint32_t flow);
  void release(std::uint32_t flow);
  void deliver_piece(std::uint32_t flow);
  void deliver_torn(std::uint32_t flow);
  Piece next_piece(std::uint32_t flow, bool tear);
  bool tears(const Flow& flow);
  bool torn_by_fault(Direction way) const;
  void tell_lost(std::uint32_t flow, const Segment& segment, EventIndex cause);
  void lose_first(std::uint32_t flow, EventIndex cause);
  void lose_waiting(std::uint32_t flow, EventIndex cause);
  void lose_segments(std::uint32_t flow, EventIndex cause);
  void lose_all(std::uint32_t flow, EventIndex cause);
  void answer_with_reset(std::uint32_t flow, CloseReason reason, EventIndex cause);
  void tell_closed(std::uint32_t flow, CloseReason reason, EventIndex cause);
  void flow_timed_out(std::uint32_t flow);
  void end_is_gone(std::uint32_t flow);
  void drop_connections(ProcessId id, bool silent, EventIndex cause);
  void break_connections(FaultId id, const Fault& fault, EventIndex cause);
  void release_toward(ProcessId id);
  void maybe_free(std::uint32_t flow);
  Connection& connection_of(std::uint32_t flow) { return network_.connection(flow / 2); }
  Flow& flow_of(std::uint32_t flow) { return network_.flow(flow); }
  ConnectionEnd& sender_of(std::uint32_t flow) { return network_.flow(flow).sender; }
  ConnectionEnd& receiver_of(std::uint32_t flow) { return network_.flow(flow ^ 1).sender; }

  // ---- host_disks.cpp
  VolumeState& volume_of(const DiskOperation& operation);
  DiskCounts& counts_of(const DiskOperation& operation);
  const DiskSettings& settings_of(const DiskOperation& operation) const;
  void issue(ProcessId id, effect::Disk& effect, EventIndex cause);
  Duration latency_of(DiskOperation& operation);
  Time reserve(VolumeState& volume, FileId file, Time until);
  void describe_disk(std::uint32_t operation, TraceEvent& event) const;
  void complete(Slot slot);
  void answer_unreachable(Slot slot);
  bool lose_contact(Slot slot);
  DiskOperation take_operation(std::uint32_t operation);
  DiskOutcome perform(const DiskOperation& operation);
  DiskOutcome perform_write(const DiskOperation& operation);
  DiskOutcome perform_sync(const DiskOperation& operation, EventIndex cause);
  DiskOutcome perform_read(const DiskOperation& operation);
  DiskOutcome perform_list(const DiskOperation& operation);
  DiskOutcome perform_change(const DiskOperation& operation);
  bool fits(const DiskOperation& operation, std::uint64_t growth, FaultId& fault, bool& by_fault);
  TraceEvent& disk_event(EventKind kind, const DiskOperation& operation, EventIndex cause);
  DiskOutcome fail(const DiskOperation& operation, DiskStatus status, EventIndex cause);
  void misdirect(const DiskOperation& operation, FaultId fault, std::uint64_t drawn, EventIndex cause);
  void crash_operations(ProcessId id, Unsynced unsynced);
  void crash_disk(VolumeState& volume, ProcessId id, Volume which, const Downfall& downfall, EventIndex cause);

  // ---- host_faults.cpp
  void take_effect(FaultId fault, ProcessId process, ProcessId peer, EventIndex cause);
  void begin_fault(FaultId id, EventIndex cause);
  void end_fault(FaultId id);
  void undo_fault(FaultId id, EventIndex cause);
  void begin_process_fault(FaultId id, const Fault& fault, EventIndex cause);
  void show_pauses(ProcessId process);
  void begin_network_fault(FaultId id, const Fault& fault, EventIndex cause);
  void begin_disk_fault(FaultId id, const Fault& fault, EventIndex cause);
  void begin_clock_fault(FaultId id, const Fault& fault, EventIndex cause);
  void damage_files(FaultId id, VolumeState& volume);
  void damage_sector(FileContent& file, FaultId id, std::uint64_t sector, std::uint64_t drawn);
  void damage_synced(const DiskOperation& operation, const std::vector<std::uint64_t>& sectors);
  template <class Use>
  void each_process(const Fault& fault, Use&& use);
  template <class Use>
  void each_direction(const Fault& fault, Use&& use);
  template <class Use>
  void each_volume(const Fault& fault, Use&& use);

  std::shared_ptr<const WorldSettings> settings_;
  Dice dice_;
  Time now_;
  EventQueue queue_;
  std::vector<Pending> pending_;  // by slot
  TraceWriter trace_;
  std::vector<Process> processes_;  // by ProcessId
  Network network_;
  std::vector<VolumeState> volumes_;  // by ProcessId, and the shared one last
  std::vector<DiskOperation> operations_;
  std::vector<std::uint32_t> free_operations_;
  FaultLedger ledger_;
  FileNames files_;
  TraceEvent peeked_;
  First first_;
  Slot held_ = no_slot;  // the next to be seen: not what it would do, but that a pause holds it back
  std::uint64_t sequence_ = 0;
};

// ---- The paths taken at every event --------------------------------------------------------------------------------

inline std::uint64_t Host::next_order(const Pending& pending) {
  const std::uint64_t sequence = sequence_++;
  if (settings_->ties == TieOrder::insertion) [[likely]]
    return sequence;
  return drawn_order(pending, sequence);
}

inline void Host::disarm(Slot slot) {
  if (pending_[slot].waiting) [[unlikely]]
    leave_backlog(slot);
  queue_.disarm(slot);
}

inline void Host::arm(Slot slot, Time time) {
  if (pending_[slot].waiting) [[unlikely]]
    leave_backlog(slot);
  queue_.arm(slot, time, next_order(pending_[slot]));
}

// Nothing gets through to the receiver, and nobody answers.
inline bool Host::blocked(std::uint32_t number) {
  const Process& to = at(receiver_of(number).process);
  return network_.path_of(flow_of(number)).blocked() || (to.silent && !to.running());
}

// The first segment is bytes, and its arrival is a step of the receiver's machine: who listens is running.
inline bool Host::delivers(std::uint32_t number) {
  const Flow& flow = flow_of(number);
  return flow.first().kind == Segment::Kind::bytes && receiver_of(number).listens() &&
         !network_.path_of(flow).blocked();
}

inline bool Host::tears(const Flow& flow) {
  if (settings_->network.chunking == Chunking::random_pieces) return true;
  return network_.path_of(flow).shapes > 0 && torn_by_fault(network_.direction_of(flow));
}

// An event where flow `number` begins.
[[gnu::always_inline]] inline TraceEvent& Host::stream_event(EventKind kind, std::uint32_t number, EventIndex cause,
                                                             std::uint64_t b) {
  const Flow& flow = flow_of(number);
  const ConnectionEnd& end = flow.sender;
  return trace_.add(kind, now_, end.process, cause, receiver_of(number).process, end.link, flow.number, b);
}

// Puts the arrival of the first segment into the queue, if it can arrive.
inline void Host::arm_flow(const Flow& flow) {
  if (flow.empty() || flow.held || !flow.first().can_leave) return disarm(flow.slot);
  arm(flow.slot, std::max(flow.first().arrives, now_));
}

// When it arrives at the earliest, should nothing be in its way then.
[[gnu::always_inline]] inline void Host::schedule_segment(Flow& flow, Segment& segment) {
  Path& path = network_.path_of(flow);
  const LinkSettings& link = network_.settings_of(path);
  Time arrives;
  if (path.shapes > 0 || link.bandwidth > 0 || !dice_.pins().empty()) [[unlikely]] {
    arrives = arrival_of(flow, segment);
  } else {  // what that comes to then
    const std::uint64_t packet = path.packets++;
    const std::uint64_t latency = draw_of_series(dice_.seed(), Chance::latency, flow.latency, packet);
    const std::uint64_t luck = draw_of_series(dice_.seed(), Chance::loss, flow.loss, packet);
    arrives = now_ + link.latency.at(latency);
    if (hits(luck, link.loss)) [[unlikely]]
      arrives = arrives + retransmission(link, path.key, packet);
  }
  // In registers: which of them is later cannot be predicted.
  const Time last = flow.last_arrival;
  const Time in_order = arrives < last ? last : arrives;
  segment.arrives = in_order;
  flow.last_arrival = in_order;
}

// `kind` is sent or replied.
inline void Host::send(const Process& from, Link link, Bytes&& bytes, EventKind kind, EventIndex cause) {
  const std::uint32_t* const number = from.find(link);
  if (!number) return;  // closed: it goes nowhere
  Flow& flow = flow_of(*number);
  const std::uint64_t offset = flow.sent;
  flow.sent += bytes.size();
  TraceEvent& event = stream_event(kind, *number, cause, offset);
  if (bytes.empty()) return;
  event.payload = bytes;
  event.digest = TraceHash::digest_of(bytes);
  const bool first = flow.empty();
  Segment& segment = flow.segments.append();
  segment.kind = Segment::Kind::bytes;
  segment.can_leave = flow.sender.state == ConnectionEnd::State::open;
  segment.cause = event.index;
  segment.offset = offset;
  segment.bytes = std::move(bytes);
  segment.digest = event.digest;
  if (segment.can_leave) schedule_segment(flow, segment);
  if (first) arm_flow(flow);
}

[[gnu::always_inline]] inline void Host::step_machine(ProcessId id, const Event& event, EventIndex cause) {
  Process& process = at(id);
  const Moment moment = process.clock.read(now_);
  try {
    process.machine->step(moment, event, process.effects);
  } catch (const AssertionFailed& failure) {
    return stop(id, EventKind::assertion_failed, Bytes::copy(failure.what()), cause);
  } catch (const std::bad_alloc&) {
    throw;  // of the simulator, and not of the machine
  } catch (const std::exception& failure) {
    return stop(id, EventKind::assertion_failed, Bytes::copy(std::string("an exception: ") + failure.what()), cause);
  }
  if (process.has_cost || process.slow > 0 || !process.unseen_clock_faults.empty()) [[unlikely]]
    finish_step(id, cause);
  if (!process.effects.recorded().empty()) carry_out(process, id, cause);
}

// The first segment arrives. The queue still holds the flow's slot, unless there is no other segment or it waited in
// the backlog.
[[gnu::always_inline]] inline void Host::deliver_piece(std::uint32_t number) {
  Flow& flow = flow_of(number);
  if (tears(flow)) [[unlikely]]
    return deliver_torn(number);
  const Segment& first = flow.first();
  TraceEvent& event = stream_event(EventKind::received, number ^ 1, first.cause, first.offset);
  event.payload = first.bytes;
  event.digest = first.digest;
  const EventIndex cause = event.index;
  const ProcessId id = event.process;
  const Event received = Received{event.link, flow.take()};
  if (!flow.empty()) {
    const Segment& next = flow.first();
    if (flow.held || !next.can_leave) [[unlikely]] {
      disarm(flow.slot);
    } else {
      queue_.move(flow.slot, std::max(next.arrives, now_), next_order(pending_[flow.slot]));
    }
  }
  step_machine(id, received, cause);
}

}  // namespace smalldb::sim
