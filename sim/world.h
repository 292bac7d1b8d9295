// A world: processes, their network, disks and clocks, all of it a value.
//
//     World world(settings);
//     while (const TraceEvent* next = world.peek()) {
//       if (...) world.inject(fault);       // before it happens; look again, it may have changed
//       for (const TraceEvent& event : world.step()) ...
//     }
//
// A world does nothing by itself: `step` executes the next event and returns what came of it. Virtual time jumps from
// event to event. Nothing outside its settings reaches a world, so two of the same settings that are treated alike go
// through the same events; `hash` says whether they did.
//
//     World branch = world;                 // at any instant; both go on by themselves
//
// A world and its copies belong to one thread (they share payloads and blocks of files). It keeps the trace events of
// the last call only, so that a run takes no more memory the longer it lasts.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/bytes.h"
#include "model/machine.h"
#include "sim/fault.h"
#include "sim/settings.h"
#include "sim/time.h"
#include "sim/trace.h"

namespace smalldb::sim {

class Host;

enum class ProcessState : std::uint8_t {
  down,  // not started yet, or crashed
  running,
  paused,
  stopped,  // by itself (effect::Stop), or by an assertion that failed
};

class World {
 public:
  explicit World(const WorldSettings& settings);
  World(const World& other);
  World(World&& other) noexcept;
  World& operator=(const World& other);
  World& operator=(World&& other) noexcept;
  ~World();

  // ---- Going on

  // The next event as step would execute it: its kind, process, peer, cause, payload, time; null when nothing is left
  // to happen. Its `index` is that of the first event that step will return. What faults decide while it happens (a
  // sync that fails, a write for which there is no space) is not known yet: a sync is shown as disk_synced, a write as
  // disk_written (write_synced as disk_synced, with its bytes). Valid until the next call of a member that is not
  // const; after inject, end, start or schedule_input the next event may be another.
  //
  // Some events leave no trace (what comes for a paused process joins those that wait): to look past them takes the
  // world past them, and `now` with it. Who wants to do something at a time looks no further than that: with `until`,
  // null also when nothing is due by then, and `now` is not beyond it.
  const TraceEvent* peek(Time until = end_of_time);
  // Only its time.
  std::optional<Time> peek_time(Time until = end_of_time);

  // Executes the next event. Returns what happened, valid until the next call of a member that is not const; empty when
  // nothing was left to happen.
  std::span<const TraceEvent> step();

  // Nothing is left to happen. Paused processes and frozen clocks may still hold events back.
  bool idle() { return !peek_time(); }

  // The time of the last event, or what `advance` made of it.
  Time now() const;

  // Lets time pass up to `until` without an event. REQUIRES: now() <= until, and peek(until) is null or due at `until`.
  void advance(Time until);

  // ---- What the last step, inject, end or start did

  std::span<const TraceEvent> events() const;

  // The notes of the last call; a `note` event's `a` is an index of these.
  std::span<const effect::Note> notes() const;

  // ---- From outside

  // The fault takes hold now. Returns its number in the ledger; what it did at once is in events().
  FaultId inject(const Fault& fault);

  // The fault lets go. Nothing happens if it has ended already.
  void end(FaultId fault);

  // Every active fault lets go, in the order of their injection.
  void end_all();

  // Starts a process that is down without a fault keeping it so, or has stopped. Else nothing happens.
  void start(ProcessId process);

  // `bytes` reach `process` at `at`, or now if that has passed. Who is not running then does not get them.
  void schedule_input(ProcessId process, Time at, Bytes bytes);

  // ---- Looking

  std::size_t process_count() const;
  std::string_view name(ProcessId process) const;  // "disk" for shared_volume
  std::optional<ProcessId> find(std::string_view name) const;
  ProcessState state(ProcessId process) const;
  std::uint64_t incarnation(ProcessId process) const;  // starts so far
  Moment clocks(ProcessId process) const;

  // The ledger: one record per fault, by FaultId.
  const std::vector<FaultRecord>& faults() const;

  std::string_view file_name(FileId file) const;

  // The files of a volume, in the order of their names, as the processes see them now. `process` may be shared_volume.
  std::vector<FileEntry> files(ProcessId process) const;
  // A file's bytes: `visible` as a process would read them now if nothing were damaged, `durable` what would be there
  // after a power failure in which everything unsynced is lost. Damage does not show in either: this is the truth that
  // damage hides. Nothing if there is no such file.
  std::optional<std::string> visible(ProcessId process, std::string_view file) const;
  std::optional<std::string> durable(ProcessId process, std::string_view file) const;

  const Dice& dice() const;

  // Over all events so far: kinds, times, causes, processes, numbers, payloads and notes. The same on every machine.
  std::uint64_t hash() const;
  std::uint64_t event_count() const;

  // Bytes that the queue and what is on its way hold on to; machines and files not counted.
  std::size_t memory() const;

 private:
  std::unique_ptr<Host> host_;
};

}  // namespace smalldb::sim
