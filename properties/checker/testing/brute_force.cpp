#include "properties/checker/testing/brute_force.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <set>

namespace smalldb::checker::testing {
namespace {

struct Store {
  std::optional<std::string> value;
  std::optional<std::uint64_t> revision;  // nothing: not known
};

std::optional<std::string> text(const History& history, ValueId value) {
  if (value == ValueId::absent) return std::nullopt;
  return std::string(history.bytes(value));
}

enum class Answer { no, yes, perhaps };

Answer holds(const History& history, const Operation& operation, const Store& store) {
  if (operation.verb == Verb::swap_if_value || operation.verb == Verb::remove_if_value) {
    return store.value == text(history, operation.expected) ? Answer::yes : Answer::no;
  }
  if (operation.expected_revision == 0) return store.value ? Answer::no : Answer::yes;
  if (operation.expected_revision == any_revision) return store.value ? Answer::yes : Answer::no;
  if (!store.value) return Answer::no;
  if (!store.revision) return Answer::perhaps;
  return *store.revision == operation.expected_revision ? Answer::yes : Answer::no;
}

// What the operation makes of the store; nothing if a store would have answered otherwise.
std::optional<Store> execute(const History& history, const Operation& operation, Store store) {
  if (operation.verb == Verb::get) {
    if (store.value != text(history, operation.result)) return std::nullopt;
    return store;
  }
  const bool conditional =
      operation.verb != Verb::put && operation.verb != Verb::remove && operation.verb != Verb::append;
  if (conditional) {
    const Answer answer = holds(history, operation, store);
    if (operation.outcome == Outcome::mismatched) {
      const bool as_told = !operation.has_result || store.value == text(history, operation.result);
      if (answer == Answer::yes || !as_told) return std::nullopt;
      return store;
    }
    if (answer == Answer::no) return std::nullopt;
  }
  const bool removes = operation.verb == Verb::remove || operation.verb == Verb::remove_if_value ||
                       operation.verb == Verb::remove_if_revision;
  if (removes) return Store{std::nullopt, 0};
  const std::string before = operation.verb == Verb::append ? store.value.value_or("") : "";
  store.value = before + text(history, operation.argument).value();
  store.revision = std::nullopt;
  if (operation.outcome == Outcome::ok && operation.revision != 0) store.revision = operation.revision;
  return store;
}

// The store that promises: there is always a last revision, and `value` is of that.
struct Promising {
  std::optional<std::string> value;
  std::uint64_t last = 0;
  bool only_claims = false;
};

bool tells_revision(const Operation& operation) {
  return operation.outcome != Outcome::unknown && operation.revision != any_revision;
}

bool removes_what_is_absent(const Operation& operation) {
  return (operation.verb == Verb::remove_if_value && operation.expected == ValueId::absent) ||
         (operation.verb == Verb::remove_if_revision && operation.expected_revision == 0);
}

bool reads_right(const History& history, const Operation& operation, const Promising& store) {
  const bool told = tells_revision(operation);
  if (operation.verb == Verb::get) {
    const bool right = !told || operation.revision == 0 || (store.value && operation.revision == store.last);
    return right && store.value == text(history, operation.result);
  }
  const bool may_be_of_remove = !store.value && store.only_claims;
  const bool right =
      operation.revision == (store.value ? store.last : 0) || (may_be_of_remove && operation.revision == store.last);
  if (told && !right) return false;
  return !operation.has_result || store.value == text(history, operation.result);
}

// What becomes of the store if it gives the operation's answer, and the write that it may be has `revision`.
std::optional<Promising> execute(const History& history, const Operation& operation, Promising store,
                                 std::uint64_t revision) {
  if (operation.verb == Verb::get) return reads_right(history, operation, store) ? std::optional(store) : std::nullopt;
  const bool conditional =
      operation.verb != Verb::put && operation.verb != Verb::remove && operation.verb != Verb::append;
  const bool met =
      !conditional || holds(history, operation, Store{store.value, store.value ? store.last : 0}) == Answer::yes;
  if (operation.outcome == Outcome::mismatched) {
    return !met && reads_right(history, operation, store) ? std::optional(store) : std::nullopt;
  }
  if (!met) return std::nullopt;
  const bool told = tells_revision(operation);
  if (removes_what_is_absent(operation)) return !told || operation.revision == 0 ? std::optional(store) : std::nullopt;
  if (revision <= store.last || (told && operation.revision != 0 && operation.revision != revision))
    return std::nullopt;
  store.last = revision;
  if (operation.verb == Verb::append) {
    store.value = store.value.value_or("") + text(history, operation.argument).value();
  } else if (operation.verb == Verb::put || operation.verb == Verb::swap_if_value ||
             operation.verb == Verb::swap_if_revision) {
    store.value = text(history, operation.argument);
  } else {
    store.value = std::nullopt;
  }
  return store;
}

bool any_order(const History& history, std::vector<Operation>& left, const Promising& store, std::uint64_t greatest) {
  const auto must = [](const Operation& operation) { return operation.outcome != Outcome::unknown; };
  if (std::none_of(left.begin(), left.end(), must)) return true;
  Instant first_return = never;
  for (const Operation& operation : left) first_return = std::min(first_return, operation.returned);
  for (std::size_t i = 0; i < left.size(); ++i) {
    if (left[i].invoked > first_return) continue;
    const Operation taken = left[i];
    const bool writes = taken.verb != Verb::get && taken.outcome != Outcome::mismatched;
    bool found = false;
    for (std::uint64_t revision = store.last + 1; revision <= greatest && !found; ++revision) {
      const std::optional<Promising> next = execute(history, taken, store, revision);
      if (next) {
        left.erase(left.begin() + static_cast<std::ptrdiff_t>(i));
        found = any_order(history, left, *next, greatest);
        left.insert(left.begin() + static_cast<std::ptrdiff_t>(i), taken);
      }
      if (!writes) break;
    }
    if (found) return true;
  }
  return false;
}

bool any_order(const History& history, std::vector<Operation>& left, const Store& store) {
  const auto must = [](const Operation& operation) { return operation.outcome != Outcome::unknown; };
  if (std::none_of(left.begin(), left.end(), must)) return true;
  Instant first_return = never;
  for (const Operation& operation : left) first_return = std::min(first_return, operation.returned);
  for (std::size_t i = 0; i < left.size(); ++i) {
    if (left[i].invoked > first_return) continue;  // one that is left had returned before
    const std::optional<Store> next = execute(history, left[i], store);
    if (!next) continue;
    const Operation taken = left[i];
    left.erase(left.begin() + static_cast<std::ptrdiff_t>(i));
    const bool found = any_order(history, left, *next);
    left.insert(left.begin() + static_cast<std::ptrdiff_t>(i), taken);
    if (found) return true;
  }
  return false;
}

bool takes_part(const Operation& operation) {
  return operation.outcome != Outcome::failed &&
         !(operation.verb == Verb::get && operation.outcome == Outcome::unknown);
}

Store start(const History& history, KeyId key) {
  Store store{text(history, history.initial(key)), std::nullopt};
  if (!store.value) store.revision = 0;
  return store;
}

bool any_numbering(const History& history, bool only_claims) {
  std::vector<Operation> left;
  std::uint64_t greatest = 0;
  for (const Operation& operation : history.operations()) {
    if (takes_part(operation)) left.push_back(operation);
    for (const std::uint64_t told : {operation.revision, operation.expected_revision}) {
      if (told != any_revision) greatest = std::max(greatest, told);
    }
  }
  if (left.empty()) return true;
  greatest += left.size() + 1;
  Promising store{text(history, history.initial(left.front().key)), 0, only_claims};
  if (!store.value) return any_order(history, left, store, greatest);
  for (store.last = only_claims ? 0 : 1; store.last < greatest; ++store.last) {
    if (any_order(history, left, store, greatest)) return true;
  }
  return false;
}

}  // namespace

bool is_linearizable_by_definition(const History& history) {
  std::vector<Operation> left;
  for (const Operation& operation : history.operations()) {
    if (takes_part(operation)) left.push_back(operation);
  }
  return left.empty() || any_order(history, left, start(history, left.front().key));
}

bool is_linearizable_as_promised(const History& history) { return any_numbering(history, false); }

bool is_linearizable_as_claimed(const History& history) { return any_numbering(history, true); }

bool is_linearizable_by_definition(const History& history, std::span<const Operation> all,
                                   const std::vector<std::size_t>& operations, const std::vector<std::size_t>& writers,
                                   bool are_free) {
  std::vector<Operation> left;
  for (const std::size_t position : operations) {
    if (takes_part(all[position])) left.push_back(all[position]);
  }
  for (const std::size_t position : writers) {
    Operation operation = all[position];
    operation.invoked = std::numeric_limits<Instant>::min();
    operation.returned = never;
    operation.outcome = Outcome::unknown;
    const bool swaps = operation.verb == Verb::swap_if_value || operation.verb == Verb::swap_if_revision;
    const bool conditional = operation.verb != Verb::put && operation.verb != Verb::append;
    if (are_free && conditional) operation.verb = swaps ? Verb::put : Verb::remove;
    left.push_back(operation);
  }
  return left.empty() || any_order(history, left, start(history, left.front().key));
}

bool was_linearizable_by_definition(const History& history, std::span<const std::uint32_t> positions,
                                    const Past& past) {
  std::vector<Operation> left;
  for (const std::uint32_t position : positions) {
    Operation operation = history.operations()[position];
    const Instant end = past.with_end ? past.end + 1 : past.end;
    if (!takes_part(operation) || operation.invoked >= end) continue;
    if (operation.returned >= end) {
      if (operation.verb == Verb::get || operation.outcome == Outcome::mismatched) continue;
      operation.outcome = Outcome::unknown;
      operation.returned = never;
    }
    left.push_back(operation);
  }
  if (past.holds) {
    Operation get;
    get.invoked = get.returned = past.end;
    get.result = *past.holds;
    left.push_back(get);
  }
  return left.empty() || any_order(history, left, start(history, history.operations()[positions.front()].key));
}

std::string replay(const History& history, std::span<const std::uint32_t> positions,
                   const std::vector<std::size_t>& order) {
  std::set<std::size_t> left;
  for (const std::uint32_t position : positions) {
    if (takes_part(history.operations()[position])) left.insert(position);
  }
  if (positions.empty()) return "";
  Instant latest = std::numeric_limits<Instant>::min();
  Store store = start(history, history.operations()[positions.front()].key);
  for (const std::size_t position : order) {
    const Operation& operation = history.operations()[position];
    const std::string which = "operation " + std::to_string(position);
    if (left.erase(position) == 0) return which + " comes twice, or has no part in it";
    if (operation.returned < latest) return which + " had returned before one that comes earlier was invoked";
    latest = std::max(latest, operation.invoked);
    const std::optional<Store> next = execute(history, operation, store);
    if (!next) return which + " would have been answered otherwise";
    store = *next;
  }
  for (const std::size_t position : left) {
    if (history.operations()[position].outcome == Outcome::unknown) continue;
    return "operation " + std::to_string(position) + " is missing";
  }
  return "";
}

}  // namespace smalldb::checker::testing
