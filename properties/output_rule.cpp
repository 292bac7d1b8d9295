#include "properties/output_rule.h"

#include <algorithm>

#include "model/record.h"
#include "properties/words.h"

namespace smalldb::properties {

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
    violate(
        answer.time, "no epoch begun",
        text(answer_of(answer), mirror) + "; " + std::string(primary) + " has begun no epoch durably since it started",
        {answer.event, answer.since});
    return;
  }
  const Tenure& tenure = mirror.epochs[line];
  const NodeLog& log = mirror.log(answer.process);
  // What a fault took after it was durable is not the primary's fault.
  const Line holder = mirror.line_at(line, answer.lsn);
  if (log.durable_end() < answer.lsn && log.durable().covering(holder, answer.lsn) == nullptr) {
    violate(answer.time, "not durable at the primary",
            text(answer_of(answer), mirror) + ", which rests on " + text(answer.lsn) + "; what " +
                std::string(primary) + " had made durable then ends with " + text(log.durable_end()),
            {answer.event, answer.since});
    return;
  }
  const Join* join = tenure.join_at(answer.lsn);
  if (join != nullptr && join->left.value == 0) {
    if (mirror.held_by(join->node, line, answer.lsn) == nullptr) without_backup(answer, line, *join, mirror);
    return;
  }
  if (!grants_are_seen(*mirror.cast) || mirror.epochs.grant(tenure.epoch, tenure.directory) != nullptr) return;
  violate(answer.time, "alone without a grant",
          text(answer_of(answer), mirror) + "; " + std::string(primary) + " is alone in " + text(tenure.epoch) +
              ", which nobody has given to it",
          {answer.event, answer.since, tenure.durable});
}

void OutputRule::without_backup(const Observation& answer, Line line, const Join& join, const Mirror& mirror) {
  const Tenure& tenure = mirror.epochs[line];
  const bool won_the_next = mirror.epochs.grant(tenure.epoch.next(), tenure.directory) != nullptr ||
                            mirror.promoted_since(answer.process, tenure.durable);
  if (won_the_next) return;
  const char* how = mirror.cast->acknowledge == Acknowledge::durable ? " had not made " : " had not received ";
  const std::string witness =
      text(answer_of(answer), mirror) + "; the backup " + std::string(mirror.name(join.node)) + how + text(answer.lsn) +
      (mirror.cast->acknowledge == Acknowledge::durable ? " durable, " : ", ") + "which that answer rests on";
  const bool declared = join.declared.value != 0;
  if (declared && grants_are_seen(*mirror.cast)) {
    violate(answer.time, "not at the backup", witness, {answer.event, answer.since});
    return;
  }
  const bool known = std::any_of(breaches_.begin(), breaches_.end(), [&](const Breach& breach) {
    return breach.line == line && breach.joining == join.joining && breach.declared == declared;
  });
  if (!known) breaches_.push_back({line, join.joining, declared, answer.time, witness, answer.event});
}

void OutputRule::on_record(const Observation& written, const Mirror& mirror) {
  const RecordBody& body = written.record->body;
  if (std::holds_alternative<BackupDeclared>(body)) {
    const Join* join = mirror.epochs[written.line].join_at(written.lsn);
    for (const Breach& breach : breaches_) {
      if (breach.line != written.line || join == nullptr || join->joining != breach.joining || breach.declared)
        continue;
      violate(breach.at, "not at a backup that was joining",
              breach.witness + ", and was declared in sync by " + text(written.lsn) + " nevertheless",
              {breach.released, written.event});
      return;
    }
  } else if (std::holds_alternative<BackupLeft>(body)) {
    std::erase_if(breaches_, [&](const Breach& breach) { return breach.line == written.line && !breach.declared; });
  } else if (const auto* started = std::get_if<EpochStarted>(&body)) {
    std::erase_if(breaches_, [&](const Breach& breach) {
      const Tenure& tenure = mirror.epochs[breach.line];
      return tenure.epoch < written.epoch && (!breach.declared || tenure.directory == started->primary);
    });
  }
}

void OutputRule::finish(sim::Time, const Mirror&) {
  for (const Breach& breach : breaches_) {
    if (breach.declared) violate(breach.at, "not at the backup", breach.witness, {breach.released});
  }
}

}  // namespace smalldb::properties
