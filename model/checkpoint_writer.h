// Writes checkpoints (F9): the state as of a position, in a file of its own, so that the log before it can go.
//
// Works from a copy of the Store, which costs O(1) to take, and writes it piece by piece with one piece on the way at a
// time: the node serves all along. The file appears under its name whole (model/whole_file.h), and only then are older
// checkpoints removed. So whenever a crash comes, the newest checkpoint in the directory is whole.
//
// One object for the life of a node's log generation; a value: copies go on by themselves.
#pragma once

#include <cstdint>
#include <optional>

#include "model/data_directory.h"
#include "model/ids.h"
#include "model/machine.h"
#include "model/settings.h"
#include "model/snapshot.h"
#include "model/store.h"
#include "model/whole_file.h"

namespace smalldb {

class CheckpointWriter {
 public:
  // `newest`: position of the checkpoint that the directory holds (0: none).
  CheckpointWriter(const Settings& settings, std::uint64_t generation, Lsn newest);

  // Begins to write a checkpoint of `store`. REQUIRES: !busy(), the store is beyond newest().
  void start(const Store& store, Effects& effects);
  // Takes an answer to one of its operations (DiskOwner::checkpoint). True if the checkpoint that was being written has
  // become durable by it: newest() is its position, and the log may retire what lies before.
  bool on_disk_done(const DiskDone& done, Effects& effects);
  // Gives up the checkpoint being written, as when the generation ends.
  void abandon(Effects& effects);

  // A checkpoint is being written, or an old one being removed.
  bool busy() const { return writer_.has_value() || removing_.has_value(); }
  // The newest durable checkpoint; 0: none.
  Lsn newest() const { return newest_; }

 private:
  void write_next_piece(Effects& effects);
  void on_removed(const DiskDone& done, Effects& effects);

  std::uint32_t chunk_bytes_;
  std::uint64_t generation_;
  Lsn newest_;
  DiskTokens tokens_{DiskOwner::checkpoint};
  std::optional<SnapshotWriter> writer_;
  WholeFile file_;
  std::optional<DiskToken> removing_;  // of the older checkpoint
};

}  // namespace smalldb
