#include "properties/checker/origin.h"

#include <algorithm>
#include <vector>

#include "properties/checker/flat_map.h"
#include "properties/checker/steps.h"

namespace smalldb::checker {

std::optional<KeyResult> judge_by_origin(const KeyTask& task) {
  FlatMap numbers(16);
  std::vector<Instant> first_invoked;  // of the writes of a value, by its number
  const auto number = [&](ValueId value) { return static_cast<std::uint32_t>(value); };
  for (const std::uint32_t position : task.positions) {
    const std::optional<Step> step = step_of(task.operations[position]);
    if (!step) continue;
    if (step->effect == Effect::append) return std::nullopt;
    if (step->effect != Effect::set) continue;
    if (numbers.add(number(step->to.value)).is_new) first_invoked.push_back(step->invoked);
  }
  const ValueId initial = task.history.initial(task.key);
  std::optional<std::uint32_t> culprit;
  for (const std::uint32_t position : task.positions) {
    const Operation& operation = task.operations[position];
    const std::optional<Step> step = step_of(operation);
    const bool found = step && !step->optional && step->need.of_value == Need::Kind::is;
    if (!found || step->need.value == initial) continue;
    const std::uint32_t written = numbers.find(number(step->need.value));
    if (written != FlatMap::none && first_invoked[written] <= operation.returned) continue;
    if (!culprit || operation.returned < task.operations[*culprit].returned) culprit = position;
  }
  if (!culprit) return std::nullopt;
  KeyResult result;
  const std::size_t count = task.positions.size();
  result.verdict = {task.key, Conclusion::violated, Engine::frontier, count, count, never};
  result.is_first = false;
  result.violation = Violation{};
  result.violation->culprit = *culprit;
  result.violation->operations = {*culprit};
  return result;
}

bool find_origin(const KeyTask& task, Violation& violation) {
  const std::span<const Operation> operations = task.operations;
  const Operation& culprit = operations[violation.culprit];
  const std::optional<Step> step = step_of(culprit);
  if (!step || step->optional || step->need.of_value != Need::Kind::is) return false;
  const ValueId found = step->need.value;
  if (found == task.history.initial(task.key)) return false;
  std::optional<std::size_t> failed;
  std::optional<std::size_t> later;
  for (const std::uint32_t position : task.positions) {
    const Operation& operation = operations[position];
    if (operation.verb == Verb::append) return false;
    const bool is_itself = position == violation.culprit && has_no_effect(operation.outcome);
    if (operation.verb == Verb::get || is_itself) continue;
    if ((removes(operation) ? ValueId::absent : operation.argument) != found) continue;
    if (has_no_effect(operation.outcome)) {
      if (!failed && operation.invoked <= culprit.returned) failed = position;
    } else if (operation.invoked > culprit.returned) {
      if (!later) later = position;
    } else {
      return false;
    }
  }
  violation.writers.clear();
  violation.is_minimal = true;
  violation.operations = {violation.culprit};
  if (failed || later) violation.operations.push_back(failed ? *failed : *later);
  std::sort(violation.operations.begin(), violation.operations.end());
  return true;
}

}  // namespace smalldb::checker
