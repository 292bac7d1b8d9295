// The properties of liveness, answered and redundancy_restored, and no_assertion.
#include <catch2/catch.hpp>

#include "properties/trace_builder.h"

namespace smalldb::properties {
namespace {

Verdict judge(const TraceBuilder& trace, std::string_view property, std::optional<sim::Time> heal_at) {
  Bounds bounds;
  bounds.answered = bounds.redundancy = seconds(2);
  return trace.judged(heal_at, bounds).verdict(*find(property));
}

}  // namespace

TEST_CASE("Answered is unknown in a run that was never healed") {
  TraceBuilder trace;
  trace.invokes(c1, 1, Verb::get, "x");
  trace.completes(c1, 1, Outcome::not_found);
  CHECK(judge(trace, "answered", {}).conclusion == Conclusion::unknown);
}

TEST_CASE("An operation has a whole bound from the healing on") {
  TraceBuilder trace;
  trace.invokes(c1, 1, Verb::get, "x");
  trace.waits(seconds(60));
  const sim::Time healed = trace.now();
  SECTION("in time") {
    trace.waits(seconds(1));
    trace.completes(c1, 1, Outcome::not_found);
    CHECK(judge(trace, "answered", healed).conclusion == Conclusion::holds);
  }
  SECTION("too late") {
    trace.waits(seconds(3));
    trace.completes(c1, 1, Outcome::not_found);
    CHECK(judge(trace, "answered", healed).conclusion == Conclusion::violated);
  }
  SECTION("given up too late: that is no answer") {
    trace.waits(seconds(3));
    trace.completes(c1, 1, Outcome::failed);
    const Verdict verdict = judge(trace, "answered", healed);
    CHECK(verdict.conclusion == Conclusion::violated);
    CHECK(verdict.kind == "never");
    CHECK_THAT(verdict.witness, Catch::Contains("was given up at"));
  }
  SECTION("never") {
    trace.waits(seconds(3));
    trace.invokes(c2, 1, Verb::get, "x");
    CHECK(judge(trace, "answered", healed).conclusion == Conclusion::violated);
  }
  SECTION("the run ended before its time was up") {
    trace.waits(seconds(1));
    trace.invokes(c2, 1, Verb::get, "x");
    CHECK(judge(trace, "answered", healed).conclusion == Conclusion::unknown);
  }
  SECTION("its client died") {
    trace.crashes(c1);
    trace.waits(seconds(3));
    trace.starts(c1);
    CHECK(judge(trace, "answered", healed).conclusion == Conclusion::unknown);  // who else would have been served?
  }
}

TEST_CASE("Who waits for an operator who never comes is not to blame that nobody is answered") {
  TraceBuilder trace(ArbiterKind::manual);
  trace.invokes(c1, 1, Verb::get, "x");
  const sim::Time healed = trace.now();
  trace.notes(a, NoteKind::waits_for_operator);
  trace.waits(seconds(3));
  const auto verdict = [&] { return judge(trace, "answered", healed); };
  SECTION("at the end") {
    trace.invokes(c2, 1, Verb::get, "x");
    CHECK(verdict().conclusion == Conclusion::unknown);
    CHECK_THAT(verdict().witness, Catch::EndsWith("; a waits for an operator to promote it, and none has"));
  }
  SECTION("given up") {
    trace.completes(c1, 1, Outcome::failed);
    CHECK(verdict().conclusion == Conclusion::unknown);
  }
  SECTION("but it is for an answer that comes too late") {
    trace.completes(c1, 1, Outcome::not_found);
    CHECK(verdict().conclusion == Conclusion::violated);
  }
  SECTION("whatever else it says, and whoever waited too") {
    trace.notes(b, NoteKind::waits_for_operator);
    trace.notes(a, NoteKind::ignored);
    trace.promotes(b);
    trace.invokes(c2, 1, Verb::get, "x");
    CHECK_THAT(verdict().witness, Catch::EndsWith("; a waits for an operator to promote it, and none has"));
  }
  SECTION("unless it waits no longer") {
    trace.notes(a, GENERATE(NoteKind::needs_no_operator, NoteKind::claim_won, NoteKind::stopped));
    trace.invokes(c2, 1, Verb::get, "x");
    CHECK(verdict().conclusion == Conclusion::violated);
  }
  SECTION("unless one has come") {
    trace.promotes(a);
    trace.invokes(c2, 1, Verb::get, "x");
    CHECK(verdict().conclusion == Conclusion::violated);
  }
}

TEST_CASE("Once all has been whole for long, an unknown outcome is no answer") {
  TraceBuilder trace;
  const sim::Time healed = trace.now();
  const bool long_after = GENERATE(false, true), waits_for_operator = GENERATE(false, true);
  if (long_after) trace.waits(seconds(3));
  if (waits_for_operator) trace.notes(a, NoteKind::waits_for_operator);
  trace.invokes(c1, 1, Verb::put, "x", "v");
  trace.completes(c1, 1, Outcome::unknown);
  const bool is_to_blame = long_after && !waits_for_operator;
  const Conclusion expected = is_to_blame ? Conclusion::violated : Conclusion::unknown;
  CHECK(judge(trace, "answered", healed).conclusion == expected);
}

TEST_CASE("Once all has been whole for long, who was told nothing may ask again") {
  TraceBuilder trace;
  const sim::Time healed = trace.now();
  trace.waits(seconds(3));
  trace.invokes(c1, 1, Verb::put, "x", "v");
  trace.completes(c1, 1, Outcome::unknown);
  trace.invokes(c1, 2, Verb::put, "x", "v");
  SECTION("and is answered") {
    trace.completes(c1, 2, Outcome::ok);
    CHECK(judge(trace, "answered", healed).conclusion == Conclusion::holds);
  }
  SECTION("and is told nothing again") {
    trace.completes(c1, 2, Outcome::unknown);
    CHECK(judge(trace, "answered", healed).conclusion == Conclusion::violated);
  }
  SECTION("and dies") {
    trace.crashes(c1);
    CHECK(judge(trace, "answered", healed).conclusion == Conclusion::unknown);
  }
}

TEST_CASE("Who was told nothing and did not ask for a while has not waited meanwhile") {
  TraceBuilder trace;
  trace.invokes(c1, 1, Verb::get, "x");
  const sim::Time healed = trace.now();
  trace.waits(seconds(1));
  trace.completes(c1, 1, Outcome::failed);
  trace.waits(seconds(5));
  trace.invokes(c1, 2, Verb::get, "x");
  SECTION("and is answered before both times are a bound") {
    trace.waits(milliseconds(500));
    trace.completes(c1, 2, Outcome::not_found);
    CHECK(judge(trace, "answered", healed).conclusion == Conclusion::holds);
  }
  SECTION("and is answered later") {
    trace.waits(milliseconds(1500));
    trace.completes(c1, 2, Outcome::not_found);
    CHECK(judge(trace, "answered", healed).conclusion == Conclusion::violated);
  }
}

TEST_CASE("That nobody was owed an answer after the healing shows nothing") {
  TraceBuilder trace;
  trace.invokes(c1, 1, Verb::get, "x");
  trace.completes(c1, 1, Outcome::not_found);
  trace.waits(seconds(1));
  const sim::Time healed = trace.now();
  SECTION("nobody asked") {
    trace.waits(seconds(3));
    CHECK(judge(trace, "answered", healed).conclusion == Conclusion::unknown);
  }
  SECTION("who asked gave up") {
    trace.invokes(c1, 2, Verb::get, "x");
    trace.completes(c1, 2, GENERATE(Outcome::failed, Outcome::unknown));
    trace.waits(seconds(3));
    CHECK(judge(trace, "answered", healed).conclusion == Conclusion::unknown);
  }
  SECTION("somebody was answered") {
    trace.invokes(c1, 2, Verb::get, "x");
    trace.completes(c1, 2, Outcome::not_found);
    CHECK(judge(trace, "answered", healed).conclusion == Conclusion::holds);
  }
}

TEST_CASE("Who was told nothing and asks the same again has waited since asking first") {
  TraceBuilder trace;
  const sim::Time healed = trace.now();
  const Outcome nothing = GENERATE(Outcome::failed, Outcome::unknown);
  trace.invokes(c1, 1, Verb::put, "x", "v");
  trace.waits(milliseconds(1500));
  trace.completes(c1, 1, nothing);
  SECTION("in time") {
    trace.invokes(c1, 2, Verb::put, "x", "v");
    trace.completes(c1, 2, Outcome::ok);
    CHECK(judge(trace, "answered", healed).conclusion == Conclusion::holds);
  }
  SECTION("too late") {
    trace.invokes(c1, 2, Verb::put, "x", "v");
    trace.waits(seconds(1));
    trace.completes(c1, 2, Outcome::ok);
    CHECK(judge(trace, "answered", healed).conclusion == Conclusion::violated);
  }
  SECTION("too often") {
    trace.invokes(c1, 2, Verb::put, "x", "v");
    trace.waits(milliseconds(400));
    trace.completes(c1, 2, nothing);
    trace.invokes(c1, 3, Verb::put, "x", "v");
    trace.waits(milliseconds(400));
    trace.completes(c1, 3, nothing);
    CHECK(judge(trace, "answered", healed).conclusion == Conclusion::violated);
  }
  SECTION("but asks something else, or is somebody else") {
    trace.invokes(c1, 2, Verb::put, "x", "w");
    trace.invokes(c2, 1, Verb::put, "x", "v");
    trace.waits(seconds(1));
    trace.completes(c1, 2, Outcome::ok);
    trace.completes(c2, 1, Outcome::ok);
    CHECK(judge(trace, "answered", healed).conclusion == Conclusion::holds);
  }
}

TEST_CASE("F7 redundancy is restored when the declared backup holds the record that declares it") {
  TraceBuilder trace;
  trace.a_alone();
  const sim::Time healed = trace.now();
  SECTION("in time") {
    trace.appends(a, BackupJoining{trace.directory(b), b});
    trace.appends(a, BackupDeclared{trace.directory(b), b});
    trace.syncs(a);
    trace.copies(a, b);
    trace.waits(seconds(1));
    CHECK(judge(trace, "redundancy_restored", healed).conclusion == Conclusion::unknown);  // not durable at b
    trace.syncs(b);
    CHECK(judge(trace, "redundancy_restored", healed).conclusion == Conclusion::holds);
    SECTION("and lost again") {
      trace.begins(a, Epoch{2});
      trace.waits(seconds(3));
      trace.starts(c1);
      CHECK(judge(trace, "redundancy_restored", healed).conclusion == Conclusion::violated);
    }
  }
  SECTION("too late") {
    trace.waits(seconds(3));
    trace.appends(a, BackupJoining{trace.directory(b), b});
    trace.appends(a, BackupDeclared{trace.directory(b), b});
    trace.syncs(a);
    trace.copies(a, b);
    trace.syncs(b);
    CHECK(judge(trace, "redundancy_restored", healed).conclusion == Conclusion::violated);
  }
  SECTION("never") {
    trace.waits(seconds(3));
    trace.starts(c1);
    CHECK(judge(trace, "redundancy_restored", healed).conclusion == Conclusion::violated);
  }
  SECTION("only an operator could restore it, and none comes") {
    trace.notes(a, NoteKind::waits_for_operator);
    trace.waits(seconds(3));
    SECTION("") {
      trace.starts(c1);
      const Verdict verdict = judge(trace, "redundancy_restored", healed);
      CHECK(verdict.conclusion == Conclusion::unknown);
      CHECK(verdict.witness == "a waits for an operator to promote it, and none has");
    }
    SECTION("until one does") {
      trace.notes(a, NoteKind::claim_won);
      trace.starts(c1);
      CHECK(judge(trace, "redundancy_restored", healed).conclusion == Conclusion::violated);
    }
    SECTION("and its process ends") {
      trace.crashes(a);
      trace.starts(a);
      CHECK(judge(trace, "redundancy_restored", healed).conclusion == Conclusion::violated);
    }
  }
  SECTION("there is nobody to restore it with") {
    trace.crashes(b);
    trace.waits(seconds(3));
    trace.starts(c1);
    CHECK(judge(trace, "redundancy_restored", healed).conclusion == Conclusion::unknown);
  }
}

TEST_CASE("An assertion that failed is a violation with its words") {
  TraceBuilder trace;
  trace.a_alone();
  REQUIRE(trace.violated().empty());
  trace.fails_an_assertion(b, "lsn == next 4 5");
  const Verdict verdict = trace.verdict("no_assertion");
  CHECK(verdict.conclusion == Conclusion::violated);
  CHECK(verdict.witness.find("b found a state that cannot be: lsn == next 4 5") != std::string::npos);
}

}  // namespace smalldb::properties
