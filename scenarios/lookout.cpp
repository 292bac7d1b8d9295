#include "scenarios/lookout.h"

#include <algorithm>

#include "model/client.h"
#include "model/data_directory.h"
#include "model/failure_detector.h"
#include "model/messages.h"
#include "model/record.h"
#include "properties/told.h"

namespace smalldb::scenarios {

namespace {

using sim::EventKind;
using What = Occurrence::What;

constexpr std::size_t kind_offset = 8;  // of the kind byte in a frame (model/messages.h)

// The kind byte of frames of this name: the place in the list, from 1.
std::uint8_t message_kind(std::string_view name) {
  const auto names = message_names();
  return static_cast<std::uint8_t>(std::find(names.begin(), names.end(), name) - names.begin() + 1);
}

template <class Enum>
std::uint16_t number_of(std::string_view text, Enum last) {
  for (std::uint16_t i = 0; i <= static_cast<std::uint16_t>(last); ++i) {
    if (name(static_cast<Enum>(i)) == text) return i;
  }
  return 0xffff;
}

// `*` stands for any characters.
bool matches_pattern(std::string_view pattern, std::string_view text) {
  const std::size_t star = pattern.find('*');
  if (star == std::string_view::npos) return pattern == text;
  if (!text.starts_with(pattern.substr(0, star))) return false;
  const std::string_view rest = pattern.substr(star + 1);
  for (std::size_t skipped = star; skipped <= text.size(); ++skipped) {
    if (matches_pattern(rest, text.substr(skipped))) return true;
  }
  return false;
}

// The last position among the records that `bytes` begins with; 0 if there is none.
std::uint64_t last_record(std::string_view bytes) {
  std::uint64_t last = 0;
  while (const auto header = decode_header(bytes)) {
    last = header->lsn.value;
    bytes.remove_prefix(std::min(bytes.size(), header->record_size()));
  }
  return last;
}

bool is_live(NoteKind kind) {
  return kind == NoteKind::founded || kind == NoteKind::took_over || kind == NoteKind::resumed_alone;
}

}  // namespace

Lookout::Who Lookout::who(const Name& name, const Numbers& numbers) {
  if (name.empty()) return {};
  if (name == "primary") return {Who::Kind::primary, no_process};
  if (name == "backup") return {Who::Kind::backup, no_process};
  return {Who::Kind::one, numbers.of(name)};
}

bool Lookout::is(const Who& who, ProcessId process, const Parts& parts) {
  switch (who.kind) {
    case Who::Kind::anyone: return true;
    case Who::Kind::one: return who.process == process;
    case Who::Kind::primary: return process != no_process && parts.primary() == process;
    case Who::Kind::backup: return process != no_process && parts.backup() == process;
  }
  return false;
}

WatchId Lookout::watch(const Occurrence& occurrence, const Numbers& numbers) {
  Watch watch{occurrence.what, occurrence.before, {}, {}, 0, 0, occurrence.number, occurrence.file, 0, 0};
  if (occurrence.what == What::fault_began || occurrence.what == What::fault_ended) {
    watch.text = occurrence.process;
  } else {
    watch.process = who(occurrence.process, numbers);
    watch.peer = who(occurrence.peer, numbers);
  }
  if (!occurrence.message.empty()) watch.message = message_kind(occurrence.message);
  if (occurrence.what == What::noted) watch.note = number_of(occurrence.note, NoteKind::stopped);
  if (occurrence.what == What::misses)
    watch.note =
        static_cast<std::uint16_t>(occurrence.note == "heartbeats" ? Silence::heartbeats : Silence::log_traffic);
  if (occurrence.what == What::becomes) watch.note = number_of(occurrence.note, Role::stopped);
  watches_ahead_ |= watch.before;
  watched_ |= std::uint64_t{1} << static_cast<int>(occurrence.what);
  watches_.push_back(std::move(watch));
  return static_cast<WatchId>(watches_.size() - 1);
}

void Lookout::see(WatchId watch, std::vector<WatchId>& seen) {
  ++watches_[watch].count;
  seen.push_back(watch);
}

template <class Matches>
void Lookout::each(What what, bool ahead, std::vector<WatchId>& seen, Matches&& matches) {
  if (!watches({what})) return;
  for (WatchId id = 0; id < watches_.size(); ++id) {
    if (watches_[id].what == what && watches_[id].before == ahead && matches(watches_[id])) see(id, seen);
  }
}

void Lookout::fault(const std::string& label, What what, std::vector<WatchId>& seen) {
  if (!label.empty()) each(what, false, seen, [&](const Watch& watch) { return watch.text == label; });
}

void Lookout::observe(const sim::TraceEvent& event, const sim::World& world, const Parts& parts,
                      std::vector<WatchId>& seen) {
  switch (event.kind) {
    case EventKind::sent:
    case EventKind::replied:
      if (watches({What::sends, What::receives})) message_sent(event, false, parts, seen);
      break;
    case EventKind::datagram_sent:
      if (watches({What::sends})) message_sent(event, true, parts, seen);
      break;
    case EventKind::received: bytes_received(event, false, seen); break;
    case EventKind::datagram_received:
      if (watches({What::receives})) datagram_received(event, false, parts, seen);
      break;
    case EventKind::closed:
    case EventKind::link_closed:
      std::erase_if(flights_,
                    [&](const Flight& flight) { return flight.connection == event.a && flight.to == event.process; });
      on_process(event, false, parts, seen);
      break;
    case EventKind::disk_written:
    case EventKind::disk_synced:
    case EventKind::disk_renamed: on_disk(event, false, world, parts, seen); break;
    case EventKind::input:
    case EventKind::report: on_operation(event, false, parts, seen); break;
    case EventKind::note: on_note(event, world, parts, seen); break;
    case EventKind::started:
    case EventKind::crashed:
    case EventKind::stopped:
    case EventKind::connected: on_process(event, false, parts, seen); break;
    default: break;
  }
}

void Lookout::foresee(const sim::TraceEvent& event, const sim::World& world, const Parts& parts,
                      std::vector<WatchId>& seen) {
  const auto is_same = [&](const sim::TraceEvent& other) {
    return other.kind == event.kind && other.time == event.time && other.process == event.process &&
           other.peer == event.peer && other.a == event.a && other.b == event.b && other.file == event.file;
  };
  if (std::any_of(foreseen_.begin(), foreseen_.end(), is_same)) return;
  foreseen_.push_back(event);
  switch (event.kind) {
    case EventKind::received: bytes_received(event, true, seen); break;
    case EventKind::datagram_received: datagram_received(event, true, parts, seen); break;
    case EventKind::disk_written:
    case EventKind::disk_synced:
    case EventKind::disk_renamed: on_disk(event, true, world, parts, seen); break;
    case EventKind::input: on_operation(event, true, parts, seen); break;
    case EventKind::started:
    case EventKind::connected:
    case EventKind::closed: on_process(event, true, parts, seen); break;
    default: break;
  }
}

// Whether `frame` is what the watch waits for. An acknowledgement of a record is the first that covers it.
bool Lookout::has_message(Watch& watch, const Bytes& frame) const {
  if (frame.size() <= kind_offset || static_cast<std::uint8_t>(frame.data()[kind_offset]) != watch.message)
    return false;
  if (watch.number == 0) return true;
  const auto message = decode_frame(frame);
  if (!message) return false;
  if (const auto* ack = std::get_if<Ack>(&message->body)) {
    const bool covers = ack->durable.value >= watch.number && watch.reached < watch.number;
    watch.reached = ack->durable.value;
    return covers;
  }
  if (const auto* records = std::get_if<Records>(&message->body)) {
    if (records->bytes.empty() || records->first.value > watch.number) return false;
    return last_record(records->bytes.view()) >= watch.number;
  }
  return true;
}

void Lookout::message_sent(const sim::TraceEvent& event, bool datagram, const Parts& parts,
                           std::vector<WatchId>& seen) {
  for (WatchId id = 0; id < watches_.size(); ++id) {
    Watch& watch = watches_[id];
    if (watch.what == What::sends) {
      const bool fits = is(watch.process, event.process, parts) && is(watch.peer, event.peer, parts);
      if (fits && has_message(watch, event.payload)) see(id, seen);
    } else if (watch.what == What::receives && !datagram) {
      const bool fits = is(watch.process, event.peer, parts) && is(watch.peer, event.process, parts);
      if (fits && has_message(watch, event.payload)) {
        flights_.push_back({id, event.a, event.process, event.peer, event.b + event.payload.size()});
      }
    }
  }
}

void Lookout::bytes_received(const sim::TraceEvent& event, bool ahead, std::vector<WatchId>& seen) {
  const std::uint64_t end = event.b + event.payload.size();
  for (std::size_t i = 0; i < flights_.size();) {
    const Flight& flight = flights_[i];
    const bool arrives = flight.connection == event.a && flight.from == event.peer && flight.to == event.process &&
                         end >= flight.end && watches_[flight.watch].before == ahead;
    if (!arrives) {
      ++i;
      continue;
    }
    see(flight.watch, seen);
    flights_.erase(flights_.begin() + static_cast<std::ptrdiff_t>(i));
  }
}

void Lookout::datagram_received(const sim::TraceEvent& event, bool ahead, const Parts& parts,
                                std::vector<WatchId>& seen) {
  for (WatchId id = 0; id < watches_.size(); ++id) {
    Watch& watch = watches_[id];
    if (watch.what != What::receives || watch.before != ahead) continue;
    const bool fits = is(watch.process, event.process, parts) && is(watch.peer, event.peer, parts);
    if (fits && has_message(watch, event.payload)) see(id, seen);
  }
}

void Lookout::on_disk(const sim::TraceEvent& event, bool ahead, const sim::World& world, const Parts& parts,
                      std::vector<WatchId>& seen) {
  const bool watches_records = watches({What::record_written, What::record_durable});
  if (!watches_records && !watches({What::written, What::synced, What::renamed})) return;
  std::string_view name = event.file == sim::no_file ? std::string_view() : world.file_name(event.file);
  if (event.kind == EventKind::disk_renamed) {
    const std::string_view names = event.payload.view();
    if (const std::size_t split = names.find('\0'); split != std::string_view::npos) name = names.substr(split + 1);
  }
  const auto fits = [&](const Watch& watch) {
    return is(watch.process, event.process, parts) && (watch.text.empty() || matches_pattern(watch.text, name));
  };
  const What what = event.kind == EventKind::disk_written  ? What::written
                    : event.kind == EventKind::disk_synced ? What::synced
                                                           : What::renamed;
  each(what, ahead, seen, fits);
  // A write with a sync in one is foreseen as the sync, with its bytes.
  if (ahead && what == What::synced && !event.payload.empty()) each(What::written, ahead, seen, fits);

  if (!watches_records) return;
  const auto index = static_cast<std::size_t>(event.process);
  if (index >= log_end_.size() || event.volume != Volume::own || parse_file_name(name).kind != FileKind::log) return;
  const auto reaches = [&](std::uint64_t before, std::uint64_t now) {
    return [&parts, &event, before, now](const Watch& watch) {
      return is(watch.process, event.process, parts) && before < watch.number && now >= watch.number;
    };
  };
  std::uint64_t written = log_end_[index];
  if (!event.payload.empty() && event.kind != EventKind::disk_renamed) {
    if (const std::uint64_t last = last_record(event.payload.view()); last != 0) {
      each(What::record_written, ahead, seen, reaches(written, last));
      written = last;
      if (!ahead) log_end_[index] = last;
      // After a cut the log is shorter than it was: what is written again is written for the first time.
      if (!ahead && log_durable_[index] >= last) log_durable_[index] = last - 1;
    }
  }
  if (event.kind != EventKind::disk_synced) return;
  each(What::record_durable, ahead, seen, reaches(log_durable_[index], written));
  if (!ahead) log_durable_[index] = written;
}

void Lookout::on_operation(const sim::TraceEvent& event, bool ahead, const Parts& parts, std::vector<WatchId>& seen) {
  if (event.kind == EventKind::input) {
    if (!watches({What::operation_issued})) return;
    const auto invocation = decode_invocation(event.payload);
    if (!invocation) return;
    each(What::operation_issued, ahead, seen, [&](const Watch& watch) {
      return is(watch.process, event.process, parts) && (watch.number == 0 || watch.number == invocation->number);
    });
    return;
  }
  if (!watches({What::operation_answered, What::operations_answered})) return;
  const auto completion = decode_completion(event.payload);
  if (!completion) return;
  const bool is_answered = properties::is_word_of_the_store(completion->outcome);
  if (is_answered) ++answered_;
  each(What::operation_answered, false, seen, [&](const Watch& watch) {
    return is(watch.process, event.process, parts) && (watch.number == 0 || watch.number == completion->number);
  });
  if (!is_answered) return;
  each(What::operations_answered, false, seen, [&](const Watch& watch) { return watch.number == answered_; });
}

void Lookout::on_process(const sim::TraceEvent& event, bool ahead, const Parts& parts, std::vector<WatchId>& seen) {
  const auto fits = [&](const Watch& watch) {
    return is(watch.process, event.process, parts) && is(watch.peer, event.peer, parts);
  };
  switch (event.kind) {
    case EventKind::started: each(What::started, ahead, seen, fits); break;
    case EventKind::crashed: each(What::crashed, ahead, seen, fits); break;
    case EventKind::stopped: each(What::stopped, ahead, seen, fits); break;
    case EventKind::connected: each(What::connected, ahead, seen, fits); break;
    case EventKind::closed: each(What::disconnected, ahead, seen, fits); break;
    default: break;
  }
}

void Lookout::on_note(const sim::TraceEvent& event, const sim::World& world, const Parts& parts,
                      std::vector<WatchId>& seen) {
  if (watches_.empty()) return;
  const effect::Note& note = world.notes()[event.a];
  const auto kind = static_cast<NoteKind>(note.what);
  each(What::noted, false, seen,
       [&](const Watch& watch) { return watch.note == note.what && is(watch.process, event.process, parts); });
  if (kind == NoteKind::role_changed) {
    each(What::becomes, false, seen,
         [&](const Watch& watch) { return watch.note == note.role && is(watch.process, event.process, parts); });
  }
  if (kind == NoteKind::suspects_peer) {
    each(What::misses, false, seen,
         [&](const Watch& watch) { return watch.note == note.b && is(watch.process, event.process, parts); });
  }
  if (is_live(kind)) {
    each(What::goes_live, false, seen, [&](const Watch& watch) { return is(watch.process, event.process, parts); });
  }
}

}  // namespace smalldb::scenarios
