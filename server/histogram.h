// How long things took, in classes, as Prometheus wants to be told.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace smalldb::server {

class Histogram {
 public:
  // The longest that is counted in each class but the last, which has the rest.
  static constexpr std::array<std::chrono::microseconds, 13> limits = {
      std::chrono::microseconds(250),      std::chrono::microseconds(500),     std::chrono::microseconds(1'000),
      std::chrono::microseconds(2'000),    std::chrono::microseconds(5'000),   std::chrono::microseconds(10'000),
      std::chrono::microseconds(20'000),   std::chrono::microseconds(50'000),  std::chrono::microseconds(100'000),
      std::chrono::microseconds(200'000),  std::chrono::microseconds(500'000), std::chrono::microseconds(1'000'000),
      std::chrono::microseconds(5'000'000)};

  void add(std::chrono::nanoseconds took) {
    std::size_t its = 0;
    while (its < limits.size() && took > limits[its]) ++its;
    ++counts_[its];
    sum_ += took;
  }

  // By class, not added up.
  const std::array<std::uint64_t, limits.size() + 1>& counts() const { return counts_; }
  std::chrono::nanoseconds sum() const { return sum_; }

 private:
  std::array<std::uint64_t, limits.size() + 1> counts_{};
  std::chrono::nanoseconds sum_{};
};

}  // namespace smalldb::server
