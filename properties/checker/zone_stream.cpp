#include "properties/checker/zone_stream.h"

#include <algorithm>
#include <utility>

#include "model/assert.h"
#include "properties/checker/state_table.h"

namespace smalldb::checker {

// What was there at first was written, and had returned, before all else.
ZoneStream::ZoneStream(ValueId initial, const StreamOptions& options)
    : forgets_at_once_(options.forgets_at_once), pieces_{{initial, 0, 0, 0, never_comes, 0, 0, 0, false}} {
  know(initial, {Known::As::piece, 0});
}

bool ZoneStream::can_invoke(const Operation& operation) const {
  if (operation.verb == Verb::get) return true;
  return operation.verb == Verb::put && known(operation.argument).as == Known::As::nothing;
}

ZoneStream::Slot ZoneStream::invoke(const Operation& operation) {
  if (unused_.empty()) {
    unused_.push_back(static_cast<Slot>(open_.size()));
    open_.emplace_back();
  }
  const Slot slot = unused_.back();
  unused_.pop_back();
  const bool is_put = operation.verb == Verb::put;
  open_[slot] = {++now_, operation.argument, is_put, false};
  if (is_put) {
    know(operation.argument, {Known::As::unread, static_cast<std::uint32_t>(unread_.size())});
    unread_.push_back({operation.argument, slot, now_, false});
  }
  return slot;
}

bool ZoneStream::complete(Slot slot, const Operation& operation) {
  ++now_;
  const Open open = std::exchange(open_[slot], {});
  unused_.push_back(slot);
  bool is_well = true;
  if (!open.is_put) {
    is_well = operation.outcome != Outcome::ok || read(operation.result, open.invoked);
  } else if (open.is_over) {
    is_well = operation.outcome != Outcome::failed;
  } else if (operation.outcome == Outcome::ok) {
    is_well = acknowledge(operation, open.invoked);
  } else if (operation.outcome == Outcome::failed) {
    is_well = fail(open.argument);
  } else {
    leave_unknown(open.argument);
  }
  if (is_well && is_worth_it()) forget_the_past();
  return is_well;
}

ZoneStream::Known ZoneStream::known(ValueId value) const {
  const std::uint32_t number = numbers_.find(static_cast<std::uint32_t>(value));
  return number == FlatMap::none ? Known() : known_[number];
}

void ZoneStream::know(ValueId value, Known known) {
  const std::uint32_t number = numbers_.add(static_cast<std::uint32_t>(value)).index;
  if (number == known_.size()) known_.emplace_back();
  known_[number] = known;
}

bool ZoneStream::read(ValueId value, Place invoked) {
  const Known found = known(value);
  if (found.as == Known::As::nothing) return false;  // never written, failed, or forgotten since nobody may read it
  const std::size_t piece = found.as == Known::As::piece ? found.at : make_piece(found.at);
  if (std::max(pieces_[piece].last_invocation, invoked) > pieces_[piece].deadline) return false;
  see(piece, invoked);
  return true;
}

bool ZoneStream::acknowledge(const Operation& operation, Place invoked) {
  const Known found = known(operation.argument);
  const std::size_t piece = found.as == Known::As::piece ? found.at : make_piece(found.at);
  pieces_[piece].returned = now_;
  pieces_[piece].revision = operation.revision;
  see(piece, invoked);
  return true;
}

// False if somebody has read it.
bool ZoneStream::fail(ValueId value) {
  const Known found = known(value);
  if (found.as == Known::As::piece) return false;
  know(value, {});
  forget_write(found.at);
  return true;
}

void ZoneStream::leave_unknown(ValueId value) {
  const Known found = known(value);
  (found.as == Known::As::piece ? pieces_[found.at].unknown : unread_[found.at].unknown) = true;
}

// Of a write that is read, or returns: now is the piece's first return, later than all others'.
std::size_t ZoneStream::make_piece(std::uint32_t unread) {
  const Write write = unread_[unread];
  forget_write(unread);
  know(write.value, {Known::As::piece, static_cast<std::uint32_t>(pieces_.size())});
  pieces_.push_back(
      {write.value, write.slot, now_, write.invoked, never_comes, write.invoked, never_comes, 0, write.unknown});
  return pieces_.size() - 1;
}

void ZoneStream::forget_write(std::uint32_t unread) {
  if (unread + 1 != unread_.size()) {
    unread_[unread] = unread_.back();
    know(unread_[unread].value, {Known::As::unread, unread});
  }
  unread_.pop_back();
}

// An operation of the piece has returned. All pieces that had a return before its invocation come before this one, and
// so have a deadline in its first return.
void ZoneStream::see(std::size_t piece, Place invoked) {
  Place& latest = pieces_[piece].last_invocation;
  latest = std::max(latest, invoked);
  const Place first = pieces_[piece].first_return;
  const auto by_return = [](const Piece& one, Place place) { return one.first_return < place; };
  const auto end = std::lower_bound(pieces_.begin(), pieces_.end(), latest, by_return);
  for (auto one = end; one != pieces_.begin();) {
    --one;
    if (one == pieces_.begin() + static_cast<std::ptrdiff_t>(piece)) continue;
    if (one->deadline > first) {
      one->deadline = first;
      continue;
    }
    // Whoever puts this deadline to `one` puts it, or an earlier one, to all before it, but for itself.
    const auto other = std::lower_bound(pieces_.begin(), one, one->deadline, by_return);
    const bool is_other = other != one && other->first_return == one->deadline && other->first_return != first;
    if (is_other) other->deadline = std::min(other->deadline, first);
    break;
  }
}

void ZoneStream::forget_the_past() {
  Place oldest = now_;
  for (const Open& open : open_) {
    if (!open.is_put) oldest = std::min(oldest, open.invoked);
  }
  std::erase_if(pieces_, [&](const Piece& piece) {
    const bool is_past = piece.deadline < oldest;
    if (is_past && has_open_put(piece)) open_[piece.slot].is_over = true;
    return is_past;
  });
  kept_ = pieces_.size() + unread_.size();
  numbers_.clear(kept_);
  known_.clear();
  for (std::uint32_t i = 0; i < pieces_.size(); ++i) know(pieces_[i].value, {Known::As::piece, i});
  for (std::uint32_t i = 0; i < unread_.size(); ++i) know(unread_[i].value, {Known::As::unread, i});
}

std::vector<State> ZoneStream::states() const {
  std::vector<State> states;
  for (const Piece& piece : pieces_) {
    if (piece.deadline != never_comes) continue;
    State state = state_of(piece.value);
    if (piece.revision != 0) state.revision = piece.revision;
    states.push_back(state);
  }
  return states;
}

// Lets happen again what counts of each piece: its write, its first return and its last invocation; with what is open.
// An open put that is over is invoked, read and overwritten before all else: then it has taken effect whatever comes,
// and to fail is a contradiction. If there is one, what was there at first is over, too.
struct ZoneStream::Replay {
  struct Event {
    Place place;
    bool invokes;
    std::size_t operation;
  };
  struct Replayed {
    Operation operation;
    Slot slot = 0;
  };
  static constexpr Place before_all = 0;
  std::vector<Replayed> operations;
  std::vector<Event> events;

  std::size_t add(Verb verb, ValueId value, Place invoked) {
    Operation operation;
    operation.verb = verb;
    (verb == Verb::put ? operation.argument : operation.result) = value;
    operations.push_back({operation});
    events.push_back({invoked, true, operations.size() - 1});
    return operations.size() - 1;
  }
  void end(std::size_t operation, Outcome outcome, Place returned) {
    operations[operation].operation.outcome = outcome;
    events.push_back({returned, false, operation});
  }
};

std::optional<SearchStream> ZoneStream::to_search(const StreamOptions& options, LiveValues& values,
                                                  std::uint64_t& steps_left) const {
  Replay replay;
  for (Slot slot = 0; slot < open_.size(); ++slot) {
    if (open_[slot].invoked == never_comes) continue;
    const Verb verb = open_[slot].is_put ? Verb::put : Verb::get;
    const Place invoked = open_[slot].is_over ? Replay::before_all : open_[slot].invoked;
    replay.operations[replay.add(verb, open_[slot].argument, invoked)].slot = slot;
  }
  const std::size_t open_count = replay.operations.size();
  for (const Open& open : open_) {
    if (!open.is_over) continue;
    replay.end(replay.add(Verb::get, open.argument, Replay::before_all), Outcome::ok, Replay::before_all);
    replay.end(replay.add(Verb::put, unreferenced, Replay::before_all), Outcome::ok, Replay::before_all);
  }
  for (const Write& write : unread_) {
    if (write.unknown) replay.end(replay.add(Verb::put, write.value, write.invoked), Outcome::unknown, now_);
  }
  bool has_initial = false;
  for (const Piece& piece : pieces_) {
    const bool is_initial = piece.first_return == 0;
    has_initial = has_initial || is_initial;
    if (!is_initial && (piece.unknown || piece.returned != never_comes)) {
      const std::size_t put = replay.add(Verb::put, piece.value, piece.invoked);
      replay.operations[put].operation.revision = piece.revision;
      replay.end(put, piece.unknown ? Outcome::unknown : Outcome::ok, piece.unknown ? now_ : piece.returned);
    }
    if (!is_initial && piece.first_return != piece.returned) {
      replay.end(replay.add(Verb::get, piece.value, piece.invoked), Outcome::ok, piece.first_return);
    }
    if (piece.last_invocation != piece.invoked) {
      replay.end(replay.add(Verb::get, piece.value, piece.last_invocation), Outcome::ok, now_);
    }
  }
  std::stable_sort(replay.events.begin(), replay.events.end(),
                   [](const Replay::Event& one, const Replay::Event& other) { return one.place < other.place; });
  // What was there before all that may still be read, nobody can ask for any more.
  SearchStream search(has_initial ? pieces_.front().value : unreferenced, options);
  search.reserve(open_.size());
  for (const Replay::Event& event : replay.events) {
    Replay::Replayed& one = replay.operations[event.operation];
    if (event.invokes && event.operation < open_count) {
      search.invoke_in(one.slot, one.operation);
    } else if (event.invokes) {
      one.slot = search.invoke(one.operation);
    } else {
      const auto answer = search.complete(one.slot, one.operation, values, steps_left);
      if (answer == SearchStream::Answer::given_up) return std::nullopt;
      SMALLDB_ASSERT(answer == SearchStream::Answer::explained, event.place);
    }
  }
  search.unreserve(unused_);
  return search;
}

}  // namespace smalldb::checker
