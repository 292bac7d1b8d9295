#include "properties/checker/steps.h"

namespace smalldb::checker {
namespace {

using Kind = Need::Kind;

// That the condition holds; `not_so`: that it does not. Revision 0 is another word for absent, any revision for not.
Need condition_of(const Operation& operation, bool not_so) {
  Need need;
  if (operation.verb == Verb::swap_if_value || operation.verb == Verb::remove_if_value) {
    need.of_value = not_so ? Kind::is_not : Kind::is;
    need.value = operation.expected;
  } else if (operation.expected_revision == 0 || operation.expected_revision == any_revision) {
    const bool absent = (operation.expected_revision == 0) != not_so;
    need.of_value = absent ? Kind::is : Kind::is_not;
    need.value = ValueId::absent;
  } else {
    need.of_revision = not_so ? Kind::is_not : Kind::is;
    need.revision = operation.expected_revision;
  }
  return need;
}

// What a refused operation found. If it says what was there instead, that is a read; one that saw just what it had
// asked for has no explanation.
Need refusal_of(const Operation& operation) {
  Need need = condition_of(operation, true);
  if (!operation.has_result) return need;
  const bool contradicts = need.of_value == Kind::is ? operation.result != need.value
                                                     : need.of_value == Kind::is_not && operation.result == need.value;
  need.of_value = Kind::is;
  need.value = contradicts ? no_value : operation.result;
  return need;
}

// That nothing can meet.
void make_impossible(Need& need) { need = {Kind::is, Kind::none, no_value, 0}; }

// Adds to what a refused operation found that it was of `revision`; 0: absent.
void add_promise(const Operation& operation, Need& need) {
  const bool absent = operation.revision == 0;
  const bool value_is_absent = need.value == ValueId::absent;
  const bool contradicts = !is_conditional(operation.verb) ||
                           (need.of_value == Kind::is && value_is_absent != absent) ||
                           (need.of_value == Kind::is_not && value_is_absent && absent) ||
                           (need.of_revision == Kind::is_not && need.revision == operation.revision);
  if (contradicts) return make_impossible(need);
  if (absent) {
    need = {Kind::is, Kind::none, ValueId::absent, 0};
  } else {
    need.of_revision = Kind::is;
    need.revision = operation.revision;
  }
}

State state_after(const Operation& operation) {
  if (removes(operation)) return {};
  const bool claims = operation.revision != 0 && operation.outcome == Outcome::ok;
  return {operation.argument, claims ? operation.revision : undetermined};
}

}  // namespace

std::optional<Step> step_of(const Operation& operation, Revisions revisions) {
  if (operation.outcome == Outcome::failed) return std::nullopt;
  if (operation.verb == Verb::get && operation.outcome != Outcome::ok) return std::nullopt;
  const bool promised = revisions == Revisions::promised;
  const bool told = promised && operation.revision != any_revision;
  Step step;
  step.invoked = operation.invoked;
  step.returned = operation.returned;
  if (operation.verb == Verb::get) {
    step.need.of_value = Kind::is;
    step.need.value = operation.result;
    if (!told || operation.revision == 0) return step;
    if (operation.result == ValueId::absent) {
      make_impossible(step.need);
    } else {
      step.need.of_revision = Kind::is;
      step.need.revision = operation.revision;
    }
  } else if (operation.outcome == Outcome::mismatched) {
    step.need = refusal_of(operation);
    if (told) add_promise(operation, step.need);
  } else {
    step.effect = operation.verb == Verb::append ? Effect::append : Effect::set;
    step.optional = operation.outcome == Outcome::unknown;
    step.to = state_after(operation);
    if (is_conditional(operation.verb)) step.need = condition_of(operation, false);
    const bool removes_nothing =
        promised && removes(operation) && step.need.of_value == Kind::is && step.need.value == ValueId::absent;
    if (removes_nothing) {  // no write, and nothing to have a revision
      if (step.optional) return std::nullopt;
      step.effect = Effect::none;
      if (told && operation.revision != 0) make_impossible(step.need);
    }
  }
  return step;
}

Steps past_of(const Steps& all, Instant end) {
  Steps past;
  past.initial = all.initial;
  past.steps.reserve(all.steps.size());
  for (Step step : all.steps) {
    if (step.invoked > end) break;
    if (step.returned > end && step.is_read()) continue;
    if (step.returned > end && !step.optional) {
      step.optional = true;
      step.returned = never;
      if (step.to.revision != 0) step.to.revision = undetermined;
    }
    past.steps.push_back(step);
  }
  return past;
}

}  // namespace smalldb::checker
