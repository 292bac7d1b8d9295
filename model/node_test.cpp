// A node's roles from outside: what seekers, comers, backups and primaries make of what they are told, and of what does
// not belong there. The rules themselves have tests by their numbers in paper_test.cpp and rules_test.cpp.
#include <catch2/catch.hpp>

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include "model/testing/alone.h"
#include "model/testing/script.h"

namespace smalldb::testing {
namespace {

using Lines = std::vector<std::string>;

// ---- Seekers --------------------------------------------------------------------------------------------------------

TEST_CASE("a seeker goes from node to node, and where it is sent") {
  Play play;
  play("cast a b d arbiter c1; start arbiter a b; run 2s");
  const Lines told = play("hold a->b; start d; run 50ms");
  CHECK(was_told(told, "d -> a: hello"));
  CHECK(was_told(told, "a -> d: not primary, try a"));  // there is a backup already: nobody else can help
  const Lines later = play("run 300ms");
  CHECK(was_told(later, "d -> b: hello"));
  CHECK(was_told(later, "b -> d: not primary, try a"));
}

TEST_CASE("a third node becomes the backup when the second one is gone") {
  Play play;
  play("cast a b d arbiter c1; pair; run 1s; c1 put x 1; run 200ms");
  REQUIRE(play.stage.role("b") == Role::backup);
  play("crash b; run 2s");
  CHECK(play.stage.role("d") == Role::backup);
  CHECK(play.stage.durable_log_bytes("d") == play.stage.durable_log_bytes("a"));
  play("crash a; run 2s");
  CHECK(play.stage.role("d") == Role::primary);
  CHECK(play.stage.durable_state("d") == Lines{"x=1"});
}

TEST_CASE("a seeker does not follow a primary whose epoch is over") {
  Play play;
  play("cast a b arbiter c1; start arbiter a b; run 2s; cut a-b; cut a-arbiter; run 2s; kill b; start b");
  REQUIRE(play.stage.role("a") == Role::primary);
  // a has not heard anything yet: the word goes from a to b only.
  const Lines told = play("heal a-b; run 20ms");
  CHECK_FALSE(was_told(told, "a -> b: welcome"));
  CHECK_FALSE(was_told(told, "b is joining"));
}

TEST_CASE("a node that knew nobody looks for a primary at whom it meets") {
  Alone node({}, {ProcessId{0}}, false);  // to whom 1 has connected meanwhile
  REQUIRE(node.status().role == Role::seeking);
  REQUIRE(node.called == 0);
  node.pass(milliseconds(100));
  CHECK(node.called != 0);
}

TEST_CASE("a node that was sent to another lets that one hear from it") {
  const ProcessId other{2};
  Alone node({}, {ProcessId{0}, ProcessId{1}}, false);
  const TimerId time_to_try{1};
  node.step(TimerFired{time_to_try});
  node.answer_call();
  const std::uint64_t first = node.called;
  node.say(first, encode(Epoch{}, Incarnation{}, NotPrimary{other}));
  node.step(TimerFired{time_to_try});
  REQUIRE(node.called != first);
  node.pass(milliseconds(100));
  CHECK(std::count(node.reached.begin(), node.reached.end(), other) == 0);
  node.answer_call();
  node.pass(milliseconds(100));
  CHECK(std::count(node.reached.begin(), node.reached.end(), other) == 1);
}

TEST_CASE("a spare that was told of one node of a pair hears of the other") {
  const ProcessId backup{2};
  Alone node({}, {ProcessId{0}, ProcessId{1}}, false);
  const TimerId time_to_try{1};
  node.step(TimerFired{time_to_try});
  node.answer_call();
  const std::uint64_t to_primary = node.called;
  node.say(to_primary, encode(Epoch{}, Incarnation{}, NotPrimary{ProcessId{1}, backup}));
  for (int i = 0; i < 2; ++i) node.step(TimerFired{time_to_try});
  CHECK(node.calls.back() == backup);
}

TEST_CASE("a node that finds nobody asks for the next epoch only after a while") {
  Play play;
  play("cast a b arbiter c1; pair; crash b; run 2s; crash a; start a");
  CHECK_FALSE(was_told(play("run 250ms"), "claims"));
  CHECK(was_told(play("run 200ms"), "a claims epoch 3"));
}

// ---- Comers ---------------------------------------------------------------------------------------------------------

TEST_CASE("a link that breaks while a comer cuts its log does not stop the cut") {
  Play play;
  play("cast a b arbiter c1; pair; c1 put x 0; run 200ms; cut a-b; c1 put lost 1; settle; crash a; cut a-c1; run 2s");
  play("heal a-b; start a; hold disk a");
  Lines told;
  for (int i = 0; i < 20 && !was_told(told, "a cuts its log"); ++i) told = play("disk a; run 20ms");
  REQUIRE(was_told(told, "a cuts its log to 5"));
  play("close a-b; disk a; settle");
  CHECK(play.stage.durable_log("a").size() == 5);
  play("release disk a; run 2s");
  CHECK(play.stage.role("a") == Role::backup);
  CHECK(play.stage.durable_log_bytes("a") == play.stage.durable_log_bytes("b"));
}

TEST_CASE("a comer whose disk is slow is waited for, and does not lose its patience") {
  Play play;
  play("cast a b arbiter c1; start arbiter a c1; run 1s; c1 put x 0; run 200ms; start b; hold disk b");
  const Lines told = play("run 5s");
  CHECK_FALSE(was_told(told, "suspects"));
  play("release disk b; run 1s");
  CHECK(play.stage.role("b") == Role::backup);
}

// ---- Backups --------------------------------------------------------------------------------------------------------

TEST_CASE("a backup sends clients to the primary, and executes nothing for them") {
  Play play;
  play("cast a b arbiter c1; pair; cut c1-a");
  const Lines told = play("c1 put x 1; run 1s");
  CHECK(was_told(told, "b -> c1: not primary, try a"));
  CHECK(play.stage.durable_state("b").empty());
}

TEST_CASE("a backup that comes back in the same epoch goes on where it was") {
  Play play;
  play("cast a b arbiter c1; pair; c1 put x 1; run 200ms; kill b; start b");
  const Lines told = play("c1 put x 2; run 300ms");
  CHECK(was_told(told, "a goes on with its backup b after 5"));
  CHECK(was_told(told, "c1 is told: put x=2: ok"));
  CHECK_FALSE(was_told(told, "claims"));
  CHECK(play.stage.durable_log_bytes("a") == play.stage.durable_log_bytes("b"));
}

TEST_CASE("a backup whose primary speaks again takes its claim back while it can") {
  Play play;
  play("cast a b arbiter c1; pair; run 1s; cut b-arbiter; cut a-arbiter; stall a-b");
  CHECK(was_told(play("run 600ms"), "b claims epoch 2"));
  play("heal a-b; run 500ms; heal b-arbiter; heal a-arbiter; run 1s");
  CHECK(play.stage.role("a") == Role::primary);
  CHECK(play.stage.role("b") == Role::backup);
  const Lines told = play("c1 put x 1; run 200ms");
  CHECK(was_told(told, "c1 is told: put x=1: ok"));
}

// ---- Primaries ------------------------------------------------------------------------------------------------------

TEST_CASE("a primary that is fenced refuses what waits and answers nothing that it held") {
  Play play;
  play("cast a b arbiter c1 c2; set answer_within 10s; pair; c1 put x 0; c2 put y 0; run 300ms");
  play("cut a-b; cut a-arbiter; c1 put x 1; run 2s");
  const Lines told = play("heal a-b; run 300ms");
  CHECK(was_told(told, "a is fenced"));
  CHECK_FALSE(was_told(told, "a -> c1: #2 ok"));
  CHECK(times_told(play("run 2s"), "c1 is told: put x=1: ok") + times_told(told, "c1 is told: put x=1: ok") == 1);
}

TEST_CASE("requests that come before an epoch's first record is durable wait for it") {
  Play play;
  play("cast a b arbiter c1; start arbiter a; run 200ms; hold disk a; run 300ms; start c1");
  Lines told = play("c1 put x 1; run 50ms");
  CHECK(was_told(told, "c1 -> a: open session"));
  CHECK_FALSE(was_told(told, "a -> c1"));
  CHECK(play.stage.durable_log("a").empty());
  told = play("release disk a; run 100ms");
  CHECK(was_told(told, "c1 is told: put x=1: ok"));
}

TEST_CASE("a snapshot in chunks is sent no faster than it is taken") {
  Play play;
  play("cast a b arbiter c1; set chunk_bytes 200; set chunks_in_flight 3; set segment_bytes 600");
  play("set log_buffer_bytes 1000; set checkpoint_every_bytes 1000; start arbiter a c1; run 1s");
  for (int i = 0; i < 8; ++i) play("c1 fill k" + std::to_string(i) + " 300; run 50ms");
  const Lines told = play("start b; hold disk b; settle; run 1s");
  CHECK(times_told(told, "a -> b: snapshot") == 3);
  CHECK(times_told(play("disk b 2; settle"), "a -> b: snapshot") == 2);
}

TEST_CASE("what gathers for one write to the log goes to the backup in one message, larger than a chunk or not") {
  Play play;
  play("cast a b arbiter c1; set in_flight 16; set chunk_bytes 200; pair; c1 put x 0; run 200ms");
  play("hold disk a; c1 fill k0 300; settle");
  for (int i = 1; i < 6; ++i) play("c1 fill k" + std::to_string(i) + " 300; settle");
  const Lines told = play("release disk a; run 100ms");
  CHECK(times_told(told, "a -> b: records") == 1);
  CHECK(times_told(told, "c1 is told") == 6);
}

// ---- What does not belong here --------------------------------------------------------------------------------------

TEST_CASE("F6 a node that was not known before and connects is sent heartbeats from then on") {
  Alone node;  // to whom 1 has connected
  const auto tick = [&node] {
    node.reached.clear();
    node.step(TimerFired{TimerId{0}});
    return node.reached;
  };
  CHECK(tick() == std::vector{ProcessId{1}});
  node.step(HostEvents::accepted(Link{102}, ProcessId{9}, Port::replication));
  CHECK(tick() == std::vector{ProcessId{1}, ProcessId{9}});
  node.step(HostEvents::accepted(Link{103}, ProcessId{9}, Port::replication));
  CHECK(tick() == std::vector{ProcessId{1}, ProcessId{9}});
}

TEST_CASE("the status of a primary that is alone") {
  Alone node;
  node.say(100, Alone::put("k", 10));
  const NodeStatus status = node.status();
  CHECK(status.role == Role::primary);
  CHECK(status.serving);
  CHECK_FALSE(status.in_sync);
  CHECK(status.epoch == Epoch{1});
  CHECK(status.primary == ProcessId{0});
  CHECK(status.backup == no_process);
  CHECK(status.log_end == Lsn{2});
  CHECK(status.log_durable == Lsn{2});
  CHECK(status.safe == Lsn{2});
  CHECK(status.keys == 1);
  CHECK(status.answers_held == 0);
}

TEST_CASE("S3 the status says that there is a pair once the backup could take over") {
  Alone node;
  constexpr Incarnation its_life{3};
  Hello hello;
  hello.directory = {9, 9};
  hello.node = ProcessId{1};
  hello.number = 1;
  const auto acknowledge = [&](Lsn position) {
    node.say(Alone::peer, encode(Epoch{1}, its_life, Ack{position, position, 0, false}));
    return node.status();
  };
  node.say(Alone::peer, encode(Epoch{}, its_life, hello));
  node.say(Alone::peer, encode(Epoch{1}, its_life, Ready{{0}}));
  const NodeStatus joining = node.status();
  CHECK(joining.log_end == Lsn{2});
  CHECK_FALSE(joining.in_sync);
  const NodeStatus declared = acknowledge({2});
  CHECK(declared.log_end == Lsn{3});
  CHECK_FALSE(declared.in_sync);
  CHECK(declared.backup == no_process);
  const NodeStatus pair = acknowledge({3});
  CHECK(pair.in_sync);
  CHECK(pair.serving);
  CHECK(pair.backup == ProcessId{1});
  node.step(Closed{Link{Alone::peer}, CloseReason::reset});
  const NodeStatus left = node.status();
  CHECK(left.role == Role::primary);
  CHECK_FALSE(left.in_sync);
  CHECK_FALSE(left.serving);  // no answer leaves before it is back, or an epoch is won (S4)
}

TEST_CASE("a node alone without an arbiter founds, and serves") {
  Alone node;
  node.say(100, Alone::put("x", 3));
  CHECK(node.replies == 1);
  CHECK(node.last == Status::ok);
}

TEST_CASE("a request that is too large is refused, and the link stays") {
  Alone node;
  node.say(100, Alone::put("x", value_size_max + 1));
  CHECK(node.last == Status::too_large);
  node.say(100, Alone::put(std::string(key_size_max + 1, 'k'), 1));
  CHECK(node.last == Status::too_large);
  CHECK(node.replies == 2);
  CHECK(node.closed == 0);
  node.say(100, Alone::put(std::string(key_size_max, 'k'), value_size_max));
  CHECK(node.last == Status::ok);
}

TEST_CASE("rubbish closes the link it came on, and harms nobody else") {
  for (const std::uint64_t link : {100, 101}) {
    for (const std::string& rubbish :
         {std::string(64, '\xff'), std::string(64, '\x01'), std::string("\x08\0\0\0abcdefgh", 12)}) {
      Alone node;
      node.say(link, Bytes::copy(rubbish));
      INFO("link " << link << ", " << rubbish.size() << " bytes");
      if (node.closed == 0) node.say(link, Bytes::copy(std::string(16 * 1024 * 1024, '\xff')));
      CHECK(node.closed == link);
    }
  }
}

TEST_CASE("requests in one piece are all answered, and a request in pieces is one") {
  Alone node;
  const std::string two = Alone::put("x", 3).string() + Alone::put("y", 3).string();
  node.say(100, Bytes::copy(two));
  CHECK(node.replies == 2);
  for (const char c : Alone::put("z", 3).string()) node.say(100, Bytes::copy({&c, 1}));
  CHECK(node.replies == 3);
}

TEST_CASE("words out of place on a replication link change nothing") {
  for (const MessageBody& body :
       {MessageBody(Ready{{7}}), MessageBody(Ack{{1}, {1}, 3, true}), MessageBody(Welcome{{0}, true, {9}}),
        MessageBody(SnapshotTaken{{9}, 100}), MessageBody(Records{{1}, {9}, 0, {}}), MessageBody(NotPrimary{})}) {
    Alone node;
    node.say(101, encode(Epoch{1}, Incarnation{3}, body));
    node.say(100, Alone::put("x", 3));
    INFO(name(body));
    CHECK(node.last == Status::ok);
    CHECK(node.replies == 1);
  }
}

Bytes open_session(std::uint64_t number) {
  Request open;
  open.verb = Verb::open_session;
  open.number = number;
  return Alone::request(std::move(open));
}

TEST_CASE("F10 a clock at the end of time stops no primary, and neither does one that was there and is set back") {
  Alone node;
  const WallTime before = node.wall;
  node.wall = {std::numeric_limits<std::int64_t>::max()};
  node.say(Alone::client, open_session(1));
  node.pass(seconds(10));
  node.wall = before;
  node.say(Alone::client, Alone::put("x", 3));
  node.restart();
  for (int i = 0; i < 20; ++i) node.pass(milliseconds(100));
  node.step(HostEvents::accepted(Link{200}, ProcessId{5}, Port::client));
  node.say(200, Alone::put("x", 3));
  CHECK(node.replies == 3);
  CHECK(node.last == Status::ok);
}

TEST_CASE("a copy of a node goes on by itself") {
  Alone first;
  Alone second = first;
  second.say(100, Alone::put("x", 3));
  CHECK(first.replies == 0);
  first.say(100, Alone::put("y", 3));
  CHECK(first.replies == 1);
  CHECK(second.replies == 1);
}

}  // namespace
}  // namespace smalldb::testing
