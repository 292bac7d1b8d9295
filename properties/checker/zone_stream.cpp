#include "properties/checker/zone_stream.h"

#include <algorithm>
#include <utility>

#include "model/assert.h"
#include "properties/checker/state_table.h"

namespace smalldb::checker {

// What was there at first was written, and had returned, before all else.
ZoneStream::ZoneStream(ValueId initial) : pieces_{{0, 0, never_comes, 0, 0, 0, false}}, values_{initial} {}

bool ZoneStream::can_invoke(const Operation& operation) const {
  if (operation.verb == Verb::get) return true;
  if (operation.verb != Verb::put) return false;
  const auto writes_it = [&](const Write& write) { return write.value == operation.argument; };
  return piece_of(operation.argument) == pieces_.size() && std::none_of(unread_.begin(), unread_.end(), writes_it);
}

ZoneStream::Slot ZoneStream::invoke(const Operation& operation) {
  if (unused_.empty()) {
    unused_.push_back(static_cast<Slot>(open_.size()));
    open_.emplace_back();
  }
  const Slot slot = unused_.back();
  unused_.pop_back();
  const bool is_put = operation.verb == Verb::put;
  open_[slot] = {++now_, operation.argument, is_put};
  if (is_put) unread_.push_back({operation.argument, now_, false});
  return slot;
}

bool ZoneStream::complete(Slot slot, const Operation& operation) {
  ++now_;
  const Open open = std::exchange(open_[slot], {});
  unused_.push_back(slot);
  bool is_well = true;
  if (!open.is_put) {
    is_well = operation.outcome != Outcome::ok || read(operation.result, open.invoked);
  } else if (operation.outcome == Outcome::ok) {
    is_well = acknowledge(operation, open.invoked);
  } else if (operation.outcome == Outcome::failed) {
    is_well = fail(open.argument);
  } else {
    leave_unknown(open.argument);
  }
  if (is_well && pieces_.size() > 2 * kept_ + 2) forget_the_past();
  return is_well;
}

// By value; pieces_.size() if there is none. The latest are asked for most.
std::size_t ZoneStream::piece_of(ValueId value) const {
  const auto found = std::find(values_.rbegin(), values_.rend(), value);
  if (found == values_.rend()) return values_.size();
  return static_cast<std::size_t>(values_.rend() - found) - 1;
}

bool ZoneStream::read(ValueId value, Place invoked) {
  std::size_t piece = piece_of(value);
  if (piece == pieces_.size()) {
    const auto write =
        std::find_if(unread_.begin(), unread_.end(), [&](const Write& one) { return one.value == value; });
    if (write == unread_.end()) return false;  // never written, failed, or forgotten since nobody may read it
    piece = make_piece(*write);
    unread_.erase(write);
  }
  if (std::max(pieces_[piece].last_invocation, invoked) > pieces_[piece].deadline) return false;
  see(piece, invoked);
  return true;
}

bool ZoneStream::acknowledge(const Operation& operation, Place invoked) {
  std::size_t piece = piece_of(operation.argument);
  if (piece == pieces_.size()) {
    const auto write =
        std::find_if(unread_.begin(), unread_.end(), [&](const Write& one) { return one.value == operation.argument; });
    piece = make_piece(*write);
    unread_.erase(write);
  }
  pieces_[piece].returned = now_;
  pieces_[piece].revision = operation.revision;
  see(piece, invoked);
  return true;
}

// False if somebody has read it.
bool ZoneStream::fail(ValueId value) {
  return std::erase_if(unread_, [&](const Write& write) { return write.value == value; }) == 1;
}

void ZoneStream::leave_unknown(ValueId value) {
  const std::size_t piece = piece_of(value);
  if (piece != pieces_.size()) pieces_[piece].unknown = true;
  for (Write& write : unread_) {
    if (write.value == value) write.unknown = true;
  }
}

// Of a write that is read, or returns: now is the piece's first return, later than all others'.
std::size_t ZoneStream::make_piece(const Write& write) {
  pieces_.push_back({now_, write.invoked, never_comes, write.invoked, never_comes, 0, write.unknown});
  values_.push_back(write.value);
  return pieces_.size() - 1;
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
  for (const Open& open : open_) oldest = std::min(oldest, open.invoked);
  std::size_t kept = 0;
  for (std::size_t i = 0; i < pieces_.size(); ++i) {
    if (pieces_[i].deadline < oldest) continue;
    pieces_[kept] = pieces_[i];
    values_[kept++] = values_[i];
  }
  pieces_.resize(kept);
  values_.resize(kept);
  kept_ = kept;
}

std::vector<State> ZoneStream::states() const {
  std::vector<State> states;
  for (std::size_t i = 0; i < pieces_.size(); ++i) {
    if (pieces_[i].deadline != never_comes) continue;
    State state = state_of(values_[i]);
    if (pieces_[i].revision != 0) state.revision = pieces_[i].revision;
    states.push_back(state);
  }
  return states;
}

// Lets happen again what counts of each piece: its write, its first return and its last invocation; with what is open.
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
    replay.operations[replay.add(verb, open_[slot].argument, open_[slot].invoked)].slot = slot;
  }
  const std::size_t open_count = replay.operations.size();
  for (const Write& write : unread_) {
    if (write.unknown) replay.end(replay.add(Verb::put, write.value, write.invoked), Outcome::unknown, now_);
  }
  bool has_initial = false;
  for (std::size_t i = 0; i < pieces_.size(); ++i) {
    const Piece& piece = pieces_[i];
    const bool is_initial = piece.first_return == 0;
    has_initial = has_initial || is_initial;
    if (!is_initial && (piece.unknown || piece.returned != never_comes)) {
      const std::size_t put = replay.add(Verb::put, values_[i], piece.invoked);
      replay.operations[put].operation.revision = piece.revision;
      replay.end(put, piece.unknown ? Outcome::unknown : Outcome::ok, piece.unknown ? now_ : piece.returned);
    }
    if (!is_initial && piece.first_return != piece.returned) {
      replay.end(replay.add(Verb::get, values_[i], piece.invoked), Outcome::ok, piece.first_return);
    }
    if (piece.last_invocation != piece.invoked) {
      replay.end(replay.add(Verb::get, values_[i], piece.last_invocation), Outcome::ok, now_);
    }
  }
  std::stable_sort(replay.events.begin(), replay.events.end(),
                   [](const Replay::Event& one, const Replay::Event& other) { return one.place < other.place; });
  // What was there before all that may still be read, nobody can ask for any more.
  SearchStream search(has_initial ? values_.front() : unreferenced, options);
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
