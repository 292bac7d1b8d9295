// What a node is and has at present, for those who run it. Nothing of the protocol rests on it.
#pragma once

#include <cstdint>
#include <optional>

#include "model/configuration.h"
#include "model/ids.h"
#include "model/machine.h"
#include "model/notes.h"

namespace smalldb {

struct NodeStatus {
  Role role = Role::recovering;
  bool serving = false;             // a primary whose epoch has begun, and who can answer
  bool in_sync = false;             // a pair, as far as this node knows: the backup is declared, has it in its log, and
                                    // is there
  bool claiming = false;            // asks the arbiter for the next epoch
  bool waits_for_operator = false;  // manual arbiter: a promotion would be taken now
  std::optional<bool> arbiter_reachable;  // none: not asked, or not known yet
  Epoch epoch;
  DirectoryId directory;
  ProcessId primary = no_process;  // as far as known; the node itself while it serves
  ProcessId backup = no_process;   // of a pair

  Lsn log_end;
  Lsn log_durable;
  Lsn applied;
  Lsn checkpoint;
  std::uint64_t log_bytes = 0;
  std::uint64_t keys = 0;
  std::uint64_t sessions = 0;

  // Of a primary.
  Lsn safe;                            // all up to here may be shown
  std::uint64_t answers_held = 0;      // by the output gate
  std::uint64_t requests_waiting = 0;  // for the backup to come closer (F8)
  std::uint64_t lag_bytes = 0;         // of log that the backup has not acknowledged
};

}  // namespace smalldb
