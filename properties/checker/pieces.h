// One key's operations, gathered by what they have to do with (zones.h): a piece for each value written, with its
// write, what has read it, and the piece that it must follow.
//
// A compare-and-set says itself what it follows. An append follows what stands before it in what was read (parts.h);
// one that was never read may have come last before any blind write, and last of all: it is a piece like that of a
// blind write that nobody has read.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "properties/checker/engines.h"
#include "properties/checker/flat_map.h"
#include "properties/checker/parts.h"

namespace smalldb::checker {

inline constexpr Instant long_ago = std::numeric_limits<Instant>::min();
inline constexpr std::uint32_t no_piece = FlatMap::none;
inline constexpr std::uint32_t no_operation = FlatMap::none;
inline constexpr std::uint32_t beginning = no_operation - 1;  // in place of a position: what was there at first

// All that has to do with one value. Operations are positions.
struct Piece {
  ValueId value{};  // of a piece that was appended: what was
  std::uint32_t writer = no_operation;
  std::uint32_t before = no_piece;          // the piece that its write must follow
  std::uint32_t after = no_piece;           // the piece that must follow it
  std::uint32_t head = no_piece;            // of its chain
  std::uint32_t rank = 0;                   // in its chain
  std::uint32_t shown_by = no_operation;    // the read that shows what an append follows
  std::uint32_t first_read = no_operation;  // the first to return
  std::uint32_t last_read = no_operation;   // the last to be invoked
  bool optional = false;                    // its write is of unknown outcome
  bool needed = false;                      // or else it need not have happened
  // Their instants, so that a look at the operations themselves, far apart, is spared.
  Instant invoked = long_ago;
  Instant returned = long_ago;
  Instant first_return = never;
  Instant last_invocation = long_ago;
};
static_assert(sizeof(Piece) == 72);

class Pieces {
 public:
  // What returned after `limit` counts as not known yet, what was invoked after it as not there.
  Pieces(const KeyTask& task, Instant limit);

  // False if the key is not of the kind.
  bool gather();
  // A read, or two, that no order of the writes explains.
  const std::optional<std::vector<std::uint32_t>>& misreading() const { return misreading_; }
  bool have_chains() const { return chains_; }
  bool have_appends() const { return parts_.has_value(); }
  bool leave_something_aside() const { return left_aside_; }
  const std::vector<std::uint32_t>& removes() const { return removes_; }  // by invocation
  // The piece to which a read of `value` belongs that was gathered; to which a write of it does.
  std::uint32_t of(ValueId value) const;
  std::uint32_t of_write(ValueId value) const { return by_value_.find(static_cast<std::uint32_t>(value)); }
  // The writes that made up what `read` has read, as far as there are any.
  void add_writers(std::uint32_t read, std::vector<std::uint32_t>& to);

  Instant invoked(std::uint32_t position) const { return position == beginning ? long_ago : at(position).invoked; }
  Instant returned(std::uint32_t position) const {
    if (position == beginning) return long_ago;
    const Operation& operation = at(position);
    return operation.returned > limit_ ? never : operation.returned;
  }

  LargeVector<Piece> all;

 private:
  const Operation& at(std::uint32_t position) const { return task_.operations[position]; }
  bool gather_with_parts();
  std::uint32_t piece_of(ValueId value);
  bool add_write(std::uint32_t position, ValueId value, bool optional, std::uint32_t before);
  void add_read(std::uint32_t position, ValueId value);
  std::uint32_t piece_read(std::uint32_t position, ValueId value);
  bool link(std::uint32_t position, std::span<const Parts::Part> parts);
  void misread(std::vector<std::uint32_t> reads);
  bool take(std::uint32_t position, const Operation& operation);
  bool take_write(std::uint32_t position, const Operation& operation, bool optional);
  void leave_absence_aside();

  const KeyTask& task_;
  const Instant limit_;
  FlatMap by_value_;
  std::optional<Parts> parts_;  // if there are appends
  FlatMap read_;                // then: values that were read
  std::vector<std::uint32_t> piece_of_read_;
  bool ambiguous_ = false;  // something read may be made of other parts as well
  std::optional<std::vector<std::uint32_t>> misreading_;
  std::vector<std::uint32_t> removes_;
  bool chains_ = false;
  bool left_aside_ = false;
};

}  // namespace smalldb::checker
