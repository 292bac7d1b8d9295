// The half of the observer that reads disks.
#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "model/claimer.h"
#include "model/codec.h"
#include "model/data_directory.h"
#include "properties/observer.h"
#include "sim/listing.h"

namespace smalldb::properties {

using sim::TraceEvent;

namespace {

constexpr std::string_view epoch_lock_prefix = "epoch-";

constexpr std::uint8_t operation_kind = 2;  // the place of Operation in RecordBody, plus one
static_assert(std::is_same_v<std::variant_alternative_t<operation_kind - 1, RecordBody>, Operation>);

}  // namespace

const Observer::File& Observer::file(const TraceEvent& event, const FileNames& files) {
  const std::size_t id = static_cast<std::size_t>(event.file);
  if (files_.size() <= id) files_.resize(id + 1);
  File& known = files_[id];
  if (known.kind != File::Kind::not_asked) return known;
  std::string_view name = files(event.file);
  known.kind = File::Kind::other;
  if (name.starts_with(epoch_lock_prefix)) {
    known.kind = File::Kind::epoch_lock;
  } else if (const FileName parsed = parse_file_name(name); parsed.kind == FileKind::log) {
    known = {File::Kind::log, parsed.generation, parsed.lsn};
  } else if (parsed.kind == FileKind::checkpoint) {
    known = {File::Kind::checkpoint, parsed.generation, parsed.lsn};
  } else if (parsed.kind == FileKind::temporary && name.starts_with("checkpoint-")) {
    known.kind = File::Kind::checkpoint_being_made;
  } else if (parsed.kind == FileKind::meta || name == temporary_file(meta_file)) {
    known.kind = File::Kind::meta;
  }
  return known;
}

void Observer::on_written(const TraceEvent& event, const FileNames& files) {
  if (event.volume != Volume::own || !mirror_.cast->is(event.process, Part::node)) return;
  const File& written = file(event, files);
  if (written.kind == File::Kind::log) {
    NodeLog& log_here = log(event.process);
    log_here.write({event.file, written.generation, written.lsn}, event.a, event.payload.view(), event.index);
    take_records(event);
  } else if (written.kind == File::Kind::checkpoint_being_made) {
    const auto is_it = [&](const Making& making) { return making.node == event.process && making.file == event.file; };
    if (event.a == 0) std::erase_if(making_, is_it);
    auto making = std::find_if(making_.begin(), making_.end(), is_it);
    if (making == making_.end()) making = making_.insert(making_.end(), Making{event.process, event.file, {}});
    making->fingerprint.take(event.payload.view());
  } else if (written.kind == File::Kind::meta) {
    learn_directory(event);
  }
}

// A meta was read, or written to take the place of another.
void Observer::learn_directory(const TraceEvent& event) {
  if (const std::optional<Meta> meta = decode_meta(event.payload.view())) {
    directories_[static_cast<std::size_t>(event.process)] = meta->directory;
  }
}

bool Observer::is_of(ProcessId process, const Tenure& tenure) const {
  const std::optional<DirectoryId>& directory = directories_[static_cast<std::size_t>(process)];
  return tenure.node == process && (!directory || tenure.directory == *directory);
}

// Takes the records out of what was just written to, or read from, the node's log.
void Observer::take_records(const TraceEvent& event) {
  NodeLog& log_here = log(event.process);
  const bool reading = log_here.reading();
  while (const auto found = log_here.next()) {
    LogEntry entry;
    entry.kind = found->header.kind;
    entry.fingerprint = Fingerprint::of(found->bytes);
    std::optional<Record> record;
    if (entry.kind != operation_kind || reading || !known_elsewhere(event.process, *found, entry)) {
      record = decode_record(found->bytes);
      if (reading && !record) {  // it rotted
        log_here.refuse();
        continue;
      }
      if (const Operation* operation = record ? std::get_if<Operation>(&record->body) : nullptr) {
        entry.session = operation->request.session;
        entry.number = operation->request.number;
      }
    }
    if (entry.line == no_line) entry.line = line_of(event.process, *found, record ? &*record : nullptr, event.index);
    log_here.add(*found, entry);
    if (reading) continue;
    if (record) learn(entry.line, *record);

    Observation observation = begin(ObservationKind::record_written, event);
    observation.epoch = found->header.epoch;
    observation.lsn = found->header.lsn;
    observation.line = entry.line;
    observation.session = entry.session;
    observation.number = entry.number;
    observation.a = entry.fingerprint;
    observation.b = found->bytes.size();
    if (const Operation* operation = record ? std::get_if<Operation>(&record->body) : nullptr) {
      observation.request = &operation->request;
    } else if (record) {
      observation.record = &*record;
    }
    tell(observation);
  }
}

// Another node's log has the same record: it need not be decoded again.
bool Observer::known_elsewhere(ProcessId node, const NodeLog::Found& found, LogEntry& entry) const {
  for (std::size_t other = 0; other < mirror_.logs.size(); ++other) {
    if (ProcessId{static_cast<std::uint32_t>(other)} == node) continue;
    const LogEntry* same = mirror_.logs[other].entry(found.header.lsn);
    if (same == nullptr || same->fingerprint != entry.fingerprint || same->kind != entry.kind) continue;
    if (mirror_.epochs[same->line].epoch != found.header.epoch) continue;
    entry = *same;
    return true;
  }
  return false;
}

Line Observer::line_of(ProcessId node, const NodeLog::Found& found, const Record* record, sim::EventIndex event) {
  const NodeLog& log_here = log(node);
  const Epoch epoch = found.header.epoch;
  const LogEntry* previous = log_here.entry(found.header.lsn.previous());
  const Line before =
      previous != nullptr ? previous->line : mirror_.line_at(log_here.head(), found.header.lsn.previous());
  if (const EpochStarted* started = record ? std::get_if<EpochStarted>(&record->body) : nullptr) {
    Tenure tenure;
    tenure.epoch = epoch;
    tenure.directory = started->primary;
    tenure.node = mirror_.cast->place_of(started->node);
    tenure.first = found.header.lsn;
    tenure.fingerprint = Fingerprint::of(found.bytes);
    tenure.parent = before;
    tenure.written = event;
    sim::EventIndex& promoted = mirror_.promoted[static_cast<std::size_t>(node)];
    if (tenure.node == node && promoted != sim::no_event && !log_here.reading()) {
      mirror_.epochs.granted({epoch, started->primary, std::exchange(promoted, sim::no_event), node});
    }
    return mirror_.epochs.begin(tenure);
  }
  if (before != no_line && mirror_.epochs[before].epoch == epoch) return before;
  if (const Line latest = mirror_.epochs.latest(epoch); latest != no_line) return latest;
  Tenure unseen;  // its beginning was not in the trace
  unseen.epoch = epoch;
  unseen.first = found.header.lsn;
  unseen.parent = before;
  return mirror_.epochs.begin(unseen);
}

// Control records say who stands by.
void Observer::learn(Line line, const Record& record) {
  if (const auto* joining = std::get_if<BackupJoining>(&record.body)) {
    mirror_.epochs.joining(line, {record.lsn, {}, {}, joining->backup, mirror_.cast->place_of(joining->node)});
  } else if (const auto* declared = std::get_if<BackupDeclared>(&record.body)) {
    mirror_.epochs.declared(line, declared->backup, record.lsn);
  } else if (const auto* left = std::get_if<BackupLeft>(&record.body)) {
    mirror_.epochs.left(line, left->backup, record.lsn);
  }
}

void Observer::on_synced(const TraceEvent& event, const FileNames& files) {
  if (event.volume != Volume::own || !mirror_.cast->is(event.process, Part::node)) return;
  NodeLog& log_here = log(event.process);
  const Lsn was_durable = log_here.durable_end();
  if (event.kind == sim::EventKind::disk_directory_synced) {
    log_here.directory_synced(event.index);
  } else if (file(event, files).kind == File::Kind::log) {
    log_here.synced(event.file, event.index);
  }
  if (log_here.durable_end() > was_durable) tell_durable(event, was_durable);
}

void Observer::on_disk_failed(const TraceEvent& event, const FileNames& files) {
  if (event.volume != Volume::own || !mirror_.cast->is(event.process, Part::node)) return;
  const auto verb = static_cast<effect::DiskVerb>(event.a);
  const bool of_sync = verb == effect::DiskVerb::sync || verb == effect::DiskVerb::write_synced;
  if (!of_sync || static_cast<DiskStatus>(event.b) != DiskStatus::failed) return;
  if (file(event, files).kind == File::Kind::log) log(event.process).sync_failed(event.file);
}

void Observer::tell_durable(const TraceEvent& event, Lsn was_durable) {
  const NodeLog& log_here = log(event.process);
  Observation durable = begin(ObservationKind::log_durable, event);
  durable.lsn = log_here.durable_end();
  durable.line = log_here.entry(durable.lsn)->line;
  durable.epoch = mirror_.epochs[durable.line].epoch;
  tell(durable);

  // Epochs that this node began and that it may act in from now on.
  for (Line line = mirror_.epochs.count(); line-- > 0;) {
    const Tenure& tenure = mirror_.epochs[line];
    if (!is_of(event.process, tenure) || tenure.first > durable.lsn) continue;
    if (tenure.first <= was_durable || tenure.durable != sim::no_event) break;
    const LogEntry* entry = log_here.entry(tenure.first);
    if (entry == nullptr || entry->line != line) continue;
    mirror_.epochs.became_durable(line, event.index);
    mirror_.leads[static_cast<std::size_t>(event.process)] = line;
    followed_[static_cast<std::size_t>(event.process)] = line;
    Observation started = begin(ObservationKind::epoch_started, event);
    started.epoch = tenure.epoch;
    started.lsn = tenure.first;
    started.line = line;
    started.directory = tenure.directory;
    tell(started);
    break;
  }
}

void Observer::on_read(const TraceEvent& event, const FileNames& files) {
  if (static_cast<DiskStatus>(event.b) != DiskStatus::ok || !mirror_.cast->is(event.process, Part::node)) return;
  const File& read = file(event, files);
  if (event.volume == Volume::shared) {
    if (read.kind != File::Kind::epoch_lock) return;
    // What is damaged, or stands under another epoch's name, says nothing, and nobody goes by it.
    const std::optional<ClaimResult> claim = decode_claim(event.payload.view());
    if (claim && epoch_file(claim->epoch) == files(event.file)) tell_granted(event, claim->epoch, claim->winner);
  } else if (read.kind == File::Kind::log) {
    log(event.process).read({event.file, read.generation, read.lsn}, event.a, event.payload.view(), event.index);
    take_records(event);
  } else if (read.kind == File::Kind::checkpoint) {
    log(event.process).read_checkpoint(read.generation, read.lsn, event.index);
  } else if (read.kind == File::Kind::meta) {
    learn_directory(event);
  }
}

void Observer::on_listed(const TraceEvent& event) {
  if (event.volume != Volume::own || !mirror_.cast->is(event.process, Part::node)) return;
  std::vector<FileName> found;
  for (const std::string_view name : sim::decode_listing(event.payload.view())) found.push_back(parse_file_name(name));
  log(event.process).listed(found);
}

void Observer::on_shrunk(const TraceEvent& event) {
  if (event.volume != Volume::own || !mirror_.cast->is(event.process, Part::node)) return;
  NodeLog& log_here = log(event.process);
  const Lsn was = log_here.end();
  switch (event.kind) {
    case sim::EventKind::disk_truncated: log_here.truncated(event.file, event.a, event.index); break;
    case sim::EventKind::disk_removed: log_here.removed(event.file, event.index); break;
    case sim::EventKind::disk_name_lost:  // not cut by the node: the disk forgot it
      log_here.removed(event.file, event.index);
      return;
    default: log_here.decided(event.file); return;
  }
  if (log_here.end() >= was || log_here.cut_line() == no_line) return;
  Observation cut = begin(ObservationKind::log_cut, event);
  cut.lsn = log_here.end();
  cut.line = log_here.head();
  if (cut.line != no_line) cut.epoch = mirror_.epochs[cut.line].epoch;
  cut.a = was.value - log_here.end().value;
  cut.b = log_here.cut_line();
  tell(cut);
}

void Observer::on_renamed(const TraceEvent& event) {
  if (event.volume != Volume::own || !mirror_.cast->is(event.process, Part::node)) return;
  const std::string_view names = event.payload.view();
  const std::size_t between = names.find('\0');
  const FileName name = parse_file_name(between == names.npos ? names : names.substr(between + 1));
  if (name.kind == FileKind::meta) log(event.process).pointed();
  const auto making = std::find_if(making_.begin(), making_.end(), [&](const Making& candidate) {
    return candidate.node == event.process && candidate.file == event.file;
  });
  if (making == making_.end()) return;
  Observation written = begin(ObservationKind::checkpoint_written, event);
  written.lsn = name.lsn;
  written.line = mirror_.line_at(followed_[static_cast<std::size_t>(event.process)], name.lsn);
  const NodeLog& own = log(event.process);
  if (const LogEntry* entry = own.generation() == name.generation ? own.entry(name.lsn) : nullptr) {
    written.line = entry->line;
    written.number = entry->kind;
  }
  if (written.line != no_line) written.epoch = mirror_.epochs[written.line].epoch;
  written.a = making->fingerprint.value();
  written.b = making->fingerprint.size();
  making_.erase(making);
  if (name.kind != FileKind::checkpoint) return;
  log(event.process).covered({name.generation, name.lsn, written.line});
  tell(written);
}

}  // namespace smalldb::properties
