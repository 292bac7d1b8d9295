#include "model/checkpoint_writer.h"

#include <catch2/catch.hpp>

#include <string>
#include <variant>
#include <vector>

#include "model/snapshot.h"
#include "model/testing/log_fixture.h"

namespace smalldb {
namespace {

using testing::Directory;
using testing::History;
using testing::lose_power_everywhere;

std::string snapshot_of(const Store& store) {
  SnapshotWriter writer(store);
  std::string bytes;
  while (!writer.finished()) bytes += writer.next(1000).view();
  return bytes;
}

Directory written(const History& history) {
  Directory directory;
  directory.open();
  directory.write(history);
  return directory;
}

TEST_CASE("F9 a checkpoint file holds the snapshot as of its position, and older ones go") {
  const History history = History::mixed(40);
  Directory directory = written(history);
  directory.checkpoint(history.store_at(Lsn{13}));
  CHECK(directory.checkpoints->newest() == Lsn{13});
  CHECK(directory.disk.contents(checkpoint_file(1, Lsn{13})) == snapshot_of(history.store_at(Lsn{13})));
  directory.checkpoint(history.store_at(Lsn{26}));
  CHECK(directory.disk.contents(checkpoint_file(1, Lsn{26})) == snapshot_of(history.store_at(Lsn{26})));
  CHECK(!directory.disk.holds(checkpoint_file(1, Lsn{13})));
  CHECK(!directory.checkpoints->busy());
}

TEST_CASE("S1 replicas write the same checkpoint files and keep the same segments") {
  const History history = History::mixed(45);
  Directory a = written(history);
  a.checkpoint(history.store_at(Lsn{26}));
  Directory b;
  b.settings.chunk_bytes = 123;
  b.open();
  for (std::uint64_t last = 2; last <= 45; ++last) b.write(history, Lsn{last});
  b.checkpoint(history.store_at(Lsn{13}));
  b.checkpoint(history.store_at(Lsn{26}));
  REQUIRE(a.disk.names() == b.disk.names());
  for (const std::string& name : a.disk.names()) CHECK(a.disk.contents(name) == b.disk.contents(name));
}

TEST_CASE("F9 one bounded piece of a checkpoint is on the way at a time") {
  const History history = History::mixed(60);
  Directory directory = written(history);
  directory.checkpoints->start(history.store_at(Lsn{52}), directory.effects);
  std::size_t pieces = 0;
  while (directory.checkpoints->busy()) {
    REQUIRE(directory.effects.recorded().size() == 1);
    const auto& operation = std::get<effect::Disk>(directory.effects.recorded().front());
    CHECK(operation.bytes.size() <= directory.settings.chunk_bytes);
    if (operation.verb == effect::DiskVerb::write) ++pieces;
    directory.disk.take(directory.effects);
    directory.checkpoints->on_disk_done(directory.disk.carry_out(), directory.effects);
  }
  CHECK(pieces > 3);
}

TEST_CASE("F7 the log goes on while a checkpoint is written, and the checkpoint does not change") {
  const History history = History::mixed(60);
  Directory directory;
  directory.open();
  directory.write(history, Lsn{26});
  Store store = history.store_at(Lsn{26});
  directory.checkpoints->start(store, directory.effects);
  while (directory.log->end() < history.end()) {
    const Lsn next = directory.log->end().next();
    store.apply(history[next]);
    directory.append(history, next);
    directory.log->flush(directory.effects);
    directory.run_one();
  }
  directory.run();
  CHECK(directory.checkpoints->newest() == Lsn{26});
  directory.disk.restart(0);
  directory.open();
  CHECK(snapshot_of(directory.recovered->store) == snapshot_of(history.store_at(Lsn{26})));
  CHECK(directory.recovered_bytes() == history.bytes(Lsn{27}, Lsn{60}));
}

TEST_CASE("F9 a checkpoint given up leaves nothing") {
  const History history = History::mixed(30);
  Directory directory = written(history);
  directory.checkpoint(history.store_at(Lsn{13}));
  directory.checkpoints->start(history.store_at(Lsn{26}), directory.effects);
  directory.run_one();
  directory.checkpoints->abandon(directory.effects);
  CHECK(!directory.checkpoints->busy());
  directory.checkpoints->start(history.store_at(Lsn{28}), directory.effects);
  directory.run_one();
  CHECK(directory.effects.recorded().empty());  // that was an answer to what was given up
  directory.checkpoints->abandon(directory.effects);
  directory.run();
  CHECK(directory.checkpoints->newest() == Lsn{13});
  for (const std::string& name : directory.disk.names()) CHECK(!name.ends_with(".tmp"));
  directory.checkpoint(history.store_at(Lsn{26}));
  CHECK(directory.disk.contents(checkpoint_file(1, Lsn{26})) == snapshot_of(history.store_at(Lsn{26})));
}

TEST_CASE("F9 nothing is lost, whenever power is lost while checkpoints are written and segments removed") {
  const History history = History::mixed(45);
  Directory start;
  start.open();
  lose_power_everywhere(
      start,
      [&](Directory& directory) {
        directory.write(history, Lsn{20});
        directory.checkpoint(history.store_at(Lsn{13}));
        directory.write(history, Lsn{33});
        directory.checkpoint(history.store_at(Lsn{26}));
        directory.write(history, Lsn{45});
      },
      [&](Directory& directory, bool finished) {
        directory.open();
        const Lsn applied = directory.recovered->store.applied();
        REQUIRE(directory.log->end() >= directory.promised);
        REQUIRE(snapshot_of(directory.recovered->store) == snapshot_of(history.store_at(applied)));
        REQUIRE(directory.recovered_bytes() == history.bytes(applied.next(), directory.log->end()));
        if (finished) REQUIRE(applied == Lsn{26});
        for (const std::string& name : directory.disk.names()) {
          const FileName file = parse_file_name(name);
          REQUIRE(file.kind != FileKind::temporary);
          if (file.kind == FileKind::checkpoint) REQUIRE(file.lsn == applied);
        }
      });
}

TEST_CASE("S11 a checkpoint that cannot be written stops the process") {
  const History history = History::mixed(30);
  Directory directory = written(history);
  directory.disk.fail_next(effect::DiskVerb::write, DiskStatus::no_space);
  directory.checkpoint(history.store_at(Lsn{13}));
  const std::string name = checkpoint_file(1, Lsn{13});
  CHECK(directory.disk.stopped() ==
        "cannot write a new " + name + ": no space is left for " + name + ".tmp. Make room, and start again");
  CHECK(directory.checkpoints->newest() == Lsn{0});
}

}  // namespace
}  // namespace smalldb
