// From numbers that are close together to small numbers given in order: open addressing with the number itself as its
// hash, so that neighbours stay neighbours.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "properties/checker/large_memory.h"

namespace smalldb::checker {

class FlatMap {
 public:
  static constexpr std::uint32_t none = 0xffffffff;

  // `expected`: how many numbers will be put in, more or less.
  explicit FlatMap(std::size_t expected) : slots_(size_for(expected)) {}
  // Empties it, and keeps the memory.
  void clear(std::size_t expected) {
    slots_.assign(size_for(expected), {});
    count_ = 0;
  }

  // The small number of `number`, and whether it is new.
  struct Found {
    std::uint32_t index;
    bool is_new;
  };
  Found add(std::uint32_t number) {
    std::size_t at = slot(number);
    if (slots_[at].index != none) return {slots_[at].index, false};
    if (2 * (count_ + std::size_t{1}) > slots_.size()) {
      grow();
      at = slot(number);
    }
    slots_[at] = {number, count_};
    return {count_++, true};
  }
  // `none` if it was not put in.
  std::uint32_t find(std::uint32_t number) const { return slots_[slot(number)].index; }

 private:
  struct Slot {
    std::uint32_t number = 0;
    std::uint32_t index = none;
  };

  static std::size_t size_for(std::size_t expected) { return std::bit_ceil(std::max<std::size_t>(8, 2 * expected)); }
  void grow() {
    LargeVector<Slot> old(2 * slots_.size());
    old.swap(slots_);
    for (const Slot& one : old) {
      if (one.index != none) slots_[slot(one.number)] = one;
    }
  }
  std::size_t slot(std::uint32_t number) const {
    const std::size_t mask = slots_.size() - 1;
    std::size_t at = number & mask;
    while (slots_[at].index != none && slots_[at].number != number) at = (at + 1) & mask;
    return at;
  }

  LargeVector<Slot> slots_;
  std::uint32_t count_ = 0;
};

}  // namespace smalldb::checker
