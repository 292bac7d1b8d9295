// A process as its host knows it: the machine, if it is running, and all that the world keeps for it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "model/host_side.h"
#include "model/machine.h"
#include "sim/clock.h"
#include "sim/fault.h"
#include "sim/network.h"
#include "sim/time.h"

namespace smalldb::sim {

// What a process has done to a volume so far.
struct DiskCounts {
  std::uint64_t operations = 0;
  std::uint64_t writes = 0;
  std::uint64_t syncs = 0;
  std::uint64_t reads = 0;
};

struct Timer {
  Slot slot = no_slot;
  bool set = false;
  Instant at;
};

// A machine that copies by being cloned.
class MachineHolder {
 public:
  MachineHolder() = default;
  MachineHolder(const MachineHolder& other) : machine_(other.machine_ ? other.machine_->clone() : nullptr) {}
  MachineHolder(MachineHolder&&) = default;
  MachineHolder& operator=(const MachineHolder&) = delete;
  MachineHolder& operator=(MachineHolder&&) = default;

  void start(const Machine& pattern) { machine_ = pattern.clone(); }
  void drop() { machine_.reset(); }
  explicit operator bool() const { return machine_ != nullptr; }
  Machine* operator->() const { return machine_.get(); }

 private:
  std::unique_ptr<Machine> machine_;
};

struct Process {
  Process(Key its_key, Clock its_clock) : key(its_key), clock(its_clock) {}

  bool running() const { return static_cast<bool>(machine); }
  // Something must wait before the machine can be stepped at `time`.
  bool holds_back(Time time) const { return pauses > 0 || !backlog.empty() || busy_until > time; }

  // The flow that begins where the machine has `link`, null if there is none any more.
  const std::uint32_t* find(Link link) const {
    for (auto entry = links.end(); entry != links.begin();) {
      if ((--entry)->first == link) return &entry->second;
    }
    return nullptr;
  }
  void forget(Link link) {
    std::erase_if(links, [link](const auto& entry) { return entry.first == link; });
  }

  Key key;                // its name, for draws
  MachineHolder machine;  // empty while down or stopped
  HostEffects effects;
  Clock clock;
  std::vector<Timer> timers;  // by TimerId
  // Connections that the machine knows of, oldest first, and the flows by which it sends on them.
  std::vector<std::pair<Link, std::uint32_t>> links;
  std::vector<std::uint32_t> operations;     // of its disks, not yet answered, oldest first
  std::vector<Slot> backlog;                 // what came while it could not be stepped, oldest first
  std::vector<FaultId> unseen_clock_faults;  // changed a clock that has not been read since
  // Pauses that last and have held nothing back yet, and the event with which each began.
  std::vector<std::pair<FaultId, EventIndex>> unseen_pauses;
  DiskCounts counts[2];  // of its disk, and of what it does to the shared volume
  Slot start = no_slot;
  Slot next = no_slot;  // the next of the backlog is taken
  Time busy_until;
  std::uint64_t incarnation = 0;  // starts so far
  std::uint64_t scheduled = 0;    // where chance orders equal times
  std::uint64_t steps = 0;
  std::uint64_t inputs = 0;
  std::uint64_t reports = 0;
  std::uint32_t downs = 0;  // faults that keep it down
  std::uint32_t pauses = 0;
  std::uint32_t slow = 0;
  bool stopped = false;   // by itself
  bool silent = false;    // down, and nobody answers in its place
  bool has_cost = false;  // its steps take time even without a fault
  FaultId down_by{};      // while downs > 0
};

}  // namespace smalldb::sim
