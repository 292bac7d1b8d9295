#include "model/segment_reader.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "model/codec.h"
#include "model/crc32c.h"
#include "model/log.h"

namespace smalldb {
namespace {

// Where fields stand in a record's header (model/record.h).
constexpr std::size_t header_checksum_at = 4;
constexpr std::size_t body_checksum_at = 8;
constexpr std::size_t lsn_at = 12;

bool all_zeros(std::string_view bytes) { return bytes.find_first_not_of('\0') == std::string_view::npos; }

// The bit of the header that makes the record whole when it is flipped.
std::optional<std::size_t> flip_in_header_that_mends(std::string_view bytes) {
  std::string header(bytes.substr(0, record_header_size));
  for (std::size_t bit = 0; bit < header.size() * 8; ++bit) {
    const char flip = static_cast<char>(1 << bit % 8);
    header[bit / 8] ^= flip;
    const auto decoded = decode_header(header);
    if (decoded && bytes.size() >= decoded->record_size() &&
        crc32c(bytes.substr(record_header_size, decoded->body_size)) == decoded->body_checksum) {
      return bit;
    }
    header[bit / 8] ^= flip;
  }
  return std::nullopt;
}

// The bit of the body that makes its checksum hold when it is flipped. CRC is linear: flipping a bit changes the
// checksum by a value that depends on the bit's distance from the end alone, and each step away multiplies that value
// by x.
std::optional<std::size_t> flip_in_body_that_mends(std::string_view body, std::uint32_t checksum) {
  constexpr std::uint32_t polynomial = 0x82f63b78;  // reflected: the first bit of a byte is its lowest
  const std::uint32_t wanted = crc32c(body) ^ checksum;
  std::uint32_t change = polynomial;
  for (std::size_t bit = body.size() * 8; bit-- > 0;) {
    if (change == wanted) return bit;
    change = change >> 1 ^ ((change & 1) != 0 ? polynomial : 0);
  }
  return std::nullopt;
}

void put_u32(std::string& bytes, std::size_t at, std::uint32_t value) {
  std::string encoded;
  Writer(encoded).u32(value);
  bytes.replace(at, encoded.size(), encoded);
}

}  // namespace

SegmentReader::SegmentReader(Bytes segment, Lsn first, std::uint64_t write_bytes)
    : segment_(std::move(segment)), write_bytes_(write_bytes), expected_(first) {}

std::optional<StoredRecord> SegmentReader::next() {
  const std::string_view rest = segment_.view().substr(offset_);
  if (auto record = decode_record(rest); record && record->lsn == expected_) {
    const std::size_t size = decode_header(rest)->record_size();
    StoredRecord stored{std::move(*record), segment_.slice(offset_, size), offset_};
    offset_ += size;
    expected_ = expected_.next();
    return stored;
  }
  state_ = state_at_offset();
  behind_ = look_behind();
  return std::nullopt;
}

RecordState SegmentReader::state_at_offset() const {
  const std::string_view rest = segment_.view().substr(offset_);
  if (rest.empty()) return RecordState::end;
  if (all_zeros(rest)) return RecordState::zeros;
  if (rest.size() < record_header_size) return RecordState::short_header;

  const auto header = decode_header(rest);
  if (!header) return torn_or_rotten(record_header_size, flip_in_header_that_mends(rest));
  if (header->lsn != expected_) return RecordState::stranger;
  if (header->body_size > record_body_size_max) return RecordState::unreadable;
  if (rest.size() < header->record_size()) return RecordState::short_body;

  const std::string_view body = rest.substr(record_header_size, header->body_size);
  if (crc32c(body) == header->body_checksum) return RecordState::unreadable;
  auto flip = flip_in_body_that_mends(body, header->body_checksum);
  if (flip) *flip += record_header_size * 8;
  return torn_or_rotten(header->record_size(), flip);
}

// A tear takes whole sectors, rot flips bits. But a record may hold sectors that are zeros by nature, so that a bit
// flipped elsewhere in it would pass for a tear: hence `flip`, the single bit that would mend the record. If that lies
// in a sector of zeros itself, both are possible, and a tear is by far the more likely: of all the record's bits, rot
// would have to have hit the only one set in that sector.
RecordState SegmentReader::torn_or_rotten(std::uint64_t size, std::optional<std::size_t> flip) const {
  if (flip && !sector_missing(offset_ + *flip / 8)) return RecordState::rotten;
  for (std::uint64_t at = offset_; at < offset_ + size; at = (at / sector_size + 1) * sector_size) {
    if (sector_missing(at)) return RecordState::missing_sector;
  }
  return RecordState::rotten;
}

// The sector that holds the byte `at` is all zeros, from offset_ on: what stands before that was written earlier.
bool SegmentReader::sector_missing(std::uint64_t at) const {
  const std::uint64_t begin = std::max(offset_, at / sector_size * sector_size);
  const std::uint64_t end = (at / sector_size + 1) * sector_size;
  return all_zeros(segment_.view().substr(begin, end - begin));
}

// Looks for whole records after the one at offset_, wherever they may begin.
Behind SegmentReader::look_behind() const {
  const std::string_view bytes = segment_.view();
  const auto header = decode_header(bytes.substr(offset_));
  // What a header that holds calls its body is not looked into: a value may well look like a record.
  std::uint64_t at = offset_ + (header && header->lsn == expected_ ? header->record_size() : 1);
  std::uint64_t last_end = 0;
  while (at + record_header_size <= bytes.size()) {
    const std::uint64_t lsn = Reader(bytes.substr(at + lsn_at)).u64();
    const std::uint64_t records_between_max = (at - offset_) / record_header_size;
    if (lsn > expected_.value && lsn - expected_.value <= records_between_max && decode_record(bytes.substr(at))) {
      at += decode_header(bytes.substr(at))->record_size();
      last_end = at;
    } else {
      ++at;
    }
  }
  if (last_end == 0) return Behind::nothing;
  return last_end - offset_ <= write_bytes_ ? Behind::within_a_write : Behind::beyond_a_write;
}

std::optional<StoredRecord> SegmentReader::believe() const {
  const std::string_view rest = segment_.view().substr(offset_);
  const auto header = decode_header(rest);
  if (!header || header->lsn != expected_ || header->body_size > record_body_size_max) return std::nullopt;
  std::string bytes(rest.substr(0, header->record_size()));
  bytes.resize(header->record_size());
  put_u32(bytes, body_checksum_at, crc32c(std::string_view(bytes).substr(record_header_size)));
  const std::string_view whole(bytes);
  put_u32(bytes, header_checksum_at,
          crc32c(whole.substr(body_checksum_at, record_header_size - body_checksum_at),
                 crc32c(whole.substr(0, header_checksum_at))));
  auto record = decode_record(bytes);
  if (!record) return std::nullopt;
  return StoredRecord{std::move(*record), Bytes::copy(bytes), offset_};
}

}  // namespace smalldb
