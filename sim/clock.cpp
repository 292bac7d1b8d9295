#include "sim/clock.h"

#include <algorithm>

namespace smalldb::sim {
namespace {

__extension__ typedef __int128 Wide;

constexpr std::int64_t farthest = std::int64_t{1} << 62;

}  // namespace

Clock::Clock(const ClockSettings& settings, WallTime wall)
    : since_{settings.offset.nanoseconds}, wall_ahead_{wall.nanoseconds} {
  drift(Time{}, settings.drift);
}

Duration Clock::scaled(Duration virtual_time) const {
  return {static_cast<std::int64_t>(static_cast<Wide>(virtual_time.nanoseconds) * rate_ / billion)};
}

Time Clock::when_scaled(Instant at, Time now) const {
  const std::int64_t ahead = (at - since_).nanoseconds;
  if (ahead <= scaled(now - base_).nanoseconds) return now;
  if (rate_ == 0) return end_of_time;
  const Wide needed = (static_cast<Wide>(ahead) * billion + rate_ - 1) / rate_;
  return base_ + Duration{static_cast<std::int64_t>(std::min<Wide>(needed, farthest))};
}

void Clock::rebase(Time now) {
  since_ = monotonic(now);
  base_ = now;
  rate_ = freezes_ > 0 ? 0 : std::max<std::int64_t>(1, billion + drift_);
}

void Clock::drift(Time now, std::int64_t by) {
  drift_ += by;
  rebase(now);
}

void Clock::freeze(Time now) {
  ++freezes_;
  rebase(now);
}

void Clock::thaw(Time now) {
  --freezes_;
  rebase(now);
}

}  // namespace smalldb::sim
