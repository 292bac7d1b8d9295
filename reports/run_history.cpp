#include "reports/run_history.h"

#include <fmt/format.h>

#include <algorithm>
#include <ostream>
#include <string>
#include <utility>
#include <variant>

#include "model/client.h"
#include "model/messages.h"
#include "model/notes.h"
#include "properties/checker/formats/json_writer.h"
#include "properties/checker/history.h"
#include "properties/told.h"
#include "reports/sentences.h"
#include "scenarios/fault_grammar.h"

namespace smalldb::reports {
namespace {

using sim::EventKind;

std::string lane_name(std::string_view client, std::size_t lane) {
  return lane == 0 ? std::string(client) : fmt::format("{}/{}", client, lane + 1);
}

}  // namespace

RunHistory::RunHistory(std::ostream& out) : out_(out) {
  std::string line;
  checker::write_json_header(checker::History(), line);
  out_ << line;
}

void RunHistory::see(std::span<const sim::TraceEvent> events, std::span<const effect::Note> notes, const Names& names) {
  const auto mark = [&](checker::MarkLine kind, std::string_view text, const sim::TraceEvent& event) {
    std::string line;
    checker::write_json_mark(kind, text, static_cast<checker::Instant>(event.index), line);
    out_ << line;
  };
  for (const sim::TraceEvent& event : events) {
    switch (event.kind) {
      case EventKind::input: on_input(event); break;
      case EventKind::sent: on_sent(event, names); break;
      case EventKind::report: on_report(event, names); break;
      case EventKind::crashed:
      case EventKind::stopped: on_end_of_process(event, names); break;
      case EventKind::fault_injected:
      case EventKind::fault_ended: {
        const sim::Fault& fault = names.fault(sim::FaultId{static_cast<std::uint32_t>(event.a)});
        const bool begins = event.kind == EventKind::fault_injected,
                   is_instant = scenarios::is_over_at_once(fault.kind);
        if (!begins && is_instant) break;
        mark(is_instant ? checker::MarkLine::at
             : begins   ? checker::MarkLine::begins
                        : checker::MarkLine::ends,
             fault_text(fault, names), event);
        break;
      }
      case EventKind::note: {
        const effect::Note& note = notes[event.a];
        if (static_cast<NoteKind>(note.what) == NoteKind::took_over)
          mark(checker::MarkLine::at, note_text(note, event.process, names), event);
        break;
      }
      default: break;
    }
  }
}

void RunHistory::on_input(const sim::TraceEvent& event) {
  const auto invocation = decode_invocation(event.payload);
  if (!invocation) return;
  const auto of_process = static_cast<std::size_t>(event.process) + 1;
  users_.try_emplace(event.process, of_process).first->second.invoked(event.process, *invocation, event.index);
}

void RunHistory::on_sent(const sim::TraceEvent& event, const Names& names) {
  const auto users = users_.find(event.process);
  if (users == users_.end()) return;
  const auto message = decode_frame(event.payload);
  const auto* request = message ? std::get_if<RequestMessage>(&message->body) : nullptr;
  if (request == nullptr) return;
  const properties::Users::Operation* sent = users->second.sent(event.process, request->request, event.cause);
  if (sent == nullptr || sent->names.size() > 1) return;  // known, or sent again
  std::vector<Lane>& lanes = lanes_[event.process];
  auto lane = std::find_if(lanes.begin(), lanes.end(), [](const Lane& one) { return !one.taken; });
  if (lane == lanes.end()) lane = lanes.insert(lane, Lane{});
  *lane = {true, sent->invocation.number};

  checker::History history;
  const auto intern = [&](std::string_view bytes) { return history.value(bytes); };
  checker::Operation operation = properties::asked(sent->invocation, intern);
  operation.process =
      history.process(lane_name(names.process(event.process), static_cast<std::size_t>(lane - lanes.begin())));
  operation.key = history.key(sent->invocation.key.view());
  operation.invoked = static_cast<checker::Instant>(event.index);
  std::string line;
  checker::write_json_call(history, operation, line);
  out_ << line;
}

void RunHistory::on_report(const sim::TraceEvent& event, const Names& names) {
  const auto users = users_.find(event.process);
  const auto completion = decode_completion(event.payload);
  if (users == users_.end() || !completion) return;
  const auto done = users->second.completed(event.process, completion->number);
  if (!done || done->names.empty()) return;  // never sent: it says nothing of the store
  std::vector<Lane>& lanes = lanes_[event.process];
  const auto lane = std::find_if(lanes.begin(), lanes.end(),
                                 [&](const Lane& one) { return one.taken && one.number == completion->number; });
  if (lane == lanes.end()) return;
  lane->taken = false;

  checker::History history;
  const auto intern = [&](std::string_view bytes) { return history.value(bytes); };
  checker::Operation operation = properties::asked(done->invocation, intern);
  properties::answer(*completion, intern, operation);
  operation.process =
      history.process(lane_name(names.process(event.process), static_cast<std::size_t>(lane - lanes.begin())));
  std::string line;
  checker::write_json_return(history, operation, static_cast<checker::Instant>(event.index), line);
  out_ << line;
}

// What it had under way is of unknown outcome; it may begin anew.
void RunHistory::on_end_of_process(const sim::TraceEvent& event, const Names& names) {
  const auto users = users_.find(event.process);
  if (users == users_.end()) return;
  users->second.gone(event.process);
  std::vector<Lane>& lanes = lanes_[event.process];
  for (std::size_t n = 0; n < lanes.size(); ++n) {
    if (!std::exchange(lanes[n].taken, false)) continue;
    checker::History history;
    checker::Operation operation;
    operation.process = history.process(lane_name(names.process(event.process), n));
    operation.outcome = checker::Outcome::unknown;
    std::string line;
    checker::write_json_return(history, operation, static_cast<checker::Instant>(event.index), line);
    out_ << line;
  }
}

}  // namespace smalldb::reports
