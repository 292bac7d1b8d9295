// What stands in a node's data directory, and who among the node's parts asked for a disk operation.
//
//   meta                                    whose directory this is, and which generation of files counts
//   log-GGGGGGGGGG-LLLLLLLLLLLLLLLLLLLL     a segment of the log, by its generation and first position (model/log.h)
//   checkpoint-GGGGGGGGGG-LLLLLLLLLLLLLLLLLLLL  the state as of a position (model/snapshot.h)
//   NAME.tmp                                a file on its way to be NAME (model/whole_file.h)
//
// Numbers are decimal and padded with zeros, so that names sort as they count. Temporary files and files of another
// generation are leftovers of something that was interrupted: nobody reads them, and recovery removes them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "model/bytes.h"
#include "model/ids.h"
#include "model/machine.h"

namespace smalldb {

// ---- Files ---------------------------------------------------------------------------------------------------------

// The contents of the file `meta`. A snapshot that replaces all that a directory holds is put beside it under the next
// generation; replacing `meta` is what switches over (S6).
struct Meta {
  DirectoryId directory;
  std::uint64_t generation = 1;
  // A record or a snapshot has been durable here: from then on there is always one, and nothing is acknowledged before.
  // A directory that has begun and holds neither has lost what it held, and is not a new one (decision 46).
  bool begun = true;
  friend bool operator==(const Meta&, const Meta&) = default;
};

// Magic, format version, the fields, CRC32C: less than a sector, so a disk keeps all of it or nothing.
Bytes encode(const Meta& meta);
// Nothing if these are not exactly the bytes of a Meta, or of a version that is not known here.
std::optional<Meta> decode_meta(std::string_view bytes);
// The version, if these are whole bytes of another one than this program's. The magic, the version behind it, and the
// CRC32C of all before it at the end stay where they are, whatever comes to stand between.
std::optional<std::uint32_t> other_meta_version(std::string_view bytes);
inline constexpr std::uint32_t meta_version = 2;

inline constexpr std::uint64_t meta_size_max = 512;

inline constexpr std::string_view meta_file = "meta";
std::string log_file(std::uint64_t generation, Lsn first);
std::string checkpoint_file(std::uint64_t generation, Lsn lsn);
std::string temporary_file(std::string_view name);

enum class FileKind : std::uint8_t {
  meta,
  log,
  checkpoint,
  temporary,
  foreign,  // not of this program: never touched
};

// What a name says. `generation` and `lsn` for log and checkpoint only.
struct FileName {
  FileKind kind = FileKind::foreign;
  std::uint64_t generation = 0;
  Lsn lsn;
};
FileName parse_file_name(std::string_view name);

// ---- Disk operations -----------------------------------------------------------------------------------------------

// The part of a node that a disk operation's answer is for: the high byte of its token.
enum class DiskOwner : std::uint8_t { recovery = 1, log, checkpoint, installer, directory, claimer, arbiter_watch };

constexpr DiskToken make_token(DiskOwner owner, std::uint64_t sequence) {
  return DiskToken{static_cast<std::uint64_t>(owner) << 56 | sequence};
}
constexpr DiskOwner owner_of(DiskToken token) {
  return static_cast<DiskOwner>(static_cast<std::uint64_t>(token) >> 56);
}

// Numbers the operations of one owner, from 1, none twice. Rising: what was asked before a given moment has a lower
// token than what is asked after it.
class DiskTokens {
 public:
  explicit DiskTokens(DiskOwner owner) : owner_(owner) {}
  DiskToken take() { return make_token(owner_, ++taken_); }
  // The last one taken.
  DiskToken last() const { return make_token(owner_, taken_); }

 private:
  DiskOwner owner_;
  std::uint64_t taken_ = 0;
};

// Ends the process because a disk operation that changes something did not succeed (S11): what the disk holds is no
// longer known, and only a start from what it really kept can tell. `doing` says what was being done, as in "write the
// log"; `file` where. REQUIRES: done.status != ok.
void stop_after_failure(const DiskDone& done, std::string_view doing, std::string_view file, Effects& effects);

}  // namespace smalldb
