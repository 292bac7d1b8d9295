#include "properties/output_rule.h"

#include <catch2/catch.hpp>

#include "properties/trace_builder.h"

namespace smalldb::properties {
namespace {

// Both forms of the rule agree on the trace.
bool is_kept(const TraceBuilder& trace) {
  const bool kept = trace.verdict("output_rule").conclusion == Conclusion::holds;
  CHECK((trace.verdict("output_rule_causal").conclusion == Conclusion::holds) == kept);
  return kept;
}

}  // namespace

TEST_CASE("F2 an answer that waited for the backup's acknowledgement keeps the output rule") {
  TraceBuilder trace;
  trace.a_pair();
  trace.asks(c1, a, put(1, "x"));
  const Lsn lsn = trace.appends(a, put(1, "x"));
  trace.syncs(a);
  trace.copies(a, b);
  trace.syncs(b);
  trace.acks(b, a);
  trace.answers(a, c1, 1, lsn);
  CHECK(trace.violated().empty());
}

TEST_CASE("F2 an answer before the backup has the record durably breaks the output rule") {
  TraceBuilder trace;
  trace.a_pair();
  trace.asks(c1, a, put(1, "x"));
  const Lsn lsn = trace.appends(a, put(1, "x"));
  trace.syncs(a);
  SECTION("the record was not sent") {}
  SECTION("the record was received, and is not durable") { trace.copies(a, b); }
  trace.answers(a, c1, 1, lsn);
  const Verdict verdict = trace.verdict("output_rule");
  REQUIRE(verdict.conclusion == Conclusion::violated);
  CHECK(verdict.witness.find("client c1 was given ok (revision 5) for put x=v by a at ") != std::string::npos);
  CHECK(verdict.witness.find("the backup b had not made record 5 durable") != std::string::npos);
  CHECK(verdict.events.size() == 2);
  CHECK(trace.verdict("output_rule_causal").conclusion == Conclusion::violated);
}

TEST_CASE("F2 a copy that the primary has not heard of does not help it") {
  TraceBuilder trace;
  trace.a_pair();
  trace.asks(c1, a, put(1, "x"));
  const Lsn lsn = trace.appends(a, put(1, "x"));
  trace.syncs(a);
  trace.copies(a, b);
  trace.syncs(b);
  trace.answers(a, c1, 1, lsn);
  CHECK(trace.verdict("output_rule").conclusion == Conclusion::holds);
  CHECK(trace.verdict("output_rule_causal").conclusion == Conclusion::violated);
}

TEST_CASE("S7 an answer before the record is durable at the primary breaks the output rule") {
  TraceBuilder trace;
  trace.a_pair();
  trace.asks(c1, a, put(1, "x"));
  const Lsn lsn = trace.appends(a, put(1, "x"));
  trace.copies(a, b);
  trace.syncs(b);
  trace.acks(b, a);
  trace.answers(a, c1, 1, lsn);
  CHECK(trace.verdict("output_rule").conclusion == Conclusion::violated);
}

TEST_CASE("S11 after a failed sync a further one makes durable only what has been written again") {
  const bool again = GENERATE(false, true);
  TraceBuilder trace;
  trace.a_pair();
  trace.asks(c1, a, put(1, "x"));
  const Lsn lsn = trace.appends(a, put(1, "x"));
  trace.copies(a, b);
  trace.syncs(b);
  trace.acks(b, a);
  trace.fails_to_sync(a);
  if (again) trace.writes_again(a);
  trace.syncs(a);
  trace.answers(a, c1, 1, lsn);
  CHECK((trace.verdict("output_rule").conclusion == Conclusion::holds) == again);
}

TEST_CASE("S7 where received is enough, an answer may leave when the backup has received the record") {
  TraceBuilder trace(ArbiterKind::tie_breaker, Acknowledge::received);
  trace.a_pair();
  trace.asks(c1, a, put(1, "x"));
  const Lsn lsn = trace.appends(a, put(1, "x"));
  trace.syncs(a);
  SECTION("received and acknowledged") {
    trace.copies(a, b);
    trace.acks(b, a);
    trace.answers(a, c1, 1, lsn);
    CHECK(is_kept(trace));
  }
  SECTION("not sent") {
    trace.answers(a, c1, 1, lsn);
    CHECK_FALSE(is_kept(trace));
  }
}

TEST_CASE("F5 a primary alone answers by the arbiter's grant") {
  TraceBuilder trace;
  SECTION("with it") {
    trace.a_alone();
    trace.answers(a, c1, 0, trace.end(a));
    CHECK(is_kept(trace));
  }
  SECTION("without it") {
    trace.begins(a, Epoch{1});
    trace.answers(a, c1, 0, trace.end(a));
    CHECK_FALSE(is_kept(trace));
  }
  SECTION("before its epoch has begun") {
    trace.grants(Epoch{1}, a);
    trace.answers(a, c1, 0, Lsn{1});
    CHECK(trace.verdict("output_rule").conclusion == Conclusion::violated);
  }
}

TEST_CASE("F5 every kind of arbiter's grant is seen") {
  const ArbiterKind kind =
      GENERATE(ArbiterKind::tie_breaker, ArbiterKind::shared_lock, ArbiterKind::manual, ArbiterKind::none);
  TraceBuilder trace(kind);
  trace.a_alone();
  trace.answers(a, c1, 0, trace.end(a));
  CHECK(is_kept(trace));
}

TEST_CASE("S4 the grant of the next epoch lets go what waited for the backup, before that epoch has begun") {
  TraceBuilder trace;
  trace.a_pair();
  trace.asks(c1, a, put(1, "x"));
  const Lsn lsn = trace.appends(a, put(1, "x"));
  trace.syncs(a);
  SECTION("granted") {
    trace.grants(Epoch{2}, a);
    trace.answers(a, c1, 1, lsn);
    trace.begins(a, Epoch{2});
    CHECK(is_kept(trace));
  }
  SECTION("granted to the other") {
    trace.grants(Epoch{2}, b);
    trace.answers(a, c1, 1, lsn);
    CHECK_FALSE(is_kept(trace));
  }
}

TEST_CASE("Without an arbiter an answer without the backup is excused by the epoch that was begun") {
  TraceBuilder trace(ArbiterKind::none);
  trace.a_pair();
  trace.asks(c1, a, put(1, "x"));
  const Lsn lsn = trace.appends(a, put(1, "x"));
  trace.syncs(a);
  trace.answers(a, c1, 1, lsn);
  CHECK(trace.verdict("output_rule").conclusion == Conclusion::violated);
  trace.begins(a, Epoch{2});
  CHECK(trace.verdict("output_rule").conclusion == Conclusion::holds);
}

TEST_CASE("S5 from the joining record on outputs wait, unless the join is given up") {
  TraceBuilder trace;
  trace.a_alone();
  trace.appends(a, BackupJoining{trace.directory(b), b});
  trace.syncs(a);
  trace.asks(c1, a, put(1, "x"));
  const Lsn lsn = trace.appends(a, put(1, "x"));
  trace.syncs(a);
  trace.answers(a, c1, 1, lsn);
  SECTION("nothing more is known") { CHECK(is_kept(trace)); }
  SECTION("given up") {
    trace.appends(a, BackupLeft{trace.directory(b)});
    trace.syncs(a);
    trace.answers(a, c1, 1, lsn);
    CHECK(is_kept(trace));
  }
  SECTION("declared nevertheless") {
    trace.copies(a, b);
    trace.syncs(b);
    trace.acks(b, a);
    trace.appends(a, BackupDeclared{trace.directory(b), b});
    CHECK(trace.verdict("output_rule").conclusion == Conclusion::violated);
  }
}

TEST_CASE("S5 what lies before the joining record needs no backup") {
  TraceBuilder trace;
  trace.a_alone();
  trace.asks(c1, a, put(1, "x"));
  const Lsn lsn = trace.appends(a, put(1, "x"));
  trace.appends(a, BackupJoining{trace.directory(b), b});
  trace.syncs(a);
  trace.copies(a, b);
  trace.answers(a, c1, 1, lsn);
  CHECK(is_kept(trace));
}

TEST_CASE("A crash does not take back that the backup had the record") {
  TraceBuilder trace;
  trace.a_pair();
  trace.asks(c1, a, put(1, "x"));
  const Lsn lsn = trace.appends(a, put(1, "x"));
  trace.copies(a, b);
  trace.syncs(b);
  trace.acks(b, a);
  trace.loses_unsynced(b);
  trace.syncs(a);
  trace.answers(a, c1, 1, lsn);
  CHECK(is_kept(trace));
}

TEST_CASE("S7 a disk that is emptied under a running primary does not make its answers breaches") {
  TraceBuilder trace;
  trace.a_alone();
  trace.asks(c1, a, put(1, "x"));
  trace.appends(a, put(1, "x"));
  trace.fault(sim::FaultKind::wiped_disk, a);
  trace.syncs(a);
  trace.answers(a, c1, 1, trace.end(a));
  CHECK(is_kept(trace));
}

TEST_CASE("S7 what a backup has on its new disk counts, and what its old disk had does not stand in the way") {
  TraceBuilder trace;
  trace.a_alone();
  const auto b_joins = [&] {
    trace.takes_snapshot(b, a);
    trace.appends(a, BackupJoining{trace.directory(b), b});
    trace.syncs(a);
    trace.copies(a, b);
    trace.syncs(b);
    trace.appends(a, BackupDeclared{trace.directory(b), b});
    trace.syncs(a);
    trace.copies(a, b);
    trace.syncs(b);
  };
  b_joins();
  trace.loses_disk(b);
  trace.grants(Epoch{2}, a);
  trace.begins(a, Epoch{2});
  b_joins();  // into files of the names that it had, of other records
  trace.asks(c1, a, put(1, "x"));
  trace.appends(a, put(1, "x"));
  trace.syncs(a);
  trace.copies(a, b);
  SECTION("it has the record") {
    trace.syncs(b);
    trace.acks(b, a);
    trace.answers(a, c1, 1, trace.end(a));
    CHECK(trace.violated().empty());
  }
  SECTION("it has not") {
    trace.answers(a, c1, 1, trace.end(a));
    CHECK(trace.verdict("output_rule").conclusion == Conclusion::violated);
  }
}

TEST_CASE("S3 a backup in sync that comes back must hold what answers rest on") {
  TraceBuilder trace(ArbiterKind::tie_breaker, Acknowledge::received);
  trace.a_pair();
  const Lsn before = trace.end(a);
  trace.asks(c1, a, put(1, "x"));
  const Lsn lsn = trace.appends(a, put(1, "x"));
  trace.syncs(a);
  trace.copies(a, b);
  trace.acks(b, a);
  trace.answers(a, c1, 1, lsn);
  SECTION("it does, and stays in sync") {
    trace.welcomes(a, b, Epoch{1}, lsn);
    CHECK(is_kept(trace));
  }
  SECTION("it has forgotten, and stays in sync") {
    trace.loses_unsynced(b);
    trace.welcomes(a, b, Epoch{1}, before);
    const Verdict verdict = trace.verdict("output_rule");
    REQUIRE(verdict.conclusion == Conclusion::violated);
    CHECK(verdict.witness.find("a took b back at ") == 0);
    CHECK(verdict.events.size() == 2);
  }
  SECTION("it has forgotten, and comes anew into the next epoch") {
    trace.loses_unsynced(b);
    trace.grants(Epoch{2}, a);
    trace.begins(a, Epoch{2});
    trace.welcomes(a, b, Epoch{2}, before);
    CHECK(is_kept(trace));
  }
}

TEST_CASE("F9 a checkpoint of a primary is an output: it waits for the backup") {
  TraceBuilder trace;
  trace.a_pair();
  const Lsn lsn = trace.appends(a, Checkpoint{});
  trace.syncs(a);
  SECTION("which has it") {
    trace.copies(a, b);
    trace.syncs(b);
    trace.writes_checkpoint(a, lsn, "the state");
    CHECK(trace.violated().empty());
  }
  SECTION("which has not") {
    trace.writes_checkpoint(a, lsn, "the state");
    const Verdict verdict = trace.verdict("output_rule");
    REQUIRE(verdict.conclusion == Conclusion::violated);
    CHECK(verdict.witness.find("a completed a checkpoint at ") == 0);
    CHECK(verdict.witness.find("; the backup b had not made record 5 durable, which that checkpoint rests on") !=
          std::string::npos);
    CHECK(verdict.events.size() == 1);
  }
  SECTION("which it may go on without") {
    trace.grants(Epoch{2}, a);
    trace.writes_checkpoint(a, lsn, "the state");
    CHECK(trace.verdict("output_rule").conclusion == Conclusion::holds);
  }
}

TEST_CASE("F9 a backup may complete a checkpoint before its primary does") {
  TraceBuilder trace;
  trace.a_pair();
  const Lsn lsn = trace.appends(a, Checkpoint{});
  trace.syncs(a);
  trace.copies(a, b);
  trace.writes_checkpoint(b, lsn, "the state");
  CHECK(trace.verdict("output_rule").conclusion == Conclusion::holds);
}

TEST_CASE("F9 a backup completes no checkpoint of what nobody else has made durable") {
  TraceBuilder trace;
  trace.a_pair();
  const Lsn lsn = trace.appends(a, Checkpoint{});
  trace.copies(a, b);
  trace.syncs(b);
  SECTION("its primary may lose that") {
    trace.writes_checkpoint(b, lsn, "the state");
    const Verdict verdict = trace.verdict("output_rule");
    REQUIRE(verdict.conclusion == Conclusion::violated);
    CHECK(verdict.witness.find("b completed a checkpoint at ") == 0);
    CHECK(verdict.witness.find("which rests on record 5 of epoch 1; nobody else had made that durable") !=
          std::string::npos);
    CHECK(verdict.events.size() == 1);
  }
  SECTION("its primary had it once") {
    trace.syncs(a);
    trace.loses_disk(a);
    trace.writes_checkpoint(b, lsn, "the state");
    CHECK(trace.verdict("output_rule").conclusion == Conclusion::holds);
  }
  SECTION("it goes on without its primary") {
    trace.grants(Epoch{2}, b);
    SECTION("and has not begun its epoch yet") {}
    SECTION("and has begun it") { trace.begins(b, Epoch{2}); }
    trace.writes_checkpoint(b, lsn, "the state");
    CHECK(trace.verdict("output_rule").conclusion == Conclusion::holds);
  }
}

TEST_CASE("F9 a snapshot may hold what who sent it can lose") {
  TraceBuilder trace;
  trace.a_pair();
  const Lsn lsn = trace.appends(a, put(1, "x"));
  trace.writes_checkpoint(b, lsn, "the state", 2);
  CHECK(trace.verdict("output_rule").conclusion == Conclusion::holds);
}

}  // namespace smalldb::properties
