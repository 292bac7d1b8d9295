#include "properties/checker/appended_states.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "properties/checker/events.h"
#include "properties/checker/steps.h"
#include "properties/checker/stream.h"

namespace smalldb::checker {
namespace {

constexpr std::size_t appended_most = 8;
// Each append makes a value as long as all before it together.
constexpr std::uint64_t bytes_most = 4 << 20;

std::uint64_t bytes_made(const KeyTask& task, Instant end) {
  std::uint64_t length = 0;
  std::uint64_t made = 0;
  for (const std::uint32_t position : task.positions) {
    const Operation& operation = task.operations[position];
    if (operation.invoked >= end) break;
    if (operation.verb != Verb::append || operation.argument == ValueId::absent) continue;
    length += task.history.bytes(operation.argument).size();
    made += length;
  }
  return made;
}

// Nothing else happened when it returned.
bool is_alone(const KeyTask& task, std::size_t culprit) {
  const Instant end = task.operations[culprit].returned;
  return std::none_of(task.positions.begin(), task.positions.end(), [&](std::uint32_t position) {
    const Operation& operation = task.operations[position];
    return position != culprit && (operation.invoked == end || operation.returned == end);
  });
}

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
  if (bytes_made(task, end) > bytes_most || !is_alone(task, violation.culprit)) return false;
  Stream stream(steps_max);
  const ValueId initial = task.history.initial(task.key);
  if (initial != ValueId::absent) stream.start_with(task.key, stream.value(task.history.bytes(initial)));
  std::vector<Stream::Ticket> tickets(task.operations.size());
  for (const Event& event : events_of(task.operations, task.positions)) {
    if (event.at > end) break;
    if (!takes_part(task.operations[event.position])) continue;
    const Operation operation = translated(task.history, task.operations[event.position], stream);
    Stream::Ticket& ticket = tickets[event.position];
    if (!event.returns) ticket = stream.invoke(as_invoked(operation));
    if (event.returns || operation.outcome == Outcome::unknown) stream.complete(ticket, operation);
  }
  if (!stream.contradiction() || stream.contradiction()->late) return false;
  violation.states.clear();
  violation.appended_states.clear();
  violation.has_all_states = std::none_of(task.positions.begin(), task.positions.end(), [&](std::uint32_t position) {
    return is_open_write(task.operations[position], end);
  });
  for (const State& state : stream.contradiction()->states) {
    if (violation.states.size() + violation.appended_states.size() == appended_most) {
      violation.has_all_states = false;
      break;
    }
    const std::optional<ValueId> known = state.value == ValueId::absent
                                             ? std::optional(ValueId::absent)
                                             : task.history.find_value(stream.bytes(state.value));
    if (known) violation.states.push_back(*known);
    if (!known) violation.appended_states.emplace_back(stream.bytes(state.value));
  }
  return true;
}

}  // namespace smalldb::checker
