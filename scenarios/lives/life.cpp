#include "scenarios/lives/life.h"

#include <utility>

#include "model/arbiter.h"
#include "model/assert.h"
#include "model/node.h"

namespace smalldb::scenarios {
namespace {

Life::End end_of(RecordedEnd::Why why) {
  switch (why) {
    case RecordedEnd::Why::process_ended: return Life::End::process_ended;
    case RecordedEnd::Why::bound_reached: return Life::End::bound_reached;
    case RecordedEnd::Why::cannot_write: return Life::End::cannot_write;
  }
  return Life::End::died;
}

std::unique_ptr<Machine> make_machine(const RecordedMachine& recorded) {
  if (recorded.kind == RecordedMachine::Kind::arbiter) return std::make_unique<Arbiter>(recorded.arbiter);
  return std::make_unique<Node>(recorded.node);
}

// A file whose making came to no more: room that was made, and at most the beginning of the magic word.
bool is_begun(std::string_view bytes) {
  const std::size_t last = bytes.find_last_not_of('\0');
  return last == std::string_view::npos || recording_magic.starts_with(bytes.substr(0, last + 1));
}

}  // namespace

std::string Life::name(ProcessId process) const {
  if (const auto known = names.find(process); known != names.end()) return known->second;
  return process == no_process ? "nobody" : "process " + std::to_string(static_cast<std::uint32_t>(process));
}

bool is_recording(std::string_view bytes) { return bytes.starts_with(recording_magic); }

std::variant<Life, LifeProblem> read_life(std::string_view bytes) {
  if (is_begun(bytes)) return LifeProblem{0, "nothing was recorded", true};
  RecordingReader reader(bytes);
  if (reader.state() == RecordingReader::State::no_recording) {
    return LifeProblem{0, "no recording: it does not begin with " + std::string(recording_magic)};
  }
  Life life;
  auto frame = reader.next();
  auto* const machine = frame ? std::get_if<RecordedMachine>(&*frame) : nullptr;
  if (machine == nullptr) {
    return LifeProblem{recording_magic.size(), "the recording does not say which machine it is of"};
  }
  life.machine = std::move(*machine);
  for (const RecordedName& each : life.machine.names) life.names[each.process] = each.name;
  while ((frame = reader.next())) {
    if (auto* const step = std::get_if<RecordedStep>(&*frame)) {
      life.steps.push_back(std::move(*step));
    } else if (auto* const name = std::get_if<RecordedName>(&*frame)) {
      life.names[name->process] = std::move(name->name);
    } else if (auto* const failure = std::get_if<RecordedFailure>(&*frame)) {
      life.failure = std::move(*failure);
      life.end = Life::End::failed;
    } else if (const auto* const end = std::get_if<RecordedEnd>(&*frame)) {
      life.end = end_of(end->why);
    }
  }
  if (reader.state() == RecordingReader::State::damaged) life.end = Life::End::damaged;
  life.bytes = reader.position();
  const std::string_view rest = bytes.substr(reader.position());
  const std::size_t last = rest.find_last_not_of('\0');
  life.bytes_after = last == std::string_view::npos ? 0 : last + 1;
  if (life.steps.empty()) {
    const bool damaged = life.end == Life::End::damaged;
    return LifeProblem{life.bytes,
                       damaged ? "the recording is damaged before the machine's first step"
                               : "the process ended before its machine's first step",
                       !damaged};
  }
  return life;
}

// ---- Reenactor -----------------------------------------------------------------------------------------------------

Reenactor::Reenactor(const Life& life) : life_(life), machine_(make_machine(life.machine)) {}

const RecordedStep* Reenactor::upcoming() const {
  return divergence_ || made_ == life_.steps.size() ? nullptr : &life_.steps[made_];
}

std::optional<Reenactor::Step> Reenactor::next() {
  if (divergence_) return std::nullopt;
  if (made_ == life_.steps.size()) {
    if (life_.failure && !std::exchange(failure_made_, true)) make_failing_step();
    return std::nullopt;
  }
  const RecordedStep& step = life_.steps[made_];
  effects_.recorded().clear();
  // Links that others opened were numbered by the host, in one row with the machine's own.
  if (const auto* const accepted = std::get_if<Accepted>(&step.event)) {
    if (effects_.take_link() != accepted->link()) {
      divergence_ = Divergence{made_, "it had opened another number of links by then"};
      return std::nullopt;
    }
  }
  if (!may_be_told(step.event)) return std::nullopt;
  try {
    machine_->step(step.moment, step.event, effects_);
  } catch (const AssertionFailed& failed) {
    divergence_ = Divergence{made_, std::string("an assertion fails that did not: ") + failed.what()};
    return std::nullopt;
  }
  if (fingerprint(effects_.recorded()) != step.effects) {
    divergence_ = Divergence{made_, "it wants other things done than were recorded"};
    return std::nullopt;
  }
  promises_.on_step(step.event, effects_.recorded());
  ++made_;
  return Step{step.moment, step.event, effects_.recorded()};
}

// A recording of which a step is missing, though all of its checksums are right.
bool Reenactor::may_be_told(const Event& event) {
  const std::string why = promises_.broken_by(event);
  if (!why.empty())
    divergence_ = Divergence{made_, "no machine is told this: " + why + ". Steps are missing before it"};
  return why.empty();
}

void Reenactor::make_failing_step() {
  if (!may_be_told(life_.failure->event)) return;
  effects_.recorded().clear();
  try {
    machine_->step(life_.failure->moment, life_.failure->event, effects_);
  } catch (const AssertionFailed&) {
    return;
  }
  divergence_ = Divergence{made_, "the assertion that failed when it was recorded holds now"};
}

}  // namespace smalldb::scenarios
