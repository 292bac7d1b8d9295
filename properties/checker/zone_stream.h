// One key, judged while things happen to it, as long as there are puts and gets only and each value is written once
// while it may be read: the rule of zones.h, event by event.
//
// All that has to do with one value happens in one piece. Of a piece K count the first return f(K) and the last
// invocation s(K) of its operations whose answers are there. K comes before L if f(K) < s(L), and no order exists
// exactly if of two pieces each comes before the other. So K has a *deadline*: the least f(L) of all L that it comes
// before. No order exists if s(K) is later than that; and s(K) only grows. That is all there is to be looked at when an
// answer comes: K's own deadline, and the deadlines of those that now come before K.
//
// What is forgotten:
//   - a piece whose deadline is before the invocation of every *get* that is open. Whoever reads it from now on is
//     invoked after its deadline, so it may as well have never been written: either way the answer is a contradiction.
//     Nor does it put a deadline to any other from now on: f(L) < s(K) for an L that has not returned yet cannot be,
//     for s(K) is past; and if f(L) < s(K) holds already, the deadline of L is known. Puts that are open, and may be so
//     for ever, hold nothing back: the return of one makes a new piece, which returns later than all others, or is that
//     of a piece that has been read, in which its invocation counted from the first. So it never moves an s(K) or a
//     deadline but to now. If the piece of an open put is forgotten, its slot remembers that it took effect, and is
//     over.
//   - reads, at once, but for the first return and the last invocation of each piece.
// What is not:
//   - the pieces that may still be read: written, and not certainly overwritten before the oldest open get;
//   - writes that nobody has read and that have not returned, or never will: they may take effect at any time to come.
//
// A search that takes the key over knows nothing of what was forgotten, and needs not: let D be the latest deadline of
// all that was forgotten, which is before every open get. Any order of the rest has some value v at D. With what was
// forgotten, and all that it places before D returning by then, no two pieces are before each other, and none is after
// v: for were an X of the rest before a forgotten K, the deadline of X would be f(K), and X is not forgotten, so f(K)
// is later than D; K then needs only be somewhere before D. So what was forgotten has its place in that order, too.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "properties/checker/flat_map.h"
#include "properties/checker/history.h"
#include "properties/checker/search_stream.h"

namespace smalldb::checker {

class ZoneStream {
 public:
  using Slot = std::uint32_t;

  ZoneStream(ValueId initial, const StreamOptions& options);

  // Whether it can take that up: if not, to_search() can.
  bool can_invoke(const Operation& operation) const;
  Slot invoke(const Operation& operation);
  // REQUIRES: can_invoke() said so of the operation. False if it contradicts; then only states() may be asked.
  bool complete(Slot slot, const Operation& operation);

  // The same key, as a search knows it, with the same slots. Nothing if `steps_left` do not suffice.
  std::optional<SearchStream> to_search(const StreamOptions& options, LiveValues& values,
                                        std::uint64_t& steps_left) const;

  std::vector<State> states() const;
  std::size_t size() const { return pieces_.size() + unread_.size() + open_.size() - unused_.size(); }
  template <class Mark>
  void mark_values(const Mark& mark) const {
    for (const Piece& piece : pieces_) mark(piece.value);
    for (const Write& write : unread_) mark(write.value);
    for (const Open& open : open_) mark(open.argument);
  }

 private:
  using Place = std::uint64_t;  // of an event, in order
  static constexpr Place never_comes = std::numeric_limits<Place>::max();

  // Of known outcome or read.
  struct Piece {
    ValueId value{};
    Slot slot = 0;  // of its write, while that is open
    Place first_return = never_comes;
    Place last_invocation = 0;
    Place deadline = never_comes;
    Place invoked = 0;  // its write
    Place returned = never_comes;
    std::uint64_t revision = 0;  // that its write claims
    bool unknown = false;        // its write never returns
  };
  // Not read, and not returned.
  struct Write {
    ValueId value{};
    Slot slot = 0;  // while it is open
    Place invoked = 0;
    bool unknown = false;
  };
  struct Open {
    Place invoked = never_comes;  // never_comes: none is in this slot
    ValueId argument{};           // of a put
    bool is_put = false;
    bool is_over = false;  // a put that was read, of a piece that is forgotten
  };
  // Where that is which is known of a value.
  struct Known {
    enum class As : std::uint8_t { nothing, piece, unread };
    As as = As::nothing;
    std::uint32_t at = 0;
  };

  struct Replay;

  bool read(ValueId value, Place invoked);
  bool acknowledge(const Operation& operation, Place invoked);
  bool fail(ValueId value);
  void leave_unknown(ValueId value);
  Known known(ValueId value) const;
  void know(ValueId value, Known known);
  std::size_t make_piece(std::uint32_t unread);
  void forget_write(std::uint32_t unread);
  void see(std::size_t piece, Place invoked);
  bool is_worth_it() const { return forgets_at_once_ || known_.size() > 2 * kept_ + open_.size() + 2; }
  void forget_the_past();
  bool has_open_put(const Piece& piece) const { return piece.returned == never_comes && !piece.unknown; }

  bool forgets_at_once_;
  std::vector<Piece> pieces_;  // by first return
  std::vector<Write> unread_;
  std::vector<Open> open_;  // by slot
  std::vector<Slot> unused_;
  FlatMap numbers_{1};        // of values
  std::vector<Known> known_;  // by number of a value
  Place now_ = 0;
  std::size_t kept_ = 0;  // of known_, when last some were forgotten
};

}  // namespace smalldb::checker
