// A story about room for sessions (S9): there are fewer than clients. Whoever wants one takes the place of the client
// that has been idle for longest; that one has asked for something, has heard nothing of it, and asks again.
#include <algorithm>
#include <utility>

#include "scenarios/generator/drawing.h"

namespace smalldb::scenarios::generator {

void draw_few_sessions(Draws& draws, Pace& pace, Scenario& scenario) {
  Cluster& cluster = scenario.cluster;
  const auto clients = static_cast<std::int64_t>(cluster.clients.size());
  // Where clocks are set back, or the next primary's is behind, nobody is idle before they have caught up (F10): that
  // may take longer than anybody waits.
  std::erase_if(scenario.faults, [](const FaultPlan& fault) { return fault.kind == sim::FaultKind::clock_step; });
  for (auto& [node, clock] : scenario.clocks) clock.offset = {};
  cluster.store.sessions_max = static_cast<std::uint32_t>(draws.between(1, clients - 1));
  // Idle enough to make room, by the first of the two bounds (Primary::make_room_for_session).
  const Duration idle = pace.suspect * 10;
  cluster.store.session_expires_after = idle * draws.between(2, 60);
  // Each may have to wait for the one before it; who waits must not lose patience before liveness has been judged.
  cluster.client.give_up_after = std::max(cluster.client.give_up_after, idle * (2 * clients + 4) + pace.beats(400));

  std::vector<Name> waiting = cluster.clients;
  const Name retries = draws.one_of(waiting);
  std::erase(waiting, retries);
  Work asks;
  asks.clients = {retries};
  asks.in_flight = static_cast<std::uint32_t>(draws.between(1, 3));
  asks.generate.emplace();
  asks.generate->mix = only_writes;
  asks.generate->mix.compare_and_set = static_cast<std::uint32_t>(draws.between(0, 1));
  asks.generate->keys = static_cast<std::uint64_t>(draws.between(1, 2));
  asks.generate->count = static_cast<std::uint64_t>(draws.between(6, 16));
  asks.generate->think_time = sim::uniform(Duration{}, pace.nth(draws.between(1, 8)));
  scenario.workload.push_back(std::move(asks));

  // What it asks is heard, and what it is told is not; or neither, for a while.
  const Occurrence opened = noted("session_opened");
  const Duration deaf_after = draws.between(pace.nth(10), pace.beats(3));
  const Duration deaf_for = cluster.client.answer_within + draws.between(pace.nth(2), pace.beats(8));
  FaultPlan deaf = strikes(sim::FaultKind::cut, opened, deaf_after);
  deaf.links = {{cluster.nodes, {retries}, draws.hits(1, 4)}};
  deaf.lasts = sim::constant(deaf_for);
  scenario.faults.push_back(std::move(deaf));

  // It has been idle for long: by the clock, which is set forward, or by that of the next primary.
  FaultPlan later = strikes(sim::FaultKind::clock_step, opened, deaf_after + draws.between(Duration{}, deaf_for));
  later.processes = {"primary"};
  later.step = idle + draws.between(pace.beats(1), idle);
  if (draws.hits(3, 4)) scenario.faults.push_back(std::move(later));
  if (draws.hits(1, 3)) {
    FaultPlan over = strikes(sim::FaultKind::kill, opened, deaf_after + draws.between(Duration{}, deaf_for));
    over.processes = {"primary"};
    over.lasts = sim::constant(draws.between(pace.nth(4), pace.suspect + pace.beats(4)));
    scenario.faults.push_back(std::move(over));
  }

  // Others come meanwhile, or begin anew, and want a session each.
  for (const Name& other : waiting) {
    Work wants;
    wants.clients = {other};
    wants.script.emplace_back(WaitUntil{opened});
    wants.script.emplace_back(Wait{deaf_after + draws.between(Duration{}, deaf_for)});
    for (std::int64_t puts = draws.between(1, 3); puts > 0; --puts) {
      wants.script.emplace_back(
          Operation{Verb::put, "k" + std::to_string(draws.below(2)), other + "." + std::to_string(puts), {}, 0});
    }
    scenario.workload.push_back(std::move(wants));
  }
  if (draws.hits(1, 2)) {
    FaultPlan anew = strikes(sim::FaultKind::kill, opened, deaf_after + draws.between(Duration{}, deaf_for));
    anew.processes = {draws.one_of(waiting)};
    anew.lasts = sim::constant(draws.between(pace.nth(10), pace.beats(1)));
    anew.schedule.count = 2;
    scenario.faults.push_back(std::move(anew));
  }
  pace.makes_room_for(deaf_after + deaf_for + pace.beats(6));
}

}  // namespace smalldb::scenarios::generator
