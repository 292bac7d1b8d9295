#include "properties/checker/answer_parts.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <string>
#include <string_view>

#include "properties/checker/testing/dice.h"

namespace smalldb::checker {
namespace {

using Kind = Need::Kind;

// A set of some appends, reads and conditional writes of values that have much in common.
struct Set {
  explicit Set(testing::Dice& dice, History& history) {
    const auto value = [&] {
      if (dice.below(8) == 0) return ValueId::absent;
      std::string bytes;
      for (std::uint64_t left = dice.below(6); left > 0; --left) bytes += dice.below(3) == 0 ? 'b' : 'a';
      return history.value(bytes);
    };
    steps.resize(1 + dice.below(6));
    for (Step& step : steps) {
      const bool reads = dice.below(3) == 0;
      step.effect = reads ? Effect::none : dice.below(2) == 0 ? Effect::set : Effect::append;
      if (!reads) step.to.value = value();
      if (reads || dice.below(3) == 0)
        step.need = {dice.below(12) == 0 ? Kind::is_not : Kind::is, Kind::none, value(), 0};
    }
    for (const Step& step : steps) set.push_back({&step, 0, 0, !step.is_read() && dice.below(4) != 0});
  }

  std::vector<Step> steps;
  std::vector<Kept> set;
};

bool is_useful(const History& history, const std::vector<Kept>& set, const Kept& write) {
  if (write.step->to.value == ValueId::absent) return true;
  const std::string_view written = history.bytes(write.step->to.value);
  return std::any_of(set.begin(), set.end(), [&](const Kept& one) {
    const Need& need = one.step->need;
    if (&one == &write || need.none()) return false;
    if (need.of_value != Kind::is) return true;
    return need.value != ValueId::absent && history.bytes(need.value).find(written) != std::string_view::npos;
  });
}

}  // namespace

TEST_CASE("A write is of use where somebody else needs what it is a part of") {
  testing::Dice dice(2060);
  int kept = 0;
  int dropped = 0;
  for (int i = 0; i < 20'000; ++i) {
    History history;
    const Set set(dice, history);
    AnswerParts parts(history);
    std::uint64_t steps_left = 1000;
    REQUIRE(parts.look_at(set.set, steps_left));
    for (const Kept& one : set.set) {
      if (!one.loose) continue;
      const bool is_kept = parts.keeps(one);
      if (is_kept != is_useful(history, set.set, one)) FAIL("number " << i);
      ++(is_kept ? kept : dropped);
    }
  }
  CHECK(kept > 5000);
  CHECK(dropped > 5000);
}

TEST_CASE("To look through answers takes steps by their length, whatever was written") {
  History history;
  std::vector<Step> steps(10'001);
  for (int i = 0; i < 10'000; ++i) {
    steps[static_cast<std::size_t>(i)].effect = Effect::append;
    steps[static_cast<std::size_t>(i)].to.value = history.value(std::to_string(10'000 + i));
  }
  steps.back().need = {Kind::is, Kind::none, history.value(std::string(100 * AnswerParts::bytes_a_step, '1')), 0};
  std::vector<Kept> set;
  for (const Step& step : steps) set.push_back({&step, 0, 0, !step.is_read()});
  AnswerParts parts(history);
  std::uint64_t steps_left = 100;
  CHECK(parts.look_at(set, steps_left));
  CHECK(steps_left == 0);
  CHECK(parts.keeps(set[1111]));
  CHECK_FALSE(parts.keeps(set[2222]));
  steps_left = 99;
  CHECK_FALSE(parts.look_at(set, steps_left));
  CHECK(steps_left == 99);
}

}  // namespace smalldb::checker
