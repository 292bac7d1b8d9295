#include "properties/node_log.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "properties/fingerprint.h"

namespace smalldb::properties {
namespace {

constexpr std::size_t milestones_max = 4096;
constexpr std::size_t not_found = std::numeric_limits<std::size_t>::max();
constexpr std::uint64_t all_bytes = std::numeric_limits<std::uint64_t>::max();

}  // namespace

// ---- Milestones ----------------------------------------------------------------------------------------------------

void Milestones::reach(const Step& step) {
  if (steps_.size() == milestones_max) steps_.erase(steps_.begin(), steps_.begin() + milestones_max / 2);
  steps_.push_back(step);
}

// What is asked for is nearly always recent, so the search goes backwards.
const Milestones::Step* Milestones::covering(Line line, Lsn position) const {
  const Step* covering = nullptr;
  for (auto step = steps_.rbegin(); step != steps_.rend(); ++step) {
    if (step->line != line) continue;
    if (step->lsn < position) break;
    covering = &*step;
  }
  return covering;
}

// ---- Reading -------------------------------------------------------------------------------------------------------

Lsn NodeLog::first() const { return segments_.empty() ? end_.next() : segments_.front().file.first; }

std::uint64_t NodeLog::generation() const {
  if (!segments_.empty()) return segments_.back().file.generation;
  return kept_ ? kept_->generation : 0;
}

const LogEntry* NodeLog::entry(Lsn lsn) const {
  for (auto segment = segments_.rbegin(); segment != segments_.rend(); ++segment) {
    if (lsn < segment->file.first) continue;
    // A segment that was begun and never filled may stand where one before it has gone on in the meantime.
    const std::uint64_t index = lsn.value - segment->file.first.value;
    if (index < segment->entries.size()) return &segment->entries[index];
  }
  return nullptr;
}

// ---- Records -------------------------------------------------------------------------------------------------------

void NodeLog::write(const File& file, std::uint64_t offset, std::string_view bytes, sim::EventIndex event) {
  event_ = event;
  cut_line_ = no_line;
  reading_ = false;
  std::erase_if(segments_, [&](const Segment& old) { return old.file.generation < file.generation; });
  if (written_ && written_->generation < file.generation) written_.reset();
  if (kept_ && kept_->generation < file.generation) kept_.reset();
  for (Segment& segment : segments_) segment.size_before = 0;  // who writes has read what it goes on from
  if (find(file.id) == not_found) cut_from(file.first);        // a segment begun where another still stood
  const std::size_t index = open(file);
  // What was read back at the start is durable; what is written from here on must be synced first.
  segments_[index].synced = std::min(segments_[index].synced, segments_[index].size);
  Segment& segment = segments_[index];
  if (offset <= segment.mended && segment.mended < offset + bytes.size()) segment.mended = offset + bytes.size();
  if (segment.mended >= segment.size) segment.mended = all_bytes;
  if (!is_there(segment, offset, bytes)) take(index, offset, bytes);
}

// The same records stand there already: they are written again.
bool NodeLog::is_there(const Segment& segment, std::uint64_t offset, std::string_view bytes) {
  if (offset >= segment.size) return false;  // as nearly always
  std::uint64_t begin = 0;
  for (const LogEntry& entry : segment.entries) {
    if (begin >= offset) {
      if (entry.end - begin > bytes.size()) return false;
      if (Fingerprint::of(bytes.substr(0, entry.end - begin)) != entry.fingerprint) return false;
      bytes.remove_prefix(entry.end - begin);
      if (bytes.empty()) return true;
    }
    begin = entry.end;
  }
  return false;
}

void NodeLog::read(const File& file, std::uint64_t offset, std::string_view bytes, sim::EventIndex event) {
  event_ = event;
  cut_line_ = no_line;
  reading_ = true;
  if (find(file.id) == not_found) {
    Segment& found = segments_[open(file)];
    found.synced = all_bytes;
    found.name_durable = true;
  }
  const std::size_t index = open(file);
  Segment& segment = segments_[index];
  if (!segment.read_back && offset == 0) {
    segment.read_back = true;
    if (std::exchange(segment.decided, false)) segment.synced = segment.mended = all_bytes;
    segment.entries.clear();
    segment.size = segment.parsed = 0;
    segment.rest.clear();
    segment.broken = false;
  }
  if (offset == segment.size) take(index, offset, bytes);  // otherwise it is known: a tail read for a comer
}

void NodeLog::take(std::size_t index, std::uint64_t offset, std::string_view bytes) {
  Segment& segment = segments_[index];
  if (offset < segment.size) cut(segment, offset);
  if (offset > segment.size) {  // a hole: nothing is known of what stands before
    segment.rest.clear();
    segment.parsed = offset;
    segment.broken = false;
  }
  segment.size = offset + bytes.size();
  current_ = index;
  unparsed_ = {};
  if (segment.broken) return;
  if (segment.rest.empty()) {
    unparsed_ = bytes;
  } else {
    joined_.swap(segment.rest);
    joined_ += bytes;
    segment.rest.clear();
    unparsed_ = joined_;
  }
}

std::optional<NodeLog::Found> NodeLog::next() {
  if (unparsed_.empty()) {
    settle();
    return std::nullopt;
  }
  const std::optional<RecordHeader> header = decode_header(unparsed_);
  if (header && header->record_size() <= unparsed_.size()) {
    return Found{*header, unparsed_.substr(0, header->record_size())};
  }
  Segment& segment = segments_[current_];
  segment.broken = !header && unparsed_.size() >= record_header_size;
  if (unparsed_.data() == joined_.data() && unparsed_.size() == joined_.size()) {
    segment.rest.swap(joined_);  // no record has been taken out: one in many pieces is not copied at each of them
  } else {
    segment.rest = unparsed_;
  }
  unparsed_ = {};
  settle();
  return std::nullopt;
}

void NodeLog::add(const Found& found, const LogEntry& entry) {
  Segment& segment = segments_[current_];
  if (found.header.lsn != segment.end().next()) {  // not what the file's name promised: go by the record
    segment.entries.clear();
    segment.file.first = found.header.lsn;
  }
  unparsed_.remove_prefix(found.bytes.size());
  segment.parsed += found.bytes.size();
  segment.entries.push_back(entry);
  segment.entries.back().end = segment.parsed;
  end_ = found.header.lsn;
  head_ = entry.line;
}

void NodeLog::refuse() {
  segments_[current_].broken = true;
  unparsed_ = {};
}

// ---- Files ---------------------------------------------------------------------------------------------------------

std::size_t NodeLog::find(sim::FileId file) const {
  for (std::size_t i = segments_.size(); i-- > 0;) {
    if (segments_[i].file.id == file) return i;
  }
  return not_found;
}

std::size_t NodeLog::open(const File& file) {
  if (const std::size_t known = find(file.id); known != not_found) return known;
  const auto behind = std::find_if(segments_.begin(), segments_.end(),
                                   [&](const Segment& segment) { return segment.file.first > file.first; });
  Segment segment;
  segment.file = file;
  const auto place = segments_.insert(behind, std::move(segment));
  return static_cast<std::size_t>(place - segments_.begin());
}

void NodeLog::cut(Segment& segment, std::uint64_t size) {
  if (size >= segment.size) return;
  segment.size_before = 0;
  const auto kept = std::find_if(segment.entries.begin(), segment.entries.end(),
                                 [&](const LogEntry& entry) { return entry.end > size; });
  if (kept != segment.entries.end()) cut_line_ = kept->line;
  const std::uint64_t kept_end = kept == segment.entries.begin() ? 0 : std::prev(kept)->end;
  if (kept != segment.entries.end()) {  // what is left of a record that was cut into is not known
    segment.parsed = kept_end;
    segment.rest.assign(size - kept_end, '\0');
    segment.broken = size > kept_end;
    segment.entries.erase(kept, segment.entries.end());
  } else {
    segment.rest.resize(size - std::min(size, segment.parsed));
    segment.broken = segment.broken && size > segment.parsed;
  }
  segment.size = size;
  segment.synced = segment.synced == all_bytes ? all_bytes : std::min(segment.synced, size);
}

void NodeLog::cut_from(Lsn lsn) {
  std::erase_if(segments_, [&](const Segment& segment) {
    const bool beyond = segment.file.first >= lsn;
    if (beyond && !segment.entries.empty()) cut_line_ = segment.entries.front().line;
    return beyond;
  });
  if (segments_.empty() || segments_.back().end() < lsn) return;
  Segment& last = segments_.back();
  const std::size_t kept = lsn.value - last.file.first.value;
  cut_line_ = last.entries[kept].line;
  last.entries.resize(kept);
}

void NodeLog::synced(sim::FileId file, sim::EventIndex event) {
  const std::size_t index = find(file);
  if (index == not_found) return;
  event_ = event;
  segments_[index].synced = std::min(segments_[index].size, segments_[index].mended);
  settle();
}

void NodeLog::sync_failed(sim::FileId file) {
  const std::size_t index = find(file);
  if (index == not_found) return;
  Segment& segment = segments_[index];
  if (segment.synced < segment.size) segment.mended = std::min(segment.mended, segment.synced);
}

void NodeLog::directory_synced(sim::EventIndex event) {
  event_ = event;
  for (Segment& segment : segments_) segment.name_durable = true;
  settle();
  if (written_ && !written_in_doubt_) keep(written_, event);
  if (pointed_) keep(snapshot_, event);
}

void NodeLog::truncated(sim::FileId file, std::uint64_t size, sim::EventIndex event) {
  cut_line_ = no_line;
  const std::size_t index = find(file);
  if (index == not_found) return;
  event_ = event;
  cut(segments_[index], size);
  settle();
}

void NodeLog::removed(sim::FileId file, sim::EventIndex event) {
  cut_line_ = no_line;
  const std::size_t index = find(file);
  if (index == not_found) return;
  event_ = event;
  const auto segment = segments_.begin() + static_cast<std::ptrdiff_t>(index);
  if (is_covered(*segment)) {
    segments_.erase(segments_.begin(), segment + 1);  // removals come in any order, and those before are covered too
  } else {
    if (!segment->entries.empty()) cut_line_ = segment->entries.front().line;
    segments_.erase(segment);
  }
  settle();
}

void NodeLog::covered(const Checkpoint& checkpoint) {
  if (generation() == checkpoint.generation) {
    written_ = checkpoint;
    written_in_doubt_ = false;
  } else {
    snapshot_ = checkpoint;
    pointed_ = false;
  }
}

void NodeLog::pointed() { pointed_ = snapshot_.has_value(); }

void NodeLog::read_checkpoint(std::uint64_t generation, Lsn lsn, sim::EventIndex event) {
  for (std::optional<Checkpoint>* checkpoint : {&written_, &snapshot_}) {
    if (*checkpoint && (*checkpoint)->generation == generation && (*checkpoint)->lsn == lsn) keep(*checkpoint, event);
  }
}

void NodeLog::keep(std::optional<Checkpoint>& checkpoint, sim::EventIndex event) {
  if (&checkpoint == &snapshot_) pointed_ = false;
  const Checkpoint taken = *std::exchange(checkpoint, std::nullopt);
  // One that was made before the first record was written looks like a snapshot, and a meta comes for other reasons.
  if (kept_ && kept_->generation == taken.generation && taken.lsn < kept_->lsn) return;
  kept_ = taken;
  if (kept_->line != no_line && durable_.covering(kept_->line, kept_->lsn) == nullptr) {
    durable_.reach({kept_->line, kept_->lsn, event});
  }
  settle();
}

bool NodeLog::is_covered(const Segment& segment) const {
  const auto covers = [&](const std::optional<Checkpoint>& checkpoint) {
    return checkpoint && checkpoint->generation == segment.file.generation && segment.end() <= checkpoint->lsn;
  };
  return covers(written_) || covers(kept_);
}

void NodeLog::decided(sim::FileId file) {
  if (const std::size_t index = find(file); index != not_found) segments_[index].decided = true;
}

void NodeLog::restarted() {
  written_in_doubt_ = true;
  pointed_ = false;
  listed_ = false;
  for (Segment& segment : segments_) {
    segment.read_back = false;
    segment.size_before = std::max(segment.size, segment.size_before);  // it may have ended in the middle of reading
  }
}

bool NodeLog::reading_back() const {
  return std::any_of(segments_.begin(), segments_.end(),
                     [](const Segment& segment) { return segment.size < segment.size_before; });
}

void NodeLog::listed(const std::vector<FileName>& files) {
  if (std::exchange(listed_, true)) return;  // files may have been made since this list was asked for
  keep_only(files);
}

void NodeLog::replaced() { keep_only({}); }

void NodeLog::keep_only(const std::vector<FileName>& files) {
  const auto is_missing = [&](FileKind kind, std::uint64_t generation, Lsn lsn) {
    return std::none_of(files.begin(), files.end(), [&](const FileName& file) {
      return file.kind == kind && file.generation == generation && file.lsn == lsn;
    });
  };
  bool gone = std::erase_if(segments_, [&](const Segment& segment) {
                return is_missing(FileKind::log, segment.file.generation, segment.file.first);
              }) > 0;
  for (std::optional<Checkpoint>* checkpoint : {&written_, &snapshot_, &kept_}) {
    if (!*checkpoint || !is_missing(FileKind::checkpoint, (*checkpoint)->generation, (*checkpoint)->lsn)) continue;
    checkpoint->reset();
    gone = true;
  }
  if (!gone) return;
  end_ = durable_end_ = {};
  head_ = no_line;
  settle();
}

// The node goes on from its checkpoint if that reaches further than its records: segments that a crash gave back may be
// older than it.
void NodeLog::settle() {
  if (!segments_.empty()) measure();
  if (!kept_ || kept_->line == no_line || kept_->lsn <= end_) return;
  if (!segments_.empty() && segments_.back().file.generation != kept_->generation) return;
  end_ = kept_->lsn;
  head_ = kept_->line;
}

// How far the records reach without a gap, and how far of that they are durable.
void NodeLog::measure() {
  const Lsn was_durable = durable_end_;
  end_ = durable_end_ = segments_.front().file.first.previous();
  bool durable = true;
  for (const Segment& segment : segments_) {
    if (segment.file.first != end_.next()) {
      if (segment.entries.empty()) continue;  // begun and never filled
      break;
    }
    durable = durable && segment.name_durable;
    if (!segment.entries.empty()) {
      end_ = segment.end();
      head_ = segment.entries.back().line;
    }
    if (!durable) continue;
    std::size_t whole = segment.entries.size();
    while (whole > 0 && segment.entries[whole - 1].end > segment.synced) --whole;
    durable = whole == segment.entries.size();
    durable_end_ = {segment.file.first.value + whole - 1};
  }
  for (Lsn lsn = std::max(was_durable, first().previous()).next(); lsn <= durable_end_; lsn = lsn.next()) {
    const Line line = entry(lsn)->line;
    const bool last_of_line = lsn == durable_end_ || entry(lsn.next())->line != line;
    // What is read back after a restart was reached before.
    if (last_of_line && durable_.covering(line, lsn) == nullptr) durable_.reach({line, lsn, event_});
  }
}

}  // namespace smalldb::properties
