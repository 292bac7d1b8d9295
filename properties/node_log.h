// A mirror of one node's log, kept from what was written to its disk, synced, truncated, removed and read back.
//
// After a restart the mirror is what the node read of its log, since that is what it goes on from: unsynced bytes that
// the disk lost, or bytes that rotted, are then gone here too. Until it has read a file, the file stands as it was.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/data_directory.h"
#include "model/ids.h"
#include "model/record.h"
#include "properties/observation.h"
#include "sim/trace.h"

namespace smalldb::properties {

struct LogEntry {
  Line line = no_line;
  std::uint8_t kind = 0;  // index into RecordBody, plus one
  std::uint64_t fingerprint = 0;
  std::uint64_t end = 0;  // offset behind it in its file
  SessionId session;      // Operation only
  std::uint64_t number = 0;
};

// When which position first became durable, or was received: steps in the order of events. Bounded: the oldest are
// forgotten, and what they covered then counts as of the oldest step left.
class Milestones {
 public:
  struct Step {
    Line line;
    Lsn lsn;
    sim::EventIndex event;
  };
  void reach(const Step& step);
  // The step that first covered the record of `line` at `position`; null if none did.
  const Step* covering(Line line, Lsn position) const;
  const std::vector<Step>& steps() const { return steps_; }

 private:
  std::vector<Step> steps_;
};

class NodeLog {
 public:
  // First position held; end().next() if the log is empty.
  Lsn first() const;
  Lsn end() const { return end_; }
  Lsn durable_end() const { return durable_end_; }
  // Null if the log does not hold the position (no longer, or not yet).
  const LogEntry* entry(Lsn lsn) const;
  // The line of the last record, even if its file has been removed after a checkpoint.
  Line head() const { return head_; }

  struct Checkpoint {
    std::uint64_t generation = 0;
    Lsn lsn;
    Line line = no_line;  // no_line if it is not known
  };
  // The newest whose name is durable; null if there is none. The log may be shorter, or gone.
  const Checkpoint* checkpoint() const { return kept_ ? &*kept_ : nullptr; }

  // The node has begun again, once or more often, and is in the middle of reading, or ended there: what it has not come
  // to is not missing.
  bool reading_back() const;

  // Of the files that hold it; 0 if there are none.
  std::uint64_t generation() const;

  // All that ever became durable, restarts and losses included.
  const Milestones& durable() const { return durable_; }

  // ---- For the observer. `file` is a log file of the node, `generation` and `first` what its name says.

  struct File {
    sim::FileId id;
    std::uint64_t generation;
    Lsn first;
  };
  // A record found in bytes; the observer gives its entry.
  struct Found {
    RecordHeader header;
    std::string_view bytes;
  };

  // Bytes were written to, or read from, a file, as trace event `event` shows. Whole records are then taken out one by
  // one:
  //     while (const auto found = log.next()) log.add(*found, entry);
  void write(const File& file, std::uint64_t offset, std::string_view bytes, sim::EventIndex event);
  void read(const File& file, std::uint64_t offset, std::string_view bytes, sim::EventIndex event);
  std::optional<Found> next();
  void add(const Found& found, const LogEntry& entry);
  // What was found is no record after all: nothing behind it in the file counts.
  void refuse();

  void synced(sim::FileId file, sim::EventIndex event);
  // What was written and not synced is not durable by any later sync, unless it is written again.
  void sync_failed(sim::FileId file);
  void directory_synced(sim::EventIndex event);
  void truncated(sim::FileId file, std::uint64_t size, sim::EventIndex event);
  void removed(sim::FileId file, sim::EventIndex event);
  // A checkpoint stands under its name: segments up to there are superfluous, and their removal is no cut. Once that
  // name is durable, so is all that it covers of its line, even records that were never written to the log (S7: what
  // was received may be applied). One of a generation that is yet to begin, a snapshot, replaces the log (S6), and
  // counts for nothing before the directory's meta points to it.
  void covered(const Checkpoint& checkpoint);
  // A new meta stands under its name: it points to the snapshot that came before it.
  void pointed();
  // The checkpoint was read back: that is what became of its name, and of the meta that points to it.
  void read_checkpoint(std::uint64_t generation, Lsn lsn, sim::EventIndex event);
  // A crash of the machine decided the file's unsynced bytes: whatever is read back of it is durable.
  void decided(sim::FileId file);
  // The node has begun again: what it reads from now on replaces what stands here.
  void restarted();
  // The files that the node found when it began, which is what it asks for first: what stands here and is not among
  // them is gone. So comes out that the disk was emptied, or replaced by another or by an older copy of itself. Until
  // then the mirror goes on as a node does that runs meanwhile: what was taken from it is not what it failed to write.
  void listed(const std::vector<FileName>& files);
  // It was, while the node is down: what the disk has now is not known before the node begins again, if it ever does.
  void replaced();

  // The line of the first record that the last write, truncation or removal took from the end; no_line if it took none.
  Line cut_line() const { return cut_line_; }
  // The bytes being taken out were read back rather than written.
  bool reading() const { return reading_; }

 private:
  struct Segment {
    File file;
    std::uint64_t size = 0;                    // bytes seen
    std::uint64_t parsed = 0;                  // of these, taken out as records
    std::uint64_t synced = 0;                  // bytes durable
    std::uint64_t mended = ~std::uint64_t{0};  // a sync has failed: bytes that a further one can make durable
    bool name_durable = false;
    bool read_back = true;          // false: as it was before the restart
    std::uint64_t size_before = 0;  // the restart: to be read back
    bool decided = false;           // by a crash: what will be read back of it is durable
    bool broken = false;            // what stands behind the last entry is no record
    std::string rest;               // a record begun: the bytes from `parsed` to `size`
    std::vector<LogEntry> entries;

    Lsn end() const { return {file.first.value + entries.size() - 1}; }
  };

  static bool is_there(const Segment& segment, std::uint64_t offset, std::string_view bytes);
  std::size_t find(sim::FileId file) const;
  std::size_t open(const File& file);
  void take(std::size_t segment, std::uint64_t offset, std::string_view bytes);
  void cut(Segment& segment, std::uint64_t size);
  void cut_from(Lsn lsn);
  void settle();
  void measure();
  void keep_only(const std::vector<FileName>& files);
  void keep(std::optional<Checkpoint>& checkpoint, sim::EventIndex event);
  bool is_covered(const Segment& segment) const;

  std::vector<Segment> segments_;  // by first position
  Lsn end_;
  Lsn durable_end_;
  std::optional<Checkpoint> kept_;
  std::optional<Checkpoint> written_;   // its name is not durable yet
  bool written_in_doubt_ = false;       // the node has begun again since
  std::optional<Checkpoint> snapshot_;  // of the next generation
  bool pointed_ = false;                // to it, by a meta whose name is not durable yet
  bool listed_ = false;                 // the node has been told, since it started, which files there are
  Line head_ = no_line;
  Line cut_line_ = no_line;
  Milestones durable_;
  sim::EventIndex event_ = sim::no_event;  // the last one that changed something

  // While records are being taken out: where, and the bytes left.
  std::size_t current_ = 0;
  bool reading_ = false;
  std::string_view unparsed_;
  std::string joined_;  // a record begun and the bytes that followed it
};

}  // namespace smalldb::properties
