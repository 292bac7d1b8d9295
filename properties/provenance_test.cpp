#include "properties/provenance.h"

#include <catch2/catch.hpp>

#include "properties/trace_builder.h"

namespace smalldb::properties {
namespace {

using Need = Provenance::Need;

// Of the last answer in the trace.
Provenance provenance_of(const TraceBuilder& trace) {
  std::vector<sim::EventIndex> answers;
  for (const sim::TraceEvent& event : trace.events()) {
    if (event.kind == sim::EventKind::replied) answers = {event.index};
  }
  ProvenanceFinder finder(trace.cast(), answers);
  finder.observe(trace.events(), trace.files());
  const auto found = finder.find();
  REQUIRE(found);
  return *found;
}

std::vector<sim::EventKind> kinds(const std::vector<sim::TraceEvent>& chain) {
  std::vector<sim::EventKind> all;
  for (const sim::TraceEvent& event : chain) all.push_back(event.kind);
  return all;
}

TEST_CASE("F2 of an answer that waited the whole way is there: from the user, and from the copy") {
  TraceBuilder trace;
  trace.a_pair();
  trace.invokes(c1, 1, Verb::put, "x", "v");
  trace.asks(c1, a, put(1, "x"));
  const Lsn lsn = trace.appends(a, put(1, "x"));
  trace.syncs(a);
  trace.copies(a, b);
  trace.syncs(b);
  trace.acks(b, a);
  trace.answers(a, c1, 1, lsn);
  const Provenance found = provenance_of(trace);
  CHECK(found.need == Need::copy);
  CHECK(found.of == b);
  CHECK(found.answer.position == lsn);
  REQUIRE(found.chain.size() > 1);
  CHECK(found.chain.back().kind == sim::EventKind::replied);
  CHECK(kinds(found.word) == std::vector{sim::EventKind::disk_synced, sim::EventKind::sent, sim::EventKind::received,
                                         sim::EventKind::replied});
}

TEST_CASE("F2 a copy that came too late, or never, or that nobody had heard of is the missing link") {
  TraceBuilder trace;
  trace.a_pair();
  trace.asks(c1, a, put(1, "x"));
  const Lsn lsn = trace.appends(a, put(1, "x"));
  trace.syncs(a);
  SECTION("never") {
    trace.answers(a, c1, 1, lsn);
    const Provenance found = provenance_of(trace);
    CHECK_FALSE(found.met);
    CHECK(found.word.empty());
    REQUIRE(found.last_word);
    CHECK(found.last_word->process == b);
  }
  SECTION("too late") {
    trace.answers(a, c1, 1, lsn);
    trace.copies(a, b);
    trace.syncs(b);
    const Provenance found = provenance_of(trace);
    REQUIRE(found.met);
    CHECK(found.met->event > found.answer.event);
    CHECK(found.answer.at < found.met->at);
    CHECK(found.word.empty());
  }
  SECTION("in time, and not heard of") {
    trace.copies(a, b);
    trace.syncs(b);
    trace.answers(a, c1, 1, lsn);
    const Provenance found = provenance_of(trace);
    REQUIRE(found.met);
    CHECK(found.met->event < found.answer.event);
    CHECK(found.word.empty());
  }
}

TEST_CASE("F5 a primary alone needs word of its grant, and one without an epoch has nothing") {
  TraceBuilder trace;
  SECTION("granted") {
    trace.a_alone();
    trace.answers(a, c1, 0, trace.end(a));
    const Provenance found = provenance_of(trace);
    CHECK(found.need == Need::grant);
    CHECK(found.epoch == Epoch{1});
    REQUIRE(found.met);
    REQUIRE_FALSE(found.word.empty());
    CHECK(found.word.front().process == arbiter);
  }
  SECTION("not granted") {
    trace.begins(a, Epoch{1});
    trace.answers(a, c1, 0, trace.end(a));
    const Provenance found = provenance_of(trace);
    CHECK(found.need == Need::grant);
    CHECK_FALSE(found.met);
  }
  SECTION("no epoch") {
    trace.answers(a, c1, 1, Lsn{1});
    CHECK(provenance_of(trace).need == Need::none);
  }
}

TEST_CASE("what is no answer has no provenance") {
  TraceBuilder trace;
  trace.a_pair();
  ProvenanceFinder finder(trace.cast(), {0, 1});
  finder.observe(trace.events(), trace.files());
  CHECK_FALSE(finder.find());
}

}  // namespace
}  // namespace smalldb::properties
