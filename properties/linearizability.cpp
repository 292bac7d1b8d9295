#include "properties/linearizability.h"

#include <algorithm>
#include <string>
#include <utility>

#include "model/client.h"
#include "properties/words.h"

namespace smalldb::properties {
namespace {

std::string text(const KeySearch::State& state) {
  if (!state.present) return "absent";
  std::string words = shown(state.value.view());
  if (state.revision_known) words += " (revision " + std::to_string(state.revision.value) + ")";
  return words;
}

}  // namespace

void Linearizability::observe(const Observation& observation, const Mirror& mirror) {
  if (observation.kind == ObservationKind::operation_sent) {
    on_sent(observation);
    return;
  }
  const bool died = observation.kind == ObservationKind::process_ended;
  for (std::size_t i = 0; i < open_.size();) {
    const bool is_it =
        open_[i].client == observation.process && (died || open_[i].number == observation.completion->number);
    if (!is_it) {
      ++i;
      continue;
    }
    const Open open = std::move(open_[i]);
    open_.erase(open_.begin() + static_cast<std::ptrdiff_t>(i));
    if (died) {
      complete(open, Outcome::unknown, {}, {}, observation, mirror);
    } else {
      const Completion& completion = *observation.completion;
      complete(open, completion.outcome, completion.revision, completion.value, observation, mirror);
    }
  }
}

void Linearizability::on_sent(const Observation& sent) {
  const Invocation& invocation = *sent.invocation;
  const bool again = std::any_of(open_.begin(), open_.end(), [&](const Open& open) {
    return open.client == sent.process && open.number == invocation.number;
  });
  KeySearch& key = keys_[invocation.key];
  if (again || !key.judged()) return;
  KeySearch::Operation operation;
  operation.verb = invocation.verb;
  operation.condition = invocation.condition;
  operation.value = invocation.value;
  operation.client = sent.process;
  operation.number = invocation.number;
  operation.invoked_at = sent.time;
  operation.invoked = sent.event;
  if (const auto slot = key.invoke(operation)) {
    open_.push_back({sent.process, invocation.number, invocation.key, *slot});
  } else {
    doubt("more than " + std::to_string(KeySearch::slots_max) + " operations on " + shown(invocation.key.view()) +
          " were open at a time, or of unknown outcome, at " + properties::text(sent.time));
  }
}

void Linearizability::complete(const Open& open, Outcome outcome, Revision revision, const Bytes& result,
                               const Observation& by, const Mirror& mirror) {
  const auto key = keys_.find(open.key);
  if (key == keys_.end() || !key->second.judged()) return;
  key->second.complete(open.slot, outcome, revision, result, by.time, by.event);
  search(open.key, mirror);
}

void Linearizability::search(const Bytes& key, const Mirror& mirror) {
  KeySearch& searched = keys_[key];
  const auto contradiction = searched.search(steps_left_);
  if (!contradiction) {
    if (steps_left_ == 0)
      doubt("the search for an order of the operations was given up: too many may have taken effect");
    return;
  }
  const KeySearch::Operation& culprit = contradiction->culprit;
  const Invocation invocation{culprit.number, culprit.verb, key, culprit.value, culprit.condition};
  const Completion completion{culprit.number, culprit.outcome, culprit.revision, culprit.result};
  std::string witness = "client " + std::string(mirror.name(culprit.client)) + " got " + properties::text(completion) +
                        " for " + properties::text(invocation) + " at " + properties::text(culprit.returned_at) +
                        " (sent at " + properties::text(culprit.invoked_at) +
                        "); no order explains it: " + shown(key.view()) + " was ";
  constexpr std::size_t states_shown = 4;
  for (std::size_t i = 0; i < contradiction->states.size() && i < states_shown; ++i) {
    witness += (i == 0 ? "" : " or ") + text(contradiction->states[i]);
  }
  if (contradiction->states.size() > states_shown) witness += " or another";
  violate(culprit.returned_at, witness, {culprit.invoked, culprit.returned});
}

// What is still open may take effect or not.
void Linearizability::finish(sim::Time at, const Mirror& mirror) {
  Observation end;
  end.time = at;
  for (const Open& open : std::exchange(open_, {})) complete(open, Outcome::unknown, {}, {}, end, mirror);
}

}  // namespace smalldb::properties
