// The two clocks of a process against virtual time: offset, drift, steps, freezes. Integers only, and exact: what a
// timer is set to and what the clock reads when it fires agree to the nanosecond.
#pragma once

#include <cstdint>

#include "model/time.h"
#include "sim/settings.h"
#include "sim/time.h"

namespace smalldb::sim {

class Clock {
 public:
  // A clock that read `settings.offset` at virtual time 0, while the world's calendar said `wall`.
  Clock(const ClockSettings& settings, WallTime wall);

  Moment read(Time now) const {
    const Instant local = monotonic(now);
    return {local, WallTime{local.nanoseconds + wall_ahead_.nanoseconds}};
  }
  Instant monotonic(Time now) const {
    if (rate_ == billion) [[likely]]
      return since_ + (now - base_);
    return since_ + scaled(now - base_);
  }

  // The first virtual time, not before `now`, at which the monotonic clock reads `at` or more; end_of_time if
  // it stands still before that.
  Time when(Instant at, Time now) const {
    if (rate_ == billion) [[likely]] {
      const Time then = base_ + (at - since_);
      return then < now ? now : then;
    }
    return when_scaled(at, now);
  }

  // From `now` on it gains `by` billionths more than before. Slower than a billionth of time it does not get.
  void drift(Time now, std::int64_t by);
  // The wall clock alone jumps.
  void step(Duration by) { wall_ahead_ = wall_ahead_ + by; }
  // Freezes may overlap; it goes on after the last thaw.
  void freeze(Time now);
  void thaw(Time now);
  bool frozen() const { return freezes_ > 0; }

 private:
  static constexpr std::int64_t billion = 1'000'000'000;

  Duration scaled(Duration virtual_time) const;
  Time when_scaled(Instant at, Time now) const;
  void rebase(Time now);

  Time base_;      // since then the rate has been rate_,
  Instant since_;  // and then the monotonic clock read this
  Duration wall_ahead_;
  std::int64_t rate_ = billion;  // local nanoseconds for a billion virtual ones; 0 while frozen
  std::int64_t drift_ = 0;
  std::uint32_t freezes_ = 0;
};

}  // namespace smalldb::sim
