// The passes that put something simpler in the place of a fault, or of what an operator does, and of when.
#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "model/notes.h"
#include "scenarios/campaign/shrinker.h"
#include "scenarios/stage.h"

namespace smalldb::scenarios {
namespace {

using sim::FaultKind;

// Weaker kinds in the place of a stronger one, the weakest first.
std::vector<FaultKind> weaker(FaultKind kind) {
  switch (kind) {
    case FaultKind::power_failure: return {FaultKind::delay, FaultKind::pause, FaultKind::kill, FaultKind::crash};
    case FaultKind::crash: return {FaultKind::delay, FaultKind::pause, FaultKind::kill};
    case FaultKind::kill: return {FaultKind::delay, FaultKind::pause};
    case FaultKind::pause: return {FaultKind::delay};
    case FaultKind::cut: return {FaultKind::delay, FaultKind::clog};
    case FaultKind::clog: return {FaultKind::delay};
    default: return {};
  }
}

// The same cut, said with its links: groups and those who are isolated become the links between them.
void as_cut_links(FaultPlan& fault) {
  // Those who are in the same groups stand together; what shares a group is not cut apart.
  std::map<Name, std::vector<bool>> groups_of;
  for (std::size_t group = 0; group < fault.groups.size(); ++group) {
    for (const Name& name : fault.groups[group]) {
      auto& in = groups_of[name];
      in.resize(fault.groups.size());
      in[group] = true;
    }
  }
  std::vector<std::pair<std::vector<bool>, std::vector<Name>>> sides;
  for (const auto& [name, in] : groups_of) {
    const auto side = std::find_if(sides.begin(), sides.end(), [&in = in](const auto& one) { return one.first == in; });
    if (side == sides.end())
      sides.push_back({in, {name}});
    else
      side->second.push_back(name);
  }
  for (std::size_t one = 0; one < sides.size(); ++one) {
    for (std::size_t other = one + 1; other < sides.size(); ++other) {
      bool apart = true;
      for (std::size_t group = 0; group < fault.groups.size(); ++group) {
        apart = apart && !(sides[one].first[group] && sides[other].first[group]);
      }
      if (apart) fault.links.push_back({sides[one].second, sides[other].second, true});
    }
  }
  if (!fault.isolated.empty()) fault.links.push_back({fault.isolated, {"all"}, true});
  fault.groups.clear();
  fault.isolated.clear();
}

}  // namespace

bool Shrinker::weaker_faults() {
  bool kept = false;
  for (std::size_t f = 0; f < best_.faults.size(); ++f) {
    kept |= weaker_kind(f);
    kept |= simpler_fault(f);
  }
  return kept;
}

bool Shrinker::weaker_kind(std::size_t f) {
  const FaultKind kind = best_.faults[f].kind;
  const bool all = kind == FaultKind::power_failure;
  const std::vector<Name> targets = all ? best_.cluster.nodes : std::vector<Name>{""};
  std::vector<Change> changes;
  for (const FaultKind weak : weaker(kind)) {
    for (const Name& target : targets) {
      changes.emplace_back([=](Scenario& s) {
        FaultPlan& fault = s.faults[f];
        fault.kind = weak;
        if (all) fault.processes = {target};
        if (weak == FaultKind::pause || weak == FaultKind::delay) fault.silent = false;
        if (weak != FaultKind::crash) fault.unsynced = sim::Unsynced::drawn;
        if (kind == FaultKind::cut) as_cut_links(fault);  // only a cut can be said with groups
        if (weak != FaultKind::delay) return;
        // As late as it would have been kept back; if that is for ever, late enough for everybody to have gone on.
        fault.delay = fault.lasts == sim::Distribution{} ? sim::constant(seconds(1)) : fault.lasts;
        // What a process does comes late if all that it sends and is sent does.
        if (!fault.processes.empty()) fault.links = {{fault.processes, {"all"}, true}};
        fault.processes.clear();
      });
    }
  }
  // Perhaps longer to write, and yet weaker.
  return first_kept(changes, Keep::in_any_case).has_value();
}

bool Shrinker::simpler_fault(std::size_t f) {
  std::vector<Change> changes;
  const auto of_fault = [&](auto&& change) { changes.emplace_back([f, change](Scenario& s) { change(s.faults[f]); }); };
  for (const Name& node : best_.cluster.nodes) {
    of_fault([node](FaultPlan& fault) {
      if (!fault.processes.empty()) fault.processes = {node};
    });
    // A group or an isolation as a cut of one link, or of one direction of it.
    for (const Name& other : process_names(best_.cluster)) {
      for (const bool both : {false, true}) {
        of_fault([=](FaultPlan& fault) {
          if (other == node || (fault.groups.empty() && fault.isolated.empty())) return;
          fault.groups.clear();
          fault.isolated.clear();
          fault.links = {{{node}, {other}, both}};
        });
      }
    }
  }
  for (std::size_t link = 0; link < std::max<std::size_t>(best_.faults[f].links.size(), 1); ++link) {
    of_fault([link](FaultPlan& fault) {
      if (link < fault.links.size()) fault.links[link].both = false;
    });
  }
  // One link less, or one end of it. From behind, so that what is left stays where it was.
  for (std::size_t link = best_.faults[f].links.size(); link-- > 0;) {
    of_fault([link](FaultPlan& fault) {
      if (fault.links.size() > 1) fault.links.erase(fault.links.begin() + static_cast<std::ptrdiff_t>(link));
    });
    for (const auto side : {&Links::from, &Links::to}) {
      for (std::size_t end = (best_.faults[f].links[link].*side).size(); end-- > 0;) {
        of_fault([link, side, end](FaultPlan& fault) {
          if (link >= fault.links.size()) return;
          std::vector<Name>& ends = fault.links[link].*side;
          if (ends.size() > 1 && end < ends.size()) ends.erase(ends.begin() + static_cast<std::ptrdiff_t>(end));
        });
      }
    }
  }
  return try_each(changes);
}

// ---- What an operator does ------------------------------------------------------------------------------------------

bool Shrinker::simpler_actions() {
  std::vector<Change> changes;
  for (std::size_t action = 0; action < best_.operators.size(); ++action) {
    // A node by its name, and not by the part that it plays.
    for (const Name& node : best_.cluster.nodes) {
      changes.emplace_back([=](Scenario& s) { s.operators[action].node = node; });
    }
  }
  return try_each(changes);
}

// ---- When -----------------------------------------------------------------------------------------------------------

std::size_t Shrinker::plans(const Scenario& scenario) { return scenario.faults.size() + scenario.operators.size(); }

Schedule& Shrinker::schedule_of(Scenario& scenario, std::size_t plan) {
  const std::size_t faults = scenario.faults.size();
  return plan < faults ? scenario.faults[plan].schedule : scenario.operators[plan - faults].schedule;
}

bool Shrinker::simpler_schedules() {
  std::vector<Change> changes;
  for (std::size_t plan = 0; plan < plans(best_); ++plan) {
    const auto of_schedule = [&](auto&& change) {
      changes.emplace_back([plan, change](Scenario& s) { change(schedule_of(s, plan)); });
    };
    of_schedule([](Schedule& schedule) {
      if (schedule.kind != Schedule::Kind::randomly && schedule.kind != Schedule::Kind::every) return;
      const sim::Time from = schedule.from;
      schedule = {};
      schedule.from = from;
    });
  }
  const bool any = try_each(changes);
  return as_it_happened() || any;
}

// Some time within a range, so long after something, and for some time are no plainer than a time, and for so long.
bool Shrinker::as_it_happened() {
  const auto is_open = [](const Schedule& schedule) {
    return schedule.delay > Duration{} || schedule.kind == Schedule::Kind::randomly;
  };
  std::vector<std::size_t> open, drawn;
  for (std::size_t plan = 0; plan < plans(best_); ++plan) {
    if (is_open(schedule_of(best_, plan))) open.push_back(plan);
  }
  for (std::size_t f = 0; f < best_.faults.size(); ++f) {
    if (!is_fixed(best_.faults[f].lasts)) drawn.push_back(f);
  }
  if (open.empty() && drawn.empty()) return false;
  const Result result = options_.run(best_, run_options(best_));
  std::vector<Change> changes;
  for (const std::size_t plan : open) {
    sim::Time at;
    if (plan >= result.faults.size()) {
      at = result.actions[plan - result.faults.size()].first;
    } else if (!result.faults[plan].strikes.empty()) {
      at = result.faults[plan].strikes.front().began;
    }
    if (at == sim::Time{}) continue;
    changes.emplace_back([plan, at](Scenario& s) {
      Schedule& schedule = schedule_of(s, plan);
      schedule = {};
      schedule.from = at;
    });
  }
  for (const std::size_t f : drawn) {
    const auto& strikes = result.faults[f].strikes;
    if (strikes.empty() || !strikes.front().ended) continue;
    const Duration lasted = *strikes.front().ended - strikes.front().began;
    changes.emplace_back([f, lasted](Scenario& s) { s.faults[f].lasts = sim::constant(lasted); });
  }
  return try_each(changes);
}

// A time says little; what had just happened says more, and still holds when all becomes slower or faster.
bool Shrinker::timed_ones_at_events() {
  const auto is_timed = [&](std::size_t plan) { return schedule_of(best_, plan).kind == Schedule::Kind::at; };
  bool any_timed = false;
  for (std::size_t plan = 0; plan < plans(best_); ++plan) any_timed |= is_timed(plan);
  if (!any_timed) return false;
  struct Seen {
    sim::Time at;
    Occurrence occurrence;
  };
  std::vector<Seen> seen;
  std::map<std::pair<Name, std::string>, std::uint64_t> counts;
  const Numbers numbers(best_.cluster);
  RunOptions options = run_options(best_);
  options.reader = [&](const sim::World& world) {
    for (const sim::TraceEvent& event : world.events()) {
      if (event.kind != sim::EventKind::note || !numbers.is_node(event.process)) continue;
      const NoteKind note = static_cast<NoteKind>(world.notes()[event.a].what);
      if (note == NoteKind::role_changed || note == NoteKind::ignored) continue;
      Occurrence occurrence;
      occurrence.what = Occurrence::What::noted;
      occurrence.process = numbers.names()[static_cast<std::size_t>(event.process)];
      occurrence.note = smalldb::name(note);
      occurrence.nth = ++counts[{occurrence.process, occurrence.note}];
      seen.push_back({event.time, std::move(occurrence)});
    }
  };
  options_.run(best_, options);
  bool kept = false;
  for (std::size_t plan = 0; plan < plans(best_); ++plan) {
    if (!is_timed(plan)) continue;
    constexpr std::size_t tries_max = 6;
    std::vector<Change> changes;
    for (auto before = seen.rbegin(); before != seen.rend() && changes.size() < tries_max; ++before) {
      if (before->at > schedule_of(best_, plan).from) continue;
      changes.emplace_back([plan, occurrence = before->occurrence](Scenario& s) {
        Schedule& at_event = schedule_of(s, plan);
        at_event = {};
        at_event.kind = Schedule::Kind::when;
        at_event.when = occurrence;
      });
    }
    // Longer to write, and yet better.
    kept |= first_kept(changes, Keep::in_any_case).has_value();
  }
  return kept;
}

}  // namespace smalldb::scenarios
