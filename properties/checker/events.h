// A key's operations in the order in which they began and returned: as they happened to a stream (stream.h).
#pragma once

#include <compare>
#include <cstdint>
#include <span>
#include <vector>

#include "properties/checker/history.h"
#include "properties/checker/stream.h"

namespace smalldb::checker {

struct Event {
  Instant at = 0;
  bool returns = false;
  std::uint32_t position = 0;  // of its operation
  friend auto operator<=>(const Event&, const Event&) = default;
};

// Of the operations at `positions`. At equal instants invocations come first: intervals are closed.
std::vector<Event> events_of(std::span<const Operation> operations, std::span<const std::uint32_t> positions);

// The same operation of `history`, its values by the stream's numbers.
Operation translated(const History& history, const Operation& operation, Stream& stream);

}  // namespace smalldb::checker
