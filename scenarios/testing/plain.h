// What somebody would draw who thought no further: everything at the same odds, at any time, in every run.
//
// The measure of what the generator (generator/generate.h) is worth: clusters are drawn as there, but all clients do
// the same uniform mix of all operations, and a few faults of any kind strike at times alone, never at a step of the
// protocol.
#pragma once

#include <cstdint>

#include "scenarios/generator/generate.h"

namespace smalldb::scenarios::testing {

Scenario plain_scenario(std::uint64_t seed, Budget budget);

}  // namespace smalldb::scenarios::testing
