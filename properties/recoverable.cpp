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

}  // namespace

bool Destroyed::anything() const {
  return shared_volume || std::find(processes.begin(), processes.end(), true) != processes.end();
}

std::optional<std::string> why_not_promised(const Mirror& mirror) {
  for (Line line = 0; line < mirror.epochs.count(); ++line) {
    const Tenure& tenure = mirror.epochs[line];
    if (tenure.parent == no_line || !mirror.cast->has(tenure.node)) continue;
    const Milestones& received = mirror.received[static_cast<std::size_t>(tenure.node)];
    if (received.covering(tenure.parent, tenure.first) == nullptr) continue;
    return std::string(mirror.name(tenure.node)) + " had received " + text(tenure.first) + " of " +
           text(mirror.epochs[tenure.parent].epoch) + ", and began " + text(tenure.epoch) + " without it";
  }
  return std::nullopt;
}

std::optional<std::string> why_unrecoverable(const Mirror& mirror, const Destroyed& destroyed) {
  if (!destroyed.anything()) return std::nullopt;
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
    if (!is_destroyed(node)) return std::nullopt;
  }
  return "no disk is whole of those that may go on after " + text(latest);
}

}  // namespace smalldb::properties
