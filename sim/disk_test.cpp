// The disk's promises, each by its name.
#include "sim/disk.h"

#include <catch2/catch.hpp>
#include <set>

#include "sim/test_machines.h"

namespace smalldb::sim {
namespace {

std::string read_file(Stage& stage, std::string_view name = "wal") {
  stage.tell(a, "read " + std::string(name) + " 0 100000");
  return stage.said(EventKind::disk_read);
}

// What `wal` reads after a crash of each of many worlds; `orders` were given before it.
std::set<std::string> after_crashes(const std::vector<std::string>& orders, Unsynced unsynced, int worlds = 60) {
  std::set<std::string> outcomes;
  for (int seed = 0; seed < worlds; ++seed) {
    Stage stage(1, static_cast<std::uint64_t>(seed));
    for (const std::string& order : orders) stage.tell(a, order);
    stage.crash_and_restart(a, unsynced);
    outcomes.insert(read_file(stage));
  }
  return outcomes;
}

TEST_CASE("synced bytes under a durable name survive every crash") {
  const std::vector<std::string> orders{"write wal 0 kept", "sync wal", "sync_directory"};
  for (const Unsynced unsynced :
       {Unsynced::drawn, Unsynced::lost, Unsynced::torn, Unsynced::subset, Unsynced::garbage}) {
    CHECK(after_crashes(orders, unsynced) == std::set<std::string>{"kept"});
  }
}

TEST_CASE("unsynced bytes may be lost, and may be kept") {
  const std::vector<std::string> orders{"write_synced wal 0 one", "sync_directory", "write wal 3 two"};
  CHECK(after_crashes(orders, Unsynced::drawn) == std::set<std::string>{"one", "onetwo"});
  CHECK(after_crashes(orders, Unsynced::lost) == std::set<std::string>{"one"});
  CHECK(after_crashes(orders, Unsynced::kept) == std::set<std::string>{"onetwo"});
}

TEST_CASE("a torn write leaves a beginning of whole sectors") {
  std::set<std::size_t> lengths;
  for (const std::string& outcome :
       after_crashes({"write_synced wal 0 x", "sync_directory", "fill wal 0 2048 n"}, Unsynced::torn)) {
    const std::size_t end = outcome.find_first_not_of('n');
    REQUIRE((outcome == "x" || end == std::string::npos));
    if (outcome != "x") CHECK(outcome.size() % 512 == 0);
    lengths.insert(outcome.size());
  }
  CHECK(lengths == std::set<std::size_t>{1, 512, 1024, 1536, 2048});
}

TEST_CASE("unsynced writes may survive in any order") {
  bool later_without_earlier = false;
  for (const std::string& outcome :
       after_crashes({"fill wal 0 1024 .", "sync wal", "sync_directory", "fill wal 0 512 1", "fill wal 512 512 2"},
                     Unsynced::subset)) {
    later_without_earlier |= outcome == std::string(512, '.') + std::string(512, '2');
    CHECK(outcome.size() == 1024);
  }
  CHECK(later_without_earlier);
}

TEST_CASE("a sector that was written twice may hold either version") {
  const auto outcomes = after_crashes(
      {"write_synced wal 0 old", "sync_directory", "write wal 0 mid", "write wal 0 new"}, Unsynced::subset);
  CHECK(outcomes == std::set<std::string>{"old", "mid", "new"});
}

TEST_CASE("what was never written between two surviving pieces reads as zeros") {
  bool hole = false;
  for (const std::string& outcome : after_crashes(
           {"write_synced wal 0 x", "sync_directory", "fill wal 512 512 1", "fill wal 1024 512 2"}, Unsynced::subset)) {
    hole |= outcome == "x" + std::string(1023, '\0') + std::string(512, '2');
  }
  CHECK(hole);
}

TEST_CASE("a lost sector may hold garbage where that is asked for, and nowhere else") {
  bool garbage = false;
  for (const std::string& outcome :
       after_crashes({"write_synced wal 0 x", "sync_directory", "fill wal 0 512 n"}, Unsynced::garbage)) {
    garbage |= outcome != "x" && outcome != std::string(512, 'n');
  }
  CHECK(garbage);
}

TEST_CASE("a truncation that was not synced may be undone") {
  const auto outcomes =
      after_crashes({"write_synced wal 0 abcdef", "sync_directory", "truncate wal 3"}, Unsynced::subset);
  CHECK(outcomes == std::set<std::string>{"abc", "abcdef"});
}

TEST_CASE("a file whose name is not durable may be gone, synced or not") {
  CHECK(after_crashes({"write_synced wal 0 gone"}, Unsynced::drawn) == std::set<std::string>{"", "gone"});
  CHECK(after_crashes({"write_synced wal 0 gone"}, Unsynced::lost) == std::set<std::string>{""});
}

TEST_CASE("a rename survives as a whole or not at all, and for certain once the directory is synced") {
  const std::vector<std::string> orders{"write_synced wal 0 old", "write_synced tmp 0 new", "sync_directory",
                                        "rename tmp wal"};
  CHECK(after_crashes(orders, Unsynced::drawn) == std::set<std::string>{"old", "new"});
  std::vector<std::string> durable = orders;
  durable.push_back("sync_directory");
  CHECK(after_crashes(durable, Unsynced::drawn) == std::set<std::string>{"new"});
}

TEST_CASE("a remove that is not durable may be undone, with the bytes that were synced") {
  const auto outcomes = after_crashes({"write_synced wal 0 back", "sync_directory", "remove wal"}, Unsynced::drawn);
  CHECK(outcomes == std::set<std::string>{"back", ""});
}

TEST_CASE("each file of a crash has its own luck") {
  bool different = false;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Stage stage(1, seed);
    for (const char* order :
         {"write_synced x 0 1", "write_synced wal 0 1", "sync_directory", "write x 1 2", "write wal 1 2"}) {
      stage.tell(a, order);
    }
    stage.crash_and_restart(a, Unsynced::drawn);
    different |= read_file(stage, "x") != read_file(stage, "wal");
  }
  CHECK(different);
}

TEST_CASE("a crash says of all unsynced bytes whether they were kept or lost") {
  Stage stage(1);
  for (const char* order : {"write_synced wal 0 x", "sync_directory", "fill wal 512 1024 n"}) stage.tell(a, order);
  stage.crash_and_restart(a, Unsynced::subset);
  std::uint64_t told = 0;
  for (const TraceEvent& event : stage.trace) {
    if (event.kind == EventKind::disk_kept || event.kind == EventKind::disk_lost) told += event.b;
  }
  CHECK(told == 1024);
}

TEST_CASE("a kill of the process alone loses nothing that was written") {
  Stage stage(1);
  stage.tell(a, "write wal 0 cached");
  stage.end(stage.inject({.kind = FaultKind::kill, .process = a}));
  stage.run();
  CHECK(read_file(stage) == "cached");
}

TEST_CASE("a write under way in a crash may or may not have happened") {
  std::set<std::string> outcomes;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Stage stage(1, seed);
    stage.tell(a, "write_synced wal 0 old");
    stage.tell(a, "sync_directory");
    stage.ask(a, "write_synced wal 0 new");
    stage.run_before(EventKind::disk_synced);
    stage.crash_and_restart(a, Unsynced::kept);
    outcomes.insert(read_file(stage));
  }
  CHECK(outcomes == std::set<std::string>{"old", "new"});
}

TEST_CASE("after a failed sync some bytes are durable, some not, and no later sync mends it") {
  std::set<std::string> outcomes;
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    Stage stage(1, seed);
    for (const char* order : {"write_synced wal 0 x", "sync_directory", "fill wal 0 1024 n"}) stage.tell(a, order);
    const FaultId fault = stage.inject({.kind = FaultKind::sync_failure, .process = a, .times = 1});
    stage.tell(a, "sync wal");
    CHECK(stage.said(EventKind::report) == "disk 4 ");
    CHECK(stage.effects(fault) == 1);
    CHECK(read_file(stage) == std::string(1024, 'n'));  // the cache still has it
    stage.tell(a, "sync wal");
    CHECK(stage.said(EventKind::report) == "disk 0 ");
    stage.crash_and_restart(a, Unsynced::kept);
    outcomes.insert(read_file(stage));
  }
  CHECK(outcomes.count(std::string(1024, 'n')) == 1);
  CHECK(outcomes.size() == 4);  // each of two sectors, durable or not
}

TEST_CASE("a process that stops itself leaves the cache as it is, and what a failed sync forgot stays forgotten") {
  std::set<std::string> outcomes;
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    Stage stage(1, seed);
    for (const char* order : {"write_synced wal 0 x", "sync_directory", "fill wal 0 1024 n"}) stage.tell(a, order);
    stage.inject({.kind = FaultKind::sync_failure, .process = a, .times = 1});
    stage.tell(a, "sync wal");
    stage.tell(a, "stop enough");
    stage.world.start(a);
    stage.run();
    CHECK(read_file(stage) == std::string(1024, 'n'));
    stage.tell(a, "sync wal");
    stage.crash_and_restart(a, Unsynced::kept);
    outcomes.insert(read_file(stage));
  }
  CHECK(outcomes.size() == 4);  // each of two sectors, durable or not
}

TEST_CASE("bytes written again after a failed sync can become durable") {
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    Stage stage(1, seed);
    for (const char* order : {"write_synced wal 0 x", "sync_directory", "fill wal 0 1024 n"}) stage.tell(a, order);
    stage.inject({.kind = FaultKind::sync_failure, .process = a, .times = 1});
    stage.tell(a, "sync wal");
    stage.tell(a, "fill wal 0 1024 m");
    stage.tell(a, "sync wal");
    stage.crash_and_restart(a, Unsynced::lost);
    CHECK(read_file(stage) == std::string(1024, 'm'));
  }
}

TEST_CASE("a retry does not heal rot, and the truth is kept apart from it") {
  Stage stage(1);
  stage.tell(a, "fill wal 0 1000 r");
  stage.tell(a, "sync wal");
  const FaultId rot = stage.inject({.kind = FaultKind::bit_rot, .process = a, .file = "w*", .times = 1});
  const std::string first = read_file(stage);
  CHECK(first != std::string(1000, 'r'));
  CHECK(read_file(stage) == first);
  stage.crash_and_restart(a, Unsynced::lost);
  stage.end(rot);
  CHECK(read_file(stage, "wal") == "");  // its name was not durable
  CHECK(stage.effects(rot) == 2);
}

TEST_CASE("rot survives restarts and ends where its sector is written again") {
  Stage stage(1);
  for (const char* order : {"fill wal 0 512 r", "sync wal", "sync_directory"}) stage.tell(a, order);
  const FaultId rot = stage.inject({.kind = FaultKind::bit_rot, .process = a, .times = 1});
  stage.end(rot);
  stage.crash_and_restart(a, Unsynced::lost);
  CHECK(read_file(stage) != std::string(512, 'r'));
  CHECK(*stage.world.visible(a, "wal") == std::string(512, 'r'));
  CHECK(*stage.world.durable(a, "wal") == std::string(512, 'r'));
  stage.tell(a, "fill wal 0 512 s");
  CHECK(read_file(stage) == std::string(512, 's'));
}

TEST_CASE("a bad sector cannot be read until it is written again, others can") {
  Stage stage(1);
  for (const char* order : {"fill wal 0 1024 r", "sync wal"}) stage.tell(a, order);
  const FaultId bad = stage.inject({.kind = FaultKind::bad_sector, .process = a, .times = 1});
  stage.tell(a, "read wal 0 1024");
  CHECK(stage.said(EventKind::report) == "disk 4 ");
  stage.tell(a, "read wal 0 512");
  const bool first_is_bad = stage.said(EventKind::report) == "disk 4 ";
  stage.tell(a, "read wal 512 512");
  CHECK((stage.said(EventKind::report) == "disk 4 ") == !first_is_bad);
  CHECK(stage.effects(bad) == 2);
  stage.tell(a, "fill wal 0 1024 s");
  CHECK(read_file(stage) == std::string(1024, 's'));
}

TEST_CASE("a misdirected write shows when the cache is gone, in the place it hit and the place it missed") {
  Stage stage(1);
  for (const char* order : {"fill wal 0 1024 .", "sync wal", "fill other 0 512 o", "sync other", "sync_directory"}) {
    stage.tell(a, order);
  }
  const FaultId fault = stage.inject({.kind = FaultKind::misdirected_write, .process = a, .times = 1});
  stage.tell(a, "fill wal 0 512 n");
  stage.tell(a, "sync wal");
  CHECK(read_file(stage).substr(0, 512) == std::string(512, 'n'));
  stage.crash_and_restart(a, Unsynced::kept);
  CHECK(read_file(stage).substr(0, 512) == std::string(512, '.'));
  const bool hit_other = read_file(stage, "other") == std::string(512, 'n');
  const bool hit_wal = read_file(stage).substr(512) == std::string(512, 'n');
  CHECK(hit_other != hit_wal);
  CHECK(stage.effects(fault) == 1);
}

TEST_CASE("a phantom write is reported synced and never reaches the disk") {
  Stage stage(1);
  for (const char* order : {"write_synced wal 0 old", "sync_directory"}) stage.tell(a, order);
  const FaultId fault = stage.inject({.kind = FaultKind::phantom_write, .process = a, .times = 1});
  stage.tell(a, "write_synced wal 0 new");
  CHECK(stage.said(EventKind::report) == "disk 0 ");
  CHECK(read_file(stage) == "new");
  stage.crash_and_restart(a, Unsynced::kept);
  CHECK(read_file(stage) == "old");
  CHECK(stage.effects(fault) == 1);
}

TEST_CASE("a full disk takes not a byte more, and overwriting still works") {
  Stage stage(1);
  stage.tell(a, "write wal 0 12345");
  const FaultId full = stage.inject({.kind = FaultKind::disk_full, .process = a});
  stage.tell(a, "write wal 5 6");
  CHECK(stage.said(EventKind::report) == "disk 3 ");
  stage.tell(a, "write wal 0 54321");
  CHECK(stage.said(EventKind::report) == "disk 0 ");
  stage.end(full);
  stage.tell(a, "write wal 5 6");
  CHECK(read_file(stage) == "543216");
  CHECK(stage.effects(full) == 1);
}

TEST_CASE("a wiped disk is empty, an old copy of a disk is as it was when it was put aside") {
  Stage stage(1);
  for (const char* order : {"write_synced wal 0 then", "sync_directory"}) stage.tell(a, order);
  stage.inject({.kind = FaultKind::saved_disk, .process = a});
  stage.tell(a, "write_synced wal 0 now!");
  FaultId crash = stage.inject({.kind = FaultKind::crash, .process = a});
  stage.inject({.kind = FaultKind::old_disk, .process = a});
  stage.end(crash);
  stage.run();
  CHECK(read_file(stage) == "then");
  crash = stage.inject({.kind = FaultKind::crash, .process = a});
  stage.inject({.kind = FaultKind::wiped_disk, .process = a});
  stage.end(crash);
  stage.run();
  stage.tell(a, "list");
  CHECK(stage.said(EventKind::report) == "disk 0 ");
}

TEST_CASE("a link is made by the first who asks, on the volume that all share") {
  Stage stage(2);
  stage.tell(a, "write_synced token 0 x @shared");
  stage.ask(a, "link token lock @shared");
  stage.ask(b, "link token lock @shared");
  stage.run();
  CHECK(stage.count(EventKind::disk_linked) == 1);
  CHECK(stage.said(EventKind::disk_failed) == "");
  CHECK(stage.last(EventKind::disk_failed)->b == static_cast<std::uint64_t>(DiskStatus::exists));
}

TEST_CASE("a shared volume that is cut off answers unreachable, whether it did what was asked depends on which way") {
  for (const bool answer_cut : {false, true}) {
    Stage stage(2);
    const Direction way = answer_cut ? Direction{shared_volume, a} : Direction{a, shared_volume};
    const FaultId cut = stage.inject({.kind = FaultKind::cut, .links = std::vector{way}});
    stage.tell(a, "write_synced f 0 x @shared");
    CHECK(stage.said(EventKind::report) == "disk 5 ");
    CHECK(stage.last(EventKind::disk_failed)->time >= Time{} + seconds(1));
    CHECK(stage.effects(cut) == 1);
    stage.end(cut);
    stage.tell(b, "list @shared");
    CHECK(stage.said(EventKind::report) == (answer_cut ? "disk 0 f=1 " : "disk 0 "));
  }
}

TEST_CASE("operations on one file are done in the order in which they were asked for") {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    WorldSettings settings = Stage::puppets(1, seed);
    settings.ties = TieOrder::shuffled;
    settings.processes[0].disk.write = uniform({}, nanoseconds(2));
    Stage stage(settings);
    for (int i = 0; i < 10; ++i) stage.ask(a, "write wal 0 " + std::to_string(i));
    std::vector<std::string> asked;
    std::vector<std::string> done;
    stage.run();
    for (const TraceEvent& event : stage.trace) {
      if (event.kind == EventKind::input) asked.push_back(event.payload.string().substr(12));
      if (event.kind == EventKind::disk_written) done.push_back(event.payload.string());
    }
    CHECK(done == asked);
  }
}

}  // namespace
}  // namespace smalldb::sim
