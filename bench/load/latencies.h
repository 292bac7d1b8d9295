// How long answers took, counted in classes that are a thirty-second of their size wide.
#pragma once

#include <array>
#include <bit>
#include <chrono>
#include <cstdint>

namespace smalldb::load {

class Latencies {
 public:
  using Duration = std::chrono::nanoseconds;

  void add(Duration latency) {
    const auto value = static_cast<std::uint64_t>(latency.count());
    ++counts_[class_of(value)];
    ++count_;
    if (latency > longest_) longest_ = latency;
  }

  std::uint64_t count() const { return count_; }
  Duration longest() const { return longest_; }

  // The upper end of the class that holds this share of all: 0.99 for the 99th percentile. Zero if there are none.
  Duration percentile(double share) const {
    std::uint64_t below = 0;
    for (std::size_t i = 0; i < counts_.size(); ++i) {
      below += counts_[i];
      if (below != 0 && static_cast<double>(below) >= share * static_cast<double>(count_)) return end_of(i);
    }
    return {};
  }

  // How many took this long or longer; up to a class.
  std::uint64_t from(Duration latency) const {
    std::uint64_t many = 0;
    for (std::size_t i = class_of(static_cast<std::uint64_t>(latency.count())); i < counts_.size(); ++i) {
      many += counts_[i];
    }
    return many;
  }

 private:
  static constexpr int bits = 5;

  // The highest bit's place, and the five bits behind it.
  static std::size_t class_of(std::uint64_t value) {
    const int shift = value < (1U << bits) ? 0 : static_cast<int>(std::bit_width(value)) - bits - 1;
    return (static_cast<std::size_t>(shift) << bits) + (value >> shift);
  }

  static Duration end_of(std::size_t index) {
    const std::size_t shift = index < (2U << bits) ? 0 : (index >> bits) - 1;
    return Duration((index - (shift << bits) + 1) << shift);
  }

  std::array<std::uint64_t, (64U << bits)> counts_{};
  std::uint64_t count_ = 0;
  Duration longest_{};
};

}  // namespace smalldb::load
