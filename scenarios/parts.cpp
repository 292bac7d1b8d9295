#include "scenarios/parts.h"

namespace smalldb::scenarios {

bool Parts::take(const sim::TraceEvent& event, const sim::World& world) {
  const auto index = static_cast<std::size_t>(event.process);
  if (index >= nodes_.size()) return false;
  Part& part = nodes_[index];
  switch (event.kind) {
    case sim::EventKind::started:
      part = Part{};
      part.running = true;
      return true;
    case sim::EventKind::crashed:
    case sim::EventKind::stopped:
    case sim::EventKind::assertion_failed: part = Part{}; return true;
    case sim::EventKind::note: break;
    default: return false;
  }
  const effect::Note& note = world.notes()[event.a];
  const auto role = static_cast<Role>(note.role);
  const bool changed = role != part.role || note.epoch != part.epoch;
  if (changed) part.declared = no_process;
  part.role = role;
  part.epoch = note.epoch;
  switch (static_cast<NoteKind>(note.what)) {
    case NoteKind::backup_declared: part.declared = ProcessId{static_cast<std::uint32_t>(note.b)}; return true;
    case NoteKind::backup_left: part.declared = no_process; return true;
    default: return changed;
  }
}

ProcessId Parts::primary() const {
  ProcessId best = no_process;
  std::uint64_t epoch = 0;
  for (std::uint32_t i = 0; i < nodes_.size(); ++i) {
    const Part& part = nodes_[i];
    if (!part.running || part.role != Role::primary || (best != no_process && part.epoch <= epoch)) continue;
    best = ProcessId{i};
    epoch = part.epoch;
  }
  return best;
}

bool Parts::is_running_backup(ProcessId process) const {
  const auto index = static_cast<std::size_t>(process);
  return index < nodes_.size() && nodes_[index].running && nodes_[index].role == Role::backup;
}

ProcessId Parts::declared() const {
  const ProcessId first = primary();
  if (first == no_process) return no_process;
  const ProcessId second = nodes_[static_cast<std::size_t>(first)].declared;
  return is_running_backup(second) ? second : no_process;
}

ProcessId Parts::backup() const {
  if (const ProcessId second = declared(); second != no_process) return second;
  for (std::uint32_t i = 0; i < nodes_.size(); ++i) {
    if (is_running_backup(ProcessId{i})) return ProcessId{i};
  }
  return no_process;
}

}  // namespace smalldb::scenarios
