// What goes wrong: which families, where, when and for how long.
#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "scenarios/generator/drawing.h"

namespace smalldb::scenarios::generator {
namespace {

using sim::FaultKind;

// The kinds of each family, those that matter more named more often.
const std::vector<FaultKind>& kinds_of(Family family) {
  using Kind = FaultKind;
  static const std::array<std::vector<FaultKind>, 13> kinds = {{
      {Kind::crash, Kind::crash, Kind::kill},
      {Kind::power_failure},
      {Kind::pause, Kind::pause, Kind::slow_cpu},
      {Kind::cut},
      {Kind::loss, Kind::delay, Kind::duplication, Kind::reordering, Kind::clog, Kind::bandwidth, Kind::queue_limit},
      {Kind::reset, Kind::half_open, Kind::late_close, Kind::chunking},
      {Kind::slow_disk},
      {Kind::disk_full},
      {Kind::sync_failure},
      {Kind::clock_drift, Kind::clock_step, Kind::clock_freeze},
      {Kind::bit_rot, Kind::bad_sector, Kind::read_failure},
      {Kind::wiped_disk},
      {Kind::misdirected_write, Kind::phantom_write, Kind::old_disk},
  }};
  return kinds[static_cast<std::size_t>(family)];
}

class Faults {
 public:
  Faults(Draws draws, const Pace& pace, Budget budget, Scenario& scenario)
      : draws_(draws), pace_(pace), budget_(budget), scenario_(scenario) {}

  void draw(Family family);
  void cut_off_the_primary();
  void hold_up_requests();

 private:
  std::vector<Name> all_clients_but_one();
  bool leased() const { return scenario_.cluster.store.reads == Reads::leased; }
  bool has_tie_breaker() const { return scenario_.cluster.arbiter == ArbiterKind::tie_breaker; }
  bool has_shared_volume() const { return scenario_.cluster.arbiter == ArbiterKind::shared_lock; }

  Schedule any_schedule();
  sim::Unsynced any_unsynced();
  Name any_node();
  Name any_process();
  Name any_end();
  Links any_links(bool between_nodes);
  void aim(FaultPlan& fault);
  void cut(FaultPlan& fault);
  void strengthen(FaultPlan& fault);
  FaultPlan restart_after(const FaultPlan& fault);
  void add(FaultPlan fault);

  Draws draws_;
  const Pace& pace_;
  Budget budget_;
  Scenario& scenario_;
};

Schedule Faults::any_schedule() {
  Schedule schedule;
  if (draws_.hits(1, 2)) {
    schedule.kind = Schedule::Kind::when;
    schedule.when = any_step(draws_, scenario_);
    using What = Occurrence::What;
    const bool can_be_foreseen = schedule.when.what == What::synced || schedule.when.what == What::receives ||
                                 schedule.when.what == What::record_written ||
                                 schedule.when.what == What::record_durable || schedule.when.what == What::written ||
                                 schedule.when.what == What::renamed;
    if (can_be_foreseen && draws_.hits(1, 2))
      schedule.when.before = true;
    else if (draws_.hits(1, 3))
      schedule.delay = draws_.between(microseconds(1), pace_.beats(2));
    if (draws_.hits(1, 4)) schedule.count = 2;
    return schedule;
  }
  schedule.from = pace_.any_time(draws_);
  if (draws_.hits(1, 4)) {
    schedule.kind = Schedule::Kind::randomly;
    schedule.to = schedule.from + pace_.beats(draws_.between(2, 30));
    schedule.count = static_cast<std::uint64_t>(draws_.between(2, 4));
  }
  return schedule;
}

// Garbage may take bytes with it that were durable long ago: more than the log is made to survive (S11).
sim::Unsynced Faults::any_unsynced() {
  const sim::Unsynced worst = budget_ == Budget::survivable ? sim::Unsynced::subset : sim::Unsynced::garbage;
  return static_cast<sim::Unsynced>(draws_.between(0, static_cast<std::int64_t>(worst)));
}

Name Faults::any_node() {
  static const std::vector<Name> roles = {"primary", "backup", "random"};
  return draws_.hits(1, 2) ? draws_.one_of(roles) : draws_.one_of(scenario_.cluster.nodes);
}

Name Faults::any_process() {
  if (draws_.hits(1, 8)) return draws_.one_of(scenario_.cluster.clients);
  if (has_tie_breaker() && draws_.hits(1, 6)) return "arbiter";
  return any_node();
}

Name Faults::any_end() {
  if (draws_.hits(1, 6)) return draws_.one_of(scenario_.cluster.clients);
  if (has_tie_breaker() && draws_.hits(1, 5)) return "arbiter";
  if (has_shared_volume() && draws_.hits(1, 5)) return "disk";
  return any_node();
}

Links Faults::any_links(bool between_nodes) {
  const auto node = [&] { return draws_.one_of(scenario_.cluster.nodes); };
  Links links;
  links.both = draws_.hits(1, 2);
  if (draws_.hits(1, 6)) {
    links = {{"all"}, {node()}, links.both};
    return links;
  }
  const Name one = node();
  Name other = between_nodes ? node() : any_end();
  if (other == "random") other = "all";
  if (other == one) {
    const std::vector<Name>& nodes = scenario_.cluster.nodes;
    const auto another = std::find_if(nodes.begin(), nodes.end(), [&](const Name& name) { return name != one; });
    other = another == nodes.end() ? scenario_.cluster.clients.front() : *another;
  }
  links = draws_.hits(1, 2) ? Links{{one}, {other}, links.both} : Links{{other}, {one}, links.both};
  return links;
}

void Faults::cut(FaultPlan& fault) {
  switch (draws_.below(4)) {
    case 0: {  // two groups, and some in both: they are bridges
      fault.groups.resize(2);
      for (const Name& name : process_names(scenario_.cluster)) {
        const std::uint64_t side = draws_.below(5);
        if (side != 1) fault.groups[0].push_back(name);
        if (side == 1 || side == 4) fault.groups[1].push_back(name);
      }
      if (fault.groups[1].empty()) fault.groups[1].push_back(any_node());
      if (fault.groups[0].empty()) fault.groups[0].push_back(any_node());
      break;
    }
    case 1: fault.isolated = {any_end()}; break;
    default: fault.links = {any_links(false)}; break;
  }
}

void Faults::aim(FaultPlan& fault) {
  switch (fault.kind) {
    case FaultKind::power_failure: return;
    case FaultKind::cut: return cut(fault);
    case FaultKind::loss:
    case FaultKind::delay:
    case FaultKind::clog:
    case FaultKind::bandwidth:
    case FaultKind::queue_limit:
    case FaultKind::reset:
    case FaultKind::half_open:
    case FaultKind::late_close:
    case FaultKind::chunking:
      if (!draws_.hits(1, 4)) fault.links = {any_links(false)};
      return;
    case FaultKind::duplication:
    case FaultKind::reordering:
      if (!draws_.hits(1, 2)) fault.links = {any_links(true)};
      return;
    case FaultKind::crash:
    case FaultKind::kill:
    case FaultKind::pause:
    case FaultKind::slow_cpu:
    case FaultKind::clock_drift:
    case FaultKind::clock_step:
    case FaultKind::clock_freeze: fault.processes = {any_process()}; return;
    default:
      if (has_shared_volume() && draws_.hits(1, 5)) {
        fault.processes = {"disk"};
      } else {
        fault.processes = {has_tie_breaker() && draws_.hits(1, 8) ? Name("arbiter") : any_node()};
      }
      return;
  }
}

void Faults::strengthen(FaultPlan& fault) {
  static constexpr sim::Ratio ratios[] = {{1, 2}, {1, 4}, {1, 10}, {1, 50}};
  const auto some = [&] {
    if (draws_.hits(3, 4)) fault.ratio = draws_.one_of(ratios);
    if (draws_.hits(1, 3)) fault.times = static_cast<std::uint64_t>(draws_.between(1, 3));
  };
  const auto log_alone = [&] {
    if (draws_.hits(1, 3)) fault.file = "log-*";
  };
  switch (fault.kind) {
    case FaultKind::crash:
      fault.unsynced = any_unsynced();
      fault.silent = draws_.hits(1, 3);
      break;
    case FaultKind::kill: fault.silent = draws_.hits(1, 3); break;
    case FaultKind::power_failure: fault.unsynced = any_unsynced(); break;
    case FaultKind::slow_cpu: fault.delay = sim::uniform(pace_.nth(100), pace_.nth(4)); break;
    case FaultKind::slow_disk: fault.delay = sim::uniform(pace_.nth(20), pace_.beats(draws_.between(1, 8))); break;
    case FaultKind::loss:
    case FaultKind::duplication: some(); break;
    case FaultKind::reordering:
      some();
      fault.delay = sim::uniform(pace_.nth(10), pace_.beats(4));
      break;
    case FaultKind::delay: fault.delay = sim::uniform(pace_.nth(10), pace_.beats(draws_.between(1, 8))); break;
    case FaultKind::late_close: fault.delay = sim::uniform(pace_.nth(10), pace_.beats(10)); break;
    case FaultKind::bandwidth: fault.size = static_cast<std::uint64_t>(draws_.between(2, 200)) * 1000; break;
    case FaultKind::queue_limit: fault.size = static_cast<std::uint64_t>(draws_.between(1, 20)) * 100; break;
    case FaultKind::disk_full: fault.size = draws_.hits(1, 2) ? 0 : draws_.below(8) * 1000; break;
    case FaultKind::sync_failure:
      some();
      log_alone();
      break;
    case FaultKind::bit_rot:
    case FaultKind::bad_sector:
    case FaultKind::read_failure:
    case FaultKind::misdirected_write:
    case FaultKind::phantom_write:
      some();
      log_alone();
      break;
    case FaultKind::clock_drift: {
      // Leases rest on clocks that do not drift further apart than they are told (S8).
      const std::int64_t most = leased() ? scenario_.cluster.store.clock_drift_max_ppm / 10 : 500'000;
      fault.drift = draws_.between(-most, most) * 1000;
      if (fault.drift == 0) fault.drift = 1000;
      break;
    }
    case FaultKind::clock_step: {
      const Duration by = draws_.between(milliseconds(1), seconds(4000));
      fault.step = draws_.hits(1, 2) ? by : Duration{} - by;
      break;
    }
    default: break;
  }
}

void Faults::add(FaultPlan fault) {
  const auto is = [&](FaultKind kind) { return fault.kind == kind; };
  const bool over_at_once = is(FaultKind::reset) || is(FaultKind::half_open) || is(FaultKind::wiped_disk) ||
                            is(FaultKind::saved_disk) || is(FaultKind::old_disk) || is(FaultKind::clock_step);
  if (!over_at_once) {
    fault.lasts = sim::constant(pace_.any_length(draws_));
    if (draws_.hits(1, 6)) fault.until = any_step(draws_, scenario_);
  }
  fault.may_miss = true;
  if (is(FaultKind::queue_limit)) {
    FaultPlan bounded = fault;
    bounded.kind = FaultKind::bandwidth;
    bounded.size = 50'000;
    scenario_.faults.push_back(bounded);
  }
  if (is(FaultKind::old_disk)) {
    FaultPlan saved = fault;
    saved.kind = FaultKind::saved_disk;
    saved.schedule = {};
    saved.schedule.from = pace_.any_time(draws_);
    scenario_.faults.push_back(saved);
  }
  scenario_.faults.push_back(std::move(fault));
}

// What has become of a disk shows when it is read again.
FaultPlan Faults::restart_after(const FaultPlan& fault) {
  FaultPlan restart;
  restart.kind = FaultKind::crash;
  restart.processes = fault.processes;
  if (fault.processes.front() == "disk") restart.processes = {scenario_.cluster.nodes.front()};
  restart.unsynced = any_unsynced();
  restart.schedule = fault.schedule;
  if (restart.schedule.kind == Schedule::Kind::when) {
    if (!restart.schedule.when.before) restart.schedule.delay = draws_.between(Duration{}, pace_.beats(4));
  } else {
    restart.schedule.from = std::min(restart.schedule.from + draws_.between(Duration{}, pace_.beats(4)), pace_.story);
    if (restart.schedule.kind == Schedule::Kind::randomly)
      restart.schedule.to = restart.schedule.from + pace_.beats(20);
  }
  return restart;
}

void Faults::draw(Family family) {
  const std::vector<FaultKind>& kinds = kinds_of(family);
  // A run has all kinds of the family, or one of them.
  const std::uint64_t only = draws_.below(2 * kinds.size());
  static constexpr std::int64_t counts[] = {1, 1, 1, 2, 2, 4};
  for (std::int64_t count = draws_.one_of(counts); count > 0; --count) {
    FaultPlan fault;
    fault.kind = only < kinds.size() ? kinds[only] : draws_.one_of(kinds);
    if (fault.kind == FaultKind::clock_freeze && leased()) continue;
    aim(fault);
    strengthen(fault);
    fault.schedule = any_schedule();
    if (family >= Family::damage && draws_.hits(3, 4)) add(restart_after(fault));
    add(std::move(fault));
  }
}

// The one that stays reads, if any client does nothing else. REQUIRES: two clients or more.
std::vector<Name> Faults::all_clients_but_one() {
  std::vector<Name> others = scenario_.cluster.clients;
  Name stays = draws_.one_of(others);
  for (const Work& work : scenario_.workload) {
    if (work.clients.size() == 1 && work.generate && work.generate->mix == only_reads) stays = work.clients.front();
  }
  std::erase(others, stays);
  return others;
}

// Clients reach it, or one of them does, and nobody does who could tell it that it was deposed: for long enough to be,
// and to go on. The other nodes may not hear that it lives, and be reached all the same.
void Faults::cut_off_the_primary() {
  FaultPlan fault;
  if (draws_.hits(1, 4)) {
    fault.schedule = any_schedule();
  } else {  // soon after there is somebody who can depose it
    fault.schedule.kind = Schedule::Kind::when;
    fault.schedule.when.what = Occurrence::What::noted;
    fault.schedule.when.note = leased() ? "read_under_lease" : "backup_declared";
    fault.schedule.delay = draws_.between(Duration{}, pace_.beats(10));
  }
  const auto from = [&](std::vector<Name> others, FaultKind kind) {
    fault.kind = kind;
    fault.links = {{{"primary"}, std::move(others), true}};
    fault.lasts = sim::constant(draws_.between(pace_.suspect, pace_.suspect + pace_.suspect + pace_.beats(10)));
    fault.may_miss = true;
    scenario_.faults.push_back(fault);
  };
  from(scenario_.cluster.nodes, draws_.hits(1, 3) ? FaultKind::loss : FaultKind::cut);
  if (draws_.hits(1, 2) && scenario_.cluster.clients.size() > 1) from(all_clients_but_one(), FaultKind::cut);
  if (has_tie_breaker()) from({"arbiter"}, FaultKind::cut);
  if (has_shared_volume()) from({"disk"}, FaultKind::cut);
}

// Until their client has lost patience, asked again over another connection, had its answer and gone on.
void Faults::hold_up_requests() {
  FaultPlan fault;
  fault.kind = FaultKind::delay;
  fault.schedule = any_schedule();
  fault.links = {{{draws_.one_of(scenario_.cluster.clients)}, scenario_.cluster.nodes, false}};
  fault.delay = sim::constant(scenario_.cluster.client.answer_within + draws_.between(pace_.nth(2), pace_.beats(12)));
  fault.lasts = sim::constant(draws_.between(pace_.nth(10), pace_.beats(2)));
  fault.may_miss = true;
  scenario_.faults.push_back(std::move(fault));
}

}  // namespace

Occurrence noted(const char* note, std::uint64_t nth) {
  Occurrence occurrence;
  occurrence.what = Occurrence::What::noted;
  occurrence.note = note;
  occurrence.nth = nth;
  return occurrence;
}

FaultPlan strikes(FaultKind kind, Occurrence when, Duration after) {
  FaultPlan fault;
  fault.kind = kind;
  fault.schedule.kind = Schedule::Kind::when;
  fault.schedule.when = std::move(when);
  fault.schedule.delay = after;
  fault.may_miss = true;
  return fault;
}

void draw_faults(Draws& draws, const Pace& pace, Budget budget, Scenario& scenario) {
  const bool unrestricted = budget == Budget::unrestricted;
  const Family last = unrestricted ? Family::lies : Family::clocks;
  static constexpr std::uint32_t densities[] = {1, 2, 4};
  const std::uint32_t density = draws.one_of(densities);
  for (std::uint8_t f = 0; f <= static_cast<std::uint8_t>(last); ++f) {
    const Family family{f};
    Draws own = draws.of(name(family));
    // Of a store whose disks lie little is asked.
    const std::uint32_t rarity = family == Family::lies ? 18 : family >= Family::damage ? 6 : 10;
    const bool is_there = own.hits(density, rarity);
    if (!is_there) continue;
    Faults(own, pace, budget, scenario).draw(family);
  }
  Draws cut_off = draws.of("cut_off");
  if (cut_off.hits(1, 8)) Faults(cut_off, pace, budget, scenario).cut_off_the_primary();
  Draws late = draws.of("late_requests");
  if (late.hits(1, 8)) Faults(late, pace, budget, scenario).hold_up_requests();
}

// The founder ends, and an operator who has seen it gives his word to its backup. Whoever ended never resumes (S4), so
// there is no other primary then, whenever the founder comes back.
void draw_takeover_by_hand(Draws& draws, Pace& pace, Scenario& scenario) {
  const Name& founder = scenario.cluster.nodes.front();
  const Name& backup = scenario.cluster.nodes[1];
  const Duration after = draws.between(Duration{}, pace.beats(6));
  const Duration word_after = draws.between(pace.suspect, pace.suspect + pace.beats(8));
  FaultPlan ends = strikes(draws.hits(1, 2) ? FaultKind::kill : FaultKind::crash, noted("backup_declared"), after);
  ends.label = "founder_ends";
  ends.processes = {founder};
  ends.lasts = sim::constant(draws.between(pace.nth(4), pace.suspect + pace.beats(12)));
  scenario.faults.push_back(std::move(ends));
  Schedule seen;
  seen.kind = Schedule::Kind::when;
  seen.when.what = Occurrence::What::fault_began;
  seen.when.process = "founder_ends";
  seen.delay = word_after;
  scenario.operators.push_back({OperatorAction::Command::promote, backup, seen, true});
  pace.makes_room_for(after + word_after + pace.beats(6));
}

void draw_operators(Draws& draws, const Pace& pace, Scenario& scenario) {
  const std::vector<Name>& nodes = scenario.cluster.nodes;
  const auto when = [&](Occurrence::What what, const Name& who, const char* note, Duration delay) {
    Schedule schedule;
    schedule.kind = Schedule::Kind::when;
    schedule.when.what = what;
    schedule.when.process = who;
    schedule.when.note = note;
    schedule.delay = delay;
    return schedule;
  };
  if (scenario.cluster.arbiter == ArbiterKind::manual) {
    // One word, to whoever asks first: an operator who gave another would have to know that the first is down.
    scenario.operators.push_back({OperatorAction::Command::promote, nodes.front(),
                                  when(Occurrence::What::noted, nodes.front(), "waits_for_operator", {}), true});
  }
  if (draws.hits(1, 2)) {
    std::vector<Name> started = nodes;
    if (scenario.cluster.arbiter == ArbiterKind::tie_breaker) started.emplace_back("arbiter");
    for (const Name& node : started) {
      scenario.operators.push_back(starts_again(node, draws.between(pace.nth(4), pace.beats(6)), 3));
    }
  }
  if (draws.hits(1, 4)) {
    const char* const note = draws.hits(1, 2) ? "backup_joining" : "comer_welcomed";
    scenario.operators.push_back(
        {OperatorAction::Command::checkpoint, "primary", when(Occurrence::What::noted, "", note, {}), true});
  }
}

OperatorAction stops(const Name& who, Occurrence when, Duration after) {
  Schedule schedule;
  schedule.kind = Schedule::Kind::when;
  schedule.when = std::move(when);
  schedule.delay = after;
  return {OperatorAction::Command::stop, who, schedule, true};
}

OperatorAction starts_again(const Name& who, Duration after, std::uint64_t times) {
  Schedule starts;
  starts.kind = Schedule::Kind::when;
  starts.when.what = Occurrence::What::stopped;
  starts.when.process = who;
  starts.delay = after;
  starts.count = times;
  return {OperatorAction::Command::start, who, starts, true};
}

void draw_planned_stop(Draws& draws, const Pace& pace, Scenario& scenario) {
  const Name who = draws.hits(1, 2) ? Name("primary") : draws.one_of(scenario.cluster.nodes);
  const std::uint64_t times = draws.hits(1, 4) ? 3 : 1;
  OperatorAction stop = stops(who, noted("backup_declared"), draws.between(Duration{}, pace.beats(20)));
  stop.schedule.count = times;
  scenario.operators.push_back(std::move(stop));
  for (const Name& node : scenario.cluster.nodes) {
    const auto starts_it = [&](const OperatorAction& action) {
      return action.command == OperatorAction::Command::start && action.node == node;
    };
    const auto known = std::find_if(scenario.operators.begin(), scenario.operators.end(), starts_it);
    if (known != scenario.operators.end())
      known->schedule.count += times;  // else the last of these stops would be for good
    else
      scenario.operators.push_back(starts_again(node, draws.between(pace.nth(4), pace.beats(6)), times));
  }
}

}  // namespace smalldb::scenarios::generator
