#include "model/log_tail.h"

#include <algorithm>
#include <utility>

#include "model/assert.h"
#include "model/record.h"

namespace smalldb {
namespace {

// Blocks grow by merging up to this size: a copy of the tail costs one reference per block.
constexpr std::size_t merged_size_max = 4 * 1024;

// Where the record `count` records after the first one begins.
std::size_t offset_of(const Bytes& records, std::uint64_t count) {
  std::size_t offset = 0;
  while (count-- > 0) offset += record_size(records.view().substr(offset));
  return offset;
}

}  // namespace

void LogTail::append(Bytes record) {
  SMALLDB_ASSERT(record.size() >= record_header_size && record_size(record.view()) == record.size(), record.size());
  end_ = end_.next();
  size_ += record.size();
  const bool large = !is_empty() && blocks_.back().bytes.size() + record.size() > merged_size_max;
  if (large && blocks_.back().bytes.extend(record)) {
    ++blocks_.back().count;
    return;
  }
  blocks_.push_back({end_, 1, std::move(record)});
  merge_last_blocks();
}

// As a binary counter adds: blocks of about the same size become one, so each byte is copied a few times in all.
void LogTail::merge_last_blocks() {
  while (blocks_.size() > forgotten_ + 1) {
    Block& last = blocks_.back();
    Block& before = blocks_[blocks_.size() - 2];
    if (before.bytes.size() > last.bytes.size() || before.bytes.size() + last.bytes.size() > merged_size_max) return;
    const Bytes parts[] = {std::move(before.bytes), std::move(last.bytes)};
    before.bytes = Bytes::join(parts);
    before.count += last.count;
    blocks_.pop_back();
  }
}

void LogTail::cut(Lsn end) {
  SMALLDB_ASSERT(end <= end_, end.value, end_.value);
  while (!is_empty() && blocks_.back().first > end) {
    size_ -= blocks_.back().bytes.size();
    blocks_.pop_back();
  }
  if (is_empty()) {
    blocks_.clear();
    forgotten_ = 0;
  } else if (blocks_.back().last() > end) {
    Block& last = blocks_.back();
    last.count = end.value - last.first.value + 1;
    const std::size_t kept = offset_of(last.bytes, last.count);
    size_ -= last.bytes.size() - kept;
    last.bytes = last.bytes.slice(0, kept);
  }
  end_ = end;
}

void LogTail::forget_first() {
  Block& first = blocks_[forgotten_++];
  size_ -= first.bytes.size();
  first.bytes = {};
  // Not at every call: the others move up.
  if (2 * forgotten_ < blocks_.size()) return;
  blocks_.erase(blocks_.begin(), blocks_.begin() + static_cast<std::ptrdiff_t>(forgotten_));
  forgotten_ = 0;
}

std::size_t LogTail::block_of(Lsn lsn) const {
  SMALLDB_ASSERT(first() <= lsn && lsn <= end_, first().value, lsn.value, end_.value);
  const auto behind = std::upper_bound(blocks_.begin(), blocks_.end(), lsn,
                                       [](Lsn wanted, const Block& block) { return wanted < block.first; });
  return static_cast<std::size_t>(behind - blocks_.begin()) - 1;
}

Bytes LogTail::record(Lsn lsn) const {
  const Bytes records = records_at(lsn);
  return records.slice(0, record_size(records.view()));
}

Bytes LogTail::records_at(Lsn lsn) const {
  const Block& block = blocks_[block_of(lsn)];
  const std::size_t offset = offset_of(block.bytes, lsn.value - block.first.value);
  return block.bytes.slice(offset, block.bytes.size() - offset);
}

LogTail::Run LogTail::run_from(Lsn lsn, Lsn up_to, std::uint64_t max_bytes) const {
  SMALLDB_ASSERT(up_to <= end_, up_to.value, end_.value);
  Run run;
  run.last = lsn.previous();
  while (run.last < up_to) {
    Part part = part_of_block(run.last.next(), up_to, max_bytes - std::min(run.size, max_bytes));
    if (part.bytes.empty() && run.parts.empty()) part = {record(lsn), lsn};
    if (part.bytes.empty()) break;
    run.size += part.bytes.size();
    run.last = part.last;
    run.parts.push_back(std::move(part.bytes));
  }
  return run;
}

// As many of one block as fit, perhaps none. REQUIRES: first() <= lsn <= up_to <= end().
LogTail::Part LogTail::part_of_block(Lsn lsn, Lsn up_to, std::uint64_t max_bytes) const {
  const Block& block = blocks_[block_of(lsn)];
  const std::size_t begin = offset_of(block.bytes, lsn.value - block.first.value);
  if (block.last() <= up_to && block.bytes.size() - begin <= max_bytes) {
    return {block.bytes.slice(begin, block.bytes.size() - begin), block.last()};
  }
  std::size_t end = begin;
  Lsn last = lsn.previous();
  for (; last < up_to && end < block.bytes.size(); last = last.next()) {
    const std::size_t size = record_size(block.bytes.view().substr(end));
    if (end - begin + size > max_bytes) break;
    end += size;
  }
  return {block.bytes.slice(begin, end - begin), last};
}

std::uint64_t LogTail::size_after(Lsn lsn) const {
  std::uint64_t size = 0;
  for (auto block = blocks_.rbegin(); block != blocks_.rend() && block->last() > lsn; ++block) {
    size += block->bytes.size();
    if (block->first <= lsn) size -= offset_of(block->bytes, lsn.value - block->first.value + 1);
  }
  return size;
}

}  // namespace smalldb
