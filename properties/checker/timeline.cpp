#include "properties/checker/timeline.h"

#include <algorithm>
#include <utility>

namespace smalldb::checker {

using Kind = Need::Kind;

Timeline::Timeline(const Steps& all) : numbers_(2 * all.steps.size()) {
  put_in_order(all);
  refer(all);
  give_slots(all);
}

Timeline::Value& Timeline::referred(ValueId value) {
  const auto [index, is_new] = numbers_.add(static_cast<std::uint32_t>(value));
  if (is_new) values_.emplace_back();
  return values_[index];
}

void Timeline::put_in_order(const Steps& all) {
  const auto count = static_cast<std::uint32_t>(all.steps.size());
  std::vector<std::pair<Instant, std::uint32_t>> returned;
  returned.reserve(count);
  for (std::uint32_t step = 0; step < count; ++step) {
    if (!all.steps[step].optional) returned.push_back({all.steps[step].returned, step});
  }
  std::sort(returned.begin(), returned.end());
  intervals_.resize(count);
  order_.reserve(count + returned.size());
  const auto end = static_cast<Place>(count + returned.size());
  std::uint32_t step = 0;
  for (const auto& [instant, which] : returned) {
    for (; step < count && all.steps[step].invoked <= instant; ++step) {
      intervals_[step] = {static_cast<Place>(order_.size()), end};
      order_.push_back(2 * step);
    }
    intervals_[which].returned = static_cast<Place>(order_.size());
    order_.push_back(2 * which + 1);
  }
  for (; step < count; ++step) {
    intervals_[step] = {static_cast<Place>(order_.size()), end};
    order_.push_back(2 * step);
  }
}

void Timeline::refer(const Steps& all) {
  const auto raise = [](Place& place, Place to) { place = std::max(place, to); };
  for (std::uint32_t i = 0; i < all.steps.size(); ++i) {
    const Step& step = all.steps[i];
    const Need& need = step.need;
    const Interval& interval = intervals_[i];
    if (step.effect == Effect::append) has_appends = true;
    if (step.effect == Effect::set) raise(referred(step.to.value).last_source, interval.invoked);
    if (need.none()) continue;
    if (!step.optional) raise(needs_end, interval.returned);
    if (need.of_value != Kind::none) {
      Value& value = referred(need.value);
      raise(value.reference_end, interval.returned);
      if (need.of_value == Kind::is) raise(value.last_want, interval.invoked);
      if (need.of_value == Kind::is && !step.optional) raise(value.last_need, interval.invoked);
      if (need.of_value == Kind::is && step.optional) optional_needs_.push_back(need.value);
    }
    if (need.of_value == Kind::is_not) raise(denials_end, interval.returned);
    if (need.of_revision != Kind::none) raise(revision_needs_end, interval.returned);
    if (step.optional && need.of_value != Kind::is) optional_needs_anything_ = true;
  }
  std::sort(optional_needs_.begin(), optional_needs_.end());
}

// The return after which nothing depends any more on whether an operation of unknown outcome happens.
Timeline::Place Timeline::expiry(const Step& step) const {
  const bool any = has_appends || optional_needs_anything_ ||
                   std::binary_search(optional_needs_.begin(), optional_needs_.end(), step.to.value);
  if (any) return needs_end;
  const Place direct = std::max(of(step.to.value).reference_end, std::max(denials_end, revision_needs_end));
  return std::min(direct, needs_end);
}

void Timeline::give_slots(const Steps& all) {
  std::vector<std::pair<Place, std::uint32_t>> expiries;
  std::vector<bool> no_part(all.steps.size());
  for (std::uint32_t step = 0; step < all.steps.size(); ++step) {
    if (!all.steps[step].optional) continue;
    const Place place = expiry(all.steps[step]);
    no_part[step] = place < intervals_[step].invoked;
    if (!no_part[step]) expiries.push_back({place, step});
  }
  std::sort(expiries.begin(), expiries.end());
  std::vector<std::uint32_t> slot_of(all.steps.size());
  std::vector<std::uint32_t> unused;
  happenings.reserve(order_.size() + expiries.size());
  std::size_t next_expiry = 0;
  for (std::size_t i = 0; i < order_.size(); ++i) {
    const auto place = static_cast<Place>(i);
    const std::uint32_t step = order_[i] / 2;
    if (order_[i] % 2 == 0) {
      if (no_part[step]) continue;
      if (unused.empty()) unused.push_back(slots++);
      slot_of[step] = unused.back();
      unused.pop_back();
      happenings.push_back({place, step, slot_of[step], Happening::Kind::invoked});
    } else {
      returns.push_back(static_cast<std::uint32_t>(happenings.size()));
      happenings.push_back({place, step, slot_of[step], Happening::Kind::returned});
      unused.push_back(slot_of[step]);
    }
    for (; next_expiry < expiries.size() && expiries[next_expiry].first == place; ++next_expiry) {
      const std::uint32_t expired = expiries[next_expiry].second;
      happenings.push_back({place, expired, slot_of[expired], Happening::Kind::expired});
      unused.push_back(slot_of[expired]);
    }
  }
}

}  // namespace smalldb::checker
