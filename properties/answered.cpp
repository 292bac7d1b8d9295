#include "properties/answered.h"

#include <algorithm>
#include <string>
#include <utility>

#include "properties/told.h"
#include "properties/words.h"

namespace smalldb::properties {
namespace {

bool asks_the_same(Invocation one, const Invocation& other) {
  one.number = other.number;
  return one == other;
}

std::string words(const Mirror& mirror, ProcessId client, const Invocation& invocation, sim::Time since) {
  return "client " + std::string(mirror.name(client)) + "'s " + text(invocation) + ", invoked at " + text(since);
}

}  // namespace

void Answered::observe(const Observation& observation, const Mirror& mirror) {
  if (observation.kind == ObservationKind::operation_invoked) {
    on_invoked(observation);
  } else if (observation.kind == ObservationKind::operation_completed) {
    on_completed(observation, mirror);
  } else {
    std::erase_if(open_, [&](const auto& open) { return open.first.first == observation.process; });
    std::erase_if(told_nothing_, [&](const ToldNothing& one) { return one.client == observation.process; });
  }
}

void Answered::on_invoked(const Observation& invoked) {
  Open open{*invoked.invocation, invoked.time, invoked.event, invoked.time};
  const auto before = std::find_if(told_nothing_.begin(), told_nothing_.end(), [&](const ToldNothing& other) {
    return other.client == invoked.process && asks_the_same(other.open.invocation, open.invocation);
  });
  if (before != told_nothing_.end()) {
    const Duration has_waited = before->told - std::max(before->open.counts_from, *healed_);
    open.counts_from = invoked.time + (Duration{} - has_waited);
    open.since = before->open.since;
    open.event = before->open.event;
    told_nothing_.erase(before);
  }
  open_.insert_or_assign({invoked.process, open.invocation.number}, std::move(open));
}

void Answered::on_completed(const Observation& completed, const Mirror& mirror) {
  const auto found = open_.find({completed.process, completed.completion->number});
  if (found == open_.end()) return;
  const Open open = std::move(found->second);
  open_.erase(found);
  if (!healed_) return;
  const Outcome outcome = completed.completion->outcome;
  const bool is_answered = is_word_of_the_store(outcome);
  if (completed.time > due(open)) {
    const std::string what = words(mirror, completed.process, open.invocation, open.since);
    const std::string when = text(completed.time) + ", " + text(completed.time - due(open));
    const std::initializer_list<sim::EventIndex> events = {open.event, completed.event};
    if (is_answered)
      violate(completed.time, "late", what + ", was answered at " + when + " too late", events);
    else
      blame(mirror, completed.time, "never", what + ", was given up at " + when + " after its answer was due", events);
  } else if (is_answered) {
    has_subject();
  } else {
    told_nothing_.push_back({completed.process, open, outcome, completed.event, completed.time});
  }
}

void Answered::blame(const Mirror& mirror, sim::Time at, std::string kind, const std::string& what,
                     std::initializer_list<sim::EventIndex> events) {
  if (mirror.waiting_for_operator() == no_process)
    violate(at, std::move(kind), what, events);
  else
    doubt(what + "; " + awaited_operator(mirror));
}

void Answered::finish(sim::Time at, const Mirror& mirror) {
  if (!healed_) {
    doubt("the world was not healed before the run ended");
    return;
  }
  for (const auto& [key, open] : open_) {
    const std::string what =
        words(mirror, key.first, open.invocation, open.since) + ", was not answered by " + text(at);
    if (due(open) <= at) {
      return blame(mirror, at, "never", what + " though all had been whole since " + text(*healed_), {open.event});
    }
    doubt(what + ", when the run ended; it had until " + text(due(open)));
  }
  for (const auto& [client, open, outcome, event, told] : told_nothing_) {
    if (outcome != Outcome::unknown || open.since < *healed_ + bound_) continue;
    return blame(mirror, at, "of unknown outcome",
                 words(mirror, client, open.invocation, open.since) + ", when all had been whole since " +
                     text(*healed_) + ", got no answer",
                 {open.event, event});
  }
  if (!verdict().had_subject) doubt("nobody was answered after the healing, and nobody was owed an answer by the end");
}

}  // namespace smalldb::properties
