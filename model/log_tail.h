// The last records of a log, kept in memory: what is to be written, sent or applied next.
//
// Records stand encoded in a few shared blocks that double in size with age, so that a copy of the tail costs next to
// nothing however many records it holds, and a run of records can be handed out without copying them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "model/bytes.h"
#include "model/ids.h"

namespace smalldb {

class LogTail {
 public:
  // An empty tail: the next record is to be the one after `end`.
  explicit LogTail(Lsn end) : end_(end) {}

  // REQUIRES: `record` is one encoded record, that of end().next().
  void append(Bytes record);
  // Forgets all records after `end`. What was not in memory stays so. REQUIRES: end <= end().
  void cut(Lsn end);
  // Forgets records from the front as long as at least `bytes` stay, but none from `keep_from` on.
  void trim(std::uint64_t bytes, Lsn keep_from) {
    while (may_forget_first(bytes, keep_from)) forget_first();
  }

  // Positions held: first() to end(). first() == end().next(): none.
  Lsn first() const { return is_empty() ? end_.next() : blocks_[forgotten_].first; }
  Lsn end() const { return end_; }
  // Bytes of the records held.
  std::uint64_t size() const { return size_; }

  // The record at `lsn`, encoded. REQUIRES: first() <= lsn <= end().
  Bytes record(Lsn lsn) const;
  // The record at `lsn` and those that stand right behind it in memory, encoded, one after the other: some, and none of
  // them copied. REQUIRES: first() <= lsn <= end().
  Bytes records_at(Lsn lsn) const;
  // Encoded records, one after the other, up to that of `last`: in parts of whole records, as they stand in memory.
  struct Run {
    std::vector<Bytes> parts;
    std::uint64_t size = 0;
    Lsn last;

    // All of it in one piece: a copy, if there are several parts.
    Bytes joined() const { return parts.size() == 1 ? parts.front() : Bytes::join(parts); }
  };
  // The records from `lsn` up to `up_to`: as many as fit into `max_bytes`, but at least one; none if up_to < lsn. None
  // of them is copied. REQUIRES: first() <= lsn <= end().next(), up_to <= end().
  Run run_from(Lsn lsn, Lsn up_to, std::uint64_t max_bytes) const;
  // Bytes of the records after `lsn`. REQUIRES: they are all held.
  std::uint64_t size_after(Lsn lsn) const;

 private:
  struct Block {
    Lsn first;
    std::uint64_t count;
    Bytes bytes;
    Lsn last() const { return {first.value + count - 1}; }
  };

  bool is_empty() const { return forgotten_ == blocks_.size(); }
  bool may_forget_first(std::uint64_t bytes, Lsn keep_from) const {
    return !is_empty() && blocks_[forgotten_].last() < keep_from && size_ - blocks_[forgotten_].bytes.size() >= bytes;
  }
  void forget_first();
  std::size_t block_of(Lsn lsn) const;
  struct Part {
    Bytes bytes;
    Lsn last;
  };
  Part part_of_block(Lsn lsn, Lsn up_to, std::uint64_t max_bytes) const;
  void merge_last_blocks();

  std::vector<Block> blocks_;  // by position, without gaps
  std::size_t forgotten_ = 0;  // of these, the first so many: they hold nothing, and are taken out many at a time
  Lsn end_;
  std::uint64_t size_ = 0;
};

}  // namespace smalldb
