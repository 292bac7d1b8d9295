#include "properties/recoverable.h"

#include <algorithm>

#include "properties/words.h"

namespace smalldb::properties {
namespace {

// The node that a directory was last seen at; no_process if it never led nor joined.
ProcessId node_of(DirectoryId directory, const Epochs& epochs) {
  for (Line line = epochs.count(); line-- > 0;) {
    const Tenure& tenure = epochs[line];
    if (tenure.directory == directory) return tenure.node;
    for (const Join& join : tenure.joins) {
      if (join.directory == directory) return join.node;
    }
  }
  return no_process;
}

bool holds_its_declaration(const Mirror& mirror, Line line, const Join& join) {
  return join.declared.value != 0 && join.left.value == 0 && mirror.cast->has(join.node) &&
         mirror.log(join.node).durable().covering(line, join.declared) != nullptr;
}

// Those who may go on from the latest epoch (S3).
std::vector<ProcessId> candidates(const Mirror& mirror, Epoch latest) {
  const Epochs& epochs = mirror.epochs;
  std::vector<ProcessId> nodes;
  for (Line line = 0; line < epochs.count(); ++line) {
    if (epochs[line].epoch != latest) continue;
    nodes.push_back(epochs[line].node);
    for (const Join& join : epochs[line].joins) {
      if (holds_its_declaration(mirror, line, join)) nodes.push_back(join.node);
    }
  }
  if (!nodes.empty()) return nodes;
  for (const Grant& grant : epochs.grants()) {  // given, and not begun
    if (grant.epoch == latest) nodes.push_back(node_of(grant.directory, epochs));
  }
  return nodes;
}

bool any_of(const std::vector<bool>& processes) {
  return std::find(processes.begin(), processes.end(), true) != processes.end();
}

// It is the arbiter, or what stands for it, that is lost.
bool is_arbiter_lost(const Mirror& mirror, const Lost& lost) {
  if (lost.shared_volume) return mirror.cast->arbiter_kind == ArbiterKind::shared_lock;
  for (std::uint32_t process = 0; process < lost.processes.size(); ++process) {
    if (lost.processes[process] && mirror.cast->is(ProcessId{process}, Part::arbiter)) return true;
  }
  return false;
}

// Why nobody may be able to go on without the arbiter.
std::optional<std::string> why_not_alone(const Mirror& mirror, const Destroyed& destroyed, const Lost& lost) {
  if (destroyed.anything()) return "disks were damaged, and the arbiter is out of reach";
  Line latest = no_line;
  for (std::size_t node = 0; node < mirror.leads.size(); ++node) {
    const Line line = mirror.leads[node];
    if (line == no_line || !mirror.running[node]) continue;
    if (latest == no_line || mirror.epochs[latest].epoch < mirror.epochs[line].epoch) latest = line;
    if (mirror.asks_for_an_epoch[node]) {
      return std::string(mirror.name(ProcessId{static_cast<std::uint32_t>(node)})) +
             " has asked for an epoch, and the arbiter is out of reach";
    }
  }
  if (latest == no_line) return "nobody served, and the arbiter is out of reach";
  for (const Grant& grant : mirror.epochs.grants()) {
    if (grant.epoch > mirror.epochs[latest].epoch) {
      return text(grant.epoch) + " was given and not begun, and the arbiter is out of reach";
    }
  }
  const std::vector<Join>& joins = mirror.epochs[latest].joins;
  const bool needs_backup = !joins.empty() && joins.back().declared.value != 0 && joins.back().left.value == 0;
  if (needs_backup && mirror.cast->has(joins.back().node) &&
      lost.processes[static_cast<std::size_t>(joins.back().node)]) {
    return "the backup is lost, and the arbiter is out of reach";
  }
  return std::nullopt;
}

}  // namespace

bool Destroyed::anything() const { return shared_volume || any_of(processes); }

bool Lost::anybody() const { return shared_volume || any_of(processes); }

std::optional<std::string> why_not_promised(const Mirror& mirror) {
  for (Line line = 0; line < mirror.epochs.count(); ++line) {
    const Tenure& tenure = mirror.epochs[line];
    if (tenure.parent == no_line || !mirror.cast->has(tenure.node)) continue;
    const std::size_t node = static_cast<std::size_t>(tenure.node);
    const Milestones::Step* const received = mirror.received[node].covering(tenure.parent, tenure.first);
    if (received == nullptr) continue;
    // It was written down when that life ended.
    const Mirror::Life& left = mirror.left[node];
    const bool is_of_that_life = left.ended != sim::no_event && left.began < received->event;
    if (is_of_that_life && received->event < left.ended && left.ended < tenure.written) continue;
    return std::string(mirror.name(tenure.node)) + " had received " + text(tenure.first) + " of " +
           text(mirror.epochs[tenure.parent].epoch) + ", and began " + text(tenure.epoch) + " without it";
  }
  return std::nullopt;
}

std::optional<std::string> why_unrecoverable(const Mirror& mirror, const Destroyed& destroyed, const Lost& lost) {
  if (!destroyed.anything() && !lost.anybody()) return std::nullopt;
  if (is_arbiter_lost(mirror, lost)) return why_not_alone(mirror, destroyed, lost);
  const auto is_destroyed = [&](ProcessId process) {
    return !mirror.cast->has(process) || destroyed.processes[static_cast<std::size_t>(process)];
  };
  for (std::uint32_t process = 0; process < mirror.cast->size(); ++process) {
    if (mirror.cast->is(ProcessId{process}, Part::arbiter) && is_destroyed(ProcessId{process})) {
      return "the arbiter's disk was damaged: whom it gave which epoch is lost";
    }
  }
  if (destroyed.shared_volume && mirror.cast->arbiter_kind == ArbiterKind::shared_lock) {
    return "the shared volume was damaged: who made which epoch's file is lost";
  }
  Epoch latest;
  for (const Grant& grant : mirror.epochs.grants()) latest = std::max(latest, grant.epoch);
  for (Line line = 0; line < mirror.epochs.count(); ++line) latest = std::max(latest, mirror.epochs[line].epoch);
  for (const ProcessId node : candidates(mirror, latest)) {
    if (!is_destroyed(node) && !lost.processes[static_cast<std::size_t>(node)]) return std::nullopt;
  }
  return (lost.anybody() ? "nobody is left with a whole disk of those that may go on after "
                         : "no disk is whole of those that may go on after ") +
         text(latest);
}

}  // namespace smalldb::properties
