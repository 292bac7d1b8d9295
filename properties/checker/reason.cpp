#include "properties/checker/reason.h"

#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "properties/checker/flat_map.h"
#include "properties/checker/frontier.h"
#include "properties/checker/small_search.h"
#include "properties/checker/steps.h"

namespace smalldb::checker {
namespace {

using Kind = Need::Kind;

constexpr std::size_t states_most = 8;
constexpr std::uint64_t states_steps_min = 2000;

// What goes farther than this is not small.
constexpr std::uint64_t small_steps_min = 100;
constexpr std::uint64_t small_steps_each = 4;

struct Kept {
  Step step;
  bool loose = false;
  bool needed = false;  // with it weakened there is an order
};

// Someone who reads that a value is not there.
bool is_denial(const Step& step) { return step.is_read() && step.need.of_value == Kind::is_not; }

// Which loose writes of a set are of use to its other operations, and how many that are alike. Steps 4 to 6.
class UsefulWrites {
 public:
  // `sparing`: by step 6 too.
  UsefulWrites(const std::vector<Kept>& set, bool sparing);

  // REQUIRES: asked for once, for each that is loose.
  bool keeps(const Step& write);
  // Once all are asked for: step 6 could be taken.
  bool suffice() const { return any_serves_ || spare_ == 2 * denials_; }

 private:
  struct Value {
    std::size_t uses = 0;   // at most so many times somebody needs it
    std::size_t blind = 0;  // loose writes of it
    std::size_t kept = 0;   // of those
    std::size_t spare = 0;  // of those, for step 6
    std::size_t beyond() const { return uses - std::min(uses, blind); }
  };
  // From one value to another by a conditional loose write.
  struct Way {
    std::size_t from = 0;
    std::size_t to = 0;
    std::size_t uses = 0;
    std::size_t kept = 0;
  };

  void count_needs(const std::vector<Kept>& set);
  void count_writes(const std::vector<Kept>& set);
  void follow_ways();
  std::size_t number(ValueId value);
  Way& way_of(const Step& write);

  const bool sparing_;
  bool any_serves_ = false;
  std::size_t strict_ = 0;   // that need something
  std::size_t denials_ = 0;  // of those: that need a value not to be there
  std::size_t spare_ = 0;    // writes kept for those
  FlatMap numbers_;
  std::vector<Value> values_;
  std::vector<Way> ways_;
  std::map<std::pair<ValueId, ValueId>, std::size_t> way_numbers_;  // what it needs, what it writes
};

UsefulWrites::UsefulWrites(const std::vector<Kept>& set, bool sparing) : sparing_(sparing), numbers_(set.size()) {
  count_needs(set);
  any_serves_ = any_serves_ || (denials_ > 0 && !sparing_);
  if (any_serves_) return;
  count_writes(set);
  follow_ways();
}

std::size_t UsefulWrites::number(ValueId value) {
  const auto [number, is_new] = numbers_.add(static_cast<std::uint32_t>(value));
  if (is_new) values_.emplace_back();
  return number;
}

void UsefulWrites::count_needs(const std::vector<Kept>& set) {
  for (const Kept& one : set) {
    const Need& need = one.step.need;
    if (need.of_revision != Kind::none || (one.loose && need.of_value == Kind::is_not)) any_serves_ = true;
    if (one.loose || need.none()) continue;
    ++strict_;
    if (need.of_value == Kind::is) ++values_[number(need.value)].uses;
    if (need.of_value == Kind::is_not) ++denials_;
  }
}

UsefulWrites::Way& UsefulWrites::way_of(const Step& write) {
  const auto [known, is_new] = way_numbers_.try_emplace({write.need.value, write.to.value}, ways_.size());
  if (is_new) ways_.push_back({number(write.need.value), number(write.to.value)});
  return ways_[known->second];
}

void UsefulWrites::count_writes(const std::vector<Kept>& set) {
  for (const Kept& one : set) {
    if (!one.loose) continue;
    if (one.step.need.none()) {
      ++values_[number(one.step.to.value)].blind;
    } else {
      way_of(one.step);
    }
  }
}

// A conditional write is used only where the blind ones are too few.
void UsefulWrites::follow_ways() {
  for (bool changed = true; changed;) {
    changed = false;
    for (Way& way : ways_) {
      const std::size_t uses = values_[way.to].beyond();
      Value& from = values_[way.from];
      if (uses <= way.uses || from.uses >= strict_) continue;
      from.uses = std::min(strict_, from.uses + uses - way.uses);
      way.uses = uses;
      changed = true;
    }
  }
}

bool UsefulWrites::keeps(const Step& write) {
  const Need& need = write.need;
  const bool plain = need.of_revision == Kind::none && need.of_value != Kind::is_not;
  if (any_serves_ && !plain) return true;
  Value& value = values_[number(write.to.value)];
  const std::size_t most = any_serves_ ? strict_ : need.none() ? value.uses : value.beyond();
  if (++(need.none() ? value.kept : way_of(write).kept) <= most) return true;
  if (any_serves_ || !need.none() || spare_ == 2 * denials_ || value.spare == denials_) return false;
  ++value.spare;
  ++spare_;
  return true;
}

// Judges the past and parts of it: what is small in no time, the rest by the search of whole histories.
class Judge {
 public:
  Judge(const KeyTask& task, std::uint64_t steps_max) : task_(task), steps_left_(steps_max) {}

  std::uint64_t steps_left() const { return steps_left_; }
  Conclusion judge(const Steps& steps);
  bool is_illegal(const Steps& steps) { return judge(steps) == Conclusion::violated; }

  // Of what has just been found to have an order. Whether one that was weakened in it, or left out, may as well be as it
  // was, and with it all others of which this is said. Not always if it may.
  bool explains(const Step& step) const;
  // Likewise: whether nobody can tell that this blind write was there. Not always if so.
  bool is_unseen(const Step& write) const;
  // The operation up to the return of which there is no order, as the first; nothing if only another search can tell.
  std::optional<std::uint32_t> find_culprit(const Steps& all);
  // Then, of `values`, those that the key may hold before it returns.
  void keep_possible(std::vector<ValueId>& values);

 private:
  Conclusion judge_as_small(const Steps& steps);
  std::vector<SmallSearch::Write>::const_iterator find_in_way(const Step& step) const;

  const KeyTask& task_;
  std::uint64_t steps_left_;
  SmallSearch small_;
  bool is_small_ = false;                                            // what was judged last
  std::size_t too_large_ = std::numeric_limits<std::size_t>::max();  // steps that have been too many to be small
  ValueId initial_{};                                                // of that
  std::vector<SmallSearch::Write> way_;
};

Conclusion Judge::judge_as_small(const Steps& steps) {
  is_small_ = false;
  if (steps.steps.size() >= too_large_) return Conclusion::unknown;
  const std::uint64_t most = std::min(steps_left_, small_steps_min + small_steps_each * steps.steps.size());
  std::uint64_t left = most;
  const Conclusion conclusion = small_.judge(steps, left);
  steps_left_ -= most - left;
  is_small_ = conclusion != Conclusion::unknown;
  if (!is_small_) too_large_ = steps.steps.size();
  initial_ = steps.initial.value;
  return conclusion;
}

Conclusion Judge::judge(const Steps& steps) {
  steps_left_ -= std::min(steps_left_, steps.steps.size());
  is_small_ = false;
  if (steps_left_ == 0) return Conclusion::unknown;
  const Conclusion conclusion = judge_as_small(steps);
  if (conclusion == Conclusion::holds) small_.way(way_);
  if (is_small_) return conclusion;
  const FrontierResult result = judge_by_frontier(task_.history, steps, steps_left_, false);
  steps_left_ -= std::min(steps_left_, result.steps);
  return result.conclusion;
}

std::optional<std::uint32_t> Judge::find_culprit(const Steps& all) {
  if (judge_as_small(all) != Conclusion::violated) return std::nullopt;
  return small_.culprit();
}

void Judge::keep_possible(std::vector<ValueId>& values) {
  std::erase_if(values, [&](ValueId value) { return !small_.may_hold(value, steps_left_); });
}

std::vector<SmallSearch::Write>::const_iterator Judge::find_in_way(const Step& step) const {
  const auto is_this = [&](const SmallSearch::Write& write) { return write.step->position == step.position; };
  return std::find_if(way_.begin(), way_.end(), is_this);
}

// In the order, a write takes effect at one instant, and what it leaves is there until the next. There is room for any
// number that read it, or write it once more, and right before a blind write for any other.
bool Judge::explains(const Step& step) const {
  if (!is_small_ || step.need.of_revision != Kind::none) return false;
  const auto used = find_in_way(step);
  if (used != way_.end()) return step.invoked <= used->at && used->at <= step.returned;
  if (step.optional) return true;
  const auto changes_nothing = [&](ValueId value) {
    return step.is_read() ? step.need.met_by({value}) : step.is_blind() && step.to.value == value;
  };
  Instant since = std::numeric_limits<Instant>::min();
  ValueId value = initial_;
  for (const auto& [write, at, seen] : way_) {
    if (step.invoked <= at && since <= step.returned && changes_nothing(value)) return true;
    if (step.is_blind() && write->is_blind() && step.invoked <= at && at <= step.returned) return true;
    since = at;
    value = write->to.value;
  }
  return since <= step.returned && changes_nothing(value);
}

bool Judge::is_unseen(const Step& write) const {
  if (!is_small_) return false;
  const auto used = find_in_way(write);
  if (used == way_.end()) return true;
  const auto next = used + 1;
  return !used->seen && (next == way_.end() || next->step->is_blind());
}

class Reducer {
 public:
  // Begins with what the violation names or, if that is nothing, all up to the return of its culprit.
  Reducer(const KeyTask& task, const Steps& all, const Violation& violation, std::uint64_t steps_max);

  // Whether a few of the last operations prove it.
  bool proves_soon() { return keep_recent(false, few); }
  std::uint64_t steps_left() const { return judge_.steps_left(); }
  void leave_out_the_old();
  void reduce();
  void name_operations(Violation& violation) const;
  void tell(Violation& violation) const;

 private:
  using Set = std::vector<Kept>;
  static constexpr std::size_t few = 512;
  static constexpr std::size_t no_limit = std::numeric_limits<std::size_t>::max();

  const Steps& steps_of(const Set& set);
  bool is_illegal(const Set& set) { return judge_.is_illegal(steps_of(set)); }
  bool keep_recent(bool with_denials, std::size_t most);
  bool serves(const Step& step) const { return step.effect == Effect::set && step.to.value == needed_; }
  void mark_unseen_as_needed();
  template <class Chosen>
  std::vector<std::uint32_t> candidates(const Chosen& chosen) const;
  Kept& find(std::size_t position);
  void weaken_in_groups(const std::vector<std::uint32_t>& positions);
  bool weaken(std::span<const std::uint32_t> positions, bool tried = false);
  bool tells_of_one(std::span<const std::uint32_t> positions);
  bool is_refuted(std::span<const std::uint32_t> positions) const;
  void need(std::uint32_t position);
  bool can_weaken(std::span<const std::uint32_t> positions);
  void drop_useless(Set& set) const;
  bool is_part_of_answer(const Kept& write, const Set& set) const;

  const KeyTask& task_;
  ValueId needed_ = no_value;  // by the culprit
  bool appends_ = false;
  Set kept_;                                         // by invocation
  std::vector<std::vector<std::uint32_t>> refuted_;  // positions that cannot be weakened together
  Judge judge_;
  Steps steps_;  // of the set that is judged
};

Kept loosened(const Step& step) {
  Kept loose{step, true};
  loose.step.optional = true;
  loose.step.invoked = std::numeric_limits<Instant>::min();
  loose.step.returned = never;
  if (loose.step.to.revision != 0) loose.step.to.revision = undetermined;
  return loose;
}

Reducer::Reducer(const KeyTask& task, const Steps& all, const Violation& violation, std::uint64_t steps_max)
    : task_(task), judge_(task, steps_max) {
  steps_.initial = all.initial;
  const std::vector<std::size_t>& operations = violation.operations;
  const std::vector<std::size_t>& writers = violation.writers;
  const Instant end = task.operations[violation.culprit].returned;
  kept_.reserve(operations.empty() ? all.steps.size() : operations.size() + writers.size());
  for (const Step& step : all.steps) {
    if (step.invoked > end) break;
    if (step.is_read() && step.returned > end) continue;
    const bool is_writer = std::binary_search(writers.begin(), writers.end(), step.position);
    const bool is_named = is_writer || std::binary_search(operations.begin(), operations.end(), step.position);
    if (!operations.empty() && !is_named) continue;
    kept_.push_back(is_writer ? loosened(step) : Kept{step});
    if (step.position == violation.culprit && step.need.of_value == Kind::is) needed_ = step.need.value;
    appends_ = appends_ || step.effect == Effect::append;
  }
}

const Steps& Reducer::steps_of(const Set& set) {
  steps_.steps.clear();
  for (const bool loose : {true, false}) {
    for (const Kept& one : set) {
      if (one.loose == loose) steps_.steps.push_back(one.step);
    }
  }
  return steps_;
}

// The more is weakened, the more orders there are: so a few of the last operations are tried first, with everything
// else weakened but who wrote what the last of all needs (any of those that could take effect at any time would serve
// it); then twice as many. At most `most` or, if that is more than there are, all. False if none are enough.
bool Reducer::keep_recent(bool with_denials, std::size_t most) {
  constexpr std::size_t first_tried = 8;
  const auto when = [](const Kept& one) { return one.step.optional ? one.step.invoked : one.step.returned; };
  std::vector<Instant> instants;
  instants.reserve(kept_.size());
  for (const Kept& one : kept_) instants.push_back(when(one));
  std::sort(instants.begin(), instants.end());
  Instant needed_from = never;  // of what was weakened, the last that must not be: as far as that is known
  Set set;
  for (std::size_t count = first_tried; count <= most && judge_.steps_left() > 0; count *= 2) {
    const bool is_all = count >= kept_.size();
    const Instant first = instants[is_all ? 0 : kept_.size() - count];
    if (first > needed_from && !is_all) continue;
    set.clear();
    set.reserve(kept_.size());
    const auto is_weakened = [&](const Kept& one) { return when(one) < first && !serves(one.step); };
    for (const Kept& one : kept_) {
      if (is_denial(one.step) && !with_denials) continue;
      if (!is_weakened(one)) set.push_back(one);
      if (is_weakened(one) && !one.step.is_read()) set.push_back(loosened(one.step));
    }
    drop_useless(set);
    if (is_illegal(set)) {
      kept_ = std::move(set);
      return true;
    }
    if (is_all) return false;
    needed_from = std::numeric_limits<Instant>::min();
    for (const Kept& one : kept_) {
      if (is_denial(one.step) && !with_denials) continue;
      if (is_weakened(one) && !judge_.explains(one.step)) needed_from = std::max(needed_from, when(one));
    }
  }
  return false;
}

void Reducer::leave_out_the_old() {
  if (!keep_recent(false, no_limit)) keep_recent(true, no_limit);
}

void Reducer::reduce() {
  // Who needs a value not to be there needs many writers: without him, most of these go too.
  weaken(candidates(is_denial));
  weaken_in_groups(candidates([&](const Step& step) { return !is_denial(step) && !serves(step); }));
  mark_unseen_as_needed();
  weaken_in_groups(candidates([&](const Step& step) { return serves(step); }));
}

// A value that was written many times is most of the proof: each of these writes must be shown to be over. If the read
// that needs it is needed for the proof, and may be the last of all, most of them cannot be weakened, and one order
// tells which: one without the read. A blind write of which nobody in that order can tell that it was there is of no use
// in it: so, made loose, it may as well come last of all, and then the read. Such an order there is, so the write is
// needed.
void Reducer::mark_unseen_as_needed() {
  const auto reads_it = [&](const Kept& one) {
    const Need& need = one.step.need;
    return one.needed && one.step.is_read() && need.of_value == Kind::is && need.value == needed_ &&
           need.of_revision == Kind::none;
  };
  const auto reader = std::find_if(kept_.begin(), kept_.end(), reads_it);
  if (needed_ == no_value || appends_ || reader == kept_.end()) return;
  Set rest;
  rest.reserve(kept_.size());
  for (const Kept& one : kept_) {
    if (!one.loose && one.step.invoked > reader->step.returned) return;
    if (one.step.position != reader->step.position) rest.push_back(one);
  }
  if (judge_.judge(steps_of(rest)) != Conclusion::holds) return;  // for want of steps
  for (const Kept& one : kept_) {
    const bool may_come_last = !one.loose && serves(one.step) && one.step.is_blind();
    if (may_come_last && judge_.is_unseen(one.step)) need(one.step.position);
  }
}

// REQUIRES: it is kept.
Kept& Reducer::find(std::size_t position) {
  const auto is_before = [](const Kept& one, std::size_t than) { return one.step.position < than; };
  return *std::lower_bound(kept_.begin(), kept_.end(), position, is_before);
}

// What may be weakened yet, of those chosen, by position in the history.
template <class Chosen>
std::vector<std::uint32_t> Reducer::candidates(const Chosen& chosen) const {
  std::vector<std::uint32_t> found;
  for (const Kept& one : kept_) {
    if (!one.loose && !one.needed && chosen(one.step)) found.push_back(one.step.position);
  }
  return found;
}

// The oldest first: most of what is long over has no part in it.
void Reducer::weaken_in_groups(const std::vector<std::uint32_t>& positions) {
  constexpr std::size_t groups = 4;
  const std::size_t size = std::max<std::size_t>(1, positions.size() / groups);
  for (std::size_t begin = 0; begin < positions.size(); begin += size) {
    weaken({positions.data() + begin, std::min(size, positions.size() - begin)});
  }
}

// Weakens what can be weakened of these: all of them at once, or else each half. One that cannot is needed for good:
// were there no order without it later, when more is weakened, there would be none now. True if all could; `tried`: all
// of them at once, but what is known to be needed, cannot.
bool Reducer::weaken(std::span<const std::uint32_t> positions, bool tried) {
  const auto needed = std::count_if(positions.begin(), positions.end(), [&](auto one) { return find(one).needed; });
  if (static_cast<std::size_t>(needed) == positions.size()) return positions.empty();
  if (judge_.steps_left() == 0) return false;
  if (!tried && !is_refuted(positions)) {
    if (can_weaken(positions)) return needed == 0;
    if (tells_of_one(positions)) return weaken(positions);
  }
  if (positions.size() == 1) {
    need(positions.front());
  } else {
    const std::size_t half = positions.size() / 2;
    const bool first = weaken(positions.first(half));
    weaken(positions.subspan(half), first);
  }
  return false;
}

bool Reducer::can_weaken(std::span<const std::uint32_t> positions) {
  const auto weakens = [&](const Kept& one) {
    return !one.loose && !one.needed && std::binary_search(positions.begin(), positions.end(), one.step.position);
  };
  Set set;
  set.reserve(kept_.size());
  for (const Kept& one : kept_) {
    if (!weakens(one)) set.push_back(one);
    if (weakens(one) && !one.step.is_read()) set.push_back(loosened(one.step));
  }
  drop_useless(set);
  if (!is_illegal(set)) return false;
  kept_ = std::move(set);
  for (auto& unexplained : refuted_) {
    std::erase_if(unexplained, [&](auto one) { return std::binary_search(positions.begin(), positions.end(), one); });
  }
  return true;
}

// Of these, those that the order which has just been found does not explain cannot be weakened together, whatever else
// is. If it is but one, that is needed.
bool Reducer::tells_of_one(std::span<const std::uint32_t> positions) {
  std::vector<std::uint32_t> unexplained;
  for (const std::uint32_t position : positions) {
    const Kept& one = find(position);
    if (!one.needed && !judge_.explains(one.step)) unexplained.push_back(position);
  }
  if (unexplained.size() == 1) need(unexplained.front());
  const bool is_one = unexplained.size() == 1;
  if (!is_one && unexplained.size() < positions.size()) refuted_.push_back(std::move(unexplained));
  return is_one;
}

bool Reducer::is_refuted(std::span<const std::uint32_t> positions) const {
  return std::any_of(refuted_.begin(), refuted_.end(), [&](const auto& unexplained) {
    return std::includes(positions.begin(), positions.end(), unexplained.begin(), unexplained.end());
  });
}

void Reducer::need(std::uint32_t position) {
  find(position).needed = true;
  std::erase_if(refuted_, [&](const auto& unexplained) {
    return std::binary_search(unexplained.begin(), unexplained.end(), position);
  });
}

// Steps 4 to 6.
void Reducer::drop_useless(Set& set) const {
  if (std::none_of(set.begin(), set.end(), [](const Kept& one) { return one.loose; })) return;
  if (appends_) {
    const auto useless = [&](const Kept& one) { return one.loose && !is_part_of_answer(one, set); };
    set.erase(std::remove_if(set.begin(), set.end(), useless), set.end());
    return;
  }
  for (const bool sparing : {true, false}) {
    UsefulWrites useful(set, sparing);
    Set rest;
    rest.reserve(set.size());
    for (std::size_t i = set.size(); i-- > 0;) {
      if (!set[i].loose || useful.keeps(set[i].step)) rest.push_back(set[i]);
    }
    if (!useful.suffice()) continue;
    std::reverse(rest.begin(), rest.end());
    set = std::move(rest);
    return;
  }
}

// Where there are appends, what is written is part of what is read.
bool Reducer::is_part_of_answer(const Kept& write, const Set& set) const {
  if (write.step.to.value == ValueId::absent) return true;
  const std::string_view written = task_.history.bytes(write.step.to.value);
  for (const Kept& one : set) {
    if (one.step.need.none() || &one == &write) continue;
    if (one.step.need.of_value != Kind::is) return true;
    const ValueId needed = one.step.need.value;
    if (needed == ValueId::absent || needed == no_value) continue;
    if (task_.history.bytes(needed).find(written) != std::string_view::npos) return true;
  }
  return false;
}

// The key's past: all that had returned by `end`; writes that were open then may happen or not. Step 1.
Steps past_of(const Steps& all, Instant end) {
  Steps past;
  past.initial = all.initial;
  past.steps.reserve(all.steps.size());
  for (Step step : all.steps) {
    if (step.invoked > end) break;
    if (step.returned > end && step.is_read()) continue;
    if (step.returned > end && !step.optional) {
      step.optional = true;
      step.returned = never;
      if (step.to.revision != 0) step.to.revision = undetermined;
    }
    past.steps.push_back(step);
  }
  return past;
}

// The first return up to which there is no order, and what the key may have held before. The search looks ahead, and so
// may have given up earlier.
class Past {
 public:
  Past(const KeyTask& task, const Steps& all, std::uint64_t steps_max)
      : task_(task), all_(all), judge_(task, steps_max) {}

  // The culprit and what the key may have held before, if a small search finds them. False if it does not.
  bool find_soon(Violation& violation) {
    const auto culprit = judge_.find_culprit(all_);
    if (!culprit) return false;
    take(*culprit, violation);
    const Instant end = task_.operations[*culprit].returned;
    const bool is_alone = std::none_of(all_.steps.begin(), all_.steps.end(), [&](const Step& step) {
      return step.position != *culprit && (step.returned == end || step.invoked == end);
    });
    if (!is_alone) judge_.judge(past_of(all_, end - 1));
    std::vector<ValueId> values = states_to_ask_for(violation);
    judge_.keep_possible(values);
    violation.states.insert(violation.states.end(), values.begin(), values.end());
    return true;
  }

  void find_culprit(Violation& violation) {
    std::vector<std::pair<Instant, std::uint32_t>> returns;
    for (const Step& step : all_.steps) {
      if (!step.optional) returns.push_back({step.returned, step.position});
    }
    std::sort(returns.begin(), returns.end());
    const Instant from = task_.operations[violation.culprit].returned;
    const auto first = std::lower_bound(returns.begin(), returns.end(), std::pair(from, std::uint32_t{0}));
    auto low = static_cast<std::size_t>(first - returns.begin());  // none before has no order
    std::size_t high = low;
    std::size_t stride = 1;
    while (high + 1 < returns.size() && !judge_.is_illegal(past_of(all_, returns[high].first))) {
      low = high + 1;
      high = std::min(returns.size() - 1, high + stride);
      stride *= 2;
    }
    while (low < high) {
      const std::size_t middle = low + (high - low) / 2;
      judge_.is_illegal(past_of(all_, returns[middle].first)) ? high = middle : low = middle + 1;
    }
    take(returns[high].second, violation);
  }

  // What the key may have held right before the culprit returned, as far as the steps go.
  void add_states(Violation& violation) {
    Steps past = past_of(all_, task_.operations[violation.culprit].returned - 1);
    for (const ValueId value : states_to_ask_for(violation)) {
      past.steps.push_back({.invoked = never - 1, .returned = never - 1});
      past.steps.back().need = {Kind::is, Kind::none, value, 0};
      if (judge_.judge(past) == Conclusion::holds) violation.states.push_back(value);
      past.steps.pop_back();
    }
  }

 private:
  // What the search has found holds before the culprit that it took for one.
  static void take(std::size_t culprit, Violation& violation) {
    if (culprit != violation.culprit) violation.states.clear();
    violation.culprit = culprit;
  }

  // Of the values that may not have been overwritten then some, without those that the violation names.
  std::vector<ValueId> states_to_ask_for(const Violation& violation) const {
    const Instant end = task_.operations[violation.culprit].returned;
    const auto is_past = [&](const Step& step) {
      return step.invoked < end && (step.returned < end || !step.is_read());
    };
    Instant latest = std::numeric_limits<Instant>::min();
    for (const Step& step : all_.steps) {
      if (is_past(step) && step.is_blind() && step.returned < end) latest = std::max(latest, step.invoked);
    }
    std::vector<ValueId> values;
    const auto add = [&](ValueId value, Instant returned) {
      const bool known = std::find(values.begin(), values.end(), value) != values.end();
      if (!known && returned >= latest && values.size() < states_most) values.push_back(value);
    };
    add(all_.initial.value, std::numeric_limits<Instant>::min());
    for (std::size_t i = all_.steps.size(); i-- > 0;) {
      const Step& step = all_.steps[i];
      if (!is_past(step)) continue;
      if (step.effect == Effect::set) add(step.to.value, step.returned);
      if (step.need.of_value == Kind::is && step.is_read()) add(step.need.value, never);
    }
    std::erase_if(values, [&](ValueId value) {
      return std::find(violation.states.begin(), violation.states.end(), value) != violation.states.end();
    });
    return values;
  }

  const KeyTask& task_;
  const Steps& all_;
  Judge judge_;
};

// Somebody has read what the write left.
bool was_read(const KeyTask& task, const Operation& write) {
  return std::any_of(task.positions.begin(), task.positions.end(), [&](std::uint32_t position) {
    const Operation& operation = task.operations[position];
    const bool reads = operation.verb == Verb::get && operation.outcome == Outcome::ok;
    return reads && operation.result == write.argument;
  });
}

// What the culprit has read was written once, by a write that had been seen before and has not returned by then.
bool took_effect_twice(const KeyTask& task, const Violation& violation) {
  const std::span<const Operation> operations = task.operations;
  const Operation& culprit = operations[violation.culprit];
  if (culprit.result == ValueId::absent || culprit.result == task.history.initial(task.key)) return false;
  std::size_t writes = 0;
  bool is_late = false;
  bool was_seen = false;
  for (const auto* positions : {&violation.operations, &violation.writers}) {
    for (const std::size_t position : *positions) {
      const Operation& operation = operations[position];
      const bool reads = operation.verb == Verb::get || operation.outcome == Outcome::mismatched;
      if (reads)
        was_seen = was_seen || (operation.verb == Verb::get && operation.result == culprit.result &&
                                operation.returned < culprit.invoked);
      if (reads || operation.argument != culprit.result) continue;
      ++writes;
      is_late = operation.returned > culprit.invoked;
    }
  }
  return writes == 1 && is_late && was_seen;
}

Anomaly anomaly_of(const KeyTask& task, const Violation& violation) {
  const std::span<const Operation> operations = task.operations;
  const Operation& culprit = operations[violation.culprit];
  const auto conditional = [&](std::size_t position) { return is_conditional(operations[position].verb); };
  if (culprit.verb != Verb::get) {
    const auto count = std::count_if(violation.operations.begin(), violation.operations.end(), conditional);
    return count >= 2 ? Anomaly::exclusive_writes : Anomaly::no_order;
  }
  if (violation.operations.size() == 1 && violation.writers.empty()) return Anomaly::phantom_value;
  if (took_effect_twice(task, violation)) return Anomaly::duplicate_effect;
  bool read_before = false;
  for (const std::size_t position : violation.operations) {
    const Operation& operation = operations[position];
    if (operation.returned >= culprit.invoked) continue;
    if (operation.verb == Verb::get) read_before = true;
    if (operation.verb == Verb::get || operation.argument == culprit.result) continue;
    return operation.verb == Verb::append || was_read(task, operation) ? Anomaly::stale_read : Anomaly::lost_update;
  }
  return read_before ? Anomaly::non_monotonic_read : Anomaly::no_order;
}

// A value that no one else but writes that failed, or that came later, could have written.
bool find_origin(const KeyTask& task, Violation& violation) {
  const std::span<const Operation> operations = task.operations;
  const Operation& culprit = operations[violation.culprit];
  if (culprit.verb != Verb::get || culprit.result == task.history.initial(task.key)) return false;
  std::optional<std::size_t> failed;
  std::optional<std::size_t> later;
  for (const std::uint32_t position : task.positions) {
    const Operation& operation = operations[position];
    if (operation.verb == Verb::append) return false;
    if (operation.verb == Verb::get || operation.outcome == Outcome::mismatched) continue;
    const bool removes = operation.verb == Verb::remove || operation.verb == Verb::remove_if_value ||
                         operation.verb == Verb::remove_if_revision;
    if ((removes ? ValueId::absent : operation.argument) != culprit.result) continue;
    if (operation.outcome == Outcome::failed) {
      if (!failed) failed = position;
    } else if (operation.invoked > culprit.returned) {
      if (!later) later = position;
    } else {
      return false;
    }
  }
  violation.writers.clear();
  violation.operations = {violation.culprit};
  if (failed || later) violation.operations.push_back(failed ? *failed : *later);
  std::sort(violation.operations.begin(), violation.operations.end());
  violation.anomaly = failed ? Anomaly::dirty_read : later ? Anomaly::future_read : Anomaly::phantom_value;
  return true;
}

void Reducer::name_operations(Violation& violation) const {
  violation.operations.clear();
  violation.writers.clear();
  for (const Kept& one : kept_) {
    (one.loose ? violation.writers : violation.operations).push_back(one.step.position);
  }
}

void Reducer::tell(Violation& violation) const {
  name_operations(violation);
  Instant last = std::numeric_limits<Instant>::min();
  for (const Kept& one : kept_) {
    if (one.step.optional || one.step.returned <= last) continue;
    last = one.step.returned;
    violation.culprit = one.step.position;
  }
  violation.anomaly = anomaly_of(task_, violation);
}

}  // namespace

bool proves_soon(const KeyTask& task, const Steps& all, std::size_t culprit, std::uint64_t& steps_left) {
  Violation violation;
  violation.culprit = culprit;
  Reducer reducer(task, all, violation, steps_left);
  const bool proves = reducer.proves_soon();
  steps_left = reducer.steps_left();
  return proves;
}

void find_culprit(const KeyTask& task, std::uint64_t steps_max, Violation& violation) {
  const Steps all = steps_of(task);
  std::uint64_t steps_left = std::max(steps_max / 8, states_steps_min);
  if (4 * all.steps.size() > steps_left) steps_left = 0;  // not worth beginning with
  Past past(task, all, steps_left);
  if (past.find_soon(violation)) return;
  Reducer reducer(task, all, violation, steps_max);
  if (reducer.proves_soon()) {
    reducer.name_operations(violation);
  } else {
    Past(task, all, steps_max).find_culprit(violation);
  }
  past.add_states(violation);
}

void find_reason(const KeyTask& task, std::uint64_t steps_max, Violation& violation) {
  if (find_origin(task, violation)) return;
  const Instant end = task.operations[violation.culprit].returned;
  const auto is_invoked = [&](std::uint32_t position) { return task.operations[position].invoked <= end; };
  const auto later = std::partition_point(task.positions.begin(), task.positions.end(), is_invoked);
  KeyTask known = task;
  known.positions = {task.positions.begin(), later};
  Reducer reducer(task, steps_of(known), violation, steps_max);
  if (violation.operations.empty()) reducer.leave_out_the_old();
  reducer.reduce();
  reducer.tell(violation);
}

}  // namespace smalldb::checker
