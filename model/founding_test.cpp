// Nodes that come with less than they had, and must neither found the store anew nor serve (S2). Commands as in
// model/testing/script.h.
#include <catch2/catch.hpp>

#include <string>
#include <vector>

#include "model/data_directory.h"
#include "model/testing/script.h"

namespace smalldb::testing {
namespace {

using Lines = std::vector<std::string>;

// The files of the node's log, each with nothing in it.
void empty_log(Play& play, const std::string& node) {
  for (const std::string& name : play.stage.disk(node).names()) {
    if (parse_file_name(name).kind == FileKind::log) play.stage.disk(node).put(name, "");
  }
}

TEST_CASE("S2 a founder that has lost its log does not found the store a second time, alone") {
  Play play;
  play("cast a arbiter c1; start arbiter a c1; run 1s; c1 put x 17; run 200ms; crash a");
  empty_log(play, "a");
  const Lines told = play("start a; run 3s");
  CHECK(was_told(told, "a log damaged at offset 0: log-1-1...records had begun here"));
  CHECK_FALSE(was_told(told, "a claims"));
}

TEST_CASE("S2 a founder that has lost its log does not found the store a second time beside its backup") {
  Play play;
  play("cast a b arbiter c1; pair; c1 put x 17; run 200ms; crash a; cut a-b");
  empty_log(play, "a");
  const Lines told = play("start a; run 3s");
  CHECK_FALSE(was_told(told, "a claims"));
  CHECK(was_told(told, "b takes over in epoch 2"));
  CHECK(was_told(play("heal a-b; run 3s; c1 get x; run 500ms"), "c1 is told: get x: ok 17"));
  CHECK(play.stage.disk("a").names().size() > 1);
}

TEST_CASE("S2 nobody serves in an epoch of his own after which another has one, with however old a disk he comes") {
  for (const char* cast : {"cast a b arbiter c1; start arbiter", "cast a b c1; set arbiter shared_lock"}) {
    CAPTURE(cast);
    Play play;
    play(std::string(cast) + "; start a c1; run 1s; c1 put x 1; run 200ms; crash a");
    const auto old = play.stage.disk("a");
    REQUIRE(was_told(play("start a; run 2s"), "a has won epoch 2"));
    play("start b; run 2s; c1 put x 2; run 200ms; crash a; run 2s");
    play.stage.disk("a") = old;
    const Lines told = play("cut a-b; start a; run 3s");
    CHECK(was_told(told, "a has lost epoch 2 to a"));
    CHECK_FALSE(was_told(told, "a has won"));
    CHECK(was_told(play("heal a-b; run 3s; c1 get x; run 500ms"), "c1 is told: get x: ok 2"));
  }
}

}  // namespace
}  // namespace smalldb::testing
