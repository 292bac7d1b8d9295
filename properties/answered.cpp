#include "properties/answered.h"

#include <algorithm>
#include <string>
#include <utility>

#include "properties/words.h"

namespace smalldb::properties {
namespace {

bool asks_the_same(Invocation one, const Invocation& other) {
  one.number = other.number;
  return one == other;
}

}  // namespace

void Answered::observe(const Observation& observation, const Mirror& mirror) {
  if (observation.kind == ObservationKind::operation_invoked) {
    on_invoked(observation);
  } else if (observation.kind == ObservationKind::operation_completed) {
    on_completed(observation, mirror);
  } else {
    std::erase_if(open_, [&](const auto& open) { return open.first.first == observation.process; });
    std::erase_if(told_nothing_, [&](const auto& open) { return open.first == observation.process; });
  }
}

void Answered::on_invoked(const Observation& invoked) {
  Open open{*invoked.invocation, invoked.time, invoked.event};
  const auto before = std::find_if(told_nothing_.begin(), told_nothing_.end(), [&](const auto& other) {
    return other.first == invoked.process && asks_the_same(other.second.invocation, open.invocation);
  });
  if (before != told_nothing_.end()) {
    open.since = before->second.since;
    open.event = before->second.event;
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
  const auto what = [&] {
    return "client " + std::string(mirror.name(completed.process)) + "'s " + text(open.invocation) + ", invoked at " +
           text(open.since);
  };
  if (completed.time > due(open)) {
    violate(
        completed.time, "late",
        what() + ", was answered at " + text(completed.time) + ", " + text(completed.time - due(open)) + " too late",
        {open.event, completed.event});
  } else if (completed.completion->outcome == Outcome::unknown && open.since >= *healed_ + bound_) {
    violate(completed.time, "of unknown outcome",
            what() + ", when all had been whole since " + text(*healed_) + ", got no answer",
            {open.event, completed.event});
  } else if (completed.completion->outcome == Outcome::unknown || completed.completion->outcome == Outcome::failed) {
    told_nothing_.emplace_back(completed.process, open);
  }
}

void Answered::finish(sim::Time at, const Mirror& mirror) {
  if (!healed_) {
    doubt("the world was not healed before the run ended");
    return;
  }
  for (const auto& [key, open] : open_) {
    const std::string what = "client " + std::string(mirror.name(key.first)) + "'s " + text(open.invocation) +
                             ", invoked at " + text(open.since) + ", was not answered by " + text(at);
    if (due(open) <= at) {
      violate(at, "never", what + " though all had been whole since " + text(*healed_), {open.event});
      return;
    }
    doubt(what + ", when the run ended; it had until " + text(due(open)));
  }
}

}  // namespace smalldb::properties
