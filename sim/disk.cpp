#include "sim/disk.h"

#include <algorithm>

namespace smalldb::sim {

// ---- Names ----------------------------------------------------------------------------------------------------------

Disk::Names::iterator Disk::place(Names& names, FileId name) {
  return std::lower_bound(names.begin(), names.end(), name,
                          [](const auto& entry, FileId wanted) { return entry.first < wanted; });
}

const Disk::Inode* Disk::lookup(const Names& names, FileId name) {
  const auto at = std::lower_bound(names.begin(), names.end(), name,
                                   [](const auto& entry, FileId wanted) { return entry.first < wanted; });
  return at != names.end() && at->first == name ? &at->second : nullptr;
}

void Disk::set(Names& names, FileId name, Inode inode) {
  const auto at = place(names, name);
  if (at != names.end() && at->first == name) {
    at->second = inode;
  } else {
    names.insert(at, {name, inode});
  }
}

void Disk::erase(Names& names, FileId name) {
  const auto at = place(names, name);
  if (at != names.end() && at->first == name) names.erase(at);
}

// By inode and not by what `name` means now: a change may survive although one before it did not.
void Disk::apply(Names& names, const NameChange& change) {
  switch (change.change) {
    case Change::make: set(names, change.name, change.inode); break;
    case Change::link: set(names, change.new_name, change.inode); break;
    case Change::remove: erase(names, change.name); break;
    case Change::rename:
      erase(names, change.name);
      set(names, change.new_name, change.inode);
      break;
  }
}

void Disk::change(NameChange change) {
  apply(names_, change);
  changes_.push_back(change);
}

// ---- As a process does it -------------------------------------------------------------------------------------------

FileContent* Disk::find(FileId name) {
  const Inode* inode = lookup(names_, name);
  return inode ? &files_[*inode] : nullptr;
}

const FileContent* Disk::find(FileId name) const {
  const Inode* inode = lookup(names_, name);
  return inode ? &files_[*inode] : nullptr;
}

FileContent& Disk::make(FileId name) {
  if (FileContent* file = find(name)) return *file;
  Inode inode = static_cast<Inode>(files_.size());
  if (free_.empty()) {
    files_.emplace_back();
  } else {
    inode = free_.back();
    free_.pop_back();
    files_[inode] = FileContent();
  }
  change({Change::make, name, no_file, inode});
  return files_[inode];
}

DiskStatus Disk::rename(FileId name, FileId new_name) {
  const Inode* inode = lookup(names_, name);
  if (!inode) return DiskStatus::not_found;
  change({Change::rename, name, new_name, *inode});
  return DiskStatus::ok;
}

DiskStatus Disk::link(FileId name, FileId new_name) {
  const Inode* inode = lookup(names_, name);
  if (!inode) return DiskStatus::not_found;
  if (lookup(names_, new_name)) return DiskStatus::exists;
  change({Change::link, name, new_name, *inode});
  return DiskStatus::ok;
}

DiskStatus Disk::remove(FileId name) {
  const Inode* inode = lookup(names_, name);
  if (!inode) return DiskStatus::not_found;
  change({Change::remove, name, no_file, *inode});
  return DiskStatus::ok;
}

void Disk::sync_names() {
  if (changes_.empty()) return;
  changes_.clear();
  durable_names_ = names_;
  free_nameless();
}

void Disk::free_nameless() {
  std::vector<bool> named(files_.size(), false);
  for (const auto& entry : names_) named[entry.second] = true;
  for (const auto& entry : durable_names_) named[entry.second] = true;
  free_.clear();
  for (std::size_t i = files_.size(); i-- > 0;) {
    if (named[i]) continue;
    files_[i] = FileContent();
    free_.push_back(static_cast<Inode>(i));
  }
}

std::vector<FileId> Disk::names() const {
  std::vector<FileId> names;
  for (const auto& entry : names_) names.push_back(entry.first);
  return names;
}

std::vector<std::pair<FileId, std::uint64_t>> Disk::sectors(const FileNames& names) const {
  std::vector<FileId> files = this->names();
  std::sort(files.begin(), files.end(), [&](FileId one, FileId other) { return names.name(one) < names.name(other); });
  std::vector<std::pair<FileId, std::uint64_t>> sectors;
  for (const FileId file : files) {
    for (std::uint64_t at = 0; at < find(file)->size(); at += sector_size) sectors.push_back({file, at / sector_size});
  }
  return sectors;
}

std::uint64_t Disk::used() const {
  std::uint64_t bytes = 0;
  for (const auto& entry : names_) bytes += files_[entry.second].size();
  return bytes;
}

// ---- A crash --------------------------------------------------------------------------------------------------------

Disk::CrashReport Disk::crash(const Dice& dice, const std::function<CrashOutcome(FileId name)>& outcome,
                              const std::function<bool(std::uint64_t n)>& name_survives) {
  CrashReport report;
  // Contents first, while every file still goes by the name that its process knew it by.
  std::vector<bool> done(files_.size(), false);
  const auto crash_file = [&](FileId name, Inode inode) {
    if (done[inode]) return;
    done[inode] = true;
    const CrashOutcome drawn = outcome(name);
    std::vector<CrashRange> ranges = files_[inode].crash(dice, drawn);
    if (!ranges.empty()) report.files.push_back({name, drawn.unsynced, std::move(ranges)});
  };
  for (const auto& [name, inode] : names_) crash_file(name, inode);
  for (const auto& [name, inode] : durable_names_) crash_file(name, inode);
  for (const NameChange& change : changes_) crash_file(change.name, change.inode);  // removed, but perhaps not for good

  for (std::size_t n = 0; n < changes_.size(); ++n) {
    if (name_survives(n)) {
      apply(durable_names_, changes_[n]);
    } else {
      report.names.push_back({changes_[n].name, changes_[n].new_name});
    }
  }
  changes_.clear();
  names_ = durable_names_;
  free_nameless();
  return report;
}

Disk Disk::durable() const {
  Disk copy(*this);
  copy.crash(
      Dice(0),
      [](FileId) {
        return CrashOutcome{Unsynced::lost, {}};
      },
      [](std::uint64_t) { return false; });
  return copy;
}

bool Disk::holds_like(const Disk& other) const { return reads_like(other) && durable().reads_like(other.durable()); }

bool Disk::reads_like(const Disk& other) const {
  return std::equal(names_.begin(), names_.end(), other.names_.begin(), other.names_.end(),
                    [&](const auto& one, const auto& another) {
                      return one.first == another.first && files_[one.second].reads_like(other.files_[another.second]);
                    });
}

}  // namespace smalldb::sim
