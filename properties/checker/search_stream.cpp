#include "properties/checker/search_stream.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace smalldb::checker {
namespace {

constexpr std::uint64_t not_yet = std::numeric_limits<std::uint64_t>::max();

}  // namespace

// What is there at first has been written once, and has a revision.
SearchStream::SearchStream(ValueId initial, const StreamOptions& options)
    : patience_(options.patience), configurations_{{state_of(initial), {}, {}, initial == ValueId::absent ? 0U : 1U}} {
  board_.revisions = options.revisions;
}

SearchStream::Slot SearchStream::invoke(const Operation& operation) {
  if (unused_.empty()) {
    unused_.push_back(static_cast<Slot>(phases_.size()));
    add_slot();
  }
  const Slot slot = unused_.back();
  unused_.pop_back();
  invoke_in(slot, operation);
  return slot;
}

void SearchStream::add_slot() {
  phases_.emplace_back();
  snapshots_.emplace_back();
  board_.steps.emplace_back();
  board_.invoked.push_back(0);
  board_.returned.push_back(not_yet);
  board_.promises.push_back(0);
}

void SearchStream::reserve(std::size_t slots) {
  while (phases_.size() < slots) add_slot();
}

void SearchStream::unreserve(const std::vector<Slot>& slots) {
  unused_.insert(unused_.end(), slots.begin(), slots.end());
}

void SearchStream::invoke_in(Slot slot, const Operation& operation) {
  phases_[slot] = Phase::pending;
  snapshots_[slot] = {};
  if (!behind_) snapshots_[slot] = {configurations_, open_};
  board_.invoked[slot] = forgotten_ + happenings_.size();
  board_.returned[slot] = not_yet;
  happenings_.push_back({slot, true});
  Operation pending = operation;
  pending.outcome = Outcome::unknown;
  pending.returned = never;
  if (const std::optional<Step> step = step_of(pending, board_.revisions)) {
    set_step(slot, *step, 0);
    open_.set(slot);
  } else {
    set_no_step(slot);
  }
}

SearchStream::Answer SearchStream::complete(Slot slot, const Operation& operation, LiveValues& values,
                                            std::uint64_t& steps_left) {
  const std::optional<Step> step = step_of(operation, board_.revisions);
  bool is_news = true;
  if (step && step->optional) {  // what it was all along
    phases_[slot] = Phase::unknown;
    unknown_.set(slot);
    is_news = false;
  } else if (step) {
    set_step(slot, *step, promise_of(operation));
    phases_[slot] = Phase::returned;
    board_.returned[slot] = forgotten_ + happenings_.size();
    happenings_.push_back({slot, false});
  } else {
    // A write that failed may have been given effect. A get that says nothing was never in question.
    phases_[slot] = Phase::no_part;
    is_news = operation.verb != Verb::get;
  }
  Answer answer = Answer::explained;
  if (behind_) {
    const bool is_hopeless = slot != oldest() && is_too_much(first_, patience_);
    if (!is_hopeless) answer = go_again_from(oldest(), values, steps_left);
  } else if (is_news) {
    answer = go_again_from(slot, values, steps_left);
  }
  if (answer == Answer::contradicts && !behind_) culprit_ = slot;  // before it, there was an order
  if (answer != Answer::explained) return answer;
  snapshots_[slot] = {};
  forget_the_past();
  return answer;
}

std::uint64_t SearchStream::promise_of(const Operation& operation) const {
  return board_.revisions == Revisions::promised && operation.revision != any_revision ? operation.revision : 0;
}

void SearchStream::set_step(Slot slot, const Step& step, std::uint64_t promise) {
  board_.steps[slot] = step;
  board_.promises[slot] = promise;
  board_.reads.assign(slot, step.is_read());
  board_.optional.assign(slot, step.optional);
  board_.blind.assign(slot, step.is_blind());
  board_.appends.assign(slot, step.effect == Effect::append);
}

void SearchStream::set_no_step(Slot slot) {
  set_step(slot, {}, 0);
  board_.reads.reset(slot);
}

SearchStream::Answer SearchStream::go_again_from(Slot slot, LiveValues& values, std::uint64_t& steps_left) {
  Snapshot now = snapshots_[slot];
  const std::uint64_t patience = std::min(steps_left, patience_);
  std::uint64_t patience_left = patience;
  JustInTime search(board_, values, steps_left);
  JustInTime guess(board_, values, patience_left);
  bool guesses = slot != oldest();
  bool any_guessed = false;  // of the snapshots
  for (std::size_t i = board_.invoked[slot] - forgotten_; i < happenings_.size(); ++i) {
    const auto [which, invoked] = happenings_[i];
    if (phases_[which] == Phase::no_part) continue;
    if (invoked) {
      if (phases_[which] == Phase::pending) {
        snapshots_[which] = now;
        any_guessed = any_guessed || guesses;
        guesses = true;
      }
      const bool known = board_.reads[which] || board_.steps[which].effect != Effect::none;
      if (known) now.open.set(which);
      continue;
    }
    const bool is_hopeless = guesses && is_too_much(i, patience_left);
    if (!is_hopeless) {
      now.configurations = (guesses ? guess : search).take_return(now.configurations, now.open, which);
    }
    if (search.gave_up()) return Answer::given_up;
    if (is_hopeless || guess.gave_up()) {
      steps_left -= std::min(steps_left, patience - patience_left);
      if (any_guessed || !behind_) fall_behind();
      return Answer::explained;
    }
    if (now.configurations.empty()) {
      culprit_ = which;
      return Answer::contradicts;
    }
    now.open.reset(which);
  }
  steps_left -= std::min(steps_left, patience - patience_left);
  configurations_ = std::move(now.configurations);
  open_ = std::move(now.open);
  behind_ = false;
  return Answer::explained;
}

// What is known of the instants after the oldest invocation that is pending is not all there is to be known.
void SearchStream::fall_behind() {
  behind_ = true;
  const auto is_pending = [&](const Happening& one) { return one.invoked && phases_[one.slot] == Phase::pending; };
  auto one = happenings_.begin() + static_cast<std::ptrdiff_t>(first_);
  one = std::find_if(one, happenings_.end(), is_pending);
  while (one != happenings_.end()) {
    one = std::find_if(one + 1, happenings_.end(), is_pending);
    if (one != happenings_.end()) snapshots_[one->slot] = {};
  }
}

// What happened before the oldest invocation that is pending.
void SearchStream::forget_the_past() {
  bool any = false;
  for (; first_ < happenings_.size(); ++first_, any = true) {
    const auto [slot, invoked] = happenings_[first_];
    if (invoked && phases_[slot] == Phase::pending) break;
    const bool is_over = !invoked || phases_[slot] == Phase::no_part;
    if (is_over) free(slot);
  }
  if (2 * first_ >= happenings_.size()) {
    happenings_.erase(happenings_.begin(), happenings_.begin() + static_cast<std::ptrdiff_t>(first_));
    forgotten_ += std::exchange(first_, 0);
  }
  if (any && !unknown_.none()) retire_spent();
}

// A write of unknown outcome that has taken effect in every configuration of the oldest instant has done so in all of
// every later one.
void SearchStream::retire_spent() {
  const std::vector<Configuration>& of_oldest =
      happenings_.empty() ? configurations_ : snapshots_[oldest()].configurations;
  SlotSet spent = unknown_;
  for (const Configuration& configuration : of_oldest) spent &= configuration.done;
  if (spent.none()) return;
  const auto forget = [&](std::vector<Configuration>& configurations, SlotSet& open) {
    for (Configuration& configuration : configurations) configuration.done -= spent;
    open -= spent;
  };
  forget(configurations_, open_);
  for (Snapshot& snapshot : snapshots_) forget(snapshot.configurations, snapshot.open);
  unknown_ -= spent;
  for (std::uint32_t slot = spent.next(0); slot != SlotSet::none_left; slot = spent.next(slot + 1)) free(slot);
}

void SearchStream::free(Slot slot) {
  phases_[slot] = Phase::none;
  unused_.push_back(slot);
}

bool SearchStream::would_explain_without_revision(const Operation& operation, LiveValues& values,
                                                  std::uint64_t& steps_left) const {
  if (operation.revision == 0) return false;
  Operation untold = operation;
  untold.revision = any_revision;
  const std::optional<Step> step = step_of(untold, board_.revisions);
  if (!step) return false;
  SearchStream other = *this;
  other.patience_ = steps_left;
  other.set_step(culprit_, *step, 0);
  const Answer answer = other.go_again_from(behind_ ? oldest() : culprit_, values, steps_left);
  return answer == Answer::explained && !other.is_behind();
}

std::vector<State> SearchStream::states() const {
  std::vector<State> states;
  for (const Configuration& configuration : behind_ ? snapshots_[oldest()].configurations : configurations_) {
    if (std::find(states.begin(), states.end(), configuration.state) == states.end()) {
      states.push_back(configuration.state);
    }
  }
  return states;
}

std::size_t SearchStream::size() const {
  std::size_t size = configurations_.size() + phases_.size() - unused_.size() + happenings_.size() - first_;
  for (const Snapshot& snapshot : snapshots_) size += snapshot.configurations.size();
  return size;
}

}  // namespace smalldb::checker
