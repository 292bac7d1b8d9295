// A set of small numbers that grows as it must: the first 64 in place, so that most sets cost no memory of their own,
// and are as quick as one word.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

namespace smalldb::checker {

class SlotSet {
 public:
  static constexpr std::uint32_t none_left = 0xffffffff;

  SlotSet() = default;
  SlotSet(const SlotSet& other) : first_(other.first_), more_(other.more_ == nullptr ? nullptr : other.copy_more()) {}
  SlotSet(SlotSet&& other) noexcept = default;
  SlotSet& operator=(const SlotSet& other) {
    first_ = other.first_;
    if (more_ != other.more_) more_ = other.more_ == nullptr ? nullptr : other.copy_more();
    return *this;
  }
  SlotSet& operator=(SlotSet&& other) noexcept = default;
  ~SlotSet() = default;

  bool operator[](std::uint32_t slot) const { return (word(slot / 64) >> (slot % 64) & 1) != 0; }
  void set(std::uint32_t slot) {
    if (slot / 64 >= words()) grow(slot / 64 + 1);
    at(slot / 64) |= std::uint64_t{1} << (slot % 64);
  }
  void reset(std::uint32_t slot) {
    if (slot / 64 < words()) at(slot / 64) &= ~(std::uint64_t{1} << (slot % 64));
  }
  void assign(std::uint32_t slot, bool member) {
    if (slot < 64) {  // without a branch: what is assigned is as random as a history
      first_ = (first_ & ~(std::uint64_t{1} << slot)) | std::uint64_t{member} << slot;
    } else if (member) {
      set(slot);
    } else {
      reset(slot);
    }
  }
  bool none() const {
    if (first_ != 0) return false;
    for (std::size_t i = 1; i < words(); ++i) {
      if (more_[i] != 0) return false;
    }
    return true;
  }

  // The first member that is `from` or greater; none_left if there is none.
  std::uint32_t next(std::uint32_t from) const {
    std::size_t at = from / 64;
    if (at >= words()) return none_left;
    std::uint64_t left = word(at) >> (from % 64) << (from % 64);
    while (left == 0) {
      if (++at == words()) return none_left;
      left = more_[at];
    }
    return static_cast<std::uint32_t>(64 * at) + static_cast<std::uint32_t>(std::countr_zero(left));
  }

  SlotSet& operator&=(const SlotSet& other) {
    first_ &= other.first_;
    for (std::size_t i = 1; i < words(); ++i) more_[i] &= other.word(i);
    return *this;
  }
  // Without the members of `other`.
  SlotSet& operator-=(const SlotSet& other) {
    first_ &= ~other.first_;
    for (std::size_t i = 1; i < words(); ++i) more_[i] &= ~other.word(i);
    return *this;
  }
  friend SlotSet operator&(SlotSet one, const SlotSet& other) {
    one &= other;
    return one;
  }
  friend SlotSet operator-(SlotSet one, const SlotSet& other) {
    one -= other;
    return one;
  }

  // Whether `one` has no member that the other has not.
  static bool within(const SlotSet& one, const SlotSet& other) {
    for (std::size_t i = 0; i < one.words(); ++i) {
      if ((one.word(i) & ~other.word(i)) != 0) return false;
    }
    return true;
  }
  std::size_t words() const { return more_ == nullptr ? 1 : more_[0]; }
  std::uint64_t word(std::size_t place) const {
    if (place == 0) return first_;
    return place < words() ? more_[place] : 0;
  }

 private:
  using Words = std::unique_ptr<std::uint64_t[]>;

  // The first of them says how many they are.
  Words copy_more() const {
    Words more = std::make_unique<std::uint64_t[]>(words());
    std::copy_n(more_.get(), words(), more.get());
    return more;
  }
  void grow(std::size_t words_now) {
    Words more = std::make_unique<std::uint64_t[]>(words_now);
    if (more_ != nullptr) std::copy_n(more_.get(), words(), more.get());
    more[0] = words_now;
    more_ = std::move(more);
  }
  std::uint64_t& at(std::size_t place) { return place == 0 ? first_ : more_[place]; }

  std::uint64_t first_ = 0;
  Words more_;
};

}  // namespace smalldb::checker
