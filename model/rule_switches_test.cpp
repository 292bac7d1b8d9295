// The rules that can be switched off, each by what goes wrong without it. Commands as in model/testing/script.h.
#include <catch2/catch.hpp>

#include <string>
#include <vector>

#include "model/testing/script.h"

namespace smalldb::testing {
namespace {

using Lines = std::vector<std::string>;

// What happens with the rule, and what without it.
template <class Happens>
void check_switch(const std::string& rule, Happens happens) {
  Play with;
  CHECK_FALSE(happens(with));
  Play without;
  without("rule " + rule + " off");
  CHECK(happens(without));
}

TEST_CASE("rule output_rule: without it, what was answered is gone after a takeover") {
  check_switch("output_rule", [](Play& play) {
    play("cast a b arbiter c1; pair; c1 put x 0; run 200ms; cut a-b");
    const bool answered = was_told(play("c1 put x 1; settle"), "c1 is told: put x=1: ok");
    play("crash a; run 2s");
    return answered && play.stage.durable_state("b") == Lines{"x=0"};
  });
}

TEST_CASE("rule read_confirmation: without it, a deposed primary answers a read from its memory") {
  check_switch("read_confirmation", [](Play& play) {
    play("cast a b arbiter c1 c2; set answer_within 5s; pair; c1 put x old; c2 put y 1; run 300ms");
    play("cut a-b; cut a-arbiter; cut a-c1; run 1s; c1 put x new; run 6s");
    return was_told(play("c2 get x; settle"), "c2 is told: get x: ok old");
  });
}

TEST_CASE("rule local_sync_before_release: without it, a primary that is alone loses what it answered") {
  check_switch("local_sync_before_release", [](Play& play) {
    play("cast a b arbiter c1; start arbiter a c1; run 1s; c1 put x 0; run 200ms; hold disk a");
    const bool answered = was_told(play("c1 put x 1; settle"), "c1 is told: put x=1: ok");
    play("crash a");
    return answered && play.stage.durable_state("a") == Lines{"x=0"};
  });
}

TEST_CASE("rule backup_sync_before_ack: without it, what was answered is gone when both lose power") {
  check_switch("backup_sync_before_ack", [](Play& play) {
    play("cast a b arbiter c1; pair; c1 put x 0; run 200ms; hold disk b");
    const bool answered = was_told(play("c1 put x 1; settle"), "c1 is told: put x=1: ok");
    play("crash a; crash b");
    return answered && play.stage.durable_state("b") == Lines{"x=0"};
  });
}

TEST_CASE("rule arbiter_before_live: without it, both serve") {
  check_switch("arbiter_before_live", [](Play& play) {
    play("cast a b arbiter c1 c2; pair; c1 put x 0; c2 put y 0; run 300ms; cut a-b; run 1s");
    return play.stage.role("a") == Role::primary && play.stage.role("b") == Role::primary;
  });
}

TEST_CASE("rule drain_before_live: without it, what was acknowledged and answered is dropped at the takeover") {
  check_switch("drain_before_live", [](Play& play) {
    play("cast a b arbiter c1; pair; c1 put x 0; run 200ms");
    const bool answered = was_told(play("c1 put x 1; settle"), "c1 is told: put x=1: ok");
    play("cut a-b; kill a; run 2s");
    return answered && play.stage.role("b") == Role::primary && play.stage.durable_state("b") == Lines{"x=0"};
  });
}

TEST_CASE("rule exactly_once: without it, a retry is executed again") {
  check_switch("exactly_once", [](Play& play) {
    play("cast a b arbiter c1; pair; c1 put x 0; run 200ms; hold a->c1; c1 put x 1 if revision 5; settle; crash a");
    return was_told(play("drop a->c1; heal a-c1; run 2s"), "c1 is told: put x=1: condition failed");
  });
}

TEST_CASE(
    "rule epoch_check: without it, a deposed primary that cannot know takes its successor back, and answers vanish") {
  check_switch("epoch_check", [](Play& play) {
    play("cast a b arbiter c1 c2; pair; c1 put x 0; run 200ms; cut a-b; cut a-arbiter; cut a-c1; run 2s");
    const bool answered = was_told(play("c1 put x 1; run 2s"), "c1 is told: put x=1: ok");
    play("crash b; heal a-b; start b; run 200ms");
    return answered && play.stage.durable_state("b") == Lines{"x=0"};
  });
}

TEST_CASE("rule torn_tail_cut: without it, a torn record is taken for whole") {
  check_switch("torn_tail_cut", [](Play& play) {
    play("cast a b arbiter c1; start arbiter a c1; run 1s; c1 put x 0; run 200ms; hold disk a; c1 fill x 20; settle");
    play("disk a 1; crash a; release disk a");
    const std::string file = "log-0000000001-00000000000000000001";
    std::string contents = play.stage.disk("a").contents(file);
    contents.resize(contents.size() - 10);
    play.stage.disk("a").put(file, contents);
    return play.stage.durable_state("a") != Lines{"x=0"};
  });
}

TEST_CASE("rule checkpoint_in_stream: without it, the checkpoints of the two are not the same files") {
  check_switch("checkpoint_in_stream", [](Play& play) {
    play("cast a b arbiter c1; set checkpoint_every_bytes 600; set segment_bytes 300; pair");
    for (int i = 0; i < 12; ++i) play("c1 fill k" + std::to_string(i) + " 50; run 130ms");
    for (const std::string& name : play.stage.disk("a").names()) {
      if (!name.starts_with("checkpoint")) continue;
      return !play.stage.disk("b").holds(name) ||
             play.stage.disk("a").contents(name) != play.stage.disk("b").contents(name);
    }
    return false;
  });
}

}  // namespace
}  // namespace smalldb::testing
