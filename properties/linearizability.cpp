#include "properties/linearizability.h"

#include <algorithm>
#include <utility>

#include "properties/told.h"
#include "properties/words.h"

namespace smalldb::properties {

void Linearizability::observe(const Observation& observation, const Mirror& mirror) {
  if (observation.kind == ObservationKind::operation_sent) {
    on_sent(observation);
    return;
  }
  const bool died = observation.kind == ObservationKind::process_ended;
  for (std::size_t i = 0; i < open_.size();) {
    const bool is_it = open_[i].client == observation.process &&
                       (died || open_[i].invocation.number == observation.completion->number);
    if (!is_it) {
      ++i;
      continue;
    }
    const Open open = std::move(open_[i]);
    open_.erase(open_.begin() + static_cast<std::ptrdiff_t>(i));
    on_completed(open, died ? Completion{open.invocation.number} : *observation.completion, observation, mirror);
  }
}

void Linearizability::on_sent(const Observation& sent) {
  const Invocation& invocation = *sent.invocation;
  const bool again = std::any_of(open_.begin(), open_.end(), [&](const Open& open) {
    return open.client == sent.process && open.invocation.number == invocation.number;
  });
  if (again) return;
  checker::Operation operation = asked(invocation, [&](std::string_view bytes) { return stream_.value(bytes); });
  operation.key = keys_.try_emplace(invocation.key, static_cast<checker::KeyId>(keys_.size())).first->second;
  open_.push_back({sent.process, invocation, sent.time, sent.event, stream_.invoke(operation)});
}

void Linearizability::on_completed(const Open& open, const Completion& completion, const Observation& by,
                                   const Mirror& mirror) {
  if (violated()) return;
  const auto intern = [&](std::string_view bytes) { return stream_.value(bytes); };
  checker::Operation operation = asked(open.invocation, intern);
  answer(completion, intern, operation);
  operation.key = open.ticket.key;
  const bool explained = is_answer_to(open.invocation, completion.outcome) && stream_.complete(open.ticket, operation);
  if (!explained) contradict(open, completion, by, mirror);
}

// What is still open may have taken effect or not.
void Linearizability::finish(sim::Time at, const Mirror& mirror) {
  Observation end;
  end.time = at;
  for (const Open& open : std::exchange(open_, {})) on_completed(open, {open.invocation.number}, end, mirror);
  if (stream_.conclusion() == Conclusion::unknown) {
    doubt("the search for an order of the operations was given up: too many may have taken effect");
  }
}

void Linearizability::contradict(const Open& open, const Completion& completion, const Observation& by,
                                 const Mirror& mirror) {
  std::string kind = "no such answer";
  std::string why = "no store answers so";
  if (stream_.contradiction() && stream_.contradiction()->by_revision) {
    kind = "a wrong revision";
    why = "no order explains its revision: ";
    if (stream_.wrong_claim()) why += sentence(*stream_.wrong_claim()) + ", and ";
    why += what_it_was(open.invocation.key);
  } else if (stream_.contradiction()) {
    kind = "a wrong answer";
    why = stream_.contradiction()->late ? "no order explains it, or an answer before it: " : "no order explains it: ";
    why += what_it_was(open.invocation.key);
  }
  violate(by.time, kind,
          "client " + std::string(mirror.name(open.client)) + " got " + text(completion) + " for " +
              text(open.invocation) + " at " + text(by.time) + " (sent at " + text(open.since) + "); " + why,
          {open.sent, by.event});
}

std::string Linearizability::what_it_was(const Bytes& key) const {
  constexpr std::size_t states_shown = 4;
  const std::vector<checker::State>& states = stream_.contradiction()->states;
  std::string words = shown(key.view()) + " was ";
  for (std::size_t i = 0; i < states.size() && i < states_shown; ++i) {
    if (i != 0) words += " or ";
    if (states[i].value == checker::ValueId::absent) {
      words += "absent";
      continue;
    }
    words += shown(stream_.bytes(states[i].value));
    if (states[i].revision != checker::undetermined) {
      words += " (revision " + std::to_string(states[i].revision) + ")";
    }
  }
  if (states.size() > states_shown) words += " or another";
  return words;
}

}  // namespace smalldb::properties
