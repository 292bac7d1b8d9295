// A story about a primary that nobody can tell that it was deposed (S8, S12): a client goes on asking it, while another
// writes to whoever serves. Confirmations see to it that no answer is old, and leases if both sides count them right,
// whatever makes the backup claim soon.
#include <cstdint>
#include <utility>
#include <vector>

#include "scenarios/generator/drawing.h"

namespace smalldb::scenarios::generator {
namespace {

using sim::FaultKind;

bool has_leases(const Scenario& scenario) { return scenario.cluster.store.reads == Reads::leased; }

// There is something at stake: a lease, or somebody who can take over.
Occurrence at_stake(const Scenario& scenario) {
  return noted(has_leases(scenario) ? "read_under_lease" : "backup_declared");
}

// As far as a lease allows for, with some to spare for faults. Which node is the primary is not known, but likely.
void drift_apart(Draws& draws, Scenario& scenario) {
  const auto most = std::int64_t{scenario.cluster.store.clock_drift_max_ppm} * 4 / 5 * 1000;
  const bool first_is_slow = draws.hits(3, 4);
  for (const Name& node : scenario.cluster.nodes) {
    const bool is_slow = (node == scenario.cluster.nodes.front()) == first_is_slow;
    scenario.clocks[node].drift = is_slow ? -most : most;
  }
}

// Whom a claim is brought to; nobody if that is an operator.
Name judge_of(const Scenario& scenario) {
  switch (scenario.cluster.arbiter) {
    case ArbiterKind::tie_breaker: return "arbiter";
    case ArbiterKind::shared_lock: return "disk";
    default: return {};
  }
}

// The other clients, and whom a claim is brought to. REQUIRES: the reader's work comes last.
std::vector<Name> all_but_the_reader(const Scenario& scenario) {
  std::vector<Name> others = scenario.cluster.clients;
  std::erase(others, scenario.workload.back().clients.front());
  if (const Name judge = judge_of(scenario); !judge.empty()) others.push_back(judge);
  return others;
}

// From everybody but the reader, until somebody else has gone on. What the backup said before may still come in. Gives
// what cuts it off from the nodes.
FaultPlan& cut_off_the_primary(Draws& draws, Pace& pace, Duration after, bool promises_pass, Scenario& scenario) {
  const Duration lasts = pace.suspect + draws.between(pace.beats(4), pace.suspect / 2 + pace.beats(8));
  FaultPlan aside = strikes(FaultKind::cut, at_stake(scenario), after);
  aside.lasts = sim::constant(lasts);
  aside.links = {{{"primary"}, all_but_the_reader(scenario), true}};
  scenario.faults.push_back(aside);
  FaultPlan apart = aside;
  apart.links = {{{"primary"}, scenario.cluster.nodes, !promises_pass}};
  pace.makes_room_for(after + lasts);
  return scenario.faults.emplace_back(std::move(apart));
}

// Who took over starts again just when the nodes hear the one that was deposed again, and may take that one for the
// primary still.
void find_the_deposed_again(Draws& draws, Pace& pace, Duration after, Scenario& scenario) {
  FaultPlan& apart = cut_off_the_primary(draws, pace, after, false, scenario);
  apart.until = noted("recovered");
  FaultPlan kill = strikes(FaultKind::kill, noted("took_over"), draws.between(pace.nth(4), pace.beats(4)));
  kill.processes = {"primary"};
  kill.lasts = sim::constant(draws.between(pace.nth(50), pace.beats(1)));
  scenario.faults.push_back(kill);
}

// The backup hears nothing for a while and claims, sooner than the primary with its slow clock would; it hears the
// primary again, and is asked for a promise, before the arbiter has answered it.
void claim_for_long(Draws& draws, Pace& pace, Duration after, Scenario& scenario) {
  if (const Name judge = judge_of(scenario); !judge.empty()) {
    FaultPlan slow = strikes(FaultKind::slow_disk, at_stake(scenario), after);
    slow.processes = {judge};
    slow.delay = sim::uniform(pace.beats(2), pace.beats(8));
    slow.lasts = sim::constant(pace.suspect * 3);
    scenario.faults.push_back(slow);
  }
  FaultPlan silent = strikes(FaultKind::clog, at_stake(scenario), after);
  silent.links = {{{"primary"}, {"backup"}, false}};
  silent.lasts = sim::constant(pace.suspect + draws.between(Duration{}, pace.beats(1)));
  scenario.faults.push_back(silent);
  FaultPlan aside = strikes(FaultKind::cut, at_stake(scenario), after);
  aside.links = {{{"primary"}, all_but_the_reader(scenario), true}};
  aside.lasts = sim::constant(pace.suspect * 3);
  scenario.faults.push_back(aside);
  FaultPlan apart = strikes(FaultKind::cut, noted("claim_won", 2));  // the first one founds the store
  apart.links = {{{"primary"}, scenario.cluster.nodes, true}};
  apart.lasts = aside.lasts;
  scenario.faults.push_back(apart);
  pace.makes_room_for(after + pace.suspect * 3);
}

// It is told to stop. When its backup knows that it leaves, the two are apart, and nothing but that it has ended keeps
// it from answering the reader.
void hand_over(Draws& draws, Pace& pace, Duration after, Scenario& scenario) {
  const Name& first = scenario.cluster.nodes.front();
  scenario.operators.push_back(stops(first, at_stake(scenario), after));
  scenario.operators.push_back(starts_again(first, draws.between(pace.beats(4), pace.suspect + pace.beats(8)), 1));
  const Duration lasts = pace.suspect + draws.between(pace.beats(4), pace.beats(12));
  FaultPlan apart = strikes(FaultKind::cut, noted("peer_leaves"));
  apart.lasts = sim::constant(lasts);
  apart.links = {{{first}, all_but_the_reader(scenario), true}, {{first}, scenario.cluster.nodes, true}};
  pace.makes_room_for(after + lasts);
  scenario.faults.push_back(std::move(apart));
}

// For as long as it may take until somebody has taken over, and some more.
Work asks_on_and_on(const Name& client, const Mix& mix, Duration pause, const Pace& pace) {
  Work work;
  work.clients = {client};
  work.generate.emplace();
  work.generate->mix = mix;
  work.generate->keys = 1;
  work.generate->think_time = sim::uniform(Duration{}, pause);
  work.generate->count =
      static_cast<std::uint64_t>((pace.suspect * 2 + pace.beats(10)).nanoseconds * 2 / pause.nanoseconds);
  return work;
}

// One who also writes would wait for an answer, lose patience and ask somebody else. It comes last.
void draw_a_reader(Draws& draws, const Pace& pace, Scenario& scenario) {
  std::vector<Name> writers = scenario.cluster.clients;
  const Name reader = draws.one_of(writers);
  std::erase(writers, reader);
  for (Work& work : scenario.workload) std::erase(work.clients, reader);
  std::erase_if(scenario.workload, [](const Work& work) { return work.clients.empty(); });
  scenario.workload.push_back(asks_on_and_on(draws.one_of(writers), only_writes, pace.beats(4), pace));
  scenario.workload.push_back(asks_on_and_on(reader, only_reads, pace.nth(2), pace));
}

}  // namespace

void draw_deposed(Draws& draws, Pace& pace, bool may_be_commands, Scenario& scenario) {
  draw_a_reader(draws, pace, scenario);
  const Duration after = draws.between(Duration{}, pace.beats(6));
  const bool much_drift = has_leases(scenario) && scenario.cluster.store.clock_drift_max_ppm >= 100'000;
  if (much_drift) drift_apart(draws, scenario);
  if (has_leases(scenario) && may_be_commands && draws.hits(1, 6)) return hand_over(draws, pace, after, scenario);
  switch (much_drift ? draws.between(0, 1) : draws.between(has_leases(scenario) ? 2 : 1, 5)) {
    case 0: claim_for_long(draws, pace, after, scenario); break;
    case 1: cut_off_the_primary(draws, pace, after, false, scenario); break;
    case 2: {  // the promise comes late
      FaultPlan late = strikes(FaultKind::delay, at_stake(scenario), {});
      late.links = {{{"backup"}, {"primary"}, false}};
      late.delay = sim::constant(draws.between(pace.suspect / 2, pace.suspect - pace.beats(1)));
      late.lasts = sim::constant(pace.suspect * 3);
      scenario.faults.push_back(late);
      cut_off_the_primary(draws, pace, pace.suspect + after, true, scenario);
      break;
    }
    case 3: {  // the backup looks for a primary before it suspects the one that it had
      FaultPlan reset = strikes(FaultKind::reset, at_stake(scenario), after);
      reset.links = {{{"backup"}, {"primary"}, true}};
      scenario.faults.push_back(reset);
      cut_off_the_primary(draws, pace, after + draws.between(Duration{}, pace.nth(50)), false, scenario);
      break;
    }
    case 4: find_the_deposed_again(draws, pace, after, scenario); break;
    default: {  // the backup forgets what it has promised
      cut_off_the_primary(draws, pace, after, false, scenario);
      FaultPlan kill = strikes(FaultKind::kill, at_stake(scenario), after + draws.between(Duration{}, pace.beats(1)));
      kill.processes = {"backup"};
      kill.lasts = sim::constant(draws.between(pace.nth(50), pace.beats(1)));
      scenario.faults.push_back(kill);
      break;
    }
  }
}

}  // namespace smalldb::scenarios::generator
