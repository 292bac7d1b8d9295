// One test per rule of smalldb's own, by its number in docs/protocol.md: S1 to S12. Commands as in
// model/testing/script.h.
#include <catch2/catch.hpp>

#include <string>
#include <vector>

#include "model/codec.h"
#include "model/crc32c.h"
#include "model/testing/script.h"

namespace smalldb::testing {
namespace {

using Lines = std::vector<std::string>;

TEST_CASE("S1 the logs of both are the same bytes, through takeovers, cuts and checkpoints") {
  Play play;
  play(
      "cast a b arbiter c1; set segment_bytes 300; pair; c1 put x 1; run 200ms; cut a-b; c1 put x 2; run 2s; heal a-b; "
      "run 2s");
  play("c1 put x 3; run 200ms; crash b; run 2s; c1 put x 4; run 200ms; start b; run 2s");
  CHECK(play.stage.durable_log("a").size() > 10);
  CHECK(play.stage.durable_log_bytes("a") == play.stage.durable_log_bytes("b"));
  play("checkpoint a; checkpoint b; run 500ms");
  bool compared = false;
  for (const std::string& name : play.stage.disk("a").names()) {
    if (name == "meta") continue;
    REQUIRE(play.stage.disk("b").holds(name));
    CHECK(play.stage.disk("a").contents(name) == play.stage.disk("b").contents(name));
    compared = compared || name.starts_with("checkpoint");
  }
  CHECK(compared);
}

TEST_CASE("S2 a node whose disk was wiped is another: having won epoch 1 makes no primary of an empty store") {
  Play play;
  play("cast a b arbiter c1; pair; c1 put x 17; run 200ms; crash a; crash b; wipe a");
  const Lines told = play("start a; run 3s");
  CHECK(was_told(told, "a has lost epoch 1 to a"));
  CHECK_FALSE(was_told(told, "a has won"));
  CHECK(was_told(play("start b; run 2s; c1 get x; run 500ms"), "c1 is told: get x: ok 17"));
}

TEST_CASE("S2 a directory that is made anew within a life of its node is another, too") {
  Play play;
  // a, which founded the store, executed what b never got, is deposed, cuts its log, and reads its disk again: it is
  // empty.
  play("cast a b arbiter c1; pair; c1 put x 0; run 200ms; cut a-b; cut a-arbiter; c1 put lost 1; run 2s; hold disk a");
  play("heal a-b");
  Lines told;
  for (int i = 0; i < 40 && !was_told(told, "a's disk: sync log-1-1"); ++i) told = play("disk a 1; run 10ms");
  REQUIRE(was_told(told, "a's disk: sync log-1-1"));
  for (const std::string& name : play.stage.disk("a").names()) play.stage.disk("a").erase(name);
  told = play("crash b; heal a-arbiter; release disk a; run 3s");
  CHECK(was_told(told, "a has lost epoch 1 to a"));
  CHECK_FALSE(was_told(told, "a has won"));
}

TEST_CASE("S2 epoch 1 is founded once, and only by who may") {
  Play play;
  play("cast a b arbiter c1");
  const Lines told = play("start arbiter b; run 3s");
  CHECK_FALSE(was_told(told, "b claims"));
}

TEST_CASE("S2 an epoch that is won while its claimer joins is not forgotten") {
  Play play;
  play("cast a b arbiter c1; pair; c1 put x 0; run 200ms; cut a-arbiter; hold arbiter->b; cut a-b");
  REQUIRE(was_told(play("run 800ms; deliver arbiter->b 1; settle"), "arbiter -> b: epoch 2 is b/1's"));
  // The two speak again, over a new connection, and b has something to sync before it is ready.
  play("heal a-b; hold disk b; c1 put x 1; settle");
  REQUIRE(was_told(play("close a-b; run 50ms"), "a goes on with its backup b"));
  REQUIRE(play.stage.role("b") == Role::joining);
  play("deliver arbiter->b; settle");
  CHECK(play.stage.role("b") == Role::joining);
  const Lines told = play("heal arbiter-b; release disk b; run 1s");
  CHECK(was_told(told, "b takes over in epoch 2"));
  CHECK(was_told(told, "c1 is told: put x=1: ok"));
  CHECK(play.stage.role("a") == Role::backup);
  CHECK(play.stage.durable_log_bytes("a") == play.stage.durable_log_bytes("b"));
}

TEST_CASE("S2 who holds the log of another store gets no epoch of this one, and fences nobody") {
  for (const char* kind : {"tie_breaker", "shared_lock"}) {
    Play play;
    play(std::string("cast a b arbiter c1; set arbiter ") + kind);
    play("pair; c1 put x old; run 200ms; crash a; run 2s; stop b; run 1s");
    play("crash arbiter; wipe arbiter; start arbiter");
    play.stage.shared_disk() = MemoryDisk();
    // b holds epoch 2 of the old store, and a founds another.
    play("wipe a; start a; run 2s; c1 put x new; run 200ms");
    REQUIRE(play.stage.role("a") == Role::primary);
    const Lines told = play("start b; run 3s");
    CHECK(was_told(told, "b stops: the arbiter is that of another store"));
    CHECK_FALSE(was_told(told, "a is fenced"));
    CHECK(was_told(play("c1 get x; run 200ms"), "c1 is told: get x: ok new"));
  }
}

TEST_CASE("S2 of two that were promoted to the same epoch each says so, once, and neither yields") {
  Play play;
  play("cast a b c1; set arbiter manual; start a b c1; run 100ms; promote a; run 1s; c1 put x 1; run 200ms");
  play("cut a-b; run 1s; promote a; promote b; run 1s");
  const Lines told = play("heal a-b; run 2s");
  CHECK(times_told(told, "a hears that b is primary of this epoch too") == 1);
  CHECK(times_told(told, "b hears that a is primary of this epoch too") == 1);
  CHECK(play.stage.role("a") == Role::primary);
  CHECK(play.stage.role("b") == Role::primary);
}

TEST_CASE("S2 who waits for an operator says so, and that it waits no longer when the other is back") {
  Play play;
  play("cast a b c1; set arbiter manual; start a b c1; run 100ms; promote a; run 1s; c1 put x 1; run 200ms");
  Lines told = play("cut a-b; run 1s");
  CHECK(was_told(told, "a waits for the operator to promote it to epoch 2"));
  CHECK(was_told(told, "b waits for the operator to promote it to epoch 2"));
  told = play("heal a-b; run 2s");
  CHECK(times_told(told, "a waits for the operator no longer") == 1);
  CHECK(times_told(told, "b waits for the operator no longer") == 1);
  CHECK_FALSE(was_told(told, "waits for the operator to promote it"));
  CHECK(play.stage.role("a") == Role::primary);
}

TEST_CASE("S3 a backup that was not declared in sync does not claim") {
  Play play;
  // b holds the joining record, and a dies before b has the one that declares it.
  play("cast a b arbiter c1; start arbiter a; run 1s; start b; hold b->a");
  for (int i = 0; i < 40 && play.stage.durable_log("b").size() < 2; ++i) play("deliver b->a 1; pass 10ms; settle");
  REQUIRE(play.stage.durable_log("b") == Lines{"1 epoch 1 begins under a/1", "2 b/1 is joining"});
  const Lines told = play("crash a; run 5s");
  CHECK_FALSE(was_told(told, "b claims"));
  CHECK(play.stage.role("b") == Role::seeking);
}

TEST_CASE("S3 a node of which nobody knows claims nothing") {
  Play play;
  play("cast a b d arbiter c1; pair; run 1s");
  REQUIRE(play.stage.durable_log("d").empty());
  const Lines told = play("crash a; crash b; run 5s");
  CHECK_FALSE(was_told(told, "d claims"));
}

TEST_CASE("S3 a backup claims only when all that it holds is durable") {
  Play play;
  play("cast a b arbiter c1; pair; c1 put x 0; run 200ms; hold disk b; c1 put x 1; settle; crash a");
  CHECK_FALSE(was_told(play("run 2s"), "b claims"));
  CHECK(was_told(play("release disk b; run 1s"), "b takes over"));
  CHECK(play.stage.durable_state("b") == Lines{"x=1"});
}

TEST_CASE("S4 a primary with a backup in sync releases nothing without it before it has won the next epoch") {
  Play play;
  play("cast a b arbiter c1; pair; c1 put x 0; run 200ms; hold arbiter->a; crash b");
  Lines told = play("c1 put x 1; run 3s");
  CHECK_FALSE(was_told(told, "c1 is told"));
  told = play("heal a-arbiter; run 500ms");
  CHECK(was_told(told, "a goes alone in epoch 2"));
  CHECK(was_told(told, "c1 is told: put x=1: ok"));
}

TEST_CASE("S4 a primary that restarts does not resume its epoch") {
  Play play;
  play("cast a b arbiter c1; start arbiter a c1; run 1s; c1 put x 0; run 200ms; kill a; start a");
  CHECK(play.stage.role("a") == Role::seeking);
  CHECK(was_told(play("run 1s"), "a resumes alone in epoch 2"));
  CHECK(play.stage.durable_log("a").back() == "4 epoch 2 begins under a/1");
}

TEST_CASE("S4 who won an epoch says nothing of it before the record that begins it is durable") {
  Play play;
  play("cast a b arbiter c1; pair; c1 put x 0; run 200ms; crash a; hold disk b");
  REQUIRE(was_told(play("run 1s"), "b takes over"));
  // Nobody is welcomed, and no heartbeat says "I serve": a, which still believes itself in epoch 1, follows nobody.
  Lines told = play("start a; run 1s");
  CHECK(was_told(told, "a -> b: hello"));
  CHECK_FALSE(was_told(told, "b -> a: welcome"));
  CHECK_FALSE(was_told(told, "b -> a: records"));
  told = play("release disk b; run 1s");
  CHECK(was_told(told, "b declares a in sync"));
}

TEST_CASE("S4 a deposed primary is not fenced by an epoch that could still be lost with its winner's power") {
  Play play;
  play("cast a b arbiter c1; pair; c1 put x 0; run 200ms; cut a-b; cut a-arbiter; hold disk b");
  REQUIRE(was_told(play("run 1s"), "b takes over"));
  CHECK_FALSE(was_told(play("heal a-b; run 500ms"), "a is fenced"));
  CHECK(was_told(play("release disk b; run 500ms"), "a is fenced"));
}

TEST_CASE("S5 from the joining record on answers wait for the new backup, which is not declared yet") {
  Play play;
  play("cast a b arbiter c1; start arbiter a c1; run 1s; c1 put x 0; run 200ms");
  Lines told = play("start b; settle; hold disk b; run 50ms");
  REQUIRE(was_told(told, "a closes the gate from 4 on"));
  told = play("c1 put x 2; settle");
  CHECK_FALSE(was_told(told, "c1 is told"));
  CHECK_FALSE(was_told(told, "in sync"));
}

TEST_CASE("S5 a join that is given up before the declaration leaves the primary alone in the same epoch") {
  Play play;
  play("cast a b arbiter c1; start arbiter a c1; run 1s; c1 put x 0; run 200ms; start b; hold b->a");
  for (int i = 0; i < 40 && play.stage.durable_log("b").size() < 4; ++i) play("deliver b->a 1; pass 10ms; settle");
  REQUIRE(play.stage.durable_log("b").back() == "4 b/1 is joining");
  Lines told = play("c1 put x 1; settle");
  CHECK_FALSE(was_told(told, "c1 is told"));
  told = play("drop b->a; crash b; heal a-b; run 200ms");
  CHECK(was_told(told, "a goes on without b"));
  CHECK(was_told(told, "c1 is told: put x=1: ok"));
  CHECK_FALSE(was_told(told, "claims"));
  // The next join begins with a record and a gate of its own.
  told = play("start b; run 2s");
  CHECK(was_told(told, "a closes the gate"));
  CHECK(was_told(told, "a declares b in sync"));
  CHECK_FALSE(was_told(told, "claims"));
  CHECK_FALSE(was_told(play("hold b->a; c1 put x 2; settle"), "c1 is told"));
}

TEST_CASE("S6 what was never released is cut when its node joins, and what was is there") {
  Play play;
  play("cast a b arbiter c1; pair; c1 put x 0; run 200ms; cut a-b; c1 put lost 1; settle; crash a; cut a-c1; run 2s");
  REQUIRE(play.stage.durable_state("a") == Lines{"lost=1", "x=0"});
  const Lines told = play("cut b-c1; heal a-b; start a; run 2s");
  CHECK(was_told(told, "a cuts its log to 5"));
  CHECK(play.stage.durable_log_bytes("a") == play.stage.durable_log_bytes("b"));
}

TEST_CASE(
    "S6 a log with an epoch that the primary's does not have is of another history: it is kept, and the node stops") {
  Play play;
  play("cast a b arbiter c1; pair; c1 put x 1; run 200ms; crash a; crash b; crash arbiter; wipe a; wipe arbiter");
  play("start arbiter a; run 2s; c1 put x 2; run 500ms");
  const Lines told = play("start b; run 3s");
  CHECK(was_told(told, "a welcomes b by snapshot"));
  CHECK(was_told(told, "record 1, with which epoch 1 begins in the log of this node, is not the primary's"));
  CHECK(play.stage.durable_state("b") == Lines{"x=1"});
}

TEST_CASE("S6 a join that is interrupted at any point begins again, and nothing half-installed is ever used") {
  std::size_t installed = 0;
  for (std::size_t operations = 0; operations < 40; ++operations) {
    Play play;
    play("cast a b arbiter c1; set chunk_bytes 300; set chunks_in_flight 2; set segment_bytes 600");
    play("set log_buffer_bytes 1000; set checkpoint_every_bytes 1000; start arbiter a c1; run 1s");
    for (int i = 0; i < 8; ++i) play("c1 fill k" + std::to_string(i) + " 300; run 50ms");
    play("start b; hold disk b; settle");
    for (std::size_t i = 0; i < operations; ++i) play("disk b 1; settle");
    INFO("power lost after " << operations << " operations");
    play("crash b");
    const Lines found = play.stage.durable_state("b");
    CHECK((found.empty() || found.size() == 8));
    if (!found.empty()) ++installed;
    play("release disk b; start b; run 2s");
    CHECK(play.stage.role("b") == Role::backup);
    CHECK(play.stage.durable_state("b") == play.stage.durable_state("a"));
  }
  CHECK(installed > 3);
  CHECK(installed < 37);
}

TEST_CASE("S7 acknowledged means durable at the backup: both lose power, and nothing answered is lost") {
  Play play;
  play("cast a b arbiter c1; pair; c1 put x 0; run 200ms; hold disk b");
  CHECK_FALSE(was_told(play("c1 put x 1; settle"), "c1 is told"));
  CHECK(was_told(play("disk b; settle; crash a; crash b"), "c1 is told: put x=1: ok"));
  CHECK(play.stage.durable_state("b") == Lines{"x=1"});
}

TEST_CASE("S7 acknowledge: received loses nothing when the backup forgets and the primary is heard of") {
  Play play;
  play("cast a b arbiter c1; set acknowledge received; pair; c1 put x 0; run 200ms; hold disk b");
  REQUIRE(was_told(play("c1 put x 1; settle"), "c1 is told: put x=1: ok"));
  play("crash b; release disk b; start b; run 2s");
  CHECK(play.stage.durable_state("b") == Lines{"x=1"});
  // And nothing when the primary goes for good, and what was acknowledged is still in the backup's memory.
  play("hold disk b");
  REQUIRE(was_told(play("c1 put x 2; settle"), "c1 is told: put x=2: ok"));
  play("crash a; release disk b; run 2s");
  CHECK(play.stage.role("b") == Role::primary);
  CHECK(play.stage.durable_state("b") == Lines{"x=2"});
}

TEST_CASE(
    "S7 acknowledge: received answers sooner, and when both lose power an answered write is lost: the setting's risk") {
  Play play;
  play("cast a b arbiter c1; set acknowledge received; pair; c1 put x 0; run 200ms; hold disk b");
  CHECK(was_told(play("c1 put x 1; settle; crash a; crash b"), "c1 is told: put x=1: ok"));
  CHECK(play.stage.durable_state("b") == Lines{"x=0"});
}

TEST_CASE("S7 a backup that comes back says that it is ready when what it holds is durable, and not before") {
  Play play;
  play("cast a b arbiter c1; pair; c1 put x 0; run 200ms; hold disk b; c1 put x 1; settle");
  Lines told = play("close a-b; run 100ms");
  REQUIRE(was_told(told, "a goes on with its backup b"));
  CHECK_FALSE(was_told(told, "b -> a: ready"));
  CHECK_FALSE(was_told(told, "c1 is told"));
  told = play("disk b; settle; crash a; crash b");
  CHECK(was_told(told, "c1 is told: put x=1: ok"));
  CHECK(play.stage.durable_state("b") == Lines{"x=1"});
}

TEST_CASE("S7 alone, an answer waits for the primary's own disk") {
  Play play;
  play("cast a b arbiter c1; start arbiter a c1; run 1s; c1 put x 0; run 200ms; hold disk a");
  CHECK_FALSE(was_told(play("c1 put x 1; settle"), "c1 is told"));
  CHECK(was_told(play("disk a; settle"), "c1 is told: put x=1: ok"));
}

TEST_CASE("S7 what a backup that came back has lost is noticed, and the primary wins an epoch without it") {
  Play play;
  play("cast a b arbiter c1; set acknowledge received; pair; c1 put x 0; run 200ms; hold disk b; c1 put x 1; settle");
  const Lines told = play("crash b; release disk b; start b; run 2s");
  CHECK(was_told(told, "a finds that b lost what it acknowledged"));
  CHECK(was_told(told, "a goes alone in epoch 2"));
  CHECK(play.stage.durable_state("b") == Lines{"x=1"});
}

TEST_CASE("F8 however soon a backup acknowledges, its disk slows the primary down") {
  Play play;
  play("cast a b arbiter c1; set acknowledge received; set log_buffer_bytes 1000; set in_flight 20; pair");
  play("c1 put x 0; run 200ms; hold disk b");
  for (int i = 0; i < 12; ++i) play("c1 fill k" + std::to_string(i) + " 300");
  const Lines told = play("settle");
  CHECK(was_told(told, "a takes no more requests"));
  CHECK(times_told(told, "c1 is told") < 12);
  CHECK(times_told(play("release disk b; run 300ms"), "c1 is told") + times_told(told, "c1 is told") == 12);
}

// One write of the log ends where its segment does, and what was sent with it may go beyond.
TEST_CASE("F8 a primary that has sent all that there is asks its backup nothing while its own disk is busy") {
  Play play;
  play("cast a b arbiter c1; set segment_bytes 512; set checkpoint_every_bytes 512; set in_flight 20; pair; run 1s");
  std::size_t answers = 0;
  for (int i = 0; i < 6; ++i) {
    const Lines told = play("hold disk a; c1 fill k" + std::to_string(i) + " 90; settle");
    CHECK(times_told(told, "a -> b: ") <= 2);  // the records, in a piece or two
    answers += times_told(play("release disk a; settle"), "c1 is told");
  }
  CHECK(answers == 6);
}

// A comer lacks more than may be on its way.
TEST_CASE("F8 a primary whose comer's disk is busy asks it no more than once behind the same records") {
  Play play;
  play("cast a b arbiter c1; set log_buffer_bytes 2000; set in_flight 20; start arbiter a c1; run 1s; c1 put x 0");
  for (int i = 0; i < 12; ++i) play("c1 fill k" + std::to_string(i) + " 300");
  play("run 300ms; hold disk b; start b");
  Lines told;
  for (int i = 0; i < 100 && !was_told(told, "b -> a: ready"); ++i) told = play("disk b 1; settle; run 50ms");
  CHECK(times_told(told, "a -> b: no records") == 1);
  CHECK(was_told(play("release disk b; run 300ms"), "a declares b in sync"));
}

TEST_CASE("S8 a deposed primary does not answer a read from its memory") {
  Play play;
  play("cast a b arbiter c1 c2; set answer_within 5s; pair; c1 put x old; c2 put y 1; run 300ms");
  play("cut a-b; cut a-arbiter; cut a-c1; run 1s; c1 put x new; run 6s");
  REQUIRE(play.stage.durable_state("b") == Lines{"x=new", "y=1"});
  const Lines told = play("c2 get x; run 1s");
  CHECK(was_told(told, "c2 -> a: get x"));
  CHECK_FALSE(was_told(told, "a -> c2"));
}

TEST_CASE("S8 under a lease no backup goes live before the lease that it granted has run out") {
  Play play;
  play(
      "cast a b arbiter c1; set reads leased; set suspect_after 300ms; set lease 2s; pair; c1 put x 1; run 500ms; cut "
      "a-b");
  play("cut a-arbiter");
  CHECK_FALSE(was_told(play("run 1900ms"), "b claims"));
  CHECK(was_told(play("run 1s"), "b takes over"));
}

TEST_CASE("S8 the lease runs from the primary's question, however late the backup's answer comes") {
  Play play;
  play("cast a b arbiter c1; set reads leased; set suspect_after 500ms; set lease 300ms; pair; c1 put x 1; run 500ms");
  // The question was asked 100 ms after the hold at the latest: at 300 ms its answer comes, at 450 its lease is over.
  play("hold b->a; run 300ms; deliver b->a; pass 150ms");
  CHECK_FALSE(was_told(play("c1 get x; settle"), "c1 is told"));
  CHECK(was_told(play("heal a-b; run 50ms"), "c1 is told: get x: ok 1"));
}

TEST_CASE("S8 the primary takes the drift of clocks off its lease") {
  Play play;
  play("cast a b arbiter c1; set reads leased; set suspect_after 2s; set lease 1s; set clock_drift_max_ppm 500000");
  play("pair; c1 put x 1; run 500ms; hold b->a");
  CHECK(was_told(play("pass 300ms; c1 get x; settle"), "c1 is told: get x: ok 1"));
  CHECK_FALSE(was_told(play("pass 300ms; c1 get x; settle"), "c1 is told"));
}

TEST_CASE("S8 a backup whose claim may have been granted promises no lease") {
  Play play;
  play("cast a b arbiter c1; set reads leased; set suspect_after 500ms; set lease 300ms; set answer_within 5s");
  play("pair; c1 put x 1; run 500ms; cut a-arbiter; hold arbiter->b; cut a-b");
  REQUIRE(was_told(play("run 1s; deliver arbiter->b 1; settle"), "b claims epoch 2"));
  // The two speak again, and then the verdict comes: from here on b may serve, and a, cut off, does not know.
  play("heal a-b; run 200ms; cut a-b");
  REQUIRE(was_told(play("deliver arbiter->b; settle"), "b takes over"));
  CHECK_FALSE(was_told(play("c1 get x; settle"), "c1 is told"));
}

TEST_CASE("S8 who granted a lease and restarts still keeps it") {
  Play play;
  play(
      "cast a b arbiter c1; set reads leased; set lease 2s; pair; c1 put x 1; run 500ms; cut a-b; cut a-arbiter; kill "
      "b; start b");
  CHECK_FALSE(was_told(play("run 1900ms"), "b claims"));
  CHECK(was_told(play("run 1s"), "b takes over"));
}

TEST_CASE("S9 results survive takeovers, checkpoints and snapshots") {
  Play play;
  play(
      "cast a b arbiter c1; pair; c1 put n 1; run 200ms; hold a->c1; c1 put n 2 if revision 5; settle; checkpoint a; "
      "run 50ms");
  play("crash a; drop a->c1; wipe a; cut b-c1; run 1s; start a; run 2s; crash b; run 2s");
  REQUIRE(play.stage.role("a") == Role::primary);
  const Lines told = play("heal a-c1; run 2s");
  CHECK(was_told(told, "a answers request 2 of session 4 from memory"));
  CHECK(was_told(told, "c1 is told: put n=2: ok, revision 6"));
}

TEST_CASE("S9 the results kept are bounded: no request is taken that is too far ahead") {
  Play play;
  play("cast a b arbiter c1; set session_window 4; set in_flight 4; pair; c1 put x 0; run 200ms");
  for (int i = 0; i < 20; ++i) play("c1 put k" + std::to_string(i) + " 1");
  CHECK(times_told(play("run 1s"), "c1 is told: ...ok") == 20);
}

TEST_CASE(
    "S10 an operation of which every attempt was refused has failed, one that was sent and not answered is unknown") {
  Play play;
  play("cast a b arbiter c1; set give_up_after 2s; pair; c1 put x 0; run 200ms");
  play("hold a->c1; c1 put x 1; settle; crash a; crash b; drop a->c1");
  Lines told = play("run 3s");
  CHECK(was_told(told, "c1 is told: put x=1: unknown"));
  told = play("c1 put x 2; run 3s");
  CHECK(was_told(told, "c1 is told: put x=2: failed"));
  play("start a b; run 3s");
  CHECK(play.stage.durable_state("a") == Lines{"x=1"});  // unknown was true, and so was failed
}

TEST_CASE("S11 after a failed write or sync the process stops, and says why") {
  Play play;
  play("cast a b arbiter c1; pair; c1 put x 0; run 200ms; fail disk b write_synced");
  const Lines told = play("c1 put x 1; run 2s");
  CHECK(was_told(told, "b stops: ...log-1-1..."));
  CHECK_FALSE(play.stage.runs("b"));
  CHECK(was_told(told, "a goes alone"));
}

TEST_CASE("S11 a damaged middle is never skipped: the node takes everything anew from its peer, as another directory") {
  Play play;
  play("cast a b arbiter c1; pair; c1 put x 0; run 200ms; crash b; flip b log-1-1 900");
  const Lines told = play("start b; run 2s");
  CHECK(was_told(told, "b log damaged at offset 57: log-1-1..."));
  CHECK(was_told(told, "hello from b/2: log to 0, damaged"));
  CHECK(play.stage.durable_state("b") == Lines{"x=0"});
}

TEST_CASE("S11 a node stops over a directory of another format, and takes nothing in its place from its peer") {
  const auto [version, words] = GENERATE(Catch::Generators::table<char, std::string>(
      {{1, "an older version of this program, in format 1"}, {3, "a newer version of this program, in format 3"}}));
  Play play;
  play("cast a b arbiter c1; pair; c1 put x 0; run 200ms; crash b");
  std::string meta = play.stage.disk("b").contents("meta");
  meta = meta.substr(0, meta.size() - 4);
  meta[8] = version;
  Writer(meta).u32(crc32c(meta));
  play.stage.disk("b").put("meta", meta);
  const Lines told = play("start b; run 2s");
  CHECK(was_told(told, "b stops: meta: the directory was written by " + words));
  CHECK_FALSE(was_told(told, "damaged"));
  CHECK(play.stage.disk("b").contents("meta") == meta);
}

TEST_CASE("S11 a damaged node claims nothing, even alone") {
  Play play;
  play("cast a b arbiter c1; pair; c1 put x 0; run 200ms; crash a; crash b; flip a log-1-1 900");
  const Lines told = play("start a; run 5s");
  CHECK(play.stage.role("a") == Role::damaged);
  CHECK_FALSE(was_told(told, "a claims"));
  // b, whose log is sound, serves, and a comes back by it.
  play("start b; run 3s");
  CHECK(play.stage.role("b") == Role::primary);
  CHECK(play.stage.durable_state("a") == Lines{"x=0"});
}

TEST_CASE("S12 a word of an older epoch is ignored, and one of a later epoch is not") {
  Play play;
  play("cast a b arbiter c1; pair; run 1s");
  CHECK_FALSE(was_told(play("forge heartbeat b->a epoch 1; settle"), "fenced"));
  CHECK(was_told(play("forge heartbeat b->a epoch 7; settle"), "a is fenced"));
}

TEST_CASE("S12 a primary that is greeted by who knows a later epoch serves no more") {
  Play play;
  play("cast a b arbiter c1; pair; c1 put x 0; run 200ms; cut a-b; cut a-arbiter; run 2s");
  REQUIRE(play.stage.role("b") == Role::primary);
  REQUIRE(play.stage.role("a") == Role::primary);
  // b's successor is b itself: it starts again, and its Hello is the first that a hears of epoch 2.
  const Lines told = play("kill b; heal a-b; start b; run 50ms");
  CHECK(was_told(told, "b -> a: hello...epochs 1@1 2@6"));
  CHECK(was_told(told, "a is fenced"));
}

TEST_CASE("S12 a sign of life from another incarnation is ignored, by name of reason") {
  Play play;
  play("cast a b arbiter c1; pair; run 1s");
  const Lines told = play("forge heartbeat a->b epoch 1; settle");
  CHECK(was_told(told, "b ignores a message: other incarnation"));
}

TEST_CASE("S12 a primary takes no sign of life from another incarnation for its backup's") {
  Play play;
  play("cast a b arbiter c1; pair; run 1s");
  CHECK(was_told(play("forge heartbeat b->a epoch 1; settle"), "a ignores a message: other incarnation"));
}

TEST_CASE("S12 a verdict on an epoch that its claimer lives in meanwhile changes nothing") {
  Play play;
  play("cast a b arbiter c1; pair; c1 put x 0; run 200ms; hold arbiter->b; cut a-b");
  REQUIRE(was_told(play("run 2s"), "a goes alone in epoch 2"));
  REQUIRE(was_told(play("deliver arbiter->b 1; settle"), "arbiter -> b: epoch 2 is a/1's"));
  play("heal a-b; run 1s");
  REQUIRE(play.stage.role("b") == Role::backup);
  const Lines told = play("heal arbiter-b; run 100ms");
  CHECK_FALSE(was_told(told, "b has lost"));
  CHECK_FALSE(was_told(told, "b is fenced"));
  CHECK(play.stage.role("b") == Role::backup);
}

}  // namespace
}  // namespace smalldb::testing
