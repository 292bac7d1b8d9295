#include "model/client.h"

#include <catch2/catch.hpp>

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "model/host_side.h"
#include "model/refusal.h"

namespace smalldb {
namespace {

constexpr ProcessId a{0};
constexpr ProcessId b{1};
constexpr ProcessId c{2};
constexpr ProcessId d{3};
constexpr std::uint64_t session = 4;

ClientConfig config(ClientSettings settings, bool in_session, std::vector<ProcessId> nodes) {
  ClientConfig config;
  config.in_session = in_session;
  config.self = ProcessId{9};
  config.nodes = std::move(nodes);
  config.settings = settings;
  return config;
}

// A client, played to by hand: the test is its user, its network and its nodes.
class Desk {
 public:
  explicit Desk(ClientSettings settings = {}, bool in_session = true, std::vector<ProcessId> nodes = {a, b})
      : client_(config(settings, in_session, std::move(nodes))) {
    step(Started{{5, 5}});
  }

  // ---- Its user
  void put(std::uint64_t number, const std::string& key = "x") {
    Invocation invocation{number, Verb::put, Bytes::copy(key), Bytes::copy("v"), {}};
    step(Input{encode(invocation)});
  }
  void get(std::uint64_t number) { step(Input{encode(Invocation{number, Verb::get, Bytes::copy("x"), {}, {}})}); }
  std::vector<std::pair<std::uint64_t, Outcome>> told() { return std::exchange(completions_, {}); }

  // ---- Its network
  ProcessId target() const { return target_; }
  bool linked() const { return link_.has_value(); }
  void accept() { step(Connected{*link_}); }
  void close(CloseReason reason = CloseReason::reset) {
    const Link link = *std::exchange(link_, std::nullopt);
    step(Closed{link, reason});
  }
  void pass(Duration duration) {
    const Instant end = now_ + duration;
    while (true) {
      auto due = timers_.end();
      for (auto timer = timers_.begin(); timer != timers_.end(); ++timer) {
        if (timer->second <= end && (due == timers_.end() || timer->second < due->second)) due = timer;
      }
      if (due == timers_.end()) break;
      const TimerId id = due->first;
      now_ = std::max(now_, due->second);
      timers_.erase(due);
      step(TimerFired{id});
    }
    now_ = end;
  }

  // ---- Its nodes
  // The requests sent since one last looked.
  std::vector<Request> requests() { return std::exchange(requests_, {}); }
  Request request() {
    const std::vector<Request> all = requests();
    REQUIRE(all.size() == 1);
    return all.front();
  }
  void answer(const Request& to, Status status = Status::ok, ProcessId primary = no_process) {
    Response response;
    response.session = to.session;
    response.number = to.number;
    response.status = status;
    response.revision = to.verb == Verb::open_session ? Revision{session} : Revision{7};
    response.primary = primary;
    step(Received{*link_, encode(Epoch{1}, Incarnation{1}, ResponseMessage{response})});
  }
  // Up to the first request within a session.
  Request begin() {
    accept();
    const Request open = request();
    CHECK(open.verb == Verb::open_session);
    answer(open);
    return request();
  }

 private:
  void step(const Event& event) {
    client_.step({now_, {}}, event, effects_);
    for (const Effect& effect : std::exchange(effects_.recorded(), {})) {
      if (const auto* connect = std::get_if<effect::Connect>(&effect)) {
        CHECK(connect->port == Port::client);
        link_ = connect->link;
        target_ = connect->to;
      }
      if (const auto* close = std::get_if<effect::Close>(&effect)) {
        if (link_ == close->link) link_.reset();
      }
      if (const auto* timer = std::get_if<effect::SetTimer>(&effect)) timers_[timer->timer] = timer->at;
      if (const auto* timer = std::get_if<effect::CancelTimer>(&effect)) timers_.erase(timer->timer);
      if (const auto* send = std::get_if<effect::Send>(&effect)) {
        const auto message = decode_frame(send->bytes);
        REQUIRE(message);
        requests_.push_back(std::get<RequestMessage>(message->body).request);
      }
      if (const auto* report = std::get_if<effect::Report>(&effect)) {
        const auto completion = decode_completion(report->bytes);
        REQUIRE(completion);
        completions_.emplace_back(completion->number, completion->outcome);
      }
    }
  }

  Client client_;
  HostEffects effects_;
  Instant now_;
  std::map<TimerId, Instant> timers_;
  std::optional<Link> link_;
  ProcessId target_ = no_process;
  std::vector<Request> requests_;
  std::vector<std::pair<std::uint64_t, Outcome>> completions_;
};

using Told = std::vector<std::pair<std::uint64_t, Outcome>>;

ClientSettings impatient() {
  ClientSettings settings;
  settings.give_up_after = seconds(2);
  return settings;
}

TEST_CASE("S9 a client opens a session before its first operation, and numbers its requests in it") {
  Desk desk;
  desk.put(1);
  const Request first = desk.begin();
  CHECK(first.session == SessionId{session});
  CHECK(first.number == 1);
  CHECK(first.oldest_unanswered == 1);
  desk.answer(first);
  CHECK(desk.told() == Told{{1, Outcome::ok}});
  desk.put(2);
  const Request second = desk.request();
  CHECK(second.number == 2);
  CHECK(second.oldest_unanswered == 2);
}

TEST_CASE("S9 a retry carries the same number, at whichever node") {
  Desk desk;
  desk.put(1);
  const Request first = desk.begin();
  desk.pass(milliseconds(300));  // no answer: the next node
  CHECK(desk.target() == b);
  desk.accept();
  const Request again = desk.request();
  CHECK(again.number == first.number);
  CHECK(again.session == first.session);
  desk.close();
  desk.pass(milliseconds(50));
  CHECK(desk.target() == a);
  desk.accept();
  CHECK(desk.request().number == first.number);
}

TEST_CASE("S9 what a client still waits for stays the oldest, however many are answered after it") {
  ClientSettings settings;
  settings.in_flight_max = 3;
  Desk desk(settings);
  for (std::uint64_t n = 1; n <= 5; ++n) desk.put(n);
  const Request first_of_three = [&] {
    desk.accept();
    desk.answer(desk.request());
    const std::vector<Request> all = desk.requests();
    REQUIRE(all.size() == 3);
    desk.answer(all[1]);
    desk.answer(all[2]);
    return all[0];
  }();
  CHECK(desk.told() == Told{{2, Outcome::ok}, {3, Outcome::ok}});
  const std::vector<Request> next = desk.requests();
  REQUIRE(next.size() == 2);
  for (const Request& request : next) CHECK(request.oldest_unanswered == 1);
  desk.answer(first_of_three);
  CHECK(desk.told() == Told{{1, Outcome::ok}});
}

TEST_CASE("a client goes where a backup sends it") {
  Desk desk;
  desk.put(1);
  const Request first = desk.begin();
  desk.answer(first, Status::not_primary, b);
  CHECK_FALSE(desk.linked());
  desk.pass(milliseconds(50));
  CHECK(desk.target() == b);
}

// S2: a node that is fenced goes on naming who had won, and may be the only one to be heard of whom it names.
TEST_CASE("a client comes to every node, whoever names whom") {
  const auto visits = [](std::map<ProcessId, ProcessId> named, std::set<ProcessId> down) {
    Desk desk({}, true, {a, b, c, d});
    desk.put(1);
    std::set<ProcessId> seen;
    for (int attempt = 0; attempt < 16; ++attempt) {
      const ProcessId target = desk.target();
      seen.insert(target);
      if (down.contains(target)) {
        desk.close();
      } else {
        desk.accept();
        desk.answer(desk.request(), Status::not_primary, named[target]);
      }
      desk.pass(milliseconds(50));
    }
    return seen.size();
  };
  CHECK(visits({{a, d}}, {d}) == 4);
  CHECK(visits({{a, b}, {b, a}}, {}) == 4);
  CHECK(visits({{a, c}, {b, a}, {c, a}, {d, a}}, {}) == 4);
}

TEST_CASE("a client that is told that the node is overloaded rests and stays") {
  Desk desk;
  desk.put(1);
  const Request first = desk.begin();
  desk.answer(first, Status::overloaded);
  CHECK(desk.linked());
  CHECK(desk.requests().empty());
  desk.pass(milliseconds(50));
  CHECK(desk.request().number == first.number);
}

TEST_CASE("a client goes on waiting for what it is owed, though another of its requests was refused") {
  ClientSettings settings;
  settings.in_flight_max = 2;
  Desk desk(settings);
  desk.put(1);
  desk.put(2);
  desk.accept();
  desk.answer(desk.request());
  const std::vector<Request> both = desk.requests();
  REQUIRE(both.size() == 2);
  desk.answer(both[0], Status::overloaded);
  desk.pass(milliseconds(50));
  CHECK(desk.request().number == both[0].number);
  desk.answer(both[0]);
  desk.pass(milliseconds(400));  // the second one's answer never came: the next node
  CHECK(desk.target() == b);
  CHECK(desk.told() == Told{{1, Outcome::ok}});
}

TEST_CASE("S10 refused every time: failed, for certain") {
  Desk desk(impatient());
  desk.put(1);
  Request sent = desk.begin();
  for (int attempts = 0; attempts < 5; ++attempts) {
    desk.answer(sent, Status::not_serving);
    desk.pass(milliseconds(50));
    REQUIRE(desk.linked());
    desk.accept();
    sent = desk.request();
  }
  desk.answer(sent, Status::not_primary, b);
  desk.pass(seconds(3));
  CHECK(desk.told() == Told{{1, Outcome::failed}});
}

TEST_CASE("S10 sent and not answered: unknown, though all later attempts were refused") {
  Desk desk(impatient());
  desk.put(1);
  desk.begin();
  desk.close();
  desk.pass(milliseconds(50));
  desk.accept();
  desk.answer(desk.request(), Status::not_serving);
  desk.pass(seconds(3));
  CHECK(desk.told() == Told{{1, Outcome::unknown}});
}

TEST_CASE("S10 never sent at all: failed") {
  Desk desk(impatient());
  desk.put(1);
  desk.pass(seconds(3));
  CHECK(desk.told() == Told{{1, Outcome::failed}});
}

TEST_CASE("S10 a read without an answer has failed: it had no effect") {
  Desk desk(impatient());
  desk.get(1);
  desk.begin();
  desk.pass(seconds(3));
  CHECK(desk.told() == Told{{1, Outcome::failed}});
}

TEST_CASE("S10 when the session has expired, an operation that was sent before is unknown") {
  Desk desk;
  desk.put(1);
  desk.begin();
  desk.close();
  desk.pass(milliseconds(50));
  desk.accept();
  desk.answer(desk.request(), Status::session_expired);
  CHECK(desk.told() == Told{{1, Outcome::unknown}});
  desk.put(2);
  CHECK(desk.request().verb == Verb::open_session);  // and the next one is in a new session
}

TEST_CASE("S10 when the session has expired, an operation of which this was the first attempt goes on in a new one") {
  Desk desk;
  desk.put(1);
  const Request first = desk.begin();
  desk.answer(first, Status::session_expired);
  CHECK(desk.told().empty());
  const Request open = desk.request();
  CHECK(open.verb == Verb::open_session);
  desk.answer(open);
  desk.answer(desk.request());
  CHECK(desk.told() == Told{{1, Outcome::ok}});
}

TEST_CASE("S9 outside of a session what may have taken effect is unknown at once, and never sent again") {
  Desk desk({}, false);
  desk.put(1);
  desk.accept();
  const Request request = desk.request();
  CHECK(request.verb == Verb::put);
  CHECK(request.session == SessionId{});
  const std::vector<std::pair<std::uint64_t, Outcome>> unknown = {{1, Outcome::unknown}};
  SECTION("the connection breaks") {
    desk.close();
    CHECK(desk.told() == unknown);
  }
  SECTION("no answer comes") {
    desk.pass(ClientSettings{}.answer_within);
    CHECK(desk.told() == unknown);
  }
  SECTION("answered, it is as the answer says") {
    desk.answer(request);
    CHECK(desk.told() == std::vector<std::pair<std::uint64_t, Outcome>>{{1, Outcome::ok}});
  }
  SECTION("refused, it is sent again") {
    desk.answer(request, Status::not_primary, b);
    desk.pass(ClientSettings{}.retry_after);
    CHECK(desk.target() == b);
    desk.accept();
    CHECK(desk.request() == request);
    desk.close();
    CHECK(desk.told() == unknown);
  }
  desk.pass(seconds(1));
  CHECK(desk.requests().empty());
}

TEST_CASE("S9 outside of a session a read is sent again") {
  Desk desk({}, false);
  desk.get(1);
  desk.accept();
  const Request request = desk.request();
  desk.close();
  desk.pass(ClientSettings{}.retry_after);
  desk.accept();
  CHECK(desk.request() == request);
}

TEST_CASE("S10 what was never executed, because its number is another's, has failed") {
  Desk desk;
  desk.put(1);
  desk.answer(desk.begin(), Status::number_taken);
  CHECK(desk.told() == Told{{1, Outcome::failed}});
}

TEST_CASE("S10 too large is definite, at once") {
  Desk desk;
  desk.put(1);
  desk.answer(desk.begin(), Status::too_large);
  CHECK(desk.told() == Told{{1, Outcome::failed}});
}

TEST_CASE("an answer to another session or number, or one that comes twice, is nobody's") {
  Desk desk;
  desk.put(1);
  const Request first = desk.begin();
  Request stranger = first;
  stranger.session = {99};
  desk.answer(stranger);
  stranger = first;
  stranger.number = 77;
  desk.answer(stranger);
  CHECK(desk.told().empty());
  desk.answer(first);
  desk.answer(first);
  CHECK(desk.told() == Told{{1, Outcome::ok}});
}

TEST_CASE("an operation is completed once, whatever happens, in whatever order") {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    std::uint64_t luck = seed;
    const auto draw = [&luck](std::uint64_t choices) {
      luck = luck * 6364136223846793005 + 1442695040888963407;
      return (luck >> 33) % choices;
    };
    ClientSettings settings = impatient();
    settings.in_flight_max = 3;
    Desk desk(settings);
    std::vector<Request> open;
    std::map<std::uint64_t, int> completed;
    std::uint64_t invoked = 0;
    const auto look = [&] {
      for (const Request& request : desk.requests()) open.push_back(request);
      for (const auto& [number, outcome] : desk.told()) ++completed[number];
    };
    for (int i = 0; i < 200; ++i) {
      switch (draw(6)) {
        case 0: desk.put(++invoked); break;
        case 1: desk.get(++invoked); break;
        case 2:
          if (desk.linked()) desk.accept();
          break;
        case 3:
          if (!desk.linked()) break;
          open.clear();
          desk.close();
          break;
        case 4:
          if (!desk.linked() || open.empty()) break;
          desk.answer(open[draw(open.size())], static_cast<Status>(draw(8)), draw(2) == 0 ? b : no_process);
          break;
        case 5: desk.pass(milliseconds(static_cast<std::int64_t>(draw(200)))); break;
      }
      look();
    }
    desk.pass(seconds(10));
    look();
    INFO("seed " << seed);
    CHECK(completed.size() == invoked);
    for (const auto& [number, times] : completed) CHECK(times == 1);
  }
}

}  // namespace
}  // namespace smalldb
