#include "properties/checker/events.h"

#include <algorithm>

namespace smalldb::checker {

std::vector<Event> events_of(std::span<const Operation> operations, std::span<const std::uint32_t> positions) {
  std::vector<Event> events;
  events.reserve(2 * positions.size());
  for (const std::uint32_t position : positions) {
    const Operation& operation = operations[position];
    events.push_back({operation.invoked, false, position});
    if (operation.returned != never) events.push_back({operation.returned, true, position});
  }
  std::sort(events.begin(), events.end());
  return events;
}

Operation translated(const History& history, const Operation& operation, Stream& stream) {
  const auto value = [&](ValueId id) { return id == ValueId::absent ? id : stream.value(history.bytes(id)); };
  Operation same = operation;
  same.argument = value(operation.argument);
  same.expected = value(operation.expected);
  same.result = value(operation.result);
  return same;
}

}  // namespace smalldb::checker
