// The properties of logs: exactly_once, definite_failure, replicas_agree, checkpoints_identical, epochs_never_fall,
// flow_control, sessions_kept.
#include <catch2/catch.hpp>

#include "properties/trace_builder.h"

namespace smalldb::properties {
namespace {

Conclusion conclusion(const TraceBuilder& trace, std::string_view property) {
  return trace.verdict(property).conclusion;
}

}  // namespace

// ---- exactly_once

TEST_CASE("S9 a request that two records of one log execute was executed twice") {
  TraceBuilder trace;
  trace.a_pair();
  trace.appends(a, put(1, "x"));
  trace.copies(a, b);
  REQUIRE(conclusion(trace, "exactly_once") == Conclusion::holds);
  SECTION("by the same primary") { trace.appends(a, put(1, "x")); }
  SECTION("after a takeover") {
    trace.begins(b, Epoch{2});
    trace.appends(b, put(1, "x"));
  }
  CHECK(conclusion(trace, "exactly_once") == Conclusion::violated);
}

TEST_CASE("S9 a request may be executed again where its first execution was cut") {
  TraceBuilder trace;
  trace.a_pair();
  trace.appends(a, put(1, "x"));
  trace.begins(b, Epoch{2});
  trace.appends(b, put(1, "x"));
  trace.cuts(a, trace.end(a).previous());
  trace.copies(b, a);
  CHECK(conclusion(trace, "exactly_once") == Conclusion::holds);
}

TEST_CASE("S9 requests outside any session execute every time") {
  TraceBuilder trace;
  trace.a_alone();
  Request request = put(1, "x");
  request.session = {};
  trace.appends(a, request);
  trace.appends(a, request);
  CHECK(conclusion(trace, "exactly_once") == Conclusion::holds);
}

TEST_CASE("S9 a request executed twice is told by its operation and its client") {
  TraceBuilder trace;
  trace.a_pair();
  trace.invokes(c1, 1, Verb::put, "x", "v");
  trace.appends(a, put(1, "x"));
  trace.appends(a, put(1, "x"));
  const std::string witness = trace.verdict("exactly_once").witness;
  INFO(witness);
  CHECK(witness.starts_with(
      "client c1's put x=v (request 1 of session 2) was executed twice: by record 5 (epoch 1 of a)"));
}

// ---- definite_failure

TEST_CASE("S10 what failed for certain must not take effect") {
  TraceBuilder trace;
  trace.a_alone();
  trace.invokes(c1, 1, Verb::put, "x", "v");
  SECTION("executed before the failure was told") {
    trace.appends(a, put(1, "x"));
    trace.completes(c1, 1, Outcome::failed);
  }
  SECTION("executed after it") {
    trace.completes(c1, 1, Outcome::failed);
    trace.appends(a, put(1, "x"));
  }
  trace.syncs(a);
  REQUIRE(conclusion(trace, "definite_failure") == Conclusion::holds);  // it may still be cut
  trace.answers(a, c2, 9, trace.end(a));
  const Verdict verdict = trace.verdict("definite_failure");
  REQUIRE(verdict.conclusion == Conclusion::violated);
  CHECK(verdict.witness.find("that its put x=v had failed for certain") != std::string::npos);
}

TEST_CASE("S10 an unknown outcome promises nothing, and a cut record takes no effect") {
  TraceBuilder trace;
  trace.a_pair();
  trace.invokes(c1, 1, Verb::put, "x", "v");
  trace.appends(a, put(1, "x"));
  SECTION("unknown") {
    trace.completes(c1, 1, Outcome::unknown);
    trace.syncs(a);
    trace.answers(a, c2, 9, trace.end(a));
  }
  SECTION("failed, and cut") {
    trace.completes(c1, 1, Outcome::failed);
    trace.begins(b, Epoch{2});
    trace.appends(b, put(5, "y"));
    trace.syncs(b);
    trace.answers(b, c2, 9, trace.end(b));
  }
  SECTION("another operation of the same contents failed") {
    trace.invokes(c1, 2, Verb::put, "x", "v");
    trace.completes(c1, 2, Outcome::failed);
    trace.syncs(a);
    trace.answers(a, c1, 1, trace.end(a));
  }
  CHECK(conclusion(trace, "definite_failure") == Conclusion::holds);
}

// ---- replicas_agree

TEST_CASE("S1 replicas hold the same bytes at the same epoch and position") {
  TraceBuilder trace;
  trace.a_pair();
  const Lsn lsn = trace.appends(a, put(1, "x", "one"));
  SECTION("the same") {
    trace.copies(a, b);
    CHECK(conclusion(trace, "replicas_agree") == Conclusion::holds);
  }
  SECTION("another value") {
    trace.writes(b, {lsn, Epoch{1}, WallTime{1}, Operation{put(1, "x", "two")}});
    CHECK(conclusion(trace, "replicas_agree") == Conclusion::violated);
  }
  SECTION("another stamp") {
    trace.writes(b, {lsn, Epoch{1}, WallTime{1}, Operation{put(1, "x", "one")}});
    CHECK(conclusion(trace, "replicas_agree") == Conclusion::violated);
  }
  SECTION("another epoch: one of the two will be cut") {
    trace.begins(b, Epoch{2});
    CHECK(conclusion(trace, "replicas_agree") == Conclusion::holds);
  }
}

TEST_CASE("S1 what was lost before anybody else had it may be written anew") {
  TraceBuilder trace;
  trace.a_pair();
  trace.grants(Epoch{2}, a);
  trace.writes(a, {trace.end(a).next(), Epoch{2}, WallTime{5}, EpochStarted{trace.directory(a), a}});
  trace.loses_unsynced(a);
  trace.begins(a, Epoch{2});
  trace.copies(a, b);
  CHECK(conclusion(trace, "replicas_agree") == Conclusion::holds);
  CHECK(conclusion(trace, "epochs_never_fall") == Conclusion::holds);
}

// ---- checkpoints_identical

TEST_CASE("F9 checkpoints as of the same record are the same bytes") {
  TraceBuilder trace;
  trace.a_pair();
  const Lsn lsn = trace.appends(a, Checkpoint{});
  trace.copies(a, b);
  trace.writes_checkpoint(a, lsn, "the state");
  SECTION("the same") {
    trace.writes_checkpoint(b, lsn, "the state");
    CHECK(conclusion(trace, "checkpoints_identical") == Conclusion::holds);
  }
  SECTION("another") {
    trace.writes_checkpoint(b, lsn, "the State");
    CHECK(conclusion(trace, "checkpoints_identical") == Conclusion::violated);
  }
}

TEST_CASE("F9 checkpoints are made where the stream says so") {
  TraceBuilder trace;
  trace.a_alone();
  trace.writes_checkpoint(a, trace.appends(a, put(1, "x")), "the state");
  CHECK(conclusion(trace, "checkpoints_identical") == Conclusion::violated);
}

TEST_CASE("F9 a checkpoint of what is not in the log yet is compared with those of the line that it came from") {
  TraceBuilder trace;
  trace.a_alone();
  const Lsn before = trace.end(a);
  trace.appends(a, put(1, "x"));
  const Lsn lsn = trace.appends(a, Checkpoint{});
  trace.ships_snapshot(a, b, Epoch{1}, lsn);
  trace.writes_checkpoint(b, lsn, "the state", 2);

  // All lose power. Nobody has kept what the snapshot was of, and in the next epoch another checkpoint stands there.
  trace.crashes(b);
  trace.loses_unsynced(a);
  REQUIRE(trace.end(a) == before);
  trace.starts(b);
  trace.begins(a, Epoch{2});
  REQUIRE(trace.appends(a, Checkpoint{}) == lsn);
  trace.ships_nothing(a, b, Epoch{2});
  trace.writes_checkpoint(b, lsn, "another state");
  CHECK(conclusion(trace, "checkpoints_identical") == Conclusion::holds);
  SECTION("the same") {
    trace.writes_checkpoint(a, lsn, "another state");
    CHECK(conclusion(trace, "checkpoints_identical") == Conclusion::holds);
  }
  SECTION("another") {
    trace.writes_checkpoint(a, lsn, "the state");
    CHECK(conclusion(trace, "checkpoints_identical") == Conclusion::violated);
  }
}

// ---- epochs_never_fall

TEST_CASE("S12 epochs never fall") {
  TraceBuilder trace;
  trace.a_pair();
  trace.begins(a, Epoch{3});
  REQUIRE(conclusion(trace, "epochs_never_fall") == Conclusion::holds);
  SECTION("in a log") { trace.writes(a, {trace.end(a).next(), Epoch{2}, WallTime{1}, Checkpoint{}}); }
  SECTION("of a directory") {
    trace.cuts(a, trace.end(a).previous());
    trace.begins(a, Epoch{2});
  }
  SECTION("in what a process ships") {
    trace.ships_nothing(a, b, Epoch{3});
    trace.ships_nothing(a, b, Epoch{2});
  }
  CHECK(conclusion(trace, "epochs_never_fall") == Conclusion::violated);
}

// a was about to begin epoch 2 when it crashed, and its disk kept the record; b has that epoch and the next from it.
TEST_CASE("S12 a node whose disk was wiped begins no epoch that was its former directory's") {
  TraceBuilder trace;
  trace.a_alone();
  trace.grants(Epoch{2}, a);
  const Lsn second = trace.writes(a, {trace.end(a).next(), Epoch{2}, WallTime{1}, EpochStarted{trace.directory(a), a}});
  trace.crashes(a);
  trace.starts(a);
  trace.grants(Epoch{3}, a);
  trace.begins(a, Epoch{3});
  trace.copies(a, b);
  trace.syncs(b);
  SECTION("it takes them back from its peer") {
    trace.loses_disk(a);
    trace.copies(b, a, second);
    trace.syncs(a);
    trace.copies(b, a);
    trace.syncs(a);
    CHECK(trace.violated().empty());
  }
  SECTION("as its own it begins it when it is durable") {
    trace.cuts(a, second.previous());
    trace.begins(a, Epoch{2});
    CHECK(conclusion(trace, "epochs_never_fall") == Conclusion::violated);
  }
}

// ---- flow_control

TEST_CASE("F8 a primary takes no request while its backup is too far behind") {
  constexpr std::uint64_t buffer = 300;
  TraceBuilder trace;
  trace.promises(buffer, {});
  trace.a_pair();
  const std::string value(200, 'v');
  trace.appends(a, put(1, "x", value));
  trace.appends(a, put(2, "x", value));  // one is behind, and there is room
  REQUIRE(conclusion(trace, "flow_control") == Conclusion::holds);
  const auto takes_one_more = [&] {
    trace.appends(a, put(3, "x", value));
    return conclusion(trace, "flow_control");
  };
  SECTION("acknowledged by nobody") { CHECK(takes_one_more() == Conclusion::violated); }
  SECTION("received, and not durable") {
    trace.copies(a, b);
    trace.acks(b, a);
    CHECK(takes_one_more() == Conclusion::violated);
  }
  SECTION("durable") {
    trace.copies(a, b);
    trace.syncs(b);
    trace.acks(b, a);
    CHECK(takes_one_more() == Conclusion::holds);
  }
  SECTION("but for the record that makes room for a session") {
    trace.copies(a, b);
    trace.syncs(b);
    trace.acks(b, a);
    trace.appends(a, put(3, "x", value));
    trace.appends(a, SessionsExpired{WallTime{1}});
    trace.appends(a, put(4, "x", std::string(300, 'v')));
    CHECK(conclusion(trace, "flow_control") == Conclusion::holds);
    CHECK(takes_one_more() == Conclusion::violated);
  }
  SECTION("no request") {
    trace.appends(a, Checkpoint{});
    CHECK(conclusion(trace, "flow_control") == Conclusion::holds);
  }
  SECTION("when it is alone, nobody is behind") {
    trace.begins(a, Epoch{2});
    CHECK(takes_one_more() == Conclusion::holds);
  }
  SECTION("the bound is not known") {
    trace.promises(~std::uint64_t{0}, {});
    CHECK(takes_one_more() == Conclusion::holds);
  }
}

TEST_CASE("F8 what a backup acknowledged before it was written at a slow primary is acknowledged") {
  TraceBuilder trace;
  trace.promises(300, {});
  trace.a_alone();
  const bool acknowledged = GENERATE(true, false);
  const Lsn durable{acknowledged ? 100u : 1u};
  trace.acks(b, a, Epoch{1}, durable);
  trace.appends(a, BackupJoining{trace.directory(b), b});
  for (const std::uint64_t number : {1, 2, 3}) trace.appends(a, put(number, "x", std::string(200, 'v')));
  CHECK(conclusion(trace, "flow_control") == (acknowledged ? Conclusion::holds : Conclusion::violated));
}

// ---- sessions_kept

TEST_CASE("S9 a session is dropped when it has been idle for long, and not before") {
  TraceBuilder trace;
  trace.promises(~std::uint64_t{0}, seconds(10));
  trace.a_alone();
  trace.waits(seconds(20));
  const Duration idle = GENERATE(seconds(10), seconds(10) - nanoseconds(1));
  trace.appends(a, SessionsExpired{WallTime{trace.now().nanoseconds - idle.nanoseconds}});
  const Conclusion expected = idle < seconds(10) ? Conclusion::violated : Conclusion::holds;
  CHECK(conclusion(trace, "sessions_kept") == expected);
}

}  // namespace smalldb::properties
