// The load: connections that have one request outstanding each, on one thread.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <cstdint>

#include "bench/load/latencies.h"
#include "bench/load/protocol.h"

namespace smalldb::load {

struct Load {
  boost::asio::ip::tcp::endpoint at;
  std::size_t connections = 1;
  std::chrono::nanoseconds warm_up{};
  std::chrono::nanoseconds lasts{};  // what is counted, after the warm-up
  std::size_t value_bytes = 100;
  unsigned reads_percent = 0;
  std::uint64_t keys = 1000;
  bool each_key_once = false;  // writes each key once, in order, and ends: the times are not looked at
};

struct Outcome {
  Latencies reads, writes;
  std::chrono::nanoseconds took{};
  double of_a_core = 0;  // that the load itself took; near 1 it is what is measured
};

// Runs the load to its end, or to SIGTERM. Throws Refused, or std::runtime_error if a connection fails or no answer
// comes for half a minute.
Outcome run(const Load& load, const Protocol& protocol);

}  // namespace smalldb::load
