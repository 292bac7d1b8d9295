#include "properties/definite_failure.h"

#include <algorithm>
#include <utility>

#include "model/messages.h"
#include "properties/words.h"

namespace smalldb::properties {
namespace {

constexpr std::size_t failed_max = 256;

}  // namespace

void DefiniteFailure::observe(const Observation& observation, const Mirror& mirror) {
  switch (observation.kind) {
    case ObservationKind::operation_invoked:
      if (observation.invocation->verb == Verb::put || observation.invocation->verb == Verb::remove) {
        running_.push_back({observation.process, *observation.invocation, {}, {}, {}, sim::no_event});
      }
      break;
    case ObservationKind::message_sent: on_sent(observation); break;
    case ObservationKind::operation_completed: on_completed(observation); break;
    case ObservationKind::record_written: on_written(observation); break;
    case ObservationKind::answer_released: on_answer(observation, mirror); break;
    case ObservationKind::process_ended:  // a client that is gone reports nothing any more
      std::erase_if(running_, [&](const Operation& running) { return running.client == observation.process; });
      break;
    default: break;
  }
}

// A request is known to be for an operation by its contents. A client may have several of the same on the way: each new
// request number of a session is then for one that has none in that session yet.
void DefiniteFailure::on_sent(const Observation& sent) {
  const auto* message = std::get_if<RequestMessage>(&sent.message->body);
  if (message == nullptr || message->request.session.value == 0) return;
  const Request& request = message->request;
  const std::pair name(request.session, request.number);
  Operation* unnamed = nullptr;
  for (Operation& running : running_) {
    if (running.client != sent.process) continue;
    bool named = false;
    for (const auto& known : running.names) {
      if (known == name) return;
      named = named || known.first == request.session;
    }
    const Invocation& invocation = running.invocation;
    const bool same = invocation.verb == request.verb && invocation.key == request.key &&
                      invocation.value == request.value && invocation.condition == request.condition;
    if (same && !named && unnamed == nullptr) unnamed = &running;
  }
  if (unnamed != nullptr) unnamed->names.push_back(name);
}

void DefiniteFailure::on_completed(const Observation& completed) {
  const auto running = std::find_if(running_.begin(), running_.end(), [&](const Operation& operation) {
    return operation.client == completed.process && operation.invocation.number == completed.completion->number;
  });
  if (running == running_.end()) return;
  if (completed.completion->outcome == Outcome::failed) {
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
              std::string(mirror.name(operation.client)) + "'s " + text(operation.invocation) +
                  " failed for certain at " + text(operation.failed_at) + "; " + text(executed.lsn) +
                  " executes it, and " + text(answer_of(answer), mirror),
              {operation.failed, executed.event, answer.event});
      return;
    }
  }
}

}  // namespace smalldb::properties
