// The write-ahead log of a running node.
//
// Records are appended in memory and go to disk in segments, several records to a write (group commit): while one write
// and its sync are on the way, further records gather, and the next write carries them all.
//
//     append ->  | durable            | being written | gathering      |
//                1                durable()                          end()
//                        first_in_memory() -> records are still here
//
// What the disk holds at any instant, so that recovery can tell a torn write from damage (model/recovery_table.h):
//   1. One write is on the way at a time, it carries at most Settings::log_write_bytes or a single record, and it lies
//      within one segment. So whatever a crash tears, it tears within that many bytes of the log's end, in the last
//      segment.
//   2. A segment is begun only when all before it is durable, and its records count as durable only when its name is.
//   3. Where segments end is a function of the records: after segment_bytes, and after every Checkpoint record, so that
//      replicas' segments are the same files and a checkpoint makes whole segments superfluous.
//   4. A cut removes later segments one by one, newest first, each durably, before it shortens the one it falls into;
//      nothing is appended before the cut is durable.
//
// A failed disk operation stops the process (S11). A Log is a value: copies go on by themselves.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "model/bytes.h"
#include "model/configuration.h"
#include "model/data_directory.h"
#include "model/ids.h"
#include "model/log_tail.h"
#include "model/machine.h"
#include "model/record.h"
#include "model/settings.h"
#include "model/whole_file.h"

namespace smalldb {

class Log {
 public:
  // A log without records or files that goes on after `base`, a checkpoint's position (0: none), in the generation
  // given. `configuration` is as of `base`.
  Log(const Settings& settings, std::uint64_t generation, Lsn base, Configuration configuration);

  // ---- For recovery: what stands on the disk already, in order. Everything restored counts as durable.

  void restore_segment(Lsn first);
  // Of the records up to `base` only the size is noted. REQUIRES: a segment restored; the record follows the last one.
  void restore(const Record& record, Bytes encoded);

  // The directory has not begun: what is written first counts as durable when `meta`, which says that it has, is so as
  // well. REQUIRES: no record.
  void begin(const Meta& meta);

  // ---- Appending

  // Appends in memory. REQUIRES: record.lsn == end().next(), `encoded` is encode(record), !cutting().
  void append(const Record& record, Bytes encoded);
  // Starts to write what waits, unless a write is on the way already. To be called after the last append of a step.
  void flush(Effects& effects) {
    if (step_ == Step::idle && !stopped_ && durable_ != end()) write(effects);
  }
  // Takes the answer to an operation of this log (owner_of(done.token) == DiskOwner::log), and starts the next write if
  // something waits. durable() may have risen, cutting() may have ended.
  void on_disk_done(const DiskDone& done, Effects& effects);

  // What lies at or below stands in a checkpoint, and cannot be cut.
  Lsn base() const { return base_; }
  // The last record appended.
  Lsn end() const { return tail_.end(); }
  // The last record that no crash can take away any more.
  Lsn durable() const { return durable_; }
  // As of end().
  const Configuration& configuration() const { return configurations_.back().second; }
  std::uint64_t generation() const { return generation_; }
  // Bytes of the segments held, for deciding when a checkpoint is due.
  std::uint64_t bytes() const { return bytes_; }
  // The last record that the disk has been handed, or gets with the next flush() if all that waits fits into one write:
  // what is appended while a write is on the way gathers behind it.
  Lsn handed() const { return step_ == Step::idle ? end() : std::min(written_, end()); }
  // No operation is on the way: the log may be dropped, or its directory recovered anew, without surprises.
  bool idle() const { return step_ == Step::idle && removals_ == 0; }

  // ---- The records in memory

  Lsn first_in_memory() const { return tail_.first(); }
  // The encoded record. REQUIRES: first_in_memory() <= lsn <= end().
  Bytes record(Lsn lsn) const { return tail_.record(lsn); }
  // It and those that stand right behind it in memory, one after the other: some, and none of them copied.
  // REQUIRES: first_in_memory() <= lsn <= end().
  Bytes records_at(Lsn lsn) const { return tail_.records_at(lsn); }
  // All encoded records from `lsn` on, one after the other. REQUIRES: first_in_memory() <= lsn <= end().next().
  Bytes records_from(Lsn lsn) const { return tail_.run_from(lsn, end(), ~std::uint64_t{0}).joined(); }
  // Those from `lsn` up to `up_to`: as many as fit into `max_bytes`, but at least one; none if up_to < lsn.
  // REQUIRES: first_in_memory() <= lsn <= end().next(), up_to <= end().
  LogTail::Run run_from(Lsn lsn, Lsn up_to, std::uint64_t max_bytes) const;
  // The records from `lsn` to `last` stand in `bytes` as well, in one piece: until the next write is done, whoever asks
  // for just these gets that, so that the disk and another node need not have them put together for each.
  void note_in_one_piece(Lsn lsn, Lsn last, Bytes bytes);
  // Records from `lsn` on must stay in memory until further notice. Others stay while log_buffer_bytes is not exceeded,
  // and all that is not durable stays anyway. In the beginning everything stays.
  void keep_from(Lsn lsn) {
    keep_from_ = lsn;
    trim();
  }

  // ---- Taking away

  // A checkpoint as of `checkpoint` is durable: removes the segments that lie wholly at or below it.
  void retire(Lsn checkpoint, Effects& effects);
  // Forgets all records after `lsn`, at once in memory, then on disk; a write on the way is waited for. cutting() until
  // that is durable. What is not in memory afterwards does not come back into it.
  // REQUIRES: base <= lsn <= end(), !cutting().
  void cut(Lsn lsn, Effects& effects);
  bool cutting() const { return cutting_; }

 private:
  struct Segment {
    Lsn first;
    std::uint64_t size = 0;  // with what waits to be written
    bool closed = false;     // the next record begins another
    bool has_file = false;   // it was handed to the disk, or found there; with nothing in it if a crash took the rest
  };
  enum class Step : std::uint8_t {
    idle,
    write,
    sync_new_name,
    begin,
    remove,
    sync_removal,
    find_cut,
    truncate,
    sync_cut
  };

  void add_to_last_segment(const Record& record, std::uint64_t size);
  void add_to_memory(const Record& record, Bytes encoded);
  void trim() { tail_.trim(log_buffer_bytes_, std::min(keep_from_, durable_.next())); }
  void forget_run();
  void write(Effects& effects);
  void write_meta(Effects& effects);
  void finish_write(Effects& effects);
  void forget_gathered(Lsn lsn);
  void continue_cut(Effects& effects);
  void truncate_at_cut(const Bytes& bytes, Effects& effects);
  DiskToken await(Step step);
  DiskToken await(Step step, Lsn segment);
  std::size_t segment_of(Lsn lsn) const;

  std::uint64_t segment_bytes_;
  std::uint64_t write_bytes_;
  std::uint64_t log_buffer_bytes_;
  std::uint64_t generation_;
  Lsn base_;

  std::vector<Segment> segments_;  // by position, without gaps
  LogTail tail_;
  Lsn run_first_;  // of the last run that was put in one piece, while it may be asked for again
  LogTail::Run run_;
  Lsn durable_;
  Lsn keep_from_;
  std::uint64_t bytes_ = 0;
  // The configuration as of `base`, and after each record since that changed it: a cut takes back what lies behind it.
  std::vector<std::pair<Lsn, Configuration>> configurations_;

  Step step_ = Step::idle;
  DiskTokens tokens_{DiskOwner::log};
  DiskToken awaited_{};             // of step_
  std::string file_;                // the segment that step_ is about, by name ...
  Lsn file_first_;                  // ... and first position
  Lsn written_;                     // the last record handed to the disk
  std::uint64_t write_offset_ = 0;  // where the next write goes in the segment of durable_.next()
  std::uint64_t write_size_ = 0;    // of the write on the way
  std::uint64_t removals_ = 0;      // of retired segments, on the way
  std::optional<Meta> to_begin_;    // of a directory that has not begun: what it is to be
  WholeFile meta_file_;
  bool cutting_ = false;
  bool stopped_ = false;
};

}  // namespace smalldb
