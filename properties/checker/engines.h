// What the engines have in common: each judges one key.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "properties/checker/check.h"
#include "properties/checker/history.h"
#include "properties/checker/steps.h"

namespace smalldb::checker {

// How many operations ahead of their use the memory is asked for them.
inline constexpr std::size_t fetch_ahead = 24;

struct KeyTask {
  const History& history;
  KeyId key{};
  std::span<const std::uint32_t> positions;  // of the key's operations in `operations`, by invocation
  std::uint64_t steps_max = 0;
  bool witness = false;
  bool explain = false;
  // The history's; or those of a few keys, brought together, for those of one key are far apart in memory.
  std::span<const Operation> operations = history.operations();
  bool are_together = false;  // the key's operations, one after the other

  // Asks the memory for an operation that will be looked at soon, if those of the key are far apart.
  void fetch(std::size_t which) const {
    if (!are_together && which < positions.size()) fetch_operation(positions[which]);
  }
  void fetch_operation(std::uint32_t position) const {
    const auto* const begin = reinterpret_cast<const char*>(&operations[position]);
    __builtin_prefetch(begin);
    __builtin_prefetch(begin + sizeof(Operation) - 1);  // most lie across two lines
  }
};

// All positions are those of the task.
struct KeyResult {
  KeyVerdict verdict;
  std::optional<Violation> violation;  // if violated; without `explain` only its key, engine and culprit
  std::vector<std::size_t> order;      // if it holds, and a witness was asked for
  std::vector<WrongRevision> wrong_revisions;
  // Of the violation: up to each return before the culprit's there is an order; its states are those that there are.
  // If not, its good_until is set.
  bool is_first = true;
  bool knows_states = false;
};

// The key's operations as steps.
Steps steps_of(const KeyTask& task);

// zones.h, certificate.h and greedy.h declare those that judge some keys only.
KeyResult judge_by_search(const KeyTask& task);  // frontier.h
KeyResult judge_by_model(const KeyTask& task);   // generic.h

}  // namespace smalldb::checker
