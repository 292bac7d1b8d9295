#include "properties/checker/useful_writes.h"

#include <algorithm>

namespace smalldb::checker {

using Kind = Need::Kind;

UsefulWrites::UsefulWrites(const std::vector<Kept>& set, bool sparing) : sparing_(sparing), numbers_(set.size()) {
  count_needs(set);
  any_serves_ = any_serves_ || (denials_ > 0 && (!sparing_ || loose_asks_more_));
  if (any_serves_) return;
  count_writes(set);
  follow_ways();
  if (loose_asks_more_)
    any_serves_ = std::any_of(set.begin(), set.end(), [&](const Kept& one) {
      return one.loose && asks_more(one.step.need) && values_[number(one.step.to.value)].uses > 0;
    });
}

bool UsefulWrites::asks_more(const Need& need) {
  return need.of_revision != Kind::none || need.of_value == Kind::is_not;
}

std::size_t UsefulWrites::number(ValueId value) {
  const auto [number, is_new] = numbers_.add(static_cast<std::uint32_t>(value));
  if (is_new) values_.emplace_back();
  return number;
}

void UsefulWrites::count_needs(const std::vector<Kept>& set) {
  for (const Kept& one : set) {
    const Need& need = one.step.need;
    if (one.loose && asks_more(need)) loose_asks_more_ = true;
    if (one.loose || need.none()) continue;
    if (need.of_revision != Kind::none) any_serves_ = true;
    ++strict_;
    if (need.of_value == Kind::is) ++values_[number(need.value)].uses;
    if (need.of_value == Kind::is_not) ++denials_;
  }
}

UsefulWrites::Way& UsefulWrites::way_of(const Step& write) {
  const auto [known, is_new] = way_numbers_.try_emplace({write.need.value, write.to.value}, ways_.size());
  if (is_new) ways_.push_back({number(write.need.value), number(write.to.value)});
  return ways_[known->second];
}

void UsefulWrites::count_writes(const std::vector<Kept>& set) {
  for (const Kept& one : set) {
    if (!one.loose || asks_more(one.step.need)) continue;
    if (one.step.need.none()) {
      ++values_[number(one.step.to.value)].blind;
    } else {
      way_of(one.step);
    }
  }
}

// A conditional write is used only where the blind ones are too few.
void UsefulWrites::follow_ways() {
  for (bool changed = true; changed;) {
    changed = false;
    for (Way& way : ways_) {
      const std::size_t uses = values_[way.to].beyond();
      Value& from = values_[way.from];
      if (uses <= way.uses || from.uses >= strict_) continue;
      from.uses = std::min(strict_, from.uses + uses - way.uses);
      way.uses = uses;
      changed = true;
    }
  }
}

bool UsefulWrites::keeps(const Step& write) {
  const Need& need = write.need;
  if (asks_more(need)) return any_serves_;
  Value& value = values_[number(write.to.value)];
  const std::size_t most = any_serves_ ? strict_ : need.none() ? value.uses : value.beyond();
  if (++(need.none() ? value.kept : way_of(write).kept) <= most) return true;
  if (any_serves_ || !need.none() || spare_ == 2 * denials_ || value.spare == denials_) return false;
  ++value.spare;
  ++spare_;
  return true;
}

}  // namespace smalldb::checker
