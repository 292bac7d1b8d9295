#include "properties/happens_before.h"

#include <rapidcheck.h>
#include <catch2/catch.hpp>

#include <set>
#include <vector>

#include "properties/trace_builder.h"

namespace smalldb::properties {
namespace {

using sim::EventIndex;
using sim::EventKind;
using sim::TraceEvent;

TraceEvent event(EventIndex index, EventKind kind, ProcessId process, EventIndex cause = sim::no_event) {
  TraceEvent made;
  made.index = index;
  made.kind = kind;
  made.process = process;
  made.cause = cause;
  return made;
}

}  // namespace

TEST_CASE("An event rests on the one before it in its process and on its cause") {
  const std::vector<TraceEvent> trace = {
      event(10, EventKind::started, a),     event(11, EventKind::started, b),
      event(12, EventKind::timer_fired, a), event(13, EventKind::datagram_sent, a, 12),
      event(14, EventKind::timer_fired, b), event(15, EventKind::datagram_received, b, 13),
  };
  const HappensBefore graph(trace);
  CHECK(graph.size() == 6);
  CHECK(graph.causes(15) == std::vector<EventIndex>{13, 14});
  CHECK(graph.before(10, 15));
  CHECK_FALSE(graph.before(15, 10));
  CHECK_FALSE(graph.before(12, 14));
  CHECK_FALSE(graph.before(15, 15));
  CHECK(graph.past(15) == std::vector<EventIndex>{10, 11, 12, 13, 14});
  CHECK(graph.past(14) == std::vector<EventIndex>{11});
  CHECK(graph.path(10, 15) == std::vector<EventIndex>{10, 12, 13, 15});
  CHECK(graph.path(12, 14).empty());
}

TEST_CASE("Bytes of a stream rest on the message that their last byte belongs to") {
  TraceEvent first = event(0, EventKind::sent, a);
  first.peer = b;
  first.payload = Bytes::copy("abc");
  TraceEvent second = event(1, EventKind::sent, a);
  second.peer = b;
  second.b = 3;
  second.payload = Bytes::copy("defg");
  TraceEvent piece = event(2, EventKind::received, b, 0);  // whatever is named as the cause
  piece.peer = a;
  piece.payload = Bytes::copy("abcd");
  const HappensBefore graph(std::vector<TraceEvent>{first, second, piece});
  CHECK(graph.before(1, 2));
}

TEST_CASE("What died on its way tells nobody anything") {
  const HappensBefore graph(std::vector<TraceEvent>{
      event(0, EventKind::datagram_sent, a),
      event(1, EventKind::datagram_lost, b, 0),
      event(2, EventKind::timer_fired, b),
  });
  CHECK(graph.before(0, 1));
  CHECK_FALSE(graph.before(0, 2));
}

TEST_CASE("The past is what can be reached over causes, and a path leads through it") {
  CHECK(rc::check([] {
    std::vector<TraceEvent> trace;
    const EventIndex size = *rc::gen::inRange<EventIndex>(2, 60);
    for (EventIndex index = 0; index < size; ++index) {
      const ProcessId process{*rc::gen::inRange<std::uint32_t>(0, 4)};
      const bool caused = index > 0 && *rc::gen::inRange(0, 2) == 1;
      trace.push_back(event(index, EventKind::datagram_received, process,
                            caused ? *rc::gen::inRange<EventIndex>(0, index) : sim::no_event));
    }
    const HappensBefore graph(trace);
    std::vector<std::set<EventIndex>> pasts;
    for (EventIndex index = 0; index < size; ++index) {
      std::set<EventIndex> past;
      for (const EventIndex cause : graph.causes(index)) {
        past.insert(cause);
        past.insert(pasts[cause].begin(), pasts[cause].end());
      }
      const std::vector<EventIndex> found = graph.past(index);
      RC_ASSERT(std::set<EventIndex>(found.begin(), found.end()) == past);
      pasts.push_back(past);
      for (EventIndex earlier = 0; earlier < index; ++earlier) {
        const std::vector<EventIndex> path = graph.path(earlier, index);
        RC_ASSERT(path.empty() == (past.count(earlier) == 0));
        for (std::size_t i = 1; i < path.size(); ++i) {
          const std::vector<EventIndex> causes = graph.causes(path[i]);
          RC_ASSERT(std::find(causes.begin(), causes.end(), path[i - 1]) != causes.end());
        }
      }
    }
  }));
}

}  // namespace smalldb::properties
