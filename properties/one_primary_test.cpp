#include "properties/one_primary.h"

#include <catch2/catch.hpp>

#include "model/claimer.h"
#include "properties/trace_builder.h"

namespace smalldb::properties {
namespace {

Conclusion one(const TraceBuilder& trace) { return trace.verdict("one_primary").conclusion; }

void b_takes_over(TraceBuilder& trace) {
  trace.grants(Epoch{2}, b);
  trace.begins(b, Epoch{2});
}

}  // namespace

TEST_CASE("F5 a deposed primary may finish what it had received before the new one answered") {
  TraceBuilder trace;
  trace.a_pair();
  trace.asks(c1, a, put(1, "x"));
  b_takes_over(trace);
  trace.asks(c2, b, put(2, "y"));
  trace.answers(b, c2, 2, trace.end(b));
  trace.answers(a, c1, 1, trace.end(a));
  CHECK(one(trace) == Conclusion::holds);
}

TEST_CASE("S8 a deposed primary must not answer what it receives after the new one has answered") {
  TraceBuilder trace;
  trace.a_pair();
  b_takes_over(trace);
  trace.asks(c2, b, put(2, "y"));
  trace.answers(b, c2, 2, trace.end(b));
  trace.asks(c1, a, put(1, "x"));
  trace.answers(a, c1, 1, trace.end(a));
  const Verdict verdict = trace.verdict("one_primary");
  REQUIRE(verdict.conclusion == Conclusion::violated);
  CHECK(verdict.witness.find("a received that request after b had answered in epoch 2") != std::string::npos);
}

TEST_CASE("S8 a refusal by a deposed primary is no answer") {
  TraceBuilder trace;
  trace.a_pair();
  b_takes_over(trace);
  trace.asks(c2, b, put(2, "y"));
  trace.answers(b, c2, 2, trace.end(b));
  trace.asks(c1, a, put(1, "x"));
  trace.answers(a, c1, 1, {}, Status::not_primary);
  CHECK(one(trace) == Conclusion::holds);
}

TEST_CASE("S2 an epoch is given to one directory") {
  TraceBuilder trace;
  trace.a_pair();
  trace.grants(Epoch{2}, b);
  trace.grants(Epoch{2}, b);
  REQUIRE(one(trace) == Conclusion::holds);
  trace.grants(Epoch{2}, a);
  CHECK(one(trace) == Conclusion::violated);
}

TEST_CASE("S2 what the shared volume says of an epoch does not change") {
  TraceBuilder trace(ArbiterKind::shared_lock);
  trace.a_pair();
  trace.reads_lock(a, Epoch{2}, b);
  trace.reads_lock(b, Epoch{2}, b);
  trace.begins(b, Epoch{2});
  REQUIRE(trace.violated().empty());
  trace.reads_lock(a, Epoch{2}, a);
  CHECK(one(trace) == Conclusion::violated);
}

TEST_CASE("S2 what is damaged on the shared volume, or under another epoch's name, gives an epoch to nobody") {
  TraceBuilder trace(ArbiterKind::shared_lock);
  trace.a_pair();
  trace.reads_lock(a, Epoch{2}, b);
  const std::string claim = encode_claim({Epoch{2}, trace.directory(a), a}).string();
  const auto bit = GENERATE(range(0u, 256u));
  std::string damaged = claim;
  damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
  trace.reads_lock(a, epoch_file(Epoch{2}), Bytes::copy(damaged));
  trace.reads_lock(a, epoch_file(Epoch{1}), Bytes::copy(claim));
  CHECK(trace.violated().empty());
  trace.begins(a, Epoch{2});
  CHECK(one(trace) == Conclusion::violated);
}

TEST_CASE("F5 an epoch that was not won must not begin") {
  TraceBuilder trace;
  trace.a_pair();
  SECTION("given to nobody") { trace.begins(b, Epoch{2}); }
  SECTION("given to the other") {
    trace.grants(Epoch{2}, a);
    trace.begins(b, Epoch{2});
  }
  CHECK(one(trace) == Conclusion::violated);
}

TEST_CASE("Without an arbiter both begin the same epoch: the split brain is seen") {
  TraceBuilder trace(ArbiterKind::none);
  trace.a_pair();
  trace.begins(a, Epoch{2});
  REQUIRE(one(trace) == Conclusion::holds);
  trace.begins(b, Epoch{2});
  CHECK(one(trace) == Conclusion::violated);
}

TEST_CASE("An operator's word is good for one epoch") {
  TraceBuilder trace(ArbiterKind::manual);
  trace.a_pair();
  trace.promotes(b);
  trace.begins(b, Epoch{2});
  REQUIRE(one(trace) == Conclusion::holds);
  trace.begins(b, Epoch{3});
  CHECK(one(trace) == Conclusion::violated);
}

TEST_CASE("Two nodes that answer in one epoch are seen") {
  TraceBuilder trace(ArbiterKind::none);
  trace.a_pair();
  trace.begins(a, Epoch{2});
  trace.asks(c1, a, put(1, "x"));
  trace.answers(a, c1, 1, trace.end(a));
  trace.begins(b, Epoch{2});
  trace.asks(c2, b, put(2, "y"));
  trace.answers(b, c2, 2, trace.end(b));
  CHECK(one(trace) == Conclusion::violated);
}

TEST_CASE("A node that restarts leads nothing until it has begun another epoch") {
  TraceBuilder trace;
  trace.a_alone();
  trace.loses_unsynced(a);
  trace.asks(c1, a, put(1, "x"));
  trace.answers(a, c1, 1, trace.end(a));
  CHECK(one(trace) == Conclusion::violated);
}

}  // namespace smalldb::properties
