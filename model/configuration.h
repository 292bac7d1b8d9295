// Who serves, who stands by, and since where: the part of the replicated state that the control records change (F9).
//
// Kept twice: in the Store as of the last record applied, and by the log as of its end, where it says who may claim the
// next epoch (S3) and, to a peer, how far two logs agree (S6).
#pragma once

#include <cstdint>
#include <vector>

#include "model/codec.h"
#include "model/ids.h"
#include "model/messages.h"
#include "model/record.h"

namespace smalldb {

enum class BackupStanding : std::uint8_t {
  none,      // the primary is alone
  joining,   // outputs wait for the backup (S5), but it may not claim yet
  declared,  // in sync: a pair, in which neither goes on without the other in this epoch (S4)
};

struct Configuration {
  std::vector<EpochStart> epochs;  // all since the founding, rising
  BackupStanding backup_standing = BackupStanding::none;
  DirectoryId backup;
  ProcessId backup_node = no_process;

  // The last epoch begun; 0 in an empty log.
  Epoch epoch() const { return epochs.empty() ? Epoch{} : epochs.back().epoch; }

  // Whether the record can come next: of an epoch beyond the last for EpochStarted, of the last one for all others; a
  // backup joins when there is none, and is declared or leaves only while it is joining. To be asked of what comes from
  // a disk or from another node, which may be of another history.
  bool fits(const Record& record) const;
  // Takes over what the record says, if it is a control record that concerns it. REQUIRES: fits(record).
  void apply(const Record& record);

  // Which store this is the history of: who won epoch 1. None in an empty log.
  DirectoryId founder() const { return epochs.empty() ? DirectoryId{} : epochs.front().primary; }
  // Whether these are epochs of the same store, as far as they tell.
  bool may_be_of(const std::vector<EpochStart>& others) const {
    return others.empty() || others.front().primary == founder();
  }

  // S3: `directory` was in sync in the last epoch, as far as this log knows.
  bool may_claim_next(DirectoryId directory) const;

  // What a log that ends at `end` can have: epochs and their positions rise, and nobody stands by without an epoch. To
  // be asked of what comes from a disk or from another node.
  bool is_sound(Lsn end) const;

  friend bool operator==(const Configuration&, const Configuration&) = default;
};

// The format within checkpoints (docs/wal.md).
void encode(const Configuration& configuration, Writer& writer);
Configuration decode_configuration(Reader& reader);

// Epochs and their first positions rise, and none begins beyond `end`.
bool is_sound(const std::vector<EpochStart>& epochs, Lsn end);

// The last position up to which two logs hold the same records (S6); 0 if they part at the first. `ours` and `theirs`
// are the epochs that each holds, rising; `our_end` and `their_end` their last positions.
// Rests on S2, one epoch has one primary, so that records of the same epoch at the same position are the same. Where
// the arbiter cannot keep that (none, an operator who promotes two), the epochs that two have begun differ by who began
// them and when, and their logs part there.
Lsn last_common(const std::vector<EpochStart>& ours, Lsn our_end, const std::vector<EpochStart>& theirs, Lsn their_end);

}  // namespace smalldb
