#include "properties/observer.h"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

#include "model/data_directory.h"
#include "properties/trace_builder.h"

namespace smalldb::properties {
namespace {

using sim::TraceEvent;

// Keeps the observations of the kinds asked for, without what their pointers refer to.
class Collector final : public Listener {
 public:
  explicit Collector(ObservationKinds kinds) : kinds_(kinds) {}
  void on(const Observation& observation, const Mirror&) override {
    if (kinds_.has(observation.kind)) seen.push_back(observation);
  }
  std::vector<Observation> seen;

 private:
  ObservationKinds kinds_;
};

std::vector<Observation> observe(const TraceBuilder& trace, ObservationKinds kinds,
                                 const std::vector<TraceEvent>* events = nullptr) {
  Collector collector(kinds);
  Observer observer(trace.cast());
  for (const TraceEvent& event : events != nullptr ? *events : trace.events()) {
    observer.observe(event, trace.files(), collector);
  }
  return collector.seen;
}

NodeLog::File segment(std::uint32_t id, std::uint64_t generation, std::uint64_t first) {
  return {sim::FileId{id}, generation, Lsn{first}};
}

std::string records(std::uint64_t first, std::uint64_t last) {
  std::string bytes;
  for (std::uint64_t lsn = first; lsn <= last; ++lsn) {
    bytes += encode(Record{{lsn}, {1}, {}, Operation{put(lsn, "x")}}).view();
  }
  return bytes;
}

void take_all(NodeLog& log) {
  while (const auto found = log.next()) {
    LogEntry entry;
    entry.line = 0;
    entry.fingerprint = Fingerprint::of(found->bytes);
    log.add(*found, entry);
  }
}

void write(NodeLog& log, const NodeLog::File& file, std::uint64_t offset, const std::string& bytes,
           sim::EventIndex event) {
  log.write(file, offset, bytes, event);
  take_all(log);
}

void read(NodeLog& log, const NodeLog::File& file, const std::string& bytes, sim::EventIndex event) {
  log.read(file, 0, bytes, event);
  take_all(log);
}

}  // namespace

TEST_CASE("A request is received when its last byte is, and its answer belongs to it") {
  TraceBuilder trace;
  trace.a_alone();
  const std::size_t asked = trace.events().size();
  trace.asks(c1, a, put(1, "x"));
  trace.answers(a, c1, 1, Lsn{2});
  std::vector<TraceEvent> events = trace.events();

  TraceEvent rest = events[asked + 1];
  const std::size_t cut = rest.payload.size() / 2;
  rest.b += cut;
  rest.payload = rest.payload.slice(cut, rest.payload.size() - cut);
  events[asked + 1].payload = events[asked + 1].payload.slice(0, cut);
  events.insert(events.begin() + static_cast<std::ptrdiff_t>(asked) + 2, rest);
  for (std::size_t i = 0; i < events.size(); ++i) events[i].index = i;

  const auto seen = observe(
      trace, {ObservationKind::request_received, ObservationKind::answer_released, ObservationKind::answer_delivered},
      &events);
  REQUIRE(seen.size() == 3);
  CHECK(seen[0].kind == ObservationKind::request_received);
  CHECK(seen[0].event == asked + 2);
  CHECK(seen[1].kind == ObservationKind::answer_released);
  CHECK(seen[1].since == seen[0].event);
  CHECK(seen[2].kind == ObservationKind::answer_delivered);
  CHECK(seen[2].since == seen[1].event);
}

TEST_CASE("Records are observed where they are written, and an epoch begins when its first one is durable") {
  TraceBuilder trace;
  trace.a_pair();
  const auto written = observe(trace, {ObservationKind::record_written});
  CHECK(written.size() == 8);  // EpochStarted, the session, joining and declared, on two disks
  const auto started = observe(trace, {ObservationKind::epoch_started});
  REQUIRE(started.size() == 1);
  CHECK(started[0].process == a);
  CHECK(started[0].epoch == Epoch{1});
  CHECK(started[0].lsn == Lsn{1});
}

TEST_CASE("A log is durable up to what was synced, under a name that is durable") {
  NodeLog log;
  const std::string first = records(1, 3);
  write(log, segment(1, 1, 1), 0, first, 1);
  CHECK(log.end() == Lsn{3});
  log.synced(sim::FileId{1}, 2);
  CHECK(log.durable_end() == Lsn{0});
  log.directory_synced(3);
  CHECK(log.durable_end() == Lsn{3});
  REQUIRE(log.durable().covering(0, Lsn{2}) != nullptr);
  CHECK(log.durable().covering(0, Lsn{2})->event == 3);

  write(log, segment(1, 1, 1), first.size(), records(4, 5), 4);
  CHECK(log.durable_end() == Lsn{3});
  write(log, segment(2, 1, 6), 0, records(6, 7), 5);  // the next segment
  log.synced(sim::FileId{2}, 6);
  log.directory_synced(7);
  CHECK(log.end() == Lsn{7});
  CHECK(log.durable_end() == Lsn{3});  // 4 and 5 are not synced
  log.synced(sim::FileId{1}, 8);
  CHECK(log.durable_end() == Lsn{7});
  CHECK(log.durable().covering(0, Lsn{5})->event == 8);
}

TEST_CASE("What a checkpoint covers is durable once its name is, or once it was read back") {
  NodeLog log;
  write(log, segment(1, 1, 1), 0, records(1, 2), 1);
  log.synced(sim::FileId{1}, 2);
  log.directory_synced(3);
  log.covered({1, Lsn{8}, 0});
  CHECK(log.durable().covering(0, Lsn{8}) == nullptr);
  SECTION("its name is durable") {
    log.directory_synced(4);
    REQUIRE(log.durable().covering(0, Lsn{8}) != nullptr);
    CHECK(log.durable().covering(0, Lsn{8})->event == 4);
  }
  SECTION("its name was lost in a crash") {
    log.restarted();
    log.directory_synced(4);
    CHECK(log.durable().covering(0, Lsn{8}) == nullptr);
  }
  SECTION("its name was kept in a crash") {
    log.restarted();
    log.read_checkpoint(1, Lsn{8}, 4);
    log.directory_synced(5);
    REQUIRE(log.durable().covering(0, Lsn{8}) != nullptr);
    CHECK(log.durable().covering(0, Lsn{8})->event == 4);
  }
}

TEST_CASE("S11 a checkpoint that is older than the log's first record does not come back for a newer one") {
  NodeLog log;
  log.covered({1, Lsn{6}, 0});  // no file holds the log yet
  write(log, segment(1, 1, 1), 0, records(1, 8), 1);
  log.synced(sim::FileId{1}, 2);
  log.covered({1, Lsn{8}, 0});
  log.directory_synced(3);
  REQUIRE(log.checkpoint() != nullptr);
  CHECK(log.checkpoint()->lsn == Lsn{8});
  log.pointed();  // the meta says that records have begun
  log.directory_synced(4);
  CHECK(log.checkpoint()->lsn == Lsn{8});
}

TEST_CASE("S6 a snapshot is kept once the meta that points to it is durable, or once it was read back") {
  constexpr Line later = 1;
  NodeLog log;
  write(log, segment(1, 1, 1), 0, records(1, 3), 1);
  log.synced(sim::FileId{1}, 2);
  log.directory_synced(3);
  log.covered({2, Lsn{8}, later});
  log.directory_synced(4);
  CHECK(log.checkpoint() == nullptr);
  CHECK(log.durable().covering(later, Lsn{8}) == nullptr);
  log.pointed();
  CHECK(log.checkpoint() == nullptr);
  SECTION("the meta is durable") {
    log.directory_synced(5);
    REQUIRE(log.checkpoint() != nullptr);
    CHECK(log.checkpoint()->lsn == Lsn{8});
    CHECK(log.durable().covering(later, Lsn{8})->event == 5);
    log.removed(sim::FileId{1}, 6);
    CHECK(log.end() == Lsn{8});
    CHECK(log.head() == later);
    SECTION("and the next checkpoint is the log's own") {
      log.covered({2, Lsn{9}, later});
      log.directory_synced(7);
      CHECK(log.checkpoint()->lsn == Lsn{9});
    }
  }
  SECTION("a crash has taken the meta's new name") {
    log.restarted();
    read(log, segment(1, 1, 1), records(1, 3), 5);
    log.directory_synced(6);
    CHECK(log.checkpoint() == nullptr);
    CHECK(log.end() == Lsn{3});
  }
  SECTION("a crash has left the meta's new name") {
    log.restarted();
    log.read_checkpoint(2, Lsn{8}, 5);
    REQUIRE(log.checkpoint() != nullptr);
    CHECK(log.durable().covering(later, Lsn{8})->event == 5);
  }
  SECTION("the disk is replaced while the node is down") {
    log.restarted();
    log.listed({});
    log.directory_synced(5);
    CHECK(log.checkpoint() == nullptr);
  }
}

TEST_CASE("The log goes on from its checkpoint, though a crash gave back an older segment") {
  constexpr Line later = 1;
  NodeLog log;
  write(log, segment(1, 1, 1), 0, records(1, 3), 1);
  log.directory_synced(2);
  log.covered({1, Lsn{8}, later});
  log.directory_synced(3);
  log.removed(sim::FileId{1}, 4);
  CHECK(log.end() == Lsn{8});

  log.restarted();
  read(log, segment(1, 1, 1), records(1, 3), 5);
  CHECK(log.end() == Lsn{8});
  CHECK(log.head() == later);
  log.removed(sim::FileId{1}, 6);
  CHECK(log.end() == Lsn{8});
  CHECK(log.head() == later);
  SECTION("a log that begins again is another") {
    write(log, segment(2, 2, 5), 0, records(5, 6), 7);
    CHECK(log.checkpoint() == nullptr);
    CHECK(log.end() == Lsn{6});
  }
  SECTION("a new disk has neither") {
    log.restarted();
    log.listed({});
    CHECK(log.checkpoint() == nullptr);
    CHECK(log.end() == Lsn{0});
  }
}

TEST_CASE("What a node has not come to is not missing, however often it begins again") {
  NodeLog log;
  const std::string bytes = records(1, 3);
  write(log, segment(1, 1, 1), 0, bytes, 1);
  CHECK(!log.reading_back());
  log.restarted();
  read(log, segment(1, 1, 1), bytes.substr(0, 10), 2);
  CHECK(log.reading_back());
  log.restarted();
  CHECK(log.reading_back());
  read(log, segment(1, 1, 1), bytes.substr(0, 10), 3);
  CHECK(log.reading_back());
  SECTION("until it has read all") {
    log.read(segment(1, 1, 1), 10, bytes.substr(10), 4);
    take_all(log);
    CHECK(!log.reading_back());
  }
  SECTION("until it writes") {
    write(log, segment(2, 2, 2), 0, records(2, 2), 4);
    CHECK(!log.reading_back());
  }
}

TEST_CASE("A record may come in two writes") {
  NodeLog log;
  const std::string bytes = records(1, 2);
  write(log, segment(1, 1, 1), 0, bytes.substr(0, bytes.size() - 5), 1);
  CHECK(log.end() == Lsn{1});
  write(log, segment(1, 1, 1), bytes.size() - 5, bytes.substr(bytes.size() - 5), 2);
  CHECK(log.end() == Lsn{2});
}

TEST_CASE("Cutting drops records, and retiring a segment does not") {
  NodeLog log;
  write(log, segment(1, 1, 1), 0, records(1, 3), 1);
  write(log, segment(2, 1, 4), 0, records(4, 6), 2);
  SECTION("a truncation") {
    log.truncated(sim::FileId{2}, records(4, 4).size(), 3);
    CHECK(log.end() == Lsn{4});
    CHECK(log.cut_line() == 0);
    CHECK(log.entry(Lsn{5}) == nullptr);
  }
  SECTION("the removal of all segments, in any order, when a checkpoint covers them") {
    write(log, segment(3, 1, 7), 0, records(7, 7), 3);
    log.covered({1, Lsn{6}, no_line});
    log.removed(sim::FileId{2}, 4);
    log.removed(sim::FileId{1}, 5);
    CHECK(log.first() == Lsn{7});
    CHECK(log.end() == Lsn{7});
    CHECK(log.cut_line() == no_line);
  }
  SECTION("the removal of the last segment") {
    log.removed(sim::FileId{2}, 3);
    CHECK(log.end() == Lsn{3});
    CHECK(log.cut_line() == 0);
  }
  SECTION("the removal of a segment that a checkpoint covers") {
    log.covered({1, Lsn{3}, no_line});
    log.removed(sim::FileId{1}, 3);
    CHECK(log.first() == Lsn{4});
    CHECK(log.end() == Lsn{6});
    CHECK(log.cut_line() == no_line);
  }
  SECTION("a segment begun over what stood there") {
    write(log, segment(3, 1, 5), 0, records(5, 5), 3);
    CHECK(log.end() == Lsn{5});
    CHECK(log.cut_line() == 0);
  }
  SECTION("another generation") {
    write(log, segment(3, 2, 41), 0, records(41, 41), 3);
    CHECK(log.first() == Lsn{41});
    CHECK(log.end() == Lsn{41});
    CHECK(log.cut_line() == no_line);
  }
}

TEST_CASE("After a restart the mirror holds what the node read back") {
  NodeLog log;
  const std::string bytes = records(1, 4);
  write(log, segment(1, 1, 1), 0, bytes, 1);
  log.synced(sim::FileId{1}, 2);
  log.directory_synced(3);
  const sim::EventIndex was_durable = log.durable().covering(0, Lsn{4})->event;
  log.restarted();
  std::string left = bytes.substr(0, records(1, 3).size() + 7);
  std::uint64_t expected = 3;
  SECTION("a torn tail") {}
  SECTION("a header that rotted") {
    left[records(1, 1).size() + 14] ^= 1;
    expected = 1;
  }
  read(log, segment(1, 1, 1), left, 9);
  CHECK(log.end() == Lsn{expected});
  CHECK(log.durable_end() == Lsn{expected});
  CHECK(log.durable().covering(0, Lsn{4})->event == was_durable);  // that it once was, stays true
}

TEST_CASE("What a node does not find when it begins is gone") {
  NodeLog log;
  write(log, segment(1, 1, 1), 0, records(1, 3), 1);
  write(log, segment(2, 1, 4), 0, records(4, 6), 2);
  log.synced(sim::FileId{1}, 3);
  log.synced(sim::FileId{2}, 3);
  log.directory_synced(4);
  log.covered({1, Lsn{5}, 0});
  log.directory_synced(5);
  const FileName first{FileKind::log, 1, Lsn{1}};
  const FileName second{FileKind::log, 1, Lsn{4}};
  const FileName checkpoint{FileKind::checkpoint, 1, Lsn{5}};
  log.restarted();
  SECTION("all is there") {
    log.listed({first, second, checkpoint});
    CHECK(log.durable_end() == Lsn{6});
    CHECK(log.checkpoint() != nullptr);
    log.listed({});  // asked for when it has begun: files may have come since
    CHECK(log.durable_end() == Lsn{6});
  }
  SECTION("an older copy of the disk, from before the second segment and the checkpoint") {
    log.listed({first});
    CHECK(log.checkpoint() == nullptr);
    CHECK(log.end() == Lsn{3});
    read(log, segment(1, 1, 1), records(1, 2), 6);
    CHECK(log.durable_end() == Lsn{2});
    write(log, segment(1, 1, 1), records(1, 2).size(), records(3, 3), 7);
    CHECK(log.end() == Lsn{3});
    CHECK(log.durable_end() == Lsn{2});  // of the copy, and not of the disk that it stands for
  }
  SECTION("nothing is there") {
    log.listed({});
    CHECK(log.checkpoint() == nullptr);
    CHECK(log.end() == Lsn{0});
    CHECK(log.head() == no_line);
    CHECK(log.generation() == 0);
  }
  CHECK(log.durable().covering(0, Lsn{6})->event == 4);  // that it once was, stays true
}

TEST_CASE("What was not synced counts as durable when it is read back after a crash of the machine, and not before") {
  NodeLog log;
  const std::string synced = records(1, 2);
  const std::string rest = records(3, 4);
  write(log, segment(1, 1, 1), 0, synced, 1);
  log.synced(sim::FileId{1}, 2);
  log.directory_synced(3);
  write(log, segment(1, 1, 1), synced.size(), rest, 4);
  SECTION("the machine crashed, and its disk has kept all of it") {
    log.decided(sim::FileId{1});
    CHECK(log.durable_end() == Lsn{2});
    log.restarted();
    CHECK(log.durable_end() == Lsn{2});
    read(log, segment(1, 1, 1), synced + rest, 5);
    CHECK(log.durable_end() == Lsn{4});
    CHECK(log.durable().covering(0, Lsn{4})->event == 5);
  }
  SECTION("the process alone ended: the bytes may stand in the machine's memory") {
    log.restarted();
    read(log, segment(1, 1, 1), synced + rest, 5);
    CHECK(log.end() == Lsn{4});
    CHECK(log.durable_end() == Lsn{2});
    log.synced(sim::FileId{1}, 6);
    CHECK(log.durable_end() == Lsn{4});
  }
}

TEST_CASE("Reading a tail for a comer changes nothing") {
  NodeLog log;
  const std::string bytes = records(1, 4);
  write(log, segment(1, 1, 1), 0, bytes, 1);
  read(log, segment(1, 1, 1), bytes.substr(0, 20), 2);
  CHECK(log.end() == Lsn{4});
}

TEST_CASE("What rotted at rest is no disagreement") {
  TraceBuilder trace;
  trace.a_pair();
  trace.appends(a, put(1, "x", "a value of some length"));
  trace.syncs(a);
  std::vector<TraceEvent> events = trace.events();
  TraceBuilder after = trace;
  after.loses_unsynced(a);
  events = after.events();
  std::string rotten = events.back().payload.string();
  rotten[rotten.size() - 3] ^= 4;
  events.back().payload = Bytes::copy(rotten);
  after.copies(a, b);  // from before the rot
  const std::vector<TraceEvent>& rest = after.events();
  events.insert(events.end(), rest.begin() + static_cast<std::ptrdiff_t>(events.size()), rest.end());
  Properties properties(after.cast());
  properties.observe(events, after.files());
  CHECK(properties.violations().empty());
}

TEST_CASE("Fingerprints do not depend on how the bytes are cut, and differ by a bit") {
  const std::string bytes = records(1, 3);
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    Fingerprint fingerprint;
    fingerprint.take(std::string_view(bytes).substr(0, cut));
    fingerprint.take(std::string_view(bytes).substr(cut));
    REQUIRE(fingerprint.value() == Fingerprint::of(bytes));
  }
  std::string other = bytes;
  other[bytes.size() / 2] ^= 1;
  CHECK(Fingerprint::of(other) != Fingerprint::of(bytes));
  CHECK(Fingerprint::of(bytes + '\0') != Fingerprint::of(bytes));
}

}  // namespace smalldb::properties
