#include "model/failure_detector.h"

#include <catch2/catch.hpp>

namespace smalldb {
namespace {

constexpr Instant at(std::int64_t ms) { return Instant{} + milliseconds(ms); }

TEST_CASE("F6 nobody is suspected while both channels speak") {
  FailureDetector detector(milliseconds(500), at(0));
  for (std::int64_t ms = 0; ms <= 5000; ms += 100) {
    detector.heard_heartbeat(at(ms));
    detector.heard_log_traffic(at(ms));
    CHECK_FALSE(detector.suspects(at(ms + 500)));
  }
}

TEST_CASE("F6 silent heartbeats are enough") {
  FailureDetector detector(milliseconds(500), at(0));
  detector.heard_log_traffic(at(400));
  CHECK_FALSE(detector.suspects(at(500)));
  CHECK(detector.suspects(at(501)) == Silence::heartbeats);
}

TEST_CASE("F6 silent log traffic is enough") {
  FailureDetector detector(milliseconds(500), at(0));
  detector.heard_heartbeat(at(400));
  CHECK_FALSE(detector.suspects(at(500)));
  CHECK(detector.suspects(at(501)) == Silence::log_traffic);
}

TEST_CASE("F6 suspicion ends when the other is heard again") {
  FailureDetector detector(milliseconds(500), at(0));
  CHECK(detector.suspects(at(900)));
  detector.heard_heartbeat(at(901));
  CHECK(detector.suspects(at(901)) == Silence::log_traffic);
  detector.heard_log_traffic(at(902));
  CHECK_FALSE(detector.suspects(at(902)));
}

TEST_CASE("F6 a word told late does not shorten the patience") {
  FailureDetector detector(milliseconds(500), at(1000));
  detector.heard_heartbeat(at(10));
  detector.heard_log_traffic(at(10));
  CHECK_FALSE(detector.suspects(at(1500)));
}

}  // namespace
}  // namespace smalldb
