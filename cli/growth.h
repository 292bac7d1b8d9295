// How a trace of now compares with the one of which a capsule has the hashes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "scenarios/campaign/hash_chain.h"
#include "sim/time.h"
#include "sim/world.h"

namespace smalldb::cli {

// The trace of now as it grows: its hashes, and which events they are of.
class Growth {
 public:
  // After each call of the world.
  void see(const sim::World& world);

  // Where it left what it was then, in words and as closely as the hashes say; empty: nowhere.
  std::string since(const scenarios::HashChain& then) const;

 private:
  struct Call {
    std::uint64_t events = 0;  // up to now
    sim::Time time;
  };

  scenarios::HashChain chain_;
  Call last_;
  std::vector<Call> calls_;
};

}  // namespace smalldb::cli
