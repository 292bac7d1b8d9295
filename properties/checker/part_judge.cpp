#include "properties/checker/part_judge.h"

#include <algorithm>
#include <bit>
#include <iterator>

#include "properties/checker/frontier.h"

namespace smalldb::checker {

using Kind = Need::Kind;

namespace {

// What goes farther than this is not small.
constexpr std::uint64_t small_steps_min = 100;
constexpr std::uint64_t small_steps_each = 8;

}  // namespace

template <class What>
Conclusion PartJudge::judge_as_small(const What& what, std::size_t size) {
  is_small_ = false;
  if (steps_left_ == 0 || size >= too_large_) return Conclusion::unknown;
  const std::uint64_t most = std::min(steps_left_, small_steps_min + small_steps_each * size);
  std::uint64_t left = most;
  const Conclusion conclusion = small_.judge(what, left);
  steps_left_ -= most - left;
  is_small_ = conclusion != Conclusion::unknown;
  if (!is_small_) too_large_ = size;
  return conclusion;
}

Conclusion PartJudge::judge_as_small(const Steps& steps) {
  initial_ = steps.initial.value;
  return judge_as_small(steps, steps.steps.size());
}

Conclusion PartJudge::judge(const Steps& steps) {
  steps_left_ -= std::min(steps_left_, steps.steps.size());
  const Conclusion conclusion = judge_as_small(steps);
  if (conclusion == Conclusion::holds) small_.way(way_);
  if (is_small_ || steps_left_ == 0) return conclusion;
  const FrontierResult result = judge_by_frontier(task_.history, steps, steps_left_, false);
  steps_left_ -= std::min(steps_left_, result.steps);
  return result.conclusion;
}

bool PartJudge::take(const Steps& all) {
  initial_ = all.initial.value;
  return small_.take(all);
}

Conclusion PartJudge::judge(const SmallSearch::Part& part) {
  const auto size = static_cast<std::size_t>(std::popcount(part.strict | part.loose));
  steps_left_ -= std::min(steps_left_, size);
  const Conclusion conclusion = judge_as_small(part, size);
  if (conclusion == Conclusion::holds) small_.way(way_);
  return conclusion;
}

bool PartJudge::keep_possible(std::vector<ValueId>& values) {
  bool knows = true;
  std::erase_if(values, [&](ValueId value) {
    const Conclusion conclusion = is_small_ ? small_.may_hold(value, steps_left_) : Conclusion::unknown;
    knows = knows && conclusion != Conclusion::unknown;
    return conclusion != Conclusion::holds;
  });
  return knows;
}

std::vector<SmallSearch::Write>::const_iterator PartJudge::find_in_way(const Step& step) const {
  const auto is_this = [&](const SmallSearch::Write& write) { return write.step->position == step.position; };
  return std::find_if(way_.begin(), way_.end(), is_this);
}

// At some instant between its invocation and its return, a value that fits; but for what it has written itself.
template <class Fits>
bool PartJudge::was_there(const Step& step, const Fits& fits) const {
  Instant since = std::numeric_limits<Instant>::min();
  ValueId value = initial_;
  for (const auto& [write, at, seen] : way_) {
    if (write->position == step.position) continue;
    if (step.invoked <= at && since <= step.returned && fits(value)) return true;
    since = at;
    value = write->to.value;
  }
  return since <= step.returned && fits(value);
}

// In the order, a write takes effect at one instant, and what it leaves is there until the next. There is room for any
// number that read it, or write it once more, and right before a blind write for any other.
bool PartJudge::explains(const Step& step, bool freed) const {
  if (!is_small_ || step.need.of_revision != Kind::none) return false;
  const auto used = find_in_way(step);
  if (used != way_.end()) {
    return step.invoked <= used->at && used->at <= step.returned && (!freed || step.need.none());
  }
  if (step.optional) return true;
  const auto changes_nothing = [&](ValueId value) {
    return step.is_read() ? step.need.met_by({value}) : step.is_blind() && step.to.value == value;
  };
  const auto overwrites = [&](const SmallSearch::Write& write) {
    return write.step->is_blind() && step.invoked <= write.at && write.at <= step.returned;
  };
  return was_there(step, changes_nothing) || (step.is_blind() && std::any_of(way_.begin(), way_.end(), overwrites));
}

bool PartJudge::explains_need(const Step& step) const {
  if (!is_small_ || step.need.of_revision != Kind::none) return false;
  const auto used = find_in_way(step);
  const bool writes = used != way_.end() && !step.is_read();
  if (writes) return step.need.met_by({used == way_.begin() ? initial_ : std::prev(used)->step->to.value});
  return was_there(step, [&](ValueId value) { return step.need.met_by({value}); });
}

bool PartJudge::is_unseen(const Step& write) const {
  if (!is_small_) return false;
  const auto used = find_in_way(write);
  if (used == way_.end()) return true;
  const auto next = used + 1;
  return !used->seen && (next == way_.end() || next->step->is_blind());
}

}  // namespace smalldb::checker
