#include "reports/sentences.h"

#include <catch2/catch.hpp>
#include <set>
#include <string>

#include "model/notes.h"
#include "reports/test_support.h"

namespace smalldb::reports {

TEST_CASE("every kind of fault has words of its own") {
  const TestNames names;
  std::set<std::string> seen;
  for (std::size_t kind = 0; kind < sim::fault_kinds; ++kind) {
    sim::Fault fault;
    fault.kind = static_cast<sim::FaultKind>(kind);
    const std::string text = fault_text(fault, names);
    CAPTURE(kind, text);
    CHECK(text.size() > text.find(": ") + 2);
    CHECK(seen.insert(text).second);
  }
}

TEST_CASE("every kind of note has words of its own") {
  const TestNames names;
  std::set<std::string> seen;
  for (std::uint16_t kind = 0; kind <= static_cast<std::uint16_t>(NoteKind::stopped); ++kind) {
    const std::string text = note_text({kind, 0, 0, 0, 1, 1, Bytes::copy("why")}, a, names);
    CAPTURE(kind, text);
    CHECK(text.find("says") == std::string::npos);
    CHECK(seen.insert(text).second);
  }
}

TEST_CASE("every kind of event has words of its own") {
  TestNames names;
  names.faults.emplace_back();
  std::set<std::string> seen;
  for (std::size_t kind = 0; kind < sim::event_kinds; ++kind) {
    sim::TraceEvent event;
    event.kind = static_cast<sim::EventKind>(kind);
    event.process = a;
    event.peer = b;
    event.file = sim::FileId{0};
    event.payload = Bytes::copy("why");
    const std::string text = event_text(event, names);
    CAPTURE(kind, text);
    CHECK(text.find('_') == std::string::npos);  // as a kind's name
    // What is sent, and what is heard, are two ways each.
    const bool has_another_way = event.kind == sim::EventKind::replied || event.kind == sim::EventKind::datagram_sent ||
                                 event.kind == sim::EventKind::datagram_received;
    CHECK(seen.insert(text).second != has_another_way);
  }
}

TEST_CASE("what is done to a file is told with the volume that is not the machine's own") {
  const TestNames names;
  sim::TraceEvent event;
  event.kind = sim::EventKind::disk_read;
  event.process = a;
  event.file = sim::FileId{0};
  CHECK(event_text(event, names) == "a reads log-1-1");
  event.volume = Volume::shared;
  CHECK(event_text(event, names) == "a reads log-1-1 of the shared volume");
  event.b = static_cast<std::uint64_t>(DiskStatus::not_found);
  CHECK(event_text(event, names) == "a cannot read log-1-1 of the shared volume: not_found");
  event.kind = sim::EventKind::disk_linked;
  event.payload = Bytes::copy(std::string_view("claim-a\0epoch-2", 15));
  CHECK(event_text(event, names) == "a links claim-a as epoch-2 of the shared volume");
}

TEST_CASE("S12 what is ignored is told with its reason and its kind") {
  const TestNames names;
  const auto kind = static_cast<std::uint16_t>(NoteKind::ignored);
  const auto reason = static_cast<std::uint64_t>(IgnoreReason::other_incarnation);
  CHECK(note_text({kind, 0, 0, 0, reason, 12, {}}, a, names) == "a ignores heartbeat: other_incarnation");
}

TEST_CASE("faults say where, which files and how often") {
  TestNames names;
  CHECK(fault_text({.kind = sim::FaultKind::cut, .links = sim::both_ways({a}, {b})}, names) ==
        "a <-> b: nothing passes");
  CHECK(fault_text({.kind = sim::FaultKind::loss,
                    .links = sim::one_way({a}, {b}),
                    .packets = sim::Packets::datagrams,
                    .ratio = {1, 2}},
                   names) == "a -> b: datagrams are lost (1/2)");
  CHECK(fault_text({.kind = sim::FaultKind::bit_rot, .process = b, .file = "log-*", .ratio = {1, 10}}, names) ==
        "b, files log-*: bits of the disk flip (1/10 of the sectors)");
  CHECK(fault_text({.kind = sim::FaultKind::disk_full, .process = a, .volume = Volume::shared}, names) ==
        "a (shared volume): the disk is full");
  CHECK(fault_text({.kind = sim::FaultKind::disk_full, .process = a, .size = 1}, names) ==
        "a: the disk holds 1 byte and no more");
  CHECK(fault_text({.kind = sim::FaultKind::queue_limit, .links = sim::one_way({a}, {b}), .size = 20}, names) ==
        "a -> b: no more than 20 bytes may wait");
  CHECK(fault_text({.kind = sim::FaultKind::clock_step, .process = a, .step = seconds(-3)}, names) ==
        "a: the wall clock jumps back by 3 s");
  CHECK(fault_text({.kind = sim::FaultKind::power_failure}, names) == "everywhere: the power fails");
  CHECK(fault_text({.kind = sim::FaultKind::sync_failure, .process = b}, names) == "b: syncs fail (always)");
  CHECK(fault_text({.kind = sim::FaultKind::sync_failure, .process = b, .times = 1}, names) ==
        "b: syncs fail, once at most");
  CHECK(fault_text({.kind = sim::FaultKind::loss, .times = 3, .ratio = {1, 20}}, names) ==
        "all links: packets are lost (1/20), 3 times at most");
}

}  // namespace smalldb::reports
