// A disk for tests: carries out disk effects in memory, and can lose power after any of them.
//
// It keeps the promises of model/machine.h and not one more: operations on different files may be carried out in any
// order; what was not synced survives a loss of power sector by sector or not at all, and names that no directory sync
// covered survive one by one or not at all.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "model/assert.h"
#include "model/bytes.h"
#include "model/host_side.h"
#include "model/machine.h"
#include "model/segment_reader.h"

namespace smalldb::testing {

// Thrown by MemoryDisk when its operations are used up: the machine is gone.
struct PowerLost {};

class MemoryDisk {
 public:
  using Verb = effect::DiskVerb;

  // ---- What fate has in store

  // Power is lost after so many operations (each is drawn from `luck`, as is their order); of the one after that, which
  // may be a synced write, only the write takes place if `half_done`.
  void lose_power_after(std::size_t operations, bool half_done = false) {
    operations_left_ = operations;
    half_done_ = half_done;
  }
  // Operations on different files are carried out in an order drawn from `luck`; 0: in the order in which they came.
  void shuffle(std::uint64_t luck) { order_ = luck; }
  // The next operation of this kind fails. A sync that does leaves what was written where it is seen, and no later sync
  // makes it durable, unless it is written again.
  void fail_next(Verb verb, DiskStatus status) { failure_ = {verb, status}; }
  // Reads of this file fail.
  void make_unreadable(std::string name) { unreadable_.insert(std::move(name)); }

  // ---- For hosts

  // Takes over the disk effects of a step, and notes a Stop.
  void take(HostEffects& effects) {
    for (const Effect& effect : effects.recorded()) {
      if (const auto* disk = std::get_if<effect::Disk>(&effect)) queue_.push_back(*disk);
      if (const auto* stop = std::get_if<effect::Stop>(&effect)) stopped_ = stop->why.string();
    }
    effects.recorded().clear();
  }
  bool busy() const { return !queue_.empty(); }
  const std::string& stopped() const { return stopped_; }

  // Carries out one operation and gives its answer.
  DiskDone carry_out() {
    const std::size_t i = choose();
    const effect::Disk operation = queue_[i];
    if (operations_left_ == 0) {
      if (half_done_ && operation.verb == Verb::write_synced) write(operation);
      throw PowerLost();
    }
    --operations_left_;
    queue_.erase(queue_.begin() + static_cast<std::ptrdiff_t>(i));
    if (failure_ && failure_->first == operation.verb) {
      const DiskStatus status = failure_->second;
      failure_.reset();
      const bool of_sync = operation.verb == Verb::sync || operation.verb == Verb::write_synced;
      if (of_sync && status == DiskStatus::failed) {
        if (operation.verb == Verb::write_synced) write(operation);
        forget_unsynced(files_[names_[operation.name]]);
      }
      return {operation.token, status, {}, {}};
    }
    return perform(operation);
  }

  // The machine starts again after a loss of power. 0: all that was not synced is lost; 1: none of it is; others:
  // drawn.
  void restart(std::uint64_t luck) {
    forget_queue();
    if (luck == 0) {
      names_ = durable_names_;
      for (auto& [id, file] : files_) file.now = file.durable;
    }
    if (luck > 1) {
      draws_ = luck;
      names_ = durable_names_;
      for (const NameChange& change : name_changes_) {
        if (draw(2) == 0) apply(change, names_);
      }
      for (auto& [id, file] : files_) file.now = survivors(file);
    }
    for (auto& [id, file] : files_) {
      sync(file);
      file.now = file.durable;
      file.forgotten.clear();
    }
    durable_names_ = names_;
    name_changes_.clear();
  }
  // The process starts again on a machine that ran on: nothing is lost, and nothing becomes durable by it.
  void restart_process() { forget_queue(); }

  // ---- For tests

  bool holds(const std::string& name) const { return names_.contains(name); }
  std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const auto& [name, id] : names_) names.push_back(name);
    return names;
  }
  const std::string& contents(const std::string& name) const { return files_.at(names_.at(name)).now; }
  // Changes the contents, durably.
  void put(const std::string& name, std::string contents) {
    if (!names_.contains(name)) durable_names_[name] = names_[name] = next_file_++;
    File& file = files_[names_[name]];
    file.now = file.durable = std::move(contents);
  }
  void erase(const std::string& name) {
    names_.erase(name);
    durable_names_.erase(name);
  }
  void flip_bit(const std::string& name, std::size_t bit) {
    std::string changed = contents(name);
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ 1 << bit % 8);
    put(name, changed);
  }
  std::size_t operations() const { return performed_; }

 private:
  using Names = std::map<std::string, int>;
  struct File {
    std::string now;
    std::string durable;
    std::set<std::size_t> forgotten;  // sectors that no sync makes durable
  };
  struct NameChange {
    std::string removed;  // may be empty
    std::string added;    // may be empty
    int file = 0;
  };

  static bool touches(const effect::Disk& operation, const std::string& name) {
    return !name.empty() && (operation.name == name || operation.new_name == name);
  }

  // The first operation, or any that shares no file with one before it.
  std::size_t choose() {
    SMALLDB_ASSERT(!queue_.empty());
    if (order_ == 0) return 0;
    std::vector<std::size_t> free;
    for (std::size_t i = 0; i < queue_.size(); ++i) {
      const bool waits =
          std::any_of(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(i),
                      [&](const auto& o) { return touches(o, queue_[i].name) || touches(o, queue_[i].new_name); });
      if (!waits) free.push_back(i);
    }
    draws_ = order_ + performed_;
    return free[draw(free.size())];
  }

  DiskDone perform(const effect::Disk& operation) {
    ++performed_;
    DiskDone done{operation.token, DiskStatus::ok, {}, {}};
    const bool there = names_.contains(operation.name);
    switch (operation.verb) {
      case Verb::list: {
        auto entries = std::make_shared<std::vector<FileEntry>>();
        for (const auto& [name, id] : names_) entries->push_back({name, files_[id].now.size()});
        done.entries = std::move(entries);
        return done;
      }
      case Verb::read: {
        if (!there) return {operation.token, DiskStatus::not_found, {}, {}};
        if (unreadable_.contains(operation.name)) return {operation.token, DiskStatus::failed, {}, {}};
        const std::string& all = contents(operation.name);
        if (operation.offset < all.size()) done.bytes = Bytes::copy(all.substr(operation.offset, operation.length));
        return done;
      }
      case Verb::write: write(operation); return done;
      case Verb::write_synced:
        write(operation);
        sync(files_[names_[operation.name]]);
        return done;
      case Verb::truncate:
        if (!there) return {operation.token, DiskStatus::not_found, {}, {}};
        files_[names_[operation.name]].now.resize(operation.offset);
        return done;
      case Verb::sync:
        if (!there) return {operation.token, DiskStatus::not_found, {}, {}};
        sync(files_[names_[operation.name]]);
        return done;
      case Verb::rename:
        if (!there) return {operation.token, DiskStatus::not_found, {}, {}};
        change({operation.name, operation.new_name, names_[operation.name]});
        return done;
      case Verb::link:
        if (names_.contains(operation.new_name)) return {operation.token, DiskStatus::exists, {}, {}};
        change({{}, operation.new_name, names_[operation.name]});
        return done;
      case Verb::remove:
        if (!there) return {operation.token, DiskStatus::not_found, {}, {}};
        change({operation.name, {}, 0});
        return done;
      case Verb::sync_directory:
        durable_names_ = names_;
        name_changes_.clear();
        return done;
    }
    return done;
  }

  void write(const effect::Disk& operation) {
    if (!names_.contains(operation.name)) change({{}, operation.name, next_file_++});
    File& file = files_[names_[operation.name]];
    const std::size_t end = operation.offset + operation.bytes.size();
    if (file.now.size() < end) file.now.resize(end);
    file.now.replace(operation.offset, operation.bytes.size(), operation.bytes.view());
    std::erase_if(file.forgotten, [&](std::size_t sector) {
      return sector * sector_size < end && operation.offset < (sector + 1) * sector_size;
    });
  }

  static void sync(File& file) {
    std::string before = std::exchange(file.durable, file.now);
    before.resize(file.now.size());
    for (const std::size_t sector : file.forgotten) {
      const std::size_t at = sector * sector_size;
      if (at < before.size()) file.durable.replace(at, sector_size, before.substr(at, sector_size));
    }
  }

  static void forget_unsynced(File& file) {
    for (std::size_t at = 0; at < file.now.size(); at += sector_size) {
      const bool same =
          at < file.durable.size() && file.durable.substr(at, sector_size) == file.now.substr(at, sector_size);
      if (!same) file.forgotten.insert(at / sector_size);
    }
    sync(file);
  }

  void change(NameChange change) {
    apply(change, names_);
    name_changes_.push_back(std::move(change));
  }

  static void apply(const NameChange& change, Names& names) {
    names.erase(change.removed);
    if (!change.added.empty()) names[change.added] = change.file;
  }

  // Each sector as it is or as it was synced; the length likewise.
  std::string survivors(const File& file) {
    std::string kept = file.durable;
    if (draw(2) == 0) kept.resize(file.now.size());
    for (std::size_t at = 0; at < kept.size(); at += sector_size) {
      if (at >= file.now.size() || draw(2) == 0 || file.forgotten.contains(at / sector_size)) continue;
      const std::string sector = file.now.substr(at, std::min<std::size_t>(sector_size, kept.size() - at));
      kept.replace(at, sector.size(), sector);
    }
    return kept;
  }

  void forget_queue() {
    queue_.clear();
    stopped_.clear();
    operations_left_ = ~std::size_t{0};
    half_done_ = false;
  }

  std::uint64_t draw(std::uint64_t choices) {  // splitmix64
    std::uint64_t z = draws_ += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return (z ^ z >> 31) % choices;
  }

  std::map<int, File> files_;
  Names names_;
  Names durable_names_;
  std::vector<NameChange> name_changes_;  // not durable yet
  int next_file_ = 1;

  std::deque<effect::Disk> queue_;
  std::string stopped_;
  std::size_t performed_ = 0;
  std::size_t operations_left_ = ~std::size_t{0};
  bool half_done_ = false;
  std::uint64_t order_ = 0;
  std::uint64_t draws_ = 0;
  std::optional<std::pair<Verb, DiskStatus>> failure_;
  std::set<std::string> unreadable_;
};

}  // namespace smalldb::testing
