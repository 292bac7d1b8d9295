// Disks: operations on their way, what they do, and what faults do to them.
#include <algorithm>
#include <utility>

#include "sim/host.h"
#include "sim/listing.h"

namespace smalldb::sim {

using effect::DiskVerb;

namespace {

bool is_write(DiskVerb verb) { return verb == DiskVerb::write || verb == DiskVerb::write_synced; }
bool is_sync(DiskVerb verb) {
  return verb == DiskVerb::sync || verb == DiskVerb::write_synced || verb == DiskVerb::sync_directory;
}

EventKind event_of(DiskVerb verb) {
  switch (verb) {
    case DiskVerb::list: return EventKind::disk_listed;
    case DiskVerb::read: return EventKind::disk_read;
    case DiskVerb::write: return EventKind::disk_written;
    case DiskVerb::write_synced:
    case DiskVerb::sync: return EventKind::disk_synced;
    case DiskVerb::truncate: return EventKind::disk_truncated;
    case DiskVerb::rename: return EventKind::disk_renamed;
    case DiskVerb::link: return EventKind::disk_linked;
    case DiskVerb::remove: return EventKind::disk_removed;
    case DiskVerb::sync_directory: return EventKind::disk_directory_synced;
  }
  return EventKind::disk_failed;
}

Bytes two_names(std::string_view name, std::string_view new_name) {
  std::string both(name);
  both += '\0';
  both += new_name;
  return Bytes::copy(both);
}

}  // namespace

// ---- On their way ---------------------------------------------------------------------------------------------------

Host::VolumeState& Host::volume_of(const DiskOperation& operation) {
  return operation.volume == Volume::shared ? volumes_.back() : volumes_[index(operation.process)];
}

DiskCounts& Host::counts_of(const DiskOperation& operation) {
  return at(operation.process).counts[static_cast<std::size_t>(operation.volume)];
}

const DiskSettings& Host::settings_of(const DiskOperation& operation) const {
  return operation.volume == Volume::shared ? settings_->shared_volume
                                            : settings_->processes[index(operation.process)].disk;
}

void Host::issue(ProcessId id, effect::Disk& effect, EventIndex cause) {
  std::uint32_t number = static_cast<std::uint32_t>(operations_.size());
  if (free_operations_.empty()) {
    operations_.emplace_back();
  } else {
    number = free_operations_.back();
    free_operations_.pop_back();
  }
  DiskOperation& operation = operations_[number];
  operation.verb = effect.verb;
  operation.volume = effect.volume;
  operation.process = id;
  operation.token = effect.token;
  const bool of_directory = effect.verb == DiskVerb::list || effect.verb == DiskVerb::sync_directory;
  operation.file = of_directory ? no_file : files_.number(effect.name);
  const bool two_named = effect.verb == DiskVerb::rename || effect.verb == DiskVerb::link;
  operation.new_file = two_named ? files_.number(effect.new_name) : no_file;
  operation.offset = effect.offset;
  operation.length = effect.length;
  operation.bytes = std::move(effect.bytes);
  operation.cause = cause;
  operation.issued = now_;

  VolumeState& volume = volume_of(operation);
  operation.number = counts_of(operation).operations++;
  Time done = reserve(volume, operation.file, now_) + latency_of(operation);
  if (two_named) done = std::max(done, reserve(volume, operation.new_file, now_));
  reserve(volume, operation.file, done);
  if (two_named) reserve(volume, operation.new_file, done);
  operation.slot = make_pending({.kind = Pending::Kind::disk, .process = id, .index = number, .cause = cause});
  at(id).operations.push_back(number);
  arm(operation.slot, done);
}

// Keeps the operations on one file in order: the file is busy until `until` or longer. Returns until when.
Time Host::reserve(VolumeState& volume, FileId file, Time until) {
  std::size_t found = volume.busy.size();
  for (std::size_t i = 0; i < volume.busy.size();) {
    if (volume.busy[i].first == file) {
      found = i++;
    } else if (volume.busy[i].second < now_) {
      volume.busy[i] = volume.busy.back();
      volume.busy.pop_back();
    } else {
      ++i;
    }
  }
  if (found >= volume.busy.size()) {
    volume.busy.push_back({file, until});
    return until;
  }
  // One nanosecond apart, so that no order among equal times turns them round.
  Time& busy = volume.busy[found].second;
  busy = std::max(until, std::max(busy + nanoseconds(1), now_));
  return busy;
}

Duration Host::latency_of(DiskOperation& operation) {
  const DiskSettings& disk = settings_of(operation);
  const Key who = at(operation.process).key;
  const Key where = volume_of(operation).key;
  const std::uint64_t drawn = dice_.draw(Chance::disk_latency, key_of(who, where), operation.number);
  Duration latency;
  switch (operation.verb) {
    case DiskVerb::read: latency = disk.read.at(drawn); break;
    case DiskVerb::write: latency = disk.write.at(drawn); break;
    case DiskVerb::write_synced: latency = disk.write.at(again(drawn)) + disk.sync.at(drawn); break;
    case DiskVerb::sync:
    case DiskVerb::sync_directory: latency = disk.sync.at(drawn); break;
    default: latency = disk.name.at(drawn); break;
  }
  if (operation.volume == Volume::shared) {  // there and back
    for (const Direction way :
         {Direction{operation.process, shared_volume}, Direction{shared_volume, operation.process}}) {
      latency = latency + (transit(way.from, way.to, operation.bytes.size(), true, operation.cause).arrives - now_);
    }
  }
  if (volume_of(operation).faults > 0) [[unlikely]] {
    ledger_.each(FaultKind::slow_disk, [&](FaultId id, const Fault& fault) {
      if (!FaultLedger::covers(fault, operation.process, operation.volume)) return;
      if (!FaultLedger::matches(fault.file, files_.name(operation.file))) return;
      latency = latency + fault.delay.at(dice_.draw(Chance::stall, key_of(fault.key, who), operation.number));
      take_effect(id, operation.process, no_process, operation.cause);
    });
  }
  return latency;
}

void Host::describe_disk(std::uint32_t number, TraceEvent& event) const {
  const DiskOperation& operation = operations_[number];
  const bool unreachable = pending_[operation.slot].kind == Pending::Kind::disk_unreachable;
  event.kind = unreachable ? EventKind::disk_failed : event_of(operation.verb);
  event.volume = operation.volume;
  event.process = operation.process;
  event.file = operation.file;
  event.a = unreachable ? static_cast<std::uint64_t>(operation.verb) : operation.offset;
  event.b = unreachable ? static_cast<std::uint64_t>(DiskStatus::unreachable) : operation.bytes.size();
  event.payload = operation.new_file == no_file
                      ? operation.bytes
                      : two_names(files_.name(operation.file), files_.name(operation.new_file));
}

Host::DiskOperation Host::take_operation(std::uint32_t number) {
  DiskOperation operation = std::move(operations_[number]);
  operations_[number] = DiskOperation();
  free_operations_.push_back(number);
  std::erase(at(operation.process).operations, number);
  drop_pending(operation.slot);
  return operation;
}

// ---- Taking effect --------------------------------------------------------------------------------------------------

void Host::complete(Slot slot) {
  const std::uint32_t number = pending_[slot].index;
  if (operations_[number].volume == Volume::shared && lose_contact(slot)) return;
  const DiskOperation operation = take_operation(number);
  DiskOutcome outcome = perform(operation);
  step_machine(operation.process,
               DiskDone{operation.token, outcome.status, std::move(outcome.bytes), std::move(outcome.entries)},
               outcome.told);
}

// The shared volume is cut off, one way or both: the process gets its answer when it has waited long enough.
bool Host::lose_contact(Slot slot) {
  const std::uint32_t number = pending_[slot].index;
  const ProcessId id = operations_[number].process;
  const bool request_lost = network_.path(id, shared_volume).blocked();
  const bool answer_lost = network_.path(shared_volume, id).blocked();
  if (!request_lost && !answer_lost) return false;
  const EventIndex cause = operations_[number].cause;
  pending_[slot].kind = Pending::Kind::disk_unreachable;
  if (!request_lost) perform(operations_[number]);
  arm(slot, std::max(now_, operations_[number].issued + settings_->shared_volume_timeout));
  const ProcessId from = request_lost ? id : shared_volume;
  const ProcessId to = request_lost ? shared_volume : id;
  FaultId fault{};
  if (blocking_fault(from, to, fault)) take_effect(fault, from, to, cause);
  return true;
}

void Host::answer_unreachable(Slot slot) {
  const DiskOperation operation = take_operation(pending_[slot].index);
  const EventIndex told = fail(operation, DiskStatus::unreachable, operation.cause).told;
  step_machine(operation.process, DiskDone{operation.token, DiskStatus::unreachable, {}, nullptr}, told);
}

TraceEvent& Host::disk_event(EventKind kind, const DiskOperation& operation, EventIndex cause) {
  TraceEvent& event = trace_.add(kind, now_, operation.process, cause);
  event.volume = operation.volume;
  event.file = operation.file;
  return event;
}

Host::DiskOutcome Host::fail(const DiskOperation& operation, DiskStatus status, EventIndex cause) {
  TraceEvent& event = disk_event(EventKind::disk_failed, operation, cause);
  event.a = static_cast<std::uint64_t>(operation.verb);
  event.b = static_cast<std::uint64_t>(status);
  return {status, {}, nullptr, event.index};
}

// Does it to the disk and writes it into the trace.
Host::DiskOutcome Host::perform(const DiskOperation& operation) {
  switch (operation.verb) {
    case DiskVerb::write: return perform_write(operation);
    case DiskVerb::write_synced: {
      DiskOutcome outcome = perform_write(operation);
      if (outcome.status != DiskStatus::ok) return outcome;
      return perform_sync(operation, outcome.told);
    }
    case DiskVerb::sync: return perform_sync(operation, operation.cause);
    case DiskVerb::read: return perform_read(operation);
    case DiskVerb::list: return perform_list(operation);
    default: return perform_change(operation);
  }
}

Host::DiskOutcome Host::perform_write(const DiskOperation& operation) {
  VolumeState& volume = volume_of(operation);
  const FileContent* const before = volume.disk.find(operation.file);
  const std::uint64_t size = before ? before->size() : 0;
  const std::uint64_t end = operation.offset + operation.bytes.size();
  FaultId full{};
  bool by_fault = false;
  if (end > size && !fits(operation, end - size, full, by_fault)) {
    DiskOutcome outcome = fail(operation, DiskStatus::no_space, operation.cause);
    if (by_fault) take_effect(full, operation.process, no_process, outcome.told);
    return outcome;
  }

  const Key who = at(operation.process).key;
  const std::uint64_t n = counts_of(operation).writes++;
  const auto struck = [&](FaultKind kind, Chance what, FaultId& by) {
    bool found = false;
    ledger_.each(kind, [&](FaultId id, const Fault& fault) {
      if (found || !FaultLedger::covers(fault, operation.process, operation.volume)) return;
      if (!FaultLedger::matches(fault.file, files_.name(operation.file))) return;
      if (!dice_.hits(fault.ratio, what, key_of(fault.key, who), n)) return;
      found = true;
      by = id;
    });
    return found;
  };
  FaultId phantom_by{};
  FaultId misdirected_by{};
  const bool phantom = volume.faults > 0 && struck(FaultKind::phantom_write, Chance::phantom, phantom_by);
  const bool misdirected =
      volume.faults > 0 && !phantom && struck(FaultKind::misdirected_write, Chance::misdirection, misdirected_by);

  FileContent& file = volume.disk.make(operation.file);
  file.write(operation.offset, operation.bytes, phantom || misdirected);
  TraceEvent& event = disk_event(EventKind::disk_written, operation, operation.cause);
  event.a = operation.offset;
  event.b = operation.bytes.size();
  event.payload = operation.bytes;
  const EventIndex written = event.index;
  if (phantom) take_effect(phantom_by, operation.process, no_process, written);
  if (misdirected) {
    const Key whose = key_of(ledger_.fault(misdirected_by).key, who);
    misdirect(operation, misdirected_by, again(dice_.draw(Chance::misdirection, whose, n)), written);
  }
  return {DiskStatus::ok, {}, nullptr, written};
}

bool Host::fits(const DiskOperation& operation, std::uint64_t growth, FaultId& fault, bool& by_fault) {
  const VolumeState& volume = volume_of(operation);
  std::uint64_t capacity = settings_of(operation).capacity;
  if (capacity == 0 && volume.faults == 0) [[likely]]
    return true;
  ledger_.each(FaultKind::disk_full, [&](FaultId id, const Fault& full) {
    if (!FaultLedger::covers(full, operation.process, operation.volume)) return;
    if (capacity != 0 && full.size >= capacity) return;
    capacity = std::max<std::uint64_t>(1, full.size);
    fault = id;
    by_fault = true;
  });
  return capacity == 0 || volume.disk.used() + growth <= capacity;
}

// The bytes land in some other sector of the same volume; in the place where they belong stays what was there.
void Host::misdirect(const DiskOperation& operation, FaultId fault, std::uint64_t drawn, EventIndex cause) {
  VolumeState& volume = volume_of(operation);
  auto places = volume.disk.sectors(files_);
  std::erase_if(places, [&](const auto& place) {
    return place.first == operation.file && place.second >= operation.offset / sector_size &&
           place.second * sector_size < operation.offset + operation.bytes.size();
  });
  if (!places.empty()) {
    const auto [name, sector] = places[below(drawn, places.size())];
    volume.disk.find(name)->overwrite_platter(sector * sector_size, operation.bytes.view().substr(0, sector_size));
  }
  take_effect(fault, operation.process, no_process, cause);
}

Host::DiskOutcome Host::perform_sync(const DiskOperation& operation, EventIndex cause) {
  VolumeState& volume = volume_of(operation);
  FileContent* const file = volume.disk.find(operation.file);
  if (!file) return fail(operation, DiskStatus::not_found, cause);
  const Key who = at(operation.process).key;
  const std::uint64_t n = counts_of(operation).syncs++;
  std::vector<std::uint64_t> sectors;
  if (volume.faults > 0) [[unlikely]] {
    FaultId by{};
    bool failed = false;
    ledger_.each(FaultKind::sync_failure, [&](FaultId id, const Fault& fault) {
      if (failed || !FaultLedger::covers(fault, operation.process, operation.volume)) return;
      if (!FaultLedger::matches(fault.file, files_.name(operation.file))) return;
      failed = dice_.hits(fault.ratio, Chance::sync_failure, key_of(fault.key, who), n);
      by = id;
    });
    if (failed) {
      const Key whose = key_of(ledger_.fault(by).key, who);
      file->sync_partly([&](std::uint64_t sector) {
        return hits(dice_.draw(Chance::sector, whose, n << 32 | sector), {1, 2});
      });
      DiskOutcome outcome = fail(operation, DiskStatus::failed, cause);
      take_effect(by, operation.process, no_process, outcome.told);
      return outcome;
    }
    sectors = file->dirty_sectors();
  }
  file->sync();
  TraceEvent& event = disk_event(EventKind::disk_synced, operation, cause);
  event.a = file->writes();
  const EventIndex synced = event.index;
  if (!sectors.empty()) damage_synced(operation, sectors);
  return {DiskStatus::ok, {}, nullptr, synced};
}

Host::DiskOutcome Host::perform_read(const DiskOperation& operation) {
  VolumeState& volume = volume_of(operation);
  const FileContent* const file = volume.disk.find(operation.file);
  const Key who = at(operation.process).key;
  const std::uint64_t n = counts_of(operation).reads++;
  DiskOutcome outcome;
  std::vector<FaultId> shown;
  if (!file) {
    outcome.status = DiskStatus::not_found;
  } else {
    outcome.bytes = file->read(operation.offset, operation.length);
    if (file->has_damage()) [[unlikely]] {
      FileContent::Shown damage = file->show_damage(operation.offset, outcome.bytes);
      shown = std::move(damage.faults);
      if (damage.unreadable) outcome.status = DiskStatus::failed;
    }
    if (volume.faults > 0) [[unlikely]] {
      ledger_.each(FaultKind::read_failure, [&](FaultId id, const Fault& fault) {
        if (outcome.status != DiskStatus::ok) return;
        if (!FaultLedger::covers(fault, operation.process, operation.volume)) return;
        if (!FaultLedger::matches(fault.file, files_.name(operation.file))) return;
        if (!dice_.hits(fault.ratio, Chance::read_failure, key_of(fault.key, who), n)) return;
        outcome.status = DiskStatus::failed;
        shown = {id};
      });
    }
    if (outcome.status != DiskStatus::ok) outcome.bytes = Bytes();
  }
  TraceEvent& event = disk_event(EventKind::disk_read, operation, operation.cause);
  event.a = operation.offset;
  event.b = static_cast<std::uint64_t>(outcome.status);
  event.payload = outcome.bytes;
  outcome.told = event.index;
  for (const FaultId fault : shown) take_effect(fault, operation.process, no_process, outcome.told);
  return outcome;
}

Host::DiskOutcome Host::perform_list(const DiskOperation& operation) {
  const VolumeState& volume = volume_of(operation);
  auto entries = std::make_shared<std::vector<FileEntry>>();
  for (const FileId name : volume.disk.names()) {
    entries->push_back({std::string(files_.name(name)), volume.disk.find(name)->size()});
  }
  std::sort(entries->begin(), entries->end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  TraceEvent& listed = disk_event(EventKind::disk_listed, operation, operation.cause);
  listed.payload = encode_listing(*entries);
  return {DiskStatus::ok, {}, std::move(entries), listed.index};
}

Host::DiskOutcome Host::perform_change(const DiskOperation& operation) {
  VolumeState& volume = volume_of(operation);
  DiskStatus status = DiskStatus::ok;
  switch (operation.verb) {
    case DiskVerb::truncate:
      if (FileContent* file = volume.disk.find(operation.file)) {
        file->truncate(operation.offset);
      } else {
        status = DiskStatus::not_found;
      }
      break;
    case DiskVerb::rename: status = volume.disk.rename(operation.file, operation.new_file); break;
    case DiskVerb::link: status = volume.disk.link(operation.file, operation.new_file); break;
    case DiskVerb::remove: status = volume.disk.remove(operation.file); break;
    case DiskVerb::sync_directory: {
      const Key who = at(operation.process).key;
      const std::uint64_t n = counts_of(operation).syncs++;
      FaultId by{};
      bool failed = false;
      ledger_.each(FaultKind::sync_failure, [&](FaultId id, const Fault& fault) {
        if (failed || !fault.file.empty() || !FaultLedger::covers(fault, operation.process, operation.volume)) return;
        failed = dice_.hits(fault.ratio, Chance::sync_failure, key_of(fault.key, who), n);
        by = id;
      });
      if (failed) {
        DiskOutcome outcome = fail(operation, DiskStatus::failed, operation.cause);
        take_effect(by, operation.process, no_process, outcome.told);
        return outcome;
      }
      volume.disk.sync_names();
      break;
    }
    default: break;
  }
  if (status != DiskStatus::ok) return fail(operation, status, operation.cause);
  TraceEvent& event = disk_event(event_of(operation.verb), operation, operation.cause);
  if (operation.verb == DiskVerb::truncate) event.a = operation.offset;
  if (operation.new_file != no_file) {
    event.payload = two_names(files_.name(operation.file), files_.name(operation.new_file));
  }
  return {status, {}, nullptr, event.index};
}

// ---- A crash --------------------------------------------------------------------------------------------------------

// What was under way when the process died may have been done, nobody was told.
void Host::crash_operations(ProcessId id, Unsynced unsynced) {
  // Whoever says what part of the unsynced bytes survives means what is being written, too.
  const bool partly = unsynced == Unsynced::torn || unsynced == Unsynced::subset || unsynced == Unsynced::garbage;
  const std::vector<std::uint32_t> numbers = at(id).operations;
  for (const std::uint32_t number : numbers) {
    const bool answered_by_timeout = pending_[operations_[number].slot].kind == Pending::Kind::disk_unreachable;
    const DiskOperation operation = take_operation(number);
    // Syncs are left to the lottery, which may keep everything; what was only read changes nothing.
    if (answered_by_timeout || operation.verb == DiskVerb::list || operation.verb == DiskVerb::read) continue;
    if (is_sync(operation.verb) && !is_write(operation.verb)) continue;
    const bool shared = operation.volume == Volume::shared;
    if (shared && network_.path(id, shared_volume).blocked()) continue;
    const Key who = key_of(at(id).key, volume_of(operation).key);
    const bool reaches = hits(dice_.draw(Chance::in_flight, who, operation.number), {1, 2});
    if (!reaches && !(partly && is_write(operation.verb))) continue;
    if (is_write(operation.verb)) {
      perform_write(operation);
    } else {
      perform_change(operation);
    }
  }
}

void Host::crash_disk(VolumeState& volume, ProcessId id, Volume which, const Downfall& downfall, EventIndex cause) {
  const DiskSettings& disk = which == Volume::shared ? settings_->shared_volume : settings_->processes[index(id)].disk;
  const Unsynced unsynced = downfall.unsynced;
  const Key whose = key_of(downfall.key, volume.key);
  const auto outcome = [&](FileId name) {
    const Key who = key_of(whose, key_of(files_.name(name)));
    if (unsynced != Unsynced::drawn) return CrashOutcome{unsynced, who};
    const std::uint64_t parts = std::uint64_t{disk.kept} + disk.lost + disk.torn + disk.subset + disk.garbage;
    if (parts == 0) return CrashOutcome{Unsynced::lost, who};
    std::uint64_t drawn = below(dice_.draw(Chance::unsynced, who, 0), parts);
    if (drawn < disk.kept) return CrashOutcome{Unsynced::kept, who};
    drawn -= disk.kept;
    if (drawn < disk.lost) return CrashOutcome{Unsynced::lost, who};
    drawn -= disk.lost;
    if (drawn < disk.torn) return CrashOutcome{Unsynced::torn, who};
    drawn -= disk.torn;
    return CrashOutcome{drawn < disk.subset ? Unsynced::subset : Unsynced::garbage, who};
  };
  const auto name_survives = [&](std::uint64_t change) {
    if (unsynced == Unsynced::kept) return true;
    if (unsynced == Unsynced::lost) return false;
    return hits(dice_.draw(Chance::name, whose, change), {1, 2});
  };
  const Disk::CrashReport report = volume.disk.crash(dice_, outcome, name_survives);
  volume.busy.clear();
  const bool has_drawn_garbage =
      unsynced == Unsynced::drawn && std::any_of(report.files.begin(), report.files.end(),
                                                 [](const auto& file) { return file.unsynced == Unsynced::garbage; });
  if (has_drawn_garbage && which == Volume::own) ledger_.note_garbage(*downfall.fault, id);
  const ProcessId told = which == Volume::shared ? no_process : id;
  for (const auto& file : report.files) {
    for (const CrashRange& range : file.ranges) {
      TraceEvent& event = trace_.add(range.kept ? EventKind::disk_kept : EventKind::disk_lost, now_, told, cause);
      event.volume = which;
      event.file = file.name;
      event.a = range.offset;
      event.b = range.size;
    }
  }
  for (const Disk::LostName& lost : report.names) {
    TraceEvent& event = trace_.add(EventKind::disk_name_lost, now_, told, cause);
    event.volume = which;
    event.file = lost.name;
    if (lost.new_name != no_file) event.payload = two_names(files_.name(lost.name), files_.name(lost.new_name));
  }
}

}  // namespace smalldb::sim
