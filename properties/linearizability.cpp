#include "properties/linearizability.h"

#include <algorithm>
#include <utility>

#include "properties/data_text.h"
#include "properties/told.h"
#include "properties/words.h"

namespace smalldb::properties {

void Linearizability::observe(const Observation& observation, const Mirror& mirror) {
  switch (observation.kind) {
    case ObservationKind::operation_sent: return on_sent(observation);
    case ObservationKind::operation_completed: {
      const Completion& completion = *observation.completion;
      const std::size_t place = place_of({observation.process, completion.number});
      if (place != open_.size()) close(place, {completion, observation.time, observation.event}, mirror);
      return;
    }
    case ObservationKind::process_ended:
      for (std::size_t place = 0; place < open_.size();) {
        if (names_[place].client != observation.process) {
          ++place;
          continue;
        }
        close(place, {{names_[place].number}, observation.time, observation.event}, mirror);
      }
      return;
    default: return;
  }
}

std::size_t Linearizability::place_of(const Name& name) const {
  return static_cast<std::size_t>(std::find(names_.begin(), names_.end(), name) - names_.begin());
}

// The last one takes its place.
void Linearizability::close(std::size_t place, const Answer& answer, const Mirror& mirror) {
  on_completed(open_[place], answer, mirror);
  if (place + 1 != open_.size()) {
    open_[place] = std::move(open_.back());
    names_[place] = names_.back();
  }
  open_.pop_back();
  names_.pop_back();
  if (behind_.size() > 2 * behind_kept_ + 64) forget_judged();
}

void Linearizability::on_sent(const Observation& sent) {
  const Invocation& invocation = *sent.invocation;
  const Name name{sent.process, invocation.number};
  if (place_of(name) != open_.size()) return;  // once more
  checker::Operation operation = asked(invocation, [&](std::string_view bytes) { return stream_.value(bytes); });
  operation.key = keys_.try_emplace(invocation.key, static_cast<checker::KeyId>(keys_.size())).first->second;
  open_.emplace_back(sent, operation, stream_.invoke(operation));
  names_.push_back(name);
}

// What it writes has kept its number, since it may still be read.
checker::Operation Linearizability::told(const Open& open, const Completion& completion) {
  checker::Operation operation = open.operation;
  answer(
      completion, [&](std::string_view bytes) { return stream_.value(bytes); }, operation);
  return operation;
}

// `open` is over, and may be moved away.
void Linearizability::on_completed(Open& open, const Answer& answer, const Mirror& mirror) {
  if (violated()) return;
  if (is_word_of_the_store(answer.completion.outcome)) has_subject();
  if (!is_answer_to(open.invocation, answer.completion.outcome)) {
    return contradict({open, answer}, "no such answer", "no store answers so", mirror);
  }
  const bool is_well = stream_.complete(open.ticket, told(open, answer.completion));
  const bool waits = !is_well || stream_.is_behind(open.ticket.key);
  if (waits) behind_.push_back({std::move(open), answer});
  if (!is_well) explain(mirror);
}

// An answer waits for what was open when it came.
void Linearizability::forget_judged() {
  std::vector<std::pair<checker::KeyId, sim::EventIndex>> sent;
  for (const Open& open : open_) {
    if (stream_.is_behind(open.ticket.key)) sent.emplace_back(open.ticket.key, open.sent);
  }
  std::sort(sent.begin(), sent.end());
  std::erase_if(behind_, [&](const Answered& one) {
    const checker::KeyId key = one.open.ticket.key;
    const auto oldest = std::lower_bound(sent.begin(), sent.end(), std::pair(key, sim::EventIndex{}));
    return oldest == sent.end() || oldest->first != key || oldest->second >= one.answer.event;
  });
  behind_kept_ = behind_.size();
}

// If answers had to wait, it may be one of those that has no explanation.
void Linearizability::explain(const Mirror& mirror) {
  const auto is_culprit = [&](const Answered& one) { return stream_.is_culprit(one.open.ticket); };
  const auto found = std::find_if(behind_.rbegin(), behind_.rend(), is_culprit);
  if (found == behind_.rend()) {  // one that was explained until this last one came, and is not kept
    const std::string was = what_it_was(behind_.back().open.invocation.key);
    return contradict(behind_.back(), "a wrong answer", "no order explains it and all before it: " + was, mirror);
  }
  const Answered culprit = *found;
  const std::string was = what_it_was(culprit.open.invocation.key);
  if (!stream_.is_revision_wrong(told(culprit.open, culprit.answer.completion))) {
    return contradict(culprit, "a wrong answer", "no order explains it: " + was, mirror);
  }
  std::string claim;
  if (stream_.wrong_claim()) claim = sentence(*stream_.wrong_claim()) + ", and ";
  contradict(culprit, "a wrong revision", "no order explains its revision: " + claim + was, mirror);
}

// What is still open may have taken effect or not.
void Linearizability::finish(sim::Time at, const Mirror& mirror) {
  names_.clear();
  for (Open& open : std::exchange(open_, {})) {
    const std::uint64_t number = open.invocation.number;
    on_completed(open, {{number}, at}, mirror);
  }
  if (stream_.conclusion() == Conclusion::unknown) {
    doubt("the search for an order of the operations was given up: too many may have taken effect");
  }
}

void Linearizability::contradict(const Answered& culprit, const std::string& kind, const std::string& why,
                                 const Mirror& mirror) {
  const auto& [open, answer] = culprit;
  violate(answer.at, kind,
          "client " + std::string(mirror.name(open.client)) + " got " + text(answer.completion) + " for " +
              text(open.invocation) + " at " + text(answer.at) + " (sent at " + text(open.since) + "); " + why,
          {open.sent, answer.event});
}

std::string Linearizability::what_it_was(const Bytes& key) const {
  constexpr std::size_t states_shown = 4;
  const std::vector<checker::State>& states = stream_.contradiction()->states;
  std::string words = data_text(key.view()) + " was ";
  for (std::size_t i = 0; i < states.size() && i < states_shown; ++i) {
    if (i != 0) words += " or ";
    if (states[i].value == checker::ValueId::absent) {
      words += "absent";
      continue;
    }
    words += data_text(stream_.bytes(states[i].value));
    if (states[i].revision != checker::undetermined) {
      words += " (revision " + std::to_string(states[i].revision) + ")";
    }
  }
  if (states.size() > states_shown) words += " or another";
  return words;
}

}  // namespace smalldb::properties
