// What one key's operations refer to and when, for a search that looks ahead.
//
// Invocations and returns have places, from 0 in the order of time; at equal instants invocations come before returns,
// since intervals are closed. Each open operation has a slot, a small number that is used again once it is over. An
// operation of unknown outcome expires when all are over that could need what it writes: from then on it makes no
// difference whether it happens. One that nobody could need has no part at all.
#pragma once

#include <cstdint>
#include <vector>

#include "properties/checker/flat_map.h"
#include "properties/checker/steps.h"

namespace smalldb::checker {

struct Happening {
  enum class Kind : std::uint8_t { invoked, returned, expired };
  std::int32_t place = 0;  // expired: of the return after which
  std::uint32_t step = 0;
  std::uint32_t slot = 0;
  Kind kind = Kind::invoked;
};

struct Timeline {
  using Place = std::int32_t;
  static constexpr Place nowhere = -1;

  explicit Timeline(const Steps& all);

  struct Value {
    Place last_need = nowhere;      // the last invocation of an operation of known outcome that needs the value
    Place last_want = nowhere;      // the same, of any outcome
    Place last_source = nowhere;    // the last invocation of an operation that sets it
    Place reference_end = nowhere;  // when all are over that need it, or need it not to be
  };
  Value of(ValueId value) const {
    const std::uint32_t index = numbers_.find(static_cast<std::uint32_t>(value));
    return index == FlatMap::none ? Value{} : values_[index];
  }

  std::vector<Happening> happenings;
  std::vector<std::uint32_t> returns;  // where in `happenings`, in order
  std::uint32_t slots = 0;             // used
  bool has_appends = false;
  Place needs_end = nowhere;           // when all of known outcome are over that need anything
  Place denials_end = nowhere;         // when all are over that need the value not to be something
  Place revision_needs_end = nowhere;  // when all are over that need a revision, or that it be another

 private:
  void put_in_order(const Steps& all);
  void refer(const Steps& all);
  Place expiry(const Step& step) const;
  void give_slots(const Steps& all);

  struct Interval {
    Place invoked = nowhere;
    Place returned = nowhere;  // after all others if it never returns
  };
  std::vector<Interval> intervals_;   // by step
  std::vector<std::uint32_t> order_;  // by place: 2 * step, plus 1 for its return
  Value& referred(ValueId value);

  FlatMap numbers_;
  std::vector<Value> values_;
  bool optional_needs_anything_ = false;  // one of unknown outcome needs what no value says
  std::vector<ValueId> optional_needs_;   // values that those of unknown outcome need; sorted
};

}  // namespace smalldb::checker
