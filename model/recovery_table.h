// What recovery does about each state of a log (S11), as a table of lettered rows.
//
// What a crash can leave behind follows from how the log is written (model/log.h): only the last write can be torn; it
// lies at the end of the last segment and is at most Settings::log_write_bytes long, or one record. A tear loses whole
// sectors (which then hold what they held before: nothing, read as zeros) or the end of the file. Everything else is
// damage to bytes that had been acknowledged, and is never skipped, cut or guessed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace smalldb {

// How a record stands on the disk where the next one is expected.
enum class RecordState : std::uint8_t {
  end,             // no byte follows
  gap,             // no byte follows, but the next segment begins at a later position than the next one
  whole,           // checksums hold, and it follows the record before it
  zeros,           // nothing but zeros up to the end of the file: lengthened, never written
  short_header,    // the file ends within the header
  short_body,      // the header holds and promises more bytes than the file has
  missing_sector,  // a checksum does not hold, and at least one sector of the record was never written
  rotten,          // a checksum does not hold, though every sector was written, or one flipped bit would mend it
  stranger,        // checksums hold, but position or epoch do not follow the record before
  unreadable,      // checksums hold, but this program cannot make sense of the body
};
inline constexpr std::size_t record_states = 10;

// Whether whole records stand behind a bad one.
enum class Behind : std::uint8_t {
  nothing,
  within_a_write,  // the last of them ends where one write could have carried it and the bad record
  beyond_a_write,  // no single write reaches so far: the bad record had been synced before
};
inline constexpr std::size_t behinds = 3;

enum class Place : std::uint8_t { last_segment, followed };  // by another segment
inline constexpr std::size_t places = 2;

enum class Decision : std::uint8_t {
  go_on,  // with the next record, the next segment, or with serving
  cut,    // a torn tail: shorten the segment to where this record begins
  stop,   // damaged
};

struct RecoveryRow {
  char letter;
  Decision decision;
  std::string_view finding;  // in words; completes "at offset N: ..."
};

// The row for a combination; there is exactly one for each.
const RecoveryRow& judge(RecordState state, Behind behind, Place place);

}  // namespace smalldb
