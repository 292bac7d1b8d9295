#include "reports/reason.h"

#include <algorithm>
#include <cstdlib>
#include <numeric>
#include <tuple>
#include <utility>

#include "reports/history_words.h"

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
  one.process = operation.process;
  one.name = history.name(operation.process);
  one.who = process_text(history, operation.process);
  one.what = operation_text(history, operation);
  one.answer = answer_text(history, operation);
  one.place = place_text(history, position);
  one.verb = operation.verb;
  one.outcome = operation.outcome;
  one.is_culprit = position == violation.culprit;
  one.is_other = violation.other == position;
  one.is_writer = std::binary_search(violation.writers.begin(), violation.writers.end(), position);
  return one;
}

// The proof's operations, with their writers, by invocation.
std::vector<std::size_t> all_of(const checker::Violation& violation) {
  std::vector<std::size_t> all = violation.operations;
  all.insert(all.end(), violation.writers.begin(), violation.writers.end());
  all.push_back(violation.culprit);
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

// Those of the key that were running when the culprit was, and as many before it as there is room for.
std::vector<std::size_t> around(const History& history, const checker::Violation& violation, const Reason& reason,
                                std::size_t most, std::uint64_t& left_out) {
  const auto& operations = history.operations();
  const auto is_told = [&](std::size_t position) {
    const auto at = std::lower_bound(reason.operations.begin(), reason.operations.end(), position,
                                     [](const ReasonOperation& one, std::size_t p) { return one.position < p; });
    return at != reason.operations.end() && at->position == position;
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
  reason.key = history.name(violation.key);
  reason.anomaly = violation.anomaly;
  reason.engine = violation.engine;
  reason.sentence = sentence(history, violation);
  for (const std::size_t position : all_of(violation)) {
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
  reason.good_until_is_last = violation.good_until_is_last;
  reason.has_all_states = violation.has_all_states;
  reason.is_minimal = violation.is_minimal;
  reason.writers_are_free = violation.writers_are_free;
  const std::size_t states = violation.states.size() + violation.appended_states.size();
  reason.left_out.states = states - std::min(states, limits.states);
  const auto add_state = [&](HeldValue value) {
    if (reason.states.size() < limits.states) reason.states.push_back(std::move(value));
  };
  for (const checker::ValueId state : violation.states) {
    add_state(state == checker::ValueId::absent ? HeldValue() : HeldValue(history.bytes(state)));
  }
  for (const std::string& state : violation.appended_states) add_state(state);
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

Phrase text(const HeldValue& value) { return value ? Phrase::data(*value) : "nothing"; }

std::string well_until_text(const Reason& reason) {
  return std::string(reason.but_for_revisions ? "but for revisions all" : "all") + " was well " +
         (reason.good_until_is_last ? "until" : "at least until");
}

void add_data_to(std::vector<std::string_view>& data, const Reason& reason, std::size_t most) {
  const auto add = [&](const ReasonOperation& one) {
    for (const Phrase* phrase : {&one.who, &one.what, &one.answer}) phrase->add_data_to(data);
  };
  data.emplace_back(reason.key);
  reason.sentence.add_data_to(data);
  const std::vector<bool> shown = shown_of(reason, most);
  for (std::size_t n = 0; n < reason.operations.size(); ++n) {
    if (shown[n]) add(reason.operations[n]);
  }
  for (const ReasonOperation& one : reason.around) add(one);
  for (const HeldValue& state : reason.states) {
    if (state) data.emplace_back(*state);
  }
}

Wording wording_of(const Reason& reason, std::size_t most) {
  std::vector<std::string_view> data;
  add_data_to(data, reason, most);
  return Wording(std::move(data));
}

std::vector<bool> shown_of(const Reason& reason, std::size_t most) {
  const std::vector<ReasonOperation>& operations = reason.operations;
  const auto culprit =
      std::find_if(operations.begin(), operations.end(), [](const auto& one) { return one.is_culprit; });
  const auto middle = culprit - operations.begin();
  std::vector<std::size_t> by_importance(operations.size());
  std::iota(by_importance.begin(), by_importance.end(), std::size_t{0});
  const auto importance = [&](std::size_t n) {
    const ReasonOperation& one = operations[n];
    const auto distance = std::abs(static_cast<std::ptrdiff_t>(n) - middle);
    return std::tuple(!one.is_culprit, !one.is_other, one.is_writer, distance);
  };
  std::stable_sort(by_importance.begin(), by_importance.end(),
                   [&](std::size_t a, std::size_t b) { return importance(a) < importance(b); });
  std::vector<bool> shown(operations.size());
  for (std::size_t n = 0; n < std::min(most, by_importance.size()); ++n) shown[by_importance[n]] = true;
  return shown;
}

}  // namespace smalldb::reports
