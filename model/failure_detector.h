// Suspicion of one other node (F6): by silence of its heartbeats, or of the log and acknowledgement traffic.
//
// Either silence is enough: heartbeats may get through while the stream that outputs depend on is stuck, and a process
// may keep its stream open without being alive. Suspicion is only a reason to ask the arbiter, never to serve.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "model/time.h"

namespace smalldb {

enum class Silence : std::uint8_t { heartbeats, log_traffic };

class FailureDetector {
 public:
  FailureDetector(Duration suspect_after, Instant now)
      : suspect_after_(suspect_after), last_heartbeat_(now), last_log_traffic_(now) {}

  void heard_heartbeat(Instant now) { last_heartbeat_ = std::max(last_heartbeat_, now); }
  void heard_log_traffic(Instant now) { last_log_traffic_ = std::max(last_log_traffic_, now); }

  // What has been silent for longer than suspect_after, if anything.
  std::optional<Silence> suspects(Instant now) const {
    if (now - last_log_traffic_ > suspect_after_) return Silence::log_traffic;
    if (now - last_heartbeat_ > suspect_after_) return Silence::heartbeats;
    return std::nullopt;
  }

 private:
  Duration suspect_after_;
  Instant last_heartbeat_;
  Instant last_log_traffic_;
};

}  // namespace smalldb
