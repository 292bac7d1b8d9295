#include "properties/output_rule.h"

#include <algorithm>

#include "model/request.h"
#include "properties/words.h"

namespace smalldb::properties {

bool arbiter_is_seen(const Cast& cast) {
  return cast.arbiter_kind == ArbiterKind::tie_breaker || cast.arbiter_kind == ArbiterKind::shared_lock;
}

void OutputRule::observe(const Observation& observation, const Mirror& mirror) {
  if (observation.kind == ObservationKind::answer_released) {
    on_answer(observation, mirror);
  } else if (observation.record != nullptr && !breaches_.empty()) {
    on_record(observation, mirror);
  }
}

void OutputRule::on_answer(const Observation& answer, const Mirror& mirror) {
  const std::string_view primary = mirror.name(answer.process);
  const Line line = mirror.led_by(answer.process);
  if (line == no_line) {
    violate(answer.time,
            text(answer_of(answer), mirror) + "; " + std::string(primary) + " has begun no epoch durably since it started",
            {answer.event, answer.since});
    return;
  }
  const Tenure& tenure = mirror.epochs[line];
  const NodeLog& log = mirror.log(answer.process);
  if (log.durable_end() < answer.lsn) {
    violate(answer.time,
            text(answer_of(answer), mirror) + "; its own log is durable only up to " + text(log.durable_end()),
            {answer.event, answer.since});
    return;
  }
  const Join* join = tenure.join_at(answer.lsn);
  if (join != nullptr && join->left.value == 0) {
    const Milestones::Step* held = mirror.held_by(join->node, line, answer.lsn);
    if (held != nullptr) return;
    const std::string backup(mirror.name(join->node));
    const char* how = mirror.cast->acknowledge == Acknowledge::durable ? " has not made it durable" : " has not received it";
    const std::string witness = text(answer_of(answer), mirror) + "; the backup " + backup + how;
    if (join->declared.value != 0) {
      violate(answer.time, witness, {answer.event, answer.since});
    } else if (std::none_of(breaches_.begin(), breaches_.end(), [&](const Breach& breach) {
                 return breach.line == line && breach.joining == join->joining;
               })) {
      breaches_.push_back({line, join->joining, answer.time, witness, answer.event});
    }
    return;
  }
  if (arbiter_is_seen(*mirror.cast) && mirror.epochs.grant(tenure.epoch, tenure.directory) == nullptr) {
    violate(answer.time,
            text(answer_of(answer), mirror) + "; " + std::string(primary) + " is alone in " + text(tenure.epoch) +
                ", which the arbiter has not given to it",
            {answer.event, answer.since, tenure.durable});
  }
}

void OutputRule::on_record(const Observation& written, const Mirror& mirror) {
  if (const Record& record = *written.record; std::holds_alternative<BackupDeclared>(record.body)) {
    for (const Breach& breach : breaches_) {
      const Join* join = mirror.epochs[written.line].join_at(written.lsn);
      if (breach.line != written.line || join == nullptr || join->joining != breach.joining) continue;
      violate(breach.at, breach.witness + ", and was declared in sync by " + text(written.lsn) + " nevertheless",
              {breach.released, written.event});
      return;
    }
  } else if (std::holds_alternative<BackupLeft>(record.body) || std::holds_alternative<EpochStarted>(record.body)) {
    std::erase_if(breaches_, [&](const Breach& breach) {
      return mirror.epochs[breach.line].epoch < written.epoch || breach.line == written.line;
    });
  }
}

}  // namespace smalldb::properties
