#include "model/checkpoint_writer.h"

#include "model/assert.h"

namespace smalldb {

CheckpointWriter::CheckpointWriter(const Settings& settings, std::uint64_t generation, Lsn newest)
    : chunk_bytes_(settings.chunk_bytes), generation_(generation), newest_(newest) {}

void CheckpointWriter::start(const Store& store, Effects& effects) {
  SMALLDB_ASSERT(!busy() && store.applied() > newest_, store.applied().value, newest_.value);
  writer_.emplace(store);
  file_.begin(checkpoint_file(generation_, store.applied()), tokens_, effects);
  write_next_piece(effects);
}

void CheckpointWriter::write_next_piece(Effects& effects) {
  if (writer_->finished()) return file_.finish(tokens_, effects);
  file_.append(writer_->next(chunk_bytes_), tokens_, effects);
}

bool CheckpointWriter::on_disk_done(const DiskDone& done, Effects& effects) {
  if (removing_) {
    if (done.token == *removing_) on_removed(done, effects);
    return false;
  }
  file_.on_disk_done(done, tokens_, effects);
  if (!writer_) return false;
  if (file_.appending() && file_.writes_on_the_way() == 0) write_next_piece(effects);
  if (!file_.done()) return false;

  const Lsn older = newest_;
  newest_ = writer_->lsn();
  writer_.reset();
  if (older != Lsn{}) {
    removing_ = tokens_.take();
    effects.remove(*removing_, checkpoint_file(generation_, older));
  }
  return true;
}

// Whether the removal is durable does not matter: recovery takes the newest checkpoint, and removes the others.
void CheckpointWriter::on_removed(const DiskDone& done, Effects& effects) {
  if (done.status != DiskStatus::ok)
    return stop_after_failure(done, "remove an old checkpoint", "the data directory", effects);
  removing_.reset();
}

void CheckpointWriter::abandon(Effects& effects) {
  file_.abandon(tokens_, effects);
  writer_.reset();
}

}  // namespace smalldb
