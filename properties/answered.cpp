#include "properties/answered.h"

#include <string>
#include <utility>

#include "properties/words.h"

namespace smalldb::properties {

void Answered::observe(const Observation& observation, const Mirror& mirror) {
  if (observation.kind == ObservationKind::operation_invoked) {
    const Invocation& invocation = *observation.invocation;
    open_.insert_or_assign({observation.process, invocation.number},
                           Open{invocation, observation.time, observation.event});
  } else if (observation.kind == ObservationKind::operation_completed) {
    on_completed(observation, mirror);
  } else {
    std::erase_if(open_, [&](const auto& open) { return open.first.first == observation.process; });
  }
}

void Answered::on_completed(const Observation& completed, const Mirror& mirror) {
  const auto found = open_.find({completed.process, completed.completion->number});
  if (found == open_.end()) return;
  const Open open = std::move(found->second);
  open_.erase(found);
  if (!healed_) return;
  const std::string what = "client " + std::string(mirror.name(completed.process)) + "'s " + text(open.invocation) +
                           ", invoked at " + text(open.since);
  if (completed.time > due(open)) {
    violate(completed.time, "late",
            what + ", was answered at " + text(completed.time) + ", " + text(completed.time - due(open)) + " too late",
            {open.event, completed.event});
  } else if (completed.completion->outcome == Outcome::unknown && open.since >= *healed_ + bound_) {
    violate(completed.time, "of unknown outcome",
            what + ", when all had been whole since " + text(*healed_) + ", got no answer",
            {open.event, completed.event});
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
