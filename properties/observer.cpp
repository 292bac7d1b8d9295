#include "properties/observer.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "model/client.h"
#include "model/messages.h"
#include "model/operator_command.h"
#include "sim/fault.h"

namespace smalldb::properties {

using sim::EventKind;
using sim::TraceEvent;

Observer::Observer(Cast cast)
    : mirror_(std::move(cast)), followed_(mirror_.cast->size(), no_line), directories_(mirror_.cast->size()) {}

Observation Observer::begin(ObservationKind kind, const TraceEvent& event) const {
  Observation observation;
  observation.kind = kind;
  observation.process = event.process;
  observation.peer = event.peer;
  observation.event = event.index;
  observation.time = event.time;
  return observation;
}

void Observer::observe(const TraceEvent& event, const FileNames& files, Listener& listener) {
  listener_ = &listener;
  if (mirror_.cast->has(event.process)) mirror_.clocks.happened(event.process, event.index);
  switch (event.kind) {
    case EventKind::started:
    case EventKind::crashed:
    case EventKind::stopped:
    case EventKind::assertion_failed: on_process(event); break;
    case EventKind::input: on_input(event); break;
    case EventKind::report: on_report(event); break;
    case EventKind::note: on_note(event); break;
    case EventKind::sent: on_sent(event); break;
    case EventKind::replied: on_replied(event); break;
    case EventKind::received: on_received(event); break;
    case EventKind::closed:
    case EventKind::link_closed: on_closed(event); break;
    case EventKind::datagram_sent:
    case EventKind::datagram_received: on_datagram(event); break;
    case EventKind::disk_written: on_written(event, files); break;
    case EventKind::disk_synced:
    case EventKind::disk_directory_synced: on_synced(event, files); break;
    case EventKind::disk_read: on_read(event, files); break;
    case EventKind::disk_truncated:
    case EventKind::disk_removed:
    case EventKind::disk_name_lost:
    case EventKind::disk_kept:
    case EventKind::disk_lost: on_shrunk(event); break;
    case EventKind::disk_renamed: on_renamed(event); break;
    case EventKind::fault_injected:
    case EventKind::fault_took_effect:
    case EventKind::fault_ended: on_fault(event); break;
    case EventKind::paused:
    case EventKind::resumed:
    case EventKind::timer_fired:
    case EventKind::connecting:
    case EventKind::accepted:
    case EventKind::connected:
    case EventKind::refused:
    case EventKind::stream_lost:
    case EventKind::datagram_lost:
    case EventKind::disk_linked: break;
    case EventKind::disk_listed: on_listed(event); break;
    case EventKind::disk_failed: on_disk_failed(event, files); break;
  }
  listener_ = nullptr;
}

// ---- Processes and users -------------------------------------------------------------------------------------------

void Observer::on_process(const TraceEvent& event) {
  if (!mirror_.cast->has(event.process)) return;  // the server of the shared volume
  const std::size_t process = static_cast<std::size_t>(event.process);
  Observation observation = begin(ObservationKind::process_started, event);
  observation.text = event.payload.view();
  if (event.kind == EventKind::started) {
    mirror_.running[process] = true;
    mirror_.lives[process] = {event.index, sim::no_event};
    mirror_.logs[process].restarted();
    followed_[process] = no_line;
    directories_[process].reset();
    // Not before: a rename that was on its way may take effect in the crash.
    std::erase_if(making_, [&](const Making& making) { return making.node == event.process; });
  } else if (event.kind == EventKind::assertion_failed) {
    observation.kind = ObservationKind::assertion_failed;
  } else {
    observation.kind = ObservationKind::process_ended;
    observation.a = event.kind == EventKind::crashed ? 1 : 0;
    mirror_.running[process] = false;
    const bool was_told_to = event.kind == EventKind::stopped && event.payload.empty();
    mirror_.lives[process].ended = event.index;
    if (was_told_to) mirror_.left[process] = mirror_.lives[process];
    streams_.gone(event.process);
    std::erase_if(waiting_, [&](const Waiting& waiting) { return waiting.node == event.process; });
    mirror_.users.gone(event.process);
  }
  mirror_.leads[process] = no_line;
  mirror_.asks_for_an_epoch[process] = false;
  mirror_.waits_for_operator[process] = false;
  tell(observation);
}

void Observer::on_note(const TraceEvent& event) {
  Observation noted = begin(ObservationKind::noted, event);
  noted.a = event.b & 0xffff;
  noted.b = event.b >> 16;
  noted.text = event.payload.view();
  take_note(event.process, static_cast<NoteKind>(noted.a));
  tell(noted);
}

void Observer::take_note(ProcessId process, NoteKind kind) {
  const bool asks = kind == NoteKind::claim_sent;
  const bool is_told = kind == NoteKind::claim_won || kind == NoteKind::claim_lost;
  if (asks || is_told) mirror_.asks_for_an_epoch[static_cast<std::size_t>(process)] = asks;
  const bool waits = kind == NoteKind::waits_for_operator;
  const bool goes_on = is_told || kind == NoteKind::needs_no_operator || kind == NoteKind::stopped;
  if (waits || goes_on) mirror_.waits_for_operator[static_cast<std::size_t>(process)] = waits;
}

void Observer::on_input(const TraceEvent& event) {
  if (mirror_.cast->is(event.process, Part::node)) {
    const bool manual = mirror_.cast->arbiter_kind == ArbiterKind::manual;
    if (manual && decode_operator_command(event.payload.view()) == OperatorCommand::promote) {
      mirror_.promoted[static_cast<std::size_t>(event.process)] = event.index;
      mirror_.waits_for_operator[static_cast<std::size_t>(event.process)] = false;
    }
    return;
  }
  const std::optional<Invocation> invocation = decode_invocation(event.payload);
  if (!invocation) return;
  mirror_.users.invoked(event.process, *invocation, event.index);
  Observation observation = begin(ObservationKind::operation_invoked, event);
  observation.invocation = &*invocation;
  tell(observation);
}

void Observer::on_report(const TraceEvent& event) {
  if (!mirror_.cast->is(event.process, Part::client)) return;
  const std::optional<Completion> completion = decode_completion(event.payload);
  if (!completion) return;
  Observation observation = begin(ObservationKind::operation_completed, event);
  observation.completion = &*completion;
  if (const auto operation = mirror_.users.completed(event.process, completion->number))
    observation.since = operation->invoked;
  tell(observation);
}

// ---- Messages ------------------------------------------------------------------------------------------------------

void Observer::on_sent(const TraceEvent& event) {
  std::optional<Message> message = decode_frame(event.payload);
  if (!message) return;
  Observation observation = begin(ObservationKind::message_sent, event);
  observation.epoch = message->epoch;
  observation.message = &*message;
  if (const auto* verdict = std::get_if<smalldb::Verdict>(&message->body);
      verdict != nullptr && mirror_.cast->is(event.process, Part::arbiter)) {
    tell_granted(event, verdict->claimed, verdict->winner);
  }
  tell(observation);
  if (const auto* request = std::get_if<RequestMessage>(&message->body)) tell_operation(event, request->request);
  streams_.sent(event, std::move(*message), mirror_.clocks.of(event.process));
}

void Observer::tell_operation(const TraceEvent& event, const Request& request) {
  const Users::Operation* operation = mirror_.users.sent(event.process, request, event.cause);
  if (operation == nullptr) return;
  Observation sent = begin(ObservationKind::operation_sent, event);
  sent.invocation = &operation->invocation;
  sent.session = request.session;
  sent.number = request.number;
  tell(sent);
}

void Observer::on_replied(const TraceEvent& event) {
  std::optional<Message> message = decode_frame(event.payload);
  if (!message || !std::holds_alternative<ResponseMessage>(message->body)) return;
  const Response& response = std::get<ResponseMessage>(message->body).response;
  Observation observation =
      begin(is_refusal(response.status) ? ObservationKind::refusal_released : ObservationKind::answer_released, event);
  observation.epoch = response.epoch;
  observation.lsn = response.position;
  observation.session = response.session;
  observation.number = response.number;
  observation.response = &response;
  const auto waiting = std::find_if(waiting_.begin(), waiting_.end(), [&](const Waiting& request) {
    return request.connection == event.a && request.node == event.process &&
           request.request.session == response.session && request.request.number == response.number;
  });
  if (waiting != waiting_.end()) {
    observation.since = waiting->received;
    observation.request = &waiting->request;
  }
  tell(observation);
  if (waiting != waiting_.end()) waiting_.erase(waiting);
  streams_.sent(event, std::move(*message), mirror_.clocks.of(event.process));
}

void Observer::on_received(const TraceEvent& event) {
  while (const InFlight* arrived = streams_.delivered(event.a, event.peer, event.b + event.payload.size())) {
    on_delivered(event, *arrived);
  }
}

void Observer::on_delivered(const TraceEvent& event, const InFlight& arrived) {
  mirror_.clocks.hears(event.process, arrived.clock);
  const Message& message = arrived.message;
  Observation observation = begin(ObservationKind::message_delivered, event);
  observation.epoch = message.epoch;
  observation.message = &message;
  observation.since = arrived.sent;
  if (const auto* request = std::get_if<RequestMessage>(&message.body)) {
    observation.kind = ObservationKind::request_received;
    waiting_.push_back({event.a, event.process, request->request, event.index});
  } else if (const auto* answer = std::get_if<ResponseMessage>(&message.body)) {
    if (is_refusal(answer->response.status)) return;
    observation.kind = ObservationKind::answer_delivered;
    observation.epoch = answer->response.epoch;
    observation.lsn = answer->response.position;
    observation.session = answer->response.session;
    observation.number = answer->response.number;
    observation.response = &answer->response;
  } else if (std::holds_alternative<Records>(message.body)) {
    followed_[static_cast<std::size_t>(event.process)] = mirror_.epochs.latest(message.epoch);
    take_received(event.process, message, event.index);
  } else if (std::holds_alternative<SnapshotChunk>(message.body)) {
    followed_[static_cast<std::size_t>(event.process)] = mirror_.epochs.latest(message.epoch);
  }
  tell(observation);
}

void Observer::take_received(ProcessId node, const Message& message, sim::EventIndex event) {
  if (mirror_.cast->acknowledge != Acknowledge::received) return;
  std::string_view rest = std::get<Records>(message.body).bytes.view();
  while (const auto header = decode_header(rest)) {
    if (header->record_size() > rest.size()) return;
    rest.remove_prefix(header->record_size());
    const Line line = mirror_.epochs.latest(header->epoch);
    Milestones& received = mirror_.received[static_cast<std::size_t>(node)];
    // A node that lost its disk is sent again what it had received before.
    if (line != no_line && received.covering(line, header->lsn) == nullptr) {
      received.reach({line, header->lsn, event});
    }
  }
}

void Observer::on_closed(const TraceEvent& event) {
  streams_.closed(event.a, event.process);
  std::erase_if(waiting_,
                [&](const Waiting& waiting) { return waiting.connection == event.a && waiting.node == event.process; });
}

void Observer::on_datagram(const TraceEvent& event) {
  if (event.kind == EventKind::datagram_received) {
    const Clocks::Clock* clock = datagrams_.find(event.peer, event.process, event.a);
    if (clock != nullptr) mirror_.clocks.hears(event.process, *clock);
    return;
  }
  datagrams_.sent(event.process, event.peer, event.a, mirror_.clocks.of(event.process));
  const std::optional<Message> message = decode_frame(event.payload);
  if (!message) return;
  Observation observation = begin(ObservationKind::message_sent, event);
  observation.epoch = message->epoch;
  observation.message = &*message;
  tell(observation);
}

void Observer::tell_granted(const TraceEvent& event, Epoch epoch, DirectoryId directory) {
  mirror_.epochs.granted({epoch, directory, event.index, event.process});
  Observation granted = begin(ObservationKind::epoch_granted, event);
  if (mirror_.cast->is(event.process, Part::arbiter)) std::swap(granted.process, granted.peer);
  granted.epoch = epoch;
  granted.directory = directory;
  tell(granted);
}

void Observer::on_fault(const TraceEvent& event) {
  Observation fault = begin(event.kind == EventKind::fault_injected      ? ObservationKind::fault_injected
                            : event.kind == EventKind::fault_took_effect ? ObservationKind::fault_took_effect
                                                                         : ObservationKind::fault_ended,
                            event);
  fault.a = event.a;
  fault.b = event.b;
  const auto kind = static_cast<sim::FaultKind>(event.b);
  const bool replaces = kind == sim::FaultKind::wiped_disk || kind == sim::FaultKind::old_disk;
  if (replaces && event.kind != EventKind::fault_ended && mirror_.cast->is(event.process, Part::node) &&
      !mirror_.running[static_cast<std::size_t>(event.process)]) {
    log(event.process).replaced();
  }
  tell(fault);
}

}  // namespace smalldb::properties
