// What a node has in whatever role: its directory, its log, its store, and its checkpoints.
//
// Roles (seeker, comer, backup, primary) are types of their own that are handed the node's Replica with every event;
// the node (model/node.h) holds one Replica and one role at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "model/checkpoint_writer.h"
#include "model/data_directory.h"
#include "model/ids.h"
#include "model/log.h"
#include "model/machine.h"
#include "model/messages.h"
#include "model/notes.h"
#include "model/recovery.h"
#include "model/settings.h"
#include "model/snapshot_installer.h"
#include "model/store.h"

namespace smalldb {

struct Replica {
  // What recovery found, sound or damaged. Of a damaged directory nothing is believed: the replica is empty, may take a
  // snapshot under the identity `fresh`, and never claims with what was there (S2, S11).
  Replica(const NodeConfig& config, Incarnation incarnation, Recovered recovered);
  Replica(const NodeConfig& config, Incarnation incarnation, const Damaged& damage, DirectoryId fresh);

  NodeConfig config;
  Moment moment;            // of the event being handled
  Incarnation incarnation;  // of this life of the process (S12)
  Role role = Role::recovering;
  bool damaged = false;

  Meta meta;    // who this directory is
  Store store;  // as of store.applied() <= log.end()
  Log log;
  SnapshotInstaller installer;

  CheckpointWriter checkpoint_writer;
  std::optional<Store> checkpoint_due;       // as of the last checkpoint record executed; written once that is safe
  std::uint64_t bytes_since_checkpoint = 0;  // of log executed since

  std::uint64_t greetings = 0;                 // that this life of the process has sent
  bool claiming = false;                       // the next epoch is being claimed
  std::optional<Instant> lease_granted_until;  // before this nothing is claimed (S8)

  DirectoryId directory() const { return meta.directory; }
  // The last epoch begun in the log.
  Epoch epoch() const { return log.configuration().epoch(); }

  // A message of this node, stamped with its epoch and incarnation (S12).
  Bytes message(const MessageBody& body) const { return encode(epoch(), incarnation, body); }

  // "Not here", for a comer. `primary`: who it is, if known.
  Bytes not_primary(ProcessId primary) const;

  // Executes one record, which is the next.
  Response apply(const Record& record, std::uint64_t encoded_size);
  // Executes what stands in the log up to `position`. Nothing happens if that has been executed.
  void apply_up_to(Lsn position);

  // Begins to write the checkpoint that is due, if that is safe and none is being written (F9).
  void maybe_checkpoint(Lsn safe, Effects& effects);
  void on_checkpoint_disk_done(const DiskDone& done, Effects& effects);

  // Puts what the installer has installed in the place of log and store.
  void install(Effects& effects);

  // Promises not to claim for the lease's length from now on, by a clock that may be slow.
  void grant_lease();

  void note(Effects& effects, NoteKind kind, std::uint64_t a = 0, std::uint64_t b = 0,
            std::string_view text = {}) const;
  // Says why a message is dropped.
  void ignore(Effects& effects, IgnoreReason reason, const Message& message) const;
};

}  // namespace smalldb
