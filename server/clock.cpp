#include "server/clock.h"

#include <ctime>

namespace smalldb::server {
namespace {

std::int64_t read_nanoseconds(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

}  // namespace

Moment read_clocks() { return {{read_nanoseconds(CLOCK_BOOTTIME)}, {read_nanoseconds(CLOCK_REALTIME)}}; }

}  // namespace smalldb::server
