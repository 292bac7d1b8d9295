#include "model/record.h"

#include <array>
#include <utility>

#include "model/assert.h"
#include "model/codec.h"
#include "model/crc32c.h"
#include "model/fields.h"

namespace smalldb {

template <class Archive>
void fields(Archive& archive, Like<EpochStarted> auto& x) {
  archive(x.primary, x.node);
}
template <class Archive>
void fields(Archive& archive, Like<Operation> auto& x) {
  archive(x.request);
}
template <class Archive>
void fields(Archive& archive, Like<BackupJoining> auto& x) {
  archive(x.backup, x.node);
}
template <class Archive>
void fields(Archive& archive, Like<BackupDeclared> auto& x) {
  archive(x.backup, x.node);
}
template <class Archive>
void fields(Archive& archive, Like<BackupLeft> auto& x) {
  archive(x.backup);
}
template <class Archive>
void fields(Archive&, Like<Checkpoint> auto&) {}
template <class Archive>
void fields(Archive& archive, Like<SessionsExpired> auto& x) {
  archive(x.cutoff);
}

namespace {

constexpr std::size_t checksummed_from = 8;  // the header's checksum skips itself

std::uint32_t header_checksum(std::string_view header) {
  return crc32c(header.substr(checksummed_from, record_header_size - checksummed_from), crc32c(header.substr(0, 4)));
}

// No primary logs a read, or more than it takes from a client.
bool can_be(const Operation& operation) {
  const Request& request = operation.request;
  return request.verb != Verb::get && request.key.size() <= key_size_max && request.value.size() <= value_size_max;
}
template <class Body>
bool can_be(const Body&) {
  return true;
}

// Reads the body of a record of `kind`: that of the alternative `kind` - 1.
template <std::size_t index = 0>
void read_body(std::size_t kind, Reader& reader, RecordBody& body) {
  if constexpr (index == std::variant_size_v<RecordBody>) {
    reader.fail();
  } else if (kind == index + 1) {
    FieldsIn archive(reader);
    auto& alternative = body.emplace<index>();
    fields(archive, alternative);
    if (!can_be(alternative)) reader.fail();
  } else {
    read_body<index + 1>(kind, reader, body);
  }
}

}  // namespace

Bytes encode(const Record& record) {
  const auto write_body = [&record](auto& writer) {
    std::visit([&writer](const auto& body) { put_fields(writer, body); }, record.body);
  };
  SizeSink measured;
  BasicWriter measure(measured);
  write_body(measure);
  SMALLDB_ASSERT(measured.size() <= record_body_size_max, record.lsn.value, measured.size());

  return Bytes::build(record_header_size + measured.size(), [&](char* to) {
    MemorySink body_sink(to + record_header_size);
    BasicWriter body_writer(body_sink);
    write_body(body_writer);

    MemorySink sink(to);
    BasicWriter writer(sink);
    writer.u32(static_cast<std::uint32_t>(measured.size())).u32(0);
    writer.u32(crc32c({to + record_header_size, measured.size()}));
    put_fields(writer, record.lsn, record.epoch, record.stamp);
    writer.u8(static_cast<std::uint8_t>(record.body.index() + 1));

    MemorySink checksum_sink(to + 4);
    BasicWriter(checksum_sink).u32(header_checksum({to, record_header_size}));
  });
}

std::optional<RecordHeader> decode_header(std::string_view bytes) {
  if (bytes.size() < record_header_size) return std::nullopt;
  Reader reader(bytes.substr(0, record_header_size));
  RecordHeader header{};
  header.body_size = reader.u32();
  const std::uint32_t checksum = reader.u32();
  header.body_checksum = reader.u32();
  FieldsIn archive(reader);
  archive(header.lsn, header.epoch, header.stamp, header.kind);
  if (checksum != header_checksum(bytes) || header.body_size > record_body_size_max) return std::nullopt;
  return header;
}

std::optional<Record> decode_record(std::string_view bytes) {
  const std::optional<RecordHeader> header = decode_header(bytes);
  if (!header || bytes.size() < header->record_size()) return std::nullopt;
  const std::string_view body = bytes.substr(record_header_size, header->body_size);
  if (crc32c(body) != header->body_checksum) return std::nullopt;
  return decode_known_record(*header, bytes);
}

std::optional<Record> decode_known_record(const RecordHeader& header, std::string_view bytes) {
  Reader reader(bytes.substr(record_header_size, header.body_size));
  std::optional<Record> record(std::in_place, Record{header.lsn, header.epoch, header.stamp, {}});
  read_body(header.kind, reader, record->body);
  if (!reader.complete()) record.reset();
  return record;
}

std::uint32_t checksum_of_records(std::string_view records, std::uint32_t before) {
  constexpr std::size_t read_below = 256;  // sooner than the checksums are put together
  std::uint32_t checksum = before;
  while (!records.empty()) {
    Reader reader(records);
    const std::uint32_t body_size = reader.u32();
    reader.u32();  // the header's checksum
    const std::uint32_t body_checksum = reader.u32();
    const std::size_t size = record_header_size + body_size;
    SMALLDB_ASSERT(size <= records.size(), size, records.size());
    if (body_size < read_below) {
      checksum = crc32c(records.substr(0, size), checksum);
    } else {
      checksum = crc32c_of_both(crc32c(records.substr(0, record_header_size), checksum), body_checksum, body_size);
    }
    records.remove_prefix(size);
  }
  return checksum;
}

std::size_t record_size(std::string_view bytes) { return record_header_size + Reader(bytes).u32(); }

std::uint64_t count_records(std::string_view bytes) {
  std::uint64_t count = 0;
  for (; !bytes.empty(); ++count) bytes.remove_prefix(record_size(bytes));
  return count;
}

}  // namespace smalldb
