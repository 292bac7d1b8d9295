#include "properties/checker/testing/judge_name.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <string_view>
#include <vector>

#include "properties/checker/testing/brute_force.h"

namespace smalldb::checker::testing {
namespace {

bool deletes(const Operation& operation) {
  return operation.verb == Verb::remove || operation.verb == Verb::remove_if_value ||
         operation.verb == Verb::remove_if_revision;
}
bool writes(const Operation& operation) { return operation.verb != Verb::get; }
bool took_effect(const Operation& operation) { return writes(operation) && operation.outcome == Outcome::ok; }
bool in_vain(const Operation& operation) {
  return operation.outcome == Outcome::failed || operation.outcome == Outcome::mismatched;
}
ValueId left(const Operation& operation) { return deletes(operation) ? ValueId::absent : operation.argument; }

// What it says that the key was.
std::optional<ValueId> told(const Operation& operation) {
  if (operation.verb == Verb::get) {
    return operation.outcome == Outcome::ok ? std::optional(operation.result) : std::nullopt;
  }
  const bool by_value = operation.verb == Verb::swap_if_value || operation.verb == Verb::remove_if_value;
  if (operation.outcome == Outcome::mismatched) {
    if (operation.has_result) return operation.result;
    const bool was_absent = !by_value && operation.expected_revision == any_revision;
    return was_absent ? std::optional(ValueId::absent) : std::nullopt;
  }
  if (operation.outcome != Outcome::ok) return std::nullopt;
  if (by_value) return operation.expected;
  const bool expects_absent = operation.verb >= Verb::swap_if_value && operation.expected_revision == 0;
  return expects_absent ? std::optional(ValueId::absent) : std::nullopt;
}

class Judge {
 public:
  Judge(const History& history, std::span<const std::uint32_t> positions, const Violation& violation)
      : history_(history), positions_(positions), violation_(violation), culprit_(at(violation.culprit)) {}

  std::string judge() const {
    if (violation_.anomaly == Anomaly::no_order) return "";
    const bool has_other = violation_.anomaly != Anomaly::phantom_value;
    if (violation_.other.has_value() != has_other) return "sets nothing against its culprit:";
    if (has_other && !is_named(*violation_.other)) return "names what is not among its operations:";
    const std::string wrong = has_other ? judge_other(at(*violation_.other)) : judge_phantom();
    return wrong.empty() ? "" : "says " + std::string(name(violation_.anomaly)) + ", but " + wrong + ":";
  }

 private:
  const Operation& at(std::size_t position) const { return history_.operations()[position]; }
  bool is_named(std::size_t position) const {
    const auto has = [&](const std::vector<std::size_t>& all) {
      return std::find(all.begin(), all.end(), position) != all.end();
    };
    return position != violation_.culprit && (has(violation_.operations) || has(violation_.writers));
  }
  template <class Fits>
  bool any_that(Fits fits) const {
    return std::any_of(positions_.begin(), positions_.end(),
                       [&](std::uint32_t position) { return fits(at(position)); });
  }

  // In an order of what came before the culprit's return, somebody could have found what it has, between these
  // instants.
  bool was_possible(Instant from, Instant to) const {
    std::vector<Operation> all;
    for (const std::uint32_t position : positions_) {
      Operation operation = at(position);
      if (position == violation_.culprit || operation.invoked >= culprit_.returned) continue;
      if (operation.outcome == Outcome::failed) continue;
      if (operation.returned >= culprit_.returned) {
        if (!writes(operation) || in_vain(operation)) continue;
        operation.outcome = Outcome::unknown;
        operation.returned = never;
        operation.revision = 0;
      }
      all.push_back(operation);
    }
    Operation read;
    read.key = culprit_.key;
    read.invoked = from;
    read.returned = to;
    read.result = *told(culprit_);
    all.push_back(read);
    std::vector<std::size_t> operations(all.size());
    for (std::size_t n = 0; n < all.size(); ++n) operations[n] = n;
    return is_linearizable_by_definition(history_, all, operations, {});
  }
  // It was there when `other` returned, or before; and after that no more.
  std::string judge_gone(const Operation& other) const {
    if (other.returned >= culprit_.invoked) return "the other had not returned before";
    if (!was_possible(std::numeric_limits<Instant>::min(), other.returned)) return "it cannot have been there before";
    if (was_possible(other.returned + 1, culprit_.returned)) return "it may have been there again";
    return "";
  }
  std::string_view text(ValueId value) const {
    return value == ValueId::absent ? std::string_view() : history_.bytes(value);
  }

  std::string judge_other(const Operation& other) const {
    const std::optional<ValueId> found = told(culprit_);
    if (violation_.anomaly != Anomaly::exclusive_writes && !found) return "its culprit tells no value";
    switch (violation_.anomaly) {
      case Anomaly::stale_read:
        if (!took_effect(other) || left(other) == *found) return "the other overwrote nothing";
        return judge_gone(other);
      case Anomaly::lost_update:
        if (!took_effect(other) || left(other) == *found) return "the other overwrote nothing";
        if (other.verb == Verb::append) {
          if (other.returned >= culprit_.invoked) return "the other had not returned before";
          const bool is_there = text(*found).find(text(other.argument)) != std::string_view::npos;
          return is_there ? "something of it is left" : "";
        }
        if (any_that([&](const Operation& one) { return told(one) == left(other); })) return "somebody has seen it";
        return judge_gone(other);
      case Anomaly::non_monotonic_read:
        if (other.verb != Verb::get || told(other) == found) return "the other read nothing else";
        return judge_gone(other);
      case Anomaly::dirty_read: {
        if (!in_vain(other) || other.invoked > culprit_.returned) return "the other was no write in vain by then";
        return judge_origin(other);
      }
      case Anomaly::future_read: {
        if (in_vain(other) || other.invoked <= culprit_.returned) return "the other had begun";
        return judge_origin(other);
      }
      case Anomaly::duplicate_effect: return judge_twice(other);
      case Anomaly::exclusive_writes: return judge_exclusive();
      case Anomaly::phantom_value:
      case Anomaly::no_order: break;
    }
    return "that is not known";
  }

  std::string judge_origin(const Operation& other) const {
    const bool is_part =
        other.verb == Verb::append || any_that([](const Operation& one) { return one.verb == Verb::append; });
    const bool wrote = is_part ? text(*told(culprit_)).find(text(left(other))) != std::string_view::npos
                               : left(other) == *told(culprit_);
    if (!writes(other) || !wrote) return "the other did not write that";
    if (was_possible(std::numeric_limits<Instant>::min(), culprit_.returned)) return "it may have been there";
    return "";
  }

  bool is_made_of_parts(std::string_view rest) const {
    if (rest.empty()) return true;
    const auto begins = [&](std::string_view part) {
      return !part.empty() && rest.starts_with(part) && is_made_of_parts(rest.substr(part.size()));
    };
    if (begins(text(history_.initial(culprit_.key)))) return true;
    return any_that([&](const Operation& one) { return writes(one) && !deletes(one) && begins(text(one.argument)); });
  }
  std::string judge_phantom() const {
    const std::optional<ValueId> found = told(culprit_);
    if (!found) return "its culprit tells no value";
    if (history_.initial(culprit_.key) == *found) return "it was there from the start";
    const auto wrote = [&](const Operation& one) { return writes(one) && !in_vain(one) && left(one) == *found; };
    if (any_that(wrote)) return "somebody wrote it";
    const bool appends = any_that([](const Operation& one) { return one.verb == Verb::append; });
    return appends && *found != ValueId::absent && is_made_of_parts(text(*found)) ? "somebody wrote it" : "";
  }

  std::string judge_twice(const Operation& other) const {
    if (in_vain(other) || !writes(other) || other.invoked > culprit_.returned) return "the other took no effect";
    const auto as_well = [&](const Operation& one) {
      return writes(one) && !in_vain(one) && one.invoked <= culprit_.returned && left(one) == left(other);
    };
    if (std::count_if(positions_.begin(), positions_.end(), [&](std::uint32_t one) { return as_well(at(one)); }) != 1) {
      return "another wrote that as well";
    }
    if (history_.initial(culprit_.key) == left(other)) return "it was there from the start";
    if (other.verb == Verb::append) return "";
    if (left(other) != *told(culprit_)) return "the other did not write that";
    const auto saw = [&](const Operation& one) {
      return told(one) == told(culprit_) && one.returned < culprit_.invoked;
    };
    return any_that(saw) ? "" : "nobody had seen it before";
  }

  // Whatever else was written by then, both cannot have been as they say.
  std::string judge_exclusive() const {
    std::vector<Operation> all(history_.operations().begin(), history_.operations().end());
    std::vector<std::size_t> writers;
    for (const std::uint32_t position : positions_) {
      const bool is_one = position == violation_.culprit || position == *violation_.other;
      if (is_one) all[position].outcome = Outcome::ok;
      const bool may = writes(all[position]) && !in_vain(all[position]) && all[position].invoked <= culprit_.returned;
      if (!is_one && may) writers.push_back(position);
    }
    const std::vector<std::size_t> both{violation_.culprit, *violation_.other};
    return is_linearizable_by_definition(history_, all, both, writers) ? "they exclude nothing" : "";
  }

  const History& history_;
  std::span<const std::uint32_t> positions_;
  const Violation& violation_;
  const Operation& culprit_;
};

}  // namespace

std::string wrong_name(const History& history, std::span<const std::uint32_t> positions, const Violation& violation) {
  return Judge(history, positions, violation).judge();
}

}  // namespace smalldb::checker::testing
