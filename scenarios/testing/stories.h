// Short scenarios for tests of runs and of how they are judged.
#pragma once

#include <string>
#include <vector>

#include "scenarios/run.h"
#include "scenarios/scenario.h"

namespace smalldb::scenarios::testing {

inline const std::string plain_work = "workload: [{script: [put x=1, get x, put x=2 if unchanged, get x]}]\n";

// What the text says, which need not say why. The test fails if it has problems.
Scenario loaded(const std::string& text);
// The scenario is run, and its events are kept.
Result recorded(const Scenario& scenario);
// The times of all events of a kind at a process. REQUIRES: a recorded result.
std::vector<sim::Time> times(const Result& result, sim::EventKind kind, const std::string& process);
// When the story asked for something, and not what was tried in the end. REQUIRES: a recorded result.
std::vector<sim::Time> story_inputs(const Result& result, const std::string& client);
// The first whose words begin so. The test fails if there is none. Lasts as long as the result.
const Judgement& judgement(const Result& result, const std::string& begin);

}  // namespace smalldb::scenarios::testing
