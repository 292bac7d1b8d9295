#include "properties/checker/stream.h"

#include <algorithm>
#include <utility>

namespace smalldb::checker {

Stream::Key& Stream::judging(KeyId key, ValueId initial) {
  const auto number = static_cast<std::size_t>(key);
  if (number >= keys_.size()) keys_.resize(number + 1);
  Key& found = keys_[number];
  if (!found.stream && !found.given_up) found.stream.emplace(initial, options_);
  return found;
}

Stream::Ticket Stream::invoke(const Operation& operation) {
  Key& key = judging(operation.key, initial_);
  if (contradiction_ || key.given_up) return {operation.key};
  const std::optional<KeyStream::Slot> slot = key.stream->invoke(operation, values_, steps_left_);
  if (!slot) {
    give_up(key);
    return {operation.key};
  }
  return {operation.key, *slot, key.claims.invoke(operation), key.stream->invoked(*slot)};
}

void Stream::give_up(Key& key) {
  key = {std::nullopt, {}, true};
  any_given_up_ = true;
}

bool Stream::complete(const Ticket& ticket, const Operation& operation) {
  if (contradiction_) return false;
  Key& key = keys_[static_cast<std::size_t>(ticket.key)];
  if (key.given_up) return true;
  std::optional<WrongClaim> wrong = key.claims.complete(ticket.floor, operation);
  if (wrong && !wrong_claim_) wrong_claim_ = std::move(wrong);
  switch (key.stream->complete(ticket.slot, operation, values_, steps_left_)) {
    case KeyStream::Answer::explained: break;
    case KeyStream::Answer::contradicts:
      contradiction_ = {operation, key.stream->states(), key.stream->is_behind()};
      return false;
    case KeyStream::Answer::given_up: give_up(key); break;
  }
  if (values_.is_worth_it()) forget_values();
  return true;
}

bool Stream::is_culprit(const Ticket& ticket) const {
  const KeyId key = contradiction_->culprit.key;
  const KeyStream& stream = *keys_[static_cast<std::size_t>(key)].stream;
  return ticket.key == key && stream.culprit() == ticket.slot && stream.invoked(ticket.slot) == ticket.invoked;
}

bool Stream::is_revision_wrong(const Operation& culprit) {
  const Key& key = keys_[static_cast<std::size_t>(culprit.key)];
  return key.stream->would_explain_without_revision(culprit, values_, steps_left_);
}

bool Stream::is_behind(KeyId key) const {
  const auto& stream = keys_[static_cast<std::size_t>(key)].stream;
  return stream && stream->is_behind();
}

Conclusion Stream::conclusion() const {
  if (contradiction_) return Conclusion::violated;
  const auto is_behind = [](const Key& key) { return key.stream && key.stream->is_behind(); };
  const bool all_judged = !any_given_up_ && std::none_of(keys_.begin(), keys_.end(), is_behind);
  return all_judged ? Conclusion::holds : Conclusion::unknown;
}

std::size_t Stream::size() const {
  std::size_t size = 0;
  for (const Key& key : keys_) {
    if (key.stream) size += key.stream->size() + key.claims.size();
  }
  return size;
}

void Stream::forget_values() {
  values_.keep_only([&](const auto& mark) {
    mark(initial_);
    if (wrong_claim_) {
      const Operation& told = wrong_claim_->operation;
      for (const ValueId value : {told.argument, told.expected, told.result}) mark(value);
    }
    for (const Key& key : keys_) {
      if (!key.stream) continue;
      key.stream->mark_values(mark);
      key.claims.mark_values(mark);
    }
  });
}

}  // namespace smalldb::checker
