#include "sim/event_queue.h"

#include <catch2/catch.hpp>
#include <set>
#include <tuple>

#include "sim/chance.h"

namespace smalldb::sim {
namespace {

// The queue as a sorted set: what any queue has to agree with.
class Reference {
 public:
  void arm(Slot slot, std::int64_t time, std::uint64_t order) {
    disarm(slot);
    if (slot >= armed_.size()) armed_.resize(slot + 1);
    armed_[slot] = {true, time, order};
    due_.insert({time, order, slot});
  }
  void disarm(Slot slot) {
    if (slot >= armed_.size() || !std::get<0>(armed_[slot])) return;
    due_.erase({std::get<1>(armed_[slot]), std::get<2>(armed_[slot]), slot});
    std::get<0>(armed_[slot]) = false;
  }
  Slot pop() {
    const Slot slot = std::get<2>(*due_.begin());
    disarm(slot);
    return slot;
  }
  std::int64_t first_time() const { return std::get<0>(*due_.begin()); }
  std::size_t size() const { return due_.size(); }

 private:
  std::set<std::tuple<std::int64_t, std::uint64_t, Slot>> due_;
  std::vector<std::tuple<bool, std::int64_t, std::uint64_t>> armed_;
};

// Plays `steps` random moves on both, with about `pending` slots armed and times up to `spread` ahead.
void play(std::uint64_t seed, std::size_t pending, std::uint64_t spread, int steps) {
  EventQueue queue;
  Reference reference;
  std::vector<Slot> slots;
  for (std::size_t i = 0; i < pending; ++i) slots.push_back(queue.make());
  std::int64_t now = 0;
  std::uint64_t sequence = 0;
  const auto arm = [&](Slot slot, std::uint64_t drawn) {
    const std::int64_t time = now + static_cast<std::int64_t>(below(drawn, spread));
    const std::uint64_t order = hits(again(drawn), {1, 2}) ? sequence++ : again(again(drawn)) >> 40;
    if (hits(again(order ^ drawn), {1, 2})) {
      queue.move(slot, Time{time}, order);
    } else {
      queue.arm(slot, Time{time}, order);
    }
    reference.arm(slot, time, order);
  };
  for (std::size_t i = 0; i < pending; ++i) arm(slots[i], draw(seed, Chance::workload, Key{1}, i));

  for (int step = 0; step < steps; ++step) {
    const std::uint64_t drawn = draw(seed, Chance::workload, Key{2}, static_cast<std::uint64_t>(step));
    const Slot slot = slots[below(again(drawn), pending)];
    switch (below(drawn, 8)) {
      case 0: arm(slot, again(again(drawn))); break;
      case 1:
        queue.disarm(slot);
        reference.disarm(slot);
        break;
      case 2: {
        EventQueue copy(queue);
        std::swap(copy, queue);
        break;
      }
      default:
        REQUIRE(queue.empty() == (reference.size() == 0));
        if (reference.size() == 0) break;
        now = reference.first_time();
        REQUIRE(queue.first_time().nanoseconds == now);
        const Slot expected = reference.pop();
        REQUIRE(queue.pop() == expected);
        if (hits(drawn, {15, 16})) arm(expected, again(again(drawn)));
    }
    REQUIRE(queue.size() == reference.size());
  }
  while (reference.size() > 0) {
    REQUIRE_FALSE(queue.empty());
    REQUIRE(queue.pop() == reference.pop());
  }
  CHECK(queue.empty());
}

TEST_CASE("a queue pops what is due first, whatever is armed, moved and disarmed meanwhile") {
  for (std::uint64_t seed = 0; seed < 40; ++seed) play(seed, 1 + seed, 1 + seed * 7, 400);
}
TEST_CASE("a queue of thousands pops in order, near and far") {
  play(1, 1'500, 1'000'000, 4'000);
  play(2, 5'000, 1'000'000'000'000, 6'000);
  play(3, 9'000, 50, 4'000);                      // almost all at equal times
  play(4, 3'000, std::uint64_t{1} << 60, 6'000);  // in digits of time as high as there are
}

TEST_CASE("times beyond five hours, and beyond a century, keep their order") {
  EventQueue queue;
  const Slot late = queue.make();
  const Slot later = queue.make();
  const std::int64_t century = std::int64_t{3'155'760'000} * 1'000'000'000;
  queue.arm(later, Time{century + 1}, 0);
  queue.arm(late, Time{century}, 1);
  CHECK(queue.pop() == late);
  CHECK(queue.first_time() == Time{century + 1});
  CHECK(queue.pop() == later);
  CHECK(queue.empty());
}

TEST_CASE("timers moved again and again while far away take no more memory") {
  EventQueue queue;
  std::vector<Slot> slots;
  std::uint64_t order = 0;
  for (int i = 0; i < 5'000; ++i) {
    slots.push_back(queue.make());
    queue.arm(slots.back(), Time{1'000'000 + i}, order++);
  }
  for (int round = 0; round < 100; ++round) {
    for (const Slot slot : slots) queue.arm(slot, Time{2'000'000 + round}, order++);
  }
  CHECK(queue.size() == slots.size());
  CHECK(queue.memory() < 2'000'000);
  for (const Slot slot : slots) REQUIRE(queue.pop() == slot);
  CHECK(queue.empty());
}

TEST_CASE("dropped slots are used again") {
  EventQueue queue;
  const Slot first = queue.make();
  const Slot second = queue.make();
  queue.drop(first);
  queue.drop(second);
  CHECK(queue.make() == second);
  CHECK(queue.make() == first);
  CHECK(queue.make() == 2);
}

}  // namespace
}  // namespace smalldb::sim
