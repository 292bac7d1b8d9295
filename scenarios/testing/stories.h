// Short scenarios for tests of runs and of how they are judged.
#pragma once

#include <string>

#include "scenarios/run.h"
#include "scenarios/scenario.h"

namespace smalldb::scenarios::testing {

inline const std::string plain_work = "workload: [{script: [put x=1, get x, put x=2 if unchanged, get x]}]\n";

// What the text says, which need not say why. The test fails if it has problems.
Scenario loaded(const std::string& text);
// The first whose words begin so. The test fails if there is none. Lasts as long as the result.
const Judgement& judgement(const Result& result, const std::string& begin);

}  // namespace smalldb::scenarios::testing
