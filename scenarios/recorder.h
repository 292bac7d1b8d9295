// Keeps the trace of a run, event by event, if it is asked for. A value: a copy goes on by itself.
#pragma once

#include <memory>
#include <span>

#include "scenarios/run.h"
#include "scenarios/stage.h"
#include "sim/trace.h"
#include "sim/world.h"

namespace smalldb::scenarios {

class Recorder {
 public:
  // `events` are those of the world's last call.
  void take(std::span<const sim::TraceEvent> events, const sim::World& world);

  // All that was taken, with what is needed to read it; nothing if nothing was.
  std::shared_ptr<const Recording> recording(const sim::World& world, const Numbers& numbers) const;

 private:
  std::shared_ptr<Recording> recording_;  // of several runs, until one of them goes on
};

}  // namespace smalldb::scenarios
