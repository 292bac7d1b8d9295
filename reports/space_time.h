// The space-time diagram of a run as SVG: time from the top down, in order and not to scale; a lane for each process;
// each message from where it leaves to where it arrives or is lost; what clients wait for; faults as bands; the story
// beside it. What could have had a part in a violation is told by its class (`past`) from what could not.
//
// However long the run, no more than about `space_time_rows_max` rows are drawn: calm stretches are folded away.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "properties/cast.h"
#include "reports/causal_past.h"
#include "reports/story.h"
#include "reports/traffic.h"
#include "sim/trace.h"

namespace smalldb::reports {

inline constexpr std::size_t space_time_rows_max = 3'000;

// A property that was violated.
struct Violated {
  std::string property;
  std::string witness;
  std::vector<sim::EventIndex> events;  // that show it; it is drawn at the last of them
  bool has_past = true;                 // not where it is that something did not happen: no chain leads to that
};

struct SpaceTime {
  std::string svg;         // a <div> with two drawings: the names of the lanes, and all else
  bool has_past = false;   // some elements are of the class `past`
  bool has_folds = false;  // not all is shown
};

SpaceTime space_time(const properties::Cast& cast, const std::vector<Violated>& violated, const Story& story,
                     const Traffic& traffic, const CausalPast& past);

}  // namespace smalldb::reports
