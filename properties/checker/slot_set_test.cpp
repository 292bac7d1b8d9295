#include "properties/checker/slot_set.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>
#include <vector>

#include "properties/checker/testing/dice.h"

namespace smalldb::checker {
namespace {

using Members = std::set<std::uint32_t>;

Members members_of(const SlotSet& set) {
  Members members;
  for (std::uint32_t one = set.next(0); one != SlotSet::none_left; one = set.next(one + 1)) members.insert(one);
  return members;
}

// Of one word, or of some; in those, some that are empty.
constexpr std::uint32_t limits[] = {3, 64, 65, 300};

std::pair<SlotSet, Members> some_set(testing::Dice& dice) {
  std::pair<SlotSet, Members> made;
  const std::uint32_t limit = limits[dice.below(4)];
  for (std::uint32_t i = dice.below(20); i != 0; --i) {
    const std::uint32_t member = dice.below(limit);
    made.first.set(member);
    made.second.insert(member);
  }
  for (std::uint32_t i = dice.below(10); i != 0; --i) {
    const std::uint32_t member = dice.below(400);
    made.first.reset(member);
    made.second.erase(member);
  }
  return made;
}

}  // namespace

TEST_CASE("A set of slots is the set of its members, whatever its size") {
  testing::Dice dice(7);
  for (int round = 0; round < 3000; ++round) {
    const auto [one, in_one] = some_set(dice);
    const auto [other, in_other] = some_set(dice);
    CHECK(members_of(one) == in_one);
    CHECK(one.none() == in_one.empty());
    const std::uint32_t asked = dice.below(400);
    CHECK(one[asked] == in_one.contains(asked));
    Members both;
    std::ranges::set_intersection(in_one, in_other, std::inserter(both, both.end()));
    CHECK(members_of(one & other) == both);
    Members left;
    std::ranges::set_difference(in_one, in_other, std::inserter(left, left.end()));
    CHECK(members_of(one - other) == left);
    CHECK(SlotSet::within(one, other) == left.empty());
  }
}

TEST_CASE("A copy of a set of slots goes on by itself") {
  testing::Dice dice(8);
  for (int round = 0; round < 300; ++round) {
    const auto [one, in_one] = some_set(dice);
    auto [other, in_other] = some_set(dice);
    other = one;
    SlotSet third = other;
    for (const std::uint32_t member : in_one) other.reset(member);
    third.set(500);
    CHECK(members_of(one) == in_one);
    CHECK(other.none());
    CHECK(third[500]);
    other = std::exchange(third, {});
    CHECK(third.none());
    CHECK(other[500]);
  }
}

}  // namespace smalldb::checker
