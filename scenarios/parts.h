// Who plays which part in the cluster just now, by what the machines note. Good for aiming faults and for telling; no
// safety property is judged by it.
#pragma once

#include <cstdint>
#include <vector>

#include "model/machine.h"
#include "model/notes.h"
#include "sim/world.h"

namespace smalldb::scenarios {

class Parts {
 public:
  explicit Parts(std::size_t nodes) : nodes_(nodes) {}

  // Gives whether anybody's part changed.
  bool observe(const sim::TraceEvent& event, const sim::World& world) {
    switch (event.kind) {
      case sim::EventKind::started:
      case sim::EventKind::crashed:
      case sim::EventKind::stopped:
      case sim::EventKind::assertion_failed:
      case sim::EventKind::note: return take(event, world);
      default: return false;
    }
  }

  // The running primary of the highest epoch; no_process if there is none.
  ProcessId primary() const;
  // A running backup that follows that primary, declared ones first; no_process if there is none.
  ProcessId backup() const;
  // The backup that the primary has declared in sync and that still is one.
  ProcessId declared() const;

 private:
  struct Part {
    Role role = Role::none;
    std::uint64_t epoch = 0;
    ProcessId declared = no_process;  // by this node, as primary, in this epoch
    bool running = false;
  };

  bool take(const sim::TraceEvent& event, const sim::World& world);
  bool is_running_backup(ProcessId process) const;

  std::vector<Part> nodes_;
};

}  // namespace smalldb::scenarios
