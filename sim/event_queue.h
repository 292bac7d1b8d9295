// The order in which things happen: which of the armed slots is due first.
//
// A slot stands for something that may happen; what it is, the queue does not know (the world keeps that beside it, by
// the slot's number). Armed with a time and an order among equal times, a slot can be moved or disarmed at any moment.
//
//     near:  a winner tree over up to some thousand slots     far:  buckets of ever coarser time
//
//                      [ first ]                               by the highest octal digit in which a time differs
//                  [    ]     [    ]                           from `last_`, and by that digit: 0.0 ... 0.7, 1.0 ...;
//               [  ] [  ]     [  ] [  ]  <- a leaf per slot    a bucket is an unordered list
//
// Near is everything before `horizon_`, far the rest. Finding the first of a winner tree costs one comparison a level
// and not one branch that depends on the data (a binary heap mispredicts two or three of those per event), and a slot
// is moved or taken out from wherever it stands in the same way. Beyond some thousand slots its paths leave the cache;
// so when it is full, its later half moves to the buckets, and when it is empty the nearest bucket becomes the tree: a
// radix heap with a sorted front.
//
// Invariants: 1. every inner node of the tree is the lesser of its two children, except above `hole_`. 2. near keys are
// before horizon_, far ones at or after it. 3. horizon_ == last_ + 1, or nothing is far. 4. a far entry is alive
// exactly if its slot's place names it.
#pragma once

#include <bit>
#include <cstdint>
#include <optional>
#include <vector>

#include "sim/time.h"

namespace smalldb::sim {

using Slot = std::uint32_t;

class EventQueue {
 public:
  static constexpr int slot_bits = 22;   // four million things that may happen
  static constexpr int order_bits = 42;  // seventeen days of three million events a second

  // Makes room for so many slots, so that none of them moves as they become more.
  void reserve(std::size_t slots) { places_.reserve(slots); }

  // A slot that is not armed. The numbers of dropped slots are used again.
  Slot make();
  // REQUIRES: not armed.
  void drop(Slot slot);

  // The slot is due at `time`, before others of that time with a higher `order` (its last `order_bits` bits); if it was
  // armed, it moves. REQUIRES: time is not before what was popped last.
  void arm(Slot slot, Time time, std::uint64_t order);
  // The same, and as a rule faster, for a slot that is armed.
  void move(Slot slot, Time time, std::uint64_t order);
  // Not due any more. Nothing happens if it is not armed.
  void disarm(Slot slot);
  bool armed(Slot slot) const { return kind_of(places_[slot]) == Place::near || kind_of(places_[slot]) == Place::far; }

  // The first and when it is due; nothing if the queue is empty.
  struct Due {
    Slot slot;
    Time time;
  };
  std::optional<Due> due() {
    settle();
    if (root().time == never) return {};
    return Due{slot_of(root()), Time{static_cast<std::int64_t>(root().time)}};
  }
  bool empty() { return !due(); }
  // REQUIRES: not empty.
  Slot first() { return settle(), slot_of(root()); }
  Time first_time() { return settle(), Time{static_cast<std::int64_t>(root().time)}; }
  // Disarms the first and returns it. REQUIRES: not empty.
  Slot pop();

  std::size_t size() const { return near_count_ + far_count_; }
  // Bytes that it holds on to.
  std::size_t memory() const;

 private:
  static constexpr std::uint64_t never = ~std::uint64_t{0};
  static constexpr std::uint32_t few_leaves = 16;
  static constexpr std::uint32_t many_leaves = 2048;  // fits the first cache
  static constexpr std::size_t refill_most = 512;
  static constexpr unsigned digit_bits = 3;
  static constexpr std::size_t digits = std::size_t{1} << digit_bits;
  static constexpr std::size_t buckets = 63 / digit_bits * digits;  // of 63 bits of time

  // (time, order, slot), compared as one number.
  struct Key {
    std::uint64_t order = never;  // order << slot_bits | slot
    std::uint64_t time = never;
  };
  // Where a slot's key is: two bits of kind, and a leaf, the key's order or the next free slot.
  enum class Place : std::uint64_t { idle, near, far, free };
  static Place kind_of(std::uint64_t place) { return static_cast<Place>(place >> 62); }
  static std::uint64_t place(Place kind, std::uint64_t what) { return static_cast<std::uint64_t>(kind) << 62 | what; }
  static std::uint32_t leaf_of(std::uint64_t place) { return static_cast<std::uint32_t>(place); }
  static Slot slot_of(const Key& key) { return static_cast<Slot>(key.order & ((1u << slot_bits) - 1)); }
  static void keep_lesser(Key& best, const Key& other);

  const Key& root() const { return nodes_[1]; }
  void settle();
  void replay(std::uint32_t leaf, Key best);
  void put_near(Slot slot, Key key);
  void put_in_leaf(std::uint32_t leaf, Slot slot, Key key);
  void put_in_new_leaf(Slot slot, Key key);
  void put_far(Slot slot, Key key);
  void clear_leaf(std::uint32_t leaf);
  void make_room();
  void grow();
  bool spill();
  void refill();
  void rebuild();
  void plant(const std::vector<Key>& keys);
  void bury();
  std::size_t bucket_of(std::uint64_t time) const;
  bool alive(const Key& key) const { return places_[slot_of(key)] == place(Place::far, key.order >> slot_bits); }

  std::vector<Key> nodes_ = std::vector<Key>(2 * few_leaves);  // [1] the root, the second half the leaves
  std::vector<std::uint64_t> places_;                          // by slot
  std::vector<std::uint32_t> free_leaves_;
  std::uint32_t next_leaf_ = few_leaves;  // leaves from here on were never used
  std::uint32_t hole_ = 0;                // the leaf popped last, as long as its path still shows it; 0 is none
  std::uint32_t free_slot_ = 0;           // head of the list of dropped slots, plus one; 0 is none
  std::uint64_t horizon_ = never;
  std::uint64_t last_ = 0;
  std::size_t near_count_ = 0;
  std::size_t far_count_ = 0;
  std::size_t dead_count_ = 0;         // far entries whose slots moved on
  std::vector<std::vector<Key>> far_;  // empty as long as nothing ever was far
};

// ---- The paths taken at every event --------------------------------------------------------------------------------

// `best` becomes `other` if that is less.
inline void EventQueue::keep_lesser(Key& best, const Key& other) {
  // Which of them it is cannot be predicted, and compilers are fond of a branch here (or of vector registers, which are
  // as slow), so the two conditional moves are spelled out. They read `other` where it stands.
#if defined(__x86_64__)
  std::uint64_t high;
  __asm__(
      "mov %[time], %[high]\n\t"
      "cmp %[other_order], %[order]\n\t"
      "sbb %[other_time], %[high]\n\t"
      "cmovae %[other_order], %[order]\n\t"
      "cmovae %[other_time], %[time]"
      : [order] "+&r"(best.order), [time] "+&r"(best.time), [high] "=&r"(high)
      : [other_order] "m"(other.order), [other_time] "m"(other.time)
      : "cc");
#else
  const bool less = other.time < best.time || (other.time == best.time && other.order < best.order);
  const std::uint64_t take_other = -static_cast<std::uint64_t>(less);
  best.order ^= (best.order ^ other.order) & take_other;
  best.time ^= (best.time ^ other.time) & take_other;
#endif
}

inline void EventQueue::replay(std::uint32_t leaf, Key best) {
  // Places are counted in bytes, as an address wants them: 14 instructions a level instead of 17.
  constexpr std::size_t one = sizeof(Key);
  static_assert(std::has_single_bit(one));
  char* const nodes = reinterpret_cast<char*>(nodes_.data());
  const auto node = [nodes](std::size_t place) -> Key& { return *reinterpret_cast<Key*>(nodes + place); };
  std::size_t place = leaf * one;
  node(place) = best;
  while (place > one) {
    keep_lesser(best, node(place ^ one));
    place = place / 2 & ~(one - 1);
    node(place) = best;
  }
}

inline void EventQueue::clear_leaf(std::uint32_t leaf) {
  replay(leaf, Key{});
  free_leaves_.push_back(leaf);
}

inline void EventQueue::settle() {
  if (hole_ != 0) {
    clear_leaf(hole_);
    hole_ = 0;
  }
  if (root().time == never && far_count_ > 0) [[unlikely]]
    refill();
}

inline Slot EventQueue::pop() {
  settle();
  const Slot slot = slot_of(root());
  // The path above is left as it is: most events arm another slot at once, which then takes this leaf and replays the
  // path for both.
  hole_ = leaf_of(places_[slot]);
  places_[slot] = place(Place::idle, 0);
  --near_count_;
  return slot;
}

inline void EventQueue::put_near(Slot slot, Key key) {
  std::uint32_t leaf = hole_;
  if (leaf != 0) {
    hole_ = 0;
  } else if (!free_leaves_.empty()) {
    leaf = free_leaves_.back();
    free_leaves_.pop_back();
  } else {
    return put_in_new_leaf(slot, key);
  }
  put_in_leaf(leaf, slot, key);
}

inline void EventQueue::put_in_leaf(std::uint32_t leaf, Slot slot, Key key) {
  places_[slot] = place(Place::near, leaf);
  ++near_count_;
  replay(leaf, key);
}

inline void EventQueue::arm(Slot slot, Time time, std::uint64_t order) {
  const Key key{order << slot_bits | slot, static_cast<std::uint64_t>(time.nanoseconds)};
  const std::uint64_t was = places_[slot];
  if (kind_of(was) == Place::near) {
    if (key.time < horizon_) {
      replay(leaf_of(was), key);
      return;
    }
    clear_leaf(leaf_of(was));
    --near_count_;
  } else if (kind_of(was) == Place::far) {
    places_[slot] = place(Place::idle, 0);
    bury();
  }
  if (key.time < horizon_) {
    put_near(slot, key);
  } else {
    put_far(slot, key);
  }
}

[[gnu::always_inline]] inline void EventQueue::move(Slot slot, Time time, std::uint64_t order) {
  const Key key{order << slot_bits | slot, static_cast<std::uint64_t>(time.nanoseconds)};
  const std::uint64_t at = places_[slot];
  if (kind_of(at) != Place::near || key.time >= horizon_) [[unlikely]]
    return arm(slot, time, order);
  replay(leaf_of(at), key);
}

inline void EventQueue::disarm(Slot slot) {
  const std::uint64_t was = places_[slot];
  if (kind_of(was) == Place::near) {
    clear_leaf(leaf_of(was));
    --near_count_;
    places_[slot] = place(Place::idle, 0);
  } else if (kind_of(was) == Place::far) {
    places_[slot] = place(Place::idle, 0);
    bury();
  }
}

inline Slot EventQueue::make() {
  if (free_slot_ != 0) {
    const Slot slot = free_slot_ - 1;
    free_slot_ = static_cast<std::uint32_t>(places_[slot]);
    places_[slot] = place(Place::idle, 0);
    return slot;
  }
  places_.push_back(place(Place::idle, 0));
  return static_cast<Slot>(places_.size() - 1);
}

inline void EventQueue::drop(Slot slot) {
  places_[slot] = place(Place::free, free_slot_);
  free_slot_ = slot + 1;
}

}  // namespace smalldb::sim
