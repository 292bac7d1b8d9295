#include "model/recovery.h"

#include <catch2/catch.hpp>

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "model/host_side.h"
#include "model/testing/log_fixture.h"

namespace smalldb {
namespace {

using testing::Directory;
using testing::History;
using testing::lose_power_everywhere;
using testing::next_bit;
using testing::this_directory;

Directory written(const History& history, Settings settings = Directory::small_settings(), RuleSwitches rules = {}) {
  Directory directory(settings, rules);
  directory.open();
  directory.write(history);
  return directory;
}

std::map<std::string, std::string> everything(const Directory& directory) {
  std::map<std::string, std::string> files;
  for (const std::string& name : directory.disk.names()) files[name] = directory.disk.contents(name);
  return files;
}

std::string last_segment(const Directory& directory) {
  std::string last;
  for (const std::string& name : directory.disk.names()) {
    if (parse_file_name(name).kind == FileKind::log) last = name;
  }
  return last;
}

void shorten(Directory& directory, const std::string& name, std::size_t bytes) {
  directory.disk.put(name, directory.disk.contents(name).substr(0, directory.disk.contents(name).size() - bytes));
}

void check_damaged(Directory& directory, const std::string& file, const std::string& finding) {
  const auto before = everything(directory);
  directory.recover();
  REQUIRE(directory.damaged);
  CHECK(directory.damaged->file == file);
  CHECK_THAT(directory.damaged->message, Catch::StartsWith(file + ", offset "));
  CHECK_THAT(directory.damaged->message, Catch::Contains(finding));
  CHECK_THAT(directory.damaged->message, Catch::Contains("put back a copy of the directory"));
  CHECK(everything(directory) == before);  // the evidence stays
}

// ---- New directories -----------------------------------------------------------------------------------------------

TEST_CASE("S2 an empty directory becomes one of its own, durably") {
  Directory directory;
  directory.open();
  CHECK(directory.recovered->fresh);
  CHECK(directory.recovered->meta == Meta{this_directory, 1, false});
  CHECK(directory.log->end() == Lsn{0});
  directory.disk.restart(0);
  directory.open();
  CHECK(!directory.recovered->fresh);
  CHECK(directory.recovered->meta == Meta{this_directory, 1, false});
}

TEST_CASE("S2 a directory whose creation was interrupted is created anew, whenever power was lost") {
  lose_power_everywhere(
      Directory(), [](Directory& directory) { directory.open(); },
      [](Directory& directory, bool finished) {
        directory.open();
        CHECK(!directory.disk.holds("meta.tmp"));
        if (finished) CHECK(!directory.recovered->fresh);
        directory.write(History().put(1));
        directory.disk.restart(0);
        directory.open();
        CHECK(directory.log->end() == Lsn{2});
        CHECK(directory.disk.names() == std::vector<std::string>{log_file(1, Lsn{1}), "meta"});
      });
}

TEST_CASE("S2 a directory with a log that has lost its identity is damaged, and does not found anything") {
  Directory directory = written(History().put(1));
  directory.disk.erase("meta");
  check_damaged(directory, "meta", "the file is missing, while there is " + log_file(1, Lsn{1}));
  CHECK(!directory.damaged->meta);
  CHECK(directory.damaged->next_generation == 2);
}

TEST_CASE("S2 a directory that has begun and holds nothing is damaged, and no new one") {
  const Directory begun = written(History().put(1));
  const std::string segment = last_segment(begun);
  const std::string whole = begun.disk.contents(segment);
  for (const std::string& left : {std::string(), std::string(whole.size(), '\0'), whole.substr(0, 20)}) {
    CAPTURE(left.size());
    Directory directory = begun;
    directory.disk.put(segment, left);
    check_damaged(directory, segment, "not one of them is left");
    CHECK(directory.damaged->meta == Meta{this_directory, 1});
  }
}

TEST_CASE("S2 a directory that has begun is damaged when all but its identity is gone") {
  const History history = History().put(1).checkpoint();
  Directory directory = written(history);
  directory.checkpoint(history.store_at(history.end()));
  for (const std::string& name : directory.disk.names()) {
    if (name != meta_file) directory.disk.erase(name);
  }
  check_damaged(directory, log_file(1, Lsn{1}), "not one of them is left");
}

TEST_CASE("S2 whenever power is lost while a directory begins, it is a new one or has what was promised") {
  const History history = History().put(1500).put(10);
  Directory start;
  start.open();
  lose_power_everywhere(
      start, [&](Directory& directory) { directory.write(history); },
      [&](Directory& directory, bool finished) {
        const Lsn promised = directory.promised;
        if (promised > Lsn{}) CHECK(decode_meta(directory.disk.contents("meta"))->begun);
        directory.open();
        CHECK(directory.log->end() >= promised);
        CHECK(directory.recovered->meta.begun == (directory.log->end() > Lsn{}));
        if (finished) CHECK(directory.log->end() == history.end());
        directory.write(history);
        directory.disk.restart(0);
        directory.open();
        CHECK(directory.recovered->meta.begun);
        CHECK(directory.recovered_bytes() == history.bytes(Lsn{1}, history.end()));
      });
}

TEST_CASE("S11 a damaged identity is damage") {
  Directory directory = written(History().put(1));
  directory.disk.flip_bit("meta", 100);
  check_damaged(directory, "meta", "bytes have changed");
  CHECK(!directory.damaged->meta);
}

// ---- Logs that end cleanly -----------------------------------------------------------------------------------------

TEST_CASE("S7 a node that starts again has what was durable, applied to nothing yet") {
  const History history = History::mixed(60);
  Directory directory = written(history);
  directory.disk.restart(0);
  directory.open();
  CHECK(directory.log->end() == Lsn{60});
  CHECK(directory.log->durable() == Lsn{60});
  CHECK(directory.recovered_bytes() == history.bytes(Lsn{1}, Lsn{60}));
  CHECK(directory.recovered->store.applied() == Lsn{0});
  CHECK(directory.log->configuration() == history.store_at(Lsn{60}).configuration());
  CHECK(!directory.recovered->torn_tail);
}

TEST_CASE("F9 a node that starts again has its newest checkpoint and the records after it") {
  const History history = History::mixed(60);
  Directory directory = written(history);
  directory.checkpoint(history.store_at(Lsn{26}));
  directory.disk.restart(0);
  directory.open();
  CHECK(directory.recovered->store.applied() == Lsn{26});
  CHECK(directory.log->first_in_memory() == Lsn{27});
  CHECK(directory.recovered_bytes() == history.bytes(Lsn{27}, Lsn{60}));
}

TEST_CASE("F9 a checkpoint may lie anywhere in a segment") {
  const History history = History::mixed(30);
  for (std::uint64_t lsn = 1; lsn <= 30; ++lsn) {
    INFO("checkpoint as of " << lsn);
    Directory directory = written(history);
    directory.checkpoint(history.store_at(Lsn{lsn}));
    directory.disk.restart(0);
    directory.open();
    CHECK(directory.recovered->store.applied() == Lsn{lsn});
    CHECK(directory.recovered_bytes() == history.bytes(Lsn{lsn + 1}, Lsn{30}));
    History more = History(history).put(10).put(20).checkpoint().put(30);
    directory.write(more);
    directory.disk.restart(0);
    directory.open();
    CHECK(directory.recovered_bytes() == more.bytes(Lsn{lsn + 1}, more.end()));
  }
}

TEST_CASE("F9 a log that ends before its checkpoint goes on after it") {
  const History history = History().put(10).put(20).put(30);
  Directory directory = written(history);
  directory.checkpoint(history.store_at(Lsn{4}));
  shorten(directory, last_segment(directory), 100);
  directory.open();
  CHECK(directory.log->end() == Lsn{4});
  CHECK(last_segment(directory).empty());
  const History more = History(history).put(40);
  directory.write(more);
  directory.disk.restart(0);
  directory.open();
  CHECK(directory.recovered_bytes() == more.bytes(Lsn{5}, Lsn{5}));
}

TEST_CASE("recovery reads in pieces of a bounded size") {
  Directory directory = written(History::mixed(60));
  directory.checkpoint(History::mixed(60).store_at(Lsn{26}));
  Recovery recovery(directory.settings, {}, this_directory);
  HostEffects effects;
  recovery.start(effects);
  std::size_t reads = 0;
  while (!recovery.done()) {
    for (const Effect& effect : effects.recorded()) {
      const auto& operation = std::get<effect::Disk>(effect);
      if (operation.verb != effect::DiskVerb::read) continue;
      ++reads;
      CHECK(operation.length <= directory.settings.chunk_bytes);
    }
    directory.disk.take(effects);
    recovery.on_disk_done(directory.disk.carry_out(), effects);
  }
  CHECK(reads > 8);
}

// ---- Torn tails ----------------------------------------------------------------------------------------------------

TEST_CASE("S11 a torn tail is cut on disk, and the cut is told of") {
  const History history = History().put(300).put(400);
  Directory directory = written(history);
  const std::string segment = last_segment(directory);
  const std::size_t whole = history.bytes(Lsn{1}, Lsn{2}).size();
  shorten(directory, segment, 100);
  directory.open();
  REQUIRE(directory.recovered->torn_tail);
  CHECK(directory.recovered->torn_tail->file == segment);
  CHECK(directory.recovered->torn_tail->offset == whole);
  CHECK(directory.recovered->torn_tail->bytes == encode(history[Lsn{3}]).size() - 100);
  CHECK(directory.recovered->torn_tail->row == 'E');
  CHECK(directory.log->end() == Lsn{2});
  directory.disk.restart(0);
  CHECK(directory.disk.contents(segment).size() == whole);
}

TEST_CASE("S11 each kind of tear is cut by its row") {
  const History history = History().put(300).put(3000);
  const std::size_t begin = history.bytes(Lsn{1}, Lsn{2}).size();
  const auto row_after = [&](const std::function<void(std::string&)>& tear) {
    Directory directory = written(history);
    std::string contents = directory.disk.contents(last_segment(directory));
    tear(contents);
    directory.disk.put(last_segment(directory), contents);
    directory.open();
    CHECK(directory.log->end() == Lsn{2});
    return directory.recovered->torn_tail ? directory.recovered->torn_tail->row : 'B';
  };
  CHECK(row_after([&](std::string& bytes) { bytes.resize(begin); }) == 'B');
  CHECK(row_after([&](std::string& bytes) { bytes.replace(begin, bytes.size(), std::string(800, '\0')); }) == 'C');
  CHECK(row_after([&](std::string& bytes) { bytes.resize(begin + 20); }) == 'D');
  CHECK(row_after([&](std::string& bytes) { bytes.resize(begin + 40); }) == 'E');
  CHECK(row_after([&](std::string& bytes) { bytes.replace(1024, 512, std::string(512, '\0')); }) == 'F');
}

TEST_CASE("S11 whole records behind a torn one go with it, if one write can have carried both") {
  const History history = History().put(100).put(1500).put(10);
  Directory directory = written(history);
  std::string contents = directory.disk.contents(last_segment(directory));
  contents.replace(512, 512, std::string(512, '\0'));
  directory.disk.put(last_segment(directory), contents);
  directory.open();
  CHECK(directory.recovered->torn_tail->row == 'G');
  CHECK(directory.log->end() == Lsn{2});
}

TEST_CASE("S11 a last segment in which nothing is whole is as good as none") {
  const History history = History().checkpoint().put(100);
  Directory directory = written(history);
  const std::string segment = last_segment(directory);
  REQUIRE(segment == log_file(1, Lsn{3}));
  shorten(directory, segment, 30);
  directory.open();
  CHECK(directory.log->end() == Lsn{2});
  directory.write(history);
  directory.disk.restart(0);
  directory.open();
  CHECK(directory.recovered_bytes() == history.bytes(Lsn{1}, Lsn{3}));
}

TEST_CASE("S11 a recovery that loses power is begun again, and comes to the same") {
  const History history = History::mixed(24);
  Directory start = written(history);
  shorten(start, last_segment(start), 20);
  start.disk.put(temporary_file(checkpoint_file(1, Lsn{9})), "half");
  start.disk.put(checkpoint_file(2, Lsn{9}), "of an installation that was interrupted");
  lose_power_everywhere(
      start, [](Directory& directory) { directory.open(); },
      [&](Directory& directory, bool) {
        directory.open();
        CHECK(directory.recovered_bytes() == history.bytes(Lsn{1}, Lsn{23}));
        directory.write(history);
        directory.disk.restart(0);
        directory.open();
        CHECK(directory.recovered_bytes() == history.bytes(Lsn{1}, Lsn{24}));
      });
}

TEST_CASE("S7 what is recovered is durable, even if the machine had it in its cache alone") {
  const History history = History::mixed(30);
  Directory start;
  start.open();
  start.write(history, Lsn{10});
  // The process crashes in the middle of its writes, the machine does not ...
  for (std::size_t operations = 0; operations < 12; ++operations) {
    for (const bool half_done : {false, true}) {
      Directory directory = start;
      directory.disk.lose_power_after(operations, half_done);
      try {
        directory.write(history);
      } catch (const testing::PowerLost&) {
      }
      directory.effects = HostEffects();
      directory.disk.restart_process();
      directory.open();
      const Lsn recovered = directory.log->durable();
      // ... but does after the next start.
      directory.disk.restart(0);
      directory.open();
      CHECK(directory.log->end() == recovered);
    }
  }
}

// ---- Leftovers -----------------------------------------------------------------------------------------------------

TEST_CASE("S6 leftovers of what was interrupted are removed, files of others are not") {
  const History history = History::mixed(40);
  Directory directory = written(history);
  directory.checkpoint(history.store_at(Lsn{26}));
  const auto before = everything(directory);
  for (const std::string& name :
       {temporary_file(checkpoint_file(1, Lsn{39})), temporary_file("meta"), log_file(2, Lsn{41}), log_file(0, Lsn{1}),
        checkpoint_file(2, Lsn{40}), checkpoint_file(1, Lsn{13}), log_file(1, Lsn{1})}) {
    directory.disk.put(name, "leftover");
  }
  directory.disk.put("lost+found", "");
  directory.disk.put("notes.tmp", "of somebody");
  directory.open();
  CHECK(directory.recovered_bytes() == history.bytes(Lsn{27}, Lsn{40}));
  directory.disk.restart(0);
  auto expected = before;
  expected["lost+found"] = "";
  expected["notes.tmp"] = "of somebody";
  CHECK(everything(directory) == expected);
}

// ---- Damage --------------------------------------------------------------------------------------------------------

TEST_CASE("S11 every flipped bit in a directory is damage, never silently missing data") {
  const History history = History::mixed(12);
  Directory start = written(history);
  start.checkpoint(history.store_at(Lsn{3}));
  REQUIRE(start.disk.names().size() == 4);
  for (const std::string& name : start.disk.names()) {
    for (std::size_t bit = 0; bit < start.disk.contents(name).size() * 8; bit += next_bit) {
      Directory directory = start;
      directory.disk.flip_bit(name, bit);
      directory.recover();
      INFO(name << ", bit " << bit % 8 << " of byte " << bit / 8);
      if (!directory.damaged) {
        // Before the checkpoint nobody needs what the log says.
        REQUIRE(directory.recovered_bytes() == history.bytes(Lsn{4}, Lsn{12}));
        REQUIRE(directory.recovered->store.applied() == Lsn{3});
      }
    }
  }
}

TEST_CASE("S11 a damaged record in the middle stops the start") {
  const History history = History::mixed(40);
  Directory directory = written(history);
  directory.disk.flip_bit(log_file(1, Lsn{1}), 3000);
  check_damaged(directory, log_file(1, Lsn{1}), "bytes have changed: a checksum does not hold, and records follow");
  CHECK(directory.damaged->meta == Meta{this_directory, 1});
  CHECK(directory.damaged->next_generation == 2);
}

TEST_CASE("S11 a tear is damage when another segment follows") {
  const History history = History::mixed(40);
  Directory directory = written(history);
  shorten(directory, log_file(1, Lsn{1}), 10);
  check_damaged(directory, log_file(1, Lsn{1}), "a record that had been synced is missing");
}

TEST_CASE("S11 a missing segment is damage") {
  const History history = History::mixed(60);
  Directory directory = written(history);
  std::vector<std::string> segments;
  for (const std::string& name : directory.disk.names()) {
    if (parse_file_name(name).kind == FileKind::log) segments.push_back(name);
  }
  REQUIRE(segments.size() > 5);
  Directory first_gone = directory;
  first_gone.disk.erase(segments[0]);
  check_damaged(first_gone, segments[1], "records are missing before this segment");
  Directory middle_gone = directory;
  middle_gone.disk.erase(segments[3]);
  check_damaged(middle_gone, segments[2], "records are missing between this segment and the next");
}

TEST_CASE("S11 a record of an epoch that the log does not stand in is damage") {
  const History history = History().put(10).put(20).put(30);
  const History other = History().epoch().put(20);
  Directory directory = written(history);
  // At position 3 a record of epoch 2, which nothing before it began.
  directory.disk.put(last_segment(directory), history.bytes(Lsn{1}, Lsn{2}) + other.bytes(Lsn{3}, Lsn{3}));
  check_damaged(directory, log_file(1, Lsn{1}), "a record of another place or epoch stands here");
  CHECK(directory.damaged->offset == history.bytes(Lsn{1}, Lsn{2}).size());
}

TEST_CASE("S11 a damaged checkpoint is damage") {
  const History history = History::mixed(40);
  Directory directory = written(history);
  directory.checkpoint(history.store_at(Lsn{26}));
  directory.disk.flip_bit(checkpoint_file(1, Lsn{26}), 1000);
  check_damaged(directory, checkpoint_file(1, Lsn{26}), "");
}

TEST_CASE("S11 a checkpoint under another one's name is damage") {
  const History history = History::mixed(40);
  Directory directory = written(history);
  directory.checkpoint(history.store_at(Lsn{26}));
  directory.disk.put(checkpoint_file(1, Lsn{39}), directory.disk.contents(checkpoint_file(1, Lsn{26})));
  check_damaged(directory, checkpoint_file(1, Lsn{39}), "a checkpoint as of another position");
}

TEST_CASE("S11 what the disk cannot read is damage") {
  const History history = History::mixed(40);
  Directory directory = written(history);
  directory.checkpoint(history.store_at(Lsn{26}));
  for (const std::string& name : {std::string("meta"), checkpoint_file(1, Lsn{26}), last_segment(directory)}) {
    Directory unreadable = directory;
    unreadable.disk.make_unreadable(name);
    check_damaged(unreadable, name, "the disk cannot read the file");
  }
}

TEST_CASE("S6 a snapshot for a damaged directory finds a generation that nothing in it has") {
  Directory directory = written(History::mixed(40));
  directory.disk.put(temporary_file(checkpoint_file(7, Lsn{9})), "of an earlier attempt");
  directory.disk.flip_bit("meta", 0);
  check_damaged(directory, "meta", "bytes have changed");
  CHECK(directory.damaged->next_generation == 8);
}

TEST_CASE("S11 a directory that cannot be put in order stops the process") {
  for (const auto verb : {effect::DiskVerb::truncate, effect::DiskVerb::sync, effect::DiskVerb::sync_directory}) {
    Directory directory = written(History::mixed(40));
    shorten(directory, last_segment(directory), 10);
    directory.disk.fail_next(verb, DiskStatus::failed);
    Recovery recovery(directory.settings, {}, this_directory);
    recovery.start(directory.effects);
    directory.run([&](const DiskDone& done) { recovery.on_disk_done(done, directory.effects); });
    CHECK(!recovery.done());
    CHECK_THAT(directory.disk.stopped(), Catch::Contains("cannot put the data directory in order"));
  }
}

// The operating system shows what it could not write, and takes it for written; the process starts again, the machine
// only later.
TEST_CASE("S11 what a failed sync has left in the cache is durable once the log has been read back") {
  const History history = History::mixed(17);
  // Of what a write may carry, all that waits is a small part, or all of it: then a write begins far within a segment.
  for (const bool is_full : {false, true}) {
    for (const std::size_t size : {10u, 600u, 5000u, 90'000u}) {
      for (std::uint64_t luck = 0; luck < 4; ++luck) {
        INFO(size << " bytes, luck " << luck << (is_full ? ", a full write" : ""));
        const History more = History(history).put(size).put(20).put(30);
        Settings settings = Directory::small_settings();
        if (is_full) settings.log_write_bytes = more.bytes(history.end().next(), more.end()).size();
        Directory directory = written(history, settings);
        directory.disk.fail_next(effect::DiskVerb::write_synced, DiskStatus::failed);
        directory.write(more);
        REQUIRE_FALSE(directory.disk.stopped().empty());
        directory.disk.restart_process();
        directory.open();
        const Lsn end = directory.log->durable();
        CHECK(end > history.end());
        directory.disk.restart(luck);
        directory.open();
        CHECK(directory.recovered_bytes() == more.bytes(Lsn{1}, end));
        directory.write(more);
        directory.disk.restart(luck);
        directory.open();
        CHECK(directory.recovered_bytes() == more.bytes(Lsn{1}, more.end()));
      }
    }
  }
}

TEST_CASE("a start that finds no room to write the end of the log again says what it was about") {
  Directory directory = written(History::mixed(17));
  directory.disk.fail_next(effect::DiskVerb::write, DiskStatus::no_space);
  Recovery recovery(directory.settings, {}, this_directory);
  recovery.start(directory.effects);
  directory.run([&](const DiskDone& done) { recovery.on_disk_done(done, directory.effects); });
  CHECK_THAT(directory.disk.stopped(), Catch::Contains("cannot write the end of the log again, as every start does: no "
                                                       "space is left for log-"));
}

TEST_CASE("S11 a sync that fails once more while the log is read back does not make it durable either") {
  const History history = History::mixed(17);
  const History more = History(history).put(600);
  Directory directory = written(history);
  directory.disk.fail_next(effect::DiskVerb::write_synced, DiskStatus::failed);
  directory.write(more);
  directory.disk.restart_process();
  directory.disk.fail_next(effect::DiskVerb::sync, DiskStatus::failed);
  Recovery recovery(directory.settings, {}, this_directory);
  recovery.start(directory.effects);
  directory.run([&](const DiskDone& done) { recovery.on_disk_done(done, directory.effects); });
  CHECK(!recovery.done());
  directory.disk.restart_process();
  directory.open();
  directory.disk.restart(0);
  directory.open();
  CHECK(directory.recovered_bytes() == more.bytes(Lsn{1}, Lsn{18}));
}

// ---- Labs ----------------------------------------------------------------------------------------------------------

TEST_CASE("with torn_tail_cut off, a torn record is served as if it were whole, also after the next start") {
  RuleSwitches rules;
  rules.torn_tail_cut = false;
  const History history = History().put(100).put(3000);
  Directory directory = written(history, Directory::small_settings(), rules);
  std::string contents = directory.disk.contents(last_segment(directory));
  contents.replace(1024, 512, std::string(512, '\0'));
  directory.disk.put(last_segment(directory), contents);
  directory.open();
  CHECK(directory.log->end() == Lsn{3});
  CHECK(!directory.recovered->torn_tail);
  const std::string believed = directory.recovered_bytes();
  CHECK(believed != history.bytes(Lsn{1}, Lsn{3}));
  directory.write(History(history).put(5));
  directory.disk.restart(0);
  directory.open();
  CHECK(directory.log->end() == Lsn{4});
  CHECK(directory.recovered_bytes().substr(0, believed.size()) == believed);
}

}  // namespace
}  // namespace smalldb
