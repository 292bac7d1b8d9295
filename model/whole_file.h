// Makes a file that appears under its name whole and durable, or not at all, whenever the machine may crash.
//
//     write NAME.tmp ... -> sync -> rename to NAME -> sync the directory
//
// Each arrow waits for the answer to what stands before it: operations on different files, and names, keep no order of
// their own on a disk. Used for `meta`, checkpoints and snapshots.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/bytes.h"
#include "model/data_directory.h"
#include "model/machine.h"

namespace smalldb {

class WholeFile {
 public:
  // Begins a file; one that was begun before and is not done is given up. `tokens` are the owner's, of which this draws
  // in each call. REQUIRES: no leftover of an earlier life stands under the temporary name (recovery removes them).
  void begin(std::string name, DiskTokens& tokens, Effects& effects);
  // Writes the next bytes. Any number of writes may be on the way. REQUIRES: begun, and finish() not called.
  void append(Bytes bytes, DiskTokens& tokens, Effects& effects);
  // All has been appended: makes the file durable, and then its name. Replaces a file of that name.
  void finish(DiskTokens& tokens, Effects& effects);
  // Gives the file up: what was written of it is removed. Nothing happens if none is being made.
  void abandon(DiskTokens& tokens, Effects& effects);

  // Takes an answer to the owner's operations. A failure stops the process (S11).
  void on_disk_done(const DiskDone& done, DiskTokens& tokens, Effects& effects);

  // Bytes appended whose write has been answered.
  std::uint64_t written() const { return written_; }
  // Writes that have not been answered.
  std::size_t writes_on_the_way() const { return writes_.size(); }
  // The file stands under its name, durably.
  bool done() const { return step_ == Step::done; }
  // More may be appended.
  bool appending() const { return step_ == Step::write; }
  bool making() const { return step_ != Step::none && step_ != Step::done; }
  const std::string& name() const { return name_; }

 private:
  enum class Step : std::uint8_t { none, write, all_appended, sync, rename, sync_name, done };

  void continue_finishing(DiskTokens& tokens, Effects& effects);

  Step step_ = Step::none;
  std::string name_;
  std::uint64_t size_ = 0;  // appended
  std::uint64_t written_ = 0;
  std::vector<std::uint64_t> writes_;  // sizes of those on the way, in order
  DiskToken begun_{};                  // answers up to here are of no interest: they belong to what was given up
  bool stopped_ = false;
};

}  // namespace smalldb
