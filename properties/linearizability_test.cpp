#include "properties/linearizability.h"

#include <catch2/catch.hpp>

#include <string>

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

TEST_CASE("A wrong revision is told from a wrong answer") {
  TraceBuilder trace;
  trace.invokes(c1, 1, Verb::put, "x", "17");
  trace.completes(c1, 1, Outcome::ok, 3);
  const std::string witness = " at 0.011 s (sent at 0.010 s); no order explains its revision: ";
  SECTION("of what was read") {
    trace.invokes(c2, 1, Verb::get, "x");
    trace.completes(c2, 1, Outcome::ok, 4, "17");
    CHECK(trace.verdict("linearizability").witness ==
          "client c2 got ok 17 (revision 4) for get x" + witness + "x was 17 (revision 3)");
  }
  SECTION("of two writes") {
    trace.invokes(c2, 1, Verb::put, "x", "18");
    trace.completes(c2, 1, Outcome::ok, 3);
    CHECK(trace.verdict("linearizability").witness ==
          "client c2 got ok (revision 3) for put x=18" + witness +
              "revision 3 had been given to another write, and x was 17 (revision 3)");
  }
  CHECK(trace.verdict("linearizability").kind == "a wrong revision");
}

TEST_CASE("An answer that no store gives is not explained") {
  TraceBuilder trace;
  trace.invokes(c1, 1, Verb::put, "x", "17");
  trace.completes(c1, 1, Outcome::condition_failed);
  const Verdict verdict = trace.verdict("linearizability");
  CHECK(verdict.conclusion == Conclusion::violated);
  CHECK(verdict.witness.ends_with("; no store answers so"));
}

TEST_CASE("Where a lot is open, answers are judged when more is known, and at the end at the latest") {
  TraceBuilder trace;
  constexpr std::uint64_t many = 30;
  for (std::uint64_t i = 1; i <= many; ++i) {
    trace.invokes(c1, i, i % 2 == 0 ? Verb::remove : Verb::put, "x", i % 2 == 0 ? "" : std::to_string(i));
  }
  const bool finds_it = GENERATE(true, false);
  for (std::uint64_t i = 1; i <= 6; ++i) {
    trace.invokes(c2, 2 * i, Verb::get, "x");
    trace.completes(c2, 2 * i, Outcome::ok, 10 * i, std::to_string(2 * i - (finds_it || i < 6 ? 1 : 0)));
    trace.invokes(c2, 2 * i + 1, Verb::get, "x");
    trace.completes(c2, 2 * i + 1, Outcome::not_found);
  }
  CHECK(trace.verdict("linearizability").conclusion == (finds_it ? Conclusion::holds : Conclusion::violated));
}

TEST_CASE("An answer that a later one leaves without an explanation is found, though it is not kept") {
  TraceBuilder trace;
  trace.invokes(c2, 100, Verb::put, "x", "17");
  trace.completes(c2, 100, Outcome::ok, 3);
  trace.invokes(c1, 1, Verb::remove, "x");
  trace.invokes(c2, 1, Verb::get, "x");
  trace.completes(c2, 1, Outcome::not_found);
  for (std::uint64_t i = 2; i <= 31; ++i) {
    trace.invokes(c1, i, i % 2 == 0 ? Verb::remove : Verb::put, "x", i % 2 == 0 ? "" : std::to_string(i));
  }
  for (std::uint64_t i = 2; i <= 6; ++i) {  // too much to go through
    trace.invokes(c2, i, Verb::get, "x");
    trace.completes(c2, i, Outcome::ok, 10 * i, std::to_string(2 * i + 1));
  }
  trace.completes(c1, 1, Outcome::failed);
  const Verdict verdict = trace.verdict("linearizability");
  CHECK(verdict.conclusion == Conclusion::violated);
  CHECK_THAT(verdict.witness,
             Catch::Contains("for delete x") && Catch::Contains("; no order explains it and all before it: x was 17"));
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
