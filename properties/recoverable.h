// Ground truth of whether a store could still be there: an oracle that no node is asked for.
//
// Disks that rot, are wiped or lie can take so much that nobody can go on, and then silence is right (S2, S3, S11: an
// empty node must not found the store anew, a damaged one must not pass for whole). What was answered can be served
// again as long as a node whose disk nobody has touched may claim the next epoch: the holder of the latest epoch, or
// the backup that was declared in sync in it and holds the record that says so.
//
// The same where nodes are lost for ever: those that are left may go on if one of these is among them (F5, S3). Without
// the arbiter nobody begins an epoch, but whoever serves goes on, with its backup, as long as nobody has to ask (F5).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "properties/mirror.h"

namespace smalldb::properties {

// What faults have done to disks: whether something that was durable there has been destroyed or changed.
struct Destroyed {
  std::vector<bool> processes;  // by ProcessId
  bool shared_volume = false;

  bool anything() const;
};

// Who does not come back.
struct Lost {
  std::vector<bool> processes;  // by ProcessId; of the arbiter: nobody reaches it
  bool shared_volume = false;   // nobody reaches it

  bool anybody() const;
};

// With `acknowledge: received` a backup that ends forgets what it had acknowledged and not synced. If it begins the
// next epoch all the same, what was answered on the strength of that is lost, and was not promised (docs/protocol.md,
// S7): which node did so, in words; nothing if none did. One that ends because it is told to has synced it, and forgets
// nothing.
std::optional<std::string> why_not_promised(const Mirror& mirror);

// Why nobody may be able to go on; nothing if somebody must be.
std::optional<std::string> why_unrecoverable(const Mirror& mirror, const Destroyed& destroyed, const Lost& lost);

}  // namespace smalldb::properties
