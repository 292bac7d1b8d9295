#include "properties/checker/frontier.h"

#include <algorithm>
#include <utility>

#include "properties/checker/bits.h"
#include "properties/checker/frontier_cursor.h"
#include "properties/checker/frontier_order.h"
#include "properties/checker/state_table.h"
#include "properties/checker/timeline.h"

namespace smalldb::checker {
namespace {

using Kind = Need::Kind;
using Place = Timeline::Place;

constexpr std::uint32_t none = no_trail;
constexpr std::uint32_t no_slot = 0xffffffff;
constexpr std::uint64_t first_look_steps = 1000;
constexpr std::uint32_t open_most = 8192;

// `words`: of 64 slots each; as many operations may be open at a time.
template <std::size_t words>
class Search {
 public:
  Search(const History& history, const Steps& all, const Timeline& timeline, bool witness);

  FrontierResult judge(std::uint64_t steps_max, const Prover& prover);

 private:
  using Slots = Bits<words>;
  using Cursor = FrontierCursor<words>;

  // An open operation that is neither in `done` nor in `maybe` has not taken effect. One in `maybe` may count as having
  // taken effect, unseen, or take effect yet, as is needed: that is at least as good as either (rule 2). Only blind
  // writes of known outcome are ever there.
  struct Configuration {
    StateId state = other_state;
    std::uint32_t trail = none;  // the last operation given effect on the way here, if a witness is asked for
    std::uint32_t next = none;   // of those that wait for the same return
    bool expanded = false;
    Slots done;
    Slots maybe;
  };
  // On the way to a return. If the last write was of no use yet, `unseen`, what comes next must need it (rule 4).
  struct Attempt {
    Configuration configuration;
    StateId before = other_state;
    bool unseen = false;
    bool swept = false;  // that write made others count as done (rule 2)
  };
  struct Level {
    std::uint32_t first = none;  // of its configurations
    std::uint32_t waiting = 0;   // of those, not expanded
  };

  std::uint32_t waiting_at(std::uint32_t level) const;
  void expand(std::uint32_t index, std::uint32_t level, Cursor& cursor);
  void explore(std::uint32_t slot, std::uint32_t level);
  void try_step(std::size_t from, std::uint32_t slot, std::uint32_t returning, std::uint32_t level);
  bool give_effect(Configuration& configuration, std::uint32_t slot);
  void visit_for_reads(Configuration& configuration, std::uint32_t except);
  bool settle(Configuration& configuration);
  bool is_dead_without(const Configuration& configuration, StateId left) const;
  bool is_dead_end(StateId state) const;
  bool leads_on(StateId state);
  bool is_useful(const Attempt& attempt, std::uint32_t slot, std::uint32_t returning);
  bool is_useful(const Configuration& configuration, std::uint32_t slot) const;
  bool has_earlier_twin(const Configuration& configuration, std::uint32_t slot) const;
  bool still_needed(StateId state) const;
  bool covers(const Configuration& one, const Configuration& other) const;
  // What is looked at and kept for a step grows with how many may be open.
  void spend(std::uint64_t steps) { steps_ += words * steps; }
  Slots due_writes() const { return (cursor_->blind & cursor_->open) - cursor_->optional; }
  void add_attempt(Attempt attempt);
  void arrive(Configuration configuration, std::uint32_t slot, std::uint32_t level);
  void drop_what_is_past();
  void note(Configuration& configuration, std::uint32_t slot);
  FrontierResult violated() const;
  std::uint32_t stuck_at() const { return all_.steps[timeline_.happenings[timeline_.returns[deepest_]].step].position; }
  bool is_proved(const Prover& prover);

  const Step& at(std::uint32_t slot) const { return all_.steps[cursor_->steps[slot]]; }
  StateId target(std::uint32_t slot) const { return cursor_->targets[slot]; }
  bool met(std::uint32_t slot, StateId state) const { return at(slot).need.met_by(states_[state]); }

  const Steps& all_;
  const Timeline& timeline_;
  const bool witness_;
  StateTable states_;
  StateId initial_ = other_state;
  std::vector<StateId> targets_;    // by step: the state after it, if that does not depend on the one before
  std::uint32_t last_read_ = none;  // of a key that is only ever appended to: the step that is invoked last
  Place last_read_place_ = Timeline::nowhere;

  std::vector<Configuration> configurations_;
  std::vector<Level> levels_;
  std::uint32_t deepest_ = 0;  // level that any configuration came to
  std::uint32_t far_ = 0;      // no level beyond has one that waits
  std::uint32_t near_ = 0;     // no level before has one that waits
  std::uint32_t waiting_ = 0;
  std::uint64_t steps_ = 0;
  std::uint64_t steps_max_ = 0;
  std::uint32_t gave_up_ = 0;    // at which level, if it did amid an expansion
  std::uint64_t next_look_ = 0;  // at how many steps to look whether it has come farther
  std::uint32_t looked_at_ = 0;  // how far it had come then
  std::vector<TrailStep> trail_;

  // While one is expanded:
  const Cursor* cursor_ = nullptr;
  Place now_ = 0;
  std::vector<Attempt> attempts_;
  enum Known : std::uint8_t { not_known, no, yes };
  std::vector<Known> useful_;  // of the attempt that is gone on from: a write of this state, by StateId
};

template <std::size_t words>
Search<words>::Search(const History& history, const Steps& all, const Timeline& timeline, bool witness)
    : all_(all), timeline_(timeline), witness_(witness), states_(history, all, timeline) {
  bool only_appends = timeline.has_appends;
  targets_.reserve(all.steps.size());
  for (const Step& step : all.steps) {
    const bool sets = step.effect == Effect::set;
    // What is never referred to is all one.
    const bool any = sets && !timeline.has_appends && timeline.revision_needs_end == Timeline::nowhere &&
                     timeline.of(step.to.value).reference_end == Timeline::nowhere;
    targets_.push_back(sets && !any ? states_.intern(step.to) : other_state);
    if (sets) only_appends = false;
  }
  initial_ = states_.intern(all.initial);
  if (!only_appends) return;
  for (const Happening& happening : timeline.happenings) {
    if (happening.kind != Happening::Kind::invoked || !all.steps[happening.step].is_read()) continue;
    if (all.steps[happening.step].need.of_value != Kind::is) continue;
    last_read_ = happening.step;
    last_read_place_ = happening.place;
  }
  if (last_read_ == none) return;
  const ValueId read = all.steps[last_read_].need.value;
  if (read != ValueId::absent && read != no_value) states_.expect(read);
}

template <std::size_t words>
FrontierResult Search<words>::judge(std::uint64_t steps_max, const Prover& prover) {
  levels_.resize(timeline_.returns.size() + 1);
  gave_up_ = static_cast<std::uint32_t>(timeline_.returns.size());
  Configuration start;
  start.state = initial_;
  configurations_.push_back(start);
  levels_[0] = {0, 1};
  waiting_ = 1;
  Cursor cursors[2] = {{all_, timeline_, targets_}, {all_, timeline_, targets_}};
  std::uint64_t spent[2] = {0, 0};
  const auto end = static_cast<std::uint32_t>(timeline_.returns.size());
  steps_max_ = steps_max;
  next_look_ = first_look_steps + 4 * words * timeline_.returns.size();
  while (levels_[end].waiting == 0 && (waiting_ > 0 || steps_ >= steps_max)) {
    if (steps_ >= steps_max) {
      FrontierResult result;
      while (near_ < gave_up_ && levels_[near_].waiting == 0) ++near_;
      result.steps = steps_;
      if (near_ == end) --near_;
      result.judged_until = all_.steps[timeline_.happenings[timeline_.returns[near_]].step].returned;
      return result;
    }
    if (prover && steps_ >= next_look_ && is_proved(prover)) return violated();
    const bool farthest = spent[0] <= spent[1];
    if (farthest) {
      while (levels_[far_].waiting == 0) --far_;
    } else {
      while (levels_[near_].waiting == 0) ++near_;
    }
    const std::uint32_t level = farthest ? far_ : near_;
    const std::uint64_t before = steps_;
    expand(waiting_at(level), level, cursors[farthest ? 0 : 1]);
    spent[farthest ? 0 : 1] += steps_ - before;
    drop_what_is_past();
  }
  if (levels_[end].waiting == 0) return violated();
  FrontierResult result;
  result.conclusion = Conclusion::holds;
  result.steps = steps_;
  if (witness_) {
    const std::uint32_t last = configurations_[levels_[end].first].trail;
    result.order = order_of_trail(all_, timeline_, trail_, last, initial_, targets_);
  }
  return result;
}

template <std::size_t words>
FrontierResult Search<words>::violated() const {
  FrontierResult result;
  result.conclusion = Conclusion::violated;
  result.steps = steps_;
  result.culprit = stuck_at();
  for (std::uint32_t i = levels_[deepest_].first; i != none; i = configurations_[i].next) {
    const State& state = states_[configurations_[i].state];
    if (std::find(result.states.begin(), result.states.end(), state) == result.states.end()) {
      result.states.push_back(state);
    }
  }
  return result;
}

// Where much is open of which nobody knows whether it happened, there may be more ways to come to a return than can be
// gone, though a few operations prove that none goes on. So before it goes them all, it asks for such a proof: then,
// and whenever it has taken twice as many steps, and not if it has come farther since.
template <std::size_t words>
bool Search<words>::is_proved(const Prover& prover) {
  next_look_ = 2 * steps_;
  if (std::exchange(looked_at_, deepest_) != deepest_) return false;
  const Attempted attempted = prover(stuck_at(), std::min(steps_, steps_max_ - std::min(steps_max_, steps_)));
  steps_ += attempted.steps;
  return attempted.proved;
}

template <std::size_t words>
std::uint32_t Search<words>::waiting_at(std::uint32_t level) const {
  std::uint32_t index = levels_[level].first;
  while (configurations_[index].expanded) index = configurations_[index].next;
  return index;
}

template <std::size_t words>
void Search<words>::expand(std::uint32_t index, std::uint32_t level, Cursor& cursor) {
  configurations_[index].expanded = true;
  --levels_[level].waiting;
  --waiting_;
  spend(1);
  const std::uint32_t place = timeline_.returns[level];
  const Happening& returning = timeline_.happenings[place];
  cursor.move(place);
  cursor_ = &cursor;
  now_ = returning.place;
  Configuration configuration = configurations_[index];
  settle(configuration);
  const bool done = configuration.done[returning.slot];
  const bool maybe = configuration.maybe[returning.slot];
  if (done || maybe) arrive(configuration, returning.slot, level + 1);
  // To count as having taken effect is one way out for it; to take effect at the last moment is another, if anything
  // can come of it.
  if (done || (maybe && !still_needed(target(returning.slot)))) return;
  attempts_.clear();
  attempts_.push_back({configuration, other_state, false, false});
  explore(returning.slot, level);
}

// Gives effect to open operations, in all orders that matter, until that of `slot` has taken effect.
template <std::size_t words>
void Search<words>::explore(std::uint32_t slot, std::uint32_t level) {
  const Slots writers = cursor_->open - cursor_->reads;
  for (std::size_t i = 0; i < attempts_.size(); ++i) {
    if (steps_ >= steps_max_) {
      gave_up_ = std::min(gave_up_, level);
      return;
    }
    const Slots left = writers - attempts_[i].configuration.done;
    useful_.clear();
    for (std::uint32_t next = left.next(0); next < Slots::size; next = left.next(next + 1)) {
      try_step(i, next, slot, level);
    }
  }
}

template <std::size_t words>
void Search<words>::try_step(std::size_t from, std::uint32_t slot, std::uint32_t returning, std::uint32_t level) {
  const Attempt& attempt = attempts_[from];
  const Step& step = at(slot);
  if (!met(slot, attempt.configuration.state)) return;
  const bool may_wait = (step.is_blind() || step.optional) && !timeline_.has_appends;
  if (may_wait && !is_useful(attempt, slot, returning)) return;  // rule 3
  if (has_earlier_twin(attempt.configuration, slot)) return;
  const bool could_do_without = attempt.unseen && (step.is_blind() || (!attempt.swept && met(slot, attempt.before)));
  if (could_do_without) return;  // rule 4
  spend(1);
  Attempt next{attempt.configuration, attempt.configuration.state, false, false};
  if (!give_effect(next.configuration, slot)) return;
  if (timeline_.has_appends && step.optional && !leads_on(next.configuration.state)) return;
  const bool seen = settle(next.configuration);
  if (next.configuration.done[returning]) {
    arrive(std::move(next.configuration), returning, level + 1);
    return;
  }
  next.unseen = may_wait && !seen;
  next.swept = next.configuration.maybe != attempts_[from].configuration.maybe;
  // It would write what is there: it has taken effect unseen (rule 2). To do so later is another way.
  const bool silent =
      at(returning).is_blind() && next.configuration.maybe[returning] && next.configuration.state == target(returning);
  if (silent && !next.unseen) arrive(next.configuration, returning, level + 1);
  add_attempt(std::move(next));
}

// Nothing, false, if no order can follow.
template <std::size_t words>
bool Search<words>::give_effect(Configuration& configuration, std::uint32_t slot) {
  const Step& step = at(slot);
  const StateId before = configuration.state;
  configuration.done.set(slot);
  configuration.maybe.reset(slot);
  if (step.effect == Effect::append) {
    configuration.state = states_.append(before, step.to);
  } else {
    // Rule 2. An open blind write may have taken effect right before this one, and nothing is left of it: so it counts
    // as done if it returns, and is there to take effect later if it is needed. Both hold of the same configuration
    // until one of them is asked for.
    const Slots others = due_writes() - configuration.done;
    for (std::uint32_t other = others.next(0); other < Slots::size; other = others.next(other + 1)) {
      if (step.is_blind() || step.need.met_by(states_[target(other)])) configuration.maybe.set(other);
    }
    if (step.is_blind()) visit_for_reads(configuration, slot);
    configuration.state = target(slot);
  }
  note(configuration, slot);
  if (is_dead_end(configuration.state)) return false;
  return configuration.state == before || !is_dead_without(configuration, before);
}

// Rule 5. Right before a blind write any other may take effect for a moment. If all that can ever need what it writes
// are open reads, that moment is enough for all of them, and nothing is lost: of the write, nothing is left to want.
// Not so where someone needs a value *not* to be there: then a write is worth keeping for that.
template <std::size_t words>
void Search<words>::visit_for_reads(Configuration& configuration, std::uint32_t except) {
  if (timeline_.denials_end >= now_ || timeline_.revision_needs_end >= now_ || timeline_.has_appends) return;
  const Slots waiting = (cursor_->open & cursor_->reads) - configuration.done;
  if (waiting.none()) return;
  const Slots writers = (cursor_->blind & cursor_->open) - configuration.done;
  for (std::uint32_t writer = writers.next(0); writer < Slots::size; writer = writers.next(writer + 1)) {
    const StateId state = target(writer);
    if (writer == except || state == target(except) || state == configuration.state) continue;
    if (states_.references(state).last_want > now_ || has_earlier_twin(configuration, writer)) continue;
    bool only_reads = true;
    Slots readers;
    const Slots left = cursor_->needy - configuration.done;
    for (std::uint32_t reader = left.next(0); reader < Slots::size; reader = left.next(reader + 1)) {
      if (!met(reader, state)) continue;
      if (at(reader).is_read()) readers.set(reader);
      if (!at(reader).is_read()) only_reads = false;
    }
    if (!only_reads || readers.none()) continue;
    configuration.state = state;
    configuration.done.set(writer);
    configuration.maybe.reset(writer);
    note(configuration, writer);
    for (std::uint32_t reader = readers.next(0); reader < Slots::size; reader = readers.next(reader + 1)) {
      configuration.done.set(reader);
      note(configuration, reader);
    }
  }
}

// Rule 1. What changes nothing takes effect as soon as it can: any order in which it does so later is one in which it
// may as well do so now. A blind write of what is there already changes nothing either, but it may be of use later:
// it counts as done or not, as is needed (rule 2). True if anything was read.
template <std::size_t words>
bool Search<words>::settle(Configuration& configuration) {
  bool any = false;
  const Slots left = (cursor_->reads | due_writes()) - (configuration.done | configuration.maybe);
  for (std::uint32_t slot = left.next(0); slot < Slots::size; slot = left.next(slot + 1)) {
    const Step& step = at(slot);
    if (step.is_read() && met(slot, configuration.state)) {
      configuration.done.set(slot);
      note(configuration, slot);
      any = true;
    } else if (!step.is_read() && target(slot) == configuration.state) {
      configuration.maybe.set(slot);
    }
  }
  return any;
}

// The key ceases to be `left`. Looks ahead: if someone who must take effect, now or in the future, needs that value,
// and nobody is left or to come who writes it, no order follows.
template <std::size_t words>
bool Search<words>::is_dead_without(const Configuration& configuration, StateId left) const {
  const State& state = states_[left];
  if (left == other_state || timeline_.has_appends) return false;
  if (states_[configuration.state].value == state.value) return false;
  const Timeline::Value& references = states_.references(left);
  if (references.last_source > now_) return false;
  bool needed = references.last_need > now_;
  if (!needed && references.reference_end < now_) return false;
  const Slots open = cursor_->open - configuration.done;
  for (std::uint32_t slot = open.next(0); slot < Slots::size; slot = open.next(slot + 1)) {
    const Step& step = at(slot);
    if (step.effect == Effect::set && step.to.value == state.value) return false;
    if (!step.optional && step.need.of_value == Kind::is && step.need.value == state.value) needed = true;
  }
  return needed;
}

// A key that is only ever appended to holds, at any time, the beginning of what is read of it later.
template <std::size_t words>
bool Search<words>::is_dead_end(StateId state) const {
  if (last_read_ == none || last_read_place_ <= now_ || states_[state].value == ValueId::absent) return false;
  const ValueId read = all_.steps[last_read_].need.value;
  if (read == no_value || read == ValueId::absent) return true;
  return !states_.begins_expected(state);
}

// Rule 8. Where there are appends, what is of unknown outcome takes effect only if the bytes that are then there begin
// something that is read: all that is there from then on until the next blind write begins with them too, so if nobody
// needs that it might as well not have happened. Not so where someone needs a value not to be there, or a revision.
template <std::size_t words>
bool Search<words>::leads_on(StateId state) {
  const bool others_need = timeline_.denials_end >= now_ || timeline_.revision_needs_end >= now_;
  return others_need || state == other_state || states_.begins_needed(state);
}

// Rule 3. A blind write, and one of unknown outcome, takes effect only when someone who is open now could not go on
// without it, or when it returns: until then nothing is lost by waiting, for it stays open; and if a blind write comes
// first, it counts as done. But a write may also be wanted for what it makes of others, right before one that is not
// blind: it overwrites them.
template <std::size_t words>
bool Search<words>::is_useful(const Attempt& attempt, std::uint32_t slot, std::uint32_t returning) {
  if (slot == returning) return true;
  // Of blind ones of unknown outcome there may be many, and they differ in nothing but what they write.
  const bool is_like_others = at(slot).is_blind() && at(slot).optional;
  if (!is_like_others) return is_useful(attempt.configuration, slot);
  const StateId state = target(slot);
  if (useful_.size() <= state) useful_.resize(state + 1, not_known);
  if (useful_[state] == not_known) useful_[state] = is_useful(attempt.configuration, slot) ? yes : no;
  return useful_[state] == yes;
}

template <std::size_t words>
bool Search<words>::is_useful(const Configuration& configuration, std::uint32_t slot) const {
  const StateId state = target(slot);
  const Slots left = cursor_->needy - configuration.done;
  Slots due = due_writes() - (configuration.done | configuration.maybe);
  due.reset(slot);
  bool overwrites = false;
  for (std::uint32_t other = due.next(0); other < Slots::size && !overwrites; other = due.next(other + 1)) {
    overwrites = at(slot).need.met_by(states_[target(other)]);
  }
  for (std::uint32_t other = left.next(0); other < Slots::size; other = left.next(other + 1)) {
    if (other == slot || !met(other, state)) continue;
    if (!met(other, configuration.state)) return true;
    if (overwrites && !at(other).is_read()) return true;
  }
  return false;
}

// Rule 6. Of several operations that are alike, the one that must take effect soonest does so first: exchanged in an
// order, they are as good, and the one that is left is open for longer.
template <std::size_t words>
bool Search<words>::has_earlier_twin(const Configuration& configuration, std::uint32_t slot) const {
  return !((cursor_->earlier_twins[slot] & (cursor_->open - cursor_->reads)) - configuration.done).none();
}

// Whether anything open or to come could tell that the key is in this state.
template <std::size_t words>
bool Search<words>::still_needed(StateId state) const {
  if (timeline_.has_appends || timeline_.denials_end >= now_ || timeline_.revision_needs_end >= now_) return true;
  return state != other_state && states_.references(state).reference_end > now_;
}

// Rule 7. `one` can do all that `other` can: the state is the same; each read has been made in `one` if it has in
// `other`; what is of unknown outcome is left to it if it is left to `other`; and each write of known outcome is in the
// same condition, or may count as either.
template <std::size_t words>
bool Search<words>::covers(const Configuration& one, const Configuration& other) const {
  if (one.state != other.state) return false;
  const Slots& reads = cursor_->reads;
  const Slots& optional = cursor_->optional;
  if (!((other.done - one.done) & reads).none()) return false;
  if (!((one.done - other.done) & optional).none()) return false;
  const Slots differ = (one.done - other.done) | (other.done - one.done) | (other.maybe - one.maybe);
  return (differ - (reads | optional | one.maybe)).none();
}

template <std::size_t words>
void Search<words>::add_attempt(Attempt attempt) {
  for (const Attempt& known : attempts_) {
    const bool as_free =
        !known.unseen || (attempt.unseen && known.before == attempt.before && (known.swept || !attempt.swept));
    if (as_free && covers(known.configuration, attempt.configuration)) return;
  }
  spend(attempts_.size() / 16);
  attempts_.push_back(std::move(attempt));
}

// The operation of `slot` returns: the configuration waits for the next return, unless another there makes it
// superfluous.
template <std::size_t words>
void Search<words>::arrive(Configuration configuration, std::uint32_t slot, std::uint32_t level) {
  const StateId written = target(slot);
  configuration.done.reset(slot);
  configuration.maybe.reset(slot);
  Slots rest = cursor_->open;
  rest.reset(slot);
  const bool sets = at(slot).effect == Effect::set;
  if (sets && written != configuration.state) {
    Configuration without = configuration;
    without.done.set(slot);  // it is no source any more
    if (is_dead_without(without, written)) return;
  }
  for (std::uint32_t i = timeline_.returns[level - 1] + 1; i < timeline_.happenings.size(); ++i) {
    const Happening& happening = timeline_.happenings[i];
    if (happening.kind != Happening::Kind::expired) break;
    configuration.done.reset(happening.slot);
  }
  const bool over = timeline_.has_appends ? timeline_.needs_end <= now_
                                          : states_.references(configuration.state).reference_end <= now_ &&
                                                timeline_.revision_needs_end <= now_;
  if (over && configuration.state != other_state) {
    configuration.state = other_state;
    note(configuration, no_slot);
  }
  configuration.expanded = false;
  Level& there = levels_[level];
  std::uint32_t compared = 0;
  for (std::uint32_t i = there.first; i != none; i = configurations_[i].next) {
    ++compared;
    if (covers(configurations_[i], configuration)) return;
  }
  spend(compared / 16);
  for (std::uint32_t i = there.first; i != none; i = configurations_[i].next) {
    Configuration& known = configurations_[i];
    if (known.expanded || !covers(configuration, known)) continue;
    known.expanded = true;
    --there.waiting;
    --waiting_;
  }
  configuration.next = there.first;
  there.first = static_cast<std::uint32_t>(configurations_.size());
  ++there.waiting;
  ++waiting_;
  configurations_.push_back(configuration);
  deepest_ = std::max(deepest_, level);
  far_ = std::max(far_, level);
}

// If but one configuration waits, and none came farther, all others are history.
template <std::size_t words>
void Search<words>::drop_what_is_past() {
  constexpr std::size_t worth_it = 4096;
  if (waiting_ != 1 || levels_[deepest_].waiting != 1 || configurations_.size() < worth_it) return;
  const std::uint32_t index = waiting_at(deepest_);
  Configuration only = configurations_[index];
  only.next = none;
  configurations_.assign(1, only);
  levels_[deepest_].first = 0;
  near_ = deepest_;
  far_ = deepest_;
}

template <std::size_t words>
void Search<words>::note(Configuration& configuration, std::uint32_t slot) {
  if (!witness_) return;
  trail_.push_back({configuration.trail, slot == no_slot ? no_trail : cursor_->steps[slot], now_, configuration.state});
  configuration.trail = static_cast<std::uint32_t>(trail_.size() - 1);
}

// More are open at a time than can be told apart. All that came before has an order or none, and if none, nor has the
// whole.
FrontierResult judge_until_too_many(const History& history, const Steps& all, const Timeline& timeline,
                                    std::uint64_t steps_max, const Prover& prover) {
  const auto is_beyond = [](const Happening& happening) { return happening.slot >= open_most; };
  const auto first = std::find_if(timeline.happenings.begin(), timeline.happenings.end(), is_beyond);
  const Instant from = all.steps[first->step].invoked;
  FrontierResult result;
  if (from > all.steps.front().invoked) {
    result = judge_by_frontier(history, past_of(all, from - 1), steps_max, false, prover);
    if (result.conclusion != Conclusion::holds) return result;
  }
  result.conclusion = Conclusion::unknown;
  result.judged_until = from;
  result.too_many_open = timeline.slots;
  return result;
}

}  // namespace

FrontierResult search_as_it_is(const History& history, const Steps& all, std::uint64_t steps_max, bool witness,
                               const Prover& prover) {
  const Timeline timeline(all);
  if (timeline.slots <= 64) return Search<1>(history, all, timeline, witness).judge(steps_max, prover);
  if (timeline.slots <= 256) return Search<4>(history, all, timeline, witness).judge(steps_max, prover);
  if (timeline.slots <= 1024) return Search<16>(history, all, timeline, witness).judge(steps_max, prover);
  if (timeline.slots <= 2048) return Search<32>(history, all, timeline, witness).judge(steps_max, prover);
  if (timeline.slots <= 4096) return Search<64>(history, all, timeline, witness).judge(steps_max, prover);
  if (timeline.slots <= open_most) return Search<128>(history, all, timeline, witness).judge(steps_max, prover);
  return judge_until_too_many(history, all, timeline, steps_max, prover);
}

}  // namespace smalldb::checker
