#include "model/recovery.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "model/assert.h"

namespace smalldb {
namespace {

constexpr std::string_view unreadable_bytes = "the disk cannot read the file";
constexpr std::string_view nothing_left = "records had begun here, and not one of them is left, nor a checkpoint";

}  // namespace

Recovery::Recovery(const Settings& settings, const RuleSwitches& rules, DirectoryId fresh)
    : settings_(settings), rules_(rules), snapshot_(settings, rules) {
  meta_.directory = fresh;
  meta_.begun = false;
}

void Recovery::start(Effects& effects) { effects.list(await(Step::list)); }

void Recovery::on_disk_done(const DiskDone& done, Effects& effects) {
  if (stopped_ || step_ == Step::none || step_ == Step::done) return;
  if (step_ == Step::write_meta) {
    meta_writer_.on_disk_done(done, tokens_, effects);
    if (meta_writer_.done()) finish();
    return;
  }
  --answers_awaited_;
  if (step_ == Step::list) return on_listed(done, effects);
  if (step_ == Step::read_meta) return on_meta_read(done, effects);
  if (step_ == Step::read_checkpoint) return on_checkpoint_read(done, effects);
  if (step_ == Step::read_segment) return on_segment_read(done, effects);

  if (done.status != DiskStatus::ok && !(step_ == Step::remove_leftovers && done.status == DiskStatus::not_found)) {
    stopped_ = true;
    // Room may be wanted for that too, by a disk that writes nothing in place.
    const bool again = step_ == Step::write_again;
    return stop_after_failure(
        done, again ? "write the end of the log again, as every start does" : "put the data directory in order", file_,
        effects);
  }
  if (answers_awaited_ == 0) next_repair(effects);
}

// ---- Reading -------------------------------------------------------------------------------------------------------

void Recovery::on_listed(const DiskDone& done, Effects& effects) {
  if (done.status != DiskStatus::ok) return damage("the data directory", 0, "the disk cannot list it");
  files_ = *done.entries;
  for (const FileEntry& entry : files_) {
    const FileName file = parse_file_name(entry.name);
    next_generation_ = std::max(next_generation_, file.generation + 1);
    meta_known_ = meta_known_ || file.kind == FileKind::meta;
    if (file.kind == FileKind::log || file.kind == FileKind::checkpoint) file_ = entry.name;
  }
  if (!meta_known_ && !file_.empty()) {
    return damage(std::string(meta_file), 0, "the file is missing, while there is " + file_);
  }
  if (!meta_known_) return make_directory(effects);
  file_ = meta_file;
  effects.read(await(Step::read_meta), file_, 0, meta_size_max);
}

// Nothing but leftovers of an interrupted creation: nothing was ever promised by this directory.
void Recovery::make_directory(Effects& effects) {
  fresh_ = true;
  store_.emplace(settings_, rules_);
  log_.emplace(settings_, meta_.generation, Lsn{}, Configuration{});
  for (const FileEntry& entry : files_) {
    if (is_leftover(entry)) effects.remove(tokens_.take(), entry.name);
  }
  write_meta(effects);
}

void Recovery::write_meta(Effects& effects) {
  step_ = Step::write_meta;
  meta_writer_.begin(std::string(meta_file), tokens_, effects);
  meta_writer_.append(encode(meta_), tokens_, effects);
  meta_writer_.finish(tokens_, effects);
}

void Recovery::on_meta_read(const DiskDone& done, Effects& effects) {
  meta_known_ = false;
  if (done.status != DiskStatus::ok) return damage(file_, 0, unreadable_bytes);
  const auto meta = decode_meta(done.bytes.view());
  if (!meta) {
    if (const auto other = other_meta_version(done.bytes.view())) return leave_to_other(*other);
    return damage(file_, 0, "bytes have changed");
  }
  meta_ = *meta;
  meta_known_ = true;
  next_generation_ = std::max(next_generation_, meta_.generation + 1);

  const FileEntry* newest = nullptr;  // names sort as they count
  for (const FileEntry& entry : files_) {
    const FileName file = parse_file_name(entry.name);
    if (file.generation != meta_.generation) continue;
    if (file.kind == FileKind::log) segments_.push_back({entry, file.lsn});
    if (file.kind == FileKind::checkpoint) {
      newest = &entry;
      checkpoint_ = file.lsn;
    }
  }
  if (newest != nullptr) return begin_file(Step::read_checkpoint, *newest, effects);
  store_.emplace(settings_, rules_);
  begin_log(effects);
}

void Recovery::on_checkpoint_read(const DiskDone& done, Effects& effects) {
  if (done.status != DiskStatus::ok) return damage(file_, position_, unreadable_bytes);
  snapshot_.take(done.bytes.view());
  if (!snapshot_.problem().empty()) return damage(file_, position_, snapshot_.problem());
  position_ += done.bytes.size();
  if (!done.bytes.empty() && position_ < file_size_) return read_next_piece(effects);

  store_ = snapshot_.finish();
  if (!store_) return damage(file_, position_, snapshot_.problem());
  if (store_->applied() != checkpoint_) return damage(file_, 0, "it is a checkpoint as of another position");
  begin_log(effects);
}

// Segments that lie wholly at or below the checkpoint are leftovers: the first that counts is the last one that begins
// no later than right after it.
void Recovery::begin_log(Effects& effects) {
  log_.emplace(settings_, meta_.generation, checkpoint_, store_->configuration());
  stamp_ = store_->stamp();
  const auto beyond = std::find_if(segments_.begin(), segments_.end(),
                                   [&](const SegmentFile& segment) { return segment.first > checkpoint_.next(); });
  if (beyond == segments_.begin() && beyond != segments_.end()) {
    return damage(beyond->entry.name, 0, "records are missing before this segment");
  }
  if (beyond != segments_.begin()) segments_.erase(segments_.begin(), beyond - 1);
  read_next_segment(effects);
}

void Recovery::read_next_segment(Effects& effects) {
  buffer_.clear();
  if (segment_ == segments_.size()) return begin_repair(effects);
  begin_file(Step::read_segment, segments_[segment_].entry, effects);
}

void Recovery::on_segment_read(const DiskDone& done, Effects& effects) {
  if (done.status != DiskStatus::ok) return damage(file_, position_, unreadable_bytes);
  buffer_ += done.bytes.view();
  position_ += done.bytes.size();
  if (!done.bytes.empty() && position_ < file_size_) return read_next_piece(effects);
  judge_segment(effects);
}

void Recovery::begin_file(Step step, const FileEntry& entry, Effects& effects) {
  step_ = step;
  file_ = entry.name;
  file_size_ = entry.size;
  position_ = 0;
  read_next_piece(effects);
}

void Recovery::read_next_piece(Effects& effects) {
  effects.read(await(step_), file_, position_, settings_.chunk_bytes);
}

// ---- Judging -------------------------------------------------------------------------------------------------------

void Recovery::judge_segment(Effects& effects) {
  SegmentReader reader(Bytes::copy(buffer_), segments_[segment_].first, settings_.log_write_bytes);
  log_->restore_segment(segments_[segment_].first);
  RecordState state = RecordState::whole;
  std::uint64_t offset = 0;
  while (auto stored = reader.next()) {
    if (!follows(stored->record)) state = RecordState::stranger;
    if (state == RecordState::stranger) break;
    log_->restore(stored->record, stored->encoded);
    if (stored->record.lsn > checkpoint_) stamp_ = stored->record.stamp;
    offset = reader.offset();
  }
  if (state == RecordState::whole) state = reader.state();

  const bool last = segment_ + 1 == segments_.size();
  if (state == RecordState::end && !last && segments_[segment_ + 1].first != reader.expected())
    state = RecordState::gap;
  const RecoveryRow& row = judge(state, reader.behind(), last ? Place::last_segment : Place::followed);
  switch (row.decision) {
    case Decision::stop: return damage(file_, offset, row.finding);
    case Decision::cut:
      torn_tail_ = TornTail{file_, offset, file_size_ - offset, row.letter};
      if (!rules_.torn_tail_cut) believe_torn_record(reader);
      break;
    case Decision::go_on: break;
  }
  if (last) {
    const std::string_view records = std::string_view(buffer_).substr(0, offset);
    last_write_at_ = begin_of_last_write(records);
    last_write_ = Bytes::copy(records.substr(last_write_at_));
  }
  ++segment_;
  read_next_segment(effects);
}

// Records that do not fit what stands before them belong to another history of the log.
bool Recovery::follows(const Record& record) const {
  if (record.lsn <= checkpoint_) return true;
  return log_->configuration().fits(record) && (record.lsn == Lsn{1} || record.stamp >= stamp_);
}

// The last write carried at most log_write_bytes, or a single record.
std::uint64_t Recovery::begin_of_last_write(std::string_view records) const {
  std::uint64_t begin = 0;
  for (std::uint64_t at = 0; at < records.size(); at += decode_header(records.substr(at))->record_size()) {
    begin = at;
    if (records.size() - at <= settings_.log_write_bytes) break;
  }
  return begin;
}

void Recovery::believe_torn_record(const SegmentReader& reader) {
  auto stored = reader.believe();
  if (!stored || !follows(stored->record)) return;
  log_->restore(stored->record, stored->encoded);
  believed_ = stored->encoded;
}

void Recovery::damage(std::string file, std::uint64_t offset, std::string_view finding) {
  Damaged damaged;
  damaged.message = file + ", offset " + std::to_string(offset) + ": " + std::string(finding) +
                    ". This node does not serve from this directory. If another node of the cluster runs, this one "
                    "takes everything anew from there by itself; if none does, put back a copy of the directory";
  damaged.file = std::move(file);
  damaged.offset = offset;
  if (meta_known_) damaged.meta = meta_;
  damaged.next_generation = next_generation_;
  damaged_ = std::move(damaged);
  step_ = Step::done;
}

// A node of another release that takes the place of this one by mistake must not replace what that one has written.
void Recovery::leave_to_other(std::uint32_t version) {
  const std::string which = version > meta_version ? "newer" : "older";
  Damaged damaged;
  damaged.message = file_ + ": the directory was written by " + (version > meta_version ? "a newer" : "an older") +
                    " version of this program, in format " + std::to_string(version) + ", and this one reads format " +
                    std::to_string(meta_version) + ". It is left as it is: start the " + which + " version";
  damaged.file = file_;
  damaged.other_format = true;
  damaged_ = std::move(damaged);
  step_ = Step::done;
}

// ---- Repairing -----------------------------------------------------------------------------------------------------

void Recovery::begin_repair(Effects& effects) {
  if (meta_.begun && log_->end() == Lsn{} && !believed_) {
    return damage(log_file(meta_.generation, Lsn{1}), 0, nothing_left);
  }
  if (log_->end() == checkpoint_) {
    // Nothing after the checkpoint: what segments there are can go, and the next record begins one.
    segments_.clear();
    last_write_ = {};
    log_.emplace(settings_, meta_.generation, checkpoint_, store_->configuration());
  }
  step_ = Step::begin_repair;
  next_repair(effects);
}

void Recovery::next_repair(Effects& effects) {
  switch (step_) {
    case Step::begin_repair:
      if (torn_tail_ && !segments_.empty()) {
        return effects.truncate(await(Step::truncate), torn_tail_->file, torn_tail_->offset);
      }
      [[fallthrough]];
    case Step::truncate:
      // If its sync failed, and the process ended and the machine did not, the operating system shows it all the same,
      // and takes for durable what is not. No further sync mends that: only what is written again can become durable.
      if (!last_write_.empty()) {
        return effects.write(await(Step::write_again), segments_.back().entry.name, last_write_at_, last_write_);
      }
      [[fallthrough]];
    case Step::write_again:
      if (believed_) {
        return effects.write(await(Step::write_believed), torn_tail_->file, torn_tail_->offset, *believed_);
      }
      [[fallthrough]];
    case Step::write_believed:
      // What was read may have stood in the cache alone, if the process crashed and the machine did not.
      if (!segments_.empty()) return effects.sync(await(Step::sync_log), segments_.back().entry.name);
      [[fallthrough]];
    case Step::sync_log:
      // The same goes for names; and the one of `meta` must be durable before what an older one points to is removed.
      return effects.sync_directory(await(Step::sync_names));
    case Step::sync_names: return remove_leftovers(effects);
    case Step::remove_leftovers: return effects.sync_directory(await(Step::sync_removals));
    default: return finish_repair(effects);
  }
}

void Recovery::remove_leftovers(Effects& effects) {
  for (const FileEntry& entry : files_) {
    if (is_leftover(entry)) effects.remove(await(Step::remove_leftovers), entry.name);
  }
  if (answers_awaited_ == 0) finish_repair(effects);
}

bool Recovery::is_leftover(const FileEntry& entry) const {
  const FileName file = parse_file_name(entry.name);
  switch (file.kind) {
    case FileKind::meta:
    case FileKind::foreign: return false;
    case FileKind::temporary: return true;
    case FileKind::checkpoint: return file.generation != meta_.generation || file.lsn != checkpoint_;
    case FileKind::log:
      return file.generation != meta_.generation || segments_.empty() || file.lsn < segments_.front().first;
  }
  return false;
}

// Its first records were durable, and nobody knew yet.
void Recovery::finish_repair(Effects& effects) {
  if (meta_.begun || log_->end() == Lsn{}) return finish();
  meta_.begun = true;
  write_meta(effects);
}

void Recovery::finish() {
  if (!meta_.begun) log_->begin({meta_.directory, meta_.generation});
  if (believed_) torn_tail_.reset();  // it was put back, and is no tail that was cut
  recovered_.emplace(Recovered{meta_, fresh_, std::move(*store_), std::move(*log_), std::move(torn_tail_)});
  store_.reset();
  log_.reset();
  step_ = Step::done;
}

DiskToken Recovery::await(Step step) {
  step_ = step;
  ++answers_awaited_;
  return tokens_.take();
}

}  // namespace smalldb
