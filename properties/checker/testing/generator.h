// Histories of any size: linearizable by construction, or broken in one known way. The same for the same settings, on
// every machine.
//
// Clients take turns at random: one invokes an operation, or its operation takes effect on the one store that there is,
// or it returns. What the store does at these instants is an order that explains all answers.
#pragma once

#include <cstdint>
#include <vector>

#include "properties/checker/check.h"
#include "properties/checker/history.h"

namespace smalldb::checker::testing {

struct Workload {
  std::uint64_t seed = 1;
  std::uint32_t operations = 1000;
  std::uint32_t keys = 1;
  std::uint32_t clients = 5;
  // How often each is asked for, in relation to the others.
  std::uint32_t gets = 50;
  std::uint32_t puts = 50;
  std::uint32_t removes = 0;
  std::uint32_t appends = 0;
  std::uint32_t swaps = 0;   // by value: half of them expect what is there
  std::uint32_t values = 0;  // to choose from; 0: every write has a value of its own
  // Operations of unknown outcome, spread evenly. Half of those take effect, most of these long after.
  std::uint32_t unknown = 0;
  bool revisions = false;  // the store says them
};

History generate(const Workload& workload);

// What is done to a legal history to break it. Each alters what one operation was told, or when.
enum class Breakage : std::uint8_t {
  stale_read,     // a get is given a value that had been overwritten long before
  phantom_value,  // a get is given a value that nobody wrote
  dirty_read,     // a write that was read is said to have failed
  future_read,    // a get is given a value that is written after it
  lost_update,    // all who saw a value are given the one before it, though its write was acknowledged
  other_value,    // a get is given a value of any other put
};

// At `permille` of the history or, if nothing there lends itself, as soon after as something does. Only for histories
// of distinct values, for others may stay legal. False, and nothing is changed, if there is no such operation.
bool break_it(History& history, Breakage breakage, std::uint32_t permille);

}  // namespace smalldb::checker::testing
