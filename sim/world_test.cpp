// A world is a value, a run is a function of its settings, and a trace tells causes.
#include "sim/world.h"

#include <catch2/catch.hpp>

#include "sim/test_machines.h"
#include "sim/trace_hash.h"

namespace smalldb::sim {
namespace {

// A world in which much goes on at once: games of ping-pong under loss, and puppets that write and crash.
WorldSettings busy(std::uint64_t seed) {
  WorldSettings settings = Stage::puppets(3, seed);
  settings.processes.push_back({.name = "ping", .pattern = std::make_shared<PingPong>(ProcessId{4})});
  settings.processes.push_back({.name = "pong", .pattern = std::make_shared<PingPong>(ProcessId{3})});
  settings.network.link.loss = {1, 20};
  settings.network.chunking = seed % 3 == 0 ? Chunking::random_pieces : Chunking::whole_messages;
  settings.ties = seed % 2 == 0 ? TieOrder::insertion : seed % 3 == 0 ? TieOrder::priorities : TieOrder::shuffled;
  settings.processes[1].clock.drift = 1'000'000;
  settings.processes[2].step_cost = uniform({}, microseconds(50));
  return settings;
}

// Whatever may be done to a world, drawn: the same for the same numbers.
void disturb(World& world, std::uint64_t seed, std::uint64_t n) {
  const std::uint64_t drawn = draw(seed, Chance::workload, Key{1}, n);
  const ProcessId process{static_cast<std::uint32_t>(below(again(drawn), 3))};
  const Time now = world.now();
  const auto ask = [&](std::string_view order) { world.schedule_input(process, now, Bytes::copy(order)); };
  switch (below(drawn, 16)) {
    case 0: world.schedule_input(ProcessId{3}, now, Bytes::copy("\x20")); break;
    case 1: ask("connect 1"); break;
    case 2: ask("send message"); break;
    case 3: ask("datagram 2 datagram"); break;
    case 4: ask("timer 1 70000"); break;
    case 5: ask("fill wal 100 3000 x"); break;
    case 6: ask("sync wal"); break;
    case 7: ask("write_synced log 0 record"); break;
    case 8: ask("rename log wal"); break;
    case 9: ask("sync_directory"); break;
    case 10: ask("read wal 0 4096"); break;
    case 11: {
      Fault fault{.kind = FaultKind::crash, .duration = microseconds(300)};
      fault.process = process;
      fault.silent = hits(drawn, {1, 2});
      world.inject(fault);
      break;
    }
    default: {
      Fault fault;
      fault.kind = static_cast<FaultKind>(below(again(again(drawn)), fault_kinds));
      fault.process = process;
      fault.duration = microseconds(800);
      fault.ratio = {1, 3};
      fault.size = 4000;
      fault.delay = uniform({}, microseconds(200));
      fault.step = milliseconds(-3);
      fault.drift = 1000;
      world.inject(fault);
    }
  }
}

void play(World& world, std::uint64_t seed, std::uint64_t from, std::uint64_t to) {
  for (std::uint64_t n = from; n < to; ++n) {
    disturb(world, seed, n);
    for (int i = 0; i < 8; ++i) world.step();
  }
}

std::vector<std::uint64_t> run_to_the_end(World& world, std::uint64_t limit = 20'000) {
  std::vector<std::uint64_t> hashes;
  for (std::uint64_t i = 0; i < limit && !world.step().empty(); ++i) hashes.push_back(world.hash());
  return hashes;
}

TEST_CASE("the same settings treated alike give the same trace") {
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    World one(busy(seed));
    World other(busy(seed));
    play(one, seed, 0, 60);
    play(other, seed, 0, 60);
    REQUIRE(one.hash() == other.hash());
    REQUIRE(run_to_the_end(one) == run_to_the_end(other));
    CHECK(one.event_count() == other.event_count());
  }
}

TEST_CASE("another seed gives another trace") {
  World one(busy(2));
  World other(busy(8));
  play(one, 1, 0, 10);
  play(other, 1, 0, 10);
  CHECK(one.hash() != other.hash());
}

TEST_CASE("a world that was forked at any instant goes on as the other does, and neither disturbs the other") {
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    const std::uint64_t instant = 1 + below(draw(seed, Chance::workload, Key{2}, 0), 50);
    World undisturbed(busy(seed));
    play(undisturbed, seed, 0, 60);
    World world(busy(seed));
    play(world, seed, 0, instant);
    World branch = world;
    play(branch, seed + 1000, instant, 60);  // somewhere else
    run_to_the_end(branch);
    World twin = world;
    play(world, seed, instant, 60);
    play(twin, seed, instant, 60);
    REQUIRE(world.hash() == undisturbed.hash());
    REQUIRE(twin.hash() == undisturbed.hash());
    REQUIRE(run_to_the_end(world) == run_to_the_end(twin));
  }
}

TEST_CASE("to peek changes nothing") {
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    World one(busy(seed));
    World other(busy(seed));
    play(one, seed, 0, 40);
    play(other, seed, 0, 40);
    for (int i = 0; i < 2'000; ++i) {
      other.peek();
      other.peek();
      one.step();
      other.step();
    }
    CHECK(one.hash() == other.hash());
  }
}

TEST_CASE("what peek shows is what step does, faults apart") {
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    World world(busy(seed));
    play(world, seed, 0, 40);
    for (const TraceEvent* next = world.peek(); next; next = world.peek()) {
      const TraceEvent expected = *next;
      const auto events = world.step();
      REQUIRE_FALSE(events.empty());
      const TraceEvent& first = events[0];
      CHECK(first.index == expected.index);
      CHECK(first.time == expected.time);
      if (expected.kind == EventKind::disk_synced || first.kind == EventKind::disk_failed) continue;
      CHECK(name(first.kind) == name(expected.kind));
      CHECK(first.process == expected.process);
      const bool is_of_names = expected.kind == EventKind::disk_renamed || expected.kind == EventKind::disk_linked;
      if (expected.kind != EventKind::received && !is_of_names) continue;
      CHECK(first.payload == expected.payload);
      if (!is_of_names) CHECK(first.cause == expected.cause);
    }
  }
}

TEST_CASE("every event has a cause that came before it, and time never goes back") {
  World world(busy(4));
  Time before;
  EventIndex next = 0;
  const auto check = [&](std::span<const TraceEvent> events) {
    for (const TraceEvent& event : events) {
      REQUIRE(event.index == next++);
      REQUIRE((event.cause == no_event || event.cause < event.index));
      REQUIRE(event.time >= before);
      before = event.time;
    }
  };
  for (std::uint64_t n = 0; n < 200; ++n) {
    const std::uint64_t count = world.event_count();
    disturb(world, 4, n);
    if (world.event_count() != count) check(world.events());
    for (int i = 0; i < 8; ++i) check(world.step());
  }
  CHECK(next > 500);
}

TEST_CASE("a pinned decision changes that one and leaves all others as they were") {
  const auto arrivals_with = [](std::vector<Pin> pins) {
    WorldSettings settings = Stage::puppets(2);
    settings.pins = std::move(pins);
    Stage stage(settings);
    for (int i = 0; i < 20; ++i) stage.ask(a, "datagram 1 x");
    stage.run();
    std::vector<std::pair<std::uint64_t, Time>> arrivals;
    for (const TraceEvent& event : stage.trace) {
      if (event.kind == EventKind::datagram_received) arrivals.push_back({event.a, event.time});
    }
    std::sort(arrivals.begin(), arrivals.end(), [](const auto& x, const auto& y) { return x.first < y.first; });
    return arrivals;
  };
  const auto free = arrivals_with({});
  const auto pinned = arrivals_with({{{Chance::latency, key_of(key_of("a"), key_of("b")), 7}, 0}});
  REQUIRE(free.size() == pinned.size());
  for (std::size_t i = 0; i < free.size(); ++i) CHECK((free[i] == pinned[i]) == (i != 7));
  CHECK(pinned[7].second == Time{} + microseconds(100));
}

TEST_CASE("an hour of play takes no more memory than a minute") {
  WorldSettings settings = busy(2);
  settings.network.link.latency = constant(milliseconds(100));
  World world(settings);
  const auto play_until = [&](Time until) {
    while (world.now() < until) {
      world.schedule_input(ProcessId{3}, world.now(), Bytes::copy("\x0f"));
      world.schedule_input(a, world.now(), Bytes::copy("write_synced wal 0 record"));
      world.schedule_input(a, world.now(), Bytes::copy("datagram 1 datagram"));
      while (!world.step().empty()) {
      }
    }
  };
  play_until(Time{} + seconds(60));
  const std::size_t after_a_minute = world.memory();
  play_until(Time{} + seconds(3600));
  CHECK(world.memory() == after_a_minute);
  CHECK(world.events().size() < 100);
}

TEST_CASE("inputs in one world and not in another: the rest of the draws stay as they were") {
  Stage one(2);
  Stage other(2);
  one.tell(b, "write wal 0 x");  // draws on b's disk
  one.ask(a, "datagram 1 x");
  other.ask(a, "datagram 1 x");
  const Time one_sent = one.world.now();
  one.run();
  other.run();
  CHECK(one.world.now() - one_sent == other.world.now() - Time{});
}

TEST_CASE("ties are broken as the settings say, and by the seed where they say so") {
  const auto order_of = [](TieOrder ties, std::uint64_t seed) {
    WorldSettings settings = Stage::puppets(8, seed);
    settings.ties = ties;
    World world(settings);
    std::string order;
    for (auto events = world.step(); !events.empty(); events = world.step()) {
      order += static_cast<char>('a' + static_cast<int>(events[0].process));
    }
    return order;
  };
  CHECK(order_of(TieOrder::insertion, 1) == "abcdefgh");
  CHECK(order_of(TieOrder::insertion, 2) == "abcdefgh");
  for (const TieOrder ties : {TieOrder::shuffled, TieOrder::priorities}) {
    CHECK(order_of(ties, 1) != "abcdefgh");
    CHECK(order_of(ties, 1) != order_of(ties, 2));
    CHECK(order_of(ties, 1) == order_of(ties, 1));
  }
}

TEST_CASE("a note is in the trace with its numbers, and its hash") {
  Stage stage(1);
  stage.ask(a, "note text");
  stage.world.step();
  REQUIRE(stage.world.notes().size() == 1);
  CHECK(stage.world.notes()[0].position == 4);
  const TraceEvent& event = stage.world.events().back();
  CHECK(event.kind == EventKind::note);
  CHECK(event.a == 0);
  CHECK(event.b == (7 | 2 << 16));
  CHECK(event.payload.view() == "text");
}

TEST_CASE("the hash of a trace covers every field") {
  const TraceEvent plain;
  const auto hash_of = [](const TraceEvent& event) {
    TraceHash hash;
    hash.add(event);
    return hash.value();
  };
  std::vector<TraceEvent> variants(12, plain);
  variants[1].index = 1;
  variants[2].cause = 1;
  variants[3].time = Time{1};
  variants[4].kind = EventKind::sent;
  variants[5].volume = Volume::shared;
  variants[6].process = a;
  variants[7].peer = a;
  variants[8].file = FileId{0};
  variants[9].link = Link{1};
  variants[10].a = 1;
  variants[11].payload = Bytes::copy(std::string(1, '\0'));
  std::vector<std::uint64_t> hashes;
  for (const TraceEvent& event : variants) hashes.push_back(hash_of(event));
  TraceEvent last;
  last.b = 1;
  hashes.push_back(hash_of(last));
  std::sort(hashes.begin(), hashes.end());
  CHECK(std::unique(hashes.begin(), hashes.end()) == hashes.end());
}

}  // namespace
}  // namespace smalldb::sim
