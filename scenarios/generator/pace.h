// The times of one drawn run: all of them hang together, as multiples of the heartbeat.
#pragma once

#include <algorithm>
#include <cstdint>

#include "model/time.h"
#include "scenarios/generator/draws.h"
#include "scenarios/scenario.h"
#include "sim/chance.h"

namespace smalldb::scenarios {

struct Pace {
  Duration beat;     // Settings::heartbeat_every
  Duration suspect;  // Settings::suspect_after
  sim::Time story;   // how long faults strike and clients work

  explicit Pace(const Scenario& scenario)
      : beat(scenario.cluster.store.heartbeat_every), suspect(scenario.cluster.store.suspect_after) {}

  Duration beats(std::int64_t count) const { return nanoseconds(beat.nanoseconds * count); }
  // A part of a beat.
  Duration nth(std::int64_t part) const { return nanoseconds(beat.nanoseconds / part); }

  // For what strikes soon after there is a pair, and takes so long.
  void makes_room_for(Duration lasts) { story = std::max(story, sim::Time{} + beats(10) + lasts); }

  sim::Time any_time(Draws& draws) const { return sim::Time{} + draws.between(Duration{}, story - sim::Time{}); }
  // A blink, about as long as it takes to be suspected, or long enough for everybody to have gone on.
  Duration any_length(Draws& draws) const {
    switch (draws.below(5)) {
      case 0: return draws.between(nth(50), beat);
      case 1: return draws.between(suspect - beat, suspect + beats(2));
      case 2:
      case 3: return draws.between(beats(2), beats(10));
      default: return draws.between(beats(10), beats(30));
    }
  }
};

}  // namespace smalldb::scenarios
