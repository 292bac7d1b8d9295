#include "scenarios/director.h"

#include <algorithm>
#include <type_traits>
#include <utility>

#include "model/notes.h"
#include "model/operator_command.h"
#include "scenarios/fault_grammar.h"

namespace smalldb::scenarios {

namespace {

using sim::Chance;

// Each firing has a few decisions of its own.
constexpr std::uint64_t decisions_per_firing = 8;
enum class Drawn : std::uint64_t { time, length, victim };

std::uint64_t drawn(const sim::Dice& dice, sim::Key key, std::uint64_t firing, Drawn what) {
  return dice.draw(Chance::scenario, key, firing * decisions_per_firing + static_cast<std::uint64_t>(what));
}

// In words, but for what it is called and whether anything rests on it: that is no matter of chance.
template <class Plan>
std::string bare_text(Plan plan) {
  plan.may_miss = false;
  if constexpr (std::is_same_v<Plan, FaultPlan>) plan.label.clear();
  return to_text(plan);
}

// Nothing if the role is nobody's.
std::optional<ProcessId> who_is(const Name& name, const Numbers& numbers, const Parts& parts) {
  const ProcessId process = name == "primary" ? parts.primary() : name == "backup" ? parts.backup() : numbers.of(name);
  if (process == no_process) return {};
  return process;
}

// Some, and not all that there are.
bool names_links(const FaultPlan& fault) {
  return !fault.links.empty() || !fault.groups.empty() || !fault.isolated.empty();
}

// REQUIRES: names_links.
bool names_random(const FaultPlan& fault) {
  const auto has = [](const std::vector<Name>& names) {
    return std::find(names.begin(), names.end(), "random") != names.end();
  };
  return has(fault.isolated) || std::any_of(fault.groups.begin(), fault.groups.end(), has) ||
         std::any_of(fault.links.begin(), fault.links.end(),
                     [&](const Links& links) { return has(links.from) || has(links.to); });
}

}  // namespace

Director::Director(std::shared_ptr<const Scenario> scenario, const Numbers& numbers, const sim::Dice& dice,
                   Lookout& lookout)
    : scenario_(std::move(scenario)),
      numbers_(std::make_shared<const Numbers>(numbers)),
      faults_(scenario_->faults.size()),
      plans_(scenario_->faults.size() + scenario_->operators.size()) {
  std::vector<std::string> words;
  for (std::size_t i = 0; i < plans_.size(); ++i) {
    Plan& plan = plans_[i];
    words.push_back(i < faults_ ? bare_text(scenario_->faults[i]) : bare_text(scenario_->operators[i - faults_]));
    // Of two that do the same each has its own chance.
    const auto so_far = std::count(words.begin(), words.end(), words.back());
    plan.key = sim::key_of(sim::key_of(words.back()), static_cast<std::uint64_t>(so_far));

    const Schedule& when = schedule(i);
    const sim::Time to = when.to == sim::Time{} ? scenario_->end.at : when.to;
    plan.timed = when.kind != Schedule::Kind::when;
    switch (when.kind) {
      case Schedule::Kind::at: schedule_at(when.from, i); break;
      case Schedule::Kind::every: schedule_at(when.from, i); break;
      case Schedule::Kind::randomly:
        for (std::uint64_t n = 0; n < when.count; ++n) {
          const auto span = static_cast<std::uint64_t>((to - when.from).nanoseconds) + 1;
          const std::uint64_t offset = sim::below(drawn(dice, plan.key, n, Drawn::time), span);
          schedule_at(when.from + Duration{static_cast<std::int64_t>(offset)}, i);
        }
        break;
      case Schedule::Kind::when: plan.start = lookout.watch(when.when, numbers); break;
    }
    if (i < faults_ && scenario_->faults[i].until) plan.stop = lookout.watch(*scenario_->faults[i].until, numbers);
  }
  words_ = std::make_shared<const std::vector<std::string>>(std::move(words));
}

const Schedule& Director::schedule(std::size_t plan) const {
  return plan < faults_ ? scenario_->faults[plan].schedule : scenario_->operators[plan - faults_].schedule;
}

void Director::schedule_at(sim::Time at, std::size_t plan) {
  due_.emplace(at, plan);
  ++timed_;
}

std::optional<sim::Time> Director::due() const {
  if (due_.empty()) return {};
  return due_.begin()->first;
}

void Director::act(sim::World& world, const Parts& parts, Lookout& lookout, Witness& witness) {
  const auto [at, plan] = *due_.begin();
  due_.erase(due_.begin());
  --timed_;
  const Schedule& when = schedule(plan);
  if (when.kind == Schedule::Kind::every) {
    const sim::Time to = when.to == sim::Time{} ? scenario_->end.at : when.to;
    if (const sim::Time next = at + when.every; next <= to) schedule_at(next, plan);
  }
  fire(plan, world, parts, lookout, witness);
}

void Director::on_seen(const std::vector<WatchId>& seen, sim::World& world, const Parts& parts, Lookout& lookout,
                       Witness& witness) {
  for (const WatchId id : seen) {
    for (auto next = active_.begin(); next != active_.end();) {
      const auto& [fault, active] = *next++;
      const bool over = plans_[active.plan].stop == id && active.stop_count && lookout.count(id) >= *active.stop_count;
      if (!over) continue;
      world.end(fault);  // on_fault_ended takes it, and no other, out of the list
      witness.happened(world);
    }
    for (std::size_t i = 0; i < plans_.size() && !retired_; ++i) {
      Plan& plan = plans_[i];
      const Schedule& when = schedule(i);
      if (plan.start != id || world.now() < when.from) continue;
      ++plan.seen;
      const std::uint64_t first = when.when.nth;
      if (plan.seen < first || plan.seen >= first + when.count) continue;
      if (when.delay == Duration{})
        fire(i, world, parts, lookout, witness);
      else
        schedule_at(world.now() + when.delay, i);
    }
  }
}

void Director::on_parts_changed(sim::World& world, const Parts& parts, Lookout& lookout, Witness& witness) {
  if (waiting_.empty()) return;
  std::vector<std::size_t> waiting;
  waiting.swap(waiting_);
  for (const std::size_t plan : waiting) fire(plan, world, parts, lookout, witness);
}

void Director::on_fault_ended(sim::FaultId fault, Lookout& lookout, std::vector<WatchId>& seen) {
  const auto active = active_.find(fault);
  if (active == active_.end()) return;
  const std::size_t plan = active->second.plan;
  if (active->second.ends_by_itself) --ending_;
  active_.erase(active);
  // A plan with several victims has ended when the last of them is let go.
  if (--plans_[plan].active == 0) lookout.fault_ended(scenario_->faults[plan].label, seen);
}

void Director::retire() {
  retired_ = true;
  due_.clear();
  waiting_.clear();
  timed_ = 0;
}

void Director::fire(std::size_t plan, sim::World& world, const Parts& parts, Lookout& lookout, Witness& witness) {
  if (retired_) return;
  const bool done = plan < faults_ ? strike(plan, world, parts, lookout, witness) : command(plan, world, parts);
  // A command that waits is given once, however often its time has come meanwhile.
  const bool waits_already = plan >= faults_ && std::find(waiting_.begin(), waiting_.end(), plan) != waiting_.end();
  if (!done && !waits_already) waiting_.push_back(plan);
}

std::uint64_t Director::draw_victim(std::size_t plan, const sim::World& world, std::uint64_t count) const {
  const Plan& which = plans_[plan];
  return sim::below(drawn(world.dice(), which.key, which.fired, Drawn::victim), count);
}

std::optional<ProcessId> Director::aim(const Name& name, std::size_t plan, const sim::World& world,
                                       const Parts& parts) const {
  if (name == "random") return ProcessId{static_cast<std::uint32_t>(draw_victim(plan, world, numbers_->nodes()))};
  return who_is(name, *numbers_, parts);
}

std::optional<std::vector<sim::Direction>> Director::links_if_random_is(ProcessId random, const FaultPlan& fault,
                                                                        const Parts& parts) const {
  const bool has_shared_volume = scenario_->cluster.arbiter == ArbiterKind::shared_lock;
  const auto resolve = [&](const std::vector<Name>& names, std::vector<Name>& resolved) {
    for (const Name& name : names) {
      if (name == "all") {
        resolved.push_back(name);
        continue;
      }
      const auto process = name == "random" ? random : who_is(name, *numbers_, parts);
      if (!process) return false;
      resolved.push_back(*process == sim::shared_volume ? Name("disk")
                                                        : numbers_->names()[static_cast<std::size_t>(*process)]);
    }
    return true;
  };
  std::vector<sim::Direction> links;
  for (const Links& named : fault.links) {
    Links resolved;
    resolved.both = named.both;
    if (!resolve(named.from, resolved.from) || !resolve(named.to, resolved.to)) return {};
    const auto more = directions_of(resolved, *numbers_, has_shared_volume);
    links.insert(links.end(), more.begin(), more.end());
  }
  std::vector<std::vector<ProcessId>> groups;
  for (const std::vector<Name>& group : fault.groups) {
    std::vector<Name> resolved;
    if (!resolve(group, resolved)) return {};
    std::vector<ProcessId>& members = groups.emplace_back();
    for (const Name& name : resolved) members.push_back(numbers_->of(name));
  }
  const auto apart = sim::between(groups);
  links.insert(links.end(), apart.begin(), apart.end());
  for (const Name& name : fault.isolated) {
    std::vector<Name> resolved;
    if (!resolve({name}, resolved)) return {};
    const auto alone = directions_of({resolved, {"all"}, true}, *numbers_, has_shared_volume);
    links.insert(links.end(), alone.begin(), alone.end());
  }
  return links;
}

std::optional<std::vector<sim::Direction>> Director::aim_links(std::size_t plan, const sim::World& world,
                                                               const Parts& parts) const {
  const FaultPlan& fault = scenario_->faults[plan];
  if (!names_random(fault)) return links_if_random_is(no_process, fault, parts);
  // One of the nodes of which the fault strikes a link at all.
  std::vector<std::vector<sim::Direction>> possible;
  for (std::uint32_t node = 0; node < numbers_->nodes(); ++node) {
    auto links = links_if_random_is(ProcessId{node}, fault, parts);
    if (!links) return {};
    if (!links->empty()) possible.push_back(std::move(*links));
  }
  if (possible.empty()) return std::vector<sim::Direction>{};
  return possible[draw_victim(plan, world, possible.size())];
}

bool Director::strike(std::size_t plan, sim::World& world, const Parts& parts, Lookout& lookout, Witness& witness) {
  const FaultPlan& words = scenario_->faults[plan];
  sim::Fault fault;
  fault.kind = words.kind;
  fault.volume = words.shared ? Volume::shared : Volume::own;
  fault.file = words.file;
  fault.times = words.times;
  fault.ratio = words.ratio.value_or(sim::Ratio{1, 1});
  fault.packets = words.packets;
  fault.size = words.size;
  fault.delay = words.delay;
  fault.step = words.step;
  fault.drift = words.drift;
  fault.unsynced = words.unsynced;
  fault.silent = words.silent;

  std::vector<ProcessId> victims;
  if (target_of(words.kind) == FaultTarget::links) {
    if (names_links(words)) {
      fault.links = aim_links(plan, world, parts);
      if (!fault.links) return false;
      if (fault.links->empty()) return true;  // as a primary's link to itself: there is nothing to strike
    }
    victims.push_back(no_process);
  } else if (words.processes.empty()) {
    victims.push_back(no_process);
  } else {
    for (const Name& name : words.processes) {
      const auto process = aim(name, plan, world, parts);
      if (!process) return false;
      victims.push_back(*process);
    }
  }

  Plan& state = plans_[plan];
  Duration length = words.lasts.at(drawn(world.dice(), state.key, state.fired, Drawn::length));
  if (words.lasts != sim::Distribution{}) length = std::max(length, nanoseconds(1));  // 0 would be to the end
  fault.key = sim::key_of(state.key, state.fired);
  fault.duration = length;
  ++state.fired;
  for (const ProcessId victim : victims) {
    fault.process = victim;
    const sim::FaultId id = world.inject(fault);
    plan_of_fault_.resize(static_cast<std::size_t>(id) + 1, plan);
    plan_of_fault_[static_cast<std::size_t>(id)] = plan;
    if (!is_over_at_once(words.kind)) {
      Active active{plan, length > Duration{}, {}};
      if (state.stop) active.stop_count = lookout.count(*state.stop) + words.until->nth;
      ending_ += active.ends_by_itself ? 1 : 0;
      ++state.active;
      active_.emplace(id, active);
    }
    witness.happened(world);
  }
  std::vector<WatchId> seen;
  lookout.fault_began(words.label, seen);
  if (is_over_at_once(words.kind)) lookout.fault_ended(words.label, seen);
  witness.saw(seen);
  return true;
}

bool Director::command(std::size_t plan, sim::World& world, const Parts& parts) {
  const OperatorAction& action = scenario_->operators[plan - faults_];
  Plan& state = plans_[plan];
  const auto node = aim(action.node, plan, world, parts);
  if (!node) {
    state.account.in_vain = "there was no " + action.node;
    return false;
  }
  ++state.fired;
  const Life life{*node, world.incarnation(*node)};
  const std::string why = in_vain(action.command, life, world, parts);
  if (why.empty() && action.command != OperatorAction::Command::stop) {
    std::erase_if(orders_, [&](const Order& order) { return order.plan == plan; });
    orders_.push_back({plan, life, world.now()});
  }
  state.account.in_vain = why;
  switch (action.command) {
    case OperatorAction::Command::start:
      if (why.empty()) state.account.in_vain = "a fault held " + action.node + " down";
      world.start(*node);
      break;
    case OperatorAction::Command::promote:
      if (why.empty()) state.account.in_vain = action.node + " waited for no operator";
      world.schedule_input(*node, world.now(), encode(OperatorCommand::promote));
      break;
    case OperatorAction::Command::checkpoint:
      if (why.empty()) state.account.in_vain = action.node + " had nothing new to write down";
      world.schedule_input(*node, world.now(), encode(OperatorCommand::checkpoint));
      break;
    case OperatorAction::Command::stop:
      if (why.empty()) carried_out(plan, world.now());
      told_to_stop_.push_back(life);
      world.schedule_input(*node, world.now(), encode(OperatorCommand::stop));
      break;
  }
  return true;  // all of these are scheduled: nothing has happened yet
}

std::string Director::in_vain(OperatorAction::Command command, const Life& life, const sim::World& world,
                              const Parts& parts) const {
  const Name& name = numbers_->names()[static_cast<std::size_t>(life.process)];
  const sim::ProcessState state = world.state(life.process);
  const bool runs = state == sim::ProcessState::running || state == sim::ProcessState::paused;
  if (command == OperatorAction::Command::start) return runs ? name + " ran already" : "";
  if (!runs) return name + " did not run";
  if (command == OperatorAction::Command::stop) {
    const bool is_told = std::find(told_to_stop_.begin(), told_to_stop_.end(), life) != told_to_stop_.end();
    return is_told ? name + " had been told to stop already" : "";
  }
  if (command == OperatorAction::Command::checkpoint && parts.primary() != life.process)
    return name + " was not the primary";
  return {};
}

void Director::carried_out(std::size_t plan, sim::Time at) {
  ActionAccount& account = plans_[plan].account;
  if (account.carried_out++ == 0) account.first = at;
  account.in_vain.clear();
}

void Director::on_started(const sim::TraceEvent& event) {
  std::erase_if(orders_, [&](const Order& order) {
    const bool is_it = scenario_->operators[order.plan - faults_].command == OperatorAction::Command::start &&
                       order.life.process == event.process && order.at == event.time;
    if (is_it) carried_out(order.plan, event.time);
    return is_it;
  });
}

void Director::on_note(const sim::TraceEvent& event, const sim::World& world) {
  if (orders_.empty()) return;
  const auto kind = static_cast<NoteKind>(world.notes()[event.a].what);
  std::erase_if(orders_, [&](const Order& order) {
    const OperatorAction::Command command = scenario_->operators[order.plan - faults_].command;
    const bool is_of_it = (command == OperatorAction::Command::checkpoint && kind == NoteKind::checkpoint_begun) ||
                          (command == OperatorAction::Command::promote && kind == NoteKind::claim_won);
    const bool is_it = is_of_it && order.life == Life{event.process, world.incarnation(event.process)};
    if (is_it) carried_out(order.plan, event.time);
    return is_it;
  });
}

std::vector<sim::FaultId> Director::struck(std::size_t plan) const {
  std::vector<sim::FaultId> faults;
  for (std::uint32_t id = 0; id < plan_of_fault_.size(); ++id) {
    if (plan_of_fault_[id] == plan) faults.push_back(sim::FaultId{id});
  }
  return faults;
}

}  // namespace smalldb::scenarios
