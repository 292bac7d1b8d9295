#include "properties/checker/state_table.h"

#include <algorithm>
#include <utility>

namespace smalldb::checker {

StateTable::StateTable(const History& history, const Steps& all, const Timeline& timeline)
    : history_(history), all_(all), timeline_(timeline), values_(all.steps.size() + 1) {
  alike_.push_back(other_state);
  states_.push_back({unreferenced, undetermined});  // other_state
  references_.push_back({});
}

StateId StateTable::intern(const State& state) {
  const auto [number, is_new] = values_.add(static_cast<std::uint32_t>(state.value));
  if (is_new) latest_.push_back(other_state);
  for (StateId known = latest_[number]; known != other_state; known = alike_[known]) {
    if (states_[known].revision == state.revision) return known;
  }
  const auto id = static_cast<StateId>(states_.size());
  alike_.push_back(latest_[number]);
  latest_[number] = id;
  states_.push_back(state);
  references_.push_back(timeline_.of(state.value));
  return id;
}

StateId StateTable::append(StateId state, const State& what) {
  if (state == other_state) return state;
  if (states_[state].value == ValueId::absent) return intern(what);
  const std::string_view before = bytes(states_[state].value);
  const std::string_view added = bytes(what.value);
  if (begins_expected(state) && expected_.substr(before.size()).starts_with(added)) {
    ValueId& value = beginnings_[before.size() + added.size()];
    if (value == no_value) value = add_appended(expected_.substr(0, before.size() + added.size()));
    return intern({value, what.revision});
  }
  if (numbers_.empty()) visit_values([&](ValueId value) { numbers_.emplace(bytes(value), value); });
  std::string joined(before);
  joined += added;
  const auto known = numbers_.find(joined);
  if (known != numbers_.end()) return intern({known->second, what.revision});
  joined_.push_back(std::move(joined));
  const ValueId value = add_appended(joined_.back());
  numbers_.emplace(joined_.back(), value);
  return intern({value, what.revision});
}

ValueId StateTable::add_appended(std::string_view bytes) {
  appended_.push_back(bytes);
  return static_cast<ValueId>(history_.value_count() + appended_.size() - 1);
}

template <class Visitor>
void StateTable::visit_values(const Visitor& visitor) const {
  const auto visit = [&](ValueId value) {
    if (value != ValueId::absent && value != no_value) visitor(value);
  };
  visit(all_.initial.value);
  for (const Step& step : all_.steps) {
    visit(step.to.value);
    visit(step.need.value);
  }
}

void StateTable::expect(ValueId whole) {
  expected_ = bytes(whole);
  beginnings_.assign(expected_.size() + 1, no_value);
  visit_values([&](ValueId value) {
    const std::string_view beginning = bytes(value);
    if (beginning.size() > expected_.size() || beginnings_[beginning.size()] == value) return;
    if (expected_.starts_with(beginning)) beginnings_[beginning.size()] = value;
  });
}

bool StateTable::begins_expected(StateId state) const {
  const std::size_t size = bytes(states_[state].value).size();
  return size < beginnings_.size() && beginnings_[size] == states_[state].value;
}

bool StateTable::begins_needed(StateId state) {
  if (states_[state].value == ValueId::absent) return true;
  if (needed_.empty()) {
    for (const Step& step : all_.steps) {
      const Need& need = step.need;
      const bool named = need.of_value == Need::Kind::is && need.value != ValueId::absent && need.value != no_value;
      if (named) needed_.push_back(bytes(need.value));
    }
    std::sort(needed_.begin(), needed_.end());
    needed_.erase(std::unique(needed_.begin(), needed_.end()), needed_.end());
  }
  begins_.resize(states_.size());
  if (begins_[state] == 0) {
    const std::string_view beginning = bytes(states_[state].value);
    const auto next = std::lower_bound(needed_.begin(), needed_.end(), beginning);
    begins_[state] = next != needed_.end() && next->starts_with(beginning) ? 2 : 1;
  }
  return begins_[state] == 2;
}

std::string_view StateTable::bytes(ValueId value) const {
  const std::size_t own = history_.value_count();
  const auto number = static_cast<std::uint32_t>(value);
  return number < own ? history_.bytes(value) : appended_[number - own];
}

}  // namespace smalldb::checker
