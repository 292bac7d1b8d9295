#include "model/snapshot_installer.h"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

#include "model/assert.h"
#include "model/snapshot.h"
#include "model/testing/log_fixture.h"

namespace smalldb {
namespace {

using testing::Directory;
using testing::History;
using testing::lose_power_everywhere;
using testing::this_directory;

constexpr Meta second_generation{this_directory, 2};

std::string snapshot_of(const Store& store) {
  SnapshotWriter writer(store);
  std::string bytes;
  while (!writer.finished()) bytes += writer.next(1000).view();
  return bytes;
}

std::vector<SnapshotChunk> chunks_of(const Store& store, std::size_t size = 700) {
  SnapshotWriter writer(store);
  std::vector<SnapshotChunk> chunks;
  while (!writer.finished()) {
    const std::uint64_t offset = writer.size();
    const Bytes bytes = writer.next(size);
    chunks.push_back({store.applied(), offset, writer.finished(), bytes});
  }
  return chunks;
}

// A comer with a history of its own: 30 records, a checkpoint among them.
Directory comer() {
  Directory directory;
  directory.open();
  const History history = History::mixed(30);
  directory.write(history);
  directory.checkpoint(history.store_at(Lsn{13}));
  return directory;
}

const History running = History::mixed(10).epoch().put(2000, 'r').put(900, 'r').put(3000, 'r').put(7, 'r');

TEST_CASE("S6 a snapshot takes the place of all that the comer had") {
  Directory directory = comer();
  const Store store = running.store_at(Lsn{14});
  directory.install(second_generation, store);
  REQUIRE(directory.installer->installed());
  CHECK(directory.installer->meta() == second_generation);
  CHECK(snapshot_of(directory.installer->store()) == snapshot_of(store));
  CHECK(directory.installer->taken() == snapshot_of(store).size());
  CHECK(directory.disk.names() == std::vector<std::string>{checkpoint_file(2, Lsn{14}), "meta"});

  directory.disk.restart(0);
  directory.open();
  CHECK(directory.recovered->meta == second_generation);
  CHECK(snapshot_of(directory.recovered->store) == snapshot_of(store));
  CHECK(directory.log->end() == Lsn{14});
  CHECK(directory.log->configuration() == store.configuration());
  directory.write(running);
  directory.disk.restart(0);
  directory.open();
  CHECK(directory.recovered_bytes() == running.bytes(Lsn{15}, Lsn{15}));
}

TEST_CASE("S6 nothing half-installed is ever used, whenever power is lost") {
  const History own = History::mixed(30);
  const Store store = running.store_at(Lsn{14});
  lose_power_everywhere(
      comer(), [&](Directory& directory) { directory.install(second_generation, store); },
      [&](Directory& directory, bool finished) {
        directory.open();
        if (directory.recovered->meta.generation == 1) {
          REQUIRE(!finished);
          REQUIRE(snapshot_of(directory.recovered->store) == snapshot_of(own.store_at(Lsn{13})));
          REQUIRE(directory.recovered_bytes() == own.bytes(Lsn{14}, Lsn{30}));
        } else {
          REQUIRE(directory.recovered->meta == second_generation);
          REQUIRE(snapshot_of(directory.recovered->store) == snapshot_of(store));
          REQUIRE(directory.log->end() == Lsn{14});
        }
        for (const std::string& name : directory.disk.names()) {
          const FileName file = parse_file_name(name);
          REQUIRE(file.kind != FileKind::temporary);
          if (file.kind != FileKind::meta) REQUIRE(file.generation == directory.recovered->meta.generation);
        }
      });
}

TEST_CASE("S11 a damaged directory takes a snapshot under a new identity, and is damaged until then") {
  constexpr DirectoryId another{8, 8};
  Directory start = comer();
  start.disk.flip_bit(log_file(1, Lsn{14}), 700);
  start.recover();
  REQUIRE(start.damaged);
  const Meta meta{another, start.damaged->next_generation};
  const Store store = running.store_at(Lsn{14});
  lose_power_everywhere(
      start,
      [&](Directory& directory) {
        directory.installer.emplace(directory.settings, directory.rules);
        directory.log.emplace(directory.settings, meta.generation, Lsn{}, Configuration{});
        directory.install(meta, store);
      },
      [&](Directory& directory, bool finished) {
        directory.recover();
        if (directory.damaged) {
          REQUIRE(!finished);
          REQUIRE(directory.damaged->meta == Meta{this_directory, 1});
        } else {
          REQUIRE(directory.recovered->meta == meta);
          REQUIRE(snapshot_of(directory.recovered->store) == snapshot_of(store));
        }
      });
}

TEST_CASE("S6 an interrupted snapshot starts again from its first chunk") {
  Directory directory = comer();
  SnapshotInstaller& installer = *directory.installer;
  const auto first = chunks_of(running.store_at(Lsn{15}));
  installer.start(second_generation, Lsn{15}, directory.effects);
  REQUIRE(installer.take(first[0], directory.effects));
  REQUIRE(installer.take(first[1], directory.effects));
  directory.run_one();
  CHECK(installer.taken() == first[0].bytes.size());
  installer.abandon(directory.effects);
  CHECK(!installer.busy());
  directory.install(second_generation, running.store_at(Lsn{14}));
  CHECK(installer.installed());
  CHECK(directory.disk.names() == std::vector<std::string>{checkpoint_file(2, Lsn{14}), "meta"});
}

TEST_CASE("S6 a second snapshot may begin where the first one was, with fewer bytes") {
  Directory directory = comer();
  SnapshotInstaller& installer = *directory.installer;
  const auto chunks = chunks_of(running.store_at(Lsn{14}));
  installer.start(second_generation, Lsn{14}, directory.effects);
  for (std::size_t i = 0; i + 1 < chunks.size(); ++i) REQUIRE(installer.take(chunks[i], directory.effects));
  directory.install(second_generation, running.store_at(Lsn{14}));
  CHECK(installer.installed());
  CHECK(directory.disk.contents(checkpoint_file(2, Lsn{14})) == snapshot_of(running.store_at(Lsn{14})));
}

TEST_CASE("F8 chunks count as taken when they have been written") {
  Directory directory = comer();
  SnapshotInstaller& installer = *directory.installer;
  const auto chunks = chunks_of(running.store_at(Lsn{14}));
  REQUIRE(chunks.size() > 4);
  installer.start(second_generation, Lsn{14}, directory.effects);
  for (std::size_t i = 0; i < 4; ++i) REQUIRE(installer.take(chunks[i], directory.effects));
  CHECK(installer.taken() == 0);
  directory.run_one();
  CHECK(installer.taken() == 700);
  directory.run_one();
  CHECK(installer.taken() == 1400);
}

TEST_CASE("S6 chunks that are not the next of their snapshot are refused, and nothing is installed") {
  const auto chunks = chunks_of(running.store_at(Lsn{14}));
  const auto refused = [&](SnapshotChunk chunk) {
    Directory directory = comer();
    directory.installer->start(second_generation, Lsn{14}, directory.effects);
    REQUIRE(directory.installer->take(chunks[0], directory.effects));
    CHECK(!directory.installer->take(chunk, directory.effects));
    CHECK(!directory.installer->busy());
    directory.run();
    directory.disk.restart(1);
    directory.open();
    CHECK(directory.recovered->meta.generation == 1);
    return std::string(directory.installer->problem());
  };
  refused(chunks[2]);
  refused(chunks[0]);
  SnapshotChunk of_another = chunks[1];
  of_another.snapshot_lsn = Lsn{13};
  refused(of_another);
}

TEST_CASE("S6 a snapshot with a wrong bit, or without its end, is refused") {
  const auto chunks = chunks_of(running.store_at(Lsn{14}));
  for (std::size_t wrong = 0; wrong < chunks.size(); ++wrong) {
    Directory directory = comer();
    SnapshotInstaller& installer = *directory.installer;
    installer.start(second_generation, Lsn{14}, directory.effects);
    for (std::size_t i = 0; i < chunks.size() && installer.taking(); ++i) {
      SnapshotChunk chunk = chunks[i];
      if (i == wrong) {
        std::string bytes = chunk.bytes.string();
        bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 4);
        chunk.bytes = Bytes::copy(bytes);
      }
      installer.take(chunk, directory.effects);
    }
    CHECK(!installer.busy());
    CHECK(!installer.problem().empty());
  }
  Directory directory = comer();
  directory.installer->start(second_generation, Lsn{14}, directory.effects);
  SnapshotChunk early_end = chunks[0];
  early_end.last = true;
  CHECK(!directory.installer->take(early_end, directory.effects));
  CHECK(!directory.installer->problem().empty());
}

TEST_CASE("S6 a snapshot that came whole is installed though the connection breaks") {
  Directory directory = comer();
  SnapshotInstaller& installer = *directory.installer;
  installer.start(second_generation, Lsn{14}, directory.effects);
  for (const SnapshotChunk& chunk : chunks_of(running.store_at(Lsn{14}))) {
    REQUIRE(installer.take(chunk, directory.effects));
  }
  installer.abandon(directory.effects);
  CHECK(installer.busy());
  directory.run();
  CHECK(installer.installed());
}

TEST_CASE("S11 a snapshot that cannot be written stops the process, and the directory is what it was") {
  for (const auto verb : {effect::DiskVerb::write, effect::DiskVerb::sync, effect::DiskVerb::rename,
                          effect::DiskVerb::sync_directory, effect::DiskVerb::list}) {
    Directory directory = comer();
    directory.disk.fail_next(verb, DiskStatus::failed);
    SnapshotInstaller& installer = *directory.installer;
    installer.start(second_generation, Lsn{14}, directory.effects);
    for (const SnapshotChunk& chunk : chunks_of(running.store_at(Lsn{14}))) installer.take(chunk, directory.effects);
    directory.run();
    CHECK(!directory.disk.stopped().empty());
    CHECK(!installer.installed());
    directory.disk.restart(0);
    directory.open();
    CHECK(directory.recovered->meta.generation == (verb == effect::DiskVerb::list ? 2 : 1));
  }
}

}  // namespace
}  // namespace smalldb
