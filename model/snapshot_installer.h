// Takes in a snapshot of the running store at a node that joins (S6), and puts it in the place of all that the node's
// directory held: log, checkpoints and, if need be, the directory's identity.
//
//     chunks -> checkpoint-(g+1)-LSN.tmp -> its name -> meta of generation g+1 -> files of generation g are removed
//
// The switch is the replacement of `meta`: before it the directory is what it was, after it the snapshot's, and there
// is nothing in between. Interrupted at any point, it starts again from the first chunk; what was there by then is a
// leftover that nobody reads.
//
// One object for the life of a node (the numbers of its disk operations go on rising); a value.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "model/bytes.h"
#include "model/data_directory.h"
#include "model/ids.h"
#include "model/machine.h"
#include "model/messages.h"
#include "model/settings.h"
#include "model/snapshot.h"
#include "model/store.h"
#include "model/whole_file.h"

namespace smalldb {

class SnapshotInstaller {
 public:
  SnapshotInstaller(const Settings& settings, const RuleSwitches& rules);

  // Begins to take the snapshot as of `snapshot_lsn`, in place of one that was begun. `meta` is what the directory is
  // to become: a generation that none of its files has, and the same identity or, after damage, a new one.
  void start(const Meta& meta, Lsn snapshot_lsn, Effects& effects);
  // Takes the next chunk. False: it is not of this snapshot, not the next one, or the bytes are damaged: `problem()`
  // says what, nothing has been installed, and the way on is another `start`. REQUIRES: taking().
  bool take(const SnapshotChunk& chunk, Effects& effects);
  // Takes an answer to one of its operations (DiskOwner::installer). True if the snapshot has been installed by it.
  bool on_disk_done(const DiskDone& done, Effects& effects);
  // The connection broke: gives up a snapshot whose last chunk has not come. One that has come whole is installed
  // anyway.
  void abandon(Effects& effects);

  // Chunks are wanted.
  bool taking() const { return step_ == Step::take; }
  // From start until installed or given up.
  bool busy() const { return step_ != Step::none && step_ != Step::installed; }
  bool installed() const { return step_ == Step::installed; }
  // Bytes from the start that have been written: what SnapshotTaken says (flow control).
  std::uint64_t taken() const { return file_.written(); }
  std::string_view problem() const { return problem_; }

  // What the directory is and holds now: its log is Log(settings, meta().generation, store().applied(),
  // store().configuration()), without files yet. REQUIRES: installed().
  const Meta& meta() const { return meta_; }
  const Store& store() const { return *store_; }

 private:
  enum class Step : std::uint8_t { none, take, make_checkpoint, make_meta, list, remove_old, installed };

  bool refuse(std::string_view why, Effects& effects);
  void make_meta(Effects& effects);
  void list(Effects& effects);
  void remove_old_files(const DiskDone& listed, Effects& effects);
  void on_removed(const DiskDone& done, Effects& effects);

  Settings settings_;
  RuleSwitches rules_;
  Step step_ = Step::none;
  Meta meta_;
  Lsn snapshot_lsn_;
  std::uint64_t size_ = 0;  // bytes taken
  DiskTokens tokens_{DiskOwner::installer};
  SnapshotReader reader_;
  WholeFile file_;  // the checkpoint
  WholeFile meta_file_;
  DiskToken listed_{};
  std::uint64_t removals_ = 0;  // on the way
  std::optional<Store> store_;
  std::string problem_;
};

}  // namespace smalldb
