// A story of many epochs: whoever serves is killed as soon as it does, until the tie breaker has given more of them
// than a sector of its file holds. Then its syncs fail, and it loses power (S2).
#include <cstdint>
#include <utility>

#include "scenarios/generator/drawing.h"

namespace smalldb::scenarios::generator {

void draw_many_epochs(Draws& draws, Pace& pace, Scenario& scenario) {
  constexpr std::uint64_t grants_of_a_sector = 16;
  const auto deaths = static_cast<std::uint64_t>(draws.between(6, 12));
  const bool of_everybody = draws.hits(1, 4);
  const auto again = [&](const char* note) {
    FaultPlan dies = strikes(of_everybody ? sim::FaultKind::power_failure : sim::FaultKind::kill, noted(note),
                             draws.between(Duration{}, pace.nth(2)));
    if (!of_everybody) dies.processes = {"primary"};
    dies.lasts = sim::constant(draws.between(pace.nth(20), pace.nth(2)));
    dies.schedule.count = deaths;
    scenario.faults.push_back(std::move(dies));
  };
  again("founded");
  again("took_over");
  again("resumed_alone");

  Work writes;
  writes.clients = {draws.one_of(scenario.cluster.clients)};
  writes.generate.emplace();
  writes.generate->mix = only_writes;
  writes.generate->keys = 2;
  writes.generate->count = 40;
  writes.generate->think_time = sim::uniform(Duration{}, pace.beats(6));
  scenario.workload.push_back(std::move(writes));

  // Before it is asked for the first grant of the next sector, or soon after.
  Occurrence grant;
  grant.what = Occurrence::What::synced;
  grant.process = "arbiter";
  grant.file = "grants";
  grant.nth = grants_of_a_sector + static_cast<std::uint64_t>(draws.between(0, 4));
  FaultPlan fails = strikes(sim::FaultKind::sync_failure, grant);
  fails.processes = {"arbiter"};
  fails.times = 1;
  fails.lasts = sim::constant(pace.beats(draws.between(1, 4)));
  if (draws.hits(1, 2)) scenario.faults.push_back(std::move(fails));
  FaultPlan dark = strikes(sim::FaultKind::crash, grant, draws.between(Duration{}, pace.beats(4)));
  dark.processes = {"arbiter"};
  dark.lasts = sim::constant(draws.between(pace.nth(10), pace.beats(1)));
  dark.unsynced = draws.hits(1, 2) ? sim::Unsynced::lost : sim::Unsynced::drawn;
  scenario.faults.push_back(std::move(dark));
  scenario.operators.push_back(starts_again("arbiter", draws.between(pace.nth(10), pace.beats(1)), 3));
  pace.makes_room_for((pace.suspect + scenario.cluster.store.seek_for + pace.beats(1)) *
                      static_cast<std::int64_t>(2 * deaths));
}

}  // namespace smalldb::scenarios::generator
