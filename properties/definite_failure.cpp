#include "properties/definite_failure.h"

#include <algorithm>
#include <utility>

#include "properties/words.h"

namespace smalldb::properties {
namespace {

constexpr std::size_t failed_max = 256;

}  // namespace

void DefiniteFailure::observe(const Observation& observation, const Mirror& mirror) {
  switch (observation.kind) {
    case ObservationKind::operation_sent: on_sent(observation); break;
    case ObservationKind::operation_completed: on_completed(observation); break;
    case ObservationKind::record_written: on_written(observation); break;
    case ObservationKind::answer_released: on_answer(observation, mirror); break;
    case ObservationKind::process_ended:  // a client that is gone reports nothing any more
      std::erase_if(running_, [&](const Operation& running) { return running.client == observation.process; });
      break;
    default: break;
  }
}

void DefiniteFailure::on_sent(const Observation& sent) {
  const Invocation& invocation = *sent.invocation;
  if (invocation.verb != Verb::put && invocation.verb != Verb::remove) return;
  auto running = std::find_if(running_.begin(), running_.end(), [&](const Operation& operation) {
    return operation.client == sent.process && operation.invocation.number == invocation.number;
  });
  if (running == running_.end()) {
    running = running_.insert(running_.end(), {sent.process, invocation, {}, {}, {}, sim::no_event});
  }
  running->names.emplace_back(sent.session, sent.number);
}

void DefiniteFailure::on_completed(const Observation& completed) {
  const auto running = std::find_if(running_.begin(), running_.end(), [&](const Operation& operation) {
    return operation.client == completed.process && operation.invocation.number == completed.completion->number;
  });
  if (running == running_.end()) return;
  if (completed.completion->outcome == Outcome::failed) {
    has_subject();
    if (failed_.size() == failed_max) failed_.erase(failed_.begin());
    running->failed_at = completed.time;
    running->failed = completed.event;
    failed_.push_back(std::move(*running));
    failed_and_executed_ += failed_.back().executed.empty() ? 0 : 1;
  }
  running_.erase(running);
}

void DefiniteFailure::on_written(const Observation& written) {
  if (written.session.value == 0) return;
  const std::pair name(written.session, written.number);
  for (std::vector<Operation>* operations : {&running_, &failed_}) {
    for (Operation& operation : *operations) {
      if (std::find(operation.names.begin(), operation.names.end(), name) == operation.names.end()) continue;
      if (operations == &failed_) ++failed_and_executed_;
      operation.executed.push_back({written.line, written.lsn, written.event});
      return;
    }
  }
}

void DefiniteFailure::on_answer(const Observation& answer, const Mirror& mirror) {
  if (failed_and_executed_ == 0) return;
  const Line line = mirror.led_by(answer.process);
  for (const Operation& operation : failed_) {
    for (const Executed& executed : operation.executed) {
      if (executed.lsn > answer.lsn || mirror.line_at(line, executed.lsn) != executed.line) continue;
      violate(answer.time,
              "client " + std::string(mirror.name(operation.client)) + " was told at " + text(operation.failed_at) +
                  " that its " + text(operation.invocation) + " had failed for certain; " + text(executed.lsn) +
                  " executes it, and " + text(answer_of(answer), mirror) + ", which rests on " + text(answer.lsn),
              {operation.failed, executed.event, answer.event});
      return;
    }
  }
}

}  // namespace smalldb::properties
