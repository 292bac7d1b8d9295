#include "scenarios/run.h"

#include <algorithm>
#include <set>

#include "model/assert.h"
#include "properties/properties.h"
#include "scenarios/director.h"
#include "scenarios/fault_grammar.h"
#include "scenarios/ground_truth.h"
#include "scenarios/judge.h"
#include "scenarios/lookout.h"
#include "scenarios/notation.h"
#include "scenarios/parts.h"
#include "scenarios/recorder.h"
#include "scenarios/stage.h"
#include "scenarios/users.h"

namespace smalldb::scenarios {

namespace {

// Of the bound, where nobody is asked to come back.
constexpr int small_part = 10;

properties::Bounds bounds_of(const Scenario& scenario) {
  properties::Bounds bounds;
  bounds.answered = scenario.end.settle;
  bounds.redundancy = scenario.end.settle;
  return bounds;
}

Scenario with_seed(Scenario scenario, std::optional<std::uint64_t> seed) {
  if (seed) scenario.seed = *seed;
  return scenario;
}

}  // namespace

class Run::State final : private Director::Witness {
 public:
  State(const Scenario& scenario, const RunOptions& options)
      : options_(options),
        scenario_(std::make_shared<const Scenario>(with_seed(scenario, options.seed))),
        numbers_(scenario_->cluster),
        lookout_(numbers_.all()),
        world_(world_settings(*scenario_, numbers_)),
        director_(scenario_, numbers_, world_.dice(), lookout_),
        users_(scenario_, numbers_, world_.dice(), lookout_),
        parts_(numbers_.nodes()),
        properties_(cast_of(*scenario_, numbers_), bounds_of(*scenario_)),
        expected_(expected_properties(*scenario_)) {
    const End& end = scenario_->end;
    deadline_ = end.until == End::Until::time ? end.at : end.limit;
    users_.begin(world_, lookout_);
  }

  bool step();
  Result finish(EndReason if_not_over);

  const sim::World& world() const { return world_; }

 private:
  enum class Phase : std::uint8_t { story, healing, reading, writing, over };

  void happened(sim::World& world) override;
  void saw(const std::vector<WatchId>& watches) override { seen_.insert(seen_.end(), watches.begin(), watches.end()); }

  sim::Time due() const;
  void act_on_what_is_due();
  bool looks_ahead();
  void react() {
    while (!of_clients_.empty() || !seen_.empty() || parts_changed_) react_once();
  }
  void react_once();
  void judge_phase();
  void heal();
  void start_who_was_told_to_stop(ProcessId process);
  void lose(const Name& name);
  void wait_for_the_pair();
  void wait_for_answers();
  bool must_come_back() const;
  void end_healing();
  void read_values();
  void end_reading();
  std::set<std::string> keys_to_try() const;
  properties::Lost lost() const;
  std::optional<std::string> why_unrecoverable() const;
  std::string still_to_come() const;
  void ask_whether_to_go_on();
  bool goes_to_next();
  std::string what_comes_next();
  void end(EndReason reason);
  bool is_restored() const;

  RunOptions options_;
  std::shared_ptr<const Scenario> scenario_;
  Numbers numbers_;
  Lookout lookout_;
  sim::World world_;
  Director director_;
  Users users_;
  Parts parts_;
  properties::Properties properties_;
  std::vector<Expected> expected_;  // by properties::names()

  Phase phase_ = Phase::story;
  EndReason end_reason_ = EndReason::as_planned;
  sim::Time deadline_;  // of the phase
  std::optional<sim::Time> healed_at_;
  bool gives_up_early_ = false;  // on a pair
  bool tries_what_healed_ = false;
  bool keeps_the_pair_ = false;  // that healed

  // What happened and has not been reacted to.
  std::vector<WatchId> seen_;
  std::vector<sim::TraceEvent> of_clients_;
  std::vector<sim::TraceEvent> reacting_to_;  // the same while it is reacted to: more may happen meanwhile
  bool parts_changed_ = false;
  bool phase_may_be_over_ = true;
  sim::Time due_;  // when the director or the phase's end is due
  bool due_may_have_changed_ = true;

  std::uint64_t turns_ = 0;
  sim::EventIndex events_taken_ = 0;
  sim::Time instant_;                        // of the last step
  std::uint64_t events_before_instant_ = 0;  // or at its beginning
  std::size_t violations_judged_ = 0;
  Recorder recorder_;
};

// ---- Going on -------------------------------------------------------------------------------------------------------

// Up to the next event, with all that is due before it. False if the run is over.
bool Run::State::goes_to_next() {
  for (;;) {
    ask_whether_to_go_on();
    react();
    if (phase_may_be_over_) judge_phase();
    if (phase_ == Phase::over) return false;

    if (std::exchange(due_may_have_changed_, false)) due_ = due();
    const std::optional<sim::Time> next = world_.peek_time(due_);
    if (!next || due_ <= *next) {
      world_.advance(std::max(due_, world_.now()));
      act_on_what_is_due();
      continue;
    }
    if (!lookout_.watches_ahead() || !looks_ahead()) return true;
  }
}

// Now and then, whether events happen or only what is due.
void Run::State::ask_whether_to_go_on() {
  constexpr std::uint64_t turns_between_questions = 4096;
  if (++turns_ % turns_between_questions == 0 && options_.interrupted && options_.interrupted())
    end(EndReason::interrupted);
}

bool Run::State::step() {
  if (!goes_to_next()) return false;
  world_.step();
  happened(world_);
  react();
  if (world_.event_count() >= options_.events_max) end(EndReason::event_limit);
  if (world_.now() != instant_) {
    instant_ = world_.now();
    events_before_instant_ = world_.event_count();
  } else if (world_.event_count() - events_before_instant_ > options_.events_at_once_max) {
    end(EndReason::standstill);
  }
  return phase_ != Phase::over;
}

sim::Time Run::State::due() const {
  const auto of_director = director_.due();
  return of_director && *of_director < deadline_ ? *of_director : deadline_;
}

void Run::State::act_on_what_is_due() {
  phase_may_be_over_ = true;
  due_may_have_changed_ = true;
  const auto of_director = director_.due();
  if (of_director && *of_director <= deadline_) return director_.act(world_, parts_, lookout_, *this);
  switch (phase_) {
    case Phase::story:
      if (scenario_->end.until == End::Until::time) return heal();
      return end(world_.idle() ? EndReason::nothing_left : EndReason::time_limit);
    case Phase::healing:
      if (gives_up_early_ && must_come_back()) return wait_for_the_pair();
      return end_healing();
    case Phase::reading:
    case Phase::writing: return end(EndReason::as_planned);
    case Phase::over: return;
  }
}

// Whether something was foreseen in the next event: then it may not be the next event any more.
bool Run::State::looks_ahead() {
  if (phase_ != Phase::story) return false;
  const sim::TraceEvent* next = world_.peek();
  if (next == nullptr) return false;
  std::vector<WatchId> seen;
  lookout_.foresee(*next, world_, parts_, seen);
  if (seen.empty()) return false;
  // The moment before an event is at its time, not at that of the event before it.
  world_.advance(next->time);
  saw(seen);
  return true;
}

// Takes notice of all that the last call of the world brought about. Reacting to it comes later, in react(): who reacts
// calls the world again.
void Run::State::happened(sim::World& world) {
  const std::span<const sim::TraceEvent> events = world.events();
  if (events.empty()) return;
  SMALLDB_ASSERT(events.front().index == events_taken_, events.front().index,
                 events_taken_);  // none left out or taken twice
  events_taken_ = events.back().index + 1;
  if (options_.reader) options_.reader(world);
  properties_.observe(events, world);
  lookout_.executed();
  for (const sim::TraceEvent& event : events) {
    parts_changed_ |= parts_.observe(event, world);
    if (lookout_.watches_any()) lookout_.observe(event, world, parts_, seen_);
    switch (event.kind) {
      case sim::EventKind::input:
      case sim::EventKind::report:
      case sim::EventKind::started:
      case sim::EventKind::crashed:
      case sim::EventKind::stopped:
        if (event.kind == sim::EventKind::started) director_.on_started(event);
        if (numbers_.is_client(event.process)) of_clients_.push_back(event);
        if (event.kind == sim::EventKind::stopped) start_who_was_told_to_stop(event.process);
        break;
      case sim::EventKind::disk_synced:
      case sim::EventKind::disk_directory_synced:  // what is durable may have become a pair
        if (phase_ == Phase::healing || phase_ == Phase::writing) phase_may_be_over_ = true;
        break;
      case sim::EventKind::note: director_.on_note(event, world); break;
      case sim::EventKind::fault_ended:
        director_.on_fault_ended(sim::FaultId{static_cast<std::uint32_t>(event.a)}, lookout_, seen_);
        phase_may_be_over_ = true;
        break;
      default: break;
    }
  }
  if (options_.record) recorder_.take(events, world);

  const std::vector<std::size_t>& violations = properties_.violations();
  for (; violations_judged_ < violations.size(); ++violations_judged_) {
    const std::size_t property = violations[violations_judged_];
    const bool is_safety = !properties::descriptions()[property].liveness;
    const Expected expected = expected_[property];
    const bool must_hold = expected == Expected::holds ||
                           (expected == Expected::if_recoverable && is_safety && !properties_.why_not_promised());
    if (must_hold) end(EndReason::violation);
  }
}

void Run::State::react_once() {
  phase_may_be_over_ = true;
  due_may_have_changed_ = true;
  reacting_to_.swap(of_clients_);
  for (const sim::TraceEvent& event : reacting_to_) users_.observe(event, world_, lookout_);
  reacting_to_.clear();
  if (std::exchange(parts_changed_, false)) director_.on_parts_changed(world_, parts_, lookout_, *this);
  std::vector<WatchId> seen;
  seen.swap(seen_);
  if (!seen.empty()) {
    director_.on_seen(seen, world_, parts_, lookout_, *this);
    users_.on_seen(seen, world_, lookout_);
  }
}

// ---- Phases ---------------------------------------------------------------------------------------------------------

void Run::State::judge_phase() {
  phase_may_be_over_ = false;
  const End& end_of_story = scenario_->end;
  switch (phase_) {
    case Phase::story:
      if (end_of_story.until == End::Until::quiet && users_.done(world_) && director_.quiet()) heal();
      if (end_of_story.until == End::Until::operations &&
          users_.service(world_.now()).over >= end_of_story.operations) {
        heal();
      }
      return;
    case Phase::healing:
      if (users_.idle() && users_.is_anybody_there() && is_restored()) end_healing();
      return;
    case Phase::reading:
      if (users_.idle()) end_reading();
      return;
    case Phase::writing:  // a pair that was seen is not to be gone again when the run ends
      if (users_.idle() && (!keeps_the_pair_ || is_restored())) end(EndReason::as_planned);
      return;
    case Phase::over: return;
  }
}

void Run::State::heal() {
  users_.retire();
  director_.retire();
  if (!scenario_->end.heal) return read_values();
  phase_ = Phase::healing;
  phase_may_be_over_ = true;
  healed_at_ = world_.now();
  world_.end_all();
  happened(world_);
  for (const Name& name : scenario_->end.lost) lose(name);
  const properties::Lost lost_ones = lost();
  for (std::uint32_t i = 0; i < numbers_.all(); ++i) {
    const ProcessId process{i};
    if (lost_ones.processes[i]) continue;
    const sim::ProcessState state = world_.state(process);
    const bool is_spare_still = world_.incarnation(process) == 0;
    if (is_spare_still || (state != sim::ProcessState::down && state != sim::ProcessState::stopped)) continue;
    world_.start(process);  // schedules the start; nothing has happened yet
  }
  properties_.heal(world_.now(), lost_ones);
  wait_for_the_pair();
}

// An operator's word may have been on its way when the world was healed.
void Run::State::start_who_was_told_to_stop(ProcessId process) {
  if (healed_at_ && director_.has_told_to_stop(process) && !lost().processes[static_cast<std::size_t>(process)])
    world_.start(process);
}

// A node's machine is gone, and nobody is told; of an arbiter, or the shared volume, nobody hears.
void Run::State::lose(const Name& name) {
  sim::Fault fault;
  fault.key = sim::key_of(name);
  fault.process = numbers_.of(name);
  if (numbers_.is_node(fault.process)) {
    fault.kind = sim::FaultKind::kill;
    fault.silent = true;
  } else {
    const bool has_shared_volume = scenario_->cluster.arbiter == ArbiterKind::shared_lock;
    fault.kind = sim::FaultKind::cut;
    fault.links = directions_of({{name}, {"all"}, true}, numbers_, has_shared_volume);
    fault.process = no_process;
  }
  world_.inject(fault);
  happened(world_);
}

// The whole bound, or a small part of it where nobody is asked to come back: what comes back all the same may still
// break a promise, but clients that knock in vain tell nothing.
void Run::State::wait_for_the_pair() {
  gives_up_early_ = !must_come_back();
  const Duration settle = scenario_->end.settle;
  deadline_ = *healed_at_ + (gives_up_early_ ? settle / small_part : settle);
  due_may_have_changed_ = true;
}

// Whether liveness is asked of the healed world, by what has become of its disks so far.
bool Run::State::must_come_back() const {
  for (std::size_t i = 0; i < expected_.size(); ++i) {
    const bool in_any_case = expected_[i] == Expected::holds || expected_[i] == Expected::violated;
    if (properties::descriptions()[i].liveness && in_any_case) return true;
  }
  return !why_unrecoverable();
}

// Whether the properties would find a pair if the run ended now; where one node is all there is, whether it serves.
bool Run::State::is_restored() const {
  if (parts_.primary() == no_process) return false;
  const std::vector<Name>& lost = scenario_->end.lost;
  const auto left =
      std::count_if(scenario_->cluster.nodes.begin(), scenario_->cluster.nodes.end(),
                    [&](const Name& node) { return std::find(lost.begin(), lost.end(), node) == lost.end(); });
  if (left == 1) return true;
  if (parts_.declared() == no_process) return false;
  return properties_.is_pair();
}

// Whoever is asked to come back has to serve, whether the pair is back or not. Where nobody is asked to, what somebody
// serves may still be wrong.
void Run::State::end_healing() {
  tries_what_healed_ = !gives_up_early_ || parts_.primary() != no_process;
  keeps_the_pair_ = !gives_up_early_ && is_restored();
  read_values();
}

// What was written is read before it is written over.
void Run::State::read_values() {
  std::set<std::string> keys = keys_to_try();
  for (const auto& [key, value] : scenario_->expect.values) keys.insert(key);
  if (keys.empty()) return end(EndReason::as_planned);
  phase_ = Phase::reading;
  phase_may_be_over_ = true;
  wait_for_answers();
  for (const std::string& key : keys) users_.read(key, world_);
}

void Run::State::end_reading() {
  if (!tries_what_healed_) return end(EndReason::as_planned);
  phase_ = Phase::writing;
  phase_may_be_over_ = true;
  wait_for_answers();
  for (const std::string& key : keys_to_try()) users_.write(key, world_);
}

std::set<std::string> Run::State::keys_to_try() const {
  constexpr std::size_t most = 16;
  if (!tries_what_healed_) return {};
  const std::vector<std::string> used = users_.keys(most);
  if (used.empty()) return {"k0"};  // somebody is to be served, whatever the story was about
  return {used.begin(), used.end()};
}

// As long as each of them may take (properties/answered.h), or as for the pair.
void Run::State::wait_for_answers() {
  const Duration settle = scenario_->end.settle;
  deadline_ = world_.now() + (gives_up_early_ ? settle / small_part : settle);
  due_may_have_changed_ = true;
}

void Run::State::end(EndReason reason) {
  if (phase_ == Phase::over) return;
  phase_ = Phase::over;
  end_reason_ = reason;
}

// Once the world is healed: until then nobody is lost for ever.
properties::Lost Run::State::lost() const {
  if (!healed_at_) return lost_for_ever({}, numbers_);
  return lost_for_ever(scenario_->end.lost, numbers_);
}

std::optional<std::string> Run::State::why_unrecoverable() const {
  return properties_.why_unrecoverable(destroyed_disks(world_, numbers_), lost());
}

// REQUIRES: goes_to_next()
std::string Run::State::what_comes_next() {
  const sim::TraceEvent* const next = world_.peek();
  if (next == nullptr) return {};
  std::string text = "at " + notation::write_duration(next->time - sim::Time{}) + ", at the event " +
                     std::to_string(next->index) + " (" + std::string(sim::name(next->kind)) + ")";
  if (next->process != no_process) text += " of " + std::string(world_.name(next->process));
  if (next->peer != no_process) text += ", from " + std::string(world_.name(next->peer));
  return text;
}

std::string Run::State::still_to_come() const {
  if (healed_at_) return {};
  const End& end_of_story = scenario_->end;
  if (end_of_story.until == End::Until::operations) {
    return std::to_string(users_.service(world_.now()).over) + " of " + std::to_string(end_of_story.operations) +
           " operations were over";
  }
  if (end_of_story.until != End::Until::quiet) return {};
  const bool works = !users_.done(world_), has_faults = !director_.quiet();
  const std::string waits = works ? users_.waits() : "";
  return std::string(works ? "work was left to do" : "") + (waits.empty() ? "" : " (" + waits + ")") +
         (works && has_faults ? ", and " : "") + (has_faults ? "a fault was still to come or to end" : "");
}

Result Run::State::finish(EndReason if_not_over) {
  const bool hangs = if_not_over == EndReason::hung && goes_to_next();
  const std::string hangs_in = hangs ? what_comes_next() : "";
  end(if_not_over);
  properties_.finish(world_.now());

  Result result;
  result.scenario = *scenario_;
  result.end_reason = end_reason_;
  result.verdicts = properties_.verdicts();
  result.coverage = properties_.coverage().seen();
  result.fault_matrix = properties_.fault_matrix().rows();
  result.hash = world_.hash();
  result.event_count = world_.event_count();
  result.healed_at = healed_at_;
  result.ended_at = world_.now();
  const Service service = users_.service(world_.now());
  result.operations_invoked = service.invoked;
  result.operations_answered = service.answered;
  for (std::size_t plan = 0; plan < scenario_->faults.size(); ++plan) {
    result.faults.push_back(account_of(plan, *scenario_, director_, world_));
  }
  for (std::size_t action = 0; action < scenario_->operators.size(); ++action) {
    result.actions.push_back(director_.account(action));
  }

  Facts facts;
  facts.disks_destroyed = destroyed_disks(world_, numbers_).anything();
  facts.why_unrecoverable = why_unrecoverable();
  facts.why_not_promised = properties_.why_not_promised();
  facts.expected = expected_;
  facts.service = service;
  const auto name_of = [&](ProcessId process) {
    return process == no_process ? Name("nobody") : numbers_.names()[static_cast<std::size_t>(process)];
  };
  facts.primary = name_of(parts_.primary());
  facts.declared = name_of(parts_.declared());
  for (const auto& [key, value] : scenario_->expect.values) facts.values[key] = users_.final_value(key);
  if (end_reason_ != EndReason::as_planned) facts.still_to_come = hangs ? hangs_in : still_to_come();
  result.judgements = judge(result, facts);

  result.recording = recorder_.recording(world_, numbers_);
  return result;
}

// ---- Run ------------------------------------------------------------------------------------------------------------

Run::Run(const Scenario& scenario, const RunOptions& options) : state_(std::make_unique<State>(scenario, options)) {}
Run::Run(const Run& other) : state_(std::make_unique<State>(*other.state_)) {}
Run::Run(Run&& other) noexcept = default;
Run& Run::operator=(const Run& other) {
  if (this != &other) state_ = std::make_unique<State>(*other.state_);
  return *this;
}
Run& Run::operator=(Run&& other) noexcept = default;
Run::~Run() = default;

bool Run::step() { return state_->step(); }
const sim::World& Run::world() const { return state_->world(); }
Result Run::finish(EndReason if_not_over) { return state_->finish(if_not_over); }

Result run(const Scenario& scenario, const RunOptions& options) {
  Run one(scenario, options);
  while (one.step()) {
  }
  return one.finish();
}

}  // namespace smalldb::scenarios
