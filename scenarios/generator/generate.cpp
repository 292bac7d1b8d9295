#include "scenarios/generator/generate.h"

#include <algorithm>
#include <iterator>

#include "scenarios/generator/drawing.h"
#include "scenarios/generator/promised.h"

namespace smalldb::scenarios {

std::string_view name(Budget budget) { return budget == Budget::survivable ? "survivable" : "unrestricted"; }

std::string_view name(Family family) {
  switch (family) {
    case Family::crashes: return "crashes";
    case Family::power_failures: return "power_failures";
    case Family::stalls: return "stalls";
    case Family::cuts: return "cuts";
    case Family::packets: return "packets";
    case Family::connections: return "connections";
    case Family::slow_disks: return "slow_disks";
    case Family::full_disks: return "full_disks";
    case Family::failed_syncs: return "failed_syncs";
    case Family::clocks: return "clocks";
    case Family::damage: return "damage";
    case Family::wipes: return "wipes";
    case Family::lies: return "lies";
  }
  return "?";
}

Family family_of(sim::FaultKind kind) {
  using Kind = sim::FaultKind;
  switch (kind) {
    case Kind::crash:
    case Kind::kill: return Family::crashes;
    case Kind::power_failure: return Family::power_failures;
    case Kind::pause:
    case Kind::slow_cpu: return Family::stalls;
    case Kind::cut: return Family::cuts;
    case Kind::clog:
    case Kind::delay:
    case Kind::loss:
    case Kind::duplication:
    case Kind::reordering:
    case Kind::bandwidth:
    case Kind::queue_limit: return Family::packets;
    case Kind::reset:
    case Kind::half_open:
    case Kind::late_close:
    case Kind::chunking: return Family::connections;
    case Kind::slow_disk: return Family::slow_disks;
    case Kind::disk_full: return Family::full_disks;
    case Kind::sync_failure: return Family::failed_syncs;
    case Kind::clock_drift:
    case Kind::clock_step:
    case Kind::clock_freeze: return Family::clocks;
    case Kind::bit_rot:
    case Kind::bad_sector:
    case Kind::read_failure: return Family::damage;
    case Kind::wiped_disk: return Family::wipes;
    case Kind::misdirected_write:
    case Kind::phantom_write:
    case Kind::saved_disk:
    case Kind::old_disk: return Family::lies;
  }
  return Family::crashes;
}

namespace generator {
namespace {

// A process that stops itself may stay down until the world is healed, and a log that is damaged for ever.
bool may_stop_for_good(const FaultPlan& fault) {
  const Family family = family_of(fault.kind);
  return family == Family::full_disks || family == Family::failed_syncs || family >= Family::damage;
}

}  // namespace

bool waits_for_something(const Work& work) {
  return std::any_of(work.script.begin(), work.script.end(),
                     [](const ScriptStep& step) { return std::holds_alternative<WaitUntil>(step); });
}

bool may_never_be_done(const Scenario& scenario) {
  return scenario.cluster.arbiter == ArbiterKind::manual ||
         std::any_of(scenario.faults.begin(), scenario.faults.end(), may_stop_for_good) ||
         std::any_of(scenario.workload.begin(), scenario.workload.end(), waits_for_something);
}

// A bug may show only as long as somebody is away; what the protocol promises of those who are left is asked of them
// (properties/recoverable.h).
void draw_lost(Draws& draws, Scenario& scenario) {
  const Cluster& cluster = scenario.cluster;
  const bool has_tie_breaker = cluster.arbiter == ArbiterKind::tie_breaker;
  const bool has_arbiter = has_tie_breaker || cluster.arbiter == ArbiterKind::shared_lock;
  if (!has_arbiter || cluster.nodes.size() < 2 || !draws.hits(1, 4)) return;
  const Name arbiter = has_tie_breaker ? "arbiter" : "disk";
  scenario.end.lost = {draws.hits(1, 4) ? arbiter : draws.one_of(cluster.nodes)};
}

void draw_end(Draws& draws, const Pace& pace, Budget budget, Scenario& scenario) {
  End& end = scenario.end;
  end.limit = sim::Time{} + pace.beats(6000);
  const bool manual = scenario.cluster.arbiter == ArbiterKind::manual;
  // Where work may never be done the story ends at a time; else it may end when all is done.
  if (may_never_be_done(scenario) || budget == Budget::unrestricted || draws.hits(3, 4)) {
    end.until = End::Until::time;
    end.at = pace.story + pace.beats(1);
  }
  Expectations& expect = scenario.expect;
  if (manual) end.heal = false;
  // S11: what a crash leaves is never taken for damage.
  if (budget == Budget::survivable) expect.never = {"log_damaged"};
  if (budget == Budget::unrestricted) {
    end.heal = !manual && draws.hits(1, 2);
    for (const char* property : {"no_lost_write", "answered", "redundancy_restored"}) {
      if (end.heal || std::string_view(property) == "no_lost_write")
        expect.properties[property] = Expected::if_recoverable;
    }
  }
  if (!end.heal) end.lost.clear();
  if (!end.lost.empty()) {
    for (const char* property : {"answered", "redundancy_restored"})
      expect.properties[property] = Expected::if_recoverable;
  }
  if (may_damage_registers(scenario)) {
    for (const char* property : {"answered", "redundancy_restored"}) expect.properties[property] = Expected::any;
  }
  // What a backup forgets that takes over is the risk of the setting (S7).
  if (scenario.cluster.store.acknowledge == Acknowledge::received) expect.others = Expected::if_recoverable;
  if (!keeps_what_all_rests_on(scenario)) {
    expect.properties.clear();
    expect.properties["no_assertion"] = Expected::holds;  // whatever a disk does
    expect.others = Expected::any;
  }
  end.settle = time_to_settle(pace, scenario);
}

Duration time_to_settle(const Pace& pace, const Scenario& scenario) {
  // Where nobody is asked to come back, what is still open is given a moment: else one run in twenty, in which clients
  // knock at a store that is lost, would take as long as the ten after it.
  const bool must_come_back = scenario.end.heal && scenario.expect.others != Expected::any;
  if (!must_come_back) return pace.beats(15);
  const Duration usual = pace.beats(300);
  const Settings& store = scenario.cluster.store;
  const std::size_t clients = scenario.cluster.clients.size();
  if (store.sessions_max >= clients) return usual;
  // Each may have to wait until the one before it has been idle for long (S9), by whatever clock.
  const Duration idle = std::max(store.session_expires_after / 60, store.suspect_after * 10);
  return usual + idle * static_cast<std::int64_t>(2 * clients + 4);
}

}  // namespace generator

Scenario generate(Draws draws, Budget budget, const Template* fixed) {
  const auto says = [&](std::string_view key) { return fixed != nullptr && fixed->says(key); };
  Scenario scenario;
  Draws seed = draws.of("seed");
  scenario.seed = seed.below(std::uint64_t{1} << 40);
  scenario.name = "drawn";
  scenario.why = "Drawn at random (" + std::string(name(budget)) + ").";
  Draws cluster = draws.of("cluster");
  generator::draw_cluster(cluster, scenario);
  if (fixed != nullptr) fixed->begin(scenario);
  Draws world = draws.of("world");
  generator::draw_world(world, scenario);

  Pace pace(scenario);
  Draws story = draws.of("story");
  pace.story = sim::Time{} + pace.beats(story.hits(1, 16) ? story.between(40, 80) : story.between(9, 18));
  Draws workload = draws.of("workload");
  if (!says("workload")) generator::draw_workload(workload, pace, scenario);
  Draws faults = draws.of("faults");
  if (!says("faults")) generator::draw_faults(faults, pace, budget, scenario);
  Draws deposed = draws.of("deposed");
  const bool is_slow = fixed != nullptr && fixed->is_slow();
  const bool is_free = !says("workload") && !says("faults") && !says("clocks") && !is_slow;
  const bool may_be_commands = !says("operator");
  const bool has_leases = scenario.cluster.store.reads == Reads::leased;
  if (is_free && scenario.cluster.clients.size() > 1 && deposed.hits(1, has_leases ? 2 : 6))
    generator::draw_deposed(deposed, pace, may_be_commands, scenario);
  Draws comer = draws.of("comer");
  if (is_free && comer.hits(1, 12)) generator::draw_comer(comer, pace, scenario);
  Draws forgetful = draws.of("forgetful_backup");
  if (is_free && forgetful.hits(1, 24)) generator::draw_forgetful_backup(forgetful, pace, may_be_commands, scenario);
  Draws torn = draws.of("torn_end");
  if (is_free && torn.hits(1, 24)) generator::draw_torn_end(torn, pace, scenario);
  Draws full = draws.of("full_writes");
  if (is_free && full.hits(1, 24)) generator::draw_full_writes(full, pace, may_be_commands, scenario);
  Draws arbiter = draws.of("forgetful_arbiter");
  const bool has_tie_breaker = scenario.cluster.arbiter == ArbiterKind::tie_breaker;
  if (is_free && has_tie_breaker && !says("operator") && arbiter.hits(1, 32))
    generator::draw_forgetful_arbiter(arbiter, pace, scenario);
  Draws damaged = draws.of("damaged_register");
  const bool has_registers = scenario.cluster.arbiter == ArbiterKind::shared_lock;
  if (is_free && has_registers && budget == Budget::unrestricted && damaged.hits(1, 16))
    generator::draw_damaged_register(damaged, pace, scenario);
  Draws epochs = draws.of("many_epochs");
  if (is_free && has_tie_breaker && !says("operator") && epochs.hits(1, 48))
    generator::draw_many_epochs(epochs, pace, scenario);
  Draws sessions = draws.of("few_sessions");
  if (is_free && scenario.cluster.clients.size() > 1 && sessions.hits(1, 16))
    generator::draw_few_sessions(sessions, pace, scenario);
  Draws by_hand = draws.of("takeover_by_hand");
  const bool is_by_hand = scenario.cluster.arbiter == ArbiterKind::manual && scenario.cluster.founders.empty();
  if (is_free && is_by_hand && !says("operator") && scenario.cluster.nodes.size() > 1 && by_hand.hits(1, 2))
    generator::draw_takeover_by_hand(by_hand, pace, scenario);
  Draws much = draws.of("much");
  if (is_free && much.hits(1, 48)) generator::draw_much(much, pace, scenario);
  Draws operators = draws.of("operators");
  if (!says("operator")) generator::draw_operators(operators, pace, scenario);
  Draws planned = draws.of("planned_stop");
  if (!says("operator") && scenario.cluster.nodes.size() > 1 && planned.hits(1, 8)) {
    generator::draw_planned_stop(planned, pace, scenario);
  }
  Draws rare = draws.of("rare_steps");
  if (is_free && rare.hits(1, 2)) generator::draw_rare_steps(rare, scenario);
  Draws files = draws.of("files");
  if (is_free && files.hits(1, 2)) generator::draw_files(files, scenario);
  Draws outside = draws.of("without_session");
  if (is_free && !scenario.cluster.clients.empty() && outside.hits(1, 8))
    scenario.cluster.without_session = {outside.one_of(scenario.cluster.clients)};
  Draws lost = draws.of("lost");
  if (!says("end")) generator::draw_lost(lost, scenario);
  Draws end = draws.of("end");
  generator::draw_end(end, pace, fixed == nullptr ? budget : fixed->budget(budget), scenario);
  if (fixed == nullptr) return scenario;
  if (auto fitting = generator::without_what_does_not_fit(fixed->end(scenario))) return *std::move(fitting);
  return fixed->alone(scenario);
}

namespace {

std::uint64_t source_of(std::uint64_t seed, Budget budget) {
  return sim::draw(seed, sim::Chance::scenario, sim::Key{static_cast<std::uint64_t>(budget)}, 1);
}

constexpr const char* part_of_budget = "budget";
constexpr Budget budgets[] = {Budget::survivable, Budget::unrestricted};

}  // namespace

Scenario generate(std::uint64_t seed, Budget budget, const Template* fixed) {
  return generate(Draws(source_of(seed, budget)), budget, fixed);
}

Choices choices_of(std::uint64_t seed, Budget budget) {
  Choices choices;
  Draws draws(source_of(seed, budget), &choices);
  draws.of(part_of_budget).write(static_cast<std::uint64_t>(budget), std::size(budgets));
  generate(draws, budget);
  return choices;
}

Chosen generate(const Choices& choices, const Template* fixed) {
  const Draws draws(choices);
  const Budget budget = draws.of(part_of_budget).one_of(budgets);
  return {budget, generate(draws, budget, fixed)};
}

std::vector<std::string> shapes(const Scenario& scenario) {
  const auto bucket = [](std::uint64_t count) -> std::string {
    if (count < 4) return std::to_string(count);
    std::uint64_t least = 4;
    while (2 * least <= count) least *= 2;
    return std::to_string(least) + " to " + std::to_string(2 * least - 1);
  };
  const Cluster& cluster = scenario.cluster;
  static constexpr const char* arbiters[] = {"tie_breaker", "shared_lock", "manual", "none"};
  std::uint64_t operations = 0;
  bool boundaries = false, open_loop = false, conditional = false, many_keys = false, large_values = false;
  for (const Work& work : scenario.workload) {
    const std::uint64_t clients = work.clients.empty() ? cluster.clients.size() : work.clients.size();
    operations += clients * (work.script.size() + (work.generate ? work.generate->count : 0));
    for (const ScriptStep& step : work.script) boundaries |= std::holds_alternative<WaitUntil>(step);
    if (!work.generate) continue;
    open_loop |= work.generate->interval.has_value();
    many_keys |= work.generate->keys >= 100;
    large_values |= work.generate->value_size.most >= 50'000;
    const Mix& mix = work.generate->mix;
    conditional |= mix.compare_and_set + mix.put_if_absent + mix.remove_if_unchanged > 0;
  }
  std::vector<std::string> list;
  list.push_back("nodes " + std::to_string(cluster.nodes.size()));
  list.push_back("clients " + std::to_string(cluster.clients.size()));
  list.push_back(std::string("arbiter ") + arbiters[static_cast<std::size_t>(cluster.arbiter)]);
  list.push_back(cluster.store.reads == Reads::leased ? "reads leased" : "reads confirmed");
  list.push_back(cluster.store.acknowledge == Acknowledge::received ? "acknowledge received" : "acknowledge durable");
  list.push_back(cluster.store.sessions_max < cluster.clients.size() ? "sessions few" : "sessions enough");
  list.push_back(cluster.without_session.empty() ? "asked in_sessions" : "asked by_some_without");
  list.push_back("operations " + bucket(operations));
  list.push_back(open_loop ? "pace open" : "pace closed");
  list.push_back(conditional ? "writes conditional" : "writes plain");
  list.push_back(std::string("amounts ") + (many_keys ? "many keys" : large_values ? "large values" : "usual"));
  list.push_back(boundaries ? "boundaries aimed_at" : "boundaries left");
  const bool is_node_lost = std::any_of(scenario.end.lost.begin(), scenario.end.lost.end(), [&](const Name& name) {
    return std::find(cluster.nodes.begin(), cluster.nodes.end(), name) != cluster.nodes.end();
  });
  list.push_back(std::string("lost ") + (scenario.end.lost.empty() ? "nobody" : is_node_lost ? "a node" : "arbiter"));
  list.push_back("faults " + bucket(scenario.faults.size()));
  std::uint64_t aimed = 0;
  for (const FaultPlan& fault : scenario.faults) aimed += fault.schedule.kind == Schedule::Kind::when ? 1 : 0;
  list.push_back("faults_at_a_step " + bucket(aimed));
  std::uint32_t present = 0;
  for (const FaultPlan& fault : scenario.faults) present |= 1u << static_cast<unsigned>(family_of(fault.kind));
  for (std::uint8_t f = 0; f <= static_cast<std::uint8_t>(Family::lies); ++f) {
    if ((present >> f & 1) != 0) list.push_back("family " + std::string(name(Family{f})));
  }
  if (present == 0) list.emplace_back("family none");
  return list;
}

}  // namespace smalldb::scenarios
