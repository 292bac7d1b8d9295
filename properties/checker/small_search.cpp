#include "properties/checker/small_search.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace smalldb::checker {

using Kind = Need::Kind;

Conclusion SmallSearch::judge(const Steps& all, std::uint64_t& steps_left) {
  if (!start(all)) return Conclusion::unknown;
  steps_left_ = steps_left;
  std::uint32_t next = 0;
  for (const auto& [instant, step] : returns_) {
    for (; next < all.steps.size() && all.steps[next].invoked <= instant; ++next) {
      if (!invoke(next)) return Conclusion::unknown;
    }
    now_ = instant;
    take_return(slot_of_[step]);
    steps_left = steps_left_;
    if (steps_left == 0) return Conclusion::unknown;
    culprit_ = all.steps[step].position;
    if (arrived_.empty()) return Conclusion::violated;
    configurations_.swap(arrived_);
    close(slot_of_[step]);
  }
  for (; next < all.steps.size(); ++next) {
    if (!invoke(next)) return Conclusion::unknown;
  }
  return Conclusion::holds;
}

Conclusion SmallSearch::may_hold(ValueId value, std::uint64_t& steps_left) {
  if (open_ == ~Slots{0}) return Conclusion::unknown;
  const auto slot = static_cast<Slot>(std::countr_one(open_));
  const std::uint32_t needed = number(value);
  opened_[slot] = {none, 0, needed, Kind::is, 0};
  open_ |= bit(slot);
  kinds_.reads |= bit(slot);
  values_[needed].needs |= bit(slot);
  steps_left_ = steps_left;
  take_return(slot);
  steps_left = steps_left_;
  close(slot);
  if (!arrived_.empty()) return Conclusion::holds;
  return steps_left > 0 ? Conclusion::violated : Conclusion::unknown;
}

void SmallSearch::way(std::vector<Write>& way) const {
  way.clear();
  for (std::uint32_t i = configurations_.front().trail; i != none; i = trail_[i].before) {
    way.push_back({&all_->steps[trail_[i].step], trail_[i].at, trail_[i].seen});
  }
  std::reverse(way.begin(), way.end());
}

bool SmallSearch::take(const Steps& all) {
  if (all.steps.size() > most || !std::all_of(all.steps.begin(), all.steps.end(), fits)) return false;
  clear(all);
  for (std::uint32_t i = 0; i < all.steps.size(); ++i) returns_.push_back({all.steps[i].returned, i});
  std::sort(returns_.begin(), returns_.end());
  for (Slot slot = 0; slot < returns_.size(); ++slot) slot_of_[returns_[slot].second] = slot;
  Slots invoked = 0;
  std::uint32_t next = 0;
  have_twins_ = taken_writes_ = 0;
  was_free_ = false;
  for (Slot slot = 0; slot < returns_.size(); ++slot) {
    const auto& [instant, step] = returns_[slot];
    for (; next < all.steps.size() && all.steps[next].invoked <= instant; ++next) invoked |= bit(slot_of_[next]);
    invoked_by_[slot] = invoked;
    add(step, slot);
  }
  for (Slot slot = 0; slot < returns_.size(); ++slot) {
    if (all.steps[returns_[slot].second].is_read()) continue;
    taken_writes_ |= bit(slot);
    if (alike(slot) != bit(slot)) have_twins_ |= bit(slot);
  }
  taken_ = kinds_;
  return true;
}

Conclusion SmallSearch::judge(const Part& part, std::uint64_t& steps_left) {
  begin(part);
  steps_left_ = steps_left;
  for (Slots due = part.strict & ~kinds_.optional; due != 0; due &= due - 1) {
    const auto slot = static_cast<Slot>(std::countr_zero(due));
    open_ = part.loose | (part.strict & invoked_by_[slot] & ~below(slot));
    now_ = returns_[slot].first;
    take_return(slot);
    steps_left = steps_left_;
    if (steps_left == 0) return Conclusion::unknown;
    culprit_ = all_->steps[returns_[slot].second].position;
    if (arrived_.empty()) return Conclusion::violated;
    configurations_.swap(arrived_);
  }
  return Conclusion::holds;
}

void SmallSearch::begin(const Part& part) {
  kinds_ = taken_;
  kinds_.optional |= part.loose;
  if (part.free) {
    kinds_.needless |= part.loose;
    kinds_.blind |= part.loose;
  }
  order_twins(part);
  trail_.clear();
  configurations_.assign(1, {0, 0, number(all_->initial.value), none});
}

// What may take effect at any time comes last. Free writes have more twins, which are forgotten behind a free part.
void SmallSearch::order_twins(const Part& part) {
  const Slots kept = part.strict | part.loose;
  Slots slots = kept & (part.free ? ~kinds_.reads : have_twins_);
  if (was_free_ && !part.free) slots = taken_writes_;
  was_free_ = part.free;
  for (; slots != 0; slots &= slots - 1) {
    const auto slot = static_cast<Slot>(std::countr_zero(slots));
    const bool returns = (kinds_.optional & bit(slot)) == 0;
    const Slots earlier = returns ? below(slot) & ~kinds_.optional : below(slot) | ~kinds_.optional;
    opened_[slot].earlier_twins = alike(slot) & kept & earlier;
  }
}

// The writes that need the same and leave the same, itself among them.
SmallSearch::Slots SmallSearch::alike(Slot slot) const {
  const Slots same = values_[opened_[slot].to].sets;
  if ((kinds_.needless & bit(slot)) != 0) return same & kinds_.needless;
  const Value& needed = values_[opened_[slot].needed];
  return same & ~kinds_.needless & (opened_[slot].need == Kind::is ? needed.needs : needed.denies);
}

void SmallSearch::clear(const Steps& all) {
  all_ = &all;
  numbers_.clear(all.steps.size());
  values_.clear();
  returns_.clear();
  slot_of_.resize(all.steps.size());
  open_ = 0;
  kinds_ = {};
}

bool SmallSearch::fits(const Step& step) {
  return step.effect != Effect::append && step.need.of_revision == Kind::none;
}

bool SmallSearch::start(const Steps& all) {
  clear(all);
  for (std::uint32_t i = 0; i < all.steps.size(); ++i) {
    if (!fits(all.steps[i])) return false;
    if (!all.steps[i].optional) returns_.push_back({all.steps[i].returned, i});
  }
  std::sort(returns_.begin(), returns_.end());
  trail_.clear();
  configurations_.assign(1, {0, 0, number(all.initial.value), none});
  return true;
}

std::uint32_t SmallSearch::number(ValueId value) {
  const auto [number, is_new] = numbers_.add(static_cast<std::uint32_t>(value));
  if (is_new) values_.emplace_back();
  return number;
}

bool SmallSearch::invoke(std::uint32_t step) {
  if (open_ == ~Slots{0}) return false;
  const auto slot = static_cast<Slot>(std::countr_one(open_));
  slot_of_[step] = slot;
  open_ |= bit(slot);
  add(step, slot);
  if (!all_->steps[step].is_read()) find_twins(slot);
  return true;
}

void SmallSearch::add(std::uint32_t which, Slot slot) {
  const Step& step = all_->steps[which];
  Open& open = opened_[slot];
  open = {which, 0, 0, step.need.of_value, 0};
  if (step.optional) kinds_.optional |= bit(slot);
  if (open.need == Kind::none) {
    kinds_.needless |= bit(slot);
  } else {
    open.needed = number(step.need.value);
    if (open.need == Kind::is) values_[open.needed].needs |= bit(slot);
    if (open.need == Kind::is_not) values_[open.needed].denies |= bit(slot);
    if (open.need == Kind::is_not) kinds_.denials |= bit(slot);
  }
  if (step.is_read()) {
    kinds_.reads |= bit(slot);
  } else {
    open.to = number(step.to.value);
    if (step.is_blind()) kinds_.blind |= bit(slot);
    values_[open.to].sets |= bit(slot);
  }
}

// Of several writes that are alike, the one that must take effect soonest does so first.
void SmallSearch::find_twins(Slot slot) {
  Open& open = opened_[slot];
  const Instant returned = all_->steps[open.step].returned;
  for (Slots others = alike(slot) & ~bit(slot); others != 0; others &= others - 1) {
    const auto which = static_cast<Slot>(std::countr_zero(others));
    Open& other = opened_[which];
    if (all_->steps[other.step].returned <= returned) {
      open.earlier_twins |= bit(which);
    } else {
      other.earlier_twins |= bit(slot);
    }
  }
}

void SmallSearch::close(Slot slot) {
  const Open& open = opened_[slot];
  open_ &= ~bit(slot);
  for (Slots* const slots : {&kinds_.reads, &kinds_.optional, &kinds_.blind, &kinds_.needless, &kinds_.denials}) {
    *slots &= ~bit(slot);
  }
  values_[open.needed].needs &= ~bit(slot);
  values_[open.needed].denies &= ~bit(slot);
  values_[open.to].sets &= ~bit(slot);
  for (Slots others = values_[open.to].sets; others != 0; others &= others - 1) {
    opened_[static_cast<Slot>(std::countr_zero(others))].earlier_twins &= ~bit(slot);
  }
}

void SmallSearch::take_return(Slot slot) {
  returning_ = slot;
  arrived_.clear();
  for (const Configuration& configuration : configurations_) expand(configuration);
}

inline void SmallSearch::expand(const Configuration& from) {
  spend(1);
  Configuration configuration = from;
  settle(configuration);
  if ((configuration.done & bit(returning_)) != 0) return arrive(configuration);
  // To count as having taken effect is one way out for it; to take effect at the last moment is another.
  if ((configuration.maybe & bit(returning_)) != 0) arrive(configuration);
  attempts_.clear();
  attempts_.push_back({configuration, 0, false, false});
  for (std::size_t i = 0; i < attempts_.size() && steps_left_ > 0; ++i) {
    Slots tried = worth_trying(attempts_[i].configuration);
    for (; tried != 0; tried &= tried - 1) try_step(i, static_cast<Slot>(std::countr_zero(tried)));
  }
}

// Rule 3. Of writes that can take effect, those that need not wait, and those that somebody wants.
inline SmallSearch::Slots SmallSearch::worth_trying(const Configuration& configuration) const {
  const Slots left = open_ & ~configuration.done;
  const Slots writes = left & ~kinds_.reads;
  const Slots stuck = left & ~met_by(configuration.value);
  const Slots may_wait = (kinds_.optional | kinds_.blind) & ~bit(returning_);
  if ((writes & ~stuck & may_wait) == 0) return writes & ~stuck;
  const Slots overwriting = overwriting_of(configuration, writes & may_wait);
  Slots wanted = overwriting;
  for (Slots wanting = stuck & (overwriting | ~kinds_.optional); wanting != 0;) {
    const auto slot = static_cast<Slot>(std::countr_zero(wanting));
    const Slots sources = meeting(slot, writes) & ~wanted;
    wanted |= sources;
    wanting = (wanting & (wanting - 1)) | (sources & stuck & kinds_.optional);
  }
  return writes & ~stuck & (wanted | ~may_wait);
}

// Of these, those that are wanted for what they make of others, right before one that is not blind.
inline SmallSearch::Slots SmallSearch::overwriting_of(const Configuration& configuration, Slots writes) const {
  Slots overwriting = 0;
  for (Slots due = due_writes() & ~(configuration.done | configuration.maybe); due != 0; due &= due - 1) {
    const auto slot = static_cast<Slot>(std::countr_zero(due));
    overwriting |= met_by(opened_[slot].to) & ~bit(slot);
  }
  overwriting &= writes;
  if (overwriting == 0) return 0;
  Slots before_one = 0;
  const Slots conditional = open_ & ~(configuration.done | kinds_.reads | kinds_.needless);
  for (Slots left = conditional; left != 0;) {
    const auto slot = static_cast<Slot>(std::countr_zero(left));
    const Slots needing = opened_[slot].need == Kind::is ? values_[opened_[slot].needed].needs : bit(slot);
    const Slots alike = left & needing;
    before_one |= meeting(slot, alike == bit(slot) ? overwriting & ~bit(slot) : overwriting);
    left &= ~alike;
  }
  return before_one;
}

inline void SmallSearch::try_step(std::size_t from, Slot slot) {
  const Attempt& attempt = attempts_[from];
  if ((opened_[slot].earlier_twins & open_ & ~attempt.configuration.done) != 0) return;  // rule 5
  const bool is_blind = (kinds_.blind & bit(slot)) != 0;
  if (attempt.unseen) {  // rule 4
    const bool did_without = !attempt.swept && (met_by(attempt.before) & bit(slot)) != 0;
    if (is_blind || did_without) return;
  }
  spend(1);
  Attempt next{attempt.configuration, attempt.configuration.value, false, false};
  give_effect(next.configuration, slot);
  const bool seen = settle(next.configuration);
  if ((next.configuration.done & bit(returning_)) != 0) return arrive(next.configuration);
  next.unseen = ((kinds_.optional | kinds_.blind) & bit(slot)) != 0 && !seen;
  next.swept = next.configuration.maybe != attempt.configuration.maybe;
  // It would write what is there: it has taken effect unseen (rule 2). To do so later is another way.
  const bool silent = (next.configuration.maybe & values_[next.configuration.value].sets & bit(returning_)) != 0;
  if (silent && !next.unseen) arrive(next.configuration);
  add_attempt(next);
}

// Rule 2.
inline void SmallSearch::give_effect(Configuration& configuration, Slot slot) {
  configuration.done |= bit(slot);
  configuration.maybe &= ~bit(slot);
  configuration.maybe |= meeting(slot, due_writes() & ~configuration.done);
  configuration.value = opened_[slot].to;
  trail_.push_back({configuration.trail, opened_[slot].step, now_});
  configuration.trail = static_cast<std::uint32_t>(trail_.size() - 1);
}

// Rule 1. True if anything was read.
inline bool SmallSearch::settle(Configuration& configuration) {
  const Slots read = open_ & kinds_.reads & met_by(configuration.value) & ~configuration.done;
  configuration.done |= read;
  configuration.maybe |= due_writes() & values_[configuration.value].sets & ~configuration.done;
  if (read != 0 && configuration.trail != none) trail_[configuration.trail].seen = true;
  return read != 0;
}

// Rule 6.
inline bool SmallSearch::covers(const Configuration& one, const Configuration& other) const {
  if (one.value != other.value) return false;
  const Slots more = one.done & ~other.done;
  const Slots less = other.done & ~one.done;
  if ((less & kinds_.reads) != 0 || (more & kinds_.optional) != 0) return false;
  const Slots differ = more | less | (other.maybe & ~one.maybe);
  return (differ & ~(kinds_.reads | kinds_.optional | one.maybe)) == 0;
}

inline void SmallSearch::add_attempt(Attempt attempt) {
  for (const Attempt& known : attempts_) {
    if (!covers(known.configuration, attempt.configuration)) continue;
    const bool as_free =
        !known.unseen || (attempt.unseen && known.before == attempt.before && (known.swept || !attempt.swept));
    if (as_free) return;
    attempt = {known.configuration, 0, false, false};
  }
  spend(attempts_.size() / 16);
  attempts_.push_back(attempt);
}

inline void SmallSearch::arrive(Configuration configuration) {
  configuration.done &= ~bit(returning_);
  configuration.maybe &= ~bit(returning_);
  for (const Configuration& known : arrived_) {
    if (covers(known, configuration)) return;
  }
  if (!arrived_.empty()) {
    spend(arrived_.size() / 16);
    std::erase_if(arrived_, [&](const Configuration& known) { return covers(configuration, known); });
  }
  arrived_.push_back(configuration);
}

}  // namespace smalldb::checker
