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
    : patience_(options.patience),
      seats_spared_(options.seats_spared),
      configurations_{{state_of(initial), {}, {}, initial == ValueId::absent ? 0U : 1U}} {
  board_.revisions = options.revisions;
}

SearchStream::Slot SearchStream::invoke(const Operation& operation) {
  if (unused_.empty()) {
    unused_.push_back(static_cast<Slot>(records_.size()));
    add_slot();
  }
  const Slot slot = unused_.back();
  unused_.pop_back();
  invoke_in(slot, operation);
  return slot;
}

void SearchStream::add_slot() {
  records_.emplace_back();
  snapshots_.emplace_back();
}

void SearchStream::reserve(std::size_t slots) {
  while (records_.size() < slots) add_slot();
}

void SearchStream::unreserve(const std::vector<Slot>& slots) {
  unused_.insert(unused_.end(), slots.begin(), slots.end());
}

void SearchStream::invoke_in(Slot slot, const Operation& operation) {
  begin_who_was_alone();
  Operation pending = operation;
  pending.outcome = Outcome::unknown;
  pending.returned = never;
  const std::optional<Step> step = step_of(pending, board_.revisions);
  records_[slot] = {Phase::pending, step.has_value(), 0, step.value_or(Step{}), 0, forgotten_ + happenings_.size(),
                    not_yet};
  if (is_quiet()) {
    alone_ = slot;
  } else {
    begin(slot);
  }
}

// Nothing is open, and there is no doubt what was.
bool SearchStream::is_quiet() const {
  return happenings_.empty() && unknown_.empty() && !behind_ && configurations_.size() == 1;
}

void SearchStream::begin(Slot slot) {
  if (!behind_) {
    snapshots_[slot].configurations = configurations_;
    snapshots_[slot].open = open_;
  }
  happenings_.push_back({slot, true});
  take_seat(slot);
  sit_down(slot);
  if (records_[slot].has_step) open_.set(records_[slot].seat);
}

void SearchStream::begin_who_was_alone() {
  if (alone_ != nobody) begin(std::exchange(alone_, nobody));
}

// Whether that is all there is to it: an outcome that stays unknown, or that nothing explains, is for the others to
// judge.
bool SearchStream::complete_alone(const Operation& operation, LiveValues& values, std::uint64_t& steps_left) {
  const std::optional<Step> step = step_of(operation, board_.revisions);
  if (step && step->optional) return false;
  JustInTime search(board_, values, steps_left, room_);
  if (step && !search.take_alone(configurations_.front(), *step, promise_of(operation))) return false;
  const Slot slot = std::exchange(alone_, nobody);
  records_[slot].phase = Phase::none;
  unused_.push_back(slot);
  ++forgotten_;  // that it was invoked
  return true;
}

// One that is free; or, if there are many, that of an operation which is over, though it may be gone through again:
// then each sits down anew when it is its turn. That is work, and is spared as long as sets are small anyway.
SearchStream::Seat SearchStream::find_seat() const {
  if (!free_seats_.empty()) return free_seats_.back();
  if (owners_.size() < seats_spared_) return static_cast<Seat>(owners_.size());
  const auto is_over = [&](Slot owner) {
    return records_[owner].phase == Phase::returned || records_[owner].phase == Phase::no_part;
  };
  return static_cast<Seat>(std::find_if(owners_.begin(), owners_.end(), is_over) - owners_.begin());
}

void SearchStream::take_seat(Slot slot) {
  const Seat seat = find_seat();
  if (!free_seats_.empty()) {
    free_seats_.pop_back();
  } else if (seat == owners_.size()) {
    owners_.push_back(nobody);
    seated_.push_back(nobody);
    board_.steps.emplace_back();
    board_.invoked.push_back(0);
    board_.returned.push_back(not_yet);
    board_.promises.push_back(0);
  } else {
    shared_ = true;
  }
  owners_[seat] = slot;
  records_[slot].seat = seat;
}

void SearchStream::sit_down(Slot slot) {
  const Record& record = records_[slot];
  const Seat seat = record.seat;
  seated_[seat] = slot;
  board_.steps[seat] = record.step;
  board_.promises[seat] = record.promise;
  board_.invoked[seat] = record.invoked;
  board_.returned[seat] = record.returned;
  board_.reads.assign(seat, record.has_step && record.step.is_read());
  board_.optional.assign(seat, record.step.optional);
  board_.blind.assign(seat, record.step.is_blind());
  board_.appends.assign(seat, record.step.effect == Effect::append);
}

SearchStream::Answer SearchStream::complete(Slot slot, const Operation& operation, LiveValues& values,
                                            std::uint64_t& steps_left) {
  if (slot == alone_ && complete_alone(operation, values, steps_left)) return Answer::explained;
  begin_who_was_alone();
  const std::optional<Step> step = step_of(operation, board_.revisions);
  Record& record = records_[slot];
  bool is_news = true;
  if (step && step->optional) {  // what it was all along
    record.phase = Phase::unknown;
    unknown_.push_back(slot);
    is_news = false;
  } else if (step) {
    record.phase = Phase::returned;
    record.has_step = true;
    record.step = *step;
    record.promise = promise_of(operation);
    record.returned = forgotten_ + happenings_.size();
    happenings_.push_back({slot, false});
  } else {
    // A write that failed may have been given effect. A get that says nothing was never in question.
    record.phase = Phase::no_part;
    is_news = operation.verb != Verb::get;
  }
  sit_down(slot);
  Answer answer = Answer::explained;
  if (behind_) {
    const bool is_hopeless = slot != oldest() && is_too_much(first_, patience_);
    if (!is_hopeless) answer = go_again_from(oldest(), values, steps_left);
  } else if (is_news) {
    answer = go_again_from(slot, values, steps_left);
  }
  if (answer == Answer::contradicts && !behind_) culprit_ = slot;  // before it, there was an order
  if (answer != Answer::explained) return answer;
  snapshots_[slot].clear();
  forget_the_past();
  return answer;
}

std::uint64_t SearchStream::promise_of(const Operation& operation) const {
  return board_.revisions == Revisions::promised && operation.revision != any_revision ? operation.revision : 0;
}

// Who was open at that time and is over sits down again. All others have kept their seats.
void SearchStream::go_back_to(std::size_t happening) {
  if (!shared_) return;
  for (std::size_t i = happenings_.size(); i-- > happening;) {
    const auto [slot, invoked] = happenings_[i];
    if (!invoked && seated_[records_[slot].seat] != slot) sit_down(slot);
  }
}

SearchStream::Answer SearchStream::go_again_from(Slot slot, LiveValues& values, std::uint64_t& steps_left) {
  now_ = snapshots_[slot];
  const std::uint64_t patience = std::min(steps_left, patience_);
  std::uint64_t patience_left = patience;
  JustInTime search(board_, values, steps_left, room_);
  JustInTime guess(board_, values, patience_left, room_);
  bool guesses = slot != oldest();
  bool any_guessed = false;  // of the snapshots
  const std::size_t from = records_[slot].invoked - forgotten_;
  go_back_to(from);
  for (std::size_t i = from; i < happenings_.size(); ++i) {
    const auto [which, invoked] = happenings_[i];
    const Record& record = records_[which];
    if (record.phase == Phase::no_part) continue;
    if (invoked) {
      if (seated_[record.seat] != which) sit_down(which);
      if (record.phase == Phase::pending) {
        snapshots_[which] = now_;
        any_guessed = any_guessed || guesses;
        guesses = true;
      }
      if (record.has_step) now_.open.set(record.seat);
      continue;
    }
    const bool is_hopeless = guesses && is_too_much(i, patience_left);
    if (!is_hopeless) {
      (guesses ? guess : search).take_return(now_.configurations, now_.open, record.seat);
    }
    if (search.gave_up()) return Answer::given_up;
    if (is_hopeless || guess.gave_up()) {
      steps_left -= std::min(steps_left, patience - patience_left);
      if (any_guessed || !behind_) fall_behind();
      return Answer::explained;
    }
    if (now_.configurations.empty()) {
      culprit_ = which;
      return Answer::contradicts;
    }
    now_.open.reset(record.seat);
  }
  steps_left -= std::min(steps_left, patience - patience_left);
  configurations_.swap(now_.configurations);
  open_ = now_.open;
  behind_ = false;
  return Answer::explained;
}

// What is known of the instants after the oldest invocation that is pending is not all there is to be known.
void SearchStream::fall_behind() {
  behind_ = true;
  const auto is_pending = [&](const Happening& one) {
    return one.invoked && records_[one.slot].phase == Phase::pending;
  };
  auto one = happenings_.begin() + static_cast<std::ptrdiff_t>(first_);
  one = std::find_if(one, happenings_.end(), is_pending);
  while (one != happenings_.end()) {
    one = std::find_if(one + 1, happenings_.end(), is_pending);
    if (one != happenings_.end()) snapshots_[one->slot].clear();
  }
}

// What happened before the oldest invocation that is pending.
void SearchStream::forget_the_past() {
  bool any = false;
  for (; first_ < happenings_.size(); ++first_, any = true) {
    const auto [slot, invoked] = happenings_[first_];
    if (invoked && records_[slot].phase == Phase::pending) break;
    const bool is_over = !invoked || records_[slot].phase == Phase::no_part;
    if (is_over) free(slot);
  }
  if (2 * first_ >= happenings_.size()) {
    happenings_.erase(happenings_.begin(), happenings_.begin() + static_cast<std::ptrdiff_t>(first_));
    forgotten_ += std::exchange(first_, 0);
  }
  if (any && !unknown_.empty()) retire_spent();
}

// A write of unknown outcome that has taken effect in every configuration of the oldest instant has done so in all of
// every later one.
void SearchStream::retire_spent() {
  const std::vector<Configuration>& of_oldest =
      happenings_.empty() ? configurations_ : snapshots_[oldest()].configurations;
  SlotSet spent;
  for (const Slot slot : unknown_) {
    if (happenings_.empty() || records_[slot].invoked < records_[oldest()].invoked) spent.set(records_[slot].seat);
  }
  for (const Configuration& configuration : of_oldest) spent &= configuration.done;
  if (spent.none()) return;
  const auto forget = [&](std::vector<Configuration>& configurations, SlotSet& open) {
    for (Configuration& configuration : configurations) configuration.done -= spent;
    open -= spent;
  };
  forget(configurations_, open_);
  for (Snapshot& snapshot : snapshots_) forget(snapshot.configurations, snapshot.open);
  std::erase_if(unknown_, [&](Slot slot) {
    const bool is_spent = spent[records_[slot].seat];  // who is in a seat of these is the one that was there then
    if (is_spent) free(slot);
    return is_spent;
  });
}

void SearchStream::free(Slot slot) {
  Record& record = records_[slot];
  record.phase = Phase::none;
  unused_.push_back(slot);
  if (owners_[record.seat] != slot) return;
  owners_[record.seat] = nobody;
  free_seats_.push_back(record.seat);
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
  other.records_[culprit_].step = *step;
  other.records_[culprit_].promise = 0;
  other.sit_down(culprit_);
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
  std::size_t size = configurations_.size() + records_.size() - unused_.size() + happenings_.size() - first_;
  for (const Snapshot& snapshot : snapshots_) size += snapshot.configurations.size();
  return size;
}

}  // namespace smalldb::checker
