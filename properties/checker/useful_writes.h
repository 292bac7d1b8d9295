// Which loose writes of a set of operations are of use to the others: steps 4 to 6 of reason.h.
#pragma once

#include <cstddef>
#include <map>
#include <utility>
#include <vector>

#include "properties/checker/flat_map.h"
#include "properties/checker/steps.h"

namespace smalldb::checker {

// Of a set that a reason may come down to.
struct Kept {
  Step step;
  bool loose = false;
  bool needed = false;  // with it weakened there is an order
};

class UsefulWrites {
 public:
  // `sparing`: by step 6 too.
  UsefulWrites(const std::vector<Kept>& set, bool sparing);

  // REQUIRES: asked for once, for each that is loose.
  bool keeps(const Step& write);
  // Once all are asked for: step 6 could be taken.
  bool suffice() const { return any_serves_ || spare_ == 2 * denials_; }

 private:
  struct Value {
    std::size_t uses = 0;   // at most so many times somebody needs it
    std::size_t blind = 0;  // loose writes of it
    std::size_t kept = 0;   // of those
    std::size_t spare = 0;  // of those, for step 6
    std::size_t beyond() const { return uses - std::min(uses, blind); }
  };
  // From one value to another by a conditional loose write.
  struct Way {
    std::size_t from = 0;
    std::size_t to = 0;
    std::size_t uses = 0;
    std::size_t kept = 0;
  };

  void count_needs(const std::vector<Kept>& set);
  void count_writes(const std::vector<Kept>& set);
  void follow_ways();
  std::size_t number(ValueId value);
  Way& way_of(const Step& write);

  // More than that some value is there: any write may be what it needs.
  static bool asks_more(const Need& need);

  const bool sparing_;
  bool loose_asks_more_ = false;
  bool any_serves_ = false;  // somebody asks for more who counts, or writes what is needed
  std::size_t strict_ = 0;   // that need something
  std::size_t denials_ = 0;  // of those: that need a value not to be there
  std::size_t spare_ = 0;    // writes kept for those
  FlatMap numbers_;
  std::vector<Value> values_;
  std::vector<Way> ways_;
  std::map<std::pair<ValueId, ValueId>, std::size_t> way_numbers_;  // what it needs, what it writes
};

}  // namespace smalldb::checker
