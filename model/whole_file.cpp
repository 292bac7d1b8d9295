#include "model/whole_file.h"

#include <utility>

#include "model/assert.h"

namespace smalldb {

void WholeFile::begin(std::string name, DiskTokens& tokens, Effects& effects) {
  abandon(tokens, effects);
  begun_ = tokens.last();
  name_ = std::move(name);
  step_ = Step::write;
  size_ = 0;
  written_ = 0;
}

void WholeFile::append(Bytes bytes, DiskTokens& tokens, Effects& effects) {
  SMALLDB_ASSERT(step_ == Step::write, name_);
  const std::uint64_t offset = size_;
  size_ += bytes.size();
  writes_.push_back(bytes.size());
  effects.write(tokens.take(), temporary_file(name_), offset, std::move(bytes));
}

void WholeFile::finish(DiskTokens& tokens, Effects& effects) {
  SMALLDB_ASSERT(step_ == Step::write && size_ > 0, name_, size_);
  step_ = Step::all_appended;
  continue_finishing(tokens, effects);
}

void WholeFile::continue_finishing(DiskTokens& tokens, Effects& effects) {
  if (step_ != Step::all_appended || !writes_.empty()) return;
  step_ = Step::sync;
  effects.sync(tokens.take(), temporary_file(name_));
}

void WholeFile::abandon(DiskTokens& tokens, Effects& effects) {
  if (making()) effects.remove(tokens.take(), temporary_file(name_));
  step_ = Step::none;
  writes_.clear();
}

void WholeFile::on_disk_done(const DiskDone& done, DiskTokens& tokens, Effects& effects) {
  if (!making() || done.token <= begun_ || stopped_) return;
  if (done.status != DiskStatus::ok) {
    stopped_ = true;
    return stop_after_failure(done, "write a new " + name_, temporary_file(name_), effects);
  }
  switch (step_) {
    case Step::write:
    case Step::all_appended:
      written_ += writes_.front();
      writes_.erase(writes_.begin());
      return continue_finishing(tokens, effects);
    case Step::sync: step_ = Step::rename; return effects.rename(tokens.take(), temporary_file(name_), name_);
    case Step::rename: step_ = Step::sync_name; return effects.sync_directory(tokens.take());
    case Step::sync_name: step_ = Step::done; return;
    case Step::none:
    case Step::done: return;
  }
}

}  // namespace smalldb
