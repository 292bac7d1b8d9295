#include "properties/checker/removes.h"

#include <algorithm>

#include "properties/checker/steps.h"

namespace smalldb::checker {

void Removes::add(const Operation& operation) {
  if (!removes(operation) || !may_change(operation)) return;
  UpTo up_to = removes_.empty() ? UpTo() : removes_.back();
  up_to.invoked = operation.invoked;
  const bool claims = operation.outcome == Outcome::ok && operation.revision != 0;
  if (claims) {
    up_to.revision = std::max(up_to.revision, operation.revision);
  } else {
    up_to.returned = up_to.any_unclaimed ? std::max(up_to.returned, operation.returned) : operation.returned;
    up_to.any_unclaimed = true;
  }
  removes_.push_back(up_to);
}

bool Removes::may_explain(const Operation& absent, const Operation& present, std::uint64_t revision) const {
  const auto is_later = [](Instant instant, const UpTo& remove) { return instant < remove.invoked; };
  const auto end = std::upper_bound(removes_.begin(), removes_.end(), absent.returned, is_later);
  if (end == removes_.begin()) return false;
  const UpTo& last = *(end - 1);
  return last.revision > revision || (last.any_unclaimed && last.returned >= present.invoked);
}

bool finds_nothing(const Operation& operation) {
  const bool reads = operation.verb == Verb::get ? operation.outcome == Outcome::ok
                                                 : operation.outcome == Outcome::mismatched && operation.has_result;
  if (reads) return operation.result == ValueId::absent;
  if (!is_write(operation)) return false;
  return (operation.verb == Verb::swap_if_value && operation.expected == ValueId::absent) ||
         (operation.verb == Verb::swap_if_revision && operation.expected_revision == 0);
}

bool claims_presence(const Operation& operation) {
  if (operation.revision == 0) return false;
  if (is_write(operation)) return !removes(operation);
  const bool reads = operation.verb == Verb::get ? operation.outcome == Outcome::ok
                                                 : operation.outcome == Outcome::mismatched && operation.has_result;
  return reads && operation.result != ValueId::absent;
}

}  // namespace smalldb::checker
