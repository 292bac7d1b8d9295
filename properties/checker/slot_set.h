// A set of small numbers that grows as it must: the first 64 in place, so that most sets cost no memory of their own.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace smalldb::checker {

class SlotSet {
 public:
  static constexpr std::uint32_t none_left = 0xffffffff;

  bool operator[](std::uint32_t slot) const { return (word(slot / 64) >> (slot % 64) & 1) != 0; }
  void set(std::uint32_t slot) {
    if (slot >= 64 && slot / 64 > more_.size()) more_.resize(slot / 64);
    at(slot / 64) |= std::uint64_t{1} << (slot % 64);
  }
  void reset(std::uint32_t slot) {
    if (slot / 64 < words()) at(slot / 64) &= ~(std::uint64_t{1} << (slot % 64));
  }
  void assign(std::uint32_t slot, bool member) {
    if (member) {
      set(slot);
    } else {
      reset(slot);
    }
  }
  bool none() const {
    return first_ == 0 && std::all_of(more_.begin(), more_.end(), [](std::uint64_t word) { return word == 0; });
  }

  // The first member that is `from` or greater; none_left if there is none.
  std::uint32_t next(std::uint32_t from) const {
    std::size_t at = from / 64;
    if (at >= words()) return none_left;
    std::uint64_t left = word(at) >> (from % 64) << (from % 64);
    while (left == 0) {
      if (++at == words()) return none_left;
      left = word(at);
    }
    return static_cast<std::uint32_t>(64 * at) + static_cast<std::uint32_t>(std::countr_zero(left));
  }

  SlotSet& operator&=(const SlotSet& other) {
    for (std::size_t i = 0; i < words(); ++i) at(i) &= other.word(i);
    return *this;
  }
  SlotSet& operator|=(const SlotSet& other) {
    if (other.more_.size() > more_.size()) more_.resize(other.more_.size());
    for (std::size_t i = 0; i < other.words(); ++i) at(i) |= other.word(i);
    return *this;
  }
  // Without the members of `other`.
  SlotSet& operator-=(const SlotSet& other) {
    for (std::size_t i = 0; i < words(); ++i) at(i) &= ~other.word(i);
    return *this;
  }
  friend SlotSet operator&(SlotSet one, const SlotSet& other) { return one &= other; }
  friend SlotSet operator|(SlotSet one, const SlotSet& other) { return one |= other; }
  friend SlotSet operator-(SlotSet one, const SlotSet& other) { return one -= other; }

  // Whether `one` has no member that is in none of the others.
  static bool within(const SlotSet& one, const SlotSet& a, const SlotSet& b) {
    for (std::size_t i = 0; i < one.words(); ++i) {
      if ((one.word(i) & ~a.word(i) & ~b.word(i)) != 0) return false;
    }
    return true;
  }
  std::size_t words() const { return 1 + more_.size(); }
  std::uint64_t word(std::size_t place) const {
    if (place == 0) return first_;
    return place <= more_.size() ? more_[place - 1] : 0;
  }

 private:
  std::uint64_t& at(std::size_t place) { return place == 0 ? first_ : more_[place - 1]; }

  std::uint64_t first_ = 0;
  std::vector<std::uint64_t> more_;
};

}  // namespace smalldb::checker
