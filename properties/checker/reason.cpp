#include "properties/checker/reason.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <span>
#include <utility>

#include "properties/checker/appended_states.h"
#include "properties/checker/greedy.h"
#include "properties/checker/origin.h"
#include "properties/checker/part_judge.h"
#include "properties/checker/reducer.h"
#include "properties/checker/steps.h"

namespace smalldb::checker {
namespace {

using Kind = Need::Kind;

constexpr std::size_t states_most = 8;
constexpr std::uint64_t steps_min = 2000;

// The first return up to which there is no order, and what the key may have held before. The search looks ahead, and so
// may have given up earlier.
class Past {
 public:
  Past(const KeyTask& task, const Steps& all, std::uint64_t steps_max)
      : task_(task), all_(all), judge_(task, steps_max) {}

  std::uint64_t steps_left() const { return judge_.steps_left(); }

  // Whether all has an order, if a small search tells. If it has none, its culprit.
  Conclusion judge_soon(Violation& violation) {
    const Conclusion conclusion = judge_.judge_as_small(all_);
    if (conclusion == Conclusion::violated) take(judge_.culprit(), violation);
    return conclusion;
  }
  // Then: what the key may have held before the culprit returned, within so many steps.
  void add_states_soon(Violation& violation, std::uint64_t steps_max) {
    judge_.spend_at_most(steps_max);
    if (!is_alone(violation.culprit)) {
      judge_.judge_as_small(past_of(all_, task_.operations[violation.culprit].returned - 1));
    }
    violation.states.clear();
    std::vector<ValueId> values = states_to_ask_for(violation);
    violation.has_all_states = judge_.keep_possible(values);
    violation.states = std::move(values);
  }

  // The first return up to which there is no order. False if steps do not suffice: then it is the first that is known
  // to have none, and right before `good_before` there was one.
  bool find_culprit(Violation& violation, Instant& good_before) {
    std::vector<std::pair<Instant, std::uint32_t>> returns;
    for (const Step& step : all_.steps) {
      if (!step.optional) returns.push_back({step.returned, step.position});
    }
    std::sort(returns.begin(), returns.end());
    const Instant from = task_.operations[violation.culprit].returned;
    const auto first = std::lower_bound(returns.begin(), returns.end(), std::pair(from, std::uint32_t{0}));
    auto low = static_cast<std::size_t>(first - returns.begin());  // none before has no order
    std::size_t high = returns.size() - 1;                         // all together have none
    Conclusion conclusion = Conclusion::holds;
    for (std::size_t stride = 1; low < high && conclusion != Conclusion::unknown; stride *= 2) {
      const std::size_t tried = std::min(low + stride - 1, low + (high - low) / 2);
      conclusion = judge_.judge(past_of(all_, returns[tried].first));
      if (conclusion == Conclusion::holds) low = tried + 1;
      if (conclusion == Conclusion::violated) high = tried;
    }
    good_before = returns[low].first;
    take(returns[high].second, violation);
    return low == high;
  }

  // What the key may have held right before the culprit returned, as far as the steps go.
  void add_states(Violation& violation) {
    if (!is_alone(violation.culprit)) violation.states.clear();
    Steps past = past_of(all_, task_.operations[violation.culprit].returned - 1);
    std::vector<ValueId> values = states_to_ask_for(violation);
    violation.has_all_states = values.size() <= states_most;
    values.resize(std::min(values.size(), states_most));
    for (const ValueId value : values) {
      past.steps.push_back({.invoked = never - 1, .returned = never - 1});
      past.steps.back().need = {Kind::is, Kind::none, value, 0};
      const Conclusion conclusion = judge_.judge(past);
      if (conclusion == Conclusion::holds) violation.states.push_back(value);
      if (conclusion == Conclusion::unknown) violation.has_all_states = false;
      past.steps.pop_back();
    }
  }

 private:
  // Nothing else happened when it returned. If anything did, it may be part of what a search has found.
  bool is_alone(std::size_t culprit) const {
    const Instant end = task_.operations[culprit].returned;
    return std::none_of(all_.steps.begin(), all_.steps.end(), [&](const Step& step) {
      return step.position != culprit && (step.returned == end || step.invoked == end);
    });
  }

  // What the search has found holds before the culprit that it took for one.
  static void take(std::size_t culprit, Violation& violation) {
    if (culprit != violation.culprit) violation.states.clear();
    violation.culprit = culprit;
  }

  // The values that may not have been overwritten then (of what was appended none), without those that it names.
  std::vector<ValueId> states_to_ask_for(const Violation& violation) const {
    const Instant end = task_.operations[violation.culprit].returned;
    const auto is_past = [&](const Step& step) {
      return step.invoked < end && (step.returned < end || !step.is_read());
    };
    Instant latest = std::numeric_limits<Instant>::min();
    for (const Step& step : all_.steps) {
      if (is_past(step) && step.is_blind() && step.returned < end) latest = std::max(latest, step.invoked);
    }
    std::vector<ValueId> values;
    const auto add = [&](ValueId value, Instant returned) {
      const bool known = std::find(values.begin(), values.end(), value) != values.end();
      if (!known && returned >= latest) values.push_back(value);
    };
    add(all_.initial.value, std::numeric_limits<Instant>::min());
    for (std::size_t i = all_.steps.size(); i-- > 0;) {
      const Step& step = all_.steps[i];
      if (!is_past(step)) continue;
      if (step.effect == Effect::set) add(step.to.value, step.returned);
      if (step.need.of_value == Kind::is && step.is_read()) add(step.need.value, never);
    }
    std::erase_if(values, [&](ValueId value) {
      return std::find(violation.states.begin(), violation.states.end(), value) != violation.states.end();
    });
    return values;
  }

  const KeyTask& task_;
  const Steps& all_;
  PartJudge judge_;
};

// What happened to a key until right before an operation returned: one that had not may happen or not.
struct Before {
  Operations operations;
  std::vector<std::uint32_t> positions;  // in `operations`
  std::vector<std::uint32_t> original;   // in the history

  Before(const KeyTask& task, Instant end) {
    for (const std::uint32_t position : task.positions) {
      Operation operation = task.operations[position];
      if (operation.invoked >= end) break;
      if (!takes_part(operation)) continue;
      if (operation.returned >= end) {
        if (operation.verb == Verb::get || operation.outcome == Outcome::mismatched) continue;
        operation.returned = never;
        operation.outcome = Outcome::unknown;
      }
      add(operation, position);
    }
  }
  void add(const Operation& operation, std::uint32_t position) {
    positions.push_back(static_cast<std::uint32_t>(operations.size()));
    operations.push_back(operation);
    original.push_back(position);
  }
  KeyTask task_of(const KeyTask& task, std::uint64_t steps_max) const {
    return {task.history, task.key, positions, steps_max, false, false, operations, true};
  }
};

// None if it is not worth beginning with.
std::uint64_t steps_for_states(std::uint64_t steps_max, std::size_t operations) {
  const std::uint64_t steps = std::max(steps_max / 8, steps_min);
  return 4 * operations > steps ? 0 : steps;
}

// Of what is wrong before, the reason is to be found by search.
void drop_proof(Violation& violation) {
  violation.engine = Engine::frontier;
  violation.operations.clear();
  violation.writers.clear();
  violation.is_minimal = false;
}

// Zones know no state that they have not named, but where they left something aside they may have named too many.
// Leaves out those that a few steps suffice to rule out, if to ask for all of them is a small matter.
void leave_out_impossible(const KeyTask& task, Before& before, Violation& violation) {
  std::uint64_t steps_left = 10'000;
  if (violation.states.size() * before.operations.size() > steps_left) return;
  Operation read;
  read.key = task.key;
  read.invoked = read.returned = task.operations[violation.culprit].returned;
  before.add(read, 0);
  std::erase_if(violation.states, [&](ValueId value) {
    if (steps_left < before.operations.size()) return false;
    before.operations.back().result = value;
    const KeyTask then = before.task_of(task, steps_left);
    std::uint64_t spent = 0;
    const bool is_possible = judge_by_greed(then, spent).has_value();
    const KeyVerdict verdict = is_possible ? KeyVerdict() : judge_by_search(then).verdict;
    steps_left -= std::min(steps_left, before.operations.size() + spent + verdict.steps);
    return verdict.conclusion == Conclusion::violated;
  });
}

// Looks for one that is wrong before the culprit. True if there is: the proof is dropped, and the culprit is where a
// search gave up.
bool look_before(const KeyTask& task, std::uint64_t steps_max, KeyResult& result) {
  Violation& violation = *result.violation;
  Before before(task, task.operations[violation.culprit].returned);
  const KeyTask past = before.task_of(task, steps_max / 2);
  std::uint64_t spent = 0;
  const std::optional<KeyResult> by_greed = judge_by_greed(past, spent);
  const KeyResult found = by_greed ? *by_greed : judge_by_search(past);
  result.is_first = found.verdict.conclusion != Conclusion::unknown;
  if (found.verdict.conclusion == Conclusion::holds) {
    leave_out_impossible(task, before, violation);
    return false;
  }
  violation.states.clear();
  violation.has_all_states = false;
  if (!result.is_first) violation.good_until = found.verdict.judged_until - 1;
  if (!result.is_first) return false;
  violation.culprit = before.original[found.violation->culprit];
  drop_proof(violation);
  return true;
}

// Something that was invoked by the culprit's return removes the key.
bool is_removed(const KeyTask& task, const Violation& violation) {
  const Instant end = task.operations[violation.culprit].returned;
  return std::any_of(task.positions.begin(), task.positions.end(), [&](std::uint32_t position) {
    const Operation& operation = task.operations[position];
    return operation.invoked <= end && removes(operation) && may_change(operation);
  });
}

// Without what zones leave aside: conditions on revisions and of removes, and on absence where something is removed.
// There are more orders without.
void leave_conditions_aside(bool any_removed, Step& step) {
  Need& need = step.need;
  const bool is_remove = step.effect == Effect::set && step.to.value == ValueId::absent;
  const bool of_absence = need.of_value == Kind::is && need.value == ValueId::absent && any_removed;
  if (is_remove || of_absence || need.of_value == Kind::is_not) need.of_value = Kind::none;
  need.of_revision = Kind::none;
}

// Some operations that a proof names, as steps; if it is one of zones, without what these leave aside.
Steps named_steps(const KeyTask& task, const Violation& violation, const std::vector<std::size_t>& positions) {
  Steps steps;
  steps.initial = state_of(task.history.initial(task.key));
  const bool is_of_zones = violation.engine == Engine::zones;
  const bool any_removed = is_of_zones && is_removed(task, violation);
  for (const std::size_t position : positions) {
    std::optional<Step> step = step_of(task.operations[position]);
    if (!step) continue;
    step->position = static_cast<std::uint32_t>(position);
    if (is_of_zones) leave_conditions_aside(any_removed, *step);
    if (!step->is_read() || !step->need.none()) steps.steps.push_back(*step);
  }
  return steps;
}

// Where something is appended a remove may make room for what was read, so these belong to the writers. All are alike:
// there are as many as could be of use.
void add_removes(const KeyTask& task, const Violation& violation, std::vector<std::size_t>& writers) {
  const auto appends = [&](std::size_t position) { return task.operations[position].verb == Verb::append; };
  const auto any_appends = [&](const auto& positions) {
    return std::any_of(positions.begin(), positions.end(), appends);
  };
  if (!any_appends(violation.operations) && !any_appends(violation.writers)) return;
  const Instant end = task.operations[violation.culprit].returned;
  std::size_t most = violation.operations.size();
  for (const std::uint32_t position : task.positions) {
    const Operation& operation = task.operations[position];
    if (most == 0 || operation.invoked > end) break;
    const bool is_named = std::binary_search(violation.operations.begin(), violation.operations.end(), position);
    if (is_named || !removes(operation) || !may_change(operation)) continue;
    writers.push_back(position);
    --most;
  }
  std::sort(writers.begin(), writers.end());
  writers.erase(std::unique(writers.begin(), writers.end()), writers.end());
}

}  // namespace

bool proves_soon(const KeyTask& task, const Steps& all, std::size_t culprit, std::uint64_t& steps_left) {
  Violation violation;
  violation.culprit = culprit;
  Reducer reducer(task, all, violation, steps_left);
  const bool proves = reducer.proves_soon();
  steps_left = reducer.steps_left();
  return proves;
}

std::optional<KeyResult> judge_soon(const KeyTask& task, std::uint64_t& steps) {
  constexpr std::size_t short_most = 512;
  if (task.positions.size() > short_most) return std::nullopt;
  const Steps all = steps_of(task);
  Past past(task, all, task.steps_max);
  Violation violation;
  const Conclusion conclusion = past.judge_soon(violation);
  steps = task.steps_max - past.steps_left();
  if (conclusion == Conclusion::unknown) return std::nullopt;
  KeyResult result;
  result.verdict = {task.key, conclusion, Engine::frontier, task.positions.size(), steps, never};
  if (conclusion == Conclusion::holds) return result;
  past.add_states_soon(violation, std::max(steps / 2, steps_min));
  result.knows_states = violation.has_all_states;
  result.violation = std::move(violation);
  return result;
}

void find_past(const KeyTask& task, std::uint64_t steps_max, KeyResult& result) {
  Violation& violation = *result.violation;
  const bool is_proved = !violation.operations.empty();
  if (const std::uint64_t steps = steps_for_states(steps_max, task.positions.size()); steps > 0) {
    const std::size_t proved = violation.culprit;
    const Steps all = steps_of(task);
    Past past(task, all, steps);
    if (past.judge_soon(violation) == Conclusion::violated) {
      past.add_states_soon(violation, steps);
      if (violation.culprit != proved) drop_proof(violation);
      result.is_first = true;
      result.knows_states = violation.has_all_states;
      return;
    }
  }
  if (is_proved && (result.is_first || !look_before(task, steps_max, result))) return;
  const Steps all = steps_of(task);
  Reducer reducer(task, all, violation, steps_max);
  if (reducer.proves_soon()) return reducer.name_operations(violation);
  Instant good_before = 0;
  result.is_first = Past(task, all, steps_max).find_culprit(violation, good_before);
  if (!result.is_first) violation.good_until = good_before - 1;
}

void find_states(const KeyTask& task, std::uint64_t steps_max, Violation& violation) {
  const Steps all = steps_of(task);
  const std::uint64_t steps = steps_for_states(steps_max, all.steps.size());
  const auto appends = [](const Step& step) { return step.effect == Effect::append; };
  const bool may_be_made = std::any_of(all.steps.begin(), all.steps.end(), appends);
  // To go through what came one after the other is as small a matter as the verdict, however long it is.
  const std::uint64_t steps_for_appended = std::max<std::uint64_t>(steps, 4 * all.steps.size());
  if (may_be_made && find_appended_states(task, steps_for_appended, violation)) return;
  Past(task, all, steps).add_states(violation);
  if (may_be_made) violation.has_all_states = false;
}

void find_reason(const KeyTask& task, std::uint64_t steps_max, Violation& violation, const WorthIt& worth_it) {
  if (find_origin(task, violation)) return;
  const Instant end = task.operations[violation.culprit].returned;
  const auto is_invoked = [&](std::uint32_t position) { return task.operations[position].invoked <= end; };
  const auto later = std::partition_point(task.positions.begin(), task.positions.end(), is_invoked);
  KeyTask known = task;
  known.positions = {task.positions.begin(), later};
  const Steps all = steps_of(known);
  Reducer reducer(task, all, violation, steps_max, worth_it);
  if (violation.operations.empty()) reducer.leave_out_the_old();
  reducer.reduce();
  reducer.tell(violation);
}

void free_writers(const KeyTask& task, Violation& violation) {
  const std::span<const Operation> operations = task.operations;
  const auto expects = [&](std::size_t position) { return is_conditional(operations[position].verb); };
  const bool any_expects = std::any_of(violation.writers.begin(), violation.writers.end(), expects);
  if (!any_expects || violation.writers_are_free) return;
  const Instant end = operations[violation.culprit].returned;
  Steps named = past_of(named_steps(task, violation, violation.operations), end);
  std::vector<ValueId> needed;
  for (const Step& step : named.steps) {
    // Any write may be what these need, or a part of it.
    if (step.need.of_value == Kind::is_not || step.need.of_revision != Kind::none || step.effect == Effect::append) {
      return;
    }
    if (step.need.of_value == Kind::is) needed.push_back(step.need.value);
  }
  std::vector<std::size_t> writers;
  std::vector<Step> loose;
  for (const std::uint32_t position : task.positions) {
    std::optional<Step> step = step_of(operations[position]);
    if (!step || step->is_read() || step->invoked > end) continue;
    if (step->effect == Effect::append) return;
    const bool is_named = std::binary_search(violation.operations.begin(), violation.operations.end(), position);
    if (is_named || std::find(needed.begin(), needed.end(), step->to.value) == needed.end()) continue;
    step->position = position;
    step->optional = true;
    step->invoked = std::numeric_limits<Instant>::min();
    step->returned = never;
    step->need = {};
    if (step->to.revision != 0) step->to.revision = undetermined;
    writers.push_back(position);
    loose.push_back(*step);
  }
  named.steps.insert(named.steps.begin(), loose.begin(), loose.end());
  constexpr std::uint64_t steps_max = 5000;
  if (!PartJudge(task, steps_max).is_illegal(named)) return;
  violation.writers = std::move(writers);
  violation.writers_are_free = true;
}

void leave_out_needless(const KeyTask& task, Violation& violation) {
  constexpr std::size_t writers_most = 16;
  if (find_origin(task, violation)) return;
  // Shows whence a part of what was read came, and is itself no part of what had happened.
  const auto is_vain_or_late = [&](std::size_t position) {
    const Operation& operation = task.operations[position];
    return operation.outcome == Outcome::failed || operation.invoked > task.operations[violation.culprit].returned;
  };
  const std::vector<std::size_t>& named = violation.operations;
  if (violation.is_minimal && std::any_of(named.begin(), named.end(), is_vain_or_late)) return;
  if (violation.operations.size() <= 1 || violation.writers.size() > writers_most) return;
  std::vector<std::size_t> positions = violation.operations;
  positions.insert(positions.end(), violation.writers.begin(), violation.writers.end());
  const std::vector<std::size_t> known = positions;
  Violation less = violation;
  add_removes(task, violation, less.writers);
  positions.insert(positions.end(), less.writers.begin(), less.writers.end());
  std::sort(positions.begin(), positions.end());
  positions.erase(std::unique(positions.begin(), positions.end()), positions.end());
  constexpr std::uint64_t steps_max = 5000;
  const Steps all = named_steps(task, violation, positions);
  Reducer reducer(task, all, less, steps_max);
  if (!reducer.is_proof()) return;
  reducer.reduce();
  reducer.tell(less);
  std::erase_if(less.writers,
                [&](std::size_t position) { return std::find(known.begin(), known.end(), position) == known.end(); });
  violation = std::move(less);
}

}  // namespace smalldb::checker
