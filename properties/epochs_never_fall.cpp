#include "properties/epochs_never_fall.h"

#include <algorithm>
#include <string>
#include <variant>

#include "model/messages.h"
#include "properties/words.h"

namespace smalldb::properties {

void EpochsNeverFall::observe(const Observation& observation, const Mirror& mirror) {
  if (shipped_.size() < mirror.logs.size()) shipped_.resize(mirror.logs.size());
  switch (observation.kind) {
    case ObservationKind::record_written: on_record(observation, mirror); break;
    case ObservationKind::epoch_started: on_epoch(observation, mirror); break;
    case ObservationKind::message_sent: on_sent(observation, mirror); break;
    case ObservationKind::process_started: shipped_[static_cast<std::size_t>(observation.process)] = {}; break;
    default: break;
  }
}

void EpochsNeverFall::on_record(const Observation& written, const Mirror& mirror) {
  const LogEntry* previous = mirror.log(written.process).entry(written.lsn.previous());
  if (previous == nullptr || mirror.epochs[previous->line].epoch <= written.epoch) return;
  violate(written.time, "in a log",
          std::string(mirror.name(written.process)) + " wrote " + text(written.lsn) + " of " + text(written.epoch) +
              " behind a record of " + text(mirror.epochs[previous->line].epoch) + " at " + text(written.time),
          {written.event});
}

void EpochsNeverFall::on_epoch(const Observation& started, const Mirror& mirror) {
  const auto before = std::find_if(began_.begin(), began_.end(),
                                   [&](const Began& began) { return began.directory == started.directory; });
  if (before == began_.end()) {
    began_.push_back({started.directory, started.epoch, started.event});
    return;
  }
  has_subject();
  if (before->epoch >= started.epoch) {
    violate(started.time, "of a directory",
            std::string(mirror.name(started.process)) + " began " + text(started.epoch) + " at " + text(started.time) +
                ", after " + text(before->epoch),
            {before->event, started.event});
  }
  *before = {started.directory, started.epoch, started.event};
}

void EpochsNeverFall::on_sent(const Observation& sent, const Mirror& mirror) {
  if (!std::holds_alternative<Records>(sent.message->body)) return;
  Shipped& shipped = shipped_[static_cast<std::size_t>(sent.process)];
  if (sent.epoch < shipped.epoch) {
    violate(sent.time, "in what is shipped",
            std::string(mirror.name(sent.process)) + " shipped records in " + text(sent.epoch) + " at " +
                text(sent.time) + ", after it had shipped some in " + text(shipped.epoch),
            {shipped.event, sent.event});
  }
  if (sent.epoch != shipped.epoch) shipped = {sent.epoch, sent.event};
}

}  // namespace smalldb::properties
