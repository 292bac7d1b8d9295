#include "reports/witnessed.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "model/messages.h"
#include "model/record.h"

namespace smalldb::reports {
namespace {

using sim::EventIndex;
using sim::EventKind;

Request request(std::uint64_t session, std::uint64_t number) {
  Request request;
  request.session = {session};
  request.number = number;
  request.verb = Verb::put;
  request.key = Bytes::copy("x");
  return request;
}

class Trace {
 public:
  EventIndex sent(const Request& one) {
    return happens(EventKind::sent, encode(Message{{1}, {2}, RequestMessage{one}}));
  }
  EventIndex answered(const Request& one) {
    Response response;
    response.session = one.session;
    response.number = one.number;
    return happens(EventKind::replied, encode(Message{{1}, {2}, ResponseMessage{response}}));
  }
  EventIndex written(const std::vector<Request>& all) {
    std::string bytes;
    for (const Request& one : all) bytes += encode(Record{{7}, {1}, {}, Operation{one}}).view();
    return happens(EventKind::disk_written, Bytes::copy(bytes));
  }

  std::vector<EventIndex> named_by(std::vector<EventIndex> witness) const {
    Witnessed witnessed(std::move(witness));
    witnessed.see(events_);
    return witnessed.events();
  }

 private:
  EventIndex happens(EventKind kind, Bytes payload) {
    sim::TraceEvent& event = events_.emplace_back();
    event.kind = kind;
    event.index = events_.size() - 1;
    event.payload = std::move(payload);
    return event.index;
  }

  std::vector<sim::TraceEvent> events_;
};

using Events = std::vector<EventIndex>;

}  // namespace

TEST_CASE("a witness names a request that several of its events are about, with each sending of it") {
  Trace trace;
  const Request one = request(4, 1), other = request(5, 1);
  const EventIndex first = trace.sent(one);
  trace.sent(other);
  const EventIndex executed = trace.written({one, other});
  const EventIndex again = trace.sent(one);
  const EventIndex executed_again = trace.written({one});
  CHECK(trace.named_by({executed_again, executed, executed}) == Events{first, executed, again, executed_again});
  CHECK(trace.named_by({executed}) == Events{executed});
  CHECK(trace.named_by({}).empty());
}

TEST_CASE("a witness names the request that an event of it alone is about") {
  Trace trace;
  const EventIndex sent = trace.sent(request(4, 1));
  const EventIndex answered = trace.answered(request(4, 1));
  CHECK(trace.named_by({answered}) == Events{sent, answered});
}

TEST_CASE("what has no session is no request that could be sent again") {
  Trace trace;
  trace.sent(request(0, 1));
  const EventIndex answered = trace.answered(request(0, 1));
  CHECK(trace.named_by({answered}) == Events{answered});
}

TEST_CASE("of many sendings the first and the last are named") {
  Trace trace;
  for (int n = 0; n < 20; ++n) trace.sent(request(4, 1));
  const EventIndex answered = trace.answered(request(4, 1));
  CHECK(trace.named_by({answered}) == Events{0, 1, 2, 3, 16, 17, 18, 19, answered});
}

}  // namespace smalldb::reports
