#include "properties/checker/appended_states.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "properties/checker/events.h"
#include "properties/checker/steps.h"
#include "properties/checker/stream.h"

namespace smalldb::checker {
namespace {

constexpr std::size_t appended_most = 8;

// A write that may take effect yet, or may have. What it leaves is not gone through before somebody needs it.
bool is_open_write(const Operation& operation, Instant end) {
  const bool writes = operation.verb != Verb::get && takes_part(operation) && operation.outcome != Outcome::mismatched;
  return writes && operation.invoked < end && operation.returned >= end;
}

// What the stream is told when it begins. That one will be refused is known here: it is one that never changes
// anything, until its answer comes.
Operation as_invoked(const Operation& operation) {
  if (operation.outcome != Outcome::mismatched) return operation;
  Operation idle = operation;
  idle.verb = Verb::remove_if_value;
  idle.expected = ValueId::absent;
  return idle;
}

}  // namespace

bool find_appended_states(const KeyTask& task, std::uint64_t steps_max, Violation& violation) {
  const Instant end = task.operations[violation.culprit].returned;
  Stream stream(steps_max);
  const ValueId initial = task.history.initial(task.key);
  stream.start_with(task.key, initial == ValueId::absent ? initial : stream.value(task.history.bytes(initial)));
  std::vector<Stream::Ticket> tickets(task.operations.size());
  for (const Event& event : events_of(task.operations, task.positions)) {
    if (event.at >= end) break;
    if (!takes_part(task.operations[event.position])) continue;
    const Operation operation = translated(task.history, task.operations[event.position], stream);
    Stream::Ticket& ticket = tickets[event.position];
    if (!event.returns) ticket = stream.invoke(as_invoked(operation));
    if (event.returns || operation.outcome == Outcome::unknown) stream.complete(ticket, operation);
  }
  if (stream.conclusion() != Conclusion::holds) return false;
  violation.states.clear();
  violation.appended_states.clear();
  violation.has_all_states = std::none_of(task.positions.begin(), task.positions.end(), [&](std::uint32_t position) {
    return is_open_write(task.operations[position], end);
  });
  for (const State& state : stream.states(task.key)) {
    if (violation.states.size() + violation.appended_states.size() == appended_most) {
      violation.has_all_states = false;
      break;
    }
    if (state.value == ValueId::absent) {
      violation.states.push_back(state.value);
      continue;
    }
    std::string bytes = stream.bytes(state.value);
    if (const auto known = task.history.find_value(bytes)) {
      violation.states.push_back(*known);
    } else {
      violation.appended_states.push_back(std::move(bytes));
    }
  }
  return true;
}

}  // namespace smalldb::checker
