#include "properties/checker/formats/builder.h"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

namespace smalldb::checker {

void Builder::at(Instant instant, Place place) {
  if (has_begun_ && instant < now_) {
    refuse(place, "the time " + std::to_string(instant) + " after " + std::to_string(now_),
           "a time that does not go back: lines stand in the order in which things happened");
  }
  if (instant == never) refuse(place, "the time " + std::to_string(instant), "a time that comes");
  now_ = instant;
  has_begun_ = true;
}

void Builder::call(const Operation& operation, Place place) {
  const auto process = static_cast<std::size_t>(operation.process);
  if (process >= open_.size()) open_.resize(process + 1);
  if (open_[process] != 0) {
    const std::uint64_t earlier = open_[process] - 1 - handed_over_;
    refuse(place, "a second call of process " + named(history_.name(operation.process)),
           "the answer to its call in line " + std::to_string(waiting_[earlier].line) +
               " first; a user that does two things at a time is two processes");
  }
  const std::uint64_t line_max_kept = std::numeric_limits<std::uint32_t>::max();
  waiting_.push_back({operation, static_cast<std::uint32_t>(std::min(place.line, line_max_kept)), false});
  waiting_.back().operation.invoked = now_;
  open_[process] = handed_over_ + waiting_.size();
}

Operation& Builder::answered(ProcessId process, Place place) {
  const auto number = static_cast<std::size_t>(process);
  if (number >= open_.size() || open_[number] == 0) {
    refuse(place, "an answer to process " + named(history_.name(process)), "a call of it first");
  }
  return waiting_[open_[number] - 1 - handed_over_].operation;
}

void Builder::close(ProcessId process) {
  const std::uint64_t number = std::exchange(open_[static_cast<std::size_t>(process)], 0);
  Waiting& waiting = waiting_[number - 1 - handed_over_];
  waiting.operation.returned = waiting.operation.outcome == Outcome::unknown ? never : now_;
  waiting.closed = true;
  hand_over();
}

void Builder::hand_over() {
  for (; !waiting_.empty() && waiting_.front().closed; ++handed_over_) {
    history_.add(waiting_.front().operation, lines_ ? waiting_.front().line : 0);
    waiting_.pop_front();
  }
}

void Builder::begin_mark(std::string_view text, Place place) {
  constexpr std::size_t begun_max = 1000;
  if (begun_.size() == begun_max) refuse(place, "a mark that begins while 1,000 others last", "that some of them end");
  begun_.push_back({now_, now_, std::string(text)});
}

void Builder::end_mark(std::string_view text, Place place) {
  const auto begun = std::find_if(begun_.begin(), begun_.end(), [&](const auto& mark) { return mark.text == text; });
  if (begun == begun_.end()) {
    std::vector<std::string> open;
    for (const History::Mark& mark : begun_) open.push_back(mark.text);
    refuse(place, "the end of " + shown(text), "that it begins first", text, std::move(open));
  }
  begun->to = now_;
  history_.add(std::move(*begun));
  begun_.erase(begun);
}

bool Builder::has_mark(std::string_view text) const {
  return std::any_of(begun_.begin(), begun_.end(), [&](const auto& mark) { return mark.text == text; });
}

void Builder::finish() {
  for (Waiting& waiting : waiting_) {
    if (waiting.closed) continue;
    waiting.operation.outcome = Outcome::unknown;
    waiting.operation.returned = never;
    waiting.closed = true;
  }
  hand_over();
  for (History::Mark& mark : begun_) {
    mark.to = now_;
    history_.add(std::move(mark));
  }
  begun_.clear();
}

}  // namespace smalldb::checker
