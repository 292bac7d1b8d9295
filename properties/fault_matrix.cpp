#include "properties/fault_matrix.h"

#include <algorithm>

namespace smalldb::properties {

std::string_view name(ProtocolStep step) {
  switch (step) {
    case ProtocolStep::nobody_serves: return "nobody_serves";
    case ProtocolStep::alone: return "alone";
    case ProtocolStep::pair: return "pair";
    case ProtocolStep::recovering: return "recovering";
    case ProtocolStep::seeking: return "seeking";
    case ProtocolStep::claiming: return "claiming";
    case ProtocolStep::joining: return "joining";
    case ProtocolStep::installing: return "installing";
    case ProtocolStep::checkpoint: return "checkpoint";
    case ProtocolStep::held_back: return "held_back";
  }
  return "?";
}

void FaultMatrix::observe(const Observation& observation, const Mirror& mirror) {
  switch (observation.kind) {
    case ObservationKind::noted:
      if (!mirror.cast->is(observation.process, Part::node)) return;
      if (nodes_.size() < mirror.cast->size()) nodes_.resize(mirror.cast->size());
      return on_note(observation);
    case ObservationKind::process_started:
      if (!mirror.cast->is(observation.process, Part::node)) return;
      if (nodes_.size() < mirror.cast->size()) nodes_.resize(mirror.cast->size());
      nodes_[static_cast<std::size_t>(observation.process)] = {.role = Role::recovering};
      return;
    case ObservationKind::process_ended:
      if (static_cast<std::size_t>(observation.process) < nodes_.size()) {
        nodes_[static_cast<std::size_t>(observation.process)] = {};
      }
      return;
    case ObservationKind::fault_injected: return on_injected(observation);
    case ObservationKind::fault_took_effect: return on_effect(observation);
    default: return;
  }
}

void FaultMatrix::on_injected(const Observation& fault) {
  ++rows_[fault.b].injected;
  // Of several at one instant none strikes what the others have left.
  if (fault.time == struck_at_) return;
  struck_at_ = fault.time;
  struck_first_ = fault.a;
  struck_ = going_on();
}

void FaultMatrix::on_effect(const Observation& fault) {
  const bool as_it_struck = fault.time == struck_at_ && fault.a >= struck_first_;
  const Steps steps = as_it_struck ? struck_ : going_on();
  Row& row = rows_[fault.b];
  ++row.effects;
  for (std::size_t step = 0; step < protocol_steps; ++step) row.at_step[step] += steps[step] ? 1 : 0;
}

void FaultMatrix::on_note(const Observation& noted) {
  Node& node = nodes_[static_cast<std::size_t>(noted.process)];
  const Role role = static_cast<Role>(noted.b);
  if (role != node.role && role != Role::none) {
    node = {.role = role, .claiming = node.claiming};
  }
  switch (static_cast<NoteKind>(noted.a)) {
    case NoteKind::claim_sent: node.claiming = true; break;
    case NoteKind::claim_won:
    case NoteKind::claim_lost:
    case NoteKind::fenced: node.claiming = false; break;
    case NoteKind::comer_welcomed: node.joining = true; break;
    case NoteKind::backup_declared:
    case NoteKind::backup_resumed:
      node.joining = false;
      node.declared = true;
      break;
    case NoteKind::backup_left: node.joining = false; break;
    case NoteKind::went_alone: node.declared = false; break;
    case NoteKind::checkpoint_begun: node.checkpoint = true; break;
    case NoteKind::checkpoint_done: node.checkpoint = false; break;
    case NoteKind::flow_control_on: node.held_back = true; break;
    case NoteKind::flow_control_off: node.held_back = false; break;
    default: break;
  }
}

FaultMatrix::Steps FaultMatrix::going_on() const {
  Steps steps{};
  for (std::size_t step = 0; step < protocol_steps; ++step) steps[step] = is_going_on(static_cast<ProtocolStep>(step));
  return steps;
}

bool FaultMatrix::is_going_on(ProtocolStep step) const {
  const auto any = [&](auto&& is) { return std::any_of(nodes_.begin(), nodes_.end(), is); };
  switch (step) {
    case ProtocolStep::nobody_serves: return !any([](const Node& node) { return node.role == Role::primary; });
    case ProtocolStep::alone: return any([](const Node& n) { return n.role == Role::primary && !n.declared; });
    case ProtocolStep::pair: return any([](const Node& n) { return n.role == Role::primary && n.declared; });
    case ProtocolStep::recovering: return any([](const Node& node) { return node.role == Role::recovering; });
    case ProtocolStep::seeking: return any([](const Node& node) { return node.role == Role::seeking; });
    case ProtocolStep::claiming: return any([](const Node& node) { return node.claiming; });
    case ProtocolStep::joining: return any([](const Node& n) { return n.role == Role::primary && n.joining; });
    case ProtocolStep::installing: return any([](const Node& node) { return node.role == Role::joining; });
    case ProtocolStep::checkpoint: return any([](const Node& node) { return node.checkpoint; });
    case ProtocolStep::held_back: return any([](const Node& node) { return node.held_back; });
  }
  return false;
}

}  // namespace smalldb::properties
