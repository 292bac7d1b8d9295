#include "properties/checker/state_table.h"

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
  std::string joined(bytes(states_[state].value));
  joined += bytes(what.value);
  if (numbers_.empty()) number_bytes();
  const auto known = numbers_.find(joined);
  if (known != numbers_.end()) return intern({known->second, what.revision});
  const auto value = static_cast<ValueId>(history_.value_count() + appended_.size());
  appended_.push_back(std::move(joined));
  numbers_.emplace(appended_.back(), value);
  return intern({value, what.revision});
}

void StateTable::number_bytes() {
  const auto number = [&](ValueId value) {
    if (value != ValueId::absent && value != no_value) numbers_.emplace(history_.bytes(value), value);
  };
  number(all_.initial.value);
  for (const Step& step : all_.steps) {
    number(step.to.value);
    number(step.need.value);
  }
}

std::string_view StateTable::bytes(ValueId value) const {
  const std::size_t own = history_.value_count();
  const auto number = static_cast<std::uint32_t>(value);
  return number < own ? history_.bytes(value) : std::string_view(appended_[number - own]);
}

}  // namespace smalldb::checker
