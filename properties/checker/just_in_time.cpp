#include "properties/checker/just_in_time.h"

#include <algorithm>
#include <utility>

namespace smalldb::checker {
using Kind = Need::Kind;

// Rule 7. Where revisions are promised, each write has a greater one than the write before. Of a state whose revision
// nobody has told only the least that it may have is known, and the least is best: it leaves most to those that follow,
// until somebody tells it, and determines it. To be the one who does is a step like a write, and not a matter of course
// (rule 1), for another write may be meant: so whoever can may also leave this state alone, and want that of another
// (rules 3 and 4).
inline bool JustInTime::determines(const Step& step, const State& state) const {
  return state.revision == undetermined && is_promised() && step.need.of_revision == Kind::is;
}

inline bool JustInTime::met(const Step& step, std::uint64_t promise, const State& state, std::uint64_t floor) const {
  if (!step.need.met_by(state)) return false;
  if (!is_promised()) return true;
  const bool by_revision = step.need.of_revision == Kind::is;
  if (by_revision && step.need.revision < floor) return false;
  return step.is_read() || promise == 0 || promise > (by_revision ? step.need.revision : floor);
}

void JustInTime::take_return(std::vector<Configuration>& configurations, const SlotSet& open, std::uint32_t slot) {
  open_ = &open;
  returning_ = slot;
  arrived_.clear();
  for (Configuration& configuration : configurations) {
    if (!spend(1)) break;
    settle(configuration);
    const bool has_effect = configuration.done[slot];
    if (has_effect && configurations.size() == 1) return finish(configuration);
    if (has_effect) {
      arrive(std::move(configuration));
    } else {
      expand(std::move(configuration));
    }
    if (gave_up_) break;
  }
  configurations.swap(arrived_);
}

bool JustInTime::spend(std::uint64_t steps) {
  gave_up_ = gave_up_ || steps_left_ < steps;
  steps_left_ = gave_up_ ? 0 : steps_left_ - steps;
  return !gave_up_;
}

// Of one in which the operation that returns has not taken effect.
void JustInTime::expand(Configuration configuration) {
  may_wait_ = (board_.appends & *open_).none();
  // To count as having taken effect is one way out for it; to take effect at the last moment is another.
  if (configuration.maybe[returning_]) arrive(configuration);
  attempts_.clear();
  attempts_.push_back({std::move(configuration), {}, 0, false, false});
  for (std::size_t i = 0; i < attempts_.size(); ++i) {
    SlotSet left = *open_;
    const bool reads_may_determine = is_promised() && attempts_[i].configuration.state.revision == undetermined;
    if (!reads_may_determine) left -= board_.reads;
    left -= attempts_[i].configuration.done;
    for (std::uint32_t next = left.next(0); next != SlotSet::none_left; next = left.next(next + 1)) {
      if (gave_up_) return;
      try_step(i, next);
    }
  }
}

// Gives effect to an open write, or to a read that determines the revision, if it can be and no other order serves as
// well.
void JustInTime::try_step(std::size_t from, std::uint32_t slot) {
  const Attempt& attempt = attempts_[from];
  const Step& step = at(slot);
  if (!met(slot, attempt.configuration)) return;
  if (step.is_read() && !determines(slot, attempt.configuration.state)) return;
  if (is_promised() && !leaves_room(attempt.configuration, slot)) return;
  if (has_earlier_twin(attempt.configuration, slot)) return;
  // Rule 4. A write that may wait, and of which nothing was seen, should have: if what comes next could do without it,
  // that order is tried elsewhere.
  const bool did_without = !attempt.swept && met(slot, attempt.before, attempt.floor_before);
  const bool could_do_without =
      attempt.unseen && (step.is_blind() || (did_without && !determines(slot, attempt.before)));
  if (could_do_without) return;
  const bool waits = may_wait_ && (step.optional || (step.is_blind() && !is_promised()));
  SlotSet asked;
  if (slot != returning_ && waits && !is_useful(attempt.configuration, slot, asked)) return;
  if (!spend(1)) return;
  Attempt next{attempt.configuration, attempt.configuration.state, attempt.configuration.floor, false, false};
  give_effect(next.configuration, slot);
  const bool seen = settle(next.configuration);
  if (next.configuration.done[returning_]) return arrive(std::move(next.configuration));
  next.unseen = waits && !seen;
  next.swept = !SlotSet::within(next.configuration.maybe, attempts_[from].configuration.maybe) ||
               !SlotSet::within(attempts_[from].configuration.maybe, next.configuration.maybe);
  // It would write what is there: it has taken effect unseen (rule 2). To do so later is another way.
  const bool silent = at(returning_).is_blind() && next.configuration.maybe[returning_] &&
                      next.configuration.state == at(returning_).to;
  if (silent && !next.unseen) arrive(next.configuration);
  add_attempt(std::move(next));
}

// Rule 2. An open blind write may have taken effect right before another write, and nothing is left of it: so it counts
// as done if it returns, and is there to take effect later if it is needed. Both hold of the same configuration until
// one of them is asked for. (Before a write on condition, only what meets the condition.) Not so where revisions are
// promised: then a write that is overwritten has left its revision.
void JustInTime::give_effect(Configuration& configuration, std::uint32_t slot) {
  const Step& step = at(slot);
  configuration.done.set(slot);
  configuration.maybe.reset(slot);
  if (step.effect == Effect::set) {
    const SlotSet others = due_writes() - configuration.done;
    for (std::uint32_t other = others.next(0); other != SlotSet::none_left; other = others.next(other + 1)) {
      if (step.is_blind() || step.need.met_by(at(other).to)) configuration.maybe.set(other);
    }
  }
  leave(configuration, step, is_promised() ? board_.promises[slot] : 0);
}

inline std::uint64_t JustInTime::floor_after(std::uint64_t floor, const Step& step, std::uint64_t promise) {
  if (step.need.of_revision == Kind::is) floor = step.need.revision;
  if (step.is_read()) return floor;
  return promise != 0 ? promise : floor + 1;
}

// The state after a write, or after a read that determines the revision (rule 7).
void JustInTime::leave(Configuration& configuration, const Step& step, std::uint64_t promise) {
  if (is_promised()) {
    configuration.floor = floor_after(configuration.floor, step, promise);
    if (step.is_read()) {
      configuration.state.revision = step.need.revision;
      return;
    }
  }
  if (step.effect == Effect::append) {
    configuration.state = {values_.join(configuration.state.value, step.to.value), step.to.revision};
  } else {
    configuration.state = step.to;
  }
}

bool JustInTime::take_alone(Configuration& configuration, const Step& step, std::uint64_t promise) {
  if (!spend(1) || !met(step, promise, configuration.state, configuration.floor)) return false;
  if (!step.is_read() || determines(step, configuration.state)) leave(configuration, step, promise);
  return true;
}

// Rule 1. What changes nothing takes effect as soon as it can: any order in which it does so later is one in which it
// may as well do so now. A blind write of what is there already changes nothing either, but it may be of use later: it
// counts as done or not, as is needed (rule 2). True if anything was read.
bool JustInTime::settle(Configuration& configuration) const {
  bool any = false;
  SlotSet left = *open_;
  if (is_promised()) left &= board_.reads;
  left -= configuration.done;
  left -= configuration.maybe;
  for (std::uint32_t slot = left.next(0); slot != SlotSet::none_left; slot = left.next(slot + 1)) {
    if (board_.reads[slot]) {
      if (!met(slot, configuration) || determines(slot, configuration.state)) continue;
      configuration.done.set(slot);
      any = true;
    } else if (board_.blind[slot] && !board_.optional[slot] && at(slot).to == configuration.state) {
      configuration.maybe.set(slot);
    }
  }
  return any;
}

// Rule 3. A blind write, and one of unknown outcome, takes effect only when someone who is open now could not go on
// without it, or when it returns: until then nothing is lost by waiting, for it stays open; and if a blind write comes
// first, it counts as done. (Where revisions are promised it does not: then only unknown outcomes wait.) Someone of
// unknown outcome need not go on, but if others want that again. But a write may also be wanted for what it makes of
// others, right before one that is not blind: it overwrites them. Not so while something may be appended: that needs
// nothing, and tells all.
// `asked`: of whom this has been asked already.
bool JustInTime::is_useful(const Configuration& configuration, std::uint32_t slot, SlotSet& asked) {
  asked.set(slot);
  SlotSet due = due_writes();
  due -= configuration.done;
  due -= configuration.maybe;
  due.reset(slot);
  bool overwrites = false;
  for (std::uint32_t other = due.next(0); other != SlotSet::none_left && !overwrites; other = due.next(other + 1)) {
    overwrites = at(slot).need.met_by(at(other).to);
  }
  const SlotSet left = *open_ - configuration.done;
  for (std::uint32_t other = left.next(0); other != SlotSet::none_left; other = left.next(other + 1)) {
    if (other == slot || at(other).need.none() || !met(other, at(slot).to, configuration.floor + 1)) continue;
    if (overwrites && !board_.reads[other]) return true;
    const bool goes_on = met(other, configuration) && !determines(other, configuration.state);
    if (goes_on || !is_next(configuration, other)) continue;
    if (!board_.optional[other]) return true;
    // Where hundreds are of unknown outcome, to ask them all is the most of the work.
    if (!asked[other] && spend(open_->words()) && is_useful(configuration, other, asked)) return true;
  }
  return false;
}

// Rule 7, once more. Whoever has been told a revision and has not taken effect must find it yet: once a write has taken
// a greater one, or its own, that cannot be. So writes whose revisions are known take effect in the order of these.
bool JustInTime::leaves_room(const Configuration& configuration, std::uint32_t slot) const {
  const std::uint64_t floor = floor_after(configuration.floor, at(slot), board_.promises[slot]);
  SlotSet left = *open_;
  left -= configuration.done;
  for (std::uint32_t other = left.next(0); other != SlotSet::none_left; other = left.next(other + 1)) {
    const std::uint64_t promise = board_.promises[other];
    const std::uint64_t least = floor + (at(other).is_read() ? 0 : 1);
    if (promise != 0 && promise < least && other != slot) return false;
  }
  return true;
}

// Nobody else who is open must be first, by what they have been told.
bool JustInTime::is_next(const Configuration& configuration, std::uint32_t slot) const {
  if (board_.promises[slot] == 0) return true;
  SlotSet left = *open_;
  left -= configuration.done;
  for (std::uint32_t other = left.next(0); other != SlotSet::none_left; other = left.next(other + 1)) {
    const std::uint64_t promise = board_.promises[other];
    if (promise == 0 || promise > board_.promises[slot] || other == slot) continue;
    if (promise < board_.promises[slot] || !at(other).is_read()) return false;
  }
  return true;
}

// Writes that returned, and may count as having taken effect unseen.
SlotSet JustInTime::due_writes() const { return is_promised() ? SlotSet() : (board_.blind & *open_) - board_.optional; }

// Rule 5. Of several operations that are alike, the one that must take effect soonest does so first: exchanged in an
// order, they are as good, and the one that is left is open for longer.
bool JustInTime::has_earlier_twin(const Configuration& configuration, std::uint32_t slot) const {
  const Step& step = at(slot);
  if (board_.promises[slot] != 0) return false;  // nobody else is told that, or both have no place
  SlotSet left = *open_;
  left -= board_.reads;
  left -= configuration.done;
  for (std::uint32_t other = left.next(0); other != SlotSet::none_left; other = left.next(other + 1)) {
    if (other == slot) continue;
    const Step& twin = at(other);
    const bool alike = board_.promises[other] == board_.promises[slot] && twin.to == step.to &&
                       twin.effect == step.effect && twin.need == step.need;
    if (!alike) continue;
    if (std::pair(board_.returned[other], board_.invoked[other]) <
        std::pair(board_.returned[slot], board_.invoked[slot]))
      return true;
  }
  return false;
}

// Rule 6. `one` can do all that `other` can: the state is the same; each read has been made in `one` if it has in
// `other`; what is optional is left to it if it is left to `other`; and each write that returned is in the same
// condition, or may count as either.
bool JustInTime::covers(const Configuration& one, const Configuration& other) const {
  if (!(one.state == other.state) || one.floor > other.floor) return false;
  const std::size_t words = std::max({one.done.words(), other.done.words(), other.maybe.words()});
  for (std::size_t i = 0; i < words; ++i) {
    const std::uint64_t more = one.done.word(i) & ~other.done.word(i);
    const std::uint64_t less = other.done.word(i) & ~one.done.word(i);
    const std::uint64_t reads = board_.reads.word(i);
    const std::uint64_t optional = board_.optional.word(i);
    const std::uint64_t maybe = one.maybe.word(i);
    if ((less & reads) != 0 || (more & optional) != 0) return false;
    const std::uint64_t differ = more | less | (other.maybe.word(i) & ~maybe);
    if ((differ & ~(reads | optional | maybe)) != 0) return false;
  }
  return true;
}

// An attempt that two ways lead to is bound by neither: else each way to the same configuration would be gone on from,
// and there are as many ways as orders.
void JustInTime::add_attempt(Attempt attempt) {
  for (const Attempt& known : attempts_) {
    if (!covers(known.configuration, attempt.configuration)) continue;
    const bool as_free =
        !known.unseen || (attempt.unseen && known.before == attempt.before &&
                          known.floor_before == attempt.floor_before && (known.swept || !attempt.swept));
    if (as_free) return;
    attempt = {known.configuration, {}, 0, false, false};
  }
  spend(attempts_.size() / 16);
  attempts_.push_back(std::move(attempt));
}

void JustInTime::finish(Configuration& configuration) const {
  configuration.done.reset(returning_);
  configuration.maybe.reset(returning_);
}

// The operation has taken effect and is over; unless another configuration makes this one superfluous.
void JustInTime::arrive(Configuration configuration) {
  finish(configuration);
  for (const Configuration& known : arrived_) {
    if (covers(known, configuration)) return;
  }
  spend(arrived_.size() / 16);
  std::erase_if(arrived_, [&](const Configuration& known) { return covers(configuration, known); });
  arrived_.push_back(std::move(configuration));
}

}  // namespace smalldb::checker
