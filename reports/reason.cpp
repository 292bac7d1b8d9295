#include "reports/reason.h"

#include <algorithm>
#include <tuple>

#include "reports/history_words.h"
#include "reports/spoken.h"

namespace smalldb::reports {
namespace {

using checker::History;
using checker::Instant;
using checker::Operation;

ReasonOperation told(const History& history, std::size_t position, const checker::Violation& violation) {
  const Operation& operation = history.operations()[position];
  ReasonOperation one;
  one.position = position;
  one.invoked = operation.invoked;
  one.returned = operation.returned;
  one.process = process_text(history, operation.process);
  one.what = operation_text(history, operation);
  one.answer = answer_text(history, operation);
  one.place = place_text(history, position);
  one.outcome = operation.outcome;
  one.is_culprit = position == violation.culprit;
  one.is_writer = std::find(violation.writers.begin(), violation.writers.end(), position) != violation.writers.end();
  return one;
}

// The proof's operations, with their writers; of too many, those that prove something, then the last of the writers.
std::vector<std::size_t> chosen(const checker::Violation& violation, std::size_t most, std::uint64_t& left_out) {
  std::vector<std::size_t> some{violation.culprit};
  std::size_t all = 1;
  const auto add = [&](std::size_t position) {
    if (position == violation.culprit) return;
    ++all;
    if (some.size() < most) some.push_back(position);
  };
  std::for_each(violation.operations.begin(), violation.operations.end(), add);
  std::for_each(violation.writers.rbegin(), violation.writers.rend(), add);
  std::sort(some.begin(), some.end());
  left_out = all - some.size();
  return some;
}

// Those of the key that were running when the culprit was, and as many before it as there is room for.
std::vector<std::size_t> around(const History& history, const checker::Violation& violation, const Reason& reason,
                                std::size_t most, std::uint64_t& left_out) {
  const auto& operations = history.operations();
  const auto is_told = [&](std::size_t position) {
    return std::any_of(reason.operations.begin(), reason.operations.end(),
                       [&](const ReasonOperation& one) { return one.position == position; });
  };
  std::vector<std::size_t> all;
  for (std::size_t n = 0; n < operations.size(); ++n) {
    const Operation& operation = operations[n];
    if (operation.invoked > reason.to) break;
    if (operation.key == violation.key && operation.returned >= reason.from) all.push_back(n);
  }
  std::vector<std::size_t> some;
  for (auto position = all.rbegin(); position != all.rend(); ++position) {
    if (is_told(*position)) continue;
    if (some.size() < most) {
      some.push_back(*position);
    } else {
      ++left_out;
    }
  }
  std::reverse(some.begin(), some.end());
  return some;
}

}  // namespace

Reason reason_of(const History& history, const checker::Violation& violation, const ReasonLimits& limits) {
  Reason reason;
  reason.key = data_text(history.name(violation.key));
  reason.anomaly = violation.anomaly;
  reason.engine = violation.engine;
  reason.sentence = sentence(history, violation);
  for (const std::size_t position : chosen(violation, limits.operations, reason.left_out.operations)) {
    reason.operations.push_back(told(history, position, violation));
  }
  reason.from = reason.to = reason.operations.front().invoked;
  for (const ReasonOperation& one : reason.operations) {
    reason.from = std::min(reason.from, one.invoked);
    reason.to = std::max({reason.to, one.invoked, one.returned == checker::never ? one.invoked : one.returned});
  }
  for (const std::size_t position : around(history, violation, reason, limits.around, reason.left_out.around)) {
    reason.around.push_back(told(history, position, violation));
  }
  reason.good_until = violation.good_until;
  reason.has_all_states = violation.has_all_states;
  reason.is_minimal = violation.is_minimal;
  reason.writers_are_free = violation.writers_are_free;
  for (const checker::ValueId state : violation.states) reason.states.push_back(value_text(history, state));
  for (const std::string& state : violation.appended_states) reason.states.push_back(data_text(state));
  if (reason.states.size() > limits.states) {
    reason.left_out.states = reason.states.size() - limits.states;
    reason.states.resize(limits.states);
  }
  for (const History::Mark& mark : history.marks()) {
    if (mark.to >= reason.from && mark.from <= reason.to) reason.marks.push_back(mark);
  }
  std::stable_sort(reason.marks.begin(), reason.marks.end(),
                   [](const auto& a, const auto& b) { return std::tie(a.from, a.to) < std::tie(b.from, b.to); });
  if (reason.marks.size() > limits.marks) {
    reason.left_out.marks = reason.marks.size() - limits.marks;
    reason.marks.resize(limits.marks);
  }
  return reason;
}

}  // namespace smalldb::reports
