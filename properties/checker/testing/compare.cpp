#include "properties/checker/testing/compare.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "properties/checker/anomaly.h"
#include "properties/checker/certificate.h"
#include "properties/checker/engines.h"
#include "properties/checker/greedy.h"
#include "properties/checker/origin.h"
#include "properties/checker/reason.h"
#include "properties/checker/small_search.h"
#include "properties/checker/steps.h"
#include "properties/checker/testing/brute_force.h"
#include "properties/checker/testing/judge_name.h"
#include "properties/checker/zones.h"

namespace smalldb::checker::testing {
namespace {

const char* const verbs[] = {
    "get", "put", "delete", "append", "swap_if_value", "swap_if_revision", "delete_if_value", "delete_if_revision"};
const char* const outcomes[] = {"ok", "mismatched", "failed", "unknown"};

bool is_read(const Operation& operation) {
  return operation.verb == Verb::get || operation.outcome == Outcome::mismatched;
}

// The same history: all that is named in it has the same number.
History copy_of(const History& history) {
  History copy;
  for (std::uint32_t key = 0; key < history.key_count(); ++key) {
    copy.key(history.name(KeyId{key}));
    copy.start_with(KeyId{key}, history.initial(KeyId{key}));
  }
  for (std::uint32_t process = 0; process < history.process_count(); ++process) {
    copy.process(history.name(ProcessId{process}));
  }
  for (std::uint32_t value = 1; value < history.value_count(); ++value) copy.value(history.bytes(ValueId{value}));
  copy.replace_operations(history.operations());
  return copy;
}

// What had happened by the culprit's return: who had not returned may have taken effect or not, and read nothing.
void cut_at(Instant end, std::vector<Operation>& operations) {
  for (Operation& operation : operations) {
    if (operation.returned <= end || operation.outcome == Outcome::failed) continue;
    const bool writes = operation.verb != Verb::get && operation.outcome != Outcome::mismatched;
    operation.outcome = writes ? Outcome::unknown : Outcome::failed;
    if (writes) operation.returned = never;
    operation.revision = 0;
  }
}

// Without the conditions that zones leave aside: on revisions, of removes, and on absence, where something is removed.
void leave_conditions_aside(const KeyTask& task, std::vector<Operation>& operations) {
  const bool any_removed = std::any_of(task.positions.begin(), task.positions.end(), [&](std::uint32_t position) {
    const Operation& operation = operations[position];
    return removes(operation) && may_change(operation);
  });
  for (Operation& operation : operations) {
    if (operation.outcome == Outcome::failed || operation.verb == Verb::get) continue;
    const bool swaps_absent = operation.verb == Verb::swap_if_value && operation.expected == ValueId::absent;
    if (removes(operation)) operation.verb = Verb::remove;
    if (operation.verb == Verb::swap_if_revision || (swaps_absent && any_removed)) operation.verb = Verb::put;
  }
}

// Whatever else was written, and whenever that took effect, the answers have no order. Without any one of them, or with
// any one write of the proof at any time, they have.
std::string wrong_proof(const KeyTask& task, const Violation& violation) {
  const Instant end = task.history.operations()[violation.culprit].returned;
  std::vector<Operation> cut(task.history.operations().begin(), task.history.operations().end());
  cut_at(end, cut);
  std::vector<std::size_t> named;
  for (const std::size_t position : violation.operations) {
    if (cut[position].invoked <= end) named.push_back(position);
  }
  std::vector<std::size_t> others;
  for (const std::uint32_t position : task.positions) {
    const Operation& operation = cut[position];
    const bool writes = !is_read(operation) && operation.outcome != Outcome::failed && operation.invoked <= end;
    if (writes && std::find(named.begin(), named.end(), position) == named.end()) others.push_back(position);
  }
  if (is_linearizable_by_definition(task.history, cut, named, others, violation.writers_are_free)) return "no proof:";
  if (std::find(named.begin(), named.end(), violation.culprit) == named.end()) return "does not name its culprit:";
  if (violation.anomaly == Anomaly::future_read || violation.anomaly == Anomaly::dirty_read) {
    std::vector<std::size_t> writers = others;
    for (const std::size_t position : named) {
      if (position != violation.culprit && !has_no_effect(cut[position].outcome)) writers.push_back(position);
    }
    const bool alone = !is_linearizable_by_definition(task.history, cut, {violation.culprit}, writers);
    return alone && violation.operations.size() == 2 ? "" : "no proof by its culprit alone:";
  }
  if (violation.engine == Engine::zones) leave_conditions_aside(task, cut);
  for (std::size_t i = 0; i < named.size(); ++i) {
    std::vector<std::size_t> rest = named;
    std::vector<std::size_t> writers = others;
    if (!is_read(cut[rest[i]])) writers.push_back(rest[i]);
    rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(i));
    if (!is_linearizable_by_definition(task.history, cut, rest, writers, violation.writers_are_free))
      return "no minimal proof:";
  }
  return "";
}

// The same history, in which all that its writes can make of each other in so many steps has a number.
History with_all_made(const History& history, std::size_t steps) {
  History wide = copy_of(history);
  std::vector<std::string> made = {""};
  for (std::size_t step = 0; step < steps; ++step) {
    std::vector<std::string> longer;
    for (const std::string& start : made) {
      for (std::uint32_t value = 1; value < history.value_count(); ++value) {
        longer.push_back(start + std::string(history.bytes(ValueId{value})));
        wide.value(longer.back());
      }
    }
    made = std::move(longer);
  }
  return wide;
}

// Each is possible; where it says that there are no others, there are none.
std::string wrong_appended_states(const KeyTask& task, const Violation& violation) {
  if (violation.appended_states.empty() && !violation.has_all_states) return "";
  const auto appends = [&](std::uint32_t position) {
    const Operation& operation = task.history.operations()[position];
    return operation.verb == Verb::append && operation.invoked < task.history.operations()[violation.culprit].returned;
  };
  const auto count = std::count_if(task.positions.begin(), task.positions.end(), appends);
  const History wide = with_all_made(task.history, std::min<std::size_t>(static_cast<std::size_t>(count) + 1, 3));
  const Instant end = wide.operations()[violation.culprit].returned;
  for (std::uint32_t i = 0; i < wide.value_count(); ++i) {
    const ValueId value{i};
    const bool possible = was_linearizable_by_definition(wide, task.positions, {end, false, value});
    const bool is_known = i < task.history.value_count();
    const auto is_it = [&](const std::string& state) { return !is_known && state == wide.bytes(value); };
    const bool named =
        is_known ? std::find(violation.states.begin(), violation.states.end(), value) != violation.states.end()
                 : std::any_of(violation.appended_states.begin(), violation.appended_states.end(), is_it);
    const std::string told = i == 0 ? "nothing" : "\"" + std::string(wide.bytes(value)) + "\"";
    if (named && !possible) return "names a wrong state: " + told;
    if (possible && !named && violation.has_all_states) return "does not name a state: " + told;
  }
  return "";
}

// Right before the culprit returned there was an order, and then none. The states are those that the key may have held.
// (Where something is appended, or expects a revision, the culprit may be an earlier one, and states may be too many,
// or missing if that is said.)
std::string wrong_past(const KeyTask& task, const Violation& violation) {
  const std::span<const Operation> operations = task.history.operations();
  const auto is_simple = [&](std::uint32_t position) {
    const Verb verb = operations[position].verb;
    return verb != Verb::append && verb != Verb::swap_if_revision && verb != Verb::remove_if_revision;
  };
  const bool are_simple = std::all_of(task.positions.begin(), task.positions.end(), is_simple);
  const Instant end = operations[violation.culprit].returned;
  const auto was_right = [&](bool with_end, std::optional<ValueId> holds) {
    return was_linearizable_by_definition(task.history, task.positions, {end, with_end, holds});
  };
  if (!was_right(false, {})) return "names a culprit that was not the first";
  if (are_simple && was_right(true, {})) return "names a culprit up to which there is an order";
  for (std::uint32_t i = 0; i < task.history.value_count(); ++i) {
    const ValueId value{i};
    const bool named = std::find(violation.states.begin(), violation.states.end(), value) != violation.states.end();
    const bool possible = was_right(false, value);
    const bool is_missing = possible && !named && (are_simple || violation.has_all_states);
    if (is_missing || (are_simple && named && !possible))
      return "names a wrong state, or not all: " + std::to_string(i);
  }
  return "";
}

bool appends(const KeyTask& task) {
  const auto is_append = [&](std::uint32_t position) {
    return task.history.operations()[position].verb == Verb::append;
  };
  return std::any_of(task.positions.begin(), task.positions.end(), is_append);
}

// How many operations prove it, where values are distinct (Violation).
std::size_t most_of_zones(const KeyTask& task, const Violation& violation) {
  const std::span<const Operation> operations = task.history.operations();
  if (appends(task)) return 6;
  const auto is_open = [&](std::size_t position) {
    const Operation& operation = operations[position];
    return is_conditional(operation.verb) && operation.returned > operations[violation.culprit].returned;
  };
  const auto open = std::count_if(violation.operations.begin(), violation.operations.end(), is_open);
  return 4 + static_cast<std::size_t>(open);
}

std::string wrong_reason(const KeyTask& task, Violation violation) {
  free_writers(task, violation);
  name_anomaly(task, violation);
  std::string wrong = wrong_name(task.history, task.positions, violation);
  if (wrong.empty() && !violation.is_minimal) wrong = "does not know whether all are needed:";
  if (wrong.empty()) wrong = wrong_proof(task, violation);
  if (wrong.empty()) return "";
  const auto name = [&](std::size_t position) {
    const auto at = std::find(task.positions.begin(), task.positions.end(), position);
    wrong += " " + std::to_string(at - task.positions.begin());
  };
  for (const std::size_t position : violation.operations) name(position);
  wrong += violation.writers_are_free ? ", free writers:" : ", writers:";
  for (const std::size_t position : violation.writers) name(position);
  return wrong;
}

std::string wrong_with(const KeyTask& task, KeyResult result, bool right, Compares compares) {
  const Conclusion conclusion = result.verdict.conclusion;
  if (conclusion != (right ? Conclusion::holds : Conclusion::violated)) return "says " + std::string(name(conclusion));
  if (right) {
    const std::string wrong = replay(task.history, task.positions, result.order);
    return wrong.empty() ? "" : "order: " + wrong;
  }
  Violation& violation = *result.violation;
  violation.engine = result.verdict.engine;
  const bool from_search = violation.operations.empty();
  if (from_search && compares == Compares::verdicts) return "";
  if (!result.knows_states) find_past(task, 1'000'000, result);
  const bool has_appends = appends(task);
  if (!result.knows_states && (from_search || has_appends)) find_states(task, 1'000'000, violation);
  if (!result.is_first) return "does not know whether its culprit is the first";
  if (const std::string wrong = wrong_past(task, violation); !wrong.empty()) return wrong;
  if (has_appends) {
    if (const std::string wrong = wrong_appended_states(task, violation); !wrong.empty()) return wrong;
  }
  const bool lacks_reason = violation.engine == Engine::frontier || violation.engine == Engine::generic;
  if (!lacks_reason) {
    leave_out_needless(task, violation);
    if (violation.operations.size() > most_of_zones(task, violation)) return "names too many operations";
    return wrong_reason(task, violation);
  }
  for (const std::size_t freeing_beyond : {std::size_t{0}, task.positions.size()}) {
    for (const std::size_t parts_up_to : {std::size_t{0}, std::size_t{SmallSearch::most}}) {
      Violation explained = violation;
      find_reason(task, 1'000'000, explained, {freeing_beyond, parts_up_to});
      if (const std::string wrong = wrong_reason(task, explained); !wrong.empty()) return wrong;
    }
  }
  return "";
}

// The search that reasons are found with, of what fits it.
std::string wrong_in_small(const KeyTask& task, bool right) {
  const Steps all = steps_of(task);
  std::uint64_t steps_left = task.steps_max;
  const Conclusion conclusion = SmallSearch().judge(all, steps_left);
  const Conclusion expected = right ? Conclusion::holds : Conclusion::violated;
  const bool agrees = conclusion == Conclusion::unknown || conclusion == expected;
  return agrees ? "" : "the small search says " + std::string(name(conclusion));
}

}  // namespace

std::string told(const History& history, std::span<const std::uint32_t> positions) {
  const auto value = [&](ValueId id) { return id == ValueId::absent ? "-" : std::string(history.bytes(id)); };
  std::string text = "\nat first " + value(history.initial(history.operations()[positions.front()].key));
  for (const std::uint32_t position : positions) {
    const Operation& operation = history.operations()[position];
    text += "\n[" + std::to_string(operation.invoked) + ", " +
            (operation.returned == never ? "never" : std::to_string(operation.returned)) + "] " +
            verbs[static_cast<int>(operation.verb)] + " " + outcomes[static_cast<int>(operation.outcome)] +
            " expected " + value(operation.expected) + "/" + std::to_string(operation.expected_revision) +
            " argument " + value(operation.argument) + "/" + std::to_string(operation.revision) + " result " +
            value(operation.result);
  }
  return text;
}

Comparison compare(const History& history, KeyId key, std::span<const std::uint32_t> positions, Compares compares) {
  const std::vector<std::size_t> operations(positions.begin(), positions.end());
  Comparison comparison{is_linearizable_by_definition(history, operations, {}), ""};
  const KeyTask task{history, key, positions, 1'000'000, true, true};
  const auto judged = [&](const std::optional<KeyResult>& result) {
    if (!result || !comparison.wrong.empty()) return;
    const std::string wrong = wrong_with(task, *result, comparison.is_linearizable, compares);
    if (wrong.empty()) return;
    comparison.wrong = std::string(name(result->verdict.engine)) + " " + wrong + "; by definition it " +
                       (comparison.is_linearizable ? "holds" : "does not") + told(history, positions);
  };
  comparison.wrong = wrong_in_small(task, comparison.is_linearizable);
  if (!comparison.wrong.empty()) comparison.wrong += told(history, positions);
  judged(judge_by_certificate(task));
  judged(judge_by_zones(task));
  std::uint64_t steps = 0;
  judged(judge_by_greed(task, steps));
  judged(judge_by_origin(task));
  judged(judge_by_search(task));
  const std::optional<KeyResult> soon = judge_soon(task, steps);
  const bool lacks_order = soon && soon->verdict.conclusion == Conclusion::holds && comparison.is_linearizable;
  if (!lacks_order) judged(soon);
  judged(judge_by_model(task));
  return comparison;
}

}  // namespace smalldb::checker::testing
