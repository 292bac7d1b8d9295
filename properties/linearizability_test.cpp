#include "properties/linearizability.h"

#include <catch2/catch.hpp>

#include "properties/trace_builder.h"

namespace smalldb::properties {

TEST_CASE("Users who see one store after the other's writes see a linearizable one") {
  TraceBuilder trace;
  trace.invokes(c1, 1, Verb::put, "x", "17");
  trace.invokes(c2, 1, Verb::get, "x");
  trace.completes(c2, 1, Outcome::ok, 3, "17");
  trace.completes(c1, 1, Outcome::ok, 3);
  trace.invokes(c2, 2, Verb::remove, "x");
  trace.completes(c2, 2, Outcome::ok, 4);
  trace.invokes(c1, 2, Verb::get, "x");
  trace.completes(c1, 2, Outcome::not_found);
  CHECK(trace.verdict("linearizability").conclusion == Conclusion::holds);
}

TEST_CASE("A stale read is told in plain words") {
  TraceBuilder trace;
  trace.invokes(c1, 1, Verb::put, "x", "17");
  trace.completes(c1, 1, Outcome::ok, 3);
  trace.invokes(c2, 1, Verb::get, "x");
  trace.completes(c2, 1, Outcome::not_found);
  const Verdict verdict = trace.verdict("linearizability");
  REQUIRE(verdict.conclusion == Conclusion::violated);
  CHECK(verdict.witness ==
        "client c2 got not_found for get x at 0.011 s (sent at 0.010 s); no order explains it: x was 17 (revision 3)");
  CHECK(verdict.events == std::vector<sim::EventIndex>{9, 10});
}

TEST_CASE("Keys are judged each by itself") {
  TraceBuilder trace;
  trace.invokes(c1, 1, Verb::put, "x", "17");
  trace.completes(c1, 1, Outcome::ok, 3);
  trace.invokes(c2, 1, Verb::get, "y");
  trace.completes(c2, 1, Outcome::not_found);
  CHECK(trace.verdict("linearizability").conclusion == Conclusion::holds);
}

TEST_CASE("What a dead client, or the end of the run, left open may have taken effect") {
  TraceBuilder trace;
  trace.invokes(c1, 1, Verb::put, "x", "17");
  const bool died = GENERATE(false, true);
  if (died) {
    trace.crashes(c1);
    trace.starts(c1);
  }
  const bool seen = GENERATE(false, true);
  trace.invokes(c2, 1, Verb::get, "x");
  trace.completes(c2, 1, seen ? Outcome::ok : Outcome::not_found, seen ? 3 : 0, seen ? "17" : "");
  CHECK(trace.verdict("linearizability").conclusion == Conclusion::holds);
}

TEST_CASE("A value that nobody wrote is not explained, whatever is open") {
  TraceBuilder trace;
  trace.invokes(c1, 1, Verb::put, "x", "17");
  trace.invokes(c2, 1, Verb::get, "x");
  trace.completes(c2, 1, Outcome::ok, 3, "18");
  CHECK(trace.verdict("linearizability").conclusion == Conclusion::violated);
}

}  // namespace smalldb::properties
