// Every fault does something, and the ledger says what; processes go down and come back.
#include "sim/fault.h"

#include <catch2/catch.hpp>

#include "sim/fault_ledger.h"
#include "sim/test_machines.h"

namespace smalldb::sim {
namespace {

// Exercises everything that a fault can strike: streams both ways, datagrams, the disk, timers, the clock.
void exercise(Stage& stage) {
  for (const char* order : {"connect 1", "send 0123456789", "datagram 1 x", "fill wal 0 2048 x", "sync wal",
                            "read wal 0 2048", "timer 0 1000", "clocks", "close"}) {
    for (int i = 0; i < 12; ++i) stage.ask(a, order);
    stage.run();
  }
}

Fault example(FaultKind kind) {
  Fault fault;
  fault.kind = kind;
  fault.ratio = {1, 2};
  fault.size = kind == FaultKind::disk_full ? 100 : 1000;
  fault.delay = constant(microseconds(50));
  fault.step = seconds(-1);
  fault.drift = 1000;
  return fault;
}

TEST_CASE("every kind of fault leaves an effect that is counted, and traced with the event affected") {
  for (std::size_t i = 0; i < fault_kinds; ++i) {
    const auto kind = static_cast<FaultKind>(i);
    CAPTURE(name(kind));
    Stage stage(2);
    stage.tell(a, "fill old 0 4096 o");
    stage.tell(a, "connect 1");
    if (kind == FaultKind::queue_limit) stage.inject({.kind = FaultKind::bandwidth, .size = 100});
    Fault fault = example(kind);
    if (kind == FaultKind::queue_limit) fault.size = 12;
    const FaultId id = stage.inject(fault);
    exercise(stage);
    stage.tell(a, "read old 0 4096");
    if (kind == FaultKind::saved_disk) stage.inject({.kind = FaultKind::old_disk});
    stage.end(id);
    stage.run();
    CHECK(stage.effects(id) > 0);
    std::uint64_t traced = 0;
    for (const TraceEvent& event : stage.trace) {
      if (event.kind != EventKind::fault_took_effect || event.a != static_cast<std::uint64_t>(id)) continue;
      ++traced;
      CHECK(event.b == static_cast<std::uint64_t>(kind));
      CHECK(event.cause < event.index);
    }
    CHECK(traced == stage.effects(id));
    CHECK_FALSE(stage.world.faults()[static_cast<std::size_t>(id)].active);
  }
}

TEST_CASE("a fault that finds nothing to strike has no effect, and the ledger shows it") {
  for (std::size_t i = 0; i < fault_kinds; ++i) {
    const auto kind = static_cast<FaultKind>(i);
    CAPTURE(name(kind));
    Stage stage(2);
    // What brings processes down finds them down; all others find them idle, and their disks empty.
    const bool brings_down = kind <= FaultKind::power_failure;
    if (brings_down) {
      stage.tell(a, "stop it");
      stage.tell(b, "stop it");
    }
    const FaultId id = stage.inject(example(kind));
    stage.run_for(seconds(1));
    stage.end(id);
    CHECK(stage.effects(id) == 0);
    CHECK(stage.count(EventKind::fault_took_effect) == 0);
    CHECK(stage.count(EventKind::fault_injected) == 1);
    CHECK(stage.count(EventKind::fault_ended) == 1);
  }
}

TEST_CASE("a copy of a disk counts when it is put back, and only if the disk has changed since") {
  Stage stage(1);
  stage.tell(a, "write_synced f 0 first");
  stage.tell(a, "sync_directory");
  const FaultId unused = stage.inject({.kind = FaultKind::saved_disk, .process = a});
  const FaultId saved = stage.inject({.kind = FaultKind::saved_disk, .process = a});
  const FaultId same = stage.inject({.kind = FaultKind::old_disk, .process = a});
  CHECK(stage.effects(saved) == 0);
  CHECK(stage.effects(same) == 0);
  stage.tell(a, "write f 0 other");  // in the cache, but that is what the process reads
  const FaultId old = stage.inject({.kind = FaultKind::old_disk, .process = a});
  CHECK(stage.effects(unused) == 0);
  CHECK(stage.effects(saved) == 1);
  CHECK(stage.effects(old) == 1);
  CHECK(*stage.world.visible(a, "f") == "first");
}

TEST_CASE("a pause counts with the first event that it holds back") {
  Stage stage(1);
  const FaultId idle = stage.inject({.kind = FaultKind::pause, .process = a});
  stage.end(idle);
  const FaultId pause = stage.inject({.kind = FaultKind::pause, .process = a});
  CHECK(stage.effects(pause) == 0);
  stage.ask(a, "note late");
  stage.ask(a, "note later");
  stage.run();
  CHECK(stage.count(EventKind::note) == 0);
  CHECK(stage.effects(idle) == 0);
  CHECK(stage.effects(pause) == 1);
  stage.end(pause);
  stage.run();
  CHECK(stage.count(EventKind::note) == 2);
}

TEST_CASE("what is being written in a crash that tears reaches the disk at least in part") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    WorldSettings settings = Stage::puppets(1);
    settings.seed = seed;
    Stage stage(settings);
    stage.ask(a, "fill wal 0 65536 x");
    stage.run_before(EventKind::disk_written);
    stage.inject({.kind = FaultKind::crash, .process = a, .unsynced = Unsynced::subset});
    CHECK(stage.count(EventKind::disk_kept) > 0);
  }
}

TEST_CASE("a fault strikes where it is told to, and nowhere else") {
  Stage stage(2);
  const FaultId id = stage.inject({.kind = FaultKind::phantom_write, .process = a, .file = "wal-*"});
  stage.tell(b, "write wal-1 0 x");
  stage.tell(a, "write other 0 x");
  CHECK(stage.effects(id) == 0);
  stage.tell(a, "write wal-1 0 x");
  CHECK(stage.effects(id) == 1);
}

TEST_CASE("a fault with a number of times takes effect so often and no more") {
  Stage stage(2);
  const FaultId id = stage.inject({.kind = FaultKind::loss, .times = 3});
  for (int i = 0; i < 10; ++i) stage.tell(a, "datagram 1 x");
  CHECK(stage.effects(id) == 3);
  CHECK(stage.count(EventKind::datagram_received) == 7);
}

TEST_CASE("a fault with a duration ends by itself") {
  Stage stage(2);
  stage.inject({.kind = FaultKind::cut, .duration = milliseconds(10)});
  stage.run();
  CHECK(stage.world.now() == Time{} + milliseconds(10));
  CHECK(stage.last(EventKind::fault_ended)->cause == no_event);
  stage.tell(a, "datagram 1 x");
  CHECK(stage.count(EventKind::datagram_received) == 1);
}

TEST_CASE("names of files match patterns with stars") {
  CHECK(FaultLedger::matches("", "anything"));
  CHECK(FaultLedger::matches("*", ""));
  CHECK(FaultLedger::matches("wal-*.log", "wal-17.log"));
  CHECK(FaultLedger::matches("*7*g", "wal-17.log"));
  CHECK_FALSE(FaultLedger::matches("wal", "wal-17.log"));
  CHECK_FALSE(FaultLedger::matches("*.tmp", "wal-17.log"));
}

// ---- Processes ------------------------------------------------------------------------------------------------------

TEST_CASE("a crashed process starts again when its fault ends, as another incarnation with fresh entropy") {
  Stage stage(1);
  const FaultId crash = stage.inject({.kind = FaultKind::crash, .process = a});
  CHECK(stage.world.state(a) == ProcessState::down);
  stage.tell(a, "note lost");
  CHECK(stage.count(EventKind::note) == 0);
  stage.end(crash);
  stage.run();
  CHECK(stage.world.state(a) == ProcessState::running);
  CHECK(stage.world.incarnation(a) == 2);
  CHECK(stage.last(EventKind::started)->a == 2);
}

TEST_CASE("peek shows a pause's effect with the pause as its cause, not what it holds back") {
  Stage stage(1);
  stage.run();
  stage.world.inject({.kind = FaultKind::pause, .process = a});
  const TraceEvent paused = stage.world.events().back();
  REQUIRE(paused.kind == EventKind::paused);
  stage.world.schedule_input(a, stage.world.now(), Bytes::copy("word"));
  const TraceEvent* const next = stage.world.peek();
  REQUIRE(next != nullptr);
  CHECK(next->kind == EventKind::fault_took_effect);
  CHECK(next->cause == paused.index);
  const TraceEvent held = stage.world.step().front();
  CHECK(held.kind == EventKind::fault_took_effect);
  CHECK(held.cause == paused.index);
}

TEST_CASE("a crash before a process has started takes effect when the process would have started, and delays it") {
  WorldSettings settings = Stage::puppets(1);
  settings.processes[0].starts_at = Time{} + seconds(2);
  World world(settings);
  const FaultId crash = world.inject({.kind = FaultKind::crash, .process = a});
  CHECK(world.faults()[0].effects == 0);

  const TraceEvent* const next = world.peek();
  REQUIRE(next != nullptr);
  CHECK(next->kind == EventKind::fault_took_effect);
  const TraceEvent prevented = world.step().front();
  CHECK(prevented.kind == EventKind::fault_took_effect);
  CHECK(prevented.process == a);
  CHECK(prevented.time == Time{} + seconds(2));
  CHECK(world.faults()[0].effects == 1);
  CHECK(world.state(a) == ProcessState::down);
  CHECK(world.peek() == nullptr);

  world.end(crash);
  CHECK(world.step().front().kind == EventKind::started);
}

TEST_CASE("two faults that keep a process down: it starts when both are over") {
  Stage stage(1);
  const FaultId first = stage.inject({.kind = FaultKind::crash, .process = a});
  const FaultId second = stage.inject({.kind = FaultKind::power_failure});
  stage.end(first);
  stage.run();
  CHECK(stage.world.state(a) == ProcessState::down);
  stage.end(second);
  stage.run();
  CHECK(stage.world.state(a) == ProcessState::running);
}

TEST_CASE("a crash takes its timers with it") {
  Stage stage(1);
  stage.ask(a, "timer 0 1000000");
  stage.run_before(EventKind::timer_fired);
  stage.end(stage.inject({.kind = FaultKind::crash, .process = a}));
  stage.run();
  CHECK(stage.count(EventKind::timer_fired) == 0);
}

TEST_CASE("an event that was about to happen does not happen to a process that crashes before it") {
  Stage stage(2);
  stage.tell(a, "connect 1");
  stage.ask(a, "send acknowledgement");
  REQUIRE(stage.run_before(EventKind::received));
  CHECK(stage.world.peek()->payload.view() == "acknowledgement");
  stage.inject({.kind = FaultKind::crash, .process = b});
  stage.run();
  CHECK(stage.said(EventKind::stream_lost) == "acknowledgement");
  CHECK(stage.heard(b) == "");
}

TEST_CASE("what comes for a paused process waits, and comes in order when it goes on") {
  Stage stage(2);
  stage.tell(a, "connect 1");
  const FaultId pause = stage.inject({.kind = FaultKind::pause, .process = b});
  CHECK(stage.world.state(b) == ProcessState::paused);
  for (const char* order : {"send 1", "send 2", "datagram 1 x", "send 3"}) stage.tell(a, order);
  CHECK(stage.heard(b) == "");
  stage.run_for(seconds(60));
  stage.end(pause);
  const Time resumed = stage.world.now();
  stage.run();
  CHECK(stage.heard(b) == "123");
  CHECK(stage.count(EventKind::datagram_received) == 1);
  CHECK(stage.last(EventKind::received)->time == resumed);
  CHECK(stage.count(EventKind::closed) == 0);  // its operating system went on answering
}

TEST_CASE("a timer that is cancelled or moved while its process cannot take it does not fire") {
  WorldSettings settings = Stage::puppets(1);
  settings.processes[0].step_cost = constant(milliseconds(1));
  Stage stage(settings);
  stage.ask(a, "timer 0 1500000");
  stage.ask(a, "note busy");
  stage.ask(a, "cancel 0");
  stage.run();
  CHECK(stage.count(EventKind::timer_fired) == 0);
}

TEST_CASE("a slow process takes one event after the other") {
  WorldSettings settings = Stage::puppets(1);
  settings.processes[0].step_cost = constant(milliseconds(1));
  Stage stage(settings);
  for (int i = 0; i < 5; ++i) stage.ask(a, "note x");
  stage.run();
  CHECK(stage.last(EventKind::note)->time == Time{} + milliseconds(5));
}

TEST_CASE("a process that stops itself stays down until it is started, and its machine keeps what was not synced") {
  Stage stage(1);
  stage.tell(a, "write wal 0 unsynced");
  stage.tell(a, "stop reason");
  CHECK(stage.said(EventKind::stopped) == "reason");
  CHECK(stage.world.state(a) == ProcessState::stopped);
  CHECK(stage.count(EventKind::disk_kept) + stage.count(EventKind::disk_lost) == 0);
  stage.world.start(a);
  stage.run();
  stage.tell(a, "read wal 0 100");
  CHECK(stage.said(EventKind::report) == "disk 0 unsynced");
  CHECK(stage.world.state(a) == ProcessState::running);
}

TEST_CASE("an assertion that fails in a machine is an event with its message, and the rest of the world goes on") {
  Stage stage(2);
  stage.tell(a, "fail");
  CHECK(stage.said(EventKind::assertion_failed).find("verb != \"fail\"") != std::string::npos);
  CHECK(stage.world.state(a) == ProcessState::stopped);
  stage.tell(b, "note alive");
  CHECK(stage.said(EventKind::note) == "alive");
}

TEST_CASE("an exception that leaves a machine is told as an assertion that fails") {
  Stage stage(2);
  stage.tell(a, "throw boom");
  CHECK(stage.said(EventKind::assertion_failed) == "an exception: boom");
  CHECK(stage.world.state(a) == ProcessState::stopped);
  stage.tell(b, "note alive");
  CHECK(stage.said(EventKind::note) == "alive");
}

TEST_CASE("a power failure takes every process, and what the shared volume had not synced") {
  Stage stage(2);
  stage.tell(a, "write_synced f 0 old @shared");
  stage.tell(a, "sync_directory @shared");
  stage.tell(a, "write f 0 new @shared");
  const FaultId power = stage.inject({.kind = FaultKind::power_failure, .unsynced = Unsynced::lost});
  CHECK(stage.count(EventKind::crashed) == 2);
  stage.end(power);
  stage.run();
  CHECK(*stage.world.visible(shared_volume, "f") == "old");
}

}  // namespace
}  // namespace smalldb::sim
