// Reads the records of one segment of the log, and says what stands where they end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "model/bytes.h"
#include "model/ids.h"
#include "model/record.h"
#include "model/recovery_table.h"

namespace smalldb {

// Sectors are what a disk writes whole or not at all; larger ones consist of these.
inline constexpr std::uint64_t sector_size = 512;

// A record as it stood on the disk.
struct StoredRecord {
  Record record;
  Bytes encoded;
  std::uint64_t offset;
};

class SegmentReader {
 public:
  // `segment`: the whole contents. `first`: the position that its first record is to have. `write_bytes`: the most that
  // one write carried (Settings::log_write_bytes).
  SegmentReader(Bytes segment, Lsn first, std::uint64_t write_bytes);

  // The next record, if it is whole and has the next position; otherwise nothing, and state() and behind() say why.
  std::optional<StoredRecord> next();

  // The position that the next record is to have.
  Lsn expected() const { return expected_; }
  // The segment's bytes up to here were given.
  std::uint64_t offset() const { return offset_; }
  // What stands at offset(), after next() gave nothing. Never `whole` or `gap`.
  RecordState state() const { return state_; }
  Behind behind() const { return behind_; }

  // For labs (rule torn_tail_cut switched off): the record at offset() as if what is there of it were right, with
  // checksums that hold, if its header can be made out and its body read. REQUIRES: next() gave nothing.
  std::optional<StoredRecord> believe() const;

 private:
  RecordState state_at_offset() const;
  RecordState torn_or_rotten(std::uint64_t size, std::optional<std::size_t> flip) const;
  bool sector_missing(std::uint64_t at) const;
  Behind look_behind() const;

  Bytes segment_;
  std::uint64_t write_bytes_;
  Lsn expected_;
  std::uint64_t offset_ = 0;
  RecordState state_ = RecordState::end;
  Behind behind_ = Behind::nothing;
};

}  // namespace smalldb
