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
  constexpr Instant first = std::numeric_limits<Instant>::min() + 1;  // before it there is one at which all was well
  if (instant < first) {
    refuse(place, "the time " + std::to_string(instant), "a time from " + std::to_string(first) + " on");
  }
  now_ = instant;
  has_begun_ = true;
  recipient_.advance(now_);
}

void Builder::call(const Operation& operation, Place place) {
  const auto process = static_cast<std::size_t>(operation.process);
  if (process >= open_.size()) open_.resize(process + 1);
  Open& open = open_[process];
  if (open.is_open) {
    refuse(place, "a second call of process " + named(recipient_.name(operation.process)),
           "the answer to its call in line " + std::to_string(open.line) +
               " first; a user that does two things at a time is two processes");
  }
  open = {operation, 0, place.line, true};
  open.operation.invoked = now_;
  open.number = recipient_.call(open.operation, place.line);
  ++calls_;
}

Operation& Builder::answered(ProcessId process, Place place) {
  const auto number = static_cast<std::size_t>(process);
  if (number >= open_.size() || !open_[number].is_open) {
    refuse(place, "an answer to process " + named(recipient_.name(process)), "a call of it first");
  }
  return open_[number].operation;
}

void Builder::close(ProcessId process, Place place) {
  Open& open = open_[static_cast<std::size_t>(process)];
  open.operation.returned = open.operation.outcome == Outcome::unknown ? never : now_;
  open.is_open = false;
  recipient_.answer(open.number, open.operation, place.line);
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
  recipient_.mark(std::move(*begun));
  begun_.erase(begun);
}

bool Builder::has_mark(std::string_view text) const {
  return std::any_of(begun_.begin(), begun_.end(), [&](const auto& mark) { return mark.text == text; });
}

std::uint64_t Builder::finish() {
  for (Open& open : open_) {
    if (!open.is_open) continue;
    open.operation.outcome = Outcome::unknown;
    open.operation.returned = never;
    open.is_open = false;
    recipient_.answer(open.number, open.operation, 0);
  }
  for (History::Mark& mark : begun_) {
    mark.to = now_;
    recipient_.mark(std::move(mark));
  }
  begun_.clear();
  return calls_;
}

std::uint64_t Recorder::call(const Operation& operation, std::uint64_t line) {
  constexpr std::uint64_t line_max_kept = std::numeric_limits<std::uint32_t>::max();
  waiting_.push_back({operation, lines_ ? static_cast<std::uint32_t>(std::min(line, line_max_kept)) : 0, false});
  return handed_over_ + waiting_.size() - 1;
}

void Recorder::answer(std::uint64_t number, const Operation& operation, std::uint64_t) {
  Waiting& answered = waiting_[number - handed_over_];
  answered.operation = operation;
  answered.closed = true;
  for (; !waiting_.empty() && waiting_.front().closed; ++handed_over_) {
    history_.add(waiting_.front().operation, waiting_.front().line);
    waiting_.pop_front();
  }
}

}  // namespace smalldb::checker
