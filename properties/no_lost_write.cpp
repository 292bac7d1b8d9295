#include "properties/no_lost_write.h"

#include <algorithm>

namespace smalldb::properties {
namespace {

// The log of `node` holds the record of `line` at `position`, or a checkpoint that includes it.
bool holds(const Mirror& mirror, std::size_t node, Line line, Lsn position) {
  const NodeLog& log = mirror.logs[node];
  const LogEntry* entry = log.entry(position);  // perhaps of a log that a snapshot is just replacing
  if (entry != nullptr && entry->line == line) return true;
  if (log.reading_back() && log.durable().covering(line, position) != nullptr) return true;
  const NodeLog::Checkpoint* checkpoint = log.checkpoint();
  if (checkpoint != nullptr && position <= checkpoint->lsn && mirror.line_at(checkpoint->line, position) == line) {
    return true;
  }
  return position < log.first() && log.end() >= position && mirror.line_at(log.head(), position) == line;
}

bool somebody_holds(const Mirror& mirror, Line line, Lsn position) {
  for (std::size_t node = 0; node < mirror.logs.size(); ++node) {
    if (holds(mirror, node, line, position)) return true;
  }
  return false;
}

}  // namespace

void NoLostWrite::observe(const Observation& observation, const Mirror& mirror) {
  if (observation.kind == ObservationKind::answer_released) on_answer(observation, mirror);
  if (observation.kind == ObservationKind::epoch_started) on_epoch(observation, mirror);
  if (observation.kind == ObservationKind::log_cut) on_cut(observation, mirror);
}

void NoLostWrite::on_answer(const Observation& released, const Mirror& mirror) {
  const Line line = mirror.line_at(mirror.led_by(released.process), released.lsn);
  if (line == no_line) return;
  const auto known = std::find_if(released_.rbegin(), released_.rend(),
                                  [&](const Furthest& furthest) { return furthest.line == line; });
  if (known == released_.rend()) {
    released_.push_back({line, answer_of(released)});
  } else if (known->answer.position < released.lsn) {
    known->answer = answer_of(released);
  } else {
    return;
  }
  const Epoch epoch = mirror.epochs[line].epoch;
  for (Line later = mirror.epochs.count(); later-- > 0;) {
    const Tenure& tenure = mirror.epochs[later];
    if (tenure.epoch <= epoch || tenure.durable == sim::no_event) continue;
    if (mirror.epochs.contains(later, line, released.lsn)) continue;
    violate(released.time, "answered after an epoch had begun without it",
            text(answer_of(released), mirror) + ", which rests on " + text(released.lsn) + "; " + text(mirror, later) +
                " had begun without that record",
            {released.event, tenure.durable});
    return;
  }
}

void NoLostWrite::on_epoch(const Observation& started, const Mirror& mirror) {
  for (const Furthest& furthest : released_) {
    const Tenure& old = mirror.epochs[furthest.line];
    const bool began_again =
        old.epoch == started.epoch && old.directory == started.directory && furthest.line != started.line;
    if (old.epoch >= started.epoch && !began_again) continue;
    has_subject();
    if (mirror.epochs.contains(started.line, furthest.line, furthest.answer.position)) continue;
    violate(started.time, "an epoch began without it",
            text(furthest.answer, mirror) + ", which rests on " + text(furthest.answer.position) + "; at " +
                text(started.time) + " " + std::string(mirror.name(started.process)) + " began " + text(started.epoch) +
                " with a " + text(started.lsn) + " of its own, without it",
            {furthest.answer.event, started.event});
    return;
  }
}

void NoLostWrite::on_cut(const Observation& cut, const Mirror& mirror) {
  const Line first_dropped = static_cast<Line>(cut.b);
  for (const Furthest& furthest : released_) {
    has_subject();
    const Lsn position = furthest.answer.position;
    if (position <= cut.lsn || mirror.line_at(furthest.line, cut.lsn.next()) != first_dropped) continue;
    // The furthest may have been beyond what this node held; the first one dropped was not.
    if (somebody_holds(mirror, furthest.line, position) || position.value > cut.lsn.value + cut.a) continue;
    violate(cut.time, "cut, and nobody else holds it",
            text(furthest.answer, mirror) + ", which rests on " + text(position) + "; at " + text(cut.time) + " " +
                std::string(mirror.name(cut.process)) + " cut its log back to " + text(cut.lsn) +
                ", and nobody else holds it",
            {furthest.answer.event, cut.event});
    return;
  }
}

void NoLostWrite::finish(sim::Time, const Mirror& mirror) {
  for (const Furthest& furthest : released_) {
    if (somebody_holds(mirror, furthest.line, furthest.answer.position)) continue;
    doubt(text(furthest.answer, mirror) + ", which rests on " + text(furthest.answer.position) +
          "; when the run ended, no disk that is left held it");
    return;
  }
}

}  // namespace smalldb::properties
