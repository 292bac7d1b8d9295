#include "reports/traffic.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "model/client.h"
#include "model/messages.h"
#include "reports/test_support.h"

namespace smalldb::reports {
namespace {

using sim::EventKind;
using Fate = Transmission::Fate;
using Kind = Transmission::Kind;

Claim claim(std::uint64_t epoch) { return {.wanted = Epoch{epoch}, .directory = {}}; }

// A trace told by hand, an event a millisecond.
class Told {
 public:
  sim::TraceEvent& happens(EventKind kind, ProcessId process, ProcessId peer = no_process) {
    sim::TraceEvent& event = events_.emplace_back();
    event.index = events_.size() - 1;
    event.time = {static_cast<std::int64_t>(event.index) * 1'000'000};
    event.kind = kind;
    event.process = process;
    event.peer = peer;
    return event;
  }

  // On connection 7; gives the event.
  sim::EventIndex sends(ProcessId from, ProcessId to, const MessageBody& body) {
    sim::TraceEvent& event = happens(EventKind::sent, from, to);
    event.a = 7;
    event.b = sent_;
    event.payload = encode({}, {}, body);
    sent_ += event.payload.size();
    return event.index;
  }
  // As many bytes as come next, or all that are on their way.
  void receives(ProcessId to, ProcessId from, EventKind kind = EventKind::received, std::uint64_t size = 0) {
    sim::TraceEvent& event = kind == EventKind::received ? happens(kind, to, from) : happens(kind, from, to);
    event.a = 7;
    event.b = received_;
    event.payload = Bytes::copy(std::string(size == 0 ? sent_ - received_ : size, '.'));
    received_ += event.payload.size();
  }

  Traffic traffic(std::size_t each = 100) {
    Traffic traffic(each);
    for (const sim::TraceEvent& event : events_) traffic.see({&event, 1}, names);
    return traffic;
  }
  std::vector<Transmission> transmissions() {
    std::vector<Transmission> all;
    traffic().transmissions().each([&](const Transmission& one) { all.push_back(one); });
    return all;
  }

  TestNames names;

 private:
  std::vector<sim::TraceEvent> events_;
  std::uint64_t sent_ = 0;
  std::uint64_t received_ = 0;
};

TEST_CASE("A message has arrived when its last byte has") {
  Told told;
  told.sends(a, b, claim(1));
  told.sends(a, b, claim(2));
  told.receives(b, a, EventKind::received, 3);  // torn
  told.receives(b, a);                          // the rest of both, run together
  const auto all = told.transmissions();
  REQUIRE(all.size() == 2);
  for (const Transmission& one : all) {
    CHECK(one.fate == Fate::arrived);
    CHECK(one.ended.event == 3);
  }
  CHECK(all[1].left.event == 1);
  CHECK(all[1].label == "claim 2");
  CHECK(all[1].text == "claims epoch 2");
}

TEST_CASE("A message that was not seen to arrive is under way, or lost") {
  Told told;
  told.sends(a, b, claim(1));
  told.receives(b, a, EventKind::stream_lost);
  told.sends(a, b, claim(2));
  const auto all = told.transmissions();
  REQUIRE(all.size() == 2);
  CHECK(all[0].fate == Fate::lost);
  CHECK(all[0].ended.event == 1);
  CHECK(all[1].fate == Fate::under_way);
}

TEST_CASE("A datagram is lost for a reason, or comes, or comes twice") {
  Told told;
  for (int n = 0; n < 2; ++n) told.happens(EventKind::datagram_sent, a, b).payload = encode({}, {}, Heartbeat{});
  sim::TraceEvent& lost = told.happens(EventKind::datagram_lost, b, a);
  lost.cause = 0;
  lost.b = static_cast<std::uint64_t>(sim::LossReason::cut);
  for (const std::uint64_t copy : {0, 1}) {
    sim::TraceEvent& came = told.happens(EventKind::datagram_received, b, a);
    came.cause = 1;
    came.b = copy;
  }
  const auto all = told.transmissions();
  REQUIRE(all.size() == 3);
  CHECK(all[0].fate == Fate::lost);
  CHECK(all[0].text == "I live");
  CHECK(all[0].about == "cut");
  CHECK(all[1].ended.event == 3);
  CHECK(all[2].ended.event == 4);
  CHECK(all[2].left.event == 1);
  CHECK(all[2].text == "I live");
  CHECK(all[1].about.empty());
  CHECK(all[2].about == "a copy");
  for (const Transmission& one : all) CHECK(one.kind == Kind::heartbeat);
}

TEST_CASE("Of two copies of a datagram each comes to its own end") {
  for (const bool first_arrives : {true, false}) {
    INFO(first_arrives);
    Told told;
    told.happens(EventKind::datagram_sent, a, b).payload = encode({}, {}, Heartbeat{});
    for (const bool arrives : {first_arrives, !first_arrives}) {
      sim::TraceEvent& event = told.happens(arrives ? EventKind::datagram_received : EventKind::datagram_lost, b, a);
      event.cause = 0;
      if (!arrives) event.b = static_cast<std::uint64_t>(sim::LossReason::receiver_down);
    }
    const auto all = told.transmissions();
    REQUIRE(all.size() == 2);
    CHECK(all[0].fate == (first_arrives ? Fate::arrived : Fate::lost));
    CHECK(all[0].ended.event == 1);
    CHECK(all[0].about == (first_arrives ? "" : "receiver_down"));
    CHECK(all[1].fate == (first_arrives ? Fate::lost : Fate::arrived));
    CHECK(all[1].ended.event == 2);
    CHECK(all[1].about == (first_arrives ? "a copy, receiver_down" : "a copy"));
  }
}

TEST_CASE("An acknowledgement of what was acknowledged before says no more than that its sender lives") {
  Told told;
  for (const std::uint64_t durable : {4, 4, 5})
    told.sends(b, a, Ack{.received = Lsn{durable}, .durable = Lsn{durable}});
  const auto all = told.transmissions();
  REQUIRE(all.size() == 3);
  CHECK(all[0].kind == Kind::acknowledgement);
  CHECK(all[1].kind == Kind::heartbeat);
  CHECK(all[2].kind == Kind::acknowledgement);
}

TEST_CASE("What a client is asked lasts until it tells what came of it") {
  Told told;
  Invocation put;
  put.verb = Verb::put;
  put.number = 1;
  put.key = Bytes::copy("x");
  put.value = Bytes::copy("17");
  told.happens(EventKind::input, c1).payload = encode(put);
  put.number = 2;
  told.happens(EventKind::input, c1).payload = encode(put);
  told.happens(EventKind::report, c1).payload = encode(Completion{1, Outcome::unknown, {}, {}});
  std::vector<Asking> all;
  told.traffic().askings().each([&](const Asking& one) { all.push_back(one); });
  REQUIRE(all.size() == 2);
  CHECK(all[0].what == "put x=17");
  CHECK(all[0].end == Asking::End::unknown);
  CHECK(all[0].told.event == 2);
  CHECK(all[1].end == Asking::End::none);
  CHECK(all[1].told.event == sim::no_event);
}

TEST_CASE("What a client was asked ends with it") {
  Told told;
  Invocation get;
  get.verb = Verb::get;
  get.number = 1;
  told.happens(EventKind::input, c1).payload = encode(get);
  told.happens(EventKind::crashed, a);
  told.happens(EventKind::crashed, c1);
  told.happens(EventKind::input, c1).payload = encode(get);  // of the next life
  std::vector<Asking> all;
  told.traffic().askings().each([&](const Asking& one) { all.push_back(one); });
  REQUIRE(all.size() == 2);
  CHECK(all[0].told.event == 2);
  CHECK(all[0].end == Asking::End::none);
  CHECK(all[1].told.event == sim::no_event);
}

TEST_CASE("A fault lasts from where it is injected to where it ends") {
  Told told;
  told.names.faults.resize(2);
  told.names.faults[0].kind = sim::FaultKind::cut;
  told.names.faults[0].links = sim::both_ways({a}, {b});
  told.names.faults[1].kind = sim::FaultKind::pause;
  told.names.faults[1].process = a;
  told.happens(EventKind::fault_injected, no_process).a = 0;
  told.happens(EventKind::fault_injected, no_process).a = 1;
  told.happens(EventKind::fault_ended, no_process).a = 0;
  std::vector<Spell> all;
  told.traffic().spells().each([&](const Spell& one) { all.push_back(one); });
  REQUIRE(all.size() == 2);
  CHECK(all[0].text == "a <-> b: nothing passes");
  CHECK(all[0].ended.event == 2);
  CHECK(all[1].ended.event == sim::no_event);
}

TEST_CASE("Of much traffic the first and the last is kept") {
  Told told;
  for (std::uint64_t epoch = 0; epoch < 10; ++epoch) told.sends(a, b, claim(epoch));
  told.receives(b, a);
  const Traffic traffic = told.traffic(2);
  std::string kept;
  traffic.transmissions().each([&](const Transmission& one) {
    kept += one.label + "; ";
    CHECK(one.fate == Fate::arrived);
  });
  CHECK(kept == "claim 0; claim 1; claim 8; claim 9; ");
  CHECK(traffic.transmissions().count() == 10);
  CHECK(traffic.transmissions().left_out() == 6);
  CHECK(traffic.last_of(a).event == 9);
  CHECK(traffic.last_of(b).event == 10);
  CHECK(traffic.last_of(c1).event == sim::no_event);
}

}  // namespace
}  // namespace smalldb::reports
