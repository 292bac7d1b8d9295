// Histories of one key, told operation by operation.
#pragma once

#include <string>

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

}  // namespace smalldb::checker::testing
