#include "model/log.h"

#include <catch2/catch.hpp>

#include <map>
#include <string>
#include <variant>
#include <vector>

#include "model/assert.h"
#include "model/host_side.h"
#include "model/testing/log_fixture.h"

namespace smalldb {
namespace {

using testing::Directory;
using testing::History;
using testing::lose_power_everywhere;

std::vector<effect::Disk> asked_for(HostEffects& effects) {
  std::vector<effect::Disk> disk;
  for (const Effect& effect : effects.recorded()) {
    if (const auto* operation = std::get_if<effect::Disk>(&effect)) disk.push_back(*operation);
  }
  effects.recorded().clear();
  return disk;
}

DiskDone answer(const effect::Disk& operation, DiskStatus status = DiskStatus::ok) {
  return {operation.token, status, {}, {}};
}

Log empty_log(const Settings& settings = {}) { return Log(settings, 1, Lsn{}, Configuration{}); }

void append(Log& log, const History& history, Lsn last) {
  while (log.end() < last) log.append(history[log.end().next()], encode(history[log.end().next()]));
}

Directory written(const History& history) {
  Directory directory;
  directory.open();
  directory.write(history);
  return directory;
}

// ---- Appending -----------------------------------------------------------------------------------------------------

TEST_CASE("S7 a record counts as durable when its sync and its file's name are answered, and not before") {
  const History history = History().put(10);
  Log log = empty_log();
  HostEffects effects;
  append(log, history, Lsn{1});
  REQUIRE(log.end() == Lsn{1});
  REQUIRE(asked_for(effects).empty());
  log.flush(effects);
  const auto write = asked_for(effects);
  REQUIRE(write.size() == 1);
  REQUIRE(write[0].verb == effect::DiskVerb::write_synced);
  REQUIRE(write[0].name == log_file(1, Lsn{1}));
  REQUIRE(log.durable() == Lsn{0});

  log.on_disk_done(answer(write[0]), effects);
  REQUIRE(log.durable() == Lsn{0});
  const auto name = asked_for(effects);
  REQUIRE(name.size() == 1);
  REQUIRE(name[0].verb == effect::DiskVerb::sync_directory);
  log.on_disk_done(answer(name[0]), effects);
  REQUIRE(log.durable() == Lsn{1});

  append(log, history, Lsn{2});
  log.flush(effects);
  const auto second = asked_for(effects);
  REQUIRE(second.size() == 1);
  REQUIRE(second[0].offset == write[0].bytes.size());
  log.on_disk_done(answer(second[0]), effects);
  REQUIRE(log.durable() == Lsn{2});
  REQUIRE(asked_for(effects).empty());
  REQUIRE(log.idle());
}

TEST_CASE("S7 what gathers while a write is on the way goes to disk in one write") {
  const History history = History().put(10).put(20).put(30);
  Log log = empty_log();
  HostEffects effects;
  append(log, history, Lsn{1});
  log.flush(effects);
  const auto first = asked_for(effects);
  append(log, history, Lsn{4});
  log.flush(effects);
  REQUIRE(asked_for(effects).empty());
  log.on_disk_done(answer(first[0]), effects);
  log.on_disk_done(answer(asked_for(effects)[0]), effects);
  const auto second = asked_for(effects);
  REQUIRE(second.size() == 1);
  REQUIRE(second[0].bytes.view() == history.bytes(Lsn{2}, Lsn{4}));
  log.on_disk_done(answer(second[0]), effects);
  REQUIRE(log.durable() == Lsn{4});
}

TEST_CASE("S11 a write carries a bounded number of bytes, or one record") {
  History history;
  for (int i = 0; i < 40; ++i) history.put(10'000);
  history.put(150'000).put(10).put(200'000).put(5'000);
  Settings settings;
  settings.segment_bytes = 1024 * 1024;
  Log log = empty_log(settings);
  HostEffects effects;
  append(log, history, history.end());
  log.flush(effects);
  std::string all;
  std::size_t writes = 0;
  while (log.durable() < log.end()) {
    for (const effect::Disk& operation : asked_for(effects)) {
      if (operation.verb == effect::DiskVerb::write_synced) {
        ++writes;
        const bool one_record = decode_header(operation.bytes.view())->record_size() == operation.bytes.size();
        REQUIRE((operation.bytes.size() <= settings.log_write_bytes || one_record));
        REQUIRE(operation.offset == all.size());
        all += operation.bytes.view();
      }
      log.on_disk_done(answer(operation), effects);
    }
  }
  REQUIRE(all == history.bytes(Lsn{1}, history.end()));
  REQUIRE(writes < 15);
}

TEST_CASE("S1 segments are the same files however their records were grouped into writes") {
  const History history = History::mixed(60);
  Directory at_once;
  at_once.open();
  at_once.write(history);
  Directory one_by_one;
  one_by_one.open();
  while (one_by_one.log->end() < history.end()) one_by_one.write(history, one_by_one.log->end().next());

  REQUIRE(at_once.disk.names() == one_by_one.disk.names());
  REQUIRE(at_once.disk.names().size() > 6);
  for (const std::string& name : at_once.disk.names()) {
    REQUIRE(at_once.disk.contents(name) == one_by_one.disk.contents(name));
  }
}

TEST_CASE("F9 a segment ends after a checkpoint record, and when it is full") {
  Directory directory = written(History().put(10).checkpoint().put(1900).put(100).put(10));
  REQUIRE(directory.disk.names() ==
          std::vector<std::string>{log_file(1, Lsn{1}), log_file(1, Lsn{4}), log_file(1, Lsn{6}), "meta"});
}

TEST_CASE("S11 a segment is begun only when all before it is durable") {
  const History history = History().checkpoint().put(10);
  Log log = empty_log();
  HostEffects effects;
  append(log, history, Lsn{3});
  log.flush(effects);
  std::vector<std::string> order;
  while (log.durable() < log.end()) {
    const auto operations = asked_for(effects);
    REQUIRE(operations.size() == 1);
    order.push_back(operations[0].name);
    log.on_disk_done(answer(operations[0]), effects);
  }
  REQUIRE(order == std::vector<std::string>{log_file(1, Lsn{1}), "", log_file(1, Lsn{3}), ""});
}

// ---- In memory -----------------------------------------------------------------------------------------------------

TEST_CASE("F8 records stay in memory while somebody needs them, and not much longer") {
  const History history = History::mixed(60);
  Directory directory = written(history);
  REQUIRE(directory.log->first_in_memory() == Lsn{1});
  REQUIRE(directory.log->records_from(Lsn{1}).view() == history.bytes(Lsn{1}, Lsn{60}));

  directory.log->keep_from(Lsn{30});
  REQUIRE(directory.log->first_in_memory() > Lsn{1});
  REQUIRE(directory.log->first_in_memory() <= Lsn{30});
  REQUIRE(directory.log->record(Lsn{30}) == encode(history[Lsn{30}]));

  directory.log->keep_from(Lsn{61});
  const Lsn first = directory.log->first_in_memory();
  const std::string kept = directory.log->records_from(first).string();
  REQUIRE(kept.size() >= directory.settings.log_buffer_bytes);
  REQUIRE(kept == history.bytes(first, Lsn{60}));
  REQUIRE(first > Lsn{30});
}

TEST_CASE("S1 the disk and another node get a run that was put in one piece once, and never one from before a cut") {
  const History history = History::mixed(40);
  Directory directory;
  directory.open();
  directory.append(history, Lsn{20});
  Log& log = *directory.log;
  const LogTail::Run run = log.run_from(Lsn{1}, Lsn{20}, ~std::uint64_t{0});
  REQUIRE(run.parts.size() > 1);
  const Bytes shipped = run.joined();
  log.note_in_one_piece(Lsn{1}, Lsn{20}, shipped);
  REQUIRE(log.run_from(Lsn{1}, Lsn{20}, shipped.size()).joined().data() == shipped.data());
  REQUIRE(log.run_from(Lsn{1}, Lsn{20}, shipped.size() - 1).last < Lsn{20});
  REQUIRE(log.run_from(Lsn{1}, Lsn{19}, ~std::uint64_t{0}).last == Lsn{19});

  log.cut(Lsn{10}, directory.effects);
  History other = History(history).back_to(Lsn{10});
  while (other.end() < Lsn{20}) other.put(30, 'o');
  directory.append(other, Lsn{20});
  REQUIRE(log.run_from(Lsn{1}, Lsn{20}, ~std::uint64_t{0}).joined().view() == other.bytes(Lsn{1}, Lsn{20}));
}

TEST_CASE("S1 a write takes what was put in one piece for another node, for as long as it is on its way") {
  History history = History::mixed(1);
  while (history.end() < Lsn{20}) history.put(300, 'v');
  Directory directory;
  directory.settings.segment_bytes = 1024 * 1024;
  directory.open();
  directory.append(history, Lsn{20});
  Log& log = *directory.log;
  const Bytes shipped = log.records_from(Lsn{1});
  log.note_in_one_piece(Lsn{1}, Lsn{20}, shipped);
  log.flush(directory.effects);
  REQUIRE(std::get<effect::Disk>(directory.effects.recorded().back()).bytes.data() == shipped.data());
  directory.run();
  REQUIRE(log.durable() == Lsn{20});
  REQUIRE(log.run_from(Lsn{1}, Lsn{20}, ~std::uint64_t{0}).joined().data() != shipped.data());
}

TEST_CASE("S7 what is not durable stays in memory whoever else does without it") {
  const History history = History::mixed(60);
  Directory directory;
  directory.open();
  directory.append(history, history.end());
  directory.log->keep_from(Lsn{61});
  REQUIRE(directory.log->first_in_memory() == Lsn{1});
  directory.log->flush(directory.effects);
  directory.run();
  REQUIRE(directory.log->durable() == Lsn{60});
  REQUIRE(directory.log->first_in_memory() > Lsn{30});
}

TEST_CASE("a copy of a log goes on by itself") {
  const History history = History::mixed(30);
  Directory directory;
  directory.open();
  directory.write(history, Lsn{15});
  directory.append(history, Lsn{20});
  Directory copy = directory;
  directory.write(history, Lsn{30});
  REQUIRE(copy.log->end() == Lsn{20});
  REQUIRE(copy.log->durable() == Lsn{15});
  REQUIRE(copy.log->records_from(Lsn{1}).view() == history.bytes(Lsn{1}, Lsn{20}));
  copy.write(history, Lsn{30});
  for (const std::string& name : copy.disk.names()) REQUIRE(copy.disk.contents(name) == directory.disk.contents(name));
}

// ---- Retiring ------------------------------------------------------------------------------------------------------

TEST_CASE("F9 a durable checkpoint removes the segments before it, and none that holds more") {
  History history = History().put(10).put(10).checkpoint().put(10).put(10).checkpoint().put(10);
  Directory directory = written(history);
  directory.log->retire(Lsn{6}, directory.effects);
  directory.run();
  REQUIRE(directory.disk.names() == std::vector<std::string>{log_file(1, Lsn{5}), log_file(1, Lsn{8}), "meta"});
  directory.log->retire(Lsn{8}, directory.effects);
  directory.run();
  REQUIRE(directory.disk.names() == std::vector<std::string>{log_file(1, Lsn{8}), "meta"});
  REQUIRE(directory.log->bytes() == directory.disk.contents(log_file(1, Lsn{8})).size());
  REQUIRE(directory.log->idle());
}

TEST_CASE("F9 a segment that is being written is not removed") {
  const History history = History().checkpoint().put(10);
  Log log = empty_log();
  HostEffects effects;
  append(log, history, Lsn{3});
  log.flush(effects);
  const auto write = asked_for(effects);
  log.retire(Lsn{2}, effects);
  REQUIRE(asked_for(effects).empty());
  log.on_disk_done(answer(write[0]), effects);
  log.retire(Lsn{2}, effects);
  const auto name = asked_for(effects);
  REQUIRE(name.size() == 1);
  log.on_disk_done(answer(name[0]), effects);
  log.retire(Lsn{2}, effects);
  const auto removal = asked_for(effects);
  REQUIRE(removal.back().verb == effect::DiskVerb::remove);
  REQUIRE(removal.back().name == log_file(1, Lsn{1}));
}

// ---- Cutting -------------------------------------------------------------------------------------------------------

std::map<std::string, std::string> segments(const Directory& directory) {
  std::map<std::string, std::string> segments;
  for (const std::string& name : directory.disk.names()) {
    if (parse_file_name(name).kind == FileKind::log) segments[name] = directory.disk.contents(name);
  }
  return segments;
}

// After the cut, the log goes on with another history, and a restart sees that one.
void check_cut(Directory directory, const History& history, Lsn cut) {
  INFO("cut back to " << cut.value);
  directory.cut(cut);
  REQUIRE(!directory.log->cutting());
  REQUIRE(directory.log->end() == cut);
  REQUIRE(directory.log->durable() == cut);
  History other = History(history).back_to(cut).epoch().put(5, 'o').put(700, 'o').checkpoint().put(6, 'o');
  directory.write(other);
  REQUIRE(directory.log->durable() == other.end());
  const std::uint64_t bytes = directory.log->bytes();
  REQUIRE(segments(directory) == segments(written(other)));  // S1: as if it had never been otherwise
  directory.disk.restart(0);
  directory.open();
  REQUIRE(!directory.recovered->torn_tail);
  REQUIRE(directory.recovered_bytes() == other.bytes(Lsn{1}, other.end()));
  REQUIRE(directory.log->configuration() == other.store_at(other.end()).configuration());
  REQUIRE(directory.log->bytes() == bytes);
}

TEST_CASE("S6 a log can be cut at any position") {
  const History history = History::mixed(40);
  const Directory directory = written(history);
  for (std::uint64_t cut = 1; cut <= 40; ++cut) check_cut(directory, history, Lsn{cut});
}

TEST_CASE("S6 a log can be cut where its records have left memory") {
  const History history = History::mixed(40);
  Directory directory = written(history);
  directory.log->keep_from(Lsn{41});
  REQUIRE(directory.log->first_in_memory() > Lsn{20});
  for (std::uint64_t cut = 1; cut <= 40; ++cut) check_cut(directory, history, Lsn{cut});
}

TEST_CASE("S6 a log can be cut while some of it is on the way to disk and some is not") {
  const History history = History::mixed(40);
  Directory directory;
  directory.open();
  directory.write(history, Lsn{20});
  directory.append(history, Lsn{24});
  directory.log->flush(directory.effects);
  directory.append(history, Lsn{40});
  for (std::uint64_t cut = 1; cut <= 40; ++cut) check_cut(directory, history, Lsn{cut});
}

TEST_CASE("S6 a cut removes a segment of which a crash has left nothing but the file") {
  const History history = History().put(10).put(10).checkpoint();
  Directory directory = written(history);
  directory.disk.put(log_file(1, Lsn{5}), "");
  directory.disk.restart(0);
  directory.open();
  for (std::uint64_t cut = 1; cut <= 3; ++cut) check_cut(directory, history, Lsn{cut});
}

TEST_CASE("S6 nothing is written between the beginning of a cut and its end") {
  const History history = History::mixed(40);
  Directory directory = written(history);
  directory.log->cut(Lsn{8}, directory.effects);
  directory.disk.take(directory.effects);
  while (directory.log->cutting()) {
    REQUIRE_THROWS_AS(directory.append(history, Lsn{9}), AssertionFailed);
    directory.log->flush(directory.effects);
    directory.run_one();
    for (const Effect& effect : directory.effects.recorded()) {
      REQUIRE(std::get<effect::Disk>(effect).verb != effect::DiskVerb::write_synced);
    }
  }
  REQUIRE(directory.log->idle());
}

TEST_CASE("S6 the configuration goes back with a cut") {
  const History history = History().put(1).put(1).epoch().put(1).epoch().put(1);
  Directory directory = written(history);
  REQUIRE(directory.log->configuration().epoch() == Epoch{3});
  directory.cut(Lsn{5});
  REQUIRE(directory.log->configuration() == history.store_at(Lsn{5}).configuration());
  directory.cut(Lsn{4});
  REQUIRE(directory.log->configuration().epoch() == Epoch{2});
  directory.cut(Lsn{3});
  REQUIRE(directory.log->configuration().epoch() == Epoch{1});
}

TEST_CASE("S6 records after a cut stay in memory until somebody can do without them") {
  Directory directory = written(History::mixed(40));
  directory.log->keep_from(Lsn{41});
  directory.cut(Lsn{8});
  History other = History::mixed(40).back_to(Lsn{8}).epoch();
  while (other.end() < Lsn{40}) other.put(1500);
  directory.write(other);
  REQUIRE(directory.log->first_in_memory() == Lsn{9});
  directory.log->keep_from(Lsn{41});
  REQUIRE(directory.log->first_in_memory() > Lsn{9});
}

TEST_CASE("S6 a checkpoint is never cut into") {
  const History history = History().put(10).checkpoint().put(10);
  Directory directory = written(history);
  directory.checkpoint(history.store_at(Lsn{3}));
  REQUIRE_THROWS_AS(directory.cut(Lsn{2}), AssertionFailed);
}

// ---- Trouble -------------------------------------------------------------------------------------------------------

TEST_CASE("S11 after a failed write the process stops, and says which file and what to do") {
  Directory directory;
  directory.open();
  directory.disk.fail_next(effect::DiskVerb::write_synced, DiskStatus::failed);
  directory.write(History().put(1));
  REQUIRE(directory.log->durable() == Lsn{0});
  REQUIRE(directory.disk.stopped() == "cannot write the log: the disk reported an error on " + log_file(1, Lsn{1}) +
                                          ", and what it holds of it is not known. Check the disk, and start again to "
                                          "recover from what it kept");
}

TEST_CASE("S11 nothing is written after a failure") {
  Log log = empty_log();
  HostEffects effects;
  append(log, History().put(1), Lsn{1});
  log.flush(effects);
  const auto write = asked_for(effects);
  log.on_disk_done(answer(write[0], DiskStatus::failed), effects);
  effects.recorded().clear();
  append(log, History().put(1), Lsn{2});
  log.flush(effects);
  REQUIRE(effects.recorded().empty());
  REQUIRE(log.durable() == Lsn{0});
}

TEST_CASE("S11 a full disk stops the process with a word of its own") {
  Directory directory;
  directory.open();
  directory.disk.fail_next(effect::DiskVerb::write_synced, DiskStatus::no_space);
  directory.write(History());
  REQUIRE(directory.disk.stopped() ==
          "cannot write the log: no space is left for " + log_file(1, Lsn{1}) + ". Make room, and start again");
}

TEST_CASE("S11 a failed directory sync stops the process too") {
  Directory directory;
  directory.open();
  directory.disk.fail_next(effect::DiskVerb::sync_directory, DiskStatus::failed);
  directory.write(History());
  REQUIRE(directory.log->durable() == Lsn{0});
  REQUIRE_THAT(directory.disk.stopped(), Catch::Contains("cannot write the log"));
}

// ---- Loss of power at every instant --------------------------------------------------------------------------------

void check_recovered_prefix(Directory& directory, const History& history) {
  directory.open();
  REQUIRE(directory.log->end() >= directory.promised);
  REQUIRE(directory.recovered_bytes() ==
          history.bytes(directory.recovered->store.applied().next(), directory.log->end()));
}

TEST_CASE("S7 no durable record is lost, and no other invented, whenever power is lost while the log grows") {
  const History history = History::mixed(45);
  Directory start;
  start.open();
  lose_power_everywhere(
      start,
      [&](Directory& directory) {
        for (std::uint64_t last = 3; last <= 45; last += last % 5 + 2) directory.write(history, Lsn{last});
        directory.write(history);
      },
      [&](Directory& directory, bool) { check_recovered_prefix(directory, history); });
}

TEST_CASE("S11 a log recovered once goes on growing, whenever power was lost") {
  const History history = History::mixed(30);
  Directory start;
  start.open();
  lose_power_everywhere(
      start, [&](Directory& directory) { directory.write(history); },
      [&](Directory& directory, bool) {
        check_recovered_prefix(directory, history);
        directory.write(history);
        directory.disk.restart(0);
        directory.open();
        REQUIRE(!directory.recovered->torn_tail);
        REQUIRE(directory.recovered_bytes() == history.bytes(Lsn{1}, history.end()));
      });
}

TEST_CASE("S6 a log is the old one or the new one, whenever power is lost while it is cut") {
  const History history = History::mixed(30);
  for (const std::uint64_t cut : {1, 5, 13, 14, 22, 29}) {
    const History other = History(history).back_to(Lsn{cut}).epoch().put(10, 'o').put(900, 'o').put(1500, 'o').put(9);
    Directory start = written(history);
    start.promised = Lsn{cut};
    lose_power_everywhere(
        start,
        [&](Directory& directory) {
          directory.cut(Lsn{cut});
          directory.write(other);
        },
        [&](Directory& directory, bool finished) {
          directory.open();
          const Lsn end = directory.log->end();
          REQUIRE(end >= directory.promised);
          const bool goes_on = directory.log->configuration().epoch() == Epoch{2};
          REQUIRE(directory.recovered_bytes() == (goes_on ? other : history).bytes(Lsn{1}, end));
          if (directory.promised > Lsn{cut}) REQUIRE(goes_on);
          if (finished) REQUIRE(end == other.end());
        });
  }
}

}  // namespace
}  // namespace smalldb
