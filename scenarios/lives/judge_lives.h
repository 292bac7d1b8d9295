// What can be said of lives that were joined to one trace: the properties that what was recorded allows.
#pragma once

#include <string>
#include <vector>

#include "properties/coverage.h"
#include "properties/properties.h"
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

class LivesJudge {
 public:
  explicit LivesJudge(const properties::Cast& cast) : properties_(cast) {}

  // REQUIRES: of all of the trace, in its order.
  void see(const Together::Passage& next) { properties_.observe(next.events, next.joined.file_names); }
  // REQUIRES: all has been seen. `joined`: what came of it.
  LivesJudged judged(const Joined& joined);

 private:
  properties::Properties properties_;
};

}  // namespace smalldb::scenarios
