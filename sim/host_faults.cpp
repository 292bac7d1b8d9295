// Faults: taking hold, taking effect, letting go.
#include <algorithm>
#include <utility>

#include "model/assert.h"
#include "sim/host.h"

namespace smalldb::sim {
namespace {

enum class Family { process, network, disk, clock };

Family family_of(FaultKind kind) {
  if (kind <= FaultKind::slow_cpu) return Family::process;
  if (kind <= FaultKind::chunking) return Family::network;
  if (kind <= FaultKind::old_disk) return Family::disk;
  return Family::clock;
}

}  // namespace

template <class Use>
void Host::each_process(const Fault& fault, Use&& use) {
  for (std::size_t i = 0; i < processes_.size(); ++i) {
    const ProcessId id{static_cast<std::uint32_t>(i)};
    if (FaultLedger::covers(fault, id) || fault.kind == FaultKind::power_failure) use(id);
  }
}

template <class Use>
void Host::each_direction(const Fault& fault, Use&& use) {
  if (fault.links) {
    for (const Direction& direction : *fault.links) use(direction.from, direction.to);
    return;
  }
  std::vector<ProcessId> ends{shared_volume};
  for (std::size_t i = 0; i < processes_.size(); ++i) ends.push_back(ProcessId{static_cast<std::uint32_t>(i)});
  for (const Direction& direction : one_way(ends, ends)) use(direction.from, direction.to);
}

template <class Use>
void Host::each_volume(const Fault& fault, Use&& use) {
  if (fault.process == shared_volume || fault.volume == Volume::shared)
    return use(volumes_.back(), no_process, Volume::shared);
  each_process(fault, [&](ProcessId id) { use(volumes_[index(id)], id, Volume::own); });
}

// ---- The ledger -----------------------------------------------------------------------------------------------------

void Host::take_effect(FaultId fault, ProcessId process, ProcessId peer, EventIndex cause) {
  ledger_.count_effect(fault);
  TraceEvent& event = trace_.add(EventKind::fault_took_effect, now_, process, cause);
  event.peer = peer;
  event.a = static_cast<std::uint64_t>(fault);
  event.b = static_cast<std::uint64_t>(ledger_.fault(fault).kind);
}

FaultId Host::inject(const Fault& fault) {
  trace_.begin();
  first_ = First();
  const FaultId id = ledger_.begin(fault, now_);
  const bool on_named_links = family_of(fault.kind) == Family::network && fault.links && !fault.links->empty();
  TraceEvent& event =
      trace_.add(EventKind::fault_injected, now_, on_named_links ? fault.links->front().from : fault.process, no_event);
  if (on_named_links) event.peer = fault.links->front().to;
  event.a = static_cast<std::uint64_t>(id);
  event.b = static_cast<std::uint64_t>(fault.kind);
  const EventIndex injected = event.index;
  if (fault.duration > Duration{}) {
    arm(make_pending({.kind = Pending::Kind::fault_end, .index = static_cast<std::uint32_t>(id), .cause = injected}),
        now_ + fault.duration);
  }
  begin_fault(id, injected);
  trace_.finish();
  return id;
}

void Host::end(FaultId fault) {
  trace_.begin();
  first_ = First();
  end_fault(fault);
  trace_.finish();
}

void Host::end_all() {
  trace_.begin();
  first_ = First();
  for (const FaultId fault : ledger_.active()) end_fault(fault);
  trace_.finish();
}

void Host::end_fault(FaultId id) {
  if (!ledger_.end(id, now_)) return;
  const Fault fault = ledger_.fault(id);
  TraceEvent& event = trace_.add(EventKind::fault_ended, now_, fault.process, no_event);
  event.a = static_cast<std::uint64_t>(id);
  event.b = static_cast<std::uint64_t>(fault.kind);
  undo_fault(id, event.index);
}

void Host::begin_fault(FaultId id, EventIndex cause) {
  const Fault fault = ledger_.fault(id);
  switch (family_of(fault.kind)) {
    case Family::process: return begin_process_fault(id, fault, cause);
    case Family::network: return begin_network_fault(id, fault, cause);
    case Family::disk: return begin_disk_fault(id, fault, cause);
    case Family::clock: return begin_clock_fault(id, fault, cause);
  }
}

// ---- Processes ------------------------------------------------------------------------------------------------------

void Host::begin_process_fault(FaultId id, const Fault& fault, EventIndex cause) {
  each_process(fault, [&](ProcessId process) {
    Process& its = at(process);
    if (fault.kind == FaultKind::slow_cpu) {
      ++its.slow;
    } else if (fault.kind == FaultKind::pause) {
      const bool stops = its.pauses++ == 0 && its.running();
      const EventIndex paused = stops ? trace_.add(EventKind::paused, now_, process, cause).index : cause;
      its.unseen_pauses.emplace_back(id, paused);
      if (!its.backlog.empty()) show_pauses(process);
      resume_backlog(process);
    } else {
      ++its.downs;
      its.down_by = id;
      const bool power = fault.kind == FaultKind::power_failure;
      if (!its.running()) {
        its.silent = its.silent || power || fault.silent;
        return;
      }
      TraceEvent& event = trace_.add(EventKind::crashed, now_, process, cause);
      event.a = its.incarnation;
      const EventIndex crashed = event.index;
      const Downfall downfall{.key = fault.key,
                              .fault = id,
                              .silent = power || fault.silent,
                              .keep_cache = fault.kind == FaultKind::kill,
                              .unsynced = fault.unsynced};
      go_down(process, downfall, crashed);
      take_effect(id, process, no_process, crashed);
    }
  });
  if (fault.kind == FaultKind::power_failure) {
    crash_disk(volumes_.back(), no_process, Volume::shared, {.key = fault.key, .unsynced = fault.unsynced}, cause);
  }
}

// The first event that comes while a process is paused: it is what differs because of the pause.
void Host::hold_back(Slot slot) {
  show_pauses(pending_[slot].process);
  wait(slot);
}

void Host::show_pauses(ProcessId process) {
  for (const auto& [fault, began] : std::exchange(at(process).unseen_pauses, {})) {
    take_effect(fault, process, no_process, began);
  }
}

// ---- The network ----------------------------------------------------------------------------------------------------

void Host::begin_network_fault(FaultId id, const Fault& fault, EventIndex cause) {
  if (fault.kind == FaultKind::reset || fault.kind == FaultKind::half_open) return break_connections(id, fault, cause);
  each_direction(fault, [&](ProcessId from, ProcessId to) {
    Path& path = network_.path(from, to);
    if (fault.kind == FaultKind::cut) {
      ++path.cuts;
    } else if (fault.kind == FaultKind::clog) {
      ++path.clogs;
    } else {
      ++path.shapes;
    }
  });
}

// ---- Disks ----------------------------------------------------------------------------------------------------------

void Host::begin_disk_fault(FaultId id, const Fault& fault, EventIndex cause) {
  if (fault.kind == FaultKind::disk_full && fault.size == 0) {
    // Not one byte more than now, on the fullest of the disks meant.
    std::uint64_t used = 0;
    each_volume(fault, [&](VolumeState& volume, ProcessId, Volume) { used = std::max(used, volume.disk.used()); });
    ledger_.set_size(id, std::max<std::uint64_t>(1, used));
  }
  each_volume(fault, [&](VolumeState& volume, ProcessId process, Volume) {
    switch (fault.kind) {
      case FaultKind::wiped_disk: {
        const bool differs = !volume.disk.names().empty();
        volume.disk = Disk();
        if (differs) take_effect(id, process, no_process, cause);
        return;
      }
      case FaultKind::saved_disk:
        volume.saved = std::make_shared<const Disk>(volume.disk.durable());
        volume.saved_by = id;
        return;
      case FaultKind::old_disk: {
        Disk old = volume.saved ? *volume.saved : Disk();
        const bool differs = !old.holds_like(volume.disk);
        volume.disk = std::move(old);
        if (!differs) return;
        // The copy makes a difference only here, and this is where its fault does.
        if (volume.saved) take_effect(volume.saved_by, process, no_process, cause);
        return take_effect(id, process, no_process, cause);
      }
      case FaultKind::bit_rot:
      case FaultKind::bad_sector: damage_files(id, volume); break;
      default: break;
    }
    ++volume.faults;
  });
}

// Damages what is there now: each sector by chance, or as many as the fault may damage, wherever they are.
void Host::damage_files(FaultId id, VolumeState& volume) {
  const Fault fault = ledger_.fault(id);
  auto places = volume.disk.sectors(files_);
  std::erase_if(places, [&](const auto& place) { return !FaultLedger::matches(fault.file, files_.name(place.first)); });
  const Key whose = key_of(fault.key, volume.key);
  const Chance what = fault.kind == FaultKind::bit_rot ? Chance::rot : Chance::bad_sector;
  const auto strike = [&](FileId name, std::uint64_t sector) {
    const std::uint64_t drawn = dice_.draw(what, key_of(whose, key_of(files_.name(name))), sector);
    if (fault.times == 0 && !hits(drawn, fault.ratio)) return;
    damage_sector(*volume.disk.find(name), id, sector, again(drawn));
  };
  if (fault.times == 0) {
    for (const auto& [name, sector] : places) strike(name, sector);
    return;
  }
  for (std::uint64_t k = 0; k < fault.times && !places.empty(); ++k) {
    const std::uint64_t chosen = below(dice_.draw(what, whose, k), places.size());
    strike(places[chosen].first, places[chosen].second);
    places.erase(places.begin() + static_cast<std::ptrdiff_t>(chosen));
  }
}

void Host::damage_sector(FileContent& file, FaultId id, std::uint64_t sector, std::uint64_t drawn) {
  const bool rot = ledger_.fault(id).kind == FaultKind::bit_rot;
  const std::uint64_t bytes = std::min(sector_size, file.size() - std::min(file.size(), sector * sector_size));
  if (bytes == 0 || file.damaged(sector)) return;
  file.damage({sector, rot ? FileContent::DamageKind::rot : FileContent::DamageKind::bad_sector,
               static_cast<std::uint16_t>(below(drawn, 8 * bytes)), id});
}

// Damages what has just become durable, each sector by chance.
void Host::damage_synced(const DiskOperation& operation, const std::vector<std::uint64_t>& sectors) {
  VolumeState& volume = volume_of(operation);
  for (const FaultKind kind : {FaultKind::bit_rot, FaultKind::bad_sector}) {
    ledger_.each(kind, [&](FaultId id, const Fault& fault) {
      if (fault.times > 0 || !FaultLedger::covers(fault, operation.process, operation.volume)) return;
      if (!FaultLedger::matches(fault.file, files_.name(operation.file))) return;
      const Chance what = kind == FaultKind::bit_rot ? Chance::rot : Chance::bad_sector;
      const Key who = key_of(key_of(fault.key, volume.key), key_of(files_.name(operation.file)));
      for (const std::uint64_t sector : sectors) {
        const std::uint64_t drawn = dice_.draw(what, who, counts_of(operation).syncs << 32 | sector);
        if (hits(drawn, fault.ratio)) damage_sector(*volume.disk.find(operation.file), id, sector, again(drawn));
      }
    });
  }
}

// ---- Clocks ---------------------------------------------------------------------------------------------------------

void Host::begin_clock_fault(FaultId id, const Fault& fault, EventIndex) {
  each_process(fault, [&](ProcessId process) {
    Process& its = at(process);
    switch (fault.kind) {
      case FaultKind::clock_step: its.clock.step(fault.step); break;
      case FaultKind::clock_drift: its.clock.drift(now_, fault.drift); break;
      default: its.clock.freeze(now_); break;
    }
    its.unseen_clock_faults.push_back(id);
    if (fault.kind != FaultKind::clock_step) rearm_timers(process);
  });
}

// ---- Letting go -----------------------------------------------------------------------------------------------------

void Host::undo_fault(FaultId id, EventIndex cause) {
  const Fault fault = ledger_.fault(id);
  switch (family_of(fault.kind)) {
    case Family::process:
      each_process(fault, [&](ProcessId process) {
        Process& its = at(process);
        if (fault.kind == FaultKind::slow_cpu) {
          --its.slow;
        } else if (fault.kind == FaultKind::pause) {
          std::erase_if(its.unseen_pauses, [id](const auto& unseen) { return unseen.first == id; });
          if (--its.pauses > 0) return;
          if (its.running()) trace_.add(EventKind::resumed, now_, process, cause);
          resume_backlog(process);
        } else if (--its.downs == 0) {
          pending_[its.start].cause = cause;
          arm(its.start, now_);
        }
      });
      return;
    case Family::network:
      if (fault.kind == FaultKind::reset || fault.kind == FaultKind::half_open) return;
      each_direction(fault, [&](ProcessId from, ProcessId to) {
        Path& path = network_.path(from, to);
        if (fault.kind == FaultKind::cut || fault.kind == FaultKind::clog) {
          --(fault.kind == FaultKind::cut ? path.cuts : path.clogs);
          if (!path.blocked()) unblock(from, to);
        } else {
          --path.shapes;
        }
      });
      return;
    case Family::disk:
      if (fault.kind == FaultKind::wiped_disk || fault.kind == FaultKind::saved_disk) return;
      if (fault.kind == FaultKind::old_disk) return;
      each_volume(fault, [](VolumeState& volume, ProcessId, Volume) { --volume.faults; });
      return;
    case Family::clock:
      if (fault.kind == FaultKind::clock_step) return;
      each_process(fault, [&](ProcessId process) {
        if (fault.kind == FaultKind::clock_drift) {
          at(process).clock.drift(now_, -fault.drift);
        } else {
          at(process).clock.thaw(now_);
        }
        rearm_timers(process);
      });
      return;
  }
}

}  // namespace smalldb::sim
