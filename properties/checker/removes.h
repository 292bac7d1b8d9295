// The removes of one key, by the revisions that the store claims for them. Whoever finds nothing after something was
// there needs one that took effect in between, and that has a greater revision than what was there.
#pragma once

#include <cstdint>
#include <vector>

#include "properties/checker/history.h"

namespace smalldb::checker {

class Removes {
 public:
  // Those that are no removes, or never took effect, are passed over. REQUIRES: in the order of invocation.
  void add(const Operation& operation);

  // Whether one may have removed, before `absent` returned, what was there with this revision, by what `present` was
  // told. One that claims no revision may have any; but if it had returned before `present` began, it came before.
  bool may_explain(const Operation& absent, const Operation& present, std::uint64_t revision) const;

 private:
  // Of it and of all that were invoked before it.
  struct UpTo {
    Instant invoked = 0;
    std::uint64_t revision = 0;  // the greatest claimed
    bool any_unclaimed = false;
    Instant returned = 0;  // the latest of those that claim none
  };
  std::vector<UpTo> removes_;
};

// It was told that there was nothing: it read so, or was done, or refused, for that.
bool finds_nothing(const Operation& operation);
// It was told the revision of something that was there: that it wrote, or read.
bool claims_presence(const Operation& operation);

}  // namespace smalldb::checker
