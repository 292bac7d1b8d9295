// One test per claim of the paper, by its number in docs/protocol.md: the rules F1 to F11. Commands as in
// model/testing/script.h.
#include <catch2/catch.hpp>

#include <string>
#include <vector>

#include "model/testing/script.h"

namespace smalldb::testing {
namespace {

using Lines = std::vector<std::string>;

// One step of everybody's mail, so that a crash can fall between any two of them.
constexpr const char* one_delivery[] = {"deliver c1->a 1", "deliver a->b 1", "deliver b->a 1", "deliver a->c1 1"};

TEST_CASE("F1 a backup that takes over goes on consistently with every output, wherever the primary died") {
  for (std::size_t died_after = 0; died_after < 24; ++died_after) {
    Play play;
    play("cast a b arbiter c1; pair; c1 put x 0; run 200ms");
    Lines told = play("c1 put x 1; c1 put x 2; c1 put x 3");
    for (std::size_t i = 0; i < died_after; ++i) {
      for (const std::string& line : play(one_delivery[i % 4])) told.push_back(line);
    }
    std::size_t answered = 0;
    while (was_told(told, "c1 is told: put x=" + std::to_string(answered + 1) + ": ok")) ++answered;
    const Lines last = play("crash a; settle");
    INFO("died after " << died_after << " deliveries, " << answered << " writes answered");
    // What an answered write depends on is on the backup's disk before anything else happens ...
    const Lines state = play.stage.durable_state("b");
    REQUIRE(state.size() == 1);
    CHECK(std::stoull(state[0].substr(2)) >= answered);
    // ... and every write is answered in the end, once.
    told.insert(told.end(), last.begin(), last.end());
    for (const std::string& line : play("run 2s")) told.push_back(line);
    for (const char* value : {"1", "2", "3"}) {
      CHECK(times_told(told, std::string("c1 is told: put x=") + value + ": ok") == 1);
    }
    CHECK(play.stage.durable_state("b") == Lines{"x=3"});
  }
}

TEST_CASE("F2 no output before the backup has acknowledged, while execution goes on") {
  Play play;
  play("cast a b arbiter c1; set in_flight 8; pair; c1 put x 0; run 200ms; hold b->a");
  const Lines told = play("c1 put x 1; c1 put x 2; c1 put x 3; settle");
  CHECK(times_told(told, "a -> b: records") == 3);
  CHECK_FALSE(was_told(told, "a -> c1"));
  const Lines later = play("deliver b->a; settle");
  CHECK(times_told(later, "c1 is told: ...ok") == 3);
}

TEST_CASE("F3 an output may appear twice at a takeover, and is not executed twice") {
  Play play;
  play("cast a b arbiter c1; pair; c1 put x 0; run 200ms");
  const Lines told = play("hold a->c1; c1 put x 1; settle; crash a; drop a->c1; heal a-c1; run 2s");
  CHECK(was_told(told, "a -> c1: #2 ok, revision 6"));
  CHECK(was_told(told, "b -> c1: #2 ok, revision 6"));
  CHECK(times_told(told, "c1 is told: put x=1: ok, revision 6") == 1);
}

TEST_CASE("F4 a backup drains what it has received before it goes live") {
  Play play;
  play("cast a b arbiter c1; set in_flight 8; pair; c1 put x 0; run 200ms; hold b->a");
  play("c1 put x 1; c1 put x 2; c1 put x 3; settle; crash a; cut a-b; run 2s");
  CHECK(play.stage.durable_state("b") == Lines{"x=3"});
  CHECK(was_told(play("c1 get x; run 200ms"), "c1 is told: get x: ok 3, revision 8"));
}

TEST_CASE("F5 nobody goes live while the arbiter cannot be reached, neither primary nor backup") {
  for (const char* kind : {"tie_breaker", "shared_lock", "manual"}) {
    Play play;
    play(std::string("cast a b arbiter c1; set arbiter ") + kind);
    play("pair; promote a; run 1s; c1 put x 0; run 200ms");
    REQUIRE(play.stage.durable_state("b") == Lines{"x=0"});
    play("cut a-arbiter; cut b-arbiter; shared down; cut a-b");
    const Lines told = play("c1 put x 1; run 5s");
    CHECK_FALSE(was_told(told, "has won"));
    CHECK_FALSE(was_told(told, "c1 is told: put x=1: ok"));
  }
}

TEST_CASE("F5 who loses the test-and-set stops serving") {
  Play play;
  play("cast a b arbiter c1; pair; c1 put x 0; run 200ms; cut a-b; hold a->arbiter; run 1s; heal a-arbiter; run 300ms");
  CHECK(play.stage.role("b") == Role::primary);
  CHECK(play.stage.role("a") == Role::seeking);
  const Lines told = play("c1 put x 1; run 500ms");
  CHECK_FALSE(was_told(told, "a -> c1: #2 ok"));
  CHECK(was_told(told, "b -> c1: #2 ok"));
}

TEST_CASE("F6 a node is suspected when its heartbeats stop, though its stream is open") {
  Play play;
  play("cast a b arbiter c1; pair; run 1s; deafen a-b");
  const Lines told = play("run 1s");
  CHECK(was_told(told, "suspects ...: no heartbeats"));
  CHECK(was_told(told, "has won epoch 2"));
}

TEST_CASE("F6 a node is suspected when its log traffic stops, though its heartbeats come") {
  Play play;
  play("cast a b arbiter c1; pair; run 1s; stall a-b");
  const Lines told = play("run 1s");
  CHECK(was_told(told, "suspects ...: no log traffic"));
  CHECK(was_told(told, "has won epoch 2"));
}

TEST_CASE("F6 nobody is suspected while both channels work") {
  Play play;
  play("cast a b arbiter c1; pair");
  const Lines told = play("run 60s");
  CHECK_FALSE(was_told(told, "suspects"));
  CHECK_FALSE(was_told(told, "claims"));
  CHECK(play.stage.role("a") == Role::primary);
  CHECK(play.stage.role("b") == Role::backup);
}

// A primary whose log no longer begins at the beginning, so that who joins needs a snapshot.
Play& alone_with_a_long_log(Play& play) {
  play("cast a b arbiter c1; set chunk_bytes 300; set chunks_in_flight 2; set segment_bytes 600");
  play("set log_buffer_bytes 1000; set join_buffer_bytes 3000; set checkpoint_every_bytes 1000");
  play("start arbiter a c1; run 1s");
  for (const char* key : {"k1", "k2", "k3", "k4", "k5", "k6", "k7", "k8"}) {
    play(std::string("c1 fill ") + key + " 300; run 50ms");
  }
  return play;
}

TEST_CASE("F7 redundancy is restored by a snapshot of the running store, which goes on serving") {
  Play play;
  alone_with_a_long_log(play);
  play("hold disk b; start b; disk b; settle");
  const Lines told = play("run 50ms; c1 put meanwhile 1; settle; disk b 2; settle; c1 put meanwhile 2; settle");
  CHECK(was_told(told, "c1 is told: put meanwhile=1: ok"));
  CHECK(was_told(told, "c1 is told: put meanwhile=2: ok"));
  CHECK(play.stage.role("b") == Role::joining);
  CHECK(was_told(play("release disk b; run 1s"), "a declares b in sync"));
  CHECK(play.stage.durable_state("b") == play.stage.durable_state("a"));
  CHECK(play.stage.durable_state("b").size() == 9);
}

TEST_CASE("F7 a comer that takes its snapshot slowly makes nobody wait as long as the join buffer lasts") {
  Play play;
  alone_with_a_long_log(play);
  play("hold disk b; start b; disk b; settle; run 50ms");
  REQUIRE(play.stage.role("b") == Role::joining);
  // 380 bytes each: the pair's bound is passed by the third, the comer's by the eighth.
  for (int i = 0; i < 7; ++i) CHECK(was_told(play("c1 fill m" + std::to_string(i) + " 300; run 20ms"), "ok"));
  for (int i = 0; i < 3; ++i) play("c1 fill m8 300; run 20ms");
  CHECK_FALSE(was_told(play("run 100ms"), "ok"));
  const Lines told = play("release disk b; run 1s");
  CHECK(was_told(told, "a takes requests again"));
  CHECK(was_told(told, "a declares b in sync"));
  CHECK(play.stage.durable_state("b") == play.stage.durable_state("a"));
}

TEST_CASE("F8 a backup that falls behind slows the primary down, and nothing is dropped or runs ahead without bound") {
  Play play;
  play("cast a b arbiter c1; set in_flight 16; set log_buffer_bytes 1000; pair; c1 put x 0; run 200ms; hold disk b");
  for (int i = 0; i < 10; ++i) play("c1 fill k" + std::to_string(i) + " 200; settle");
  const Lines told = play("c1 put last 1; settle");
  CHECK_FALSE(was_told(told, "a -> b: records"));
  // 280 bytes each: the bound is passed by the fourth.
  CHECK(play.stage.durable_log("a").size() == 5 + 4);
  const Lines later = play("release disk b; run 300ms");
  CHECK(times_told(later, "c1 is told: ...ok") == 11);
  CHECK(was_told(later, "a takes requests again"));
}

TEST_CASE("F9 a checkpoint is a record: both sides write the same bytes as of the same position") {
  Play play;
  play("cast a b arbiter c1; pair; c1 put x 17; run 200ms; checkpoint a; c1 put y 4; run 300ms");
  const std::string file = "checkpoint-0000000001-00000000000000000006";
  REQUIRE(play.stage.disk("a").holds(file));
  REQUIRE(play.stage.disk("b").holds(file));
  CHECK(play.stage.disk("a").contents(file) == play.stage.disk("b").contents(file));
}

TEST_CASE("F10 time is the primary's: stamps never fall, and sessions expire by a record") {
  Play play;
  play(
      "cast a b arbiter c1 c2; set session_expires_after 10s; pair; c1 put x 1; run 200ms; wall -5s; c1 put x 2; run "
      "200ms");
  const std::string bytes = play.stage.durable_log_bytes("b");
  WallTime last{};
  std::string_view rest = bytes;
  std::size_t records = 0;
  while (const auto record = decode_record(rest)) {
    CHECK(record->stamp >= last);
    last = record->stamp;
    rest.remove_prefix(decode_header(rest)->record_size());
    ++records;
  }
  CHECK(records == 6);
  const Lines told = play("wall 1h; run 200ms");
  CHECK(was_told(told, "a drops 1 idle sessions"));
  CHECK(was_told(told, "a -> b: records 7...sessions expire"));
  CHECK(play.stage.durable_log_bytes("a") == play.stage.durable_log_bytes("b"));
}

TEST_CASE("F10 sessions are seen to be idle after the clock was far ahead and set right, also by the next primary") {
  for (const bool takeover : {false, true}) {
    Play play;
    play("cast a b arbiter c1 c2; set session_expires_after 10s; pair; wall 9000h; c1 put x 1; run 200ms; wall -9000h");
    play(takeover ? "crash a; run 2s; c2 put x 2; run 2s" : "c2 put x 2; run 4s");
    const Lines told = play("c2 put x 3; run 8s");
    CHECK(was_told(told, (takeover ? "b" : "a") + std::string(" drops 1 idle sessions")));
    CHECK(was_told(play("c2 put x 4; run 1s"), "c2 is told: put x=4: ok"));
  }
}

TEST_CASE("F10 where there is no room for another session, the one that was idle for longest makes it, after a while") {
  Play play;
  Lines told = play(
      "cast a b arbiter c1 c2 c3; set sessions_max 2; set session_expires_after 60s; pair; c1 put x 1; run 200ms; c2 "
      "put "
      "x 2; run 500ms; c3 put x 3; run 100ms");
  CHECK_FALSE(was_told(told, "a drops 1 idle sessions"));
  told = play("c2 put x 4; run 5s");
  CHECK(was_told(told, "a drops 1 idle sessions"));
  CHECK(play.stage.durable_log_bytes("a") == play.stage.durable_log_bytes("b"));
  CHECK(was_told(told, "c3 is told: put x=3: ok, revision 11"));
  CHECK(was_told(play("c2 put x 5; run 200ms"), "c2 is told: put x=5: ok, revision 12"));
}

TEST_CASE("F11 what was on its way at a takeover is issued again, and does no harm") {
  Play play;
  play("cast a b arbiter c1; pair; c1 put x 0; run 200ms");
  // The log write of the dead primary is on its way; so are a request and an acknowledgement.
  const Lines told =
      play("hold disk a; c1 put x 1 if revision 5; settle; crash a; release disk a; run 2s; start a; run 2s");
  CHECK(times_told(told, "c1 is told: put x=1: ok, revision 6") == 1);
  CHECK(play.stage.durable_state("a") == Lines{"x=1"});
  CHECK(play.stage.durable_log_bytes("a") == play.stage.durable_log_bytes("b"));
}

}  // namespace
}  // namespace smalldb::testing
