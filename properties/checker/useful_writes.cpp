#include "properties/checker/useful_writes.h"

#include <algorithm>
#include <utility>

namespace smalldb::checker {

using Kind = Need::Kind;

UsefulWrites::UsefulWrites(const std::vector<Kept>& set) : numbers_(set.size()) {
  FlatMap known(set.size());
  const auto number = [&](ValueId value) { return known.add(static_cast<std::uint32_t>(value)).index; };
  std::uint32_t count = 0;
  for (const Kept& one : set) {
    Numbers& numbers = numbers_[one.number];
    if (one.step->need.of_value == Kind::is) numbers.needed = number(one.step->need.value);
    if (!one.step->is_read()) numbers.left = number(one.step->to.value);
    for (const std::uint32_t value : {numbers.needed, numbers.left}) {
      if (value != none) count = std::max(count, value + 1);
    }
  }
  values_.resize(count);
  number_ways(set);
}

void UsefulWrites::number_ways(const std::vector<Kept>& set) {
  std::vector<std::pair<std::pair<std::uint32_t, std::uint32_t>, std::uint32_t>> conditional;
  for (const Kept& one : set) {
    const Numbers& numbers = numbers_[one.number];
    if (numbers.needed != none && numbers.left != none) {
      conditional.push_back({{numbers.needed, numbers.left}, one.number});
    }
  }
  std::sort(conditional.begin(), conditional.end());
  for (const auto& [way, operation] : conditional) {
    const bool is_new = ways_.empty() || std::pair(ways_.back().from, ways_.back().to) != way;
    if (is_new) ways_.push_back({way.first, way.second});
    numbers_[operation].way = static_cast<std::uint32_t>(ways_.size() - 1);
  }
}

void UsefulWrites::count(const std::vector<Kept>& set, bool free, bool sparing) {
  free_ = free;
  sparing_ = sparing;
  loose_asks_more_ = any_serves_ = false;
  strict_ = denials_ = spare_ = 0;
  std::fill(values_.begin(), values_.end(), Value());
  for (Way& way : ways_) way = {way.from, way.to};
  count_needs(set);
  any_serves_ = any_serves_ || (denials_ > 0 && (!sparing_ || loose_asks_more_));
  if (any_serves_) return;
  count_writes(set);
  follow_ways();
  if (loose_asks_more_)
    any_serves_ = std::any_of(set.begin(), set.end(), [&](const Kept& one) {
      return one.loose && asks_more(one.step->need) && values_[numbers_[one.number].left].uses > 0;
    });
}

bool UsefulWrites::asks_more(const Need& need) {
  return need.of_revision != Kind::none || need.of_value == Kind::is_not;
}

void UsefulWrites::count_needs(const std::vector<Kept>& set) {
  for (const Kept& one : set) {
    const Need& need = one.step->need;
    if (one.loose && !is_blind(one) && asks_more(need)) loose_asks_more_ = true;
    if (one.loose || need.none()) continue;
    if (need.of_revision != Kind::none) any_serves_ = true;
    ++strict_;
    if (need.of_value == Kind::is) ++values_[numbers_[one.number].needed].uses;
    if (need.of_value == Kind::is_not) ++denials_;
  }
}

void UsefulWrites::count_writes(const std::vector<Kept>& set) {
  for (const Kept& one : set) {
    if (!one.loose) continue;
    const Numbers& numbers = numbers_[one.number];
    if (is_blind(one)) {
      ++values_[numbers.left].blind;
    } else if (!asks_more(one.step->need)) {
      ways_[numbers.way].is_there = true;
    }
  }
}

// A conditional write is used only where the blind ones are too few.
void UsefulWrites::follow_ways() {
  for (bool changed = true; changed;) {
    changed = false;
    for (Way& way : ways_) {
      if (!way.is_there) continue;
      const std::uint32_t uses = values_[way.to].beyond();
      Value& from = values_[way.from];
      if (uses <= way.uses || from.uses >= strict_) continue;
      from.uses = std::min(strict_, from.uses + uses - way.uses);
      way.uses = uses;
      changed = true;
    }
  }
}

bool UsefulWrites::keeps(const Kept& write) {
  const bool blind = is_blind(write);
  if (!blind && asks_more(write.step->need)) return any_serves_;
  const Numbers& numbers = numbers_[write.number];
  Value& value = values_[numbers.left];
  const std::uint32_t most = any_serves_ ? strict_ : blind ? value.uses : value.beyond();
  if (++(blind ? value.kept : ways_[numbers.way].kept) <= most) return true;
  if (any_serves_ || !blind || spare_ == 2 * denials_ || value.spare == denials_) return false;
  ++value.spare;
  ++spare_;
  return true;
}

}  // namespace smalldb::checker
