// Which loose writes of a set of operations are of use to the others: steps 4 to 6 of reason.h.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "properties/checker/flat_map.h"
#include "properties/checker/steps.h"

namespace smalldb::checker {

// Of a set that a reason may come down to.
struct Kept {
  const Step* step = nullptr;  // as it happened
  std::uint32_t number = 0;    // among all that the set was at first
  std::uint8_t slot = 0;       // likewise, where they fit a small search
  bool loose = false;
  bool needed = false;  // with it weakened there is an order
};

// Kept for the sets of one reason: the values of all operations are numbered but once.
class UsefulWrites {
 public:
  // `set`: as it is at first, each with its number.
  explicit UsefulWrites(const std::vector<Kept>& set);

  // Looks at the operations of a set. `free`: loose writes need nothing. `sparing`: by step 6 too.
  void count(const std::vector<Kept>& set, bool free, bool sparing);
  // REQUIRES: asked for once, for each that is loose.
  bool keeps(const Kept& write);
  // Once all are asked for: step 6 could be taken.
  bool suffice() const { return any_serves_ || spare_ == 2 * denials_; }

 private:
  // By number, of an operation.
  struct Numbers {
    std::uint32_t needed = none;  // what is needed to be there
    std::uint32_t left = none;    // what is left there
    std::uint32_t way = none;     // of those that need one value and leave another
  };
  struct Value {
    std::uint32_t uses = 0;   // at most so many times somebody needs it
    std::uint32_t blind = 0;  // loose writes of it
    std::uint32_t kept = 0;   // of those
    std::uint32_t spare = 0;  // of those, for step 6
    std::uint32_t beyond() const { return uses - std::min(uses, blind); }
  };
  // From one value to another by a conditional loose write.
  struct Way {
    std::uint32_t from = 0;
    std::uint32_t to = 0;
    std::uint32_t uses = 0;
    std::uint32_t kept = 0;
    bool is_there = false;
  };

  void number_ways(const std::vector<Kept>& set);
  void count_needs(const std::vector<Kept>& set);
  void count_writes(const std::vector<Kept>& set);
  void follow_ways();

  // More than that some value is there: any write may be what it needs.
  static bool asks_more(const Need& need);
  bool is_blind(const Kept& loose) const { return free_ || loose.step->need.none(); }

  static constexpr std::uint32_t none = FlatMap::none;

  std::vector<Numbers> numbers_;
  std::vector<Value> values_;
  std::vector<Way> ways_;

  // Of the set that was looked at:
  bool free_ = false;
  bool sparing_ = false;
  bool loose_asks_more_ = false;
  bool any_serves_ = false;    // somebody asks for more who counts, or writes what is needed
  std::uint32_t strict_ = 0;   // that need something
  std::uint32_t denials_ = 0;  // of those: that need a value not to be there
  std::uint32_t spare_ = 0;    // writes kept for those
};

}  // namespace smalldb::checker
