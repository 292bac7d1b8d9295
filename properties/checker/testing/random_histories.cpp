#include "properties/checker/testing/random_histories.h"

#include <algorithm>
#include <numeric>
#include <string>

#include "properties/checker/steps.h"

namespace smalldb::checker::testing {

// Families, so that each engine has its share: 0 all of a register, 1 put and get of distinct values with
// compare-and-set, 2 appends, 3 revisions, 4 appends and puts of which no two write the same, 5 these with removes and
// compare-and-set of what they make.
History RandomHistories::next() {
  History history;
  history.key("k");
  const std::uint32_t family = dice_.below(6);
  std::vector<ValueId> values;
  const std::uint32_t distinct = family == 1 ? 6 : 2 + dice_.below(2);
  for (std::uint32_t i = 0; i < distinct; ++i) values.push_back(history.value(std::to_string(i + 1)));
  if (dice_.below(4) == 0) history.start_all_keys_with(values[dice_.below(distinct)]);
  if (family >= 4 && dice_.below(6) == 0) history.start_all_keys_with(history.value(""));
  doubles_ = dice_.below(4) == 0;
  const std::uint32_t size = 3 + dice_.below(6);
  std::vector<Instant> places(2 * size);
  std::iota(places.begin(), places.end(), 0);
  const std::uint32_t reach = 2 + dice_.below(6);
  std::vector<Operation> operations;
  ValueId present = history.initial();
  for (std::uint32_t i = 0; i < size; ++i) {
    Operation operation = draw(history, values, family);
    if (family == 4) make_distinct(history, operation, i);
    if (family == 5) make_distinct_with_conditions(history, operation, i, present);
    const auto take = [&](std::uint32_t most) {
      const auto at = places.begin() + dice_.below(std::min(most, static_cast<std::uint32_t>(places.size())));
      const Instant place = *at;
      places.erase(at);
      return place;
    };
    operation.invoked = take(2);
    operation.returned = take(reach);
    if (operation.returned < operation.invoked) std::swap(operation.invoked, operation.returned);
    if (operation.outcome == Outcome::unknown) operation.returned = never;
    operations.push_back(operation);
  }
  std::stable_sort(operations.begin(), operations.end(),
                   [](const Operation& one, const Operation& other) { return one.invoked < other.invoked; });
  for (const Operation& operation : operations) history.add(operation);
  return history;
}

Operation RandomHistories::draw(History& history, const std::vector<ValueId>& values, std::uint32_t family) {
  const auto value = [&] { return values[dice_.below(static_cast<std::uint32_t>(values.size()))]; };
  const auto value_or_absent = [&] { return dice_.below(4) == 0 ? ValueId::absent : value(); };
  static constexpr Verb verbs[6][8] = {
      {Verb::get, Verb::get, Verb::put, Verb::put, Verb::remove, Verb::swap_if_value, Verb::swap_if_value,
       Verb::remove_if_value},
      {Verb::get, Verb::get, Verb::get, Verb::put, Verb::put, Verb::put, Verb::swap_if_value, Verb::swap_if_value},
      {Verb::get, Verb::get, Verb::get, Verb::append, Verb::append, Verb::append, Verb::put, Verb::remove},
      {Verb::get, Verb::get, Verb::put, Verb::put, Verb::remove, Verb::swap_if_revision, Verb::swap_if_revision,
       Verb::remove_if_revision},
      {Verb::get, Verb::get, Verb::get, Verb::append, Verb::append, Verb::append, Verb::put, Verb::get},
      {Verb::get, Verb::get, Verb::append, Verb::append, Verb::put, Verb::remove, Verb::swap_if_value,
       Verb::remove_if_value}};
  Operation operation;
  operation.verb = verbs[family][dice_.below(8)];
  const bool conditional = operation.verb != Verb::get && operation.verb != Verb::put &&
                           operation.verb != Verb::remove && operation.verb != Verb::append;
  const std::uint32_t outcome = dice_.below(10);
  if (outcome == 0) operation.outcome = Outcome::failed;
  if (outcome == 1 || outcome == 2) operation.outcome = Outcome::unknown;
  if (conditional && (outcome == 3 || outcome == 4)) operation.outcome = Outcome::mismatched;
  if (operation.verb == Verb::get) {
    operation.result = value_or_absent();
    if (family == 2 && dice_.below(2) == 0) {
      operation.result = history.value(std::string(history.bytes(value())) + std::string(history.bytes(value())));
    }
  } else if (operation.verb != Verb::remove && operation.verb != Verb::remove_if_value &&
             operation.verb != Verb::remove_if_revision) {
    operation.argument = value();
  }
  operation.expected = value_or_absent();
  operation.expected_revision = dice_.below(6) == 5 ? any_revision : dice_.below(4);
  if (operation.outcome == Outcome::mismatched && dice_.below(3) == 0) {
    operation.has_result = true;
    operation.result = value_or_absent();
  }
  const bool claims = family == 3 && operation.outcome != Outcome::unknown && dice_.below(4) != 0;
  if (claims) operation.revision = 1 + dice_.below(4);
  return operation;
}

ValueId RandomHistories::distinct_value(History& history, std::uint32_t number) const {
  if (!doubles_) return history.value(std::string(1, static_cast<char>('a' + number)));
  return history.value(std::string(1 + number % 2, static_cast<char>('a' + number / 2)));
}

// The `number`th operation writes what no other does, or reads what some of those before it may have written.
void RandomHistories::make_distinct(History& history, Operation& operation, std::uint32_t number) {
  if (operation.verb != Verb::get) {
    operation.argument = distinct_value(history, number);
    if (dice_.below(16) != 0) return;
    operation.verb = Verb::remove;
    operation.argument = ValueId::absent;
    return;
  }
  const ValueId initial = history.initial(history.key("k"));
  std::string bytes = initial != ValueId::absent && dice_.below(2) == 0 ? std::string(history.bytes(initial)) : "";
  for (std::uint32_t other = 0; other < number + 2; ++other) {
    if (dice_.below(2) == 0) bytes += history.bytes(distinct_value(history, other));
  }
  if (bytes.size() > 1 && dice_.below(6) == 0) std::swap(bytes.front(), bytes.back());
  if (!bytes.empty()) operation.result = history.value(bytes);
}

// Mostly as a store would answer that executes one operation after the other. `present`: what there is then.
void RandomHistories::make_distinct_with_conditions(History& history, Operation& operation, std::uint32_t number,
                                                    ValueId& present) {
  const auto some_value = [&] {
    if (dice_.below(4) != 0) return present;
    Operation get;
    make_distinct(history, get, number);
    return get.result;
  };
  operation.result = operation.verb == Verb::get || operation.has_result ? some_value() : ValueId::absent;
  operation.expected = is_conditional(operation.verb) ? some_value() : ValueId::absent;
  const bool writes = operation.verb != Verb::get && !removes(operation);
  if (writes) operation.argument = distinct_value(history, number);
  const bool takes_effect =
      operation.outcome == Outcome::ok || (operation.outcome == Outcome::unknown && number % 2 == 0);
  if (operation.verb == Verb::get || !takes_effect) return;
  if (is_conditional(operation.verb) && operation.expected != present) return;
  const bool joins = operation.verb == Verb::append && present != ValueId::absent;
  const std::string before = joins ? std::string(history.bytes(present)) : "";
  present = writes ? history.value(before + std::string(history.bytes(operation.argument))) : ValueId::absent;
}

struct PromisedStore {
  ValueId value{};
  std::uint64_t last = 0;
};

History RandomHistories::next_promised() {
  History history;
  history.key("k");
  std::vector<ValueId> values;
  const std::uint32_t distinct = 1 + dice_.below(4);
  for (std::uint32_t i = 0; i < distinct; ++i) values.push_back(history.value(std::to_string(i + 1)));
  const std::uint32_t size = 4 + dice_.below(6);
  const std::uint32_t reach = 1 + dice_.below(12);
  // Each takes effect at a place of its own; its interval reaches as far as it does to both sides.
  PromisedStore store;
  std::vector<Operation> operations;
  for (std::uint32_t i = 0; i < size; ++i) {
    Operation operation;
    const Instant place = 10 * (i + 1);
    operation.invoked = place - 1 - 4 * static_cast<Instant>(dice_.below(reach));
    operation.returned = place + 1 + 4 * static_cast<Instant>(dice_.below(reach));
    execute(operation, store, values);
    if (dice_.below(5) == 0) {
      operation.outcome = Outcome::unknown;
      operation.returned = never;
      operation.revision = 0;
    }
    operations.push_back(operation);
  }
  if (dice_.below(5) != 0) falsify(operations[dice_.below(size)], values);
  std::stable_sort(operations.begin(), operations.end(),
                   [](const Operation& one, const Operation& other) { return one.invoked < other.invoked; });
  for (const Operation& operation : operations) history.add(operation);
  return history;
}

// Asks for something and answers as a store does.
void RandomHistories::execute(Operation& operation, PromisedStore& store, const std::vector<ValueId>& values) {
  static constexpr Verb verbs[] = {Verb::get,
                                   Verb::get,
                                   Verb::get,
                                   Verb::put,
                                   Verb::put,
                                   Verb::swap_if_revision,
                                   Verb::swap_if_revision,
                                   Verb::remove_if_revision,
                                   Verb::remove_if_revision};
  operation.verb = verbs[dice_.below(std::size(verbs))];
  const std::uint64_t present = store.value == ValueId::absent ? 0 : store.last;
  if (operation.verb == Verb::get) {
    operation.result = store.value;
    operation.revision = present;
    return;
  }
  bool met = true;
  if (operation.verb != Verb::put) {
    const std::uint64_t choices[] = {0, present, store.last + 1, any_revision};
    const std::uint64_t expected = choices[dice_.below(4)];
    operation.expected_revision = expected;
    met = expected == any_revision ? present != 0 : expected == present;
  }
  if (operation.verb != Verb::remove_if_revision) {
    operation.argument = values[dice_.below(static_cast<std::uint32_t>(values.size()))];
  }
  if (!met) {
    operation.outcome = Outcome::mismatched;
    operation.revision = present;
    return;
  }
  if (operation.verb == Verb::remove_if_revision && present == 0) return;
  if (dice_.below(10) == 0) {
    operation.outcome = Outcome::failed;
    return;
  }
  store.last += 1 + dice_.below(2);  // other keys have some
  store.value = operation.argument;
  operation.revision = store.last;
}

void RandomHistories::falsify(Operation& operation, const std::vector<ValueId>& values) {
  const std::uint32_t way = dice_.below(4);
  if (operation.outcome == Outcome::unknown || operation.outcome == Outcome::failed) return;
  if (way == 0 && operation.verb == Verb::get) {
    operation.result =
        dice_.below(3) == 0 ? ValueId::absent : values[dice_.below(static_cast<std::uint32_t>(values.size()))];
    operation.revision = operation.result == ValueId::absent ? 0 : operation.revision;
  } else if (way == 1 && operation.verb != Verb::get) {
    operation.outcome = Outcome::failed;
  } else {
    operation.revision += dice_.below(3);
    operation.revision -= std::min<std::uint64_t>(operation.revision, 1);
  }
}

std::vector<std::uint32_t> all_positions(const History& history) {
  std::vector<std::uint32_t> positions(history.operations().size());
  std::iota(positions.begin(), positions.end(), 0);
  return positions;
}

}  // namespace smalldb::checker::testing
