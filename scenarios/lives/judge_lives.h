// What can be said of lives that were joined to one trace: the properties that what was recorded allows.
#pragma once

#include <string>
#include <vector>

#include "properties/coverage.h"
#include "properties/verdict.h"
#include "scenarios/lives/join.h"

namespace smalldb::scenarios {

struct LivesVerdict {
  properties::Verdict verdict;
  std::string not_judged;  // why not, if so; then the verdict says nothing
};

struct LivesJudged {
  std::vector<LivesVerdict> verdicts;  // in the order of properties::names()
  std::vector<properties::Seen> coverage;

  // Some property that could be judged is violated; or is unknown.
  bool violated() const;
  bool unknown() const;
};

LivesJudged judge_lives(const Joined& joined);

}  // namespace smalldb::scenarios
