// Words for tests of what a node keeps on disk: a directory on a MemoryDisk, and histories of records to put there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "model/checkpoint_writer.h"
#include "model/host_side.h"
#include "model/log.h"
#include "model/record.h"
#include "model/recovery.h"
#include "model/settings.h"
#include "model/snapshot_installer.h"
#include "model/store.h"
#include "model/testing/memory_disk.h"

namespace smalldb::testing {

inline constexpr DirectoryId this_directory{7, 7};

// To the next bit that a test flips: of all of them, where the build is optimised; else of every seventh, which has
// each place in a byte.
#ifdef NDEBUG
inline constexpr std::size_t next_bit = 1;
#else
inline constexpr std::size_t next_bit = 7;
#endif

// A history: epoch 1 by this directory, and then what is asked for.
class History {
 public:
  History() { add(EpochStarted{this_directory, ProcessId{0}}); }

  History& put(std::size_t value_size, char fill = 'v') {
    Operation operation;
    operation.request.verb = Verb::put;
    operation.request.key = Bytes::copy("key" + std::to_string(records_.size() % 5));
    operation.request.value = Bytes::copy(std::string(value_size, fill));
    return add(std::move(operation));
  }
  History& checkpoint() { return add(Checkpoint{}); }
  History& epoch() {
    ++epoch_;
    return add(EpochStarted{this_directory, ProcessId{0}});
  }
  // Takes back all after `lsn` (what follows is another history).
  History& back_to(Lsn lsn) {
    records_.resize(lsn.value);
    epoch_ = records_.back().epoch.value;
    return *this;
  }

  // Small and large, some of zeros, some beyond a sector; a checkpoint now and then.
  static History mixed(std::size_t records) {
    History history;
    for (std::size_t i = 2; i <= records; ++i) {
      if (i % 13 == 0) {
        history.checkpoint();
      } else if (i % 7 == 0) {
        history.put(1500, i % 2 == 0 ? '\0' : 'w');
      } else {
        history.put(10 + i * 37 % 300);
      }
    }
    return history;
  }

  const Record& operator[](Lsn lsn) const { return records_.at(lsn.value - 1); }
  Lsn end() const { return {records_.size()}; }
  std::string bytes(Lsn first, Lsn last) const {
    std::string all;
    for (Lsn lsn = first; lsn <= last; lsn = lsn.next()) all += encode((*this)[lsn]).view();
    return all;
  }
  Store store_at(Lsn lsn) const {
    Store store;
    for (Lsn next{1}; next <= lsn; next = next.next()) store.apply((*this)[next]);
    return store;
  }

 private:
  History& add(RecordBody body) {
    const Lsn lsn{records_.size() + 1};
    records_.push_back({lsn, Epoch{epoch_}, WallTime{static_cast<std::int64_t>(lsn.value)}, std::move(body)});
    return *this;
  }

  std::vector<Record> records_;
  std::uint64_t epoch_ = 1;
};

// A node's directory and the parts of the node that write to it.
class Directory {
 public:
  explicit Directory(Settings chosen = small_settings(), RuleSwitches chosen_rules = {})
      : settings(chosen), rules(chosen_rules) {}

  // Segments and pieces so small that a few records fill several.
  static Settings small_settings() {
    Settings settings;
    settings.segment_bytes = 2000;
    settings.chunk_bytes = 700;
    settings.log_buffer_bytes = 1000;
    return settings;
  }

  // ---- A start of the node

  void recover() {
    log.reset();
    checkpoints.reset();
    Recovery recovery(settings, rules, this_directory);
    recovery.start(effects);
    run([&](const DiskDone& done) { recovery.on_disk_done(done, effects); });
    recovered = recovery.recovered();
    damaged = recovery.damaged();
    REQUIRE(recovered.has_value() != damaged.has_value());
    if (damaged) return;
    log = recovered->log;
    checkpoints.emplace(settings, recovered->meta.generation, recovered->store.applied());
    installer.emplace(settings, rules);
  }
  void open() {
    recover();
    if (damaged) FAIL(damaged->message);
  }

  // ---- Its work

  void append(const History& history, Lsn last) {
    while (log->end() < last) {
      const Record& record = history[log->end().next()];
      log->append(record, encode(record));
    }
  }
  void write(const History& history, Lsn last) {
    append(history, last);
    log->flush(effects);
    run();
  }
  void write(const History& history) { write(history, history.end()); }
  void cut(Lsn lsn) {
    log->cut(lsn, effects);
    run();
  }
  void checkpoint(const Store& store) {
    checkpoints->start(store, effects);
    run();
  }
  // What the primary would send.
  void install(const Meta& meta, const Store& store) {
    SnapshotWriter writer(store);
    installer->start(meta, store.applied(), effects);
    while (!writer.finished()) {
      const std::uint64_t offset = writer.size();
      const Bytes piece = writer.next(settings.chunk_bytes);
      REQUIRE(installer->take({store.applied(), offset, writer.finished(), piece}, effects));
      run_one();
    }
    run();
  }

  // Carries out what was asked for, until nothing is left.
  template <class Handler>
  void run(Handler&& handler) {
    for (disk.take(effects); disk.busy() && disk.stopped().empty(); disk.take(effects)) handler(disk.carry_out());
  }
  void run() {
    run([this](const DiskDone& done) { hand_out(done); });
  }
  void run_one() {
    disk.take(effects);
    if (disk.busy()) hand_out(disk.carry_out());
  }

  // The records that a recovery brought back, after the checkpoint.
  std::string recovered_bytes() const {
    return recovered->log.records_from(recovered->store.applied().next()).string();
  }

  Settings settings;
  RuleSwitches rules;
  MemoryDisk disk;
  HostEffects effects;
  std::optional<Recovered> recovered;
  std::optional<Damaged> damaged;
  std::optional<Log> log;
  std::optional<CheckpointWriter> checkpoints;
  std::optional<SnapshotInstaller> installer;
  Lsn promised;  // the highest log->durable() ever seen

 private:
  void hand_out(const DiskDone& done) {
    switch (owner_of(done.token)) {
      case DiskOwner::log: log->on_disk_done(done, effects); break;
      case DiskOwner::checkpoint:
        if (checkpoints->on_disk_done(done, effects)) log->retire(checkpoints->newest(), effects);
        break;
      case DiskOwner::installer: installer->on_disk_done(done, effects); break;
      default: FAIL("an answer for nobody");
    }
    promised = std::max(promised, log->durable());
  }
};

// Runs `work` over and over, losing power after each of its disk operations in turn, and half way through each synced
// write, with several fates for what was not synced. `check(directory, finished)` then judges what is left; `finished`
// says whether the work had been done.
template <class Work, class Check>
void lose_power_everywhere(const Directory& start, Work&& work, Check&& check) {
  constexpr std::uint64_t fates = 12;
  for (std::size_t operations = 0;; ++operations) {
    bool finished = false;
    for (std::uint64_t fate = 0; fate < 2 * fates; ++fate) {
      Directory directory = start;
      directory.disk.shuffle(fate < 2 ? 0 : operations * fates + fate);
      directory.disk.lose_power_after(operations, fate % 2 == 1);
      finished = true;
      try {
        work(directory);
      } catch (const PowerLost&) {
        finished = false;
      }
      INFO("power lost after " << operations << " operations, fate " << fate);
      directory.effects = HostEffects();
      directory.disk.restart(fate / 2 < 2 ? fate / 2 : 1000 * operations + fate);
      check(directory, finished);
    }
    if (finished) return;
  }
}

}  // namespace smalldb::testing
