// A set of small numbers, of a size known when compiled: std::bitset with a way from one member to the next.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace smalldb::checker {

template <std::size_t words>
class Bits {
 public:
  static constexpr std::uint32_t size = 64 * words;

  bool operator[](std::uint32_t bit) const { return (words_[bit / 64] >> (bit % 64) & 1) != 0; }
  void set(std::uint32_t bit) { words_[bit / 64] |= std::uint64_t{1} << (bit % 64); }
  void reset(std::uint32_t bit) { words_[bit / 64] &= ~(std::uint64_t{1} << (bit % 64)); }
  bool none() const {
    for (const std::uint64_t word : words_) {
      if (word != 0) return false;
    }
    return true;
  }

  // The first member that is `from` or greater; `size` if there is none.
  std::uint32_t next(std::uint32_t from) const {
    std::uint32_t word = from / 64;
    if (word >= words) return size;
    std::uint64_t left = words_[word] >> (from % 64) << (from % 64);
    while (left == 0) {
      if (++word == words) return size;
      left = words_[word];
    }
    return 64 * word + static_cast<std::uint32_t>(std::countr_zero(left));
  }

  friend bool operator==(const Bits&, const Bits&) = default;
  friend Bits operator&(Bits one, const Bits& other) {
    for (std::size_t i = 0; i < words; ++i) one.words_[i] &= other.words_[i];
    return one;
  }
  friend Bits operator|(Bits one, const Bits& other) {
    for (std::size_t i = 0; i < words; ++i) one.words_[i] |= other.words_[i];
    return one;
  }
  // Without the members of `other`.
  friend Bits operator-(Bits one, const Bits& other) {
    for (std::size_t i = 0; i < words; ++i) one.words_[i] &= ~other.words_[i];
    return one;
  }

 private:
  std::array<std::uint64_t, words> words_{};
};

}  // namespace smalldb::checker
