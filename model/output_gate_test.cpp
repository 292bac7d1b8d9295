#include "model/output_gate.h"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

#include "model/assert.h"
#include "model/host_side.h"

namespace smalldb {

static const ClientLink client = HostEvents::accepted(Link{1}, ProcessId{9}, Port::client).as_client();

// A gate and what has left it.
struct Door {
  explicit Door(RuleSwitches rules = {}, Lsn durable = {10}) : gate(rules, durable) {}

  Door& write(std::uint64_t position) {
    gate.hold(client, {position}, Bytes::copy("w" + std::to_string(position)));
    return *this;
  }
  Door& read(std::uint64_t position, std::uint64_t confirmation) {
    gate.hold_read(client, {position}, confirmation, Bytes::copy("r" + std::to_string(position)));
    return *this;
  }
  std::string released() {
    std::string all;
    for (const Output& one : gate.release()) all += (all.empty() ? "" : " ") + one.bytes().string();
    return all;
  }

  OutputGate gate;
};

namespace {

// With a backup that joined at 11 and holds everything up to 12.
Door pair(RuleSwitches rules = {}) {
  Door door(rules);
  door.gate.close_from({11});
  door.gate.primary_has({12});
  door.gate.backup_has({12});
  return door;
}

TEST_CASE("F2 a client's link is no peer's, and a peer's no client's") {
  CHECK_THROWS_AS((HostEvents::accepted(Link{1}, ProcessId{9}, Port::client).as_peer()), AssertionFailed);
  CHECK_THROWS_AS((HostEvents::accepted(Link{1}, ProcessId{9}, Port::replication).as_client()), AssertionFailed);
}

TEST_CASE("F2 an answer waits until the backup has acknowledged the record it depends on") {
  Door door = pair();
  door.write(13);
  door.gate.primary_has({13});
  CHECK(door.released() == "");
  door.gate.backup_has({12});  // of an earlier record
  CHECK(door.released() == "");
  door.gate.backup_has({13});
  CHECK(door.released() == "w13");
  CHECK_FALSE(door.gate.holds_any());
}

TEST_CASE("F2 many operations are in flight, and answers leave in order, as far as was acknowledged") {
  Door door = pair();
  door.write(13).write(14).write(15).write(16);
  door.gate.primary_has({16});
  door.gate.backup_has({14});
  CHECK(door.released() == "w13 w14");
  CHECK(door.gate.held() == 2);
  door.gate.backup_has({16});
  CHECK(door.released() == "w15 w16");
}

TEST_CASE("S7 an answer waits for the primary's own disk, too") {
  Door door = pair();
  door.write(13);
  door.gate.backup_has({13});
  CHECK(door.released() == "");
  door.gate.primary_has({13});
  CHECK(door.released() == "w13");
}

TEST_CASE("S7 alone, an answer waits for the primary's disk and for nothing else") {
  Door door;
  door.write(11).read(11, 0);
  CHECK(door.released() == "");
  door.gate.primary_has({11});
  CHECK(door.released() == "w11 r11");
}

TEST_CASE("S4 an epoch won to go alone frees what waits for the backup, once it is durable here") {
  Door door = pair();
  door.write(13).read(13, 5).write(14);
  door.gate.primary_has({13});
  CHECK(door.released() == "");
  door.gate.open();
  CHECK(door.released() == "w13 r13");
  door.gate.primary_has({14});
  CHECK(door.released() == "w14");
}

TEST_CASE("S5 from the joining record on, answers wait for the new backup, those before it do not") {
  Door door;
  door.write(11).write(12).write(13);
  door.gate.close_from({12});
  door.gate.primary_has({13});
  CHECK(door.released() == "w11");
  door.gate.backup_has({12});
  CHECK(door.released() == "w12");
}

TEST_CASE("S5 what an earlier backup acknowledged does not count for the next one") {
  Door door = pair();
  door.gate.backup_has({20});
  door.gate.open();
  door.gate.close_from({15});
  door.write(16);
  door.gate.primary_has({16});
  CHECK(door.released() == "");
}

TEST_CASE("an acknowledgement that comes late takes nothing back") {
  Door door = pair();
  door.gate.backup_has({14});
  door.gate.backup_has({13});
  door.gate.primary_has({14});
  door.write(14);
  CHECK(door.released() == "w14");
}

TEST_CASE("S8 a read waits for a confirmation that was asked for after it arrived") {
  Door door = pair();
  door.read(12, 3);
  door.gate.backup_confirmed(2);
  CHECK(door.released() == "");
  door.gate.backup_confirmed(3);
  CHECK(door.released() == "r12");
}

TEST_CASE("S8 a read that saw a write which is not safe waits with it") {
  Door door = pair();
  door.write(13).read(13, 3);
  door.gate.primary_has({13});
  door.gate.backup_confirmed(3);
  CHECK(door.released() == "");
  door.gate.backup_has({13});
  CHECK(door.released() == "w13 r13");
}

TEST_CASE("S8 answers keep their order: what was read later is not seen earlier") {
  Door door = pair();
  door.read(12, 3).write(12);
  CHECK(door.released() == "");
  door.gate.backup_confirmed(3);
  CHECK(door.released() == "r12 w12");
}

TEST_CASE("safe is what both hold, and alone what the primary holds") {
  Door door;
  CHECK(door.gate.safe() == Lsn{10});
  door.gate.close_from({11});
  CHECK(door.gate.safe() == Lsn{10});
  door.gate.primary_has({14});
  door.gate.backup_has({12});
  CHECK(door.gate.safe() == Lsn{12});
  door.gate.backup_has({16});
  CHECK(door.gate.safe() == Lsn{14});
  door.gate.open();
  CHECK(door.gate.safe() == Lsn{14});
}

TEST_CASE("rule output_rule off: the answer leaves without the backup") {
  RuleSwitches rules;
  rules.output_rule = false;
  Door door = pair(rules);
  door.write(13);
  door.gate.primary_has({13});
  CHECK(door.released() == "w13");
  CHECK(door.gate.safe() == Lsn{12});  // what may be applied elsewhere is another matter
}

TEST_CASE("rule local_sync_before_release off: the answer leaves before it is durable here") {
  RuleSwitches rules;
  rules.local_sync_before_release = false;
  Door door(rules);
  door.write(11);
  CHECK(door.released() == "w11");
}

TEST_CASE("rule read_confirmation off: a read is answered from memory") {
  RuleSwitches rules;
  rules.read_confirmation = false;
  Door door = pair(rules);
  door.read(12, 3);
  CHECK(door.released() == "r12");
}

TEST_CASE("the gate does not close twice, and a disk does not forget") {
  Door door = pair();
  CHECK_THROWS_AS(door.gate.close_from({14}), AssertionFailed);
  CHECK_THROWS_AS(door.gate.primary_has({11}), AssertionFailed);
}

// The same rule, written as a sentence instead of a queue.
TEST_CASE("F2 whatever happens in whatever order, exactly what is safe has left") {
  std::uint64_t luck = 2010;
  const auto draw = [&luck](std::uint64_t choices) {
    luck = luck * 6364136223846793005 + 1442695040888963407;
    return (luck >> 33) % choices;
  };
  struct Answer {
    std::uint64_t position;
    std::uint64_t confirmation;
  };
  for (int round = 0; round < 300; ++round) {
    Door door;
    std::vector<Answer> waiting;
    std::uint64_t end = 10, durable = 10, acknowledged = 0, confirmed = 0, asked = 0;
    bool closed = false;
    for (int i = 0; i < 60; ++i) {
      switch (draw(7)) {
        case 0:
          door.write(++end);
          waiting.push_back({end, 0});
          break;
        case 1:
          door.read(end, ++asked);
          waiting.push_back({end, asked});
          break;
        case 2: door.gate.primary_has({durable += draw(end - durable + 1)}); break;
        case 3:
          if (!closed || acknowledged >= end) break;
          door.gate.backup_has({acknowledged += draw(end - acknowledged + 1)});
          break;
        case 4: door.gate.backup_confirmed(confirmed += draw(asked - confirmed + 1)); break;
        case 5:
          if (closed) break;
          door.gate.close_from({++end});
          acknowledged = end - 1;
          closed = true;
          break;
        case 6:
          if (draw(4) == 0) closed = false;
          if (!closed) door.gate.open();
          break;
      }
      const std::size_t left = door.gate.release().size();
      REQUIRE(left <= waiting.size());
      const auto safe = [&](const Answer& answer) {
        return answer.position <= durable &&
               (!closed || (answer.position <= acknowledged && answer.confirmation <= confirmed));
      };
      for (std::size_t n = 0; n < left; ++n) REQUIRE(safe(waiting[n]));
      waiting.erase(waiting.begin(), waiting.begin() + static_cast<std::ptrdiff_t>(left));
      if (!waiting.empty()) REQUIRE_FALSE(safe(waiting.front()));
    }
  }
}

}  // namespace
}  // namespace smalldb
