// The quantities of a scenario: every length, time, size, number, range and occurrence that its words say, wherever the
// grammar lets one stand.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include "scenarios/fault_grammar.h"
#include "scenarios/grammar.h"
#include "scenarios/scenario.h"

namespace smalldb::scenarios {

// Where they stand in a scenario, kind by kind, each in the order of the grammar: two scenarios of the same shape have
// them in the same places. Not the seed, the pins, or what is expected: these are not to be said more simply.
struct Quantities {
  using Number = std::variant<std::uint32_t*, std::uint64_t*>;

  std::vector<std::int64_t*> decimals;  // lengths and times in nanoseconds, drifts in billionths
  std::vector<Number> counts;
  std::vector<Number> sizes;  // in bytes
  std::vector<SizeRange*> size_ranges;
  std::vector<sim::Distribution*> distributions;
  std::vector<Occurrence*> occurrences;
};

Quantities quantities_of(Scenario& scenario);

namespace grammar {

// A visitor of fields(): notes the quantities among them.
class QuantityFinder {
 public:
  explicit QuantityFinder(Quantities& found) : found_(found) {}

  template <class Notation>
  void field(std::string_view key, typename Notation::Value& value, std::string_view /*description*/) {
    if (key != "seed" && key != "expect" && key != "pins") find(Of<Notation>{}, value);
  }
  template <class T>
  void exceptions(std::string_view /*key*/, std::map<Name, T>& values, const T& /*usual*/, std::string_view) {
    for (auto& [name, value] : values) fields(*this, value);
  }

  void find(Schedule& schedule) {
    for (sim::Time* time : {&schedule.from, &schedule.to}) found_.decimals.push_back(&time->nanoseconds);
    for (Duration* length : {&schedule.every, &schedule.delay}) found_.decimals.push_back(&length->nanoseconds);
    found_.counts.emplace_back(&schedule.count);
    if (schedule.kind == Schedule::Kind::when) found_.occurrences.push_back(&schedule.when);
  }

 private:
  template <class Notation>
  struct Of {};

  template <class T>
  void find(Of<Struct<T>>, T& value) {
    fields(*this, value);
  }
  template <class Item>
  void find(Of<ListOf<Item>>, std::vector<typename Item::Value>& values) {
    for (typename Item::Value& value : values) find(Of<Item>{}, value);
  }
  template <class Item>
  void find(Of<MapOf<Item>>, std::map<std::string, typename Item::Value>& values) {
    for (auto& [key, value] : values) find(Of<Item>{}, value);
  }
  template <class Item>
  void find(Of<Maybe<Item>>, std::optional<typename Item::Value>& value) {
    if (value) find(Of<Item>{}, *value);
  }
  void find(Of<SizeText>, std::uint64_t& value) { found_.sizes.emplace_back(&value); }
  void find(Of<SmallSizeText>, std::uint32_t& value) { found_.sizes.emplace_back(&value); }
  void find(Of<BandwidthText>, std::uint64_t& value) { found_.sizes.emplace_back(&value); }
  void find(Of<FaultItem>, FaultPlan& plan) {
    FaultItem::visit(*this, plan);
    find(plan.schedule);
  }
  void find(Of<OperatorItem>, OperatorAction& action) { find(action.schedule); }
  void find(Of<StepText>, ScriptStep& step) {
    if (auto* const wait = std::get_if<Wait>(&step)) found_.decimals.push_back(&wait->length.nanoseconds);
    if (auto* const wait = std::get_if<WaitUntil>(&step)) found_.occurrences.push_back(&wait->occurrence);
  }
  // All else by what it is rather than by how it is written.
  template <class Notation, class Value>
  void find(Of<Notation>, Value& value) {
    if constexpr (std::is_same_v<Value, Duration> || std::is_same_v<Value, sim::Time>)
      found_.decimals.push_back(&value.nanoseconds);
    else if constexpr (std::is_same_v<Value, std::int64_t>)
      found_.decimals.push_back(&value);
    else if constexpr (std::is_same_v<Value, std::uint32_t> || std::is_same_v<Value, std::uint64_t>)
      found_.counts.emplace_back(&value);
    else if constexpr (std::is_same_v<Value, sim::Distribution>)
      found_.distributions.push_back(&value);
    else if constexpr (std::is_same_v<Value, SizeRange>)
      found_.size_ranges.push_back(&value);
    else if constexpr (std::is_same_v<Value, Occurrence>)
      found_.occurrences.push_back(&value);
    else if constexpr (std::is_same_v<Value, End>)  // when it comes
      found_.decimals.push_back(&value.at.nanoseconds);
  }

  Quantities& found_;
};

}  // namespace grammar
}  // namespace smalldb::scenarios
