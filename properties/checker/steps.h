// One key's operations in the form in which engines take them: what each needs to find, and what it leaves.
//
// Operations that say nothing are left out: those that definitely failed, and gets of unknown outcome. The verbs become
// three effects and conditions on the state; a get, and a conditional operation that was refused, are conditions alone.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "properties/checker/history.h"

namespace smalldb::checker {

// What a key may be. The revision is what the write claimed; `undetermined` if it claimed none; 0 if absent.
struct State {
  ValueId value = ValueId::absent;
  std::uint64_t revision = 0;
  friend bool operator==(const State&, const State&) = default;
};
inline constexpr std::uint64_t undetermined = any_revision;
inline constexpr ValueId no_value{0xffffffff};  // of no state

// Of a key that holds `value` from the start.
inline State state_of(ValueId value) { return {value, value == ValueId::absent ? 0 : undetermined}; }

// The state in which an operation can take effect.
struct Need {
  enum class Kind : std::uint8_t { none, is, is_not };
  Kind of_value = Kind::none;
  Kind of_revision = Kind::none;
  ValueId value{};
  std::uint64_t revision = 0;

  bool none() const { return of_value == Kind::none && of_revision == Kind::none; }
  bool met_by(const State& state) const {
    if (of_value == Kind::is ? state.value != value : of_value == Kind::is_not && state.value == value) return false;
    if (of_revision == Kind::none) return true;
    if (of_revision == Kind::is) {
      return state.revision == revision || (state.revision == undetermined && state.value != ValueId::absent);
    }
    return state.revision != revision;
  }
  friend bool operator==(const Need&, const Need&) = default;
};

enum class Effect : std::uint8_t { none, set, append };

struct Step {
  Instant invoked = 0;
  Instant returned = never;
  std::uint32_t position = 0;  // in History::operations()
  Effect effect = Effect::none;
  bool optional = false;  // of unknown outcome: it may never happen
  State to;               // set: the state after it; append: what is appended, and the revision it claims
  Need need;

  // Takes effect whatever there is, and then nothing of that is left.
  bool is_blind() const { return effect == Effect::set && need.none(); }
  bool is_read() const { return effect == Effect::none; }
};

struct Steps {
  LargeVector<Step> steps;  // by invocation
  State initial;
};

// It says something of the key's state, or may have changed it.
inline bool takes_part(const Operation& operation) {
  if (operation.outcome == Outcome::failed) return false;
  return operation.verb != Verb::get || operation.outcome == Outcome::ok;
}
// It has changed the state, or may have.
inline bool may_change(const Operation& operation) {
  return operation.verb != Verb::get && !has_no_effect(operation.outcome);
}
// It has changed the state.
inline bool is_write(const Operation& operation) {
  return operation.verb != Verb::get && operation.outcome == Outcome::ok;
}
// Whatever became of it, it was to leave nothing.
inline bool removes(const Operation& operation) {
  return operation.verb == Verb::remove || operation.verb == Verb::remove_if_value ||
         operation.verb == Verb::remove_if_revision;
}
// It takes effect only if the key is as it expects.
inline bool is_conditional(Verb verb) { return verb >= Verb::swap_if_value; }

// What the revisions in answers are.
enum class Revisions : std::uint8_t {
  // What the store says of them is its own affair: they count only for operations on condition of one. Whether claims
  // contradict each other is judged beside (claims.h).
  claimed,
  // A part of each answer, to be as right as the rest. They rise from one write of a key to the next, removes included.
  // Who is told what was there is told the revision of the write that made it; who found nothing is told none, and who
  // is refused without one found nothing. A write that told none, or of unknown outcome, has any that is free at its
  // place. `any_revision` in an answer: what it told is to be left out of account.
  promised,
};

// The key's past: all that had returned by `end`. A write that was open then may happen or not.
Steps past_of(const Steps& all, Instant end);

// One operation; nothing if it says nothing. Its position is left to the caller.
std::optional<Step> step_of(const Operation& operation, Revisions revisions = Revisions::claimed);

}  // namespace smalldb::checker
