// Time as a machine knows it: integer nanoseconds, three kinds that cannot be mixed up.
#pragma once

#include <compare>
#include <cstdint>

namespace smalldb {

// A length of time in nanoseconds.
struct Duration {
  std::int64_t nanoseconds = 0;

  friend constexpr auto operator<=>(Duration, Duration) = default;
  friend constexpr Duration operator+(Duration a, Duration b) { return {a.nanoseconds + b.nanoseconds}; }
  friend constexpr Duration operator-(Duration a, Duration b) { return {a.nanoseconds - b.nanoseconds}; }
  friend constexpr Duration operator*(Duration a, std::int64_t factor) { return {a.nanoseconds * factor}; }
  friend constexpr Duration operator/(Duration a, std::int64_t divisor) { return {a.nanoseconds / divisor}; }
};

constexpr Duration nanoseconds(std::int64_t n) { return {n}; }
constexpr Duration microseconds(std::int64_t n) { return {n * 1'000}; }
constexpr Duration milliseconds(std::int64_t n) { return {n * 1'000'000}; }
constexpr Duration seconds(std::int64_t n) { return {n * 1'000'000'000}; }

// A reading of a process's own monotonic clock: never goes back, may run fast or slow, means nothing to others.
struct Instant {
  std::int64_t nanoseconds = 0;

  friend constexpr auto operator<=>(Instant, Instant) = default;
  friend constexpr Instant operator+(Instant a, Duration b) { return {a.nanoseconds + b.nanoseconds}; }
  friend constexpr Instant operator-(Instant a, Duration b) { return {a.nanoseconds - b.nanoseconds}; }
  friend constexpr Duration operator-(Instant a, Instant b) { return {a.nanoseconds - b.nanoseconds}; }
};

// A reading of a process's wall clock, since 1970 in UTC: may be stepped, forward and back. Fit for stamping records
// (F10: by the primary alone), never for deciding who may serve.
struct WallTime {
  std::int64_t nanoseconds = 0;

  friend constexpr auto operator<=>(WallTime, WallTime) = default;
};

// What a process's two clocks say when an event reaches it.
struct Moment {
  Instant now;
  WallTime wall;
};

}  // namespace smalldb
