// A record: one entry of the write-ahead log. Encoded once by the primary of its epoch; the same bytes go to the local
// log, to the backup, and into the backup's log (S1). docs/wal.md has the format byte by byte with an example.
//
//   offset  size
//        0     4  length of the body in bytes
//        4     4  CRC32C of the header: of bytes 0 to 3 and 8 to 36
//        8     4  CRC32C of the body
//       12     8  lsn
//       20     8  epoch
//       28     8  stamp: the primary's wall clock, never falling from record to record (F10)
//       36     1  kind: 1 for EpochStarted, and on in the order of RecordBody
//       37     -  body
//
// The header has a checksum of its own (over bytes 0-3 and 8-36) so that a torn tail can be told from rot: a header
// that holds promises how far its body reaches (S11).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "model/bytes.h"
#include "model/ids.h"
#include "model/request.h"
#include "model/time.h"

namespace smalldb {

// ---- Kinds of record --------------------------------------------------------------------------------------------

// The first record of every epoch, by the one who won it; from here on that node serves alone.
struct EpochStarted {
  DirectoryId primary;
  ProcessId node = no_process;
  friend bool operator==(const EpochStarted&, const EpochStarted&) = default;
};

// A client's write or session opening, to be executed on every replica with the same result.
struct Operation {
  Request request;
  friend bool operator==(const Operation&, const Operation&) = default;
};

// From this record on outputs wait for `backup` (S5).
struct BackupJoining {
  DirectoryId backup;
  ProcessId node = no_process;
  friend bool operator==(const BackupJoining&, const BackupJoining&) = default;
};

// `backup` is in sync: whoever holds this record durably may claim the next epoch (S3).
struct BackupDeclared {
  DirectoryId backup;
  ProcessId node = no_process;
  friend bool operator==(const BackupDeclared&, const BackupDeclared&) = default;
};

// The backup went before it was declared: the primary is alone again, in the same epoch.
struct BackupLeft {
  DirectoryId backup;
  friend bool operator==(const BackupLeft&, const BackupLeft&) = default;
};

// Checkpoint now: a control entry (F9), so that both write the same bytes.
struct Checkpoint {
  friend bool operator==(const Checkpoint&, const Checkpoint&) = default;
};

// Sessions idle since before `cutoff` are dropped; decided by the primary and shipped (F10).
struct SessionsExpired {
  WallTime cutoff;
  friend bool operator==(const SessionsExpired&, const SessionsExpired&) = default;
};

using RecordBody =
    std::variant<EpochStarted, Operation, BackupJoining, BackupDeclared, BackupLeft, Checkpoint, SessionsExpired>;

struct Record {
  Lsn lsn;
  Epoch epoch;
  WallTime stamp;
  RecordBody body;
  friend bool operator==(const Record&, const Record&) = default;
};

// ---- The format ----------------------------------------------------------------------------------------------------

inline constexpr std::size_t record_header_size = 37;
// Longest body: a put of the largest key and value, with room for its numbers.
inline constexpr std::size_t record_body_size_max = key_size_max + value_size_max + 256;

Bytes encode(const Record& record);

// The header's fields, if `bytes` begins with a whole header whose checksum holds. Says nothing of the body.
struct RecordHeader {
  std::uint32_t body_size;
  std::uint32_t body_checksum;
  Lsn lsn;
  Epoch epoch;
  WallTime stamp;
  std::uint8_t kind;
  std::size_t record_size() const { return record_header_size + body_size; }
};
std::optional<RecordHeader> decode_header(std::string_view bytes);

// The record that `bytes` begins with, if it is whole, its checksums hold and its body is well formed.
std::optional<Record> decode_record(std::string_view bytes);

// The same for bytes that decode_record() has taken before: the body's checksum is not computed again. REQUIRES: the
// header is that of `bytes`, which hold the whole record.
std::optional<Record> decode_known_record(const RecordHeader& header, std::string_view bytes);

// crc32c(records, before), from the checksums of the records' bodies: no large body is read. A body that is not what
// its checksum says gives another checksum. REQUIRES: whole records, one after the other.
std::uint32_t checksum_of_records(std::string_view records, std::uint32_t before);

// How long the record is that `bytes` begin with. REQUIRES: a whole record, encoded here or taken by decode_record().
std::size_t record_size(std::string_view bytes);

// How many records stand in `bytes`, one after the other. REQUIRES: whole records, encoded here.
std::uint64_t count_records(std::string_view bytes);

}  // namespace smalldb
