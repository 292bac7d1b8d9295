// The network's promises, each by its name.
#include "sim/network.h"

#include <catch2/catch.hpp>

#include "sim/test_machines.h"

namespace smalldb::sim {
namespace {

Stage connected(std::uint64_t seed = 1) {
  Stage stage(2, seed);
  stage.tell(a, "connect 1");
  return stage;
}

CloseReason reason_of(const TraceEvent* event) { return static_cast<CloseReason>(event->b); }

TEST_CASE("connecting is accepted and then connected, each caused by the one before") {
  const Stage stage = connected();
  const TraceEvent* const accepted = stage.last(EventKind::accepted);
  const TraceEvent* const open = stage.last(EventKind::connected);
  REQUIRE((accepted && open));
  CHECK(accepted->cause == stage.last(EventKind::connecting)->index);
  CHECK(open->cause == accepted->index);
  CHECK(accepted->process == b);
  CHECK(open->process == a);
}

TEST_CASE("a message sent before the link is open arrives once it is") {
  Stage stage(2);
  stage.ask(a, "connect 1");
  stage.ask(a, "send early");
  stage.run();
  CHECK(stage.heard(b) == "early");
  CHECK(stage.last(EventKind::received)->time > stage.last(EventKind::connected)->time);
}

TEST_CASE("connecting to a process that is down is refused, to one whose machine is off times out") {
  for (const bool silent : {false, true}) {
    Stage stage(2);
    stage.inject({.kind = FaultKind::crash, .process = b, .silent = silent});
    stage.tell(a, "connect 1");
    REQUIRE(stage.last(EventKind::closed));
    CHECK(reason_of(stage.last(EventKind::closed)) == (silent ? CloseReason::timed_out : CloseReason::refused));
  }
}

TEST_CASE("a refusal stands in the trace with all that came of it, looked ahead or not") {
  Stage stage(2);
  stage.inject({.kind = FaultKind::bandwidth, .size = 1000});
  stage.inject({.kind = FaultKind::crash, .process = b});
  stage.ask(a, "connect 1");
  stage.ask(a, "connect 1");
  while (stage.world.peek() != nullptr) {
    for (const TraceEvent& event : stage.world.step()) stage.trace.push_back(event);
  }
  for (std::size_t i = 0; i < stage.trace.size(); ++i) CHECK(stage.trace[i].index == i);
  const TraceEvent* const refused = stage.last(EventKind::refused);
  REQUIRE(refused);
  CHECK(refused->process == b);
  CHECK(refused->peer == a);
  CHECK(stage.trace[refused->cause].kind == EventKind::connecting);
  CHECK(stage.last(EventKind::closed)->cause == refused->index);
  CHECK(stage.last(EventKind::fault_took_effect)->cause == refused->index);  // the second reset waits for the first
}

TEST_CASE("a stream keeps its order whatever the delays, losses and ties") {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    WorldSettings settings = Stage::puppets(2, seed);
    settings.ties = TieOrder::shuffled;
    settings.network.link.latency = uniform({}, milliseconds(50));
    settings.network.link.loss = {1, 5};
    settings.network.chunking = seed % 2 == 0 ? Chunking::random_pieces : Chunking::whole_messages;
    Stage stage(settings);
    stage.tell(a, "connect 1");
    std::string all;
    for (int i = 0; i < 30; ++i) {
      const std::string message = "message" + std::to_string(i) + ";";
      all += message;
      stage.ask(a, "send " + message);
      stage.run_for(milliseconds(3));
    }
    stage.run();
    CHECK(stage.heard(b) == all);
  }
}

TEST_CASE("streams in random pieces tear messages and run them together") {
  WorldSettings settings = Stage::puppets(2);
  settings.network.chunking = Chunking::random_pieces;
  Stage stage(settings);
  stage.tell(a, "connect 1");
  for (int i = 0; i < 200; ++i) stage.ask(a, "send 0123456789");
  stage.run();
  bool torn = false;
  bool together = false;
  for (const TraceEvent& event : stage.trace) {
    if (event.kind != EventKind::received) continue;
    torn |= event.payload.size() < 10;
    together |= event.payload.size() > 10;
  }
  CHECK((torn && together));
  CHECK(stage.heard(b).size() == 2000);
}

TEST_CASE("a cut link holds stream bytes back until it heals") {
  Stage stage = connected();
  const FaultId cut = stage.inject({.kind = FaultKind::cut, .links = one_way({a}, {b})});
  stage.ask(a, "send held");
  stage.run_for(seconds(5));
  CHECK(stage.heard(b) == "");
  CHECK(stage.effects(cut) == 1);
  stage.end(cut);
  const Time healed = stage.world.now();
  stage.run();
  CHECK(stage.heard(b) == "held");
  CHECK(stage.last(EventKind::received)->time > healed);
}

TEST_CASE("a one-way cut lets the other direction through") {
  Stage stage = connected();
  stage.inject({.kind = FaultKind::cut, .links = one_way({a}, {b})});
  stage.tell(b, "send through");
  CHECK(stage.heard(a) == "through");
}

TEST_CASE("bytes held back for too long reset the connection at their sender, and the other end is half open") {
  Stage stage = connected();
  const FaultId cut = stage.inject({.kind = FaultKind::cut, .links = one_way({a}, {b})});
  stage.tell(a, "send held");
  REQUIRE(stage.count(EventKind::closed) == 1);
  CHECK(stage.last(EventKind::closed)->process == a);
  CHECK(reason_of(stage.last(EventKind::closed)) == CloseReason::timed_out);
  CHECK(stage.said(EventKind::stream_lost) == "held");
  stage.end(cut);
  stage.tell(b, "send nobody");  // b does not know yet
  CHECK(stage.said(EventKind::stream_lost) == "nobody");
  CHECK(stage.count(EventKind::closed) == 2);
  CHECK(reason_of(stage.last(EventKind::closed)) == CloseReason::reset);
}

TEST_CASE("bytes on their way into a cut are held back too") {
  Stage stage = connected();
  stage.ask(a, "send flying");
  REQUIRE(stage.run_before(EventKind::received));
  const FaultId cut = stage.inject({.kind = FaultKind::cut, .links = one_way({a}, {b})});
  CHECK(stage.world.peek()->kind != EventKind::received);
  stage.run_for(seconds(1));
  CHECK(stage.heard(b) == "");
  stage.end(cut);
  stage.run();
  CHECK(stage.heard(b) == "flying");
}

TEST_CASE("datagrams die in a cut, and wait in a clog") {
  for (const FaultKind kind : {FaultKind::cut, FaultKind::clog}) {
    Stage stage(2);
    const FaultId fault = stage.inject({.kind = kind, .links = one_way({a}, {b})});
    for (int i = 0; i < 3; ++i) stage.tell(a, "datagram 1 x");
    CHECK(stage.count(EventKind::datagram_received) == 0);
    CHECK(stage.count(EventKind::datagram_lost) == (kind == FaultKind::cut ? 3 : 0));
    CHECK(stage.effects(fault) == 3);
    stage.end(fault);
    stage.run();
    CHECK(stage.count(EventKind::datagram_received) == (kind == FaultKind::cut ? 0 : 3));
  }
}

TEST_CASE("two cuts of one link: it is whole when both have healed") {
  Stage stage(2);
  const FaultId first = stage.inject({.kind = FaultKind::cut, .links = one_way({a}, {b})});
  const FaultId second = stage.inject({.kind = FaultKind::cut, .links = both_ways({a}, {b})});
  stage.end(first);
  stage.tell(a, "datagram 1 x");
  CHECK(stage.count(EventKind::datagram_received) == 0);
  stage.end(second);
  stage.tell(a, "datagram 1 x");
  CHECK(stage.count(EventKind::datagram_received) == 1);
}

TEST_CASE("groups are cut from each other, and a process in two of them is a bridge") {
  const auto directions = between({{a, c}, {b, c}});
  CHECK(directions == std::vector<Direction>{{a, b}, {b, a}});
}

TEST_CASE("a loss of a stream's packet costs a retransmission, a loss of a datagram costs the datagram") {
  Stage stage = connected();
  const FaultId loss = stage.inject({.kind = FaultKind::loss, .links = one_way({a}, {b}), .times = 2});
  const Time before = stage.world.now();
  stage.tell(a, "send late");
  CHECK(stage.heard(b) == "late");
  CHECK(stage.world.now() - before >= milliseconds(200));
  stage.tell(a, "datagram 1 dead");
  CHECK(stage.count(EventKind::datagram_lost) == 1);
  stage.tell(a, "datagram 1 alive");
  CHECK(stage.said(EventKind::datagram_received) == "alive");
  CHECK(stage.effects(loss) == 2);
}

TEST_CASE("a loss of datagrams leaves streams alone, and one of streams leaves datagrams alone") {
  for (const bool of_datagrams : {true, false}) {
    CAPTURE(of_datagrams);
    Stage stage = connected();
    const FaultId loss = stage.inject({.kind = FaultKind::loss,
                                       .links = one_way({a}, {b}),
                                       .packets = of_datagrams ? Packets::datagrams : Packets::streams});
    const Time before = stage.world.now();
    stage.tell(a, "send late");
    CHECK(stage.heard(b) == "late");
    CHECK((stage.world.now() - before < milliseconds(200)) == of_datagrams);
    stage.tell(a, "datagram 1 x");
    CHECK(stage.count(EventKind::datagram_lost) == (of_datagrams ? 1 : 0));
    CHECK(stage.effects(loss) == 1);
  }
}

TEST_CASE("a fault of no link strikes none, and one of which none is named strikes all") {
  for (const bool is_named : {true, false}) {
    CAPTURE(is_named);
    Stage stage = connected();
    Fault cut{.kind = FaultKind::cut};
    if (is_named) cut.links.emplace();
    const FaultId id = stage.inject(cut);
    stage.tell(a, "datagram 1 x");
    stage.end(id);
    CHECK(stage.count(EventKind::datagram_lost) == (is_named ? 0 : 1));
    CHECK(stage.effects(id) == (is_named ? 0 : 1));
  }
}

TEST_CASE("datagrams may come twice and overtake each other") {
  WorldSettings settings = Stage::puppets(2);
  settings.network.link.duplication = {1, 2};
  settings.network.link.reordering = {1, 2};
  settings.network.link.reordering_window = milliseconds(10);
  Stage stage(settings);
  for (int i = 0; i < 50; ++i) stage.ask(a, "datagram 1 x");
  stage.run();
  std::uint64_t copies = 0;
  bool overtaken = false;
  std::uint64_t before = 0;
  for (const TraceEvent& event : stage.trace) {
    if (event.kind != EventKind::datagram_received) continue;
    copies += event.b;
    overtaken |= event.a < before;
    before = event.a;
  }
  CHECK(copies > 10);
  CHECK(copies < 40);
  CHECK(overtaken);
}

TEST_CASE("a bandwidth spaces packets out, and a full queue drops them") {
  WorldSettings settings = Stage::puppets(2);
  settings.network.link.latency = constant(milliseconds(1));
  Stage stage(settings);
  const FaultId narrow = stage.inject({.kind = FaultKind::bandwidth, .links = one_way({a}, {b}), .size = 1000});
  const Time before = stage.world.now();
  for (int i = 0; i < 5; ++i) stage.ask(a, "datagram 1 0123456789");
  stage.run();
  CHECK(stage.world.now() - before == milliseconds(51));  // five times ten bytes at a byte a millisecond
  const FaultId limit = stage.inject({.kind = FaultKind::queue_limit, .links = one_way({a}, {b}), .size = 20});
  for (int i = 0; i < 5; ++i) stage.ask(a, "datagram 1 0123456789");
  stage.run();
  CHECK(stage.count(EventKind::datagram_lost) == 3);
  CHECK(stage.last(EventKind::datagram_lost)->b == static_cast<std::uint64_t>(LossReason::queue_full));
  CHECK(stage.effects(narrow) == 7);
  CHECK(stage.effects(limit) == 3);
}

TEST_CASE("a link is closed for the other end after the last bytes, and what that end sent meanwhile is lost") {
  Stage stage = connected();
  stage.ask(a, "send last");
  stage.ask(a, "close");
  stage.ask(b, "send late");
  stage.run();
  CHECK(stage.heard(b) == "last");
  CHECK(reason_of(stage.last(EventKind::closed)) == CloseReason::closed_by_peer);
  CHECK(stage.last(EventKind::closed)->process == b);
  CHECK(stage.said(EventKind::stream_lost) == "late");
  CHECK(stage.heard(a) == "");
}

TEST_CASE("a crash resets the other ends, unless it is silent: then they learn of it from their own sends") {
  for (const bool silent : {false, true}) {
    Stage stage = connected();
    const FaultId crash = stage.inject({.kind = FaultKind::crash, .process = b, .silent = silent});
    stage.run();
    CHECK(stage.count(EventKind::closed) == (silent ? 0 : 1));
    stage.end(crash);
    stage.run();
    stage.tell(a, "send ghost");
    CHECK(stage.count(EventKind::closed) == 1);
    CHECK(reason_of(stage.last(EventKind::closed)) == CloseReason::reset);
    CHECK(stage.heard(b) == "");
  }
}

TEST_CASE("a reset tells both ends, a half-open connection one") {
  for (const FaultKind kind : {FaultKind::reset, FaultKind::half_open}) {
    Stage stage = connected();
    const FaultId fault = stage.inject({.kind = kind, .links = one_way({a}, {b})});
    stage.run();
    CHECK(stage.count(EventKind::closed) == (kind == FaultKind::reset ? 2 : 1));
    CHECK(stage.effects(fault) == (kind == FaultKind::reset ? 2 : 1));
  }
}

TEST_CASE("who connects is told in the end, though the connection broke before it opened") {
  Stage stage(2);
  stage.inject({.kind = FaultKind::cut, .links = one_way({b}, {a}), .duration = seconds(2)});
  stage.ask(a, "connect 1");
  stage.run_for(seconds(1));
  REQUIRE(stage.count(EventKind::accepted) == 1);
  REQUIRE(stage.count(EventKind::connected) == 0);
  stage.inject({.kind = FaultKind::half_open, .links = one_way({a}, {b})});
  stage.run();
  CHECK(stage.last(EventKind::closed)->process == a);
  CHECK(reason_of(stage.last(EventKind::closed)) == CloseReason::timed_out);
}

TEST_CASE("connections that are over leave nothing behind") {
  Stage stage(2);
  for (int i = 0; i < 300; ++i) {
    stage.tell(a, "connect 1");
    stage.tell(a, "send x");
    stage.tell(a, "close");
  }
  stage.tell(a, "connect 1");
  CHECK(stage.last(EventKind::connecting)->a == 301);
  CHECK(stage.world.idle());
  CHECK(stage.world.memory() < 100'000);
}

TEST_CASE("every byte sent is received or lost, once") {
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    Stage stage(2, seed);
    for (int i = 0; i < 60; ++i) {
      const std::uint64_t drawn = draw(seed, Chance::workload, Key{0}, static_cast<std::uint64_t>(i));
      const ProcessId who = hits(again(drawn), {1, 2}) ? a : b;
      const ProcessId other = who == a ? b : a;
      switch (below(drawn, 10)) {
        case 0: stage.ask(a, "connect 1"); break;
        case 1: stage.inject({.kind = FaultKind::cut, .links = one_way({who}, {other}), .duration = seconds(8)}); break;
        case 2: stage.inject({.kind = FaultKind::reset}); break;
        case 3:
          stage.inject({.kind = FaultKind::crash, .process = who, .duration = milliseconds(10), .silent = i % 2 == 0});
          break;
        case 4: stage.ask(who, "close"); break;
        default: stage.ask(a, "connect 1"), stage.ask(a, "send 0123456789");
      }
      stage.run_for(microseconds(static_cast<std::int64_t>(below(again(again(drawn)), 3'000'000))));
    }
    stage.world.end_all();
    stage.run();
    std::uint64_t sent = 0;
    std::uint64_t received = 0;
    std::uint64_t lost = 0;
    for (const TraceEvent& event : stage.trace) {
      if (event.kind == EventKind::sent) sent += event.payload.size();
      if (event.kind == EventKind::received) received += event.payload.size();
      if (event.kind == EventKind::stream_lost) lost += event.payload.size();
    }
    CHECK(sent == received + lost);
    CHECK(received > 0);
  }
}

}  // namespace
}  // namespace smalldb::sim
