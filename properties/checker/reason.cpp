#include "properties/checker/reason.h"

#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

#include "properties/checker/frontier.h"
#include "properties/checker/steps.h"

namespace smalldb::checker {
namespace {

using Kind = Need::Kind;

struct Kept {
  Step step;
  bool loose = false;
};

class Reducer {
 public:
  Reducer(const KeyTask& task, std::size_t culprit, std::uint64_t steps_max);

  void reduce();
  void tell(Violation& violation) const;

 private:
  bool is_illegal(const std::vector<Kept>& kept);
  bool accept(std::vector<Kept> candidate);
  std::vector<Kept> without_past(std::size_t count) const;
  void drop_unneeded(std::vector<Kept>& kept) const;
  bool is_needed(const Kept& write, const std::vector<Kept>& kept) const;
  void drop_surplus(std::vector<Kept>& kept) const;

  const KeyTask& task_;
  State initial_;
  std::vector<Kept> kept_;  // by invocation
  std::uint64_t steps_left_;
};

Reducer::Reducer(const KeyTask& task, std::size_t culprit, std::uint64_t steps_max)
    : task_(task), steps_left_(steps_max) {
  const Instant end = task.history.operations()[culprit].returned;
  const Steps all = steps_of(task.history, task.key, task.positions);
  initial_ = all.initial;
  for (const Step& step : all.steps) {
    if (step.invoked > end || (step.is_read() && step.returned > end)) continue;
    kept_.push_back({step, false});
  }
}

Kept loosened(const Step& step) {
  Kept loose{step, true};
  loose.step.optional = true;
  loose.step.invoked = std::numeric_limits<Instant>::min();
  loose.step.returned = never;
  if (loose.step.to.revision != 0) loose.step.to.revision = undetermined;
  return loose;
}

bool Reducer::is_illegal(const std::vector<Kept>& kept) {
  Steps steps;
  steps.initial = initial_;
  for (const bool loose : {true, false}) {
    for (const Kept& one : kept) {
      if (one.loose == loose) steps.steps.push_back(one.step);
    }
  }
  const FrontierResult result = judge_by_frontier(task_.history, steps, steps_left_, false);
  steps_left_ -= std::min(steps_left_, result.steps + kept.size());
  return result.conclusion == Conclusion::violated;
}

bool Reducer::accept(std::vector<Kept> candidate) {
  drop_unneeded(candidate);
  if (steps_left_ == 0 || !is_illegal(candidate)) return false;
  kept_ = std::move(candidate);
  return true;
}

// With everything loose that returned first, `count` operations.
std::vector<Kept> Reducer::without_past(std::size_t count) const {
  std::vector<std::size_t> by_return(kept_.size());
  for (std::size_t i = 0; i < by_return.size(); ++i) by_return[i] = i;
  std::stable_sort(by_return.begin(), by_return.end(), [&](std::size_t one, std::size_t other) {
    return kept_[one].step.returned < kept_[other].step.returned;
  });
  std::vector<bool> past(kept_.size());
  for (std::size_t i = 0; i < count; ++i) past[by_return[i]] = true;
  std::vector<Kept> candidate;
  for (std::size_t i = 0; i < kept_.size(); ++i) {
    if (!past[i]) candidate.push_back(kept_[i]);
    if (past[i] && !kept_[i].step.is_read()) candidate.push_back(loosened(kept_[i].step));
  }
  return candidate;
}

void Reducer::reduce() {
  // The longest past that does not matter: the more is loose, the more orders there are.
  std::size_t low = 0;
  std::size_t high = kept_.size();
  std::vector<Kept> best = kept_;
  while (low + 1 < high && steps_left_ > 0) {
    const std::size_t middle = low + (high - low) / 2;
    std::vector<Kept> candidate = without_past(middle);
    drop_unneeded(candidate);
    if (is_illegal(candidate)) {
      low = middle;
      best = std::move(candidate);
    } else {
      high = middle;
    }
  }
  kept_ = std::move(best);
  // Then one by one, until no step is left that can be taken.
  for (bool changed = true; changed && steps_left_ > 0;) {
    changed = false;
    for (std::size_t i = kept_.size(); i-- > 0 && steps_left_ > 0;) {
      if (i >= kept_.size()) continue;
      const Kept& one = kept_[i];
      if (one.loose) continue;
      std::vector<Kept> candidate = kept_;
      if (one.step.is_read()) {
        candidate.erase(candidate.begin() + static_cast<std::ptrdiff_t>(i));
      } else {
        candidate[i] = loosened(one.step);
      }
      if (accept(std::move(candidate))) changed = true;
    }
  }
}

void Reducer::drop_unneeded(std::vector<Kept>& kept) const {
  const auto denies = [](const Kept& one) {
    return one.step.need.of_value == Kind::is_not || one.step.need.of_revision != Kind::none;
  };
  if (std::any_of(kept.begin(), kept.end(), denies)) return;
  for (bool changed = true; changed;) {
    const std::size_t before = kept.size();
    std::vector<Kept> rest;
    for (const Kept& one : kept) {
      if (!one.loose || is_needed(one, kept)) rest.push_back(one);
    }
    kept = std::move(rest);
    changed = kept.size() != before;
  }
  drop_surplus(kept);
}

// Where there are appends, what is written is part of what is read.
bool Reducer::is_needed(const Kept& write, const std::vector<Kept>& kept) const {
  const bool appends =
      std::any_of(kept.begin(), kept.end(), [](const Kept& one) { return one.step.effect == Effect::append; });
  if (appends && write.step.to.value == ValueId::absent) return true;
  for (const Kept& one : kept) {
    if (one.step.need.of_value != Kind::is || &one == &write) continue;
    const ValueId needed = one.step.need.value;
    if (!appends && needed == write.step.to.value) return true;
    if (!appends || needed == ValueId::absent || needed == no_value) continue;
    const std::string_view bytes = task_.history.bytes(needed);
    if (bytes.find(task_.history.bytes(write.step.to.value)) != std::string_view::npos) return true;
  }
  return false;
}

void Reducer::drop_surplus(std::vector<Kept>& kept) const {
  const auto is_plain = [](const Kept& one) { return one.loose && one.step.is_blind(); };
  const auto others = kept.size() - static_cast<std::size_t>(std::count_if(kept.begin(), kept.end(), is_plain));
  std::map<ValueId, std::size_t> seen;
  const auto is_surplus = [&](const Kept& one) { return is_plain(one) && ++seen[one.step.to.value] > others + 1; };
  kept.erase(std::remove_if(kept.begin(), kept.end(), is_surplus), kept.end());
}

// The key's past: all that had returned by `end`; writes that were open then may happen or not. Step 1.
Steps past_of(const Steps& all, Instant end) {
  Steps past;
  past.initial = all.initial;
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

// The first return up to which there is no order. The search looks ahead, and so may have given up before it.
class Past {
 public:
  Past(const KeyTask& task, std::uint64_t& steps_left)
      : task_(task), steps_left_(steps_left), all_(steps_of(task.history, task.key, task.positions)) {
    for (const Step& step : all_.steps) {
      if (!step.optional) returns_.push_back({step.returned, step.position});
    }
    std::sort(returns_.begin(), returns_.end());
  }

  std::size_t find_culprit(std::size_t given_up_at) {
    const Instant from = task_.history.operations()[given_up_at].returned;
    const auto first = std::lower_bound(returns_.begin(), returns_.end(), std::pair(from, std::uint32_t{0}));
    auto low = static_cast<std::size_t>(first - returns_.begin());  // none before has no order
    std::size_t high = low;
    std::size_t stride = 1;
    while (high + 1 < returns_.size() && !is_illegal(past_of(all_, returns_[high].first))) {
      low = high + 1;
      high = std::min(returns_.size() - 1, high + stride);
      stride *= 2;
    }
    while (low < high) {
      const std::size_t middle = low + (high - low) / 2;
      is_illegal(past_of(all_, returns_[middle].first)) ? high = middle : low = middle + 1;
    }
    return returns_[high].second;
  }

  // What the key may have held right before `end`, of at most `most` values that may not have been overwritten.
  std::vector<ValueId> states_before(Instant end, std::size_t most) {
    Steps past = past_of(all_, end - 1);
    Instant latest = std::numeric_limits<Instant>::min();
    for (const Step& step : past.steps) {
      if (step.is_blind() && !step.optional) latest = std::max(latest, step.invoked);
    }
    std::vector<ValueId> candidates;
    const auto add = [&](const State& state, Instant returned) {
      const bool known = std::find(candidates.begin(), candidates.end(), state.value) != candidates.end();
      if (!known && returned >= latest && candidates.size() < most) candidates.push_back(state.value);
    };
    add(past.initial, std::numeric_limits<Instant>::min());
    for (std::size_t i = past.steps.size(); i-- > 0;) {
      if (past.steps[i].effect == Effect::set) add(past.steps[i].to, past.steps[i].returned);
      if (past.steps[i].need.of_value == Kind::is && past.steps[i].is_read()) add({past.steps[i].need.value}, never);
    }
    std::vector<ValueId> states;
    Step read;
    read.invoked = end;
    read.returned = end;
    read.need.of_value = Kind::is;
    past.steps.push_back(read);
    for (const ValueId candidate : candidates) {
      past.steps.back().need.value = candidate;
      if (steps_left_ > 0 && !is_illegal(past)) states.push_back(candidate);
    }
    return states;
  }

 private:
  bool is_illegal(const Steps& steps) {
    const FrontierResult result = judge_by_frontier(task_.history, steps, steps_left_, false);
    steps_left_ -= std::min(steps_left_, result.steps);
    return result.conclusion == Conclusion::violated;
  }

  const KeyTask& task_;
  std::uint64_t& steps_left_;
  const Steps all_;
  std::vector<std::pair<Instant, std::uint32_t>> returns_;
};

Anomaly anomaly_of(const KeyTask& task, const Violation& violation) {
  const std::vector<Operation>& operations = task.history.operations();
  const Operation& culprit = operations[violation.culprit];
  const auto is_conditional = [&](std::size_t position) {
    const Verb verb = operations[position].verb;
    return verb != Verb::get && verb != Verb::put && verb != Verb::remove && verb != Verb::append;
  };
  if (culprit.verb != Verb::get) {
    const auto conditional = std::count_if(violation.operations.begin(), violation.operations.end(), is_conditional);
    return conditional >= 2 ? Anomaly::exclusive_writes : Anomaly::no_order;
  }
  if (violation.operations.size() == 1 && violation.writers.empty()) return Anomaly::phantom_value;
  bool read_before = false;
  for (const std::size_t position : violation.operations) {
    const Operation& operation = operations[position];
    if (operation.returned >= culprit.invoked) continue;
    if (operation.verb == Verb::get) read_before = true;
    if (operation.verb != Verb::get && operation.argument != culprit.result) return Anomaly::stale_read;
  }
  return read_before ? Anomaly::non_monotonic_read : Anomaly::no_order;
}

// A value that no one else but writes that failed, or that came later, could have written.
bool find_origin(const KeyTask& task, Violation& violation) {
  const std::vector<Operation>& operations = task.history.operations();
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
  violation.operations = {violation.culprit};
  if (failed || later) violation.operations.push_back(failed ? *failed : *later);
  std::sort(violation.operations.begin(), violation.operations.end());
  violation.anomaly = failed ? Anomaly::dirty_read : later ? Anomaly::future_read : Anomaly::phantom_value;
  return true;
}

void Reducer::tell(Violation& violation) const {
  Instant last = std::numeric_limits<Instant>::min();
  for (const Kept& one : kept_) {
    (one.loose ? violation.writers : violation.operations).push_back(one.step.position);
    if (one.step.optional || one.step.returned <= last) continue;
    last = one.step.returned;
    violation.culprit = one.step.position;
  }
  std::sort(violation.operations.begin(), violation.operations.end());
  std::sort(violation.writers.begin(), violation.writers.end());
}

}  // namespace

void find_reason(const KeyTask& task, std::uint64_t steps_max, Violation& violation) {
  constexpr std::size_t states_most = 8;
  std::uint64_t steps_left = steps_max;
  Past past(task, steps_left);
  violation.culprit = past.find_culprit(violation.culprit);
  violation.states = past.states_before(task.history.operations()[violation.culprit].returned, states_most);
  if (find_origin(task, violation)) return;
  Reducer reducer(task, violation.culprit, steps_left);
  reducer.reduce();
  reducer.tell(violation);
  violation.anomaly = anomaly_of(task, violation);
}

}  // namespace smalldb::checker
