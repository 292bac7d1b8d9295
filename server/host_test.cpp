#include "server/host.h"

#include <boost/asio/post.hpp>
#include <catch2/catch.hpp>
#include <stdexcept>
#include <vector>

#include "model/assert.h"

namespace smalldb::server {
namespace {

// A machine that does in each step what the test tells it, and remembers what it was told.
class Puppet final : public Machine {
 public:
  std::function<void(const Moment&, const Event&, Effects&)> on_event = [](auto&&...) {};
  std::vector<Event> events;

  void step(const Moment& moment, const Event& event, Effects& effects) override {
    events.push_back(event);
    on_event(moment, event, effects);
  }
  std::unique_ptr<Machine> clone() const override { throw std::logic_error("nobody clones it"); }
};

// All outlets in one: what was carried out, in words, in order.
struct Outlet final : Network, Storage, Clients, Watcher, Tap {
  std::vector<std::string> done;
  Link client{};

  void say(const std::string& what) { done.push_back(what); }
  void connect(Link, ProcessId, Port) override { say("connect"); }
  void send(Link, Bytes bytes) override { say("send " + bytes.string()); }
  void close(Link link) override { say(link == client ? "close client" : "close peer"); }
  void send_datagram(ProcessId, Bytes bytes) override { say("datagram " + bytes.string()); }
  void flush() override { say("flush"); }
  void submit(effect::Disk operation) override { say("disk " + operation.name); }
  bool owns(Link link) const override { return link == client; }
  void reply(Link, Bytes bytes) override { say("reply " + bytes.string()); }
  void on_note(const effect::Note& note) override { say("note " + std::to_string(note.what)); }
  void on_stop(std::string_view why) override { say("stop " + std::string(why)); }
  void on_assertion_failed(std::string_view) override { throw std::runtime_error("bug"); }
  void on_step(const Moment&, const Event& event, const std::vector<Effect>& effects) override {
    say("tap " + std::to_string(event.index()) + " " + std::to_string(effects.size()));
  }
  void on_assertion_failed(const Moment&, const Event&, const char* what) override { say(what); }
};

struct Fixture {
  boost::asio::io_context loop{1};
  Puppet machine;
  Outlet outlet;
  Host host{loop, machine};

  void start() { host.start({&outlet, &outlet, &outlet, &outlet, &outlet}); }
};

TEST_CASE_METHOD(Fixture, "the first event is Started, with entropy that differs") {
  start();
  Puppet second_machine;
  Host second(loop, second_machine);
  second.start({&outlet, &outlet, &outlet, &outlet, nullptr});
  const auto& one = std::get<Started>(machine.events.at(0));
  const auto& other = std::get<Started>(second_machine.events.at(0));
  CHECK(one.entropy[0] != other.entropy[0]);
  CHECK(one.entropy[1] != other.entropy[1]);
}

TEST_CASE_METHOD(Fixture, "effects are carried out after the step, in their order, and the tap sees them first") {
  machine.on_event = [this](const Moment&, const Event&, Effects& effects) {
    const PeerLink link = effects.connect(ProcessId{7}, Port::replication);
    effects.send(link, Bytes::copy("a"));
    effects.write(DiskToken{1}, "log", 0, Bytes::copy("b"));
    effects.send_datagram(ProcessId{7}, Bytes::copy("c"));
    effects.note({5, 0, 0, 0, 0, 0, {}});
    effects.close(link);
    CHECK(outlet.done.empty());
  };
  start();
  CHECK(outlet.done == std::vector<std::string>{"tap 0 6", "connect", "send a", "disk log", "datagram c", "note 5",
                                                "close peer", "flush", "flush"});  // of links, then of clients
}

TEST_CASE_METHOD(Fixture, "what is done with a client's link is done by the clients") {
  start();
  outlet.done.clear();
  outlet.client = host.take_link();
  machine.on_event = [](const Moment&, const Event& event, Effects& effects) {
    effects.close(std::get<Accepted>(event).as_client());
  };
  host.deliver(HostEvents::accepted(outlet.client, no_process, Port::client));
  CHECK(outlet.done.at(1) == "close client");
}

TEST_CASE_METHOD(Fixture, "links are numbered by one row, whoever opens them") {
  start();
  const Link first = host.take_link();
  Link second{};
  machine.on_event = [&](const Moment&, const Event&, Effects& effects) {
    second = effects.connect(ProcessId{7}, Port::arbiter).link();
  };
  host.deliver(Input{});
  CHECK(static_cast<std::uint64_t>(second) == static_cast<std::uint64_t>(first) + 1);
}

TEST_CASE_METHOD(Fixture, "a timer fires once, not before its time, and moves when it is set again") {
  Instant set_for;
  std::vector<Instant> fired;
  machine.on_event = [&](const Moment& moment, const Event& event, Effects& effects) {
    if (std::holds_alternative<Started>(event)) {
      effects.set_timer(TimerId{2}, moment.now + seconds(3600));
      effects.set_timer(TimerId{2}, moment.now + milliseconds(2));
      set_for = moment.now + milliseconds(2);
    } else {
      fired.push_back(moment.now);
    }
  };
  start();
  loop.run();
  REQUIRE(fired.size() == 1);
  CHECK(fired[0] >= set_for);
}

TEST_CASE_METHOD(Fixture, "a timer that was cancelled does not fire, even if its time had come") {
  machine.on_event = [&](const Moment& moment, const Event& event, Effects& effects) {
    if (std::holds_alternative<Started>(event)) effects.set_timer(TimerId{0}, moment.now);
    if (std::holds_alternative<Input>(event)) effects.cancel_timer(TimerId{0});
  };
  start();
  host.deliver(Input{});
  loop.run();
  CHECK(machine.events.size() == 2);
}

TEST_CASE_METHOD(Fixture, "nothing is carried out or delivered after a stop") {
  machine.on_event = [](const Moment& moment, const Event&, Effects& effects) {
    effects.set_timer(TimerId{0}, moment.now);
    effects.stop(Bytes::copy("the disk failed"));
    effects.send_datagram(ProcessId{7}, Bytes::copy("too late"));
  };
  start();
  CHECK(outlet.done == std::vector<std::string>{"tap 0 3", "stop the disk failed", "flush", "flush"});
  host.deliver(Input{});
  loop.run();
  CHECK(machine.events.size() == 1);
  CHECK(host.stopped());
}

TEST_CASE_METHOD(Fixture, "a failed assertion is shown to the tap and ends the process") {
  machine.on_event = [](const Moment&, const Event& event, Effects& effects) {
    effects.stop({});
    SMALLDB_ASSERT(std::holds_alternative<Input>(event), "cannot be");
  };
  CHECK_THROWS_WITH(start(), "bug");
  REQUIRE(outlet.done.size() == 1);
  CHECK_THAT(outlet.done[0], Catch::Contains("cannot be"));
}

}  // namespace
}  // namespace smalldb::server
