#include "properties/checker/pieces.h"

#include <algorithm>
#include <utility>

#include "properties/checker/steps.h"

namespace smalldb::checker {

namespace {

// What it had at first and its absence are values too.
std::size_t values_most(const KeyTask& task) {
  return std::min<std::size_t>(task.positions.size(), task.history.value_count()) + 2;
}

}  // namespace

Pieces::Pieces(const KeyTask& task, Instant limit)
    : task_(task), limit_(limit), by_value_(values_most(task)), read_(0) {}

std::uint32_t Pieces::piece_of(ValueId value) {
  const auto [index, is_new] = by_value_.add(static_cast<std::uint32_t>(value));
  if (is_new) {
    all.emplace_back();
    all.back().value = value;
  }
  return index;
}

std::uint32_t Pieces::of(ValueId value) const {
  if (!parts_) return by_value_.find(static_cast<std::uint32_t>(value));
  const std::uint32_t read = read_.find(static_cast<std::uint32_t>(value));
  return read == FlatMap::none ? no_piece : piece_of_read_[read];
}

bool Pieces::gather() {
  all.reserve(task_.positions.size() / 2 + 1);
  all[piece_of(task_.history.initial(task_.key))].writer = beginning;
  for (std::size_t i = 0; i < task_.positions.size(); ++i) {
    task_.fetch(i + fetch_ahead);
    const std::uint32_t position = task_.positions[i];
    const Operation& operation = at(position);
    if (operation.invoked > limit_) break;
    if (operation.verb == Verb::append && !parts_) return gather_with_parts();
    if (!take(position, operation)) return false;
  }
  if (!removes_.empty()) leave_absence_aside();
  return !ambiguous_;
}

// From the start again: what was taken for a value may be made of several.
bool Pieces::gather_with_parts() {
  parts_.emplace(task_);
  if (!parts_->are_clear()) return false;
  all.clear();
  by_value_ = FlatMap(values_most(task_));
  removes_.clear();
  left_aside_ = false;
  return gather();
}

// Many removes may be what made the key absent.
void Pieces::leave_absence_aside() {
  const ValueId initial = task_.history.initial(task_.key);
  const std::uint32_t absent = by_value_.find(static_cast<std::uint32_t>(ValueId::absent));
  const bool begins_empty = initial != ValueId::absent && task_.history.bytes(initial).empty();
  // What was appended to nothing may have been appended to that instead.
  const std::uint32_t empty = begins_empty ? by_value_.find(static_cast<std::uint32_t>(initial)) : no_piece;
  if (absent != no_piece) {
    left_aside_ = left_aside_ || all[absent].first_read != no_operation;
    all[absent] = {};
  }
  for (Piece& piece : all) {
    if (piece.before == no_piece || (piece.before != absent && piece.before != empty)) continue;
    piece.before = no_piece;  // without its condition it is a blind write, which leaves more orders
    left_aside_ = true;
  }
}

bool Pieces::take(std::uint32_t position, const Operation& operation) {
  if (operation.outcome == Outcome::failed) return true;
  const bool optional = operation.outcome == Outcome::unknown || operation.returned > limit_;
  if (operation.verb == Verb::get) {
    if (!optional) add_read(position, operation.result);
    return true;
  }
  if (parts_ && is_conditional(operation.verb)) return false;
  if (operation.outcome == Outcome::mismatched) {
    const bool reads = operation.has_result && operation.verb == Verb::swap_if_value;
    if (reads && operation.result == operation.expected) return false;
    if (!reads) left_aside_ = true;
    if (reads && !optional) add_read(position, operation.result);
    return true;
  }
  return take_write(position, operation, optional);
}

bool Pieces::take_write(std::uint32_t position, const Operation& operation, bool optional) {
  switch (operation.verb) {
    case Verb::get: return false;
    case Verb::put:
    case Verb::append: return add_write(position, operation.argument, optional, no_piece);
    case Verb::swap_if_revision: left_aside_ = true; return add_write(position, operation.argument, optional, no_piece);
    case Verb::swap_if_value:
      chains_ = true;
      return add_write(position, operation.argument, optional, piece_of(operation.expected));
    case Verb::remove_if_value:
    case Verb::remove_if_revision: left_aside_ = true; [[fallthrough]];
    case Verb::remove: removes_.push_back(position); return true;
  }
  return false;
}

bool Pieces::add_write(std::uint32_t position, ValueId value, bool optional, std::uint32_t before) {
  Piece& piece = all[piece_of(value)];
  if (piece.writer != no_operation) return false;  // one value, two writes
  piece.writer = position;
  piece.invoked = invoked(position);
  piece.returned = returned(position);
  piece.optional = optional;
  if (before != no_piece) piece.before = before;  // that of an append may be known already
  return true;
}

void Pieces::add_read(std::uint32_t position, ValueId value) {
  const std::uint32_t which = parts_ ? piece_read(position, value) : piece_of(value);
  if (which == no_piece) return;
  Piece& piece = all[which];
  if (piece.first_read == no_operation || returned(position) < piece.first_return) {
    piece.first_read = position;
    piece.first_return = returned(position);
  }
  piece.last_read = position;  // they come in the order of invocation
  piece.last_invocation = invoked(position);
}

// That of the last part of what was read. Nothing if it was misread.
std::uint32_t Pieces::piece_read(std::uint32_t position, ValueId value) {
  const auto [index, is_new] = read_.add(static_cast<std::uint32_t>(value));
  if (!is_new) return piece_of_read_[index];
  piece_of_read_.push_back(no_piece);
  if (value == ValueId::absent || value == task_.history.initial(task_.key)) {
    return piece_of_read_[index] = piece_of(value);
  }
  const Parts::Reading reading = parts_->read(value);
  ambiguous_ = ambiguous_ || reading.is_ambiguous;
  if (reading.parts.empty() || reading.breaks_off) {
    misread({position});
    return no_piece;
  }
  for (std::size_t i = reading.known; i < reading.parts.size(); ++i) {
    if (!link(position, reading.parts.first(i + 1))) return no_piece;
  }
  return piece_of_read_[index] = piece_of(reading.parts.back().written);
}

// The last part follows the one before it, as `position` has read. False if that cannot be.
bool Pieces::link(std::uint32_t position, std::span<const Parts::Part> parts) {
  const Parts::Part& part = parts.back();
  const bool is_first = parts.size() == 1;
  if (!part.appended) {
    if (!is_first) misread({position});
    return is_first;
  }
  const ValueId initial = task_.history.initial(task_.key);
  const bool begins_empty = initial != ValueId::absent && task_.history.bytes(initial).empty();
  const std::uint32_t before = piece_of(!is_first      ? parts[parts.size() - 2].written
                                        : begins_empty ? initial
                                                       : ValueId::absent);
  Piece& piece = all[piece_of(part.written)];
  if (piece.shown_by == no_operation) {
    piece.before = before;
    piece.shown_by = position;
    return true;
  }
  if (piece.before == before) return true;
  const auto same = [&](const Parts::Part& other) { return other.written == part.written; };
  const bool has_it_twice = std::any_of(parts.begin(), parts.end() - 1, same);
  misread(has_it_twice ? std::vector{position} : std::vector{piece.shown_by, position});
  return false;
}

void Pieces::misread(std::vector<std::uint32_t> reads) {
  if (!misreading_) misreading_ = std::move(reads);
}

void Pieces::add_writers(std::uint32_t read, std::vector<std::uint32_t>& to) {
  if (!parts_ || at(read).result == ValueId::absent) return;
  for (const Parts::Part& part : parts_->read(at(read).result).parts) {
    const std::uint32_t piece = by_value_.find(static_cast<std::uint32_t>(part.written));
    if (piece != no_piece && all[piece].writer < beginning) to.push_back(all[piece].writer);
  }
}

}  // namespace smalldb::checker
