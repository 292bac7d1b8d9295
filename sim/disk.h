// A volume: files, their names, and what of both survives a crash.
//
// Promises, by which the tests are named:
//   - What a sync of a file reported done survives. What was written and not synced survives or not, sector by sector.
//   - A name (a new file, a rename, a link, a remove) survives once the directory was synced; before, it may or may
//     not. A rename survives as a whole or not at all.
//   - Names and contents are durable apart from each other: a synced file without a durable name is gone.
// A copy of a disk shares its blocks until one of the two writes them.
#pragma once

#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "model/machine.h"
#include "sim/file_content.h"
#include "sim/file_names.h"
#include "sim/trace.h"

namespace smalldb::sim {

class Disk {
 public:
  // ---- As a process does it. `name` is the number of the file's name.

  // The file of that name, null if there is none.
  FileContent* find(FileId name);
  const FileContent* find(FileId name) const;
  // The file of that name, made if need be.
  FileContent& make(FileId name);
  DiskStatus rename(FileId name, FileId new_name);
  DiskStatus link(FileId name, FileId new_name);
  DiskStatus remove(FileId name);
  void sync_names();

  // The names that a process sees, by number.
  std::vector<FileId> names() const;
  // All sectors of their files, in the order of the names in `names`.
  std::vector<std::pair<FileId, std::uint64_t>> sectors(const FileNames& names) const;
  // Bytes of all files that have a name.
  std::uint64_t used() const;

  // ---- A crash

  struct LostName {
    FileId name = no_file;
    FileId new_name = no_file;  // of a rename or link
  };
  struct CrashReport {
    struct File {
      FileId name = no_file;
      Unsynced unsynced = Unsynced::lost;  // as `outcome` said
      std::vector<CrashRange> ranges;
    };
    std::vector<File> files;
    std::vector<LostName> names;
  };
  // `outcome(name)` says what becomes of the unsynced bytes of each file; `name_survives(n)` whether the n-th change of
  // names since the last sync of the directory does.
  CrashReport crash(const Dice& dice, const std::function<CrashOutcome(FileId name)>& outcome,
                    const std::function<bool(std::uint64_t n)>& name_survives);

  // What a crash would leave in which nothing more reaches the disk.
  Disk durable() const;
  // The same names, and under each what reads the same: now, and after such a crash.
  bool holds_like(const Disk& other) const;

 private:
  using Inode = std::uint32_t;
  using Names = std::vector<std::pair<FileId, Inode>>;  // by FileId
  enum class Change : std::uint8_t { make, rename, link, remove };
  struct NameChange {
    Change change = Change::make;
    FileId name = no_file;
    FileId new_name = no_file;
    Inode inode = 0;
  };

  static Names::iterator place(Names& names, FileId name);
  static const Inode* lookup(const Names& names, FileId name);
  static void set(Names& names, FileId name, Inode inode);
  static void erase(Names& names, FileId name);
  static void apply(Names& names, const NameChange& change);
  void change(NameChange change);
  void free_nameless();
  bool reads_like(const Disk& other) const;

  std::vector<FileContent> files_;  // by inode
  std::vector<Inode> free_;
  Names names_;
  Names durable_names_;
  std::vector<NameChange> changes_;  // since the last sync of the directory
};

}  // namespace smalldb::sim
