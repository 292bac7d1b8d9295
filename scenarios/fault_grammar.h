// How a fault and an operator's action are written: a verb with its target, what the verb needs, and when.
//
//     - cut: a <-> b
//       at: 2s
//       for: 1s..2s
//     - crash: primary
//       when: before b receives record 3
//       unsynced: torn
//
// One table in fault_grammar.cpp says for every verb what its target is and which keys may or must stand beside it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "scenarios/grammar.h"
#include "scenarios/scenario.h"

namespace smalldb::scenarios {

// The key under which a fault of this plan stands: its kind's name, `partition` or `isolate`.
std::string_view verb_of(const FaultPlan& plan);

enum class FaultTarget { processes, links, groups };
FaultTarget target_of(sim::FaultKind kind);

// A fault of this kind has nothing left to end once it has struck, and takes no `for`.
bool is_over_at_once(sim::FaultKind kind);

// Takes from a disk what was durable there, or what could be read of it.
bool destroys_what_is_durable(sim::FaultKind kind, sim::Unsynced unsynced);

// Every verb with what it does, for those who list them.
struct FaultDescription {
  std::string_view verb;
  std::string_view what;
};
std::vector<FaultDescription> fault_descriptions();

// The same for an operator's command.
std::string_view verb_of(OperatorAction::Command command);

// In a line, for ledgers and stories: "crash a at 3s for 2s".
std::string to_text(const FaultPlan& plan);
std::string to_text(const OperatorAction& action);

namespace grammar {

class QuantityFinder;

struct FaultItem {
  using Value = FaultPlan;
  static constexpr bool of_maps = true;
  static void read(const Node& node, Value& value, Reader& reader);
  static Node write(const Value& value);
  static void visit(QuantityFinder& finder, Value& value);  // all but its target and its schedule
  static Node schema() { return reference("fault"); }
  static Node definition();
};

struct OperatorItem {
  using Value = OperatorAction;
  static constexpr bool of_maps = true;
  static void read(const Node& node, Value& value, Reader& reader);
  static Node write(const Value& value);
  static Node schema() { return reference("operator_action"); }
  static Node definition();
};

}  // namespace grammar

}  // namespace smalldb::scenarios
