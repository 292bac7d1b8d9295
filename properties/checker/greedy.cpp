#include "properties/checker/greedy.h"

#include <algorithm>
#include <utility>

#include "properties/checker/steps.h"

namespace smalldb::checker {
namespace {

using Kind = Need::Kind;

class Greedy {
 public:
  explicit Greedy(const KeyTask& task) : task_(task), state_(state_of(task.history.initial(task.key))) {}

  // False if it gets stuck.
  bool arrives();
  std::size_t looked_at() const { return next_; }
  std::vector<std::size_t> way() const;

 private:
  // An operation that has not taken effect; or, `maybe`, that may count as having done so, right before the one that
  // took effect as number `before`.
  struct Open {
    Step step;
    std::size_t before = 0;
    bool maybe = false;
  };
  using Place = std::size_t;  // in `open_`
  static constexpr Place nowhere = static_cast<Place>(-1);

  bool invoke(std::uint32_t position, const Operation& operation);
  bool take_return();
  Place source_of(const Need& need) const;
  void give_effect(Place place);
  void visit_for_reads(ValueId next);
  void happens(const Step& step);
  void settle();
  bool is_missed(ValueId value) const;
  bool is_found_first(ValueId one, ValueId other) const;
  void note(std::uint32_t position) {
    ++effects_;
    if (task_.witness) way_.push_back(position);
  }

  // As many may be open at a time: among more, one way is hardly the right one.
  static constexpr std::size_t open_most = 64;

  const KeyTask& task_;
  State state_;
  std::vector<Open> open_;  // by return; those of unknown outcome last
  std::size_t next_ = 0;    // of the task's positions
  std::size_t effects_ = 0;
  std::vector<std::size_t> way_;                                    // if a witness is asked for
  std::vector<std::pair<std::size_t, std::uint32_t>> overwritten_;  // likewise: right before which of these
};

bool Greedy::arrives() {
  const std::span<const std::uint32_t> positions = task_.positions;
  while (next_ < positions.size()) {
    task_.fetch(next_ + fetch_ahead);
    const std::uint32_t position = positions[next_];
    const Operation& operation = task_.operations[position];
    while (!open_.empty() && open_.front().step.returned < operation.invoked) {
      if (!take_return()) return false;
    }
    ++next_;
    if (!invoke(position, operation)) return false;
  }
  while (!open_.empty() && !open_.front().step.optional) {
    if (!take_return()) return false;
  }
  return true;
}

// What changes nothing takes effect at once, if it finds what it needs.
bool Greedy::invoke(std::uint32_t position, const Operation& operation) {
  const bool reads = operation.verb == Verb::get && operation.outcome == Outcome::ok;
  if (reads && operation.result == state_.value) {
    note(position);
    return true;
  }
  std::optional<Step> step = step_of(operation);
  if (!step) return true;
  step->position = position;
  if (step->is_read() && step->need.met_by(state_)) {
    note(position);
    return true;
  }
  if (step->effect == Effect::append || open_.size() == open_most) return false;
  auto place = open_.end();
  while (place != open_.begin() && (place - 1)->step.returned > step->returned) --place;
  open_.insert(place, {*step});
  return true;
}

// The first that is open is over, and must take effect now if it has not.
bool Greedy::take_return() {
  const Step step = open_.front().step;
  if (open_.front().maybe) {
    if (is_missed(step.to.value) || is_found_first(step.to.value, state_.value)) {
      give_effect(0);
    } else {
      if (task_.witness) overwritten_.emplace_back(open_.front().before, step.position);
      open_.erase(open_.begin());
    }
    return true;
  }
  if (!step.need.met_by(state_)) {
    const Place source = source_of(step.need);
    if (source == nowhere) return false;
    give_effect(source);
    // On the way it may have taken effect itself: a read has.
    const bool is_over = open_.empty() || open_.front().step.position != step.position;
    if (is_over) return true;
  }
  give_effect(0);
  return true;
}

// Of those that are open, one that would write what is needed, the soonest to return.
Greedy::Place Greedy::source_of(const Need& need) const {
  for (Place place = 0; place < open_.size(); ++place) {
    const Step& step = open_[place].step;
    if (!step.is_read() && step.need.met_by(state_) && need.met_by(step.to)) return place;
  }
  return nowhere;
}

void Greedy::give_effect(Place place) {
  const Step step = open_[place].step;
  open_.erase(open_.begin() + static_cast<std::ptrdiff_t>(place));
  if (step.is_blind()) visit_for_reads(step.to.value);
  for (Open& other : open_) {
    const bool may_be_unseen = other.step.is_blind() && !other.step.optional && step.need.met_by(other.step.to);
    if (!may_be_unseen) continue;
    other.maybe = true;
    other.before = effects_;
  }
  happens(step);
}

void Greedy::happens(const Step& step) {
  state_ = step.to;
  note(step.position);
  settle();
}

void Greedy::settle() {
  const auto reads_this = [&](const Open& one) {
    const bool reads = one.step.is_read() && one.step.need.met_by(state_);
    if (reads) note(one.step.position);
    return reads;
  };
  open_.erase(std::remove_if(open_.begin(), open_.end(), reads_this), open_.end());
}

// Before `next` is written: whoever is open and has read what one that is open writes finds it now, unless that is to
// be found later.
void Greedy::visit_for_reads(ValueId next) {
  for (Place reader = 0; reader < open_.size(); ++reader) {
    const Need need = open_[reader].step.need;
    if (!open_[reader].step.is_read() || need.of_value != Kind::is) continue;
    const Place source = source_of(need);
    if (source == nowhere || is_found_first(need.value, next)) continue;
    const Step step = open_[source].step;
    open_.erase(open_.begin() + static_cast<std::ptrdiff_t>(source));
    happens(step);
    reader = nowhere;  // from the first again
  }
}

// Somebody who is open needs it.
bool Greedy::is_missed(ValueId value) const {
  return std::any_of(open_.begin(), open_.end(), [&](const Open& open) {
    return open.step.need.of_value == Kind::is && open.step.need.value == value;
  });
}

// Of two values, that those who are invoked next need `one` before `other`. False if they need neither.
bool Greedy::is_found_first(ValueId one, ValueId other) const {
  constexpr std::size_t looked_ahead = 64;
  const std::size_t end = std::min(task_.positions.size(), next_ + looked_ahead);
  for (std::size_t i = next_; i < end; ++i) {
    const Operation& operation = task_.operations[task_.positions[i]];
    if (operation.outcome != Outcome::ok) continue;
    const bool expects = operation.verb == Verb::swap_if_value || operation.verb == Verb::remove_if_value;
    if (!expects && operation.verb != Verb::get) continue;
    const ValueId found = expects ? operation.expected : operation.result;
    if (found == one) return true;
    if (found == other) return false;
  }
  return false;
}

// With those that count as overwritten right before what overwrote them.
std::vector<std::size_t> Greedy::way() const {
  auto unseen = overwritten_;
  std::stable_sort(unseen.begin(), unseen.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<std::size_t> way;
  std::size_t next = 0;
  for (std::size_t i = 0; i < way_.size(); ++i) {
    for (; next < unseen.size() && unseen[next].first == i; ++next) way.push_back(unseen[next].second);
    way.push_back(way_[i]);
  }
  return way;
}

}  // namespace

std::optional<KeyResult> judge_by_greed(const KeyTask& task, std::uint64_t& steps) {
  if (task.positions.size() > task.steps_max) return std::nullopt;
  Greedy greedy(task);
  const bool arrives = greedy.arrives();
  steps = greedy.looked_at();
  if (!arrives) return std::nullopt;
  KeyResult result;
  result.verdict = {task.key, Conclusion::holds, Engine::greedy, task.positions.size(), steps, never};
  if (task.witness) result.order = greedy.way();
  return result;
}

}  // namespace smalldb::checker
