#include "properties/key_search.h"

#include <rapidcheck.h>
#include <catch2/catch.hpp>

#include <algorithm>
#include <numeric>
#include <optional>
#include <vector>

namespace smalldb::properties {
namespace {

using Operation = KeySearch::Operation;

// A history of one key: operations with the places of their invocations and returns in it.
struct Step {
  Operation operation;
  int invoked = 0;
  int returned = 0;
};
using History = std::vector<Step>;

struct Value {
  bool present = false;
  std::optional<std::uint64_t> revision = 0;  // nothing: not known
  std::uint64_t above = 0;                    // then it is greater than this
  Bytes value;
};

bool may_be(const Value& state, std::uint64_t revision) {
  return state.revision ? *state.revision == revision : revision > state.above;
}

bool may_hold(const Condition& condition, const Value& state, bool wanted) {
  switch (condition.kind) {
    case Condition::Kind::none: return wanted;
    case Condition::Kind::exists: return state.present == wanted;
    case Condition::Kind::absent: return !state.present == wanted;
    case Condition::Kind::revision_is: break;
  }
  if (!state.present) return (condition.revision.value == 0) == wanted;
  if (!wanted) return !state.revision || *state.revision != condition.revision.value;
  return may_be(state, condition.revision.value);
}

// The definition, written another way than the search: what one operation makes of a state, if its answer is right
// there.
std::optional<Value> apply(const Value& state, const Operation& operation) {
  const std::uint64_t revision = operation.revision.value;
  if (operation.outcome == Outcome::condition_failed) {
    if (!may_hold(operation.condition, state, false) || state.present != (revision != 0)) return std::nullopt;
    return revision == 0 || may_be(state, revision) ? std::optional(state) : std::nullopt;
  }
  if (operation.outcome == Outcome::not_found) {
    if (state.present || !may_hold(operation.condition, state, true)) return std::nullopt;
    return state;
  }
  if (operation.verb == Verb::get) {
    const bool right = state.present && state.value == operation.result && may_be(state, revision);
    return right ? std::optional(state) : std::nullopt;
  }
  if (!may_hold(operation.condition, state, true)) return std::nullopt;
  if (operation.verb == Verb::remove && !state.present) return std::nullopt;
  Value next;
  next.present = operation.verb == Verb::put;
  if (next.present) next.value = operation.value;
  const std::uint64_t last = state.revision ? *state.revision : state.above;
  next.above = last;
  next.revision = std::nullopt;
  if (operation.outcome == Outcome::ok) {
    if (revision <= last) return std::nullopt;
    next.revision = revision;
  }
  return next;
}

// Tries every order of every choice of the unknown writes.
bool brute_force(const History& history, std::vector<bool>& placed, const Value& state) {
  bool all = true;
  for (std::size_t i = 0; i < history.size(); ++i) {
    const Outcome outcome = history[i].operation.outcome;
    if (!placed[i] && outcome != Outcome::unknown && outcome != Outcome::failed) all = false;
  }
  if (all) return true;
  for (std::size_t i = 0; i < history.size(); ++i) {
    const Operation& operation = history[i].operation;
    if (placed[i] || operation.outcome == Outcome::failed) continue;
    if (operation.outcome == Outcome::unknown && operation.verb == Verb::get) continue;
    const bool too_early = std::any_of(history.begin(), history.end(), [&](const Step& other) {
      const std::size_t place = static_cast<std::size_t>(&other - history.data());
      const bool returns = other.operation.outcome != Outcome::unknown && other.operation.outcome != Outcome::failed;
      return !placed[place] && returns && other.returned < history[i].invoked;
    });
    if (too_early) continue;
    const std::optional<Value> next = apply(state, operation);
    if (!next) continue;
    placed[i] = true;
    if (brute_force(history, placed, *next)) return true;
    placed[i] = false;
  }
  return false;
}

bool is_explained_by_definition(const History& history) {
  std::vector<bool> placed(history.size(), false);
  return brute_force(history, placed, Value{});
}

bool is_explained_by_search(const History& history) {
  KeySearch search;
  std::uint64_t steps = 10'000'000;
  std::vector<KeySearch::Slot> slots(history.size());
  const int last = 2 * static_cast<int>(history.size());
  for (int place = 0; place < last; ++place) {
    for (std::size_t i = 0; i < history.size(); ++i) {
      const Operation& operation = history[i].operation;
      if (history[i].invoked == place) slots[i] = search.invoke(operation).value();
      if (history[i].returned != place) continue;
      search.complete(slots[i], operation.outcome, operation.revision, operation.result, {}, 0);
      if (search.search(steps)) return false;
    }
  }
  RC_ASSERT(search.judged());
  return true;
}

// A history that may be right or wrong: few values and revisions, so that answers often fit by accident.
History draw_history(int operations_max, std::uint64_t revisions_max) {
  const int operations = *rc::gen::inRange(1, operations_max + 1);
  std::vector<int> places(static_cast<std::size_t>(2 * operations));
  std::iota(places.begin(), places.end(), 0);
  History history;
  std::uint64_t next_revision = 1;
  for (int i = 0; i < operations; ++i) {
    Step step;
    const auto take_place = [&] {
      const std::size_t reach = std::min<std::size_t>(places.size(), 5);  // mostly short, now and then long
      const std::size_t at = *rc::gen::inRange<std::size_t>(0, reach);
      const int place = places[at];
      places.erase(places.begin() + static_cast<std::ptrdiff_t>(at));
      return place;
    };
    step.invoked = take_place();
    step.returned = take_place();
    if (step.returned < step.invoked) std::swap(step.invoked, step.returned);
    Operation& operation = step.operation;
    operation.verb = *rc::gen::element(Verb::get, Verb::put, Verb::put, Verb::remove);
    operation.value = Bytes::copy(*rc::gen::element("u", "v", "w"));
    if (operation.verb != Verb::put) operation.value = {};
    if (operation.verb != Verb::get) {
      operation.condition.kind =
          *rc::gen::element(Condition::Kind::none, Condition::Kind::none, Condition::Kind::none,
                            Condition::Kind::exists, Condition::Kind::absent, Condition::Kind::revision_is);
    }
    if (operation.condition.kind == Condition::Kind::revision_is) {
      operation.condition.revision = {*rc::gen::inRange<std::uint64_t>(0, revisions_max + 1)};
    }
    operation.outcome = *rc::gen::element(Outcome::ok, Outcome::ok, Outcome::ok, Outcome::not_found,
                                          Outcome::condition_failed, Outcome::unknown, Outcome::failed);
    if (operation.verb == Verb::put && operation.outcome == Outcome::not_found) operation.outcome = Outcome::ok;
    if (operation.verb == Verb::get && operation.outcome == Outcome::condition_failed) operation.outcome = Outcome::ok;
    const bool wrote = operation.verb != Verb::get && operation.outcome == Outcome::ok;
    if (wrote) {  // every write has a revision of its own, as in a log
      operation.revision = {next_revision};
      next_revision += *rc::gen::inRange<std::uint64_t>(1, 3);
    } else if (operation.outcome == Outcome::ok) {
      operation.revision = {*rc::gen::inRange<std::uint64_t>(1, revisions_max + 1)};
      operation.result = Bytes::copy(*rc::gen::element("u", "v", "w"));
    } else if (operation.outcome == Outcome::condition_failed) {
      operation.revision = {*rc::gen::inRange<std::uint64_t>(0, revisions_max + 1)};
    }
    history.push_back(step);
  }
  return history;
}

Operation write(std::string_view value, std::uint64_t revision) {
  Operation operation;
  operation.verb = Verb::put;
  operation.value = Bytes::copy(value);
  operation.outcome = Outcome::ok;
  operation.revision = {revision};
  return operation;
}

Operation read(std::string_view value, std::uint64_t revision) {
  Operation operation;
  operation.outcome = Outcome::ok;
  operation.result = Bytes::copy(value);
  operation.revision = {revision};
  return operation;
}

Operation unknown(Operation operation) {
  operation.outcome = Outcome::unknown;
  operation.revision = {};
  return operation;
}

}  // namespace

TEST_CASE("The search agrees with the definition on small histories") {
  std::size_t explained = 0;
  std::size_t histories = 0;
  CHECK(rc::check([&] {
    for (int n = 0; n < 30; ++n) {
      const History history = draw_history(6, 4);
      const bool right = is_explained_by_definition(history);
      RC_ASSERT(is_explained_by_search(history) == right);
      ++histories;
      explained += right ? 1 : 0;
    }
  }));
  // Neither answer is rare, or the comparison would say little.
  CHECK(explained > histories / 20);
  CHECK(explained < histories - histories / 20);
}

TEST_CASE("A read of what was overwritten before it began is not explained") {
  CHECK(is_explained_by_search({{write("u", 1), 0, 1}, {write("v", 2), 2, 4}, {read("u", 1), 3, 5}}));
  CHECK_FALSE(is_explained_by_search({{write("u", 1), 0, 1}, {write("v", 2), 2, 3}, {read("u", 1), 4, 5}}));
}

TEST_CASE("A write of unknown outcome may take effect long after, or never") {
  const Operation maybe = unknown(write("v", 2));
  CHECK(is_explained_by_search({{write("u", 1), 0, 1}, {maybe, 2, 3}, {read("u", 1), 4, 5}, {read("v", 9), 6, 7}}));
  CHECK(is_explained_by_search({{write("u", 1), 0, 1}, {maybe, 2, 3}, {read("u", 1), 4, 5}}));
  // It cannot be undone.
  CHECK_FALSE(
      is_explained_by_search({{write("u", 1), 0, 1}, {maybe, 2, 3}, {read("v", 9), 4, 5}, {read("u", 1), 6, 7}}));
}

TEST_CASE("What failed for certain is never read") {
  Operation failed = write("v", 2);
  failed.outcome = Outcome::failed;
  CHECK(is_explained_by_search({{write("u", 1), 0, 1}, {failed, 2, 3}, {read("u", 1), 4, 5}}));
  CHECK_FALSE(is_explained_by_search({{write("u", 1), 0, 1}, {failed, 2, 3}, {read("v", 2), 4, 5}}));
}

TEST_CASE("Dozens of writes of unknown outcome do not make the search explode") {
  History history;
  int place = 0;
  const auto next = [&](const Operation& operation) {
    history.push_back({operation, place, place + 1});
    place += 2;
  };
  for (int i = 0; i < 60; ++i) next(unknown(write("v" + std::to_string(i), 0)));
  for (std::uint64_t i = 0; i < 60; ++i) next(write("w" + std::to_string(i), 100 + i));
  next(read("v7", 200));
  next(read("v3", 201));
  CHECK(is_explained_by_search(history));
  next(read("v7", 202));
  CHECK_FALSE(is_explained_by_search(history));
}

TEST_CASE("A contradiction names the answer and what the key was instead") {
  KeySearch search;
  std::uint64_t steps = 1000;
  const auto put_one = search.invoke(write("u", 1));
  search.complete(*put_one, Outcome::ok, {1}, {}, {}, 1);
  REQUIRE_FALSE(search.search(steps));
  const auto get = search.invoke(read("v", 2));
  search.complete(*get, Outcome::ok, {2}, Bytes::copy("v"), {}, 3);
  const auto contradiction = search.search(steps);
  REQUIRE(contradiction);
  CHECK(contradiction->culprit.result == Bytes::copy("v"));
  REQUIRE(contradiction->states.size() == 1);
  CHECK(contradiction->states.front().value == Bytes::copy("u"));
}

TEST_CASE("A search without steps left is given up, not guessed") {
  KeySearch search;
  std::uint64_t steps = 0;
  const auto put_one = search.invoke(write("u", 1));
  search.complete(*put_one, Outcome::ok, {1}, {}, {}, 1);
  CHECK_FALSE(search.search(steps));
  CHECK_FALSE(search.judged());
}

}  // namespace smalldb::properties
