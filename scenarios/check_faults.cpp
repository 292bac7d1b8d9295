// Faults that name nobody, come at no time, or could not change anything.
#include <algorithm>
#include <iterator>
#include <optional>

#include "scenarios/check_rules.h"
#include "scenarios/fault_grammar.h"
#include "scenarios/notation.h"
#include "scenarios/problem.h"

namespace smalldb::scenarios {

namespace {

// Whoever is down because of a fault begins when that is over, a spare too: it came up with the power.
bool may_start(const FaultPlan& fault, const Name& name) {
  using enum sim::FaultKind;
  if (fault.kind != crash && fault.kind != kill && fault.kind != power_failure) return false;
  const bool is_of_it_alone = fault.processes.size() == 1 && fault.processes.front() == name && !fault.may_miss;
  const bool may_hit =
      fault.processes.empty() || std::any_of(fault.processes.begin(), fault.processes.end(), [&](const Name& each) {
        return each == name || each == "primary" || each == "backup" || each == "random";
      });
  return may_hit && !is_of_it_alone;
}

}  // namespace

bool is_spare_that_nobody_starts(const Scenario& scenario, const Name& name) {
  const std::vector<Name>& spares = scenario.cluster.spares;
  return std::find(spares.begin(), spares.end(), name) != spares.end() &&
         std::none_of(scenario.operators.begin(), scenario.operators.end(),
                      [&](const OperatorAction& action) {
                        return action.command == OperatorAction::Command::start && action.node == name;
                      }) &&
         std::none_of(scenario.faults.begin(), scenario.faults.end(),
                      [&](const FaultPlan& fault) { return may_start(fault, name); });
}

namespace {

using sim::FaultKind;
using Path = Checker::Path;

bool is_datagrams_only(const FaultPlan& fault) {
  return fault.kind == FaultKind::duplication || fault.kind == FaultKind::reordering ||
         fault.packets == sim::Packets::datagrams;
}

bool is_of_disk(FaultKind kind) { return kind >= FaultKind::sync_failure && kind <= FaultKind::old_disk; }

// What does nothing to a process that has never run.
bool needs_a_life(FaultKind kind) {
  return is_of_disk(kind) || kind == FaultKind::crash || kind == FaultKind::kill || kind == FaultKind::pause ||
         kind == FaultKind::slow_cpu;
}

void check_schedule(const Scenario& scenario, const Path& path, const Schedule& schedule, Checker::Waiting waiting,
                    Checker& checker) {
  const bool at = schedule.kind == Schedule::Kind::at;
  checker.comes(Checker::join(path, at ? "at" : "from"), schedule.from);
  if (schedule.kind == Schedule::Kind::when) {
    waiting.count = schedule.count;
    checker.occurrence(Checker::join(path, "when"), schedule.when, waiting);
    if (schedule.from < scenario.end.limit && schedule.from + schedule.delay >= scenario.end.limit) {
      const auto by = checker.judged_by({Checker::join(path, "from"), {"end", "limit"}});
      checker.wrong(Checker::join(path, "later"), notation::write_duration(schedule.delay),
                    "less than the end's limit (" + notation::write_duration(scenario.end.limit - sim::Time{}) + ")");
    }
    if (schedule.when.before && schedule.delay != Duration{}) {
      checker.wrong(Checker::join(path, "later"), "a delay after \"before\"", "\"after\" with a delay, or no delay");
    }
    return;
  }
  if (at) return;
  const auto by =
      checker.judged_by({Checker::join(path, "from"), Checker::join(path, "to"), {"end", "until"}, {"end", "limit"}});
  if (schedule.to != sim::Time{} && schedule.to <= schedule.from) {
    checker.wrong(Checker::join(path, "to"), notation::write_duration({schedule.to.nanoseconds}),
                  "a time after from (" + notation::write_duration({schedule.from.nanoseconds}) + ")");
  }
  if (schedule.to > scenario.end.limit) {
    checker.wrong(Checker::join(path, "to"), notation::write_duration({schedule.to.nanoseconds}),
                  "no later than the end's limit (" + notation::write_duration({scenario.end.limit.nanoseconds}) + ")");
  }
  if (schedule.to == sim::Time{} && scenario.end.until != End::Until::time) {
    checker.wrong(path, "no word of when it is over", "the key \"to\", since the scenario has no fixed end");
  }
  if (schedule.kind == Schedule::Kind::every) {
    if (schedule.every <= Duration{}) {
      checker.wrong(Checker::join(path, "every"), "0s", "a length of time above 0");
    } else if (const std::uint64_t times = checker.times_of(schedule); times > strikes_max) {
      checker.wrong(Checker::join(path, "every"),
                    notation::write_duration(schedule.every) + ", which is " + std::to_string(times) + " times",
                    "more time between: at most " + std::to_string(strikes_max) + " times");
    }
  }
}

// Whether two are in no group together.
bool parts_anybody(const std::vector<std::vector<Name>>& groups) {
  const auto has = [](const std::vector<Name>& group, const Name& name) {
    return std::find(group.begin(), group.end(), name) != group.end();
  };
  const auto together = [&](const Name& one, const Name& other) {
    return std::any_of(groups.begin(), groups.end(),
                       [&](const auto& group) { return has(group, one) && has(group, other); });
  };
  std::vector<Name> all;
  for (const auto& group : groups) all.insert(all.end(), group.begin(), group.end());
  return std::any_of(all.begin(), all.end(), [&](const Name& one) {
    return std::any_of(all.begin(), all.end(),
                       [&](const Name& other) { return one != other && !together(one, other); });
  });
}

void check_once_each(const Path& path, const std::vector<Name>& names, Checker& checker) {
  for (std::size_t i = 1; i < names.size(); ++i) {
    const auto place = names.begin() + static_cast<std::ptrdiff_t>(i);
    if (std::find(names.begin(), place, *place) != place)
      checker.wrong(Checker::join(path, std::to_string(i)), quoted(*place) + " again", "each name once");
  }
}

void check_links_of(const Scenario& scenario, const Path& path, const FaultPlan& fault, Checker& checker) {
  const Path at = Checker::join(path, std::string(verb_of(fault)));
  for (std::size_t i = 0; i < fault.links.size(); ++i) {
    const Path link_at = Checker::join(at, std::to_string(i));
    const Links& links = fault.links[i];
    if (checker.links(link_at, links, Checker::Roles::yes) && is_datagrams_only(fault))
      checker.datagrams(link_at, links);
  }
  bool all_known = true;
  for (std::size_t i = 0; i < fault.groups.size(); ++i) {
    for (std::size_t j = 0; j < fault.groups[i].size(); ++j) {
      const Name& name = fault.groups[i][j];
      const Path name_at = Checker::join(Checker::join(at, std::to_string(i)), std::to_string(j));
      const bool is_shared_disk = name == "disk" && scenario.cluster.arbiter == ArbiterKind::shared_lock;
      all_known &= is_shared_disk || checker.process(name_at, name, Checker::Roles::yes);
    }
    all_known &= !fault.groups[i].empty();
    if (fault.groups[i].empty())
      checker.wrong(Checker::join(at, std::to_string(i)), "an empty group", "at least one process");
  }
  if (all_known && fault.groups.size() > 1 && !fault.may_miss && !parts_anybody(fault.groups)) {
    checker.wrong(at, "groups that part nobody", "two processes that are in no group together");
  }
  check_once_each(at, fault.isolated, checker);
  for (std::size_t i = 0; i < fault.isolated.size(); ++i) {
    const Path name_at = Checker::join(at, std::to_string(i));
    const bool is_shared_disk = fault.isolated[i] == "disk" && scenario.cluster.arbiter == ArbiterKind::shared_lock;
    if (!is_shared_disk) checker.process(name_at, fault.isolated[i], Checker::Roles::yes);
  }
}

// Those on the disks that `fault` strikes.
// What a fault of files strikes as it is done; nothing if it strikes files as they are.
std::optional<FileVerb> struck_verb(FaultKind kind) {
  switch (kind) {
    case FaultKind::sync_failure: return FileVerb::sync;
    case FaultKind::misdirected_write:
    case FaultKind::phantom_write: return FileVerb::write;
    default: return {};
  }
}

std::vector<FilesOf> files_of(const FaultPlan& fault, const Checker& checker) {
  if (fault.shared) return checker.shared_files();
  if (fault.processes.empty()) return checker.files_of({});
  std::vector<FilesOf> all;
  for (const Name& name : fault.processes) {
    for (const FilesOf whose : checker.files_of(name)) all.push_back(whose);
  }
  return all;
}

// Whether a copy of that disk may have been put aside before `old` strikes.
bool is_saved_for(const Scenario& scenario, const FaultPlan& old, const Name& name) {
  const auto latest = [&](const Schedule& schedule) {
    if (schedule.kind == Schedule::Kind::at) return schedule.from;
    return schedule.kind == Schedule::Kind::when || schedule.to == sim::Time{} ? scenario.end.limit : schedule.to;
  };
  return std::any_of(scenario.faults.begin(), scenario.faults.end(), [&](const FaultPlan& saved) {
    if (saved.kind != FaultKind::saved_disk || saved.shared != old.shared) return false;
    // One that may miss may come before its copy.
    const bool is_early =
        saved.schedule.from < latest(old.schedule) || (saved.schedule.from == latest(old.schedule) && &saved < &old);
    if (!is_early && !old.may_miss) return false;
    if (saved.shared || saved.processes.empty() || name.empty()) return true;
    const auto is_role = [](const Name& each) { return each == "primary" || each == "backup" || each == "random"; };
    return is_role(name) || std::any_of(saved.processes.begin(), saved.processes.end(),
                                        [&](const Name& each) { return each == name || is_role(each); });
  });
}

void check_old_disk(const Scenario& scenario, const Path& at, const FaultPlan& fault, Checker& checker) {
  const auto by = checker.judged_by({{"faults"}});
  const auto check = [&](const Path& path, const Name& name) {
    if (is_saved_for(scenario, fault, name)) return;
    checker.wrong(path, name.empty() ? "an old disk" : "an old disk of " + quoted(name),
                  "a fault saved_disk that puts a copy aside first");
  };
  if (fault.processes.empty()) check(at, {});
  for (std::size_t i = 0; i < fault.processes.size(); ++i) {
    check(Checker::join(at, std::to_string(i)), fault.processes[i]);
  }
}

void check_processes_of(const Scenario& scenario, const Path& path, const FaultPlan& fault, Checker& checker) {
  const Path at = Checker::join(path, std::string(verb_of(fault)));
  if (fault.kind == FaultKind::power_failure && !fault.processes.empty()) {
    checker.wrong(at, quoted(fault.processes[0]), "all: a power failure takes everyone; use crash", "all");
  }
  check_once_each(at, fault.processes, checker);
  for (std::size_t i = 0; i < fault.processes.size(); ++i) {
    const Path name_at = Checker::join(at, std::to_string(i));
    const Name& name = fault.processes[i];
    if (is_of_disk(fault.kind) && !checker.is_role(name))
      checker.has_disk(name_at, name);
    else
      checker.process(name_at, name, Checker::Roles::yes);
    if (!fault.may_miss && needs_a_life(fault.kind) && is_spare_that_nobody_starts(scenario, name)) {
      const auto by = checker.judged_by({{"cluster", "spares"}, {"operator"}});
      checker.wrong(name_at, quoted(name) + ", a spare that nobody starts",
                    "a node that runs, or an operator's \"start: " + name + "\"");
    }
  }
  if (!fault.file.empty()) {
    // One that may miss may name a file of somebody else, but none that nobody writes.
    const std::vector<FilesOf> anybodys(std::begin(all_files), std::end(all_files));
    checker.file(Checker::join(path, "file"), fault.file, fault.may_miss ? anybodys : files_of(fault, checker),
                 struck_verb(fault.kind));
  }
  if (fault.shared && scenario.cluster.arbiter != ArbiterKind::shared_lock) {
    const auto by = checker.judged_by({{"cluster", "arbiter"}});
    checker.wrong(Checker::join(path, "shared"), "a fault of the shared volume",
                  "arbiter: shared_lock, without which there is none");
  }
  if (fault.kind == FaultKind::old_disk) check_old_disk(scenario, at, fault, checker);
}

// Faults that are there and do nothing.
void check_strength(const Scenario& scenario, const Path& path, const FaultPlan& fault, Checker& checker) {
  const auto of_no_effect = [&](const char* key, const std::string& found) {
    checker.wrong(Checker::join(path, key), found, "more than 0: it could never take effect");
  };
  if (fault.ratio && fault.ratio->never()) of_no_effect("ratio", "0");
  switch (fault.kind) {
    case FaultKind::slow_cpu:
    case FaultKind::delay:
    case FaultKind::reordering:
    case FaultKind::late_close:
    case FaultKind::slow_disk:
      if (fault.delay == sim::Distribution{}) of_no_effect("by", "0s");
      break;
    case FaultKind::clock_drift:
      if (fault.drift == 0) of_no_effect("by", "0");
      break;
    case FaultKind::clock_step:
      if (fault.step == Duration{}) of_no_effect("by", "0s");
      break;
    case FaultKind::bandwidth:
      if (fault.size == 0) of_no_effect("limit", "0");
      break;
    case FaultKind::queue_limit: {
      const bool bounded = scenario.network.settings.link.bandwidth != 0 ||
                           std::any_of(scenario.network.links.begin(), scenario.network.links.end(),
                                       [](const LinkException& link) { return link.bandwidth.value_or(0) != 0; }) ||
                           std::any_of(scenario.faults.begin(), scenario.faults.end(),
                                       [](const FaultPlan& other) { return other.kind == FaultKind::bandwidth; });
      if (!bounded) {
        const auto by = checker.judged_by({{"faults"}, {"network", "bandwidth"}, {"network", "links"}});
        checker.wrong(Checker::join(path, std::string(verb_of(fault))), "a limit of a queue without a bandwidth",
                      "a bandwidth, without which nothing queues");
      }
      break;
    }
    default: break;
  }
}

// What the beginnings and ends of faults wait for, and which of them never come. A fault is let go when the story is
// over, too late for another to strike.
class Waits {
 public:
  Waits(const Scenario& scenario, const Checker& checker)
      : scenario_(scenario), checker_(checker), comes_(2 * scenario.faults.size()) {
    for (bool more = true; more;) {
      more = false;
      for (Moment moment = 0; moment < comes_.size(); ++moment) {
        if (comes_[moment] || !can_come(moment)) continue;
        comes_[moment] = more = true;
      }
    }
  }

  // A fault's beginning or end.
  using Moment = std::size_t;
  static Moment begin_of(std::size_t fault) { return 2 * fault; }
  static Moment end_of(std::size_t fault) { return 2 * fault + 1; }

  bool comes(Moment moment) const { return comes_[moment]; }
  // Those with one of which comes what is waited for; none if that is of no fault, or of no known one.
  std::vector<Moment> awaited(const Occurrence& occurrence) const {
    using What = Occurrence::What;
    std::vector<Moment> any_of;
    for (std::size_t i = 0; i < scenario_.faults.size(); ++i) {
      const FaultPlan& fault = scenario_.faults[i];
      const bool is_named = !fault.label.empty() && fault.label == occurrence.process;
      if (occurrence.what == What::fault_began && is_named) return {begin_of(i)};
      if (occurrence.what == What::fault_ended && is_named) return {end_of(i)};
      if (occurrence.what == What::crashed && checker_.may_bring_down(fault, occurrence.process))
        any_of.push_back(begin_of(i));
    }
    return any_of;
  }
  bool comes_with_any(const std::vector<Moment>& moments) const {
    return std::any_of(moments.begin(), moments.end(), [&](Moment moment) { return comes_[moment]; });
  }
  // Whether `moment`, which does not come, waits for `other` in the end. None waits for itself in no step.
  bool waits_for(Moment moment, Moment other) const {
    std::vector<bool> seen(comes_.size());
    std::vector<Moment> open = {moment};
    while (!open.empty()) {
      const Moment next = open.back();
      open.pop_back();
      for (const std::vector<Moment>& any_of : needs(next)) {
        if (comes_with_any(any_of)) continue;
        for (const Moment needed : any_of) {
          if (needed == other) return true;
          if (seen[needed]) continue;
          seen[needed] = true;
          open.push_back(needed);
        }
      }
    }
    return false;
  }
  // A fault that nothing lets go before the story is over.
  static bool lasts_to_the_end(const FaultPlan& fault) {
    return !is_over_at_once(fault.kind) && fault.lasts == sim::Distribution{} && !fault.until;
  }

 private:
  const FaultPlan& fault(Moment moment) const { return scenario_.faults[moment / 2]; }
  static bool is_end(Moment moment) { return moment % 2 == 1; }

  // What must have come before `moment` can: one of each.
  std::vector<std::vector<Moment>> needs(Moment moment) const {
    std::vector<std::vector<Moment>> all;
    if (is_end(moment)) all.push_back({moment - 1});
    const FaultPlan& waiting = fault(moment);
    const bool ends_by_itself = is_over_at_once(waiting.kind) || waiting.lasts != sim::Distribution{};
    const bool is_for_when = !is_end(moment) && waiting.schedule.kind == Schedule::Kind::when;
    const bool is_for_until = is_end(moment) && waiting.until && !ends_by_itself;
    if (is_for_when) all.push_back(awaited(waiting.schedule.when));
    if (is_for_until) all.push_back(awaited(*waiting.until));
    std::erase_if(all, [](const std::vector<Moment>& any_of) { return any_of.empty(); });
    return all;
  }
  bool can_come(Moment moment) const {
    if (is_end(moment) && lasts_to_the_end(fault(moment))) return false;
    const auto needed = needs(moment);
    return std::all_of(needed.begin(), needed.end(),
                       [&](const std::vector<Moment>& any_of) { return comes_with_any(any_of); });
  }

  const Scenario& scenario_;
  const Checker& checker_;
  std::vector<bool> comes_;
};

// Faults that wait for each other in a ring, since none of them is the first, or for an end that does not come.
void check_waits(const Scenario& scenario, Checker& checker) {
  const Waits waits(scenario, checker);
  const auto check = [&](std::size_t fault, Waits::Moment moment, const Occurrence& occurrence, const char* key) {
    const std::vector<Waits::Moment> awaited = waits.awaited(occurrence);
    if (awaited.empty() || waits.comes(moment) || waits.comes_with_any(awaited)) return;
    const bool is_of_itself = awaited == std::vector<Waits::Moment>{Waits::begin_of(fault)} ||
                              awaited == std::vector<Waits::Moment>{Waits::end_of(fault)};
    const bool is_a_crash = occurrence.what == Occurrence::What::crashed;
    // Nobody relies on one that may miss, and of one that waits for what it does itself is told elsewhere.
    if (is_a_crash && (scenario.faults[fault].may_miss || is_of_itself)) return;
    std::string expected;
    if (std::any_of(awaited.begin(), awaited.end(),
                    [&](Waits::Moment one) { return one == moment || waits.waits_for(one, moment); })) {
      expected = is_of_itself ? "something that does not wait for this fault itself"
                              : "something that does not wait for this fault in turn";
    } else if (awaited.front() % 2 == 1 && Waits::lasts_to_the_end(scenario.faults[awaited.front() / 2])) {
      expected = "something that occurs: that fault lasts to the end, as it has neither \"for\" nor \"until\"";
    } else {
      return;  // waits for one of which it is told
    }
    const auto by = checker.judged_by({{"faults"}});
    checker.wrong({"faults", std::to_string(fault), key}, quoted(to_text(occurrence)), expected);
  };
  for (std::size_t i = 0; i < scenario.faults.size(); ++i) {
    const FaultPlan& fault = scenario.faults[i];
    if (fault.schedule.kind == Schedule::Kind::when) check(i, Waits::begin_of(i), fault.schedule.when, "when");
    if (fault.until) check(i, Waits::end_of(i), *fault.until, "until");
  }
}

void check_operators(const Scenario& scenario, Checker& checker) {
  for (std::size_t i = 0; i < scenario.operators.size(); ++i) {
    const OperatorAction& action = scenario.operators[i];
    const Path path = {"operator", std::to_string(i)};
    const Path at = Checker::join(path, std::string(verb_of(action.command)));
    const bool role_fits = checker.is_role(action.node) && checker.can_be_played(action.node) &&
                           action.command != OperatorAction::Command::start;
    const bool arbiter_fits = action.node == "arbiter" && action.command == OperatorAction::Command::start &&
                              scenario.cluster.arbiter == ArbiterKind::tie_breaker;
    if (!role_fits && !arbiter_fits) checker.node(at, action.node);
    if (action.command == OperatorAction::Command::promote && scenario.cluster.arbiter != ArbiterKind::manual) {
      const auto by = checker.judged_by({{"cluster", "arbiter"}});
      checker.wrong(at, "a promotion", "arbiter: manual, without which nobody is promoted");
    }
    check_schedule(scenario, path, action.schedule, {.may_miss = action.may_miss}, checker);
  }
}

}  // namespace

void check_faults(const Scenario& scenario, Checker& checker) {
  std::vector<std::string> labels;
  for (std::size_t i = 0; i < scenario.faults.size(); ++i) {
    const FaultPlan& fault = scenario.faults[i];
    const Path path = {"faults", std::to_string(i)};
    check_schedule(scenario, path, fault.schedule, {fault.may_miss, &fault}, checker);
    if (target_of(fault.kind) == FaultTarget::links)
      check_links_of(scenario, path, fault, checker);
    else
      check_processes_of(scenario, path, fault, checker);
    check_strength(scenario, path, fault, checker);
    if (fault.until) {
      if (fault.until->before)
        checker.wrong(Checker::join(path, "until"), "until before something", "an occurrence without before");
      checker.occurrence(Checker::join(path, "until"), *fault.until, {.may_miss = fault.may_miss});
    }
    if (fault.label.empty()) continue;
    if (!notation::is_name(fault.label)) checker.wrong(Checker::join(path, "label"), quoted(fault.label), "a name");
    if (std::find(labels.begin(), labels.end(), fault.label) != labels.end()) {
      checker.wrong(Checker::join(path, "label"), quoted(fault.label) + " again", "each label once");
    }
    labels.push_back(fault.label);
  }
  check_waits(scenario, checker);
  check_operators(scenario, checker);
}

}  // namespace smalldb::scenarios
