#include "model/snapshot_installer.h"

#include "model/assert.h"

namespace smalldb {

SnapshotInstaller::SnapshotInstaller(const Settings& settings, const RuleSwitches& rules)
    : settings_(settings), rules_(rules), reader_(settings, rules) {}

void SnapshotInstaller::start(const Meta& meta, Lsn snapshot_lsn, Effects& effects) {
  SMALLDB_ASSERT(!busy() || taking());
  meta_ = meta;
  snapshot_lsn_ = snapshot_lsn;
  size_ = 0;
  reader_ = SnapshotReader(settings_, rules_);
  store_.reset();
  problem_.clear();
  file_.begin(checkpoint_file(meta.generation, snapshot_lsn), tokens_, effects);
  step_ = Step::take;
}

bool SnapshotInstaller::take(const SnapshotChunk& chunk, Effects& effects) {
  SMALLDB_ASSERT(taking());
  if (chunk.snapshot_lsn != snapshot_lsn_) return refuse("a chunk of another snapshot", effects);
  if (chunk.offset != size_) return refuse("not the next chunk", effects);
  reader_.take(chunk.bytes.view());
  if (!reader_.problem().empty()) return refuse(reader_.problem(), effects);
  size_ += chunk.bytes.size();
  if (!chunk.bytes.empty()) file_.append(chunk.bytes, tokens_, effects);
  if (!chunk.last) return true;

  store_ = reader_.finish();
  if (!store_) return refuse(reader_.problem(), effects);
  if (store_->applied() != snapshot_lsn_) return refuse("the snapshot is not as of the position announced", effects);
  step_ = Step::make_checkpoint;
  file_.finish(tokens_, effects);
  return true;
}

bool SnapshotInstaller::refuse(std::string_view why, Effects& effects) {
  problem_ = why;
  abandon(effects);
  return false;
}

void SnapshotInstaller::abandon(Effects& effects) {
  if (!taking()) return;
  file_.abandon(tokens_, effects);
  store_.reset();
  step_ = Step::none;
}

bool SnapshotInstaller::on_disk_done(const DiskDone& done, Effects& effects) {
  switch (step_) {
    case Step::none:
    case Step::installed: return false;
    case Step::take: file_.on_disk_done(done, tokens_, effects); return false;
    case Step::make_checkpoint:
      file_.on_disk_done(done, tokens_, effects);
      if (file_.done()) make_meta(effects);
      return false;
    case Step::make_meta:
      meta_file_.on_disk_done(done, tokens_, effects);
      if (meta_file_.done()) list(effects);
      return false;
    case Step::list:
      if (done.token == listed_) remove_old_files(done, effects);
      return installed();
    case Step::remove_old: on_removed(done, effects); return installed();
  }
  return false;
}

void SnapshotInstaller::make_meta(Effects& effects) {
  step_ = Step::make_meta;
  meta_file_.begin(std::string(meta_file), tokens_, effects);
  meta_file_.append(encode(meta_), tokens_, effects);
  meta_file_.finish(tokens_, effects);
}

void SnapshotInstaller::list(Effects& effects) {
  step_ = Step::list;
  listed_ = tokens_.take();
  effects.list(listed_);
}

// Only now that the new meta is durable: what an old one points to must be there as long as a crash can bring that
// back.
void SnapshotInstaller::remove_old_files(const DiskDone& listed, Effects& effects) {
  if (listed.status != DiskStatus::ok)
    return stop_after_failure(listed, "list the files to be replaced", "the data directory", effects);
  for (const FileEntry& entry : *listed.entries) {
    const FileName file = parse_file_name(entry.name);
    if (file.kind == FileKind::foreign || file.kind == FileKind::meta || file.generation == meta_.generation) continue;
    effects.remove(tokens_.take(), entry.name);
    ++removals_;
  }
  step_ = removals_ == 0 ? Step::installed : Step::remove_old;
}

void SnapshotInstaller::on_removed(const DiskDone& done, Effects& effects) {
  if (done.token <= listed_) return;
  if (done.status != DiskStatus::ok && done.status != DiskStatus::not_found) {
    return stop_after_failure(done, "remove the files that a snapshot replaced", "the data directory", effects);
  }
  if (--removals_ == 0) step_ = Step::installed;
}

}  // namespace smalldb
