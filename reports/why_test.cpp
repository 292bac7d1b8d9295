#include "reports/why.h"

#include <catch2/catch.hpp>

#include <sstream>

#include "properties/trace_builder.h"

namespace smalldb::reports {
namespace {

using properties::a;
using properties::b;
using properties::c1;
using properties::put;
using properties::TraceBuilder;

// Why the last answer of the trace should not have left, as a person reads it.
std::string told(const TraceBuilder& trace) {
  std::vector<sim::EventIndex> answers;
  for (const sim::TraceEvent& event : trace.events()) {
    if (event.kind == sim::EventKind::replied) answers = {event.index};
  }
  properties::ProvenanceFinder finder(trace.cast(), answers);
  finder.observe(trace.events(), trace.files());
  const auto provenance = finder.find();
  REQUIRE(provenance);
  std::ostringstream text;
  write_why(why_of(*provenance, {"output_rule"}, ListedNames({"a", "b", "arbiter", "c1", "c2"})), Style(false), text);
  return text.str();
}

TEST_CASE("why an answer should not have left ends with the link that is missing") {
  TraceBuilder trace;
  trace.a_pair();
  trace.asks(c1, a, put(1, "x", "17"));
  const Lsn lsn = trace.appends(a, put(1, "x", "17"));
  trace.syncs(a);
  const std::string begin = "Why output_rule is violated: what the answer rests on\n";
  SECTION("it never came to be") {
    trace.answers(a, c1, 1, lsn);
    const std::string text = told(trace);
    CHECK(text.starts_with(begin));
    CHECK(text.find("a -> c1: answer to request 1: ok") != std::string::npos);
    CHECK(text.ends_with("\n     missing  b makes that record 5 durable: never in this run\n"));
  }
  SECTION("it came too late") {
    trace.answers(a, c1, 1, lsn);
    trace.copies(a, b);
    trace.waits(milliseconds(50));
    trace.syncs(b);
    const std::string text = told(trace);
    CHECK(text.find("\n     missing  b makes that record 5 durable: only at ") != std::string::npos);
    CHECK(text.ends_with(" after the answer\n"));
  }
  SECTION("nobody had heard of it") {
    trace.copies(a, b);
    trace.syncs(b);
    trace.answers(a, c1, 1, lsn);
    const std::string text = told(trace);
    CHECK(text.find("\n     missing  word of it: b makes record 5 durable at ") != std::string::npos);
    CHECK(text.find("; the last") != std::string::npos);
  }
  SECTION("none is missing") {
    trace.copies(a, b);
    trace.syncs(b);
    trace.acks(b, a);
    trace.answers(a, c1, 1, lsn);
    const std::string text = told(trace);
    CHECK(text.find("missing") == std::string::npos);
    CHECK(text.find("b makes record 5 durable, and word of it reaches a before the answer\n") != std::string::npos);
  }
}

}  // namespace
}  // namespace smalldb::reports
