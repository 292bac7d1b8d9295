#include "server/front.h"

#include <catch2/catch.hpp>
#include <stdexcept>
#include <vector>

namespace smalldb::server {
namespace {

// The machine behind the front: keeps the requests that it got, and answers when the test says so.
class Store final : public Machine {
 public:
  std::vector<std::vector<Request>> steps;  // the requests of each event
  std::optional<ClientLink> link;
  // What to do in the next step, after looking at the event.
  std::function<void(Effects&)> then = [](Effects&) {};

  void step(const Moment&, const Event& event, Effects& effects) override {
    if (const auto* accepted = std::get_if<Accepted>(&event)) link = accepted->as_client();
    if (const auto* received = std::get_if<Received>(&event)) {
      FrameReader frames;
      frames.take(received->bytes);
      steps.emplace_back();
      while (const auto frame = frames.next()) {
        steps.back().push_back(std::get<RequestMessage>(decode_frame(*frame)->body).request);
      }
    }
    then(effects);
  }
  std::unique_ptr<Machine> clone() const override { throw std::logic_error("nobody clones it"); }
};

Bytes response_to(const Request& request, Status status) {
  Response response;
  response.session = request.session;
  response.number = request.number;
  response.status = status;
  return encode(Epoch{}, Incarnation{}, ResponseMessage{response});
}

struct Client final : Waiter {
  std::vector<std::pair<std::uint64_t, Status>> told;
  std::vector<std::uint64_t> silent;
  void on_response(std::uint64_t ticket, const Response& response) override {
    told.emplace_back(ticket, response.status);
  }
  void on_silence(std::uint64_t ticket, std::string_view) override { silent.push_back(ticket); }
};

struct Quiet final : Watcher {
  void on_note(const effect::Note&) override {}
  void on_stop(std::string_view) override {}
  void on_assertion_failed(std::string_view what) override { throw std::runtime_error(std::string(what)); }
};

Request of(Verb verb) {
  Request request;
  request.verb = verb;
  return request;
}

Request in_session(std::uint64_t number) {
  Request request = of(Verb::put);
  request.session = {7};
  request.number = number;
  return request;
}

struct Fixture {
  boost::asio::io_context loop{1};
  Store machine;
  Host host{loop, machine};
  Front front;
  Quiet quiet;
  std::shared_ptr<Client> client = std::make_shared<Client>();

  // Nobody's patience ends while a test goes on.
  explicit Fixture(std::chrono::nanoseconds answer_within = std::chrono::hours(1))
      : front(loop, host, answer_within, 3) {
    host.start({nullptr, nullptr, &front, &quiet, nullptr});
    front.open();
  }
  std::uint64_t submit(std::uint64_t ticket, Request request = of(Verb::put)) {
    return front.submit(std::move(request), client, ticket);
  }
  void turn() {
    loop.restart();
    loop.poll();
  }
  // Lets the machine answer, as in a later event of its own.
  void answer(const Request& request, Status status) {
    front.reply(machine.link->link(), response_to(request, status));
  }
};

// Everybody's patience ends soon, when a test lets time pass; and not before, on however busy a machine.
struct Impatient : Fixture {
  Impatient() : Fixture(std::chrono::milliseconds(300)) {}
};

TEST_CASE_METHOD(Fixture, "what comes in one turn of the loop is one event for the machine") {
  for (std::uint64_t i = 0; i < 100; ++i) submit(i);
  CHECK(machine.steps.empty());
  turn();
  REQUIRE(machine.steps.size() == 1);
  CHECK(machine.steps[0].size() == 100);
  submit(100);
  turn();
  CHECK(machine.steps.size() == 2);
}

TEST_CASE_METHOD(Fixture, "so many requests go in, and are told of, in a turn of the loop, and the others later") {
  constexpr std::size_t most = 1024;
  for (std::uint64_t i = 1; i <= 3 * most; ++i) submit(i, in_session(i));
  turn();
  REQUIRE(machine.steps.size() == 3);
  std::uint64_t next = 1;
  for (const std::vector<Request>& step : machine.steps) {
    CHECK(step.size() == most);
    for (const Request& request : step) CHECK(request.number == next++);
  }
  for (const std::vector<Request>& step : machine.steps) {
    for (const Request& request : step) answer(request, Status::ok);
  }
  front.flush();
  CHECK(client->told.size() == most);
  std::size_t before = most;
  while (client->told.size() < 3 * most) {
    loop.restart();
    REQUIRE(loop.poll_one() == 1);
    CHECK(client->told.size() - before <= most);
    before = client->told.size();
  }
  for (std::size_t i = 0; i < client->told.size(); ++i) CHECK(client->told[i].first == i + 1);
}

TEST_CASE_METHOD(Fixture, "answers find the one who asked, in whatever order they come") {
  submit(10);
  submit(11, in_session(1));  // a number that others have too
  submit(12);
  turn();
  const std::vector<Request>& requests = machine.steps.at(0);
  CHECK(requests[1].number == 1);
  answer(requests[2], Status::not_found);
  answer(requests[1], Status::overloaded);
  answer(requests[0], Status::ok);
  using Told = std::vector<std::pair<std::uint64_t, Status>>;
  CHECK(client->told == Told{{12, Status::not_found}, {11, Status::overloaded}, {10, Status::ok}});
  CHECK(front.waiting() == 0);
}

TEST_CASE_METHOD(Fixture,
                 "S9 who asks for the same while that has no answer waits with the others, for the one answer") {
  const Request first = in_session(1);
  submit(1, first);
  submit(2, first);
  turn();
  submit(3, first);
  turn();
  REQUIRE(machine.steps.size() == 1);
  CHECK(machine.steps[0].size() == 1);
  answer(first, Status::ok);
  using Told = std::vector<std::pair<std::uint64_t, Status>>;
  CHECK(client->told == Told{{1, Status::ok}, {2, Status::ok}, {3, Status::ok}});
  submit(4, first);  // the machine may have it again, and will know it
  turn();
  CHECK(machine.steps.size() == 2);
}

TEST_CASE_METHOD(Fixture, "S9 clients that try again for ever at a machine that cannot answer take no more room") {
  submit(0, in_session(1));
  const std::size_t bytes = front.bytes();
  for (std::uint64_t i = 1; i <= 1'000; ++i) {
    front.abandon(submit(i, in_session(1)));
    turn();
  }
  CHECK(front.unanswered() == 1);
  CHECK(front.waiting() == 1);
  CHECK(front.bytes() == bytes);
  CHECK(machine.steps.size() == 1);
  answer(in_session(1), Status::ok);
  CHECK(client->told.size() == 1);
  CHECK(front.unanswered() == 0);
  CHECK(front.bytes() == 0);
}

TEST_CASE_METHOD(Fixture, "S9 so many may wait for one answer, and the next is refused for now") {
  const Request request = in_session(1);
  for (std::uint64_t i = 0; i <= Front::attempts_max; ++i) submit(i, request);
  turn();
  using Told = std::vector<std::pair<std::uint64_t, Status>>;
  CHECK(client->told == Told{{Front::attempts_max, Status::overloaded}});
  answer(request, Status::ok);
  CHECK(client->told.size() == Front::attempts_max + 1);
  CHECK(front.waiting() == 0);
}

TEST_CASE_METHOD(Fixture, "what the machine has takes room until it has answered it, though nobody waits any more") {
  Request large = of(Verb::put);
  large.value = Bytes::copy(std::string(1'000, 'v'));
  front.abandon(submit(1, large));
  turn();
  CHECK(front.waiting() == 0);
  CHECK(front.bytes() == Front::size_of(large));
  answer(machine.steps.at(0).at(0), Status::ok);
  CHECK(front.bytes() == 0);
  CHECK(client->told.empty());
}

TEST_CASE_METHOD(Fixture, "what the machine does not have yet is dropped with the last one who waits for it") {
  for (std::uint64_t i = 1; i <= 3; ++i) submit(i, of(Verb::get));
  const std::size_t bytes = front.bytes();
  const std::uint64_t read = submit(4, of(Verb::get));
  const std::uint64_t one = submit(5, in_session(1));
  const std::uint64_t other = submit(6, in_session(1));
  submit(7, in_session(2));
  turn();
  CHECK(front.queued() == 3);
  front.abandon(one);
  CHECK(front.queued() == 3);
  front.abandon(other);
  CHECK(front.queued() == 2);
  front.abandon(read);  // and what came behind it goes on
  CHECK(front.queued() == 0);
  turn();
  REQUIRE(machine.steps.size() == 2);
  CHECK(machine.steps[1] == std::vector<Request>{in_session(2)});
  answer(in_session(2), Status::ok);
  CHECK(front.bytes() == bytes);
}

TEST_CASE_METHOD(Impatient,
                 "S9 the machine has one request of a name at a time, and another one is refused for as long") {
  const Request first = in_session(1);
  Request retry = first;
  retry.oldest_unanswered = 1;
  Request other = first;
  other.key = Bytes::copy("x");
  submit(1, first);
  submit(2, other);
  CHECK(client->told.empty());
  turn();
  using Told = std::vector<std::pair<std::uint64_t, Status>>;
  CHECK(client->told == Told{{2, Status::overloaded}});
  CHECK(machine.steps.at(0).size() == 1);
  // Also when the first one is not waited for any more: its answer is on its way.
  loop.restart();
  loop.run_for(std::chrono::seconds(100));  // ends when there is nothing to wait for any more
  CHECK(client->silent == std::vector<std::uint64_t>{1});
  submit(3, other);
  submit(4, retry);
  turn();
  answer(first, Status::ok);
  CHECK(client->told == Told{{2, Status::overloaded}, {3, Status::overloaded}, {4, Status::ok}});
  submit(5, other);  // from now on the machine knows
  turn();
  CHECK(machine.steps.at(1).at(0) == other);
}

TEST_CASE_METHOD(Impatient, "S10 who gets no answer in time is told that nobody knows, and a late one goes nowhere") {
  submit(1);
  submit(2);
  loop.restart();
  loop.run_for(std::chrono::seconds(100));  // ends when there is nothing to wait for any more
  CHECK(client->silent == std::vector<std::uint64_t>{1, 2});
  answer(machine.steps.at(0).at(0), Status::ok);
  CHECK(client->told.empty());
  CHECK(front.waiting() == 0);
}

TEST_CASE_METHOD(Fixture, "a machine that closes the link leaves all who wait without an answer, and takes new ones") {
  submit(1);
  turn();
  const Link before = machine.link->link();
  machine.then = [this](Effects& effects) { effects.close(*machine.link); };
  host.deliver(Input{});
  machine.then = [](Effects&) {};
  CHECK(client->silent == std::vector<std::uint64_t>{1});
  submit(2);
  turn();
  CHECK(machine.link->link() != before);
  REQUIRE(machine.steps.size() == 2);
  answer(machine.steps[1].at(0), Status::ok);
  CHECK(client->told.size() == 1);
}

TEST_CASE_METHOD(Fixture, "the machine has so many reads at a time, and what came behind them waits for its turn") {
  for (std::uint64_t i = 0; i < 5; ++i) submit(i, of(Verb::get));
  submit(5);
  turn();
  REQUIRE(machine.steps.size() == 1);
  CHECK(machine.steps[0].size() == 3);
  answer(machine.steps[0][1], Status::ok);
  turn();
  REQUIRE(machine.steps.size() == 2);
  CHECK(machine.steps[1].size() == 1);
  answer(machine.steps[0][0], Status::ok);
  answer(machine.steps[0][2], Status::ok);
  turn();
  REQUIRE(machine.steps.size() == 3);
  CHECK(machine.steps[2].size() == 2);
  CHECK(machine.steps[2][1].verb == Verb::put);
}

TEST_CASE_METHOD(Fixture, "waiters take turns, however many reads one of them has asked for") {
  const auto other = std::make_shared<Client>();
  for (std::uint64_t i = 0; i < 100; ++i) submit(i, of(Verb::get));
  Request late = of(Verb::get);
  late.key = Bytes::copy("x");
  front.submit(late, other, 0);
  front.submit(in_session(1), other, 1);                       // behind its own read
  front.submit(in_session(2), std::make_shared<Client>(), 0);  // behind nothing
  turn();
  REQUIRE(machine.steps.size() == 1);
  REQUIRE(machine.steps[0].size() == 4);
  CHECK(machine.steps[0][3] == in_session(2));
  answer(machine.steps[0][0], Status::ok);
  answer(machine.steps[0][1], Status::ok);
  turn();
  REQUIRE(machine.steps.size() == 2);
  REQUIRE(machine.steps[1].size() == 3);
  CHECK(machine.steps[1][0].key.empty());
  CHECK(machine.steps[1][1].key == late.key);
  CHECK(machine.steps[1][2] == in_session(1));
  CHECK(front.queued() == 96);
}

TEST_CASE_METHOD(Fixture, "so many reads go in at a time that their answers are not too much for a turn of the loop") {
  Front wide(loop, host, std::chrono::hours(1), 1'000);
  wide.open();
  constexpr std::size_t in_a_turn = Front::turn_bytes_max / value_size_max;
  const auto sizes_of_steps = [&] {
    std::vector<std::size_t> sizes;
    for (const auto& step : machine.steps) sizes.push_back(step.size());
    return sizes;
  };
  for (std::uint64_t i = 0; i < 2 * in_a_turn + 5; ++i) wide.submit(of(Verb::get), client, i);
  turn();
  CHECK(sizes_of_steps() == std::vector<std::size_t>{in_a_turn, in_a_turn, 5});  // they may be as large as values are
  for (const auto& step : std::exchange(machine.steps, {})) {
    for (const Request& request : step) wide.reply(machine.link->link(), response_to(request, Status::ok));
  }
  for (std::uint64_t i = 0; i < 3 * in_a_turn; ++i) wide.submit(of(Verb::get), client, i);
  turn();
  CHECK(sizes_of_steps() == std::vector<std::size_t>{3 * in_a_turn});  // of late they were small
}

TEST_CASE_METHOD(Fixture, "so many bytes of answers are told of in a turn of the loop, and the others later") {
  constexpr std::size_t in_a_turn = Front::turn_bytes_max / value_size_max;
  const auto answer_largely = [this](const Request& request) {
    Response response;
    response.session = request.session;
    response.number = request.number;
    response.value = Bytes::copy(std::string(value_size_max, 'v'));
    front.reply(machine.link->link(), encode(Epoch{}, Incarnation{}, ResponseMessage{response}));
  };
  for (std::uint64_t i = 0; i <= in_a_turn; ++i) submit(i);
  turn();
  for (const Request& request : machine.steps.at(0)) answer_largely(request);
  CHECK(client->told.size() == in_a_turn);
  SECTION("those come first that were first") {
    submit(100);
    turn();
    answer(machine.steps.at(1).at(0), Status::ok);
    REQUIRE(client->told.size() == in_a_turn + 2);
    CHECK(client->told[in_a_turn].first == in_a_turn);
  }
  SECTION("they are told of even if the link is closed meanwhile") {
    front.close({});
    CHECK(client->told.size() == in_a_turn + 1);
    CHECK(client->silent.empty());
  }
}

TEST_CASE_METHOD(Impatient, "a read counts until the machine answers it, and not until nobody waits for it any more") {
  for (std::uint64_t i = 0; i < 4; ++i) submit(i, of(Verb::get));
  loop.restart();
  loop.run_for(std::chrono::seconds(100));  // ends when there is nothing to wait for any more
  CHECK(client->silent == std::vector<std::uint64_t>{0, 1, 2, 3});
  submit(4, of(Verb::get));
  turn();
  CHECK(machine.steps.size() == 1);
  answer(machine.steps[0].at(0), Status::ok);
  turn();
  REQUIRE(machine.steps.size() == 2);
  answer(machine.steps[1].at(0), Status::ok);
  CHECK(client->told.size() == 1);
}

TEST_CASE_METHOD(Impatient, "who waits for its turn in vain is not handed in later, and takes no room") {
  for (std::uint64_t i = 1; i <= 6; ++i) submit(i, of(Verb::get));
  turn();
  CHECK(front.queued() == 3);
  loop.restart();
  loop.run_for(std::chrono::seconds(100));  // ends when there is nothing to wait for any more
  CHECK(client->silent == std::vector<std::uint64_t>{1, 2, 3, 4, 5, 6});
  CHECK(front.queued() == 0);
  CHECK(front.waiting() == 0);
  answer(machine.steps.at(0).at(0), Status::ok);
  turn();
  CHECK(machine.steps.size() == 1);
  CHECK(client->told.empty());
}

TEST_CASE_METHOD(Fixture, "reads of a link that was closed do not count any more") {
  for (std::uint64_t i = 0; i < 5; ++i) submit(i, of(Verb::get));
  turn();
  machine.then = [this](Effects& effects) { effects.close(*machine.link); };
  host.deliver(Input{});
  machine.then = [](Effects&) {};
  CHECK(client->silent.size() == 5);
  submit(5, of(Verb::get));
  turn();
  CHECK(machine.steps.size() == 2);
}

TEST_CASE_METHOD(Fixture, "it is said once that nobody waits, when the last answer or the last client has gone") {
  int told = 0;
  const auto tell = [&told] { ++told; };
  submit(1);
  const std::uint64_t last = submit(2);
  turn();
  front.when_nobody_waits(tell);
  answer(machine.steps.at(0).at(0), Status::ok);
  turn();
  CHECK(told == 0);
  front.abandon(last);
  turn();
  CHECK(told == 1);
  submit(3);
  turn();
  answer(machine.steps.at(1).at(0), Status::ok);
  turn();
  CHECK(told == 1);
  front.when_nobody_waits(tell);
  CHECK(told == 1);
  turn();
  CHECK(told == 2);
}

TEST_CASE_METHOD(Fixture, "whoever has gone away is told nothing") {
  submit(1);
  turn();
  client.reset();
  answer(machine.steps.at(0).at(0), Status::ok);
  CHECK(front.waiting() == 0);
}

}  // namespace
}  // namespace smalldb::server
