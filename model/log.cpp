#include "model/log.h"

#include <algorithm>
#include <variant>

#include "model/assert.h"

namespace smalldb {

Log::Log(const Settings& settings, std::uint64_t generation, Lsn base, Configuration configuration)
    : segment_bytes_(settings.segment_bytes),
      write_bytes_(settings.log_write_bytes),
      log_buffer_bytes_(settings.log_buffer_bytes),
      generation_(generation),
      base_(base),
      tail_(base),
      durable_(base),
      keep_from_(base.next()),
      written_(base) {
  configurations_.emplace_back(base, std::move(configuration));
}

// ---- For recovery --------------------------------------------------------------------------------------------------

void Log::restore_segment(Lsn first) {
  SMALLDB_ASSERT(first <= end().next(), first.value, end().value);
  segments_.push_back({.first = first, .has_file = true});
  write_offset_ = 0;
}

void Log::restore(const Record& record, Bytes encoded) {
  add_to_last_segment(record, encoded.size());
  write_offset_ += encoded.size();
  if (record.lsn <= base_) return;
  add_to_memory(record, std::move(encoded));
  durable_ = written_ = end();
}

void Log::begin(const Meta& meta) {
  SMALLDB_ASSERT(end() == Lsn{}, end().value);
  to_begin_ = meta;
}

// ---- Appending -----------------------------------------------------------------------------------------------------

void Log::append(const Record& record, Bytes encoded) {
  SMALLDB_ASSERT(!cutting_);
  if (segments_.empty() || segments_.back().closed) segments_.push_back({.first = record.lsn});
  add_to_last_segment(record, encoded.size());
  add_to_memory(record, std::move(encoded));
}

void Log::add_to_last_segment(const Record& record, std::uint64_t size) {
  Segment& segment = segments_.back();
  segment.size += size;
  segment.closed = segment.size >= segment_bytes_ || std::holds_alternative<Checkpoint>(record.body);
  bytes_ += size;
}

void Log::add_to_memory(const Record& record, Bytes encoded) {
  SMALLDB_ASSERT(record.lsn == end().next(), record.lsn.value, end().value);
  tail_.append(std::move(encoded));
  trim();
  if (std::holds_alternative<Operation>(record.body)) return;
  Configuration changed = configuration();
  changed.apply(record);
  if (changed != configuration()) configurations_.emplace_back(record.lsn, std::move(changed));
}

LogTail::Run Log::run_from(Lsn lsn, Lsn up_to, std::uint64_t max_bytes) const {
  const bool known = run_first_ == lsn && run_.last == up_to && run_.size <= max_bytes;
  return known ? run_ : tail_.run_from(lsn, up_to, max_bytes);
}

void Log::note_in_one_piece(Lsn lsn, Lsn last, Bytes bytes) {
  run_first_ = lsn;
  run_ = {{}, bytes.size(), last};
  run_.parts.push_back(std::move(bytes));
}

void Log::forget_run() {
  run_first_ = {};
  run_ = {};
}

// ---- Writing -------------------------------------------------------------------------------------------------------

void Log::write(Effects& effects) {
  Segment& segment = segments_[segment_of(durable_.next())];
  segment.has_file = true;
  if (segment.first == durable_.next()) write_offset_ = 0;
  const LogTail::Run run = run_from(durable_.next(), end(), std::min(write_bytes_, segment.size - write_offset_));
  Bytes bytes = run.joined();
  if (run.parts.size() > 1) note_in_one_piece(durable_.next(), run.last, bytes);
  written_ = run.last;
  write_size_ = run.size;
  const DiskToken token = await(Step::write, segment.first);
  effects.write_synced(token, file_, write_offset_, std::move(bytes));
}

void Log::write_meta(Effects& effects) {
  step_ = Step::begin;
  meta_file_.begin(std::string(meta_file), tokens_, effects);
  meta_file_.append(encode(*to_begin_), tokens_, effects);
  meta_file_.finish(tokens_, effects);
  to_begin_.reset();
}

void Log::finish_write(Effects& effects) {
  step_ = Step::idle;
  write_offset_ += write_size_;
  durable_ = std::min(written_, end());  // a cut may have come in the meantime
  forget_run();
  trim();
  if (cutting_) {
    continue_cut(effects);
  } else {
    flush(effects);
  }
}

void Log::on_disk_done(const DiskDone& done, Effects& effects) {
  if (stopped_) return;
  if (step_ == Step::begin) {
    meta_file_.on_disk_done(done, tokens_, effects);
    if (meta_file_.done()) finish_write(effects);
    return;
  }
  const bool retired = step_ == Step::idle || done.token != awaited_;
  if (done.status != DiskStatus::ok) {
    stopped_ = true;
    return stop_after_failure(done, retired ? "remove an old segment of the log" : "write the log",
                              retired ? "the data directory" : file_, effects);
  }
  if (retired) {
    --removals_;
    return;
  }
  switch (step_) {
    case Step::idle: return;
    case Step::write:
      if (write_offset_ > 0) return finish_write(effects);
      return effects.sync_directory(await(Step::sync_new_name));
    case Step::sync_new_name: return to_begin_ ? write_meta(effects) : finish_write(effects);
    case Step::begin: return;
    case Step::remove: return effects.sync_directory(await(Step::sync_removal));
    case Step::sync_removal:
      written_ = segments_.back().first.previous();
      bytes_ -= segments_.back().size;
      segments_.pop_back();
      return continue_cut(effects);
    case Step::find_cut: return truncate_at_cut(done.bytes, effects);
    case Step::truncate: return effects.sync(await(Step::sync_cut), file_);
    case Step::sync_cut: written_ = end(); return continue_cut(effects);
  }
}

// ---- Taking away ---------------------------------------------------------------------------------------------------

void Log::retire(Lsn checkpoint, Effects& effects) {
  base_ = std::max(base_, checkpoint);
  while (configurations_.size() > 1 && configurations_[1].first <= checkpoint) {
    configurations_.erase(configurations_.begin());
  }
  // A segment's last record is the one before the next segment's first; the last segment always stays.
  while (segments_.size() > 1 && segments_[1].first.previous() <= std::min(checkpoint, durable_)) {
    effects.remove(tokens_.take(), log_file(generation_, segments_.front().first));
    ++removals_;
    bytes_ -= segments_.front().size;
    segments_.erase(segments_.begin());
  }
}

void Log::cut(Lsn lsn, Effects& effects) {
  SMALLDB_ASSERT(!cutting_ && base_ <= lsn && lsn <= end(), base_.value, lsn.value, end().value);
  forget_gathered(std::max(lsn, written_));
  tail_.cut(lsn);
  forget_run();
  while (configurations_.back().first > lsn) configurations_.pop_back();
  durable_ = std::min(durable_, lsn);
  keep_from_ = std::min(keep_from_, lsn.next());
  cutting_ = lsn < written_;
  if (cutting_ && step_ == Step::idle) continue_cut(effects);
}

// What comes after `lsn` and was never handed to the disk: it is all in memory.
void Log::forget_gathered(Lsn lsn) {
  std::uint64_t forgotten = tail_.size_after(lsn);
  bytes_ -= forgotten;
  while (!segments_.empty() && segments_.back().first > lsn && !segments_.back().has_file) {
    forgotten -= segments_.back().size;
    segments_.pop_back();
  }
  if (forgotten == 0) return;
  segments_.back().size -= forgotten;
  segments_.back().closed = false;
}

void Log::continue_cut(Effects& effects) {
  step_ = Step::idle;
  if (written_ == end()) {
    cutting_ = false;
    write_offset_ = segments_.empty() ? 0 : segments_.back().size;
    return;
  }
  const Segment& segment = segments_.back();
  if (segment.first > end()) {
    const DiskToken token = await(Step::remove, segment.first);
    effects.remove(token, file_);
  } else {
    const DiskToken token = await(Step::find_cut, segment.first);
    effects.read(token, file_, 0, segment.size);
  }
}

void Log::truncate_at_cut(const Bytes& bytes, Effects& effects) {
  Segment& segment = segments_.back();
  std::uint64_t size = 0;
  for (Lsn lsn = segment.first; lsn <= end(); lsn = lsn.next()) {
    const auto header = decode_header(bytes.view().substr(std::min<std::uint64_t>(size, bytes.size())));
    if (!header || header->lsn != lsn) {
      stopped_ = true;
      return effects.stop(Bytes::copy("cannot cut the log: " + file_ + " is damaged at offset " + std::to_string(size) +
                                      ". Start again, and recovery will say what to do"));
    }
    size += header->record_size();
  }
  bytes_ -= segment.size - size;
  segment.size = size;
  segment.closed = false;  // it went on
  effects.truncate(await(Step::truncate), file_, size);
}

std::size_t Log::segment_of(Lsn lsn) const {
  std::size_t i = segments_.size() - 1;
  while (segments_[i].first > lsn) --i;
  return i;
}

DiskToken Log::await(Step step) {
  step_ = step;
  awaited_ = tokens_.take();
  return awaited_;
}

DiskToken Log::await(Step step, Lsn segment) {
  if (file_first_ != segment) {
    file_ = log_file(generation_, segment);
    file_first_ = segment;
  }
  return await(step);
}

}  // namespace smalldb
