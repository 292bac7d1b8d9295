#include "properties/flow_control.h"

#include <algorithm>
#include <string>
#include <variant>

#include "model/messages.h"
#include "model/record.h"
#include "properties/words.h"

namespace smalldb::properties {

void FlowControl::observe(const Observation& observation, const Mirror& mirror) {
  if (leads_.size() < mirror.logs.size()) {
    leads_.resize(mirror.logs.size());
    heard_.resize(mirror.logs.size());
  }
  const auto process = static_cast<std::size_t>(observation.process);
  switch (observation.kind) {
    case ObservationKind::record_written: on_written(observation, mirror); break;
    case ObservationKind::message_sent: on_sent(observation); break;
    case ObservationKind::message_delivered: on_delivered(observation, mirror); break;
    default:
      leads_[process] = {};
      heard_[process] = {};
      break;
  }
}

// A request for a session may bring the record before it, that makes room (S9).
std::uint64_t FlowControl::bytes_that_came_with_it(const Lead& lead, const Observation& written, const Mirror& mirror) {
  static const std::size_t makes_room = RecordBody(SessionsExpired{}).index() + 1;
  const Lsn before = written.lsn.previous();
  if (lead.waiting.empty() || lead.waiting.back().lsn != before) return 0;
  const LogEntry* const entry = mirror.log(written.process).entry(before);
  return entry != nullptr && entry->kind == makes_room ? lead.waiting.back().bytes : 0;
}

// A record is written after its request was taken, and acknowledgements can only have come since.
void FlowControl::on_written(const Observation& written, const Mirror& mirror) {
  Lead& lead = leads_[static_cast<std::size_t>(written.process)];
  if (mirror.led_by(written.process) != written.line) {  // it may copy what it wrote itself before its disk was lost
    if (lead.line != no_line) lead = {};
    return;
  }
  const Record* const record = written.record;
  if (record != nullptr && std::holds_alternative<BackupJoining>(record->body)) {
    const Heard& heard = heard_[static_cast<std::size_t>(written.process)];
    const bool is_of_now = heard.epoch == mirror.epochs[written.line].epoch;
    lead = {written.line, is_of_now ? heard.durable : Lsn{}, {}, 0};
  }
  const bool is_over = record != nullptr && std::holds_alternative<BackupLeft>(record->body);
  if (is_over || lead.line != written.line) lead = {};
  if (lead.line == no_line) return;
  const bool is_request = record == nullptr;
  if (is_request) has_subject();
  const std::uint64_t limit = mirror.cast->log_buffer_bytes;
  const std::uint64_t ahead = lead.bytes - bytes_that_came_with_it(lead, written, mirror);
  if (is_request && ahead >= limit) {
    violate(written.time, "ran ahead",
            std::string(mirror.name(written.process)) + " took the request of " + text(written.lsn) + ", written at " +
                text(written.time) + ", when its backup had not acknowledged " + std::to_string(ahead) +
                " bytes of log, with log_buffer_bytes " + std::to_string(limit),
            {written.event});
  }
  if (written.lsn <= lead.acknowledged) return;
  lead.waiting.push_back({written.lsn, written.b});
  lead.bytes += written.b;
}

// Who comes back and takes a snapshot is not behind by what it holds.
void FlowControl::on_sent(const Observation& sent) {
  if (std::holds_alternative<SnapshotChunk>(sent.message->body)) leads_[static_cast<std::size_t>(sent.process)] = {};
}

void FlowControl::on_delivered(const Observation& delivered, const Mirror& mirror) {
  Lead& lead = leads_[static_cast<std::size_t>(delivered.process)];
  const MessageBody& body = delivered.message->body;
  if (const auto* hello = std::get_if<Hello>(&body); hello != nullptr && lead.line != no_line) {
    return acknowledge(lead, hello->log_end);
  }
  const auto* const ack = std::get_if<Ack>(&body);
  const auto* const ready = std::get_if<Ready>(&body);
  if (ack == nullptr && ready == nullptr) return;
  const Lsn durable = ack != nullptr ? ack->durable : ready->end;
  Heard& heard = heard_[static_cast<std::size_t>(delivered.process)];
  if (heard.epoch != delivered.epoch) heard = {delivered.epoch, {}};
  heard.durable = std::max(heard.durable, durable);
  if (lead.line != no_line && delivered.epoch == mirror.epochs[lead.line].epoch) acknowledge(lead, durable);
}

void FlowControl::acknowledge(Lead& lead, Lsn lsn) {
  lead.acknowledged = std::max(lead.acknowledged, lsn);
  while (!lead.waiting.empty() && lead.waiting.front().lsn <= lead.acknowledged) {
    lead.bytes -= lead.waiting.front().bytes;
    lead.waiting.pop_front();
  }
}

}  // namespace smalldb::properties
