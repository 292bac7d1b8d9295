// From a failing scenario to one that a person could have written and that fails in the same way.
//
// Greedy, by passes, until none of them helps any more: drop faults, actions, work, clients and nodes, many at a time
// and then one by one (Zeller and Hildebrandt's ddmin); write generated work out and drop its steps, or wait as long as
// they took, and let what is counted come sooner by as many; weaken faults (power failure, crash, kill, pause; a cut of
// all, of one link, of one direction); let them strike, and operators act, at what happens rather than at a time, or at
// a time rather than long after what happened; take a small seed, or none where lengths can be fixed instead. Of all
// that is said, wherever it stands: leave it unsaid, make one value of a range, round it; of the keys in scripts, make
// one. What makes no sense without something goes with it.
//
// A simplification is kept if the run still fails with the same class, and if the world that remains promises what the
// failing one did (generator/promised.h): disks, arbiter and clocks on which all rests, time for the story to end, and
// if liveness has failed time to settle. What is left asks for no liveness but what has failed, and relies on none of
// its faults and actions: with the bug mended they may have nothing to strike at. So what fails by the bug alone is
// green without it.
//
// Nothing is left to luck: the same scenario shrinks to the same scenario.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "scenarios/campaign/failure.h"
#include "scenarios/run.h"
#include "scenarios/scenario.h"

namespace smalldb::scenarios {

struct ShrinkOptions {
  std::uint64_t candidates_max = 20'000;
  std::uint64_t events_max = 300'000;  // of one run; of one that has more time to settle, in proportion more
  // The same at the end, when it is shown that nothing more can be dropped: what is plainer may take far longer.
  std::uint64_t proof_events_max = 1'000'000;
  std::function<bool()> stop = {};  // asked now and then, in runs too; true ends the search with what there is

  // What each run is made by, for who looks on; on any of the threads that `try_to_first` uses.
  std::function<Result(const Scenario& scenario, const RunOptions& options)> run = scenarios::run;

  // So many candidates are looked at together, by calling helps(n) for each n below `count`: in any order, and at the
  // same time if that is wished for. Those behind one that helps may be left out. What comes of it does not depend on
  // it; in their order less is done in vain.
  std::size_t at_a_time = 1;
  std::function<void(std::size_t count, const std::function<bool(std::size_t)>& helps)> try_to_first =
      [](std::size_t count, const std::function<bool(std::size_t)>& helps) {
        for (std::size_t n = 0; n < count && !helps(n); ++n) {
        }
      };
};

struct Shrunk {
  Scenario scenario;
  std::string witness;       // of what it fails by; empty if it is the scenario as it was
  std::uint64_t tried = 0;   // candidates that were run, one after the other
  std::size_t elements = 0;  // faults, actions, steps of work, clients, nodes: what can be dropped
  std::size_t settings = 0;  // whatever else is said, and makes it smaller to be left unsaid
  bool minimal = false;      // it was run without each of both, at the end: each came to an end, and did not fail
};

// REQUIRES: run(failing) fails with `kind`.
Shrunk shrink(const Scenario& failing, const FailureClass& kind, const ShrinkOptions& options = {});

}  // namespace smalldb::scenarios
