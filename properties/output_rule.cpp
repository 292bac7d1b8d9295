#include "properties/output_rule.h"

#include <algorithm>

#include "model/messages.h"
#include "model/record.h"
#include "properties/words.h"

namespace smalldb::properties {

namespace {

bool is_answer(const Observation& output) { return output.kind == ObservationKind::answer_released; }

std::string told(const Observation& output, const Mirror& mirror) {
  if (is_answer(output)) return text(answer_of(output), mirror);
  return std::string(mirror.name(output.process)) + " completed a checkpoint at " + text(output.time);
}

}  // namespace

void OutputRule::observe(const Observation& observation, const Mirror& mirror) {
  switch (observation.kind) {
    case ObservationKind::answer_released: return on_answer(observation, mirror);
    case ObservationKind::checkpoint_written: return on_checkpoint(observation, mirror);
    case ObservationKind::message_sent:
      if (const auto* welcome = std::get_if<Welcome>(&observation.message->body))
        on_welcome(observation, welcome->cut, mirror);
      return;
    default:
      if (observation.record != nullptr && !breaches_.empty()) on_record(observation, mirror);
  }
}

void OutputRule::on_answer(const Observation& answer, const Mirror& mirror) {
  const Line line = mirror.led_by(answer.process);
  if (line != no_line) return on_output(answer, line, mirror);
  violate(answer.time, "no epoch begun",
          text(answer_of(answer), mirror) + "; " + std::string(mirror.name(answer.process)) +
              " has begun no epoch durably since it started",
          {answer.event, answer.since});
}

void OutputRule::on_checkpoint(const Observation& checkpoint, const Mirror& mirror) {
  const Line line = mirror.led_by(checkpoint.process);
  const bool of_what_it_leads = checkpoint.line != no_line && mirror.line_at(line, checkpoint.lsn) == checkpoint.line;
  if (of_what_it_leads) return on_output(checkpoint, line, mirror);
  on_checkpoint_of_a_backup(checkpoint, mirror);
}

void OutputRule::on_checkpoint_of_a_backup(const Observation& checkpoint, const Mirror& mirror) {
  if (checkpoint.number == 0 || checkpoint.line == no_line) return;
  const Tenure& tenure = mirror.epochs[checkpoint.line];
  if (tenure.node == checkpoint.process || takes_over(checkpoint.process, tenure, mirror)) return;
  has_subject();
  for (const NodeLog& log : mirror.logs) {
    const bool is_own = &log == &mirror.log(checkpoint.process);
    if (!is_own && log.durable().covering(checkpoint.line, checkpoint.lsn) != nullptr) return;
  }
  violate(checkpoint.time, "durable nowhere else",
          told(checkpoint, mirror) + ", which rests on " + text(checkpoint.lsn) + " of " + text(tenure.epoch) +
              "; nobody else had made that durable, and what only a backup holds may have to be cut",
          {checkpoint.event});
}

// It goes on from all that it has, be it alone in that (F4): another epoch has been given to it, or may have been where
// nobody sees that.
bool OutputRule::takes_over(ProcessId node, const Tenure& from, const Mirror& mirror) {
  if (!grants_are_seen(*mirror.cast) || mirror.promoted_since(node, from.durable)) return true;
  const Line led = mirror.led_by(node);
  if (led != no_line && mirror.epochs[led].epoch > from.epoch) return true;
  return std::any_of(from.joins.begin(), from.joins.end(), [&](const Join& join) {
    return join.node == node && mirror.epochs.grant(from.epoch.next(), join.directory) != nullptr;
  });
}

void OutputRule::on_output(const Observation& output, Line line, const Mirror& mirror) {
  has_subject();
  const Tenure& tenure = mirror.epochs[line];
  const std::string_view primary = mirror.name(output.process);
  const NodeLog& log = mirror.log(output.process);
  // What a fault took after it was durable is not the primary's fault.
  const Line holder = mirror.line_at(line, output.lsn);
  if (log.durable_end() < output.lsn && log.durable().covering(holder, output.lsn) == nullptr) {
    violate(output.time, "not durable at the primary",
            told(output, mirror) + ", which rests on " + text(output.lsn) + "; what " + std::string(primary) +
                " had made durable then ends with " + text(log.durable_end()),
            {output.event, output.since});
    return;
  }
  const Join* join = tenure.join_at(output.lsn);
  if (join != nullptr && join->left.value == 0) {
    if (mirror.held_by(join->node, line, output.lsn) == nullptr) return without_backup(output, line, *join, mirror);
    if (out_.line != line || out_.position < output.lsn) out_ = {line, output.lsn, output.event};
    return;
  }
  if (!grants_are_seen(*mirror.cast) || mirror.epochs.grant(tenure.epoch, tenure.directory) != nullptr) return;
  violate(output.time, "alone without a grant",
          told(output, mirror) + "; " + std::string(primary) + " is alone in " + text(tenure.epoch) +
              ", which nobody has given to it",
          {output.event, output.since, tenure.durable});
}

void OutputRule::without_backup(const Observation& output, Line line, const Join& join, const Mirror& mirror) {
  const Tenure& tenure = mirror.epochs[line];
  const bool won_the_next = mirror.epochs.grant(tenure.epoch.next(), tenure.directory) != nullptr ||
                            mirror.promoted_since(output.process, tenure.durable);
  if (won_the_next) return;
  const bool durable = mirror.cast->acknowledge == Acknowledge::durable;
  const std::string witness = told(output, mirror) + "; the backup " + std::string(mirror.name(join.node)) +
                              (durable ? " had not made " : " had not received ") + text(output.lsn) +
                              (durable ? " durable, " : ", ") + "which that " +
                              (is_answer(output) ? "answer" : "checkpoint") + " rests on";
  const bool declared = join.declared.value != 0;
  if (declared && grants_are_seen(*mirror.cast)) {
    violate(output.time, "not at the backup", witness, {output.event, output.since});
    return;
  }
  const bool known = std::any_of(breaches_.begin(), breaches_.end(), [&](const Breach& breach) {
    return breach.line == line && breach.joining == join.joining && breach.declared == declared;
  });
  if (!known) breaches_.push_back({line, join.joining, declared, output.time, witness, output.event});
}

void OutputRule::on_welcome(const Observation& sent, Lsn cut, const Mirror& mirror) {
  const Line line = mirror.led_by(sent.process);
  if (line == no_line || line != out_.line || cut >= out_.position) return;
  const Join* join = mirror.epochs[line].join_at(out_.position);
  const bool is_in_sync =
      join != nullptr && join->node == sent.peer && join->declared.value != 0 && join->left.value == 0;
  if (!is_in_sync) return;
  violate(sent.time, "taken back with less",
          std::string(mirror.name(sent.process)) + " took " + std::string(mirror.name(sent.peer)) + " back at " +
              text(sent.time) + ", which holds its log up to " + text(cut) + "; an answer or a checkpoint rests on " +
              text(out_.position) + ", and nobody else has that",
          {out_.released, sent.event});
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
