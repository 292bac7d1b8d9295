#include "properties/one_primary.h"

#include <algorithm>
#include <string>

#include "properties/output_rule.h"
#include "properties/words.h"

namespace smalldb::properties {

void OnePrimary::observe(const Observation& observation, const Mirror& mirror) {
  if (observation.kind == ObservationKind::answer_released) on_answer(observation, mirror);
  if (observation.kind == ObservationKind::epoch_granted) on_grant(observation, mirror);
  if (observation.kind == ObservationKind::epoch_started) on_epoch(observation, mirror);
}

// The epoch that counts is the one the node leads: the answer to a retry may carry the epoch of the first attempt.
void OnePrimary::on_answer(const Observation& answer, const Mirror& mirror) {
  has_subject();
  const Line line = mirror.led_by(answer.process);
  if (line == no_line) {
    violate(answer.time, "no epoch led", text(answer_of(answer), mirror) + ", which led no epoch",
            {answer.event, answer.since});
    return;
  }
  const Epoch epoch = mirror.epochs[line].epoch;
  bool known = false;
  for (const Acting& acting : acting_) {
    known = known || acting.epoch == epoch;
    if (acting.node == answer.process) continue;
    const std::string other(mirror.name(acting.node));
    if (acting.epoch == epoch) {
      violate(answer.time, "two answered in one epoch",
              text(answer_of(answer), mirror) + ", in " + text(epoch) + ", in which " + other + " had answered at " +
                  text(acting.at),
              {answer.event, acting.first_answer});
    } else if (acting.epoch > epoch && answer.since != sim::no_event && acting.first_answer < answer.since) {
      violate(answer.time, "a deposed primary answered",
              text(answer_of(answer), mirror) + ", in " + text(epoch) + "; " +
                  std::string(mirror.name(answer.process)) + " received that request after " + other +
                  " had answered in " + text(acting.epoch) + " at " + text(acting.at),
              {answer.event, answer.since, acting.first_answer});
    }
  }
  if (known) return;
  constexpr std::size_t acting_max = 32;
  if (acting_.size() == acting_max) acting_.erase(acting_.begin());
  acting_.push_back({epoch, answer.process, answer.event, answer.time});
}

void OnePrimary::on_grant(const Observation& granted, const Mirror& mirror) {
  for (const Grant& grant : mirror.epochs.grants()) {
    if (grant.epoch != granted.epoch || grant.directory == granted.directory) continue;
    violate(granted.time, "one epoch given to two",
            text(granted.epoch) + " was given to two directories; the second time " +
                std::string(mirror.name(granted.process)) + " was told, at " + text(granted.time),
            {grant.event, granted.event});
    return;
  }
}

void OnePrimary::on_epoch(const Observation& started, const Mirror& mirror) {
  const std::string who(mirror.name(started.process));
  for (Line line = mirror.epochs.count(); line-- > 0;) {
    const Tenure& other = mirror.epochs[line];
    if (line == started.line || other.epoch != started.epoch || other.durable == sim::no_event) continue;
    violate(started.time, "two began one epoch",
            who + " began " + text(started.epoch) + " at " + text(started.time) + ", which " +
                std::string(mirror.name(other.node)) + " had begun already",
            {other.durable, started.event});
    return;
  }
  if (!grants_are_seen(*mirror.cast) || mirror.epochs.grant(started.epoch, started.directory) != nullptr) return;
  violate(started.time, "an epoch that nobody gave",
          who + " began " + text(started.epoch) + " at " + text(started.time) + ", which nobody has given to it",
          {started.event});
}

}  // namespace smalldb::properties
