#include "properties/checker/reducer.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace smalldb::checker {

using Kind = Need::Kind;

namespace {

// Someone who reads that a value is not there.
bool is_denial(const Step& step) { return step.is_read() && step.need.of_value == Kind::is_not; }

// What the violation names or, if that is nothing, all.
std::vector<Kept> named(const Steps& all, const Violation& violation) {
  const std::vector<std::size_t>& operations = violation.operations;
  const std::vector<std::size_t>& writers = violation.writers;
  std::vector<Kept> set;
  set.reserve(operations.empty() ? all.steps.size() : operations.size() + writers.size());
  for (const Step& step : all.steps) {
    const bool is_writer = std::binary_search(writers.begin(), writers.end(), step.position);
    const bool is_named = is_writer || std::binary_search(operations.begin(), operations.end(), step.position);
    if (!operations.empty() && !is_named) continue;
    set.push_back({&step, static_cast<std::uint32_t>(set.size()), 0, is_writer});
  }
  return set;
}

}  // namespace

Reducer::Reducer(const KeyTask& task, const Steps& all, const Violation& violation, std::uint64_t steps_max,
                 const WorthIt& worth_it)
    : worth_it_(worth_it),
      past_(past_of(all, task.operations[violation.culprit].returned)),
      free_(violation.writers_are_free),
      kept_(named(past_, violation)),
      judge_(task, steps_max),
      useful_(kept_),
      answer_parts_(task.history) {
  steps_.initial = few_.initial = all.initial;
  for (const Kept& one : kept_) {
    const Step& step = *one.step;
    if (step.position == violation.culprit && step.need.of_value == Kind::is) scarce_.push_back(step.need.value);
    appends_ = appends_ || step.effect == Effect::append;
    revisions_ = revisions_ || step.need.of_revision != Kind::none;
  }
}

Kept Reducer::loosened(Kept one) {
  one.loose = true;
  return one;
}

Step Reducer::step_of(const Kept& one) const {
  Step step = *one.step;
  if (one.loose) {
    step.optional = true;
    step.invoked = std::numeric_limits<Instant>::min();
    step.returned = never;
    if (step.to.revision != 0) step.to.revision = undetermined;
    if (free_) step.need = {};
  }
  if (supplied_) supply(step);
  return step;
}

// Step 3c. REQUIRES: nobody needs a revision, and nobody reads that a value is not there.
void Reducer::supply(Step& step) const {
  if (step.need.of_value == Kind::is && is_scarce(step.need.value)) return;
  if (step.is_read()) {
    step.effect = Effect::set;
    step.to = {step.need.value, undetermined};
  }
  step.need = {};
}

// It may or may not write what is there for whoever needs it.
bool Reducer::is_supplied(const Kept& one) const {
  return supplied_ && (one.loose || one.step->optional) && !serves(*one.step);
}

const Steps& Reducer::steps_of(const Set& set) {
  steps_.steps.clear();
  for (const bool loose : {true, false}) {
    for (const Kept& one : set) {
      if (one.loose == loose && !is_supplied(one)) steps_.steps.push_back(step_of(one));
    }
  }
  return steps_;
}

// All sets to come are parts of what is kept now. If that is a small matter, each of them is no more than two words.
void Reducer::get_ready() {
  if (judges_parts_ || kept_.size() > worth_it_.parts_up_to) return;
  few_.steps.clear();
  few_.steps.reserve(kept_.size());
  for (const Kept& one : kept_) few_.steps.push_back(*one.step);
  judges_parts_ = judge_.take(few_);
  for (std::size_t i = 0; judges_parts_ && i < kept_.size(); ++i) {
    kept_[i].slot = static_cast<std::uint8_t>(judge_.slot_of(i));
  }
}

Conclusion Reducer::judge(const Set& set) {
  if (judges_parts_) {
    SmallSearch::Part part;
    part.free = free_;
    for (const Kept& one : set) (one.loose ? part.loose : part.strict) |= std::uint64_t{1} << one.slot;
    const Conclusion conclusion = judge_.judge(part);
    if (conclusion != Conclusion::unknown) return conclusion;
  }
  return judge_.judge(steps_of(set));
}

// The more is weakened, the more orders there are: so two of the last operations are tried first, with everything else
// weakened but who wrote what the last of all needs (any of those that could take effect at any time would serve it).
// While there is an order, one at least of those that it does not explain as they were must be kept: the last of these
// are, half as many again as are kept. At most `most`, or all. False if that does not suffice. (Where something was
// appended no small search judges and no order explains: so more are tried, less often.)
bool Reducer::keep_recent(bool with_denials, std::size_t most) {
  std::vector<Weakened> weakened;  // by time
  weakened.reserve(kept_.size());
  for (std::uint32_t i = 0; i < kept_.size(); ++i) {
    const Step& step = *kept_[i].step;
    if (serves(step) || (is_denial(step) && !with_denials)) continue;
    weakened.push_back({step.optional ? step.invoked : step.returned, i});
  }
  std::sort(weakened.begin(), weakened.end());
  std::size_t count = std::min<std::size_t>(appends_ ? 8 : 2, weakened.size());
  weakened.resize(weakened.size() - count);
  std::vector<bool> is_weakened(kept_.size());
  for (const auto& [when, which] : weakened) is_weakened[which] = true;
  while (judge_.steps_left() > 0 && count <= most) {
    Set& set = tried_;
    set.clear();
    for (std::uint32_t i = 0; i < kept_.size(); ++i) {
      const Kept& one = kept_[i];
      if (is_denial(*one.step) && !with_denials) continue;
      if (!is_weakened[i]) set.push_back(one);
      if (is_weakened[i] && !one.step->is_read()) set.push_back(loosened(one));
    }
    drop_useless(set);
    if (judge(set) == Conclusion::violated) {
      kept_.swap(set);
      return true;
    }
    const std::size_t before = weakened.size();
    for (const std::uint32_t which : take_unexplained(weakened, appends_ ? count : count / 2 + 1))
      is_weakened[which] = false;
    if (weakened.size() == before) return false;
    count += before - weakened.size();
  }
  return false;
}

// Of those weakened, the last that the order which has just been found does not explain as they were.
std::vector<std::uint32_t> Reducer::take_unexplained(std::vector<Weakened>& weakened, std::size_t most) const {
  std::vector<std::uint32_t> taken;
  auto last_left = weakened.end();
  for (auto one = weakened.end(); one-- != weakened.begin();) {
    if (taken.size() < most && !judge_.explains(step_of(kept_[one->second]), free_)) {
      taken.push_back(one->second);
    } else {
      *--last_left = *one;
    }
  }
  weakened.erase(weakened.begin(), last_left);
  return taken;
}

// Of a long chain of conditional writes each needs the one before: were they not free, all would remain.
void Reducer::leave_out_the_old() {
  get_ready();
  free_ = kept_.size() > worth_it_.freeing_beyond && !appends_;
  if (can_supply() && keep_scarce(no_limit)) return;
  if (free_ && keep_recent(false, few)) return;
  free_ = false;
  if (!keep_recent(false, no_limit)) keep_recent(true, no_limit);
}

bool Reducer::proves_soon() {
  get_ready();
  return can_supply() ? keep_scarce(recent_most) : keep_recent(false, few);
}

// A stale read of a value that was written many times is explained by any of these writes that may have come last. So
// all of them are kept, as they were, and a few of the last operations; every other value is supplied (step 3c), which
// leaves no loose writes and is judged in no time. If there is an order then, some value was supplied that may be as
// scarce. If that is a proof, then the same without step 3c is one.
bool Reducer::keep_scarce(std::size_t most) {
  supplied_ = true;
  const std::vector<ValueId> scarce = scarce_;
  bool proves = prove_by_scarce(recent_few);
  for (std::size_t recent = recent_few; !proves && recent < std::min(most, kept_.size());) {
    recent *= 8;
    proves = prove_by_scarce(recent);
  }
  if (proves) {
    leave_out_abundant();
    weaken_in_groups(candidates([&](const Step& step) { return !serves(step); }));
    for (Kept& one : kept_) one.needed = false;  // but for step 3c
    refuted_.clear();
  } else {
    scarce_ = scarce;
  }
  supplied_ = false;
  return proves;
}

// With so many of the last operations.
bool Reducer::prove_by_scarce(std::size_t recent) {
  constexpr std::size_t scarce_most = 8;
  while (!keep_recent(false, recent)) {
    const ValueId value = last_in_want();
    if (value == no_value || scarce_.size() >= scarce_most || judge_.steps_left() == 0) return false;
    scarce_.push_back(value);
  }
  return true;
}

// What the last of those needs for whom it was not there, in the order that has just been found, but for step 3c.
ValueId Reducer::last_in_want() const {
  ValueId last = no_value;
  Instant when = std::numeric_limits<Instant>::min();
  for (const Kept& one : kept_) {
    const Step& step = *one.step;
    const bool is_later = !step.optional && step.returned > when;
    if (!is_later || step.need.of_value != Kind::is || is_scarce(step.need.value)) continue;
    if (judge_.explains_need(step)) continue;
    last = step.need.value;
    when = step.returned;
  }
  return last;
}

// Of the values that were taken for scarce, not all may have to be.
void Reducer::leave_out_abundant() {
  for (std::size_t i = scarce_.size(); i-- > 1;) {
    const ValueId value = scarce_[i];
    scarce_.erase(scarce_.begin() + static_cast<std::ptrdiff_t>(i));
    Set& set = tried_;
    set.clear();
    for (const Kept& one : kept_) {
      const bool is_abundant = one.step->effect == Effect::set && one.step->to.value == value;
      set.push_back(is_abundant ? loosened(one) : one);
    }
    drop_useless(set);
    if (judge(set) == Conclusion::violated) {
      kept_.swap(set);
    } else {
      scarce_.insert(scarce_.begin() + static_cast<std::ptrdiff_t>(i), value);
    }
  }
}

// Who needs a value not to be there needs many writers: without him, most of these go too. A value that was written
// many times is most of the proof; the fewer read it, the more can be said of its writes at once.
void Reducer::reduce() {
  get_ready();
  find_scarce();
  weaken(candidates(is_denial));
  weaken_in_groups(candidates([&](const Step& step) { return !is_denial(step) && !serves(step); }));
  for (const ValueId value : scarce_) weaken_writes_of(value);
  weaken_in_groups(candidates([&](const Step& step) { return serves(step); }));
}

// The values that somebody reads and many write.
void Reducer::find_scarce() {
  constexpr std::ptrdiff_t many = 8;
  if (judges_parts_ || appends_) return;
  std::vector<ValueId> written;
  for (const Kept& one : kept_) {
    if (!one.loose && !one.step->is_read()) written.push_back(one.step->to.value);
  }
  std::sort(written.begin(), written.end());
  for (const Kept& one : kept_) {
    const Need& need = one.step->need;
    if (!one.step->is_read() || need.of_value != Kind::is || is_scarce(need.value)) continue;
    const auto [first, last] = std::equal_range(written.begin(), written.end(), need.value);
    if (last - first >= many) scarce_.push_back(need.value);
  }
}

// Each of a value's writes must be shown to be over. One order tells of most that they cannot be weakened: one with a
// loose write of the value more. A write of which nobody in that order can tell that it was there, and which needs
// nothing once it is loose, may as well be that one: so with it weakened there is an order. And if there is none even
// with one more, the value is not scarce.
void Reducer::weaken_writes_of(ValueId value) {
  const auto may_be_loose = [&](const Kept& one) {
    const Step& step = *one.step;
    return !one.loose && !one.needed && step.effect == Effect::set && step.to.value == value &&
           (free_ || step.is_blind());
  };
  std::vector<std::uint32_t> writes;
  for (const Kept& one : kept_) {
    if (may_be_loose(one)) writes.push_back(one.step->position);
  }
  if (appends_ || revisions_ || writes.size() < 2) return;
  Step more = *find(writes.front()).step;
  more.position = std::numeric_limits<std::uint32_t>::max();
  more.need = {};
  const Kept one_more{&more, 0, 0, true};
  steps_of(kept_);
  steps_.steps.insert(steps_.steps.begin(), step_of(one_more));
  const Conclusion conclusion = judge_.judge(steps_);
  for (const std::uint32_t position : writes) {
    if (conclusion == Conclusion::holds && judge_.is_unseen(*find(position).step)) need(position);
  }
  judges_parts_ = false;  // it has judged another set
  get_ready();
  if (conclusion == Conclusion::violated) weaken(writes);
}

// REQUIRES: it is kept.
Kept& Reducer::find(std::size_t position) {
  const auto is_before = [](const Kept& one, std::size_t than) { return one.step->position < than; };
  return *std::lower_bound(kept_.begin(), kept_.end(), position, is_before);
}

// What may be weakened yet, of those chosen, by position in the history.
template <class Chosen>
std::vector<std::uint32_t> Reducer::candidates(const Chosen& chosen) const {
  std::vector<std::uint32_t> found;
  for (const Kept& one : kept_) {
    if (!one.loose && !one.needed && chosen(*one.step)) found.push_back(one.step->position);
  }
  return found;
}

// The oldest first: most of what is long over has no part in it.
void Reducer::weaken_in_groups(const std::vector<std::uint32_t>& positions) {
  constexpr std::size_t groups = 8;
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
  if (judge_.steps_left() == 0) return is_minimal_ = false;
  if (!tried && !is_refuted(positions)) {
    if (can_weaken(positions)) return needed == 0;
    if (positions.size() > 1 && tells_of_one(positions)) return weaken(positions);
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
  Set& set = tried_;
  set.clear();
  auto next = positions.begin();
  for (const Kept& one : kept_) {
    while (next != positions.end() && *next < one.step->position) ++next;
    const bool weakens = next != positions.end() && *next == one.step->position && !one.loose && !one.needed;
    if (!weakens) set.push_back(one);
    if (weakens && !one.step->is_read()) set.push_back(loosened(one));
  }
  drop_useless(set);
  const Conclusion conclusion = judge(set);
  if (conclusion == Conclusion::unknown) is_minimal_ = false;
  if (conclusion != Conclusion::violated) return false;
  kept_.swap(set);
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
    if (!one.needed && !judge_.explains(step_of(one), free_)) unexplained.push_back(position);
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
void Reducer::drop_useless(Set& set) {
  if (std::none_of(set.begin(), set.end(), [](const Kept& one) { return one.loose; })) return;
  if (appends_) {
    if (!judge_.spends([&](std::uint64_t& steps_left) { return answer_parts_.look_at(set, steps_left); })) return;
    std::erase_if(set, [&](const Kept& one) { return one.loose && !answer_parts_.keeps(one); });
    return;
  }
  for (const bool sparing : {true, false}) {
    useful_.count(set, free_, sparing);
    // From the last to the first, the useful ones are moved to the end.
    useful_set_.resize(set.size());
    auto first = useful_set_.end();
    for (auto one = set.rbegin(); one != set.rend(); ++one) {
      if (!one->loose || useful_.keeps(*one)) *--first = *one;
    }
    if (!useful_.suffice()) continue;
    set.assign(first, useful_set_.end());
    return;
  }
}

void Reducer::name_operations(Violation& violation) const {
  violation.operations.clear();
  violation.writers.clear();
  violation.is_minimal = false;
  violation.writers_are_free = free_;
  for (const Kept& one : kept_) {
    (one.loose ? violation.writers : violation.operations).push_back(one.step->position);
  }
}

void Reducer::tell(Violation& violation) const {
  name_operations(violation);
  violation.is_minimal = is_minimal_;
  // A culprit that was the first is part of every proof. Else it is the last to return; a blind write, which nothing
  // but its revision can be against, only for want of another.
  const auto rank = [&](const Step& step) {
    return std::tuple(step.position == violation.culprit, step.returned, !step.is_blind());
  };
  const Step* last = nullptr;
  for (const Kept& one : kept_) {
    if (one.loose || one.step->optional) continue;
    if (last == nullptr || rank(*last) < rank(*one.step)) last = one.step;
  }
  if (last != nullptr) violation.culprit = last->position;
}

}  // namespace smalldb::checker
