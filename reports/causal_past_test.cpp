#include "reports/causal_past.h"

#include <catch2/catch.hpp>
#include <vector>

#include "properties/happens_before.h"
#include "reports/test_support.h"
#include "scenarios/load.h"
#include "scenarios/run.h"
#include "sim/world.h"

namespace smalldb::reports {
namespace {

using sim::EventIndex;
using sim::EventKind;

struct Step {
  ProcessId process;
  EventIndex cause = sim::no_event;
  EventKind kind = EventKind::timer_fired;
  ProcessId peer = no_process;
};

CausalPast past_of(const std::vector<Step>& steps, std::size_t events_max = 100) {
  CausalPast past(events_max);
  for (std::size_t n = 0; n < steps.size(); ++n) {
    sim::TraceEvent event;
    event.index = n;
    event.process = steps[n].process;
    event.cause = steps[n].cause;
    event.kind = steps[n].kind;
    event.peer = steps[n].peer;
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

TEST_CASE("A message that is lost tells its receiver nothing, and its receiver may have missed it") {
  const CausalPast past = past_of({
      {a},                                  // 0: sends
      {b, 0, EventKind::datagram_lost, a},  // 1
      {a, 0, EventKind::stream_lost, b},    // 2
      {b},                                  // 3: takes over
      {b, 0, EventKind::datagram_lost, a},  // 4: later than what is asked about
      {a, 0, EventKind::fault_injected},    // 5
      {a},                                  // 6
  });
  CHECK(past.of({3}) == std::vector<bool>{false, true, true, true, false, false, false});
  CHECK(past.of({4}) == std::vector<bool>{true, false, false, false, true, false, false});
  CHECK(past.of({6}) == std::vector<bool>{true, false, false, false, false, true, true});
}

constexpr const char* cut_off = R"(
name: cut_off
why: Both sides of a partition go on for a while, and lose what they send to each other.
seed: 1
cluster: {nodes: [a, b], arbiter: tie_breaker, clients: 2}
workload: [{clients: [c1, c2], generate: {count: 40, keys: 5, mix: {get: 1, put: 1}, think_time: 20ms..100ms}}]
faults: [{partition: [[a, c1], [b, c2, arbiter]], at: 300ms, for: 2s}, {crash: a, at: 900ms, for: 100ms}]
)";

// The past of one event after the other, as the properties have it; of losses and faults there is more to say.
TEST_CASE("The past is that of the happens-before of the properties") {
  const scenarios::Loaded loaded = scenarios::load_text(cut_off, "cut_off.yaml");
  REQUIRE(loaded.scenario.has_value());
  std::vector<sim::TraceEvent> events;
  CausalPast past;
  scenarios::RunOptions options;
  options.reader = [&](const sim::World& world) {
    events.insert(events.end(), world.events().begin(), world.events().end());
    past.see(world.events());
  };
  scenarios::run(*loaded.scenario, options);
  REQUIRE(events.size() > 1'000);
  const properties::HappensBefore graph(events);
  const auto is_done_to_a_process = [&](EventIndex event) {
    const EventKind kind = events[event].kind;
    return kind == EventKind::datagram_lost || kind == EventKind::stream_lost || kind == EventKind::refused ||
           kind == EventKind::fault_injected || kind == EventKind::fault_took_effect || kind == EventKind::fault_ended;
  };
  std::size_t losses = 0;
  for (EventIndex last = 0; last < events.size(); last += 97) {
    INFO(last);
    std::vector<bool> wanted(events.size(), false);
    for (const EventIndex event : graph.past(last)) wanted[event] = true;
    wanted[last] = true;
    std::vector<bool> got = past.of({last});
    for (EventIndex event = 0; event < events.size(); ++event) {
      if (!is_done_to_a_process(event) || event == last) continue;
      losses += got[event] && !wanted[event] ? 1 : 0;
      if (!wanted[event]) got[event] = false;
    }
    CHECK(got == wanted);
  }
  CHECK(losses > 0);
}

TEST_CASE("Of a trace that is longer than is remembered the rest has no past") {
  const CausalPast past = past_of({{a}, {a}, {a}}, 2);
  CHECK(past.remembers(1));
  CHECK_FALSE(past.remembers(2));
  CHECK(past.of({1}) == std::vector<bool>{true, true});
  CHECK(past.of({2}) == std::vector<bool>{false, false});
}

}  // namespace
}  // namespace smalldb::reports
