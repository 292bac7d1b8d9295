// Histories of one key, told operation by operation, and what is found in them.
#pragma once

#include <catch2/catch.hpp>

#include <string>

#include "properties/checker/check.h"
#include "properties/checker/history.h"

namespace smalldb::checker::testing {

// An operation, in the words of a test: who, from when to when.
struct Told {
  History history;

  std::size_t add(Verb verb, Instant invoked, Instant returned, const char* value, Outcome outcome = Outcome::ok) {
    Operation operation;
    operation.key = history.key("x");
    operation.process = history.process("p" + std::to_string(history.operations().size()));
    operation.verb = verb;
    operation.outcome = outcome;
    operation.invoked = invoked;
    operation.returned = returned;
    const ValueId id = value ? history.value(value) : ValueId::absent;
    (verb == Verb::get ? operation.result : operation.argument) = id;
    history.add(operation);
    return history.operations().size() - 1;
  }
  std::size_t swap(Instant invoked, Instant returned, const char* expected, const char* value,
                   Outcome outcome = Outcome::ok) {
    const std::size_t position = add(Verb::swap_if_value, invoked, returned, value, outcome);
    Operations operations = history.operations();
    operations[position].expected = expected ? history.value(expected) : ValueId::absent;
    history.replace_operations(operations);
    return position;
  }
};

// The reason that is given. REQUIRES: the history is violated, or the test fails.
inline Violation violation_of(const History& history) {
  const Verdict verdict = check(history);
  REQUIRE(verdict.conclusion == Conclusion::violated);
  return *verdict.violation;
}

}  // namespace smalldb::checker::testing
