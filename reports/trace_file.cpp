#include "reports/trace_file.h"

#include <nlohmann/json.hpp>
#include <ostream>
#include <string>
#include <string_view>

#include "model/messages.h"
#include "model/notes.h"
#include "model/operator_command.h"
#include "reports/spoken_json.h"
#include "reports/words.h"
#include "sim/listing.h"

namespace smalldb::reports {
namespace {

using Json = nlohmann::ordered_json;

void add_bytes(Json& line, const Bytes& bytes) {
  line["size"] = bytes.size();
  line["bytes"] = hexadecimal(bytes.view());
}

// What the bytes say, where they are one whole message.
void add_message(Json& line, const Bytes& bytes, const Names& names) {
  add_bytes(line, bytes);
  if (const auto message = decode_frame(bytes)) line["message"] = message_json(*message, names);
}

void add_text(Json& line, const Bytes& text) { line["text"] = text.view(); }

void add_stream(Json& line, const sim::TraceEvent& event) {
  line["link"] = static_cast<std::uint64_t>(event.link);
  line["connection"] = event.a;
}

void add_file(Json& line, const sim::TraceEvent& event, const Names& names) {
  if (event.volume == Volume::shared) line["volume"] = "shared";
  if (event.file != sim::no_file) line["file"] = names.file(event.file);
}

void add_note(Json& line, const effect::Note& note) {
  line["note"] = name(static_cast<NoteKind>(note.what));
  line["role"] = name(static_cast<Role>(note.role));
  line["epoch"] = note.epoch;
  line["position"] = note.position;
  line["a"] = note.a;
  line["b"] = note.b;
  if (static_cast<NoteKind>(note.what) == NoteKind::ignored) {
    line["reason"] = name(static_cast<IgnoreReason>(note.a));
    line["message"] = message_names()[note.b];
  }
  if (!note.text.empty()) add_text(line, note.text);
}

void add_process_fields(Json& line, const sim::TraceEvent& event, std::span<const effect::Note> notes) {
  switch (event.kind) {
    using enum sim::EventKind;
    case started:
    case crashed: line["incarnation"] = event.a; break;
    case sim::EventKind::stopped:
      line["incarnation"] = event.a;
      add_text(line, event.payload);
      break;
    case timer_fired: line["timer"] = event.a; break;
    case input:
      line["number"] = event.a;
      add_bytes(line, event.payload);
      if (const auto command = decode_operator_command(event.payload.view())) {
        line["command"] = name(*command);
      } else if (const auto invocation = decode_invocation(event.payload)) {
        line["operation"] = invocation_json(*invocation);
      }
      break;
    case report:
      line["number"] = event.a;
      add_bytes(line, event.payload);
      if (const auto completion = decode_completion(event.payload)) {
        line["completion"] = completion_json(*completion);
      }
      break;
    case note:
      if (event.a < notes.size()) add_note(line, notes[event.a]);
      break;
    case assertion_failed: add_text(line, event.payload); break;
    default: break;
  }
}

void add_network_fields(Json& line, const sim::TraceEvent& event, const Names& names) {
  switch (event.kind) {
    using enum sim::EventKind;
    case connecting:
    case accepted:
    case connected:
      add_stream(line, event);
      line["port"] = word(static_cast<Port>(event.b));
      break;
    case refused:
      line["connection"] = event.a;
      line["port"] = word(static_cast<Port>(event.b));
      break;
    case closed:
      add_stream(line, event);
      line["reason"] = word(static_cast<CloseReason>(event.b));
      break;
    case link_closed: add_stream(line, event); break;
    case sent:
    case replied:
    case received:
    case stream_lost:
      add_stream(line, event);
      line["offset"] = event.b;
      add_message(line, event.payload, names);
      break;
    case datagram_sent:
      line["number"] = event.a;
      add_message(line, event.payload, names);
      break;
    case datagram_received:
      line["number"] = event.a;
      line["copy"] = event.b;
      add_message(line, event.payload, names);
      break;
    case datagram_lost:
      line["number"] = event.a;
      line["reason"] = name(static_cast<sim::LossReason>(event.b));
      break;
    default: break;
  }
}

void add_disk_fields(Json& line, const sim::TraceEvent& event, const Names& names) {
  add_file(line, event, names);
  switch (event.kind) {
    using enum sim::EventKind;
    case disk_written:
      line["offset"] = event.a;
      add_bytes(line, event.payload);
      break;
    case disk_synced: line["writes"] = event.a; break;
    case disk_read:
      line["offset"] = event.a;
      line["status"] = word(static_cast<DiskStatus>(event.b));
      add_bytes(line, event.payload);
      break;
    case disk_truncated: line["size"] = event.a; break;
    case disk_renamed:
    case disk_linked: {
      const std::string_view both = event.payload.view();
      const std::size_t zero = both.find('\0');
      line["name"] = both.substr(0, zero);
      line["new_name"] = zero == std::string_view::npos ? std::string_view() : both.substr(zero + 1);
      break;
    }
    case disk_listed: {
      Json& files = line["files"] = Json::array();
      for (const std::string_view file : sim::decode_listing(event.payload.view())) files.push_back(file);
      break;
    }
    case disk_failed:
      line["verb"] = word(static_cast<effect::DiskVerb>(event.a));
      line["status"] = word(static_cast<DiskStatus>(event.b));
      break;
    case disk_kept:
    case disk_lost:
      line["offset"] = event.a;
      line["size"] = event.b;
      break;
    default: break;
  }
}

Json json_of(const sim::TraceEvent& event, std::span<const effect::Note> notes, const Names& names) {
  using enum sim::EventKind;
  Json line;
  line["index"] = event.index;
  line["time_ns"] = event.time.nanoseconds;
  line["cause"] = event.cause == sim::no_event ? Json(nullptr) : Json(event.cause);
  line["kind"] = name(event.kind);
  line["process"] = event.process == no_process ? Json(nullptr) : Json(names.process(event.process));
  if (event.peer != no_process) line["peer"] = names.process(event.peer);
  if (event.kind >= fault_injected) {
    line["fault"] = event.a;
    line["fault_kind"] = name(static_cast<sim::FaultKind>(event.b));
  } else if (event.kind >= disk_written) {
    add_disk_fields(line, event, names);
  } else if (event.kind >= connecting) {
    add_network_fields(line, event, names);
  } else {
    add_process_fields(line, event, notes);
  }
  return line;
}

}  // namespace

void write_trace(std::span<const sim::TraceEvent> events, std::span<const effect::Note> notes, const Names& names,
                 std::ostream& out) {
  for (const sim::TraceEvent& event : events) {
    // A name or a text may hold any bytes; what is not UTF-8 is replaced.
    out << json_of(event, notes, names).dump(-1, ' ', false, Json::error_handler_t::replace) << '\n';
  }
}

}  // namespace smalldb::reports
