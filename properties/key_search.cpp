#include "properties/key_search.h"

#include <algorithm>
#include <type_traits>
#include <utility>

namespace smalldb::properties {
namespace {

using Operation = KeySearch::Operation;
using State = KeySearch::State;

// Whether a condition can have held, and can have failed: both, if the state's revision is not known.
struct Possible {
  bool holds;
  bool fails;
};

Possible judge(const Condition& condition, const State& state) {
  bool holds = true;
  switch (condition.kind) {
    case Condition::Kind::none: break;
    case Condition::Kind::revision_is:
      if (state.present && !state.revision_known) return {condition.revision > state.revision, true};
      holds = (state.present ? state.revision : Revision{}) == condition.revision;
      break;
    case Condition::Kind::exists: holds = state.present; break;
    case Condition::Kind::absent: holds = !state.present; break;
  }
  return {holds, !holds};
}

bool changes_nothing(const Operation& operation) {
  return operation.verb == Verb::get || operation.outcome == Outcome::not_found ||
         operation.outcome == Outcome::condition_failed;
}

bool revision_fits(const Operation& operation, const State& state) {
  if (operation.revision.value == 0) return true;
  return state.revision_known ? operation.revision == state.revision : operation.revision > state.revision;
}

bool has_revision(const Operation& write) { return write.outcome == Outcome::ok && write.revision.value != 0; }

// The answer of an operation that changes nothing is right in this state.
bool explains(const State& state, const Operation& operation) {
  const Possible condition = judge(operation.condition, state);
  if (operation.outcome == Outcome::condition_failed) {
    // The answer names the key's revision, and none if the key is absent.
    return condition.fails && state.present == (operation.revision.value != 0) && revision_fits(operation, state);
  }
  if (operation.outcome == Outcome::not_found) return !state.present && condition.holds;
  return state.present && state.value == operation.result && revision_fits(operation, state);
}

// The state after a write took effect; nothing if it cannot, or would change nothing.
std::optional<State> after(const State& state, const Operation& operation) {
  if (!judge(operation.condition, state).holds) return std::nullopt;
  if (operation.verb == Verb::remove && !state.present) return std::nullopt;
  State next;
  next.present = operation.verb == Verb::put;
  if (next.present) next.value = operation.value;
  next.revision_known = has_revision(operation);
  next.revision = next.revision_known ? operation.revision : state.revision;
  if (next.revision_known && next.revision <= state.revision) return std::nullopt;
  return next;
}

bool alike(const Operation& one, const Operation& other) {
  return one.verb == other.verb && one.value == other.value && one.condition == other.condition;
}

}  // namespace

std::optional<KeySearch::Slot> KeySearch::invoke(const Operation& operation) {
  Slot slot = 0;
  while (slot < slots_max && used_[slot]) ++slot;
  if (slot == slots_max) {
    judged_ = false;
    return std::nullopt;
  }
  used_.set(slot);
  if (operations_.size() <= slot) operations_.resize(slot + 1);
  operations_[slot] = operation;
  waiting_.push_back({slot, true});
  return slot;
}

void KeySearch::complete(Slot slot, Outcome outcome, Revision revision, const Bytes& result, sim::Time at,
                         sim::EventIndex event) {
  Operation& operation = operations_[slot];
  operation.known = true;
  operation.outcome = outcome;
  operation.revision = revision;
  operation.result = result;
  operation.returned_at = at;
  operation.returned = event;
  if (outcome != Outcome::unknown) waiting_.push_back({slot, false});
}

std::optional<KeySearch::Contradiction> KeySearch::search(std::uint64_t& steps_left) {
  while (judged_ && next_ < waiting_.size()) {
    const Happening happening = waiting_[next_];
    const Operation& operation = operations_[happening.slot];
    if (!operation.known) break;
    ++next_;
    const bool no_part =
        operation.outcome == Outcome::failed || (operation.outcome == Outcome::unknown && operation.verb == Verb::get);
    if (no_part) {
      if (!happening.invocation || operation.outcome == Outcome::unknown) free(happening.slot);
    } else if (happening.invocation) {
      take_up(happening.slot);
    } else if (!take_return(happening.slot, steps_left)) {
      judged_ = false;
      return contradiction(operation);
    }
  }
  if (2 * next_ >= waiting_.size()) {
    waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(next_));
    next_ = 0;
  }
  return std::nullopt;
}

KeySearch::Contradiction KeySearch::contradiction(const Operation& culprit) const {
  Contradiction found{culprit, {}};
  for (const Configuration& configuration : configurations_) {
    const auto known = std::find(found.states.begin(), found.states.end(), configuration.state);
    if (known == found.states.end()) found.states.push_back(configuration.state);
  }
  return found;
}

void KeySearch::take_up(Slot slot) {
  open_.set(slot);
  if (operations_[slot].outcome == Outcome::unknown) unknown_.set(slot);
  if (changes_nothing(operations_[slot])) reads_.set(slot);
  std::vector<Configuration> settled;
  for (Configuration& configuration : configurations_) {
    settle_reads(configuration);
    add(settled, std::move(configuration));
  }
  configurations_ = std::move(settled);
}

// Keeps the configurations in which the operation of `slot` takes effect by now. False, and nothing is changed, if
// there is none.
bool KeySearch::take_return(Slot slot, std::uint64_t& steps_left) {
  std::vector<Configuration> found;
  std::vector<Attempt> attempts;
  for (const Configuration& configuration : configurations_) attempts.push_back({configuration, std::nullopt});
  for (std::size_t i = 0; i < attempts.size(); ++i) {
    const Attempt from = attempts[i];
    if (from.configuration.done[slot]) {
      if (from.unseen) continue;
      Configuration kept = from.configuration;
      kept.done.reset(slot);
      add(found, std::move(kept));
      continue;
    }
    for (Slot write = 0; write < operations_.size(); ++write) {
      if (!open_[write] || from.configuration.done[write] || reads_[write]) continue;
      const std::uint64_t cost = 1 + attempts.size() / 16;  // what finding out that the next attempt is new takes
      if (steps_left < cost) {
        steps_left = 0;
        judged_ = false;
        return true;
      }
      steps_left -= cost;
      if (std::optional<Attempt> next = attempt(from, write)) add(attempts, std::move(*next));
    }
  }
  if (found.empty()) return false;
  configurations_ = std::move(found);
  free(slot);
  retire_spent();
  return true;
}

// What becomes of `from` when an open write takes effect; nothing if it cannot, or another order serves as well.
std::optional<KeySearch::Attempt> KeySearch::attempt(const Attempt& from, Slot write) const {
  const Operation& operation = operations_[write];
  if (from.unseen) {                                          // rule 3
    if (after(*from.unseen, operation)) return std::nullopt;  // it could do without
    const bool undoes = unknown_[write] && operation.verb == Verb::remove && !from.unseen->present;
    if (undoes) return std::nullopt;
  }
  if (!is_next(write, from.configuration)) return std::nullopt;
  std::optional<State> state = after(from.configuration.state, operation);
  if (!state) return std::nullopt;
  Attempt next{{from.configuration.done, std::move(*state)}, std::nullopt};
  next.configuration.done.set(write);
  const bool seen = settle_reads(next.configuration);
  if (unknown_[write] && !seen) next.unseen = from.configuration.state;
  return next;
}

// Rules 2 and 3: no other open write must, or may as well, come before this one.
bool KeySearch::is_next(Slot write, const Configuration& configuration) const {
  const Operation& operation = operations_[write];
  const bool revision = has_revision(operation);
  if (!revision && !unknown_[write]) return true;
  for (Slot other = 0; other < operations_.size(); ++other) {
    if (!open_[other] || configuration.done[other] || reads_[other]) continue;
    if (revision && has_revision(operations_[other]) && operations_[other].revision < operation.revision) return false;
    if (unknown_[write] && unknown_[other] && other < write && alike(operations_[other], operation)) return false;
  }
  return true;
}

// Rule 4.
bool KeySearch::covers(const Configuration& one, const Configuration& other) const {
  const Slots differ = one.done ^ other.done;
  return (differ & one.done & ~reads_).none() && (differ & other.done & ~unknown_).none() && one.state == other.state;
}

template <class T>
void KeySearch::add(std::vector<T>& to, T candidate) const {
  for (const T& known : to) {
    if constexpr (std::is_same_v<T, Configuration>) {
      if (covers(known, candidate)) return;
    } else {
      if (covers(known.configuration, candidate.configuration) && known.unseen == candidate.unseen) return;
    }
  }
  to.push_back(std::move(candidate));
}

// Rule 1. True if anything took effect.
bool KeySearch::settle_reads(Configuration& configuration) const {
  bool any = false;
  for (Slot slot = 0; slot < operations_.size(); ++slot) {
    if (!reads_[slot] || configuration.done[slot]) continue;
    if (!explains(configuration.state, operations_[slot])) continue;
    configuration.done.set(slot);
    any = true;
  }
  return any;
}

void KeySearch::free(Slot slot) {
  used_.reset(slot);
  open_.reset(slot);
  unknown_.reset(slot);
  reads_.reset(slot);
  operations_[slot] = {};
  while (!operations_.empty() && !used_[operations_.size() - 1]) operations_.pop_back();
}

// An unknown write that has taken effect in every configuration is over.
void KeySearch::retire_spent() {
  Slots spent = unknown_;
  for (const Configuration& configuration : configurations_) spent &= configuration.done;
  if (spent.none()) return;
  for (Configuration& configuration : configurations_) configuration.done &= ~spent;
  for (Slot slot = slots_max; slot-- > 0;) {
    if (spent[slot]) free(slot);
  }
}

}  // namespace smalldb::properties
