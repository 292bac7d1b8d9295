// The definition, tried out: every choice of the operations of unknown outcome, every order that real time allows, the
// answers compared with those of a store. Shares nothing with the checker but the form of a history.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "properties/checker/history.h"

namespace smalldb::checker::testing {

// REQUIRES: all operations are of one key, and few.
bool is_linearizable_by_definition(const History& history);

// The same where revisions are promised (steps.h): every choice of the revisions that nobody was told, too.
bool is_linearizable_as_promised(const History& history);

// The same of a store that claims revisions: its refusals may tell of nothing the revision of the remove, and what is
// there at first may have none.
bool is_linearizable_as_claimed(const History& history);

// The same of some of `all`, by position; and of `writers`, which may have taken effect at any time, or never, and if
// they are free, whatever there was. `history` has their values.
bool is_linearizable_by_definition(const History& history, std::span<const Operation> all,
                                   const std::vector<std::size_t>& operations, const std::vector<std::size_t>& writers,
                                   bool are_free = false);
inline bool is_linearizable_by_definition(const History& history, const std::vector<std::size_t>& operations,
                                          const std::vector<std::size_t>& writers, bool are_free = false) {
  return is_linearizable_by_definition(history, history.operations(), operations, writers, are_free);
}

// The same of what had happened to the key before `end`, or by then; what was open may have taken effect or not.
struct Past {
  Instant end = 0;
  bool with_end = false;
  std::optional<ValueId> holds;  // in the end
};
bool was_linearizable_by_definition(const History& history, std::span<const std::uint32_t> positions, const Past& past);

// The order is one of all operations at `positions`, of one key, that must take effect and of some that may, each once
// and in real time, in which a store gives the same answers. One sentence if it is not; empty if it is.
std::string replay(const History& history, std::span<const std::uint32_t> positions,
                   const std::vector<std::size_t>& order);

}  // namespace smalldb::checker::testing
