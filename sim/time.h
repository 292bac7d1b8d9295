// Virtual time: nanoseconds since the world began, the one clock that no process can see.
#pragma once

#include <compare>
#include <cstdint>

#include "model/time.h"

namespace smalldb::sim {

struct Time {
  std::int64_t nanoseconds = 0;

  friend constexpr auto operator<=>(Time, Time) = default;
  friend constexpr Time operator+(Time a, Duration b) { return {a.nanoseconds + b.nanoseconds}; }
  friend constexpr Duration operator-(Time a, Time b) { return {a.nanoseconds - b.nanoseconds}; }
};

// After everything that can happen.
inline constexpr Time end_of_time{0x7fffffffffffffff};

}  // namespace smalldb::sim
