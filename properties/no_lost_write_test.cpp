#include "properties/no_lost_write.h"

#include <catch2/catch.hpp>

#include "properties/trace_builder.h"

namespace smalldb::properties {
namespace {

Conclusion lost(const TraceBuilder& trace) { return trace.verdict("no_lost_write").conclusion; }

// A pair whose primary has answered a write that both hold.
struct AnsweredPair {
  AnsweredPair() {
    trace.a_pair();
    trace.asks(c1, a, put(1, "x"));
    lsn = trace.appends(a, put(1, "x"));
    trace.syncs(a);
    trace.copies(a, b);
    trace.syncs(b);
    trace.acks(b, a);
    trace.answers(a, c1, 1, lsn);
  }
  TraceBuilder trace;
  Lsn lsn;
};

// With `acknowledge: received`: what b has acknowledged from its memory has been answered.
TraceBuilder answered_when_received() {
  TraceBuilder trace(ArbiterKind::tie_breaker, Acknowledge::received);
  trace.a_pair();
  trace.asks(c1, a, put(1, "x"));
  const Lsn lsn = trace.appends(a, put(1, "x"));
  trace.copies(a, b);
  trace.acks(b, a);
  trace.syncs(a);
  trace.answers(a, c1, 1, lsn);
  return trace;
}

}  // namespace

TEST_CASE("F1 a backup that has all that was answered loses nothing by taking over") {
  AnsweredPair story;
  story.trace.crashes(a);
  story.trace.grants(Epoch{2}, b);
  story.trace.begins(b, Epoch{2});
  CHECK(story.trace.violated().empty());
}

TEST_CASE("F1 a takeover without a record that was answered loses a write") {
  TraceBuilder trace;
  trace.a_pair();
  trace.asks(c1, a, put(1, "x"));
  const Lsn lsn = trace.appends(a, put(1, "x"));
  trace.syncs(a);
  trace.answers(a, c1, 1, lsn);
  REQUIRE(lost(trace) == Conclusion::holds);
  trace.grants(Epoch{2}, b);
  trace.begins(b, Epoch{2});
  const Verdict verdict = trace.verdict("no_lost_write");
  REQUIRE(verdict.conclusion == Conclusion::violated);
  CHECK(verdict.witness.find("b began epoch 2 with a record 5 of its own, without it") != std::string::npos);
}

TEST_CASE("F1 an answer may be released after the takeover if the new epoch holds what it depends on") {
  AnsweredPair story;
  story.trace.asks(c2, a, put(2, "y"));
  const Lsn late = story.trace.appends(a, put(2, "y"));
  story.trace.syncs(a);
  SECTION("held") {
    story.trace.copies(a, b);
    story.trace.syncs(b);
    story.trace.acks(b, a);
    story.trace.grants(Epoch{2}, b);
    story.trace.begins(b, Epoch{2});
    story.trace.answers(a, c2, 2, late);
    CHECK(lost(story.trace) == Conclusion::holds);
  }
  SECTION("not held") {
    story.trace.grants(Epoch{2}, b);
    story.trace.begins(b, Epoch{2});
    story.trace.answers(a, c2, 2, late);
    CHECK(lost(story.trace) == Conclusion::violated);
  }
}

TEST_CASE("S6 a rejoining node cuts what was never released, and nothing else") {
  AnsweredPair story;
  story.trace.appends(a, put(2, "y"));
  story.trace.syncs(a);
  story.trace.grants(Epoch{2}, b);
  story.trace.begins(b, Epoch{2});
  SECTION("never released") {
    story.trace.cuts(a, story.lsn);
    CHECK(lost(story.trace) == Conclusion::holds);
  }
  SECTION("released, and nobody else holds it") {
    story.trace.answers(a, c1, 2, story.lsn.next());
    story.trace.cuts(a, story.lsn);
    CHECK(lost(story.trace) == Conclusion::violated);
  }
  SECTION("released, and the other holds it") {
    story.trace.cuts(a, story.lsn.previous());
    CHECK(lost(story.trace) == Conclusion::holds);
  }
}

TEST_CASE("S7 what a backup forgot that takes over is lost, and was not promised when received") {
  TraceBuilder trace = answered_when_received();
  trace.loses_unsynced(b);
  CHECK_FALSE(trace.judged().why_not_promised());
  trace.grants(Epoch{2}, b);
  trace.begins(b, Epoch{2});
  CHECK(lost(trace) == Conclusion::violated);
  CHECK(trace.judged().why_not_promised() == "b had received record 5 of epoch 1, and began epoch 2 without it");
}

TEST_CASE("S7 what a backup received before it stopped as it was told to was promised") {
  enum class When { before, never, in_a_later_life };
  const When told = GENERATE(When::before, When::never, When::in_a_later_life);
  const bool is_told_to = told == When::before;
  TraceBuilder trace = answered_when_received();
  if (is_told_to) trace.stops(b);
  trace.loses_unsynced(b);
  if (told == When::in_a_later_life) {
    trace.stops(b);
    trace.starts(b);
  }
  trace.grants(Epoch{2}, b);
  trace.begins(b, Epoch{2});
  CHECK(lost(trace) == Conclusion::violated);
  CHECK(trace.judged().why_not_promised().has_value() == !is_told_to);
}

TEST_CASE("S7 what a backup had received is known, though it is sent older records again") {
  TraceBuilder trace = answered_when_received();
  trace.loses_unsynced(b);
  trace.forgets(a, Lsn{4});
  trace.forgets(b, Lsn{3});
  trace.copies(a, b);
  trace.grants(Epoch{2}, b);
  trace.begins(b, Epoch{2});
  CHECK(trace.end(b) == Lsn{5});
  CHECK(lost(trace) == Conclusion::violated);
  CHECK(trace.judged().why_not_promised() == "b had received record 5 of epoch 1, and began epoch 2 without it");
}

TEST_CASE("S7 when received, all is promised that a backup has not forgotten") {
  TraceBuilder trace = answered_when_received();
  SECTION("it takes over with all that it received") {
    trace.grants(Epoch{2}, b);
    trace.begins(b, Epoch{2});
    CHECK(lost(trace) == Conclusion::holds);
  }
  SECTION("it forgot, and the primary goes on") {
    trace.loses_unsynced(b);
    trace.grants(Epoch{2}, a);
    trace.begins(a, Epoch{2});
    CHECK(lost(trace) == Conclusion::holds);
  }
  SECTION("the primary goes on without what it answered") {
    trace.forgets(a, trace.end(a).previous());
    trace.grants(Epoch{2}, a);
    trace.begins(a, Epoch{2});
    CHECK(lost(trace) == Conclusion::violated);
  }
  CHECK_FALSE(trace.judged().why_not_promised());
}

TEST_CASE("S6 after a split brain the one that gives in loses what it answered") {
  TraceBuilder trace(ArbiterKind::none);
  trace.a_pair();
  const Lsn common = trace.end(a);
  trace.begins(a, Epoch{2});
  trace.begins(b, Epoch{2});
  const Lsn lsn = trace.appends(a, put(1, "x"));
  trace.syncs(a);
  trace.asks(c1, a, put(1, "x"));
  trace.answers(a, c1, 1, lsn);
  REQUIRE(lost(trace) == Conclusion::holds);  // a still holds it
  SECTION("a gives in") {
    trace.cuts(a, common);
    const Verdict verdict = trace.verdict("no_lost_write");
    REQUIRE(verdict.conclusion == Conclusion::violated);
    CHECK(verdict.witness.find("a cut its log back to record 4, and nobody else holds it") != std::string::npos);
  }
  SECTION("b gives in") {
    trace.cuts(b, common);
    CHECK(lost(trace) == Conclusion::holds);
  }
}

TEST_CASE("S4 a restart that goes on without what it answered loses a write") {
  TraceBuilder trace;
  trace.a_alone();
  trace.asks(c1, a, put(1, "x"));
  const Lsn lsn = trace.appends(a, put(1, "x"));
  trace.answers(a, c1, 1, lsn);
  trace.loses_unsynced(a);
  trace.grants(Epoch{2}, a);
  trace.begins(a, Epoch{2});
  CHECK(lost(trace) == Conclusion::violated);
}

TEST_CASE("S4 a restart that lost only what was not answered loses nothing") {
  TraceBuilder trace;
  trace.a_alone();
  const Lsn answered = trace.end(a);
  trace.answers(a, c1, 0, answered);
  trace.appends(a, put(1, "x"));
  trace.loses_unsynced(a);
  trace.grants(Epoch{2}, a);
  CHECK(trace.begins(a, Epoch{2}) == answered.next());
  CHECK(lost(trace) == Conclusion::holds);
}

TEST_CASE("An epoch begun twice, because a disk forgot what it had synced, loses what was answered in it") {
  TraceBuilder trace;
  trace.a_alone();
  trace.answers(a, c1, 0, trace.end(a));
  trace.crashes(a);
  trace.fault(sim::FaultKind::old_disk, a);
  trace.forgets(a, Lsn{0});
  trace.starts(a);
  REQUIRE(lost(trace) == Conclusion::unknown);  // nobody holds it, and nobody has gone on without it
  trace.begins(a, Epoch{1});
  CHECK(lost(trace) == Conclusion::violated);
  CHECK(trace.verdict("epochs_never_fall").conclusion == Conclusion::violated);
}

// Both lose power, and the run ends when `change` has been made to what each has read of its log.
template <class Change>
Conclusion lost_when_read_back(Change change) {
  AnsweredPair story;
  std::vector<sim::TraceEvent> events;
  for (const ProcessId node : {a, b}) {
    story.trace.loses_unsynced(node);
    const auto& all = story.trace.events();
    events.insert(events.end(), all.begin() + static_cast<std::ptrdiff_t>(events.size()), all.end());
    events.back().payload = Bytes::copy(change(events.back().payload.string()));
  }
  Properties properties(story.trace.cast());
  properties.observe(events, story.trace.files());
  properties.finish(story.trace.now());
  return properties.verdict(*find("no_lost_write")).conclusion;
}

TEST_CASE("What is being read back when the run ends is not missing, and what has rotted is") {
  CHECK(lost_when_read_back([](const std::string& read) { return read; }) == Conclusion::holds);
  CHECK(lost_when_read_back([](const std::string& read) { return read.substr(0, 60); }) == Conclusion::holds);
  CHECK(lost_when_read_back([](std::string read) {
          read[60] ^= 1;
          return read;
        }) == Conclusion::unknown);
}

TEST_CASE("What no disk holds any more at the end is unknown, not a breach of the protocol") {
  TraceBuilder trace;
  trace.a_alone();
  trace.answers(a, c1, 0, trace.end(a));
  trace.crashes(a);
  trace.fault(sim::FaultKind::wiped_disk, a);
  CHECK(lost(trace) == Conclusion::unknown);
}

}  // namespace smalldb::properties
