// Finds out at a start what a data directory holds, and puts it in order (S11).
//
//     list -> meta -> newest checkpoint -> segments after it -> judge -> repair -> done
//
// Nothing is changed before everything has been read and judged: a damaged directory stays as it is found. A sound one
// is repaired on disk, durably, before the result is given: a torn tail is cut, leftovers are removed, and what was
// read is synced, for it may have stood in the machine's memory only. An empty directory becomes a new one.
//
// The records after the checkpoint are not applied: they are in the log's memory (see Log::keep_from).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/bytes.h"
#include "model/data_directory.h"
#include "model/ids.h"
#include "model/log.h"
#include "model/machine.h"
#include "model/recovery_table.h"
#include "model/segment_reader.h"
#include "model/settings.h"
#include "model/snapshot.h"
#include "model/store.h"
#include "model/whole_file.h"

namespace smalldb {

// A torn tail, which was cut. What it held was never acknowledged.
struct TornTail {
  std::string file;
  std::uint64_t offset = 0;  // where the file ends now
  std::uint64_t bytes = 0;   // that were cut
  char row = 0;              // of the recovery table
};

struct Recovered {
  Meta meta;
  bool fresh = false;  // the directory was empty, and has just been made
  Store store;         // as of the newest checkpoint
  Log log;             // with all records after it in memory, and durable
  std::optional<TornTail> torn_tail;
};

// The directory holds bytes that cannot be trusted. Its node never claims an epoch with it.
struct Damaged {
  std::string file;
  std::uint64_t offset = 0;
  std::string message;                // file, offset, what is wrong and what to do, for people
  std::optional<Meta> meta;           // if that could be read
  std::uint64_t next_generation = 1;  // that no file in the directory has, for a snapshot to be installed in
  bool other_format = false;  // nothing is wrong with it, but that this program cannot read it: to be left alone
};

class Recovery {
 public:
  // `fresh`: the identity of the directory, should it turn out to be empty.
  Recovery(const Settings& settings, const RuleSwitches& rules, DirectoryId fresh);

  // REQUIRES: no operation on the directory is on the way.
  void start(Effects& effects);
  // Takes the answer to one of its operations (DiskOwner::recovery).
  void on_disk_done(const DiskDone& done, Effects& effects);

  bool done() const { return step_ == Step::done; }
  // One of the two, when done.
  const std::optional<Recovered>& recovered() const { return recovered_; }
  const std::optional<Damaged>& damaged() const { return damaged_; }

 private:
  enum class Step : std::uint8_t {
    none,
    list,
    write_meta,
    read_meta,
    read_checkpoint,
    read_segment,
    begin_repair,
    truncate,
    write_again,
    write_believed,
    sync_log,
    sync_names,
    remove_leftovers,
    sync_removals,
    done,
  };
  struct SegmentFile {
    FileEntry entry;
    Lsn first;
  };

  void on_listed(const DiskDone& done, Effects& effects);
  void make_directory(Effects& effects);
  void write_meta(Effects& effects);
  void on_meta_read(const DiskDone& done, Effects& effects);
  void on_checkpoint_read(const DiskDone& done, Effects& effects);
  void begin_log(Effects& effects);
  void read_next_segment(Effects& effects);
  void on_segment_read(const DiskDone& done, Effects& effects);
  void begin_file(Step step, const FileEntry& entry, Effects& effects);
  void read_next_piece(Effects& effects);

  void judge_segment(Effects& effects);
  bool follows(const Record& record) const;
  void believe_torn_record(const SegmentReader& reader);
  void damage(std::string file, std::uint64_t offset, std::string_view finding);
  void leave_to_other(std::uint32_t version);

  std::uint64_t begin_of_last_write(std::string_view records) const;
  void begin_repair(Effects& effects);
  void next_repair(Effects& effects);
  void remove_leftovers(Effects& effects);
  bool is_leftover(const FileEntry& entry) const;
  void finish_repair(Effects& effects);
  void finish();
  DiskToken await(Step step);

  Settings settings_;
  RuleSwitches rules_;
  Step step_ = Step::none;
  DiskTokens tokens_{DiskOwner::recovery};
  std::uint64_t answers_awaited_ = 0;  // while repairing
  bool stopped_ = false;

  std::vector<FileEntry> files_;
  std::uint64_t next_generation_ = 1;
  Meta meta_;
  bool meta_known_ = false;
  bool fresh_ = false;
  WholeFile meta_writer_;
  Lsn checkpoint_;                     // the newest one's position; 0: there is none
  std::vector<SegmentFile> segments_;  // that may hold records after the checkpoint, by position
  std::size_t segment_ = 0;            // of them, being read

  std::string file_;  // being read
  std::uint64_t file_size_ = 0;
  std::uint64_t position_ = 0;  // in it
  std::string buffer_;          // the segment being read
  SnapshotReader snapshot_;

  std::optional<Store> store_;
  std::optional<Log> log_;
  WallTime stamp_;  // of the last record restored
  std::optional<TornTail> torn_tail_;
  Bytes last_write_;  // what the last write to the last segment may have brought there
  std::uint64_t last_write_at_ = 0;
  std::optional<Bytes> believed_;  // torn_tail_cut off: to be put in the torn tail's place

  std::optional<Recovered> recovered_;
  std::optional<Damaged> damaged_;
};

}  // namespace smalldb
