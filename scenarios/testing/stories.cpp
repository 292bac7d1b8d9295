#include "scenarios/testing/stories.h"

#include <catch2/catch.hpp>

#include <algorithm>

#include "scenarios/load.h"

namespace smalldb::scenarios::testing {

Scenario loaded(const std::string& text) {
  const Loaded result = load_text("why: a test\n" + text, "story.yaml");
  for (const Problem& problem : result.problems) UNSCOPED_INFO(to_text(problem));
  REQUIRE(result.scenario);
  return *result.scenario;
}

const Judgement& judgement(const Result& result, const std::string& begin) {
  const auto found = std::find_if(result.judgements.begin(), result.judgements.end(),
                                  [&](const Judgement& one) { return one.what.starts_with(begin); });
  INFO(begin);
  REQUIRE(found != result.judgements.end());
  return *found;
}

}  // namespace smalldb::scenarios::testing
