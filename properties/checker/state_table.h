// States by number, so that configurations compare by numbers: StateId. Appending makes new states, by their bytes.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "properties/checker/flat_map.h"
#include "properties/checker/history.h"
#include "properties/checker/steps.h"
#include "properties/checker/timeline.h"

namespace smalldb::checker {

using StateId = std::uint32_t;
inline constexpr StateId other_state = 0;           // stands for all states that nothing refers to any more
inline constexpr ValueId unreferenced{0xfffffffe};  // its value

class StateTable {
 public:
  StateTable(const History& history, const Steps& all, const Timeline& timeline);

  StateId intern(const State& state);
  // `what` appended to `state`; to nothing, if it is absent.
  StateId append(StateId state, const State& what);

  // What is appended will mostly lead up to this, which spares making it: its beginnings are known by their lengths.
  void expect(ValueId whole);
  // REQUIRES: one is expected; not absent.
  bool begins_expected(StateId state) const;

  // Whether what is there begins a value that somebody needs. REQUIRES: there are appends.
  bool begins_needed(StateId state);

  const State& operator[](StateId state) const { return states_[state]; }
  const Timeline::Value& references(StateId state) const { return references_[state]; }
  // REQUIRES: not absent.
  std::string_view bytes(ValueId value) const;

 private:
  template <class Visitor>
  void visit_values(const Visitor& visitor) const;
  ValueId add_appended(std::string_view bytes);

  const History& history_;
  const Steps& all_;
  const Timeline& timeline_;
  std::vector<State> states_;
  std::vector<Timeline::Value> references_;  // by state: those to its value
  FlatMap values_;
  std::vector<StateId> latest_;  // by number of the value: the last of its states
  std::vector<StateId> alike_;   // by state: the one of the same value before it, or other_state
  // Values that only appending makes are numbered from the history's count on.
  std::vector<std::string_view> appended_;
  std::deque<std::string> joined_;        // holds the bytes of some
  std::vector<std::string_view> needed_;  // values, sorted; empty until asked for
  std::vector<std::uint8_t> begins_;      // by state: 0 not known, 1 no, 2 yes
  std::string_view expected_;
  std::vector<ValueId> beginnings_;  // of `expected_`, by length; no_value if that has no number yet
  std::unordered_map<std::string_view, ValueId>
      numbers_;  // of all that `all` names, once one is appended; never walked
};

}  // namespace smalldb::checker
