#include "properties/checker/testing/all_histories.h"

#include <algorithm>
#include <array>

namespace smalldb::checker::testing {

struct AllHistories::Walk {
  std::uint32_t size;
  std::uint32_t clients;
  const Visitor& visitor;
  std::uint32_t part;
  std::uint32_t parts;
  std::uint64_t visited = 0;
  std::uint64_t skipped = 0;
  std::vector<Interval> intervals;
  std::vector<std::uint32_t> kinds;
  std::vector<std::uint32_t> positions;
  std::vector<std::uint32_t> open;  // by group: how many are whose outcome is known
};

AllHistories::AllHistories(const std::function<Alphabet(History&)>& alphabet, std::uint32_t size_max)
    : size_max_(size_max) {
  kinds_ = alphabet(history_);
  for (std::uint32_t invoked = 0; invoked < size_max; ++invoked) {
    for (std::uint32_t returned = 0; returned < size_max; ++returned) {
      for (Operation operation : kinds_) {
        operation.invoked = 2 * invoked;
        operation.returned = operation.outcome == Outcome::unknown ? never : 2 * std::max(invoked, returned) + 1;
        for (std::uint32_t copy = 0; copy < size_max; ++copy) history_.add(operation);
      }
    }
  }
}

std::uint32_t AllHistories::position(const Interval& interval, std::uint32_t kind, std::uint32_t copy) const {
  const auto kinds = static_cast<std::uint32_t>(kinds_.size());
  return ((interval.invoked * size_max_ + interval.returned) * kinds + kind) * size_max_ + copy;
}

std::uint64_t AllHistories::visit(std::uint32_t size, std::uint32_t clients, const Visitor& visitor, std::uint32_t part,
                                  std::uint32_t parts) const {
  Walk walk{size, clients, visitor, part, parts, 0, 0, {}, {}, {}, std::vector<std::uint32_t>(size)};
  for (std::uint32_t groups = 1; groups <= size; ++groups) intervals(walk, groups);
  return walk.visited;
}

// All choices of intervals, in order.
void AllHistories::intervals(Walk& walk, std::uint32_t groups) const {
  if (walk.intervals.size() == walk.size) {
    for (std::uint32_t group = 0; group < groups; ++group) {
      const auto begins = [&](const Interval& interval) { return interval.invoked == group; };
      const auto ends = [&](const Interval& interval) { return interval.returned == group; };
      if (std::none_of(walk.intervals.begin(), walk.intervals.end(), begins)) return;
      if (std::none_of(walk.intervals.begin(), walk.intervals.end(), ends)) return;
    }
    kinds(walk, groups, false);
    return;
  }
  const Interval from = walk.intervals.empty() ? Interval{} : walk.intervals.back();
  for (std::uint32_t invoked = from.invoked; invoked < groups; ++invoked) {
    const std::uint32_t first = invoked == from.invoked ? std::max(from.returned, invoked) : invoked;
    for (std::uint32_t returned = first; returned < groups; ++returned) {
      walk.intervals.push_back({invoked, returned});
      intervals(walk, groups);
      walk.intervals.pop_back();
    }
  }
}

// What cannot be made whole is given up at once: most of what there would be to choose from is never looked at.
void AllHistories::kinds(Walk& walk, std::uint32_t groups, bool mentions) const {
  const std::size_t at = walk.kinds.size();
  if (at == walk.size) {
    if (walk.skipped++ % walk.parts != walk.part) return;
    ++walk.visited;
    walk.visitor(walk.positions);
    return;
  }
  const Interval& interval = walk.intervals[at];
  const bool same = at > 0 && interval == walk.intervals[at - 1];
  std::uint32_t copy = 0;
  for (std::size_t i = at; i > 0 && walk.intervals[i] == walk.intervals[i - 1]; --i) ++copy;
  const bool has_room = open(walk, interval, 1) <= walk.clients;
  for (std::uint32_t kind = same ? walk.kinds.back() : 0; kind < kinds_.size(); ++kind) {
    const bool unknown = kinds_[kind].outcome == Outcome::unknown;
    // When one returns that never does makes no difference.
    if (unknown ? interval.returned != groups - 1 : !has_room) continue;
    const Mention mention = mentions ? Mention::first : first_mentioned(kinds_[kind]);
    if (mention == Mention::second) continue;
    walk.kinds.push_back(kind);
    walk.positions.push_back(position(interval, kind, copy));
    if (unknown) open(walk, interval, -1);
    kinds(walk, groups, mention == Mention::first);
    if (unknown) open(walk, interval, 1);
    walk.kinds.pop_back();
    walk.positions.pop_back();
  }
  open(walk, interval, -1);
}

// Lets one more be open, or one less; gives the most that are at a time.
std::uint32_t AllHistories::open(Walk& walk, const Interval& interval, int more) {
  std::uint32_t most = 0;
  for (std::uint32_t group = interval.invoked; group <= interval.returned; ++group) {
    walk.open[group] += static_cast<std::uint32_t>(more);
    most = std::max(most, walk.open[group]);
  }
  return most;
}

AllHistories::Mention AllHistories::first_mentioned(const Operation& operation) {
  for (const ValueId value : {operation.expected, operation.argument, operation.result}) {
    if (value == ValueId{1}) return Mention::first;
    if (value == ValueId{2}) return Mention::second;
  }
  return Mention::none;
}

namespace {

using Alphabet = AllHistories::Alphabet;

struct Builder {
  History& history;
  KeyId key = history.key("k");
  std::array<ValueId, 2> values{history.value("1"), history.value("2")};
  Alphabet kinds = {};

  Operation& add(Verb verb, Outcome outcome) {
    Operation operation;
    operation.key = key;
    operation.verb = verb;
    operation.outcome = outcome;
    kinds.push_back(operation);
    return kinds.back();
  }
  void add_get(ValueId result) { add(Verb::get, Outcome::ok).result = result; }
  void add_gets() {
    for (const ValueId value : {ValueId::absent, values[0], values[1]}) add_get(value);
  }
  // Of what two writes and appends can make of two values.
  void add_gets_of_longer() {
    for (const char* const bytes : {"11", "12", "21", "22"}) add_get(history.value(bytes));
  }
  void add_blind_writes() {
    for (const Outcome outcome : {Outcome::ok, Outcome::unknown}) {
      for (const ValueId value : values) add(Verb::put, outcome).argument = value;
      add(Verb::remove, outcome);
    }
  }
  void add_appends() {
    for (const Outcome outcome : {Outcome::ok, Outcome::unknown}) {
      for (const ValueId value : values) add(Verb::append, outcome).argument = value;
    }
  }
  // One that is refused tells of its condition alone, whatever it would have done: swaps stand for both.
  void add_writes_if_value() {
    for (const ValueId value : {ValueId::absent, values[0], values[1]}) {
      add(Verb::swap_if_value, Outcome::mismatched).expected = value;
      for (const Outcome outcome : {Outcome::ok, Outcome::unknown}) {
        add(Verb::remove_if_value, outcome).expected = value;
        for (const ValueId argument : values) {
          Operation& swap = add(Verb::swap_if_value, outcome);
          swap.expected = value;
          swap.argument = argument;
        }
      }
    }
  }
  void add_removes_if(ValueId value) {
    for (const Outcome outcome : {Outcome::ok, Outcome::mismatched})
      add(Verb::remove_if_value, outcome).expected = value;
  }
  // Refused, and told what was there.
  void add_refusals(ValueId result) {
    for (const ValueId expected : {ValueId::absent, values[0]}) {
      Operation& refused = add(Verb::swap_if_value, Outcome::mismatched);
      refused.expected = expected;
      refused.argument = values[1];
      refused.has_result = true;
      refused.result = result;
    }
  }
  void add_claims() {
    for (const std::uint64_t claimed : {1, 2}) {
      Operation& put = add(Verb::put, Outcome::ok);
      put.argument = values[0];
      put.revision = claimed;
    }
  }
  // Appends and removes that say their revisions, and gets that are told them.
  void add_claims_of_appends() {
    for (const std::uint64_t claimed : {1, 2}) {
      for (const char* const bytes : {"1", "2", "12", "21"}) {
        add_get(history.value(bytes));
        kinds.back().revision = claimed;
      }
      for (const ValueId value : values) {
        Operation& append = add(Verb::append, Outcome::ok);
        append.argument = value;
        append.revision = claimed;
      }
      Operation& refused = add(Verb::swap_if_value, Outcome::mismatched);
      refused.expected = history.value("12");
      refused.revision = claimed;
    }
    add(Verb::remove, Outcome::ok).revision = 2;
  }
  // On what appends can make of two values, and on absence.
  void add_writes_if_made() {
    for (const ValueId value : {ValueId::absent, history.value("12"), history.value("21")}) {
      for (const Outcome outcome : {Outcome::ok, Outcome::unknown, Outcome::mismatched}) {
        Operation& swap = add(Verb::swap_if_value, outcome);
        swap.expected = value;
        swap.argument = history.value("3");
      }
      add(Verb::remove_if_value, Outcome::unknown).expected = value;
    }
    for (const char* const bytes : {"3", "31", "32"}) add_get(history.value(bytes));
  }
  void add_writes_if_revision() {
    for (const std::uint64_t expected : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{2}, any_revision}) {
      for (const Outcome outcome : {Outcome::ok, Outcome::unknown, Outcome::mismatched}) {
        Operation& swap = add(Verb::swap_if_revision, outcome);
        swap.expected_revision = expected;
        swap.argument = values[1];
        if (outcome == Outcome::ok) swap.revision = 2;
        if (outcome != Outcome::mismatched) add(Verb::remove_if_revision, outcome).expected_revision = expected;
      }
      Operation& refused = add(Verb::swap_if_revision, Outcome::mismatched);
      refused.expected_revision = expected;
      refused.argument = values[1];
      refused.has_result = true;
      refused.result = values[0];
    }
  }
};

}  // namespace

Alphabet register_alphabet(History& history) {
  Builder builder{history};
  builder.add_gets();
  builder.add_writes_if_value();
  builder.add_blind_writes();
  return builder.kinds;
}

Alphabet append_alphabet(History& history) {
  Builder builder{history};
  builder.add_gets();
  builder.add_gets_of_longer();
  builder.add_appends();
  builder.add_blind_writes();
  builder.add_removes_if(builder.values[0]);
  return builder.kinds;
}

Alphabet refusal_alphabet(History& history) {
  Builder builder{history};
  builder.add_gets();
  builder.add_appends();
  builder.add_blind_writes();
  for (const char* const bytes : {"2", "12", "22"}) builder.add_refusals(history.value(bytes));
  return builder.kinds;
}

Alphabet revision_alphabet(History& history) {
  Builder builder{history};
  builder.add_gets();
  builder.add_blind_writes();
  builder.add_claims();
  builder.add_writes_if_revision();
  return builder.kinds;
}

Alphabet mixed_alphabet(History& history) {
  Builder builder{history};
  builder.add_gets();
  builder.add_gets_of_longer();
  builder.add_blind_writes();
  builder.add_appends();
  builder.add_writes_if_value();
  builder.add_removes_if(history.value("12"));
  return builder.kinds;
}

Alphabet whole_alphabet(History& history) {
  Builder builder{history};
  builder.kinds = mixed_alphabet(history);
  builder.add_claims();
  builder.add_writes_if_revision();
  return builder.kinds;
}

Alphabet claim_alphabet(History& history) {
  Builder builder{history};
  builder.add_gets();
  builder.add_gets_of_longer();
  builder.add_blind_writes();
  builder.add_appends();
  builder.add_claims_of_appends();
  return builder.kinds;
}

Alphabet condition_alphabet(History& history) {
  Builder builder{history};
  builder.add_gets();
  builder.add_gets_of_longer();
  builder.add_appends();
  builder.add(Verb::remove, Outcome::ok);
  builder.add_writes_if_made();
  return builder.kinds;
}

Alphabet promise_alphabet(History& history) {
  Builder builder{history};
  builder.add_get(ValueId::absent);
  for (const ValueId value : builder.values) {
    for (const std::uint64_t revision : {1, 2, 3}) {
      builder.add_get(value);
      builder.kinds.back().revision = revision;
      Operation& put = builder.add(Verb::put, Outcome::ok);
      put.argument = value;
      put.revision = revision;
    }
    builder.add(Verb::put, Outcome::unknown).argument = value;
    for (const std::uint64_t expected : {0, 1}) {
      for (const Outcome outcome : {Outcome::ok, Outcome::unknown}) {
        Operation& swap = builder.add(Verb::swap_if_revision, outcome);
        swap.expected_revision = expected;
        swap.argument = value;
        if (outcome == Outcome::ok) swap.revision = 2;
      }
    }
  }
  for (const Outcome outcome : {Outcome::ok, Outcome::ok, Outcome::unknown, Outcome::mismatched}) {
    Operation& remove = builder.add(Verb::remove_if_revision, outcome);
    remove.expected_revision = any_revision;
    if (outcome == Outcome::ok) remove.revision = builder.kinds.size() % 2 + 2;
  }
  Operation& by_value = builder.add(Verb::remove_if_value, Outcome::mismatched);
  by_value.expected = builder.values.front();
  by_value.revision = 1;
  for (const std::uint64_t expected : {0, 1, 2}) {
    for (const std::uint64_t revision : {0, 2}) {
      Operation& refused = builder.add(Verb::swap_if_revision, Outcome::mismatched);
      refused.expected_revision = expected;
      refused.revision = revision;
    }
  }
  return builder.kinds;
}

}  // namespace smalldb::checker::testing
