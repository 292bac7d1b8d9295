#include "reports/causal_past.h"

#include <catch2/catch.hpp>
#include <vector>

#include "reports/test_support.h"

namespace smalldb::reports {
namespace {

using sim::EventIndex;

struct Step {
  ProcessId process;
  EventIndex cause = sim::no_event;
};

CausalPast past_of(const std::vector<Step>& steps, std::size_t events_max = 100) {
  CausalPast past(events_max);
  for (std::size_t n = 0; n < steps.size(); ++n) {
    sim::TraceEvent event;
    event.index = n;
    event.process = steps[n].process;
    event.cause = steps[n].cause;
    past.see({&event, 1});
  }
  return past;
}

TEST_CASE("The past of an event is what its process did before, and the causes of that") {
  const CausalPast past = past_of({
      {c1},     // 0: asks
      {a, 0},   // 1: hears of it
      {b},      // 2: something else
      {a, 1},   // 3: answers
      {c1, 3},  // 4: hears the answer
      {b, 3},   // 5: hears of it as well, later
      {c1},     // 6
  });
  CHECK(past.of({4}) == std::vector<bool>{true, true, false, true, true, false, false});
  CHECK(past.of({5}) == std::vector<bool>{true, true, true, true, false, true, false});
  CHECK(past.of({1, 2}) == std::vector<bool>{true, true, true, false, false, false, false});
}

TEST_CASE("What happens to nobody ties no events together") {
  const CausalPast past = past_of({{no_process}, {a, 0}, {no_process}, {b, 2}});
  CHECK(past.of({3}) == std::vector<bool>{false, false, true, true});
}

TEST_CASE("Of a trace that is longer than is remembered the rest has no past") {
  const CausalPast past = past_of({{a}, {a}, {a}}, 2);
  CHECK(past.of({1}) == std::vector<bool>{true, true});
  CHECK(past.of({2}) == std::vector<bool>{false, false});
}

}  // namespace
}  // namespace smalldb::reports
