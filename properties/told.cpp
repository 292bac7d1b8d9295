#include "properties/told.h"

namespace smalldb::properties {

checker::Operation asked(const Invocation& invocation, const Intern& intern) {
  using checker::Verb;
  checker::Operation operation;
  const bool writes = invocation.verb == smalldb::Verb::put;
  if (writes) operation.argument = intern(invocation.value.view());
  switch (invocation.condition.kind) {
    case Condition::Kind::none:
      operation.verb = invocation.verb == smalldb::Verb::get ? Verb::get
                       : writes                              ? Verb::put
                                                             : Verb::remove_if_revision;
      operation.expected_revision = operation.verb == Verb::remove_if_revision ? checker::any_revision : 0;
      return operation;
    case Condition::Kind::revision_is: operation.expected_revision = invocation.condition.revision.value; break;
    case Condition::Kind::exists: operation.expected_revision = checker::any_revision; break;
    case Condition::Kind::absent: operation.expected_revision = 0; break;
  }
  operation.verb = writes ? Verb::swap_if_revision : Verb::remove_if_revision;
  return operation;
}

bool is_answer_to(const Invocation& invocation, Outcome outcome) {
  const Condition& condition = invocation.condition;
  const bool on_condition = condition.kind != Condition::Kind::none;
  if (outcome == smalldb::Outcome::condition_failed) return on_condition && invocation.verb != smalldb::Verb::get;
  if (outcome != smalldb::Outcome::not_found) return true;
  const bool must_be_there = condition.kind == Condition::Kind::exists ||
                             (condition.kind == Condition::Kind::revision_is && condition.revision != Revision{});
  return invocation.verb != smalldb::Verb::put && !must_be_there;
}

void answer(const Completion& completion, const Intern& intern, checker::Operation& operation) {
  using checker::Outcome;
  const bool is_get = operation.verb == checker::Verb::get;
  operation.revision = completion.revision.value;
  switch (completion.outcome) {
    case smalldb::Outcome::ok:
      operation.outcome = Outcome::ok;
      if (is_get) operation.result = intern(completion.value.view());
      break;
    case smalldb::Outcome::not_found: {
      // To remove what must not be there is done when it is not there.
      const bool is_done = is_get || operation.expected_revision == 0;
      operation.outcome = is_done ? Outcome::ok : Outcome::mismatched;
      operation.revision = 0;
      break;
    }
    case smalldb::Outcome::condition_failed: operation.outcome = Outcome::mismatched; break;
    case smalldb::Outcome::failed: operation.outcome = Outcome::failed; break;
    case smalldb::Outcome::unknown: operation.outcome = Outcome::unknown; break;
  }
  const bool says_nothing = operation.outcome == Outcome::failed || operation.outcome == Outcome::unknown;
  if (says_nothing) operation.revision = 0;
}

}  // namespace smalldb::properties
