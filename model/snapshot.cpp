#include "model/snapshot.h"

#include <algorithm>
#include <utility>

#include "model/assert.h"
#include "model/crc32c.h"
#include "model/fields.h"

namespace smalldb {
namespace {

constexpr std::string_view magic = "smalldbS";
constexpr std::uint32_t version = 2;

constexpr std::size_t epochs_offset = 28;  // magic, version, lsn, stamp
constexpr std::size_t epoch_start_size = 40;
constexpr std::size_t head_size_without_epochs = epochs_offset + 4 + 21 + 16;  // count, backup, numbers of items
constexpr std::size_t entry_size_without_bytes = 16;                           // revision and two lengths
constexpr std::size_t session_size_without_results = 28;
constexpr std::size_t result_size = 29;
constexpr std::size_t footer_size = 12;

}  // namespace

template <class Archive>
void fields(Archive& archive, Like<Remembered> auto& x) {
  archive(x.number, x.fingerprint, x.status, x.revision, x.position);
}
template <class Archive>
void fields(Archive& archive, Like<Session> auto& x) {
  archive(x.last_activity, x.oldest_unanswered, x.results);
}

// ---- SnapshotWriter -----------------------------------------------------------------------------------------------

SnapshotWriter::SnapshotWriter(Store store)
    : store_(std::move(store)), entry_(store_.entries().begin()), session_(store_.sessions().all().begin()) {
  Writer writer(head_);
  writer.raw(magic).u32(version);
  put_fields(writer, store_.applied(), store_.stamp());
  encode(store_.configuration(), writer);
  writer.u64(store_.size()).u64(store_.sessions().size());
}

bool SnapshotWriter::finished() const { return part_ == Part::finished; }

Bytes SnapshotWriter::next(std::size_t max_bytes) {
  SMALLDB_ASSERT(!finished() && max_bytes > 0, size_, max_bytes);
  std::string piece;
  while (!finished() && piece.size() < max_bytes) {
    const bool in_head = head_given_ < head_.size();
    const std::string_view from = in_head ? std::string_view(head_) : tail_.view();
    std::size_t& given = in_head ? head_given_ : tail_given_;
    const std::string_view part = from.substr(given, max_bytes - piece.size());
    piece.append(part);
    given += part.size();
    size_ += part.size();
    checksum_ = crc32c(part, checksum_);
    if (item_is_given()) advance();
  }
  return Bytes::copy(piece);
}

void SnapshotWriter::advance() {
  head_.clear();
  head_given_ = 0;
  tail_ = {};
  tail_given_ = 0;
  Writer writer(head_);

  if (part_ == Part::head) part_ = Part::entries;
  if (part_ == Part::entries) {
    if (entry_ != store_.entries().end()) {
      const auto& [key, entry] = *entry_;
      put_fields(writer, entry.revision, key);
      writer.u32(static_cast<std::uint32_t>(entry.value.size()));
      tail_ = entry.value;
      ++entry_;
      return;
    }
    part_ = Part::sessions;
  }
  if (part_ == Part::sessions) {
    if (session_ != store_.sessions().all().end()) {
      put_fields(writer, session_->key, session_->value);
      ++session_;
      return;
    }
    part_ = Part::footer;
    writer.u64(size_);
    writer.u32(crc32c(head_, checksum_));
    return;
  }
  part_ = Part::finished;
}

// ---- SnapshotReader -----------------------------------------------------------------------------------------------

SnapshotReader::SnapshotReader(const Settings& settings, const RuleSwitches& rules) : store_(settings, rules) {}

void SnapshotReader::take(std::string_view bytes) {
  if (!problem_.empty()) return;
  if (buffer_.empty()) {
    buffer_.assign(bytes.substr(take_items(bytes)));
  } else {
    buffer_.append(bytes);
    buffer_.erase(0, take_items(buffer_));
  }
  if (part_ == Part::finished && !buffer_.empty()) fail("has bytes after its end");
}

std::size_t SnapshotReader::take_items(std::string_view bytes) {
  std::size_t taken = 0;
  while (part_ != Part::finished) {
    if (part_ == Part::entries && entries_left_ == 0) part_ = Part::sessions;
    if (part_ == Part::sessions && sessions_left_ == 0) part_ = Part::footer;
    const std::string_view rest = bytes.substr(taken);
    const std::size_t size = part_ == Part::head       ? take_head(rest)
                             : part_ == Part::entries  ? take_entry(rest)
                             : part_ == Part::sessions ? take_session(rest)
                                                       : take_footer(rest);
    if (size == 0) break;
    checksum_ = crc32c(rest.substr(0, size), checksum_);
    size_ += size;
    taken += size;
  }
  return taken;
}

std::size_t SnapshotReader::take_head(std::string_view bytes) {
  if (bytes.substr(0, magic.size()) != magic.substr(0, bytes.size())) return fail("is no checkpoint of smalldb");
  if (bytes.size() < epochs_offset + 4) return 0;
  Reader reader(bytes.substr(magic.size()));
  if (reader.u32() != version) return fail("is of a version that is not known here");
  FieldsIn archive(reader);
  archive(lsn_, stamp_);
  const std::size_t size = head_size_without_epochs + epoch_start_size * std::size_t{Reader(reader.rest()).u32()};
  if (bytes.size() < size) return 0;
  configuration_ = decode_configuration(reader);
  archive(entries_left_, sessions_left_);
  if (reader.failed() || !configuration_.is_sound(lsn_)) return fail("has a malformed head");
  part_ = Part::entries;
  return size;
}

std::size_t SnapshotReader::take_entry(std::string_view bytes) {
  Reader reader(bytes);
  Revision revision{reader.u64()};
  const std::uint32_t key_size = reader.u32();
  if (key_size > key_size_max) return fail("has a malformed key");
  const std::string_view key = reader.raw(key_size);
  const std::uint32_t value_size = reader.u32();
  if (value_size > value_size_max) return fail("has a malformed value");
  const std::string_view value = reader.raw(value_size);
  if (reader.failed()) return 0;
  if (revision == Revision{} || revision > lsn_) return fail("has a malformed revision");
  if (last_key_ && last_key_->view() >= key) return fail("has keys out of order");
  last_key_ = Bytes::copy(key);
  entries_.set(*last_key_, Entry{Bytes::copy(value), revision});
  --entries_left_;
  return entry_size_without_bytes + key.size() + value.size();
}

std::size_t SnapshotReader::take_session(std::string_view bytes) {
  if (bytes.size() < session_size_without_results) return 0;
  const std::size_t results = Reader(bytes.substr(session_size_without_results - 4)).u32();
  const std::size_t size = session_size_without_results + result_size * results;
  if (bytes.size() < size) return 0;
  Reader reader(bytes);
  FieldsIn archive(reader);
  SessionId id;
  Session session;
  archive(id, session);
  if (reader.failed() || id.value == 0 || id.value > lsn_.value) return fail("has a malformed session");
  const auto in_order = [](const Remembered& a, const Remembered& b) { return a.number < b.number; };
  const bool first = sessions_.size() == 0;
  if ((!first && id <= last_session_) ||
      std::adjacent_find(session.results.begin(), session.results.end(),
                         [&](const auto& a, const auto& b) { return !in_order(a, b); }) != session.results.end()) {
    return fail("has sessions out of order");
  }
  last_session_ = id;
  sessions_.restore(id, std::move(session));
  --sessions_left_;
  return size;
}

std::size_t SnapshotReader::take_footer(std::string_view bytes) {
  if (bytes.size() < footer_size) return 0;
  Reader reader(bytes);
  const std::uint64_t size = reader.u64();
  const std::uint32_t checksum = reader.u32();
  if (crc32c(bytes.substr(0, footer_size - 4), checksum_) != checksum) return fail("has a wrong checksum");
  if (size != size_) return fail("has a wrong length");
  part_ = Part::finished;
  return footer_size;
}

std::size_t SnapshotReader::fail(std::string_view why) {
  problem_ = why;
  return 0;
}

std::optional<Store> SnapshotReader::finish() {
  if (problem_.empty() && part_ != Part::finished) fail("ends too early");
  if (!problem_.empty()) return std::nullopt;
  store_.restore(lsn_, stamp_, configuration_, entries_, sessions_);
  return store_;
}

}  // namespace smalldb
