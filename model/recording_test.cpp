#include "model/recording.h"

#include <rapidcheck/catch.h>
#include <catch2/catch.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "model/host_side.h"

namespace smalldb {
namespace {

const Moment noon{Instant{12'000'000'001}, WallTime{1'700'000'000'000'000'000}};

// One of each kind, and those with more than one form in each.
std::vector<Event> all_events() {
  const auto files =
      std::make_shared<const std::vector<FileEntry>>(std::vector<FileEntry>{{"log-1", 4096}, {"meta", 48}});
  return {Started{{1, ~std::uint64_t{0}}},
          TimerFired{TimerId{2}},
          HostEvents::accepted(Link{1ull << 40}, ProcessId{0xabcdef01}, Port::replication),
          Connected{Link{3}},
          Closed{Link{3}, CloseReason::timed_out},
          Received{Link{4}, Bytes::copy("some bytes of a stream")},
          DatagramReceived{ProcessId{5}, Bytes::copy("beat")},
          DiskDone{DiskToken{1ull << 60}, DiskStatus::no_space, {}, nullptr},
          DiskDone{DiskToken{6}, DiskStatus::ok, Bytes::copy("what was read"), nullptr},
          DiskDone{DiskToken{7}, DiskStatus::ok, {}, files},
          Input{Bytes::copy("promote")}};
}

RecordedMachine some_machine() {
  RecordedMachine machine;
  machine.node.self = ProcessId{7};
  machine.node.nodes = {ProcessId{7}, ProcessId{0xfffffff0}};
  machine.node.arbiter_kind = ArbiterKind::shared_lock;
  machine.node.may_found = true;
  machine.node.settings.log_buffer_bytes = 12345;
  machine.program = "smalldb-server 1";
  machine.names = {{ProcessId{7}, "a.example:7001"}};
  return machine;
}

std::string recording_of(const std::vector<RecordingFrame>& frames) {
  std::string bytes(recording_magic);
  for (const RecordingFrame& frame : frames) bytes += encode_recording_frame(frame);
  return bytes;
}

std::vector<RecordingFrame> whole_life() {
  std::vector<RecordingFrame> frames{some_machine()};
  for (const Event& event : all_events()) frames.emplace_back(RecordedStep{noon, event, 0xfeedbeef});
  frames.emplace_back(RecordedName{ProcessId{9}, "b.example:7001"});
  frames.emplace_back(RecordedFailure{noon, TimerFired{TimerId{1}}, "store.cpp:17: applied < lsn 3 4"});
  frames.emplace_back(RecordedEnd{RecordedEnd::Why::bound_reached});
  return frames;
}

// Frames read back, as bytes again, and how the reading ended.
struct Read {
  std::vector<std::string> frames;
  RecordingReader::State state = RecordingReader::State::whole;
  std::size_t position = 0;
};
Read read(std::string_view bytes) {
  RecordingReader reader(bytes);
  Read all;
  while (const auto frame = reader.next()) all.frames.push_back(encode_recording_frame(*frame));
  all.state = reader.state();
  all.position = reader.position();
  return all;
}

std::vector<std::string> encoded(const std::vector<RecordingFrame>& frames) {
  std::vector<std::string> all;
  for (const RecordingFrame& frame : frames) all.push_back(encode_recording_frame(frame));
  return all;
}

TEST_CASE("a recording reads back as it was written") {
  const std::string bytes = recording_of(whole_life());
  const Read all = read(bytes);
  CHECK(all.frames == encoded(whole_life()));
  CHECK(all.state == RecordingReader::State::whole);
  CHECK(all.position == bytes.size());

  RecordingReader reader(bytes);
  const auto machine = std::get<RecordedMachine>(*reader.next());
  CHECK(machine.self() == ProcessId{7});
  CHECK(machine.node.nodes == some_machine().node.nodes);
  CHECK(machine.node.settings == some_machine().node.settings);
  CHECK(machine.names == some_machine().names);
  const auto started = std::get<RecordedStep>(*reader.next());
  CHECK(started.moment.now == noon.now);
  CHECK(started.moment.wall == noon.wall);
  CHECK(std::get<Started>(started.event).entropy[1] == ~std::uint64_t{0});
  CHECK(started.effects == 0xfeedbeef);
}

TEST_CASE("a recording of a process that died is good up to its last whole frame") {
  const std::vector<RecordingFrame> life = whole_life();
  const std::vector<std::string> frames = encoded(life);
  const std::string bytes = recording_of(life);
  for (std::size_t size = recording_magic.size(); size < bytes.size(); ++size) {
    // Cut short; and with room behind it that had been made and not been written to.
    for (const std::string& left : {bytes.substr(0, size), bytes.substr(0, size) + std::string(4096, '\0')}) {
      std::size_t whole = 0, end = recording_magic.size();
      while (left.compare(end, frames[whole].size(), frames[whole]) == 0) end += frames[whole++].size();
      const Read all = read(left);
      REQUIRE(all.frames == std::vector<std::string>(frames.begin(), frames.begin() + static_cast<long>(whole)));
      REQUIRE(all.position == end);
      REQUIRE(
          (all.state == RecordingReader::State::torn || (size <= end && all.state == RecordingReader::State::whole)));
    }
  }
}

TEST_CASE("a damaged frame ends the reading, and is told from a torn one") {
  std::string bytes = recording_of(whole_life());
  const std::size_t in_the_first = recording_magic.size() + 8 + 3;
  bytes[in_the_first] = static_cast<char>(bytes[in_the_first] ^ 1);
  const Read all = read(bytes);
  CHECK(all.frames.empty());
  CHECK(all.state == RecordingReader::State::damaged);
  CHECK(all.position == recording_magic.size());
}

TEST_CASE("what is no recording is told so") {
  for (const std::string_view bytes : {"", "SMDBREC", "name: split brain\n"}) {
    CHECK(read(bytes).state == RecordingReader::State::no_recording);
  }
}

TEST_CASE("any bytes behind the magic word are read to an end") {
  rc::prop("any bytes", [](const std::string& any) {
    const Read all = read(std::string(recording_magic) + any);
    RC_ASSERT(all.position <= recording_magic.size() + any.size());
  });
}

TEST_CASE("the fingerprint tells effects apart") {
  HostEffects one;
  one.note({1, 2, 3, 4, 5, 6, Bytes::copy("text")});
  one.write(DiskToken{1}, "log-1", 10, Bytes::copy("abc"));
  one.set_timer(TimerId{1}, Instant{5});
  const std::uint32_t before = fingerprint(one.recorded());

  std::get<effect::Note>(one.recorded()[0]).b = 7;
  CHECK(fingerprint(one.recorded()) != before);
  std::get<effect::Note>(one.recorded()[0]).b = 6;
  CHECK(fingerprint(one.recorded()) == before);
  std::swap(one.recorded()[0], one.recorded()[2]);
  CHECK(fingerprint(one.recorded()) != before);
  std::swap(one.recorded()[0], one.recorded()[2]);
  std::get<effect::Disk>(one.recorded()[1]).bytes = Bytes::copy("abd");
  CHECK(fingerprint(one.recorded()) != before);
}

}  // namespace
}  // namespace smalldb
