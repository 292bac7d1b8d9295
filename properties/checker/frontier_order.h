// From the way that a search took to an order of the operations that explains all answers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "properties/checker/state_table.h"
#include "properties/checker/steps.h"
#include "properties/checker/timeline.h"

namespace smalldb::checker {

inline constexpr std::uint32_t no_trail = 0xffffffff;

// An operation took effect, and left this state; or (`step` is no_trail) the state ceased to matter.
struct TrailStep {
  std::uint32_t before = no_trail;  // in the trail
  std::uint32_t step = no_trail;
  Timeline::Place place = 0;  // of the return before which it did
  StateId state = other_state;
};

// Positions. Blind writes that the way leaves open whether they happened come where nobody saw them: right before
// another write, or where what they write is there already.
std::vector<std::size_t> order_of_trail(const Steps& all, const Timeline& timeline, const std::vector<TrailStep>& trail,
                                        std::uint32_t last, StateId initial, const std::vector<StateId>& targets);

}  // namespace smalldb::checker
