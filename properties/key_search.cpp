#include "properties/key_search.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace smalldb::properties {
namespace {

using Operation = KeySearch::Operation;
using State = KeySearch::State;

constexpr std::uint64_t bit(KeySearch::Slot slot) { return std::uint64_t{1} << slot; }

// Whether a condition can have held, and can have failed: both, if the state's revision is not known.
struct Possible {
  bool holds;
  bool fails;
};

Possible judge(const Condition& condition, const State& state) {
  bool holds = true;
  switch (condition.kind) {
    case Condition::Kind::none:
      break;
    case Condition::Kind::revision_is:
      if (state.present && !state.revision_known) return {condition.revision.value != 0, true};
      holds = (state.present ? state.revision : Revision{}) == condition.revision;
      break;
    case Condition::Kind::exists:
      holds = state.present;
      break;
    case Condition::Kind::absent:
      holds = !state.present;
      break;
  }
  return {holds, !holds};
}

bool changes_nothing(const Operation& operation) {
  return operation.verb == Verb::get || operation.outcome == Outcome::not_found ||
         operation.outcome == Outcome::condition_failed;
}

bool revision_fits(const Operation& operation, const State& state) {
  return operation.revision.value == 0 || !state.revision_known || operation.revision == state.revision;
}

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
  next.revision_known = operation.outcome == Outcome::ok && operation.revision.value != 0;
  next.revision = next.revision_known ? operation.revision : Revision{};
  if (next.present) next.value = operation.value;
  // Revisions are positions in the log: they rise from write to write.
  if (next.revision_known && state.revision_known && next.revision <= state.revision) return std::nullopt;
  return next;
}

}  // namespace

std::optional<KeySearch::Slot> KeySearch::invoke(const Operation& operation) {
  const Slot slot = static_cast<Slot>(std::countr_one(used_));
  if (slot == slots_max) {
    judged_ = false;
    return std::nullopt;
  }
  used_ |= bit(slot);
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
    const bool no_part = operation.outcome == Outcome::failed ||
                         (operation.outcome == Outcome::unknown && operation.verb == Verb::get);
    if (no_part) {
      if (!happening.invocation || operation.outcome == Outcome::unknown) free(happening.slot);
    } else if (happening.invocation) {
      take_up(happening.slot);
    } else if (const std::vector<Configuration> before = configurations_; !take_return(happening.slot, steps_left)) {
      Contradiction contradiction{operation, {}};
      for (const Configuration& configuration : before) {
        std::vector<State>& states = contradiction.states;
        if (std::find(states.begin(), states.end(), configuration.state) == states.end()) {
          states.push_back(configuration.state);
        }
      }
      judged_ = false;
      return contradiction;
    }
  }
  if (next_ == waiting_.size()) {
    waiting_.clear();
    next_ = 0;
  }
  return std::nullopt;
}

void KeySearch::take_up(Slot slot) {
  open_ |= bit(slot);
  if (operations_[slot].outcome == Outcome::unknown) unknown_ |= bit(slot);
  std::vector<Configuration> settled;
  for (Configuration& configuration : configurations_) {
    settle_reads(configuration);
    add(settled, std::move(configuration));
  }
  configurations_ = std::move(settled);
}

// Keeps the configurations in which the operation of `slot` takes effect by now. False if there is none.
bool KeySearch::take_return(Slot slot, std::uint64_t& steps_left) {
  std::vector<Configuration> found;
  std::vector<Configuration> seen = configurations_;
  for (std::size_t i = 0; i < seen.size(); ++i) {
    const Configuration from = seen[i];
    if ((from.done & bit(slot)) != 0) {
      Configuration kept = from;
      kept.done &= ~bit(slot);
      add(found, std::move(kept));
      continue;
    }
    for (std::uint64_t left = open_ & ~from.done; left != 0; left &= left - 1) {
      const Slot write = static_cast<Slot>(std::countr_zero(left));
      if (changes_nothing(operations_[write])) continue;
      if (steps_left == 0) {
        judged_ = false;
        return true;
      }
      --steps_left;
      std::optional<State> state = after(from.state, operations_[write]);
      if (!state) continue;
      Configuration next{from.done | bit(write), std::move(*state)};
      settle_reads(next);
      add(seen, std::move(next));
    }
  }
  configurations_ = std::move(found);
  free(slot);
  retire_spent();
  return !configurations_.empty();
}

void KeySearch::add(std::vector<Configuration>& to, Configuration configuration) const {
  if (std::find(to.begin(), to.end(), configuration) == to.end()) to.push_back(std::move(configuration));
}

void KeySearch::settle_reads(Configuration& configuration) const {
  for (std::uint64_t left = open_ & ~configuration.done; left != 0; left &= left - 1) {
    const Slot slot = static_cast<Slot>(std::countr_zero(left));
    const Operation& operation = operations_[slot];
    if (changes_nothing(operation) && explains(configuration.state, operation)) configuration.done |= bit(slot);
  }
}

void KeySearch::free(Slot slot) {
  used_ &= ~bit(slot);
  open_ &= ~bit(slot);
  unknown_ &= ~bit(slot);
  operations_[slot] = {};
}

// An unknown write that has taken effect in every configuration is over.
void KeySearch::retire_spent() {
  std::uint64_t spent = unknown_;
  for (const Configuration& configuration : configurations_) spent &= configuration.done;
  if (configurations_.empty() || spent == 0) return;
  for (Configuration& configuration : configurations_) configuration.done &= ~spent;
  for (; spent != 0; spent &= spent - 1) free(static_cast<Slot>(std::countr_zero(spent)));
}

}  // namespace smalldb::properties
