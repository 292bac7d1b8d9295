// A clean stop: what a node gives before it ends, what it says to its peer, and what that one makes of it.
#include <catch2/catch.hpp>

#include <string>
#include <vector>

#include "model/testing/alone.h"
#include "model/testing/script.h"

namespace smalldb::testing {
namespace {

using Lines = std::vector<std::string>;

// Long enough that whoever waits for a silence, or looks for somebody first, is seen to wait.
constexpr const char* patient = "cast a b arbiter c1 c2; pair; c1 put x 1; c2 put y 1; run 200ms";

TEST_CASE("a primary that is told to stop hands over: no time passes until its backup has taken over") {
  Play play;
  play(patient);
  const Lines told = play("stop a; settle");
  CHECK(was_told(told, "a -> b: leaving"));
  CHECK(was_told(told, "b takes over in epoch 2"));
  CHECK(was_told(told, "a stops"));
  CHECK_FALSE(was_told(told, "suspects"));
  CHECK(play.stage.durable_log_bytes("b").starts_with(play.stage.durable_log_bytes("a")));
}

TEST_CASE("F2 a primary that is told to stop owes its answers, and says so only after they have left") {
  Play play;
  play(patient);
  Lines told = play("hold b->a; c1 put x 2; settle; stop a; c2 put x 3; settle");
  CHECK_FALSE(was_told(told, "a -> b: leaving"));
  CHECK(was_told(told, "a -> c2: #2 not serving"));
  told = play("heal a-b; settle");
  CHECK(was_told(told, "a -> c1: #2 ok"));
  CHECK(was_told(told, "a -> b: leaving"));
  CHECK(was_told(told, "b takes over"));
}

TEST_CASE("S8 a primary that has said that it stops answers no read, and the lease that its backup granted is over") {
  Play play;
  play("cast a b arbiter c1; set reads leased; set lease 2s; set suspect_after 5s; pair; c1 put x 1; run 500ms");
  play("hold b->a; hold arbiter->b");
  REQUIRE(was_told(play("c1 get x; settle"), "a -> c1: #2 ok 1"));
  const Lines told = play("stop a; settle; c1 get x; settle");
  CHECK(was_told(told, "a -> b: leaving"));
  CHECK(was_told(told, "b claims epoch 2"));
  CHECK_FALSE(was_told(told, "a -> c1: #3 ok"));
}

TEST_CASE("S7 a node that is told to stop ends when all that it has taken is durable, and received is not enough") {
  Play play;
  play("cast a b arbiter c1; set acknowledge received; pair; hold disk b");
  REQUIRE(was_told(play("c1 put x 1; settle"), "c1 is told: put x=1: ok"));
  SECTION("the backup") {
    CHECK_FALSE(was_told(play("stop b; run 2s"), "b stops"));
    CHECK(was_told(play("release disk b; settle"), "b stops"));
    CHECK(play.stage.durable_state("b") == Lines{"x=1"});
  }
  SECTION("the primary, before whose end it must be durable at the backup") {
    CHECK_FALSE(was_told(play("stop a; settle"), "a stops"));
    const Lines told = play("release disk b; settle");
    CHECK(was_told(told, "b takes over"));
    CHECK(was_told(told, "a stops"));
    CHECK(play.stage.durable_state("b") == Lines{"x=1"});
  }
  SECTION("a backup whose link has broken meanwhile") {
    play("cut a-b; close a-b; settle");
    REQUIRE(play.stage.role("b") == Role::seeking);
    CHECK_FALSE(was_told(play("stop b; run 200ms"), "b stops"));
    CHECK(was_told(play("release disk b; settle"), "b stops"));
    CHECK(play.stage.durable_state("b") == Lines{"x=1"});
  }
}

TEST_CASE("a primary without a backup ends as soon as its own disk has all") {
  Play play;
  play("cast a b arbiter c1; start arbiter a c1; run 1s; c1 put x 1; run 200ms; hold disk a; c1 put x 2; settle");
  CHECK_FALSE(was_told(play("stop a; settle"), "a stops"));
  const Lines told = play("release disk a; settle");
  CHECK(was_told(told, "a -> c1: #2 ok"));
  CHECK(was_told(told, "a stops"));
}

TEST_CASE("a primary that is told to stop does not wait for a backup that is out of reach, if it owes nothing") {
  Play play;
  play(patient);
  CHECK(was_told(play("cut a-b; close a-b; settle; stop a; settle"), "a stops"));
}

TEST_CASE("a primary that owes an answer while its backup is gone gives it when it is alone, and then ends") {
  Play play;
  play("set answer_within 5s");
  play(patient);
  play("crash b; c1 put x 2; settle");
  CHECK_FALSE(was_told(play("stop a; settle"), "a stops"));
  const Lines told = play("run 1s");
  CHECK(was_told(told, "a goes alone"));
  CHECK(was_told(told, "c1 is told: put x=2: ok"));
  CHECK(was_told(told, "a stops"));
}

TEST_CASE("F5 a backup that was handed over to waits for the arbiter like any other, and the old primary ends") {
  Play play;
  play(patient);
  play("cut arbiter-b; stop a");
  Lines told = play("run 1s");
  CHECK(was_told(told, "b claims epoch 2"));
  CHECK(was_told(told, "a stops"));
  CHECK_FALSE(was_told(told, "b takes over"));
  CHECK(was_told(play("heal arbiter-b; run 1s"), "b takes over"));
}

TEST_CASE("a primary whose word is not heard ends after a while, and its backup finds out by itself") {
  Play play;
  play(patient);
  const Lines told = play("hold a->b; stop a; run 2s");
  CHECK(was_told(told, "a stops"));
  CHECK(was_told(told, "b suspects a"));
  CHECK(was_told(told, "b takes over"));
}

TEST_CASE("S4 a backup that stops says so, and its primary claims the next epoch without a silence") {
  Play play;
  play(patient);
  const Lines told = play("stop b; settle; c1 put x 2; settle");
  CHECK(was_told(told, "b -> a: leaving"));
  CHECK(was_told(told, "a goes alone in epoch 2"));
  CHECK(was_told(told, "c1 is told: put x=2: ok"));
  CHECK(was_told(told, "b stops"));
  CHECK_FALSE(was_told(told, "suspects"));
  CHECK(was_told(play("start b; run 1s; status"), "b: backup"));
}

TEST_CASE("S4 a primary whose backup has left does not give its claim up because the silence is short") {
  Play play;
  play("cast a b arbiter c1; set suspect_after 10s; pair; cut a-arbiter; stop b");
  play("run 2s");
  CHECK(was_told(play("heal a-arbiter; run 1s"), "a goes alone in epoch 2"));
}

TEST_CASE("a node that is told to stop while it looks for a primary, or reads its disk, ends") {
  Play play;
  play("cast a b arbiter c1; start b; run 1s");
  CHECK(was_told(play("stop b; settle"), "b stops"));
  play("hold disk a; start a; settle");
  REQUIRE(play.stage.role("a") != Role::seeking);
  CHECK(was_told(play("stop a; settle"), "a stops"));
}

TEST_CASE("a node that stops and waits for its peer is promoted by nobody") {
  Play play;
  play("cast a b c1; set arbiter manual; start a b c1; run 100ms; promote a; run 1s; c1 put x 1; run 200ms");
  REQUIRE(play.stage.role("b") == Role::backup);
  const Lines told = play("hold a->b; stop b; settle; promote b; run 1s");
  CHECK(was_told(told, "b -> a: leaving"));
  CHECK(was_told(told, "b stops"));
  CHECK_FALSE(was_told(told, "b takes over"));
}

}  // namespace
}  // namespace smalldb::testing
