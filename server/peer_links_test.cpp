#include "server/peer_links.h"

#include <array>
#include <boost/asio/write.hpp>
#include <catch2/catch.hpp>
#include <chrono>
#include <fstream>
#include <optional>
#include <stdexcept>

#include "server/testing/secret_of.h"
#include "server/testing/temporary_directory.h"

namespace smalldb::server {
namespace {

using Tcp = boost::asio::ip::tcp;

// A machine that keeps what it hears, and does what the test wants in its next step.
class Ears final : public Machine {
 public:
  std::vector<Event> events;
  std::function<void(Effects&)> then = [](Effects&) {};

  void step(const Moment&, const Event& event, Effects& effects) override {
    events.push_back(event);
    std::exchange(then, [](Effects&) {})(effects);
  }
  std::unique_ptr<Machine> clone() const override { throw std::logic_error("nobody clones it"); }

  template <class Kind>
  const Kind* find() const {
    for (const Event& event : events) {
      if (const auto* const found = std::get_if<Kind>(&event)) return found;
    }
    return nullptr;
  }
  std::string received() const {
    std::string all;
    for (const Event& event : events) {
      if (const auto* const piece = std::get_if<Received>(&event)) all += piece->bytes.view();
    }
    return all;
  }
};

struct Quiet final : Watcher {
  void on_note(const effect::Note&) override {}
  void on_stop(std::string_view) override {}
  void on_assertion_failed(std::string_view what) override { throw std::runtime_error(std::string(what)); }
};

// A notebook as the test wants it: at first it has every name.
struct Notes final : Notebook {
  bool blank = false;
  int writes = 0;
  bool has(const std::string&) const override { return !blank; }
  void write() override { ++writes; }
  void end_write(const std::string& why_not) {
    blank = !why_not.empty();
    on_tried(why_not);
  }
};

// A process of the cluster that listens on loopback, with a machine that does nothing by itself.
struct Process {
  Process(boost::asio::io_context& its_loop, const std::string& log, const Secret& secret)
      : loop(its_loop), journal(log), acceptor(loop, Tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0)) {
    identity.self = {"127.0.0.1:" + std::to_string(acceptor.local_endpoint().port()), "c:1"};
    identity.secret = secret;
    members.learn(identity.self);
    links.emplace(loop, identity, members, notes, host, nullptr, journal);
    host.start({&*links, nullptr, nullptr, &quiet, nullptr});
    links->listen(std::move(acceptor));
  }
  ~Process() { links->close_all(); }

  ProcessId id() const { return id_of(identity.self.name); }
  Tcp::endpoint endpoint() const {
    return {boost::asio::ip::address_v4::loopback(),
            static_cast<unsigned short>(std::stoi(Address::parse(identity.self.name)->port))};
  }
  // Does this in a step of the machine.
  void act(std::function<void(Effects&)> what) {
    machine.then = std::move(what);
    host.deliver(Input{});
  }
  PeerLink connect_to(const Process& other, Port port = Port::replication) {
    members.hear_of({other.identity.self.name, {}});
    std::optional<PeerLink> link;
    act([&](Effects& effects) { link = effects.connect(other.id(), port); });
    return *link;
  }

  boost::asio::io_context& loop;
  Journal journal;
  Tcp::acceptor acceptor;
  Identity identity;
  Members members;
  Notes notes;
  Ears machine;
  Host host{loop, machine};
  Quiet quiet;
  std::optional<PeerLinks> links;
};

struct Fixture {
  TemporaryDirectory directory;
  boost::asio::io_context loop{1};
  Secret secret = secret_of("a secret of sufficient length");
  Process a{loop, directory.path() + "/a.log", secret};
  Process b{loop, directory.path() + "/b.log", secret};

  template <class Condition>
  void run_until(Condition reached) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (!reached() && std::chrono::steady_clock::now() < end) loop.run_one_for(std::chrono::milliseconds(100));
    REQUIRE(reached());
  }
  std::string log_of(const char* name) const {
    std::ifstream in(directory.path() + "/" + name + ".log");
    return {std::istreambuf_iterator<char>(in), {}};
  }
};

TEST_CASE_METHOD(Fixture, "both ends hear of a connection, and know each other's names afterwards") {
  a.connect_to(b);
  run_until([&] { return a.machine.find<Connected>() != nullptr && b.machine.find<Accepted>() != nullptr; });
  CHECK(b.machine.find<Accepted>()->from() == a.id());
  CHECK(b.machine.find<Accepted>()->port() == Port::replication);
  CHECK(b.members.find(a.id())->clients == "c:1");
  CHECK(a.members.find(b.id())->clients == "c:1");
  CHECK(a.links->open() == 1);
}

TEST_CASE_METHOD(Fixture, "names that somebody has met are passed on, and those of the options alone are not") {
  b.members.learn({"met:1", ""});
  b.members.expect("mistyped:1");
  a.connect_to(b);
  run_until([&] { return a.machine.find<Connected>() != nullptr; });
  CHECK(a.members.find(id_of("met:1")) != nullptr);
  CHECK(a.members.find(id_of("mistyped:1")) == nullptr);
}

TEST_CASE_METHOD(Fixture, "bytes arrive whole and in order, those too that were sent before it was up") {
  const PeerLink link = a.connect_to(b);
  std::string all;
  for (int i = 0; i < 300; ++i) {
    const std::string piece = "piece " + std::to_string(i) + std::string(static_cast<std::size_t>(i) * 50, '.');
    all += piece;
    a.act([&](Effects& effects) { effects.send(link, Bytes::copy(piece)); });
  }
  run_until([&] { return b.machine.received().size() >= all.size(); });
  CHECK(b.machine.received() == all);
  CHECK(a.links->figures().bytes_sent >= all.size());
}

TEST_CASE_METHOD(Fixture, "a machine hears of a node when that one's name is on the disk, and misses nothing of it") {
  b.notes.blank = true;
  const PeerLink link = a.connect_to(b);
  a.act([&](Effects& effects) { effects.send(link, Bytes::copy("first words")); });
  run_until([&] { return b.notes.writes == 1; });
  run_until([&] { return a.machine.find<Connected>() != nullptr; });
  loop.restart();
  loop.poll();
  CHECK(b.members.find(a.id()) != nullptr);  // to be written down
  CHECK(b.machine.find<Accepted>() == nullptr);
  CHECK(b.machine.received().empty());
  b.notes.end_write("");
  REQUIRE(b.machine.find<Accepted>() != nullptr);
  CHECK(b.machine.find<Accepted>()->from() == a.id());
  run_until([&] { return b.machine.received() == "first words"; });
}

TEST_CASE_METHOD(Fixture, "who connects hears of it when the other one's name is on its own disk") {
  a.notes.blank = true;
  a.connect_to(b);
  run_until([&] { return a.notes.writes == 1; });
  CHECK(a.machine.find<Connected>() == nullptr);
  a.notes.end_write("");
  CHECK(a.machine.find<Connected>() != nullptr);
}

TEST_CASE_METHOD(Fixture, "a node whose name cannot be written down is refused, and taken once it can") {
  b.notes.blank = true;
  a.connect_to(b);
  run_until([&] { return b.notes.writes == 1; });
  b.notes.end_write("no space left");
  run_until([&] { return a.machine.find<Closed>() != nullptr; });
  CHECK(log_of("a").find("refused: its name cannot be written down: no space left") != std::string::npos);
  CHECK(b.machine.find<Accepted>() == nullptr);
  CHECK(b.links->figures().refused == 1);
  CHECK(log_of("b").find("its name cannot be written down: no space left") != std::string::npos);
  a.connect_to(b);
  run_until([&] { return b.notes.writes == 2; });  // it is tried again, though nothing has been learned
  b.notes.end_write("");
  CHECK(b.machine.find<Accepted>() != nullptr);
}

TEST_CASE_METHOD(Fixture, "a node that is one too many is refused, and the log of each says so once") {
  for (std::size_t n = 1; n < Members::members_max; ++n) b.members.expect("127.0.0.1:" + std::to_string(n));
  b.members.expect(b.identity.self.name);
  a.connect_to(b);
  run_until([&] { return a.machine.find<Closed>() != nullptr; });
  CHECK(b.machine.find<Accepted>() == nullptr);
  CHECK(b.links->figures().refused == 1);
  CHECK(a.machine.find<Closed>()->reason == CloseReason::refused);
  for (const char* end : {"a", "b"}) {
    const std::string log = log_of(end);
    CHECK(log.find("too many names") != std::string::npos);
    CHECK(log.find("peer_refused") == log.rfind("peer_refused"));
  }
  CHECK(log_of("a").find("why=\"refused: too many names") != std::string::npos);
}

TEST_CASE_METHOD(Fixture, "names of nodes that have gone keep nobody out, and connected ones stay") {
  b.members.expect(b.identity.self.name);
  Process c(loop, directory.path() + "/c.log", secret);
  c.connect_to(b);
  run_until([&] { return b.machine.find<Accepted>() != nullptr; });
  for (std::size_t n = 1; n < Members::members_max - 1; ++n) {
    REQUIRE(b.members.learn({"127.0.0.1:" + std::to_string(n), ""}).empty());
  }
  a.connect_to(b);
  run_until([&] { return b.members.find(a.id()) != nullptr; });
  CHECK(b.members.find(c.id()) != nullptr);
  CHECK(b.members.find(id_of("127.0.0.1:1")) == nullptr);
  c.links->close_all();
}

TEST_CASE_METHOD(Fixture, "a node that goes while its name is written leaves nothing behind") {
  b.notes.blank = true;
  const PeerLink link = a.connect_to(b);
  run_until([&] { return b.notes.writes == 1; });
  a.act([&](Effects& effects) { effects.close(link); });
  b.notes.end_write("");
  run_until([&] { return b.machine.find<Closed>() != nullptr; });
  CHECK(b.links->open() == 0);
}

TEST_CASE_METHOD(Fixture, "what was sent before a close arrives, and then the other end hears of it") {
  const PeerLink link = a.connect_to(b);
  run_until([&] { return a.machine.find<Connected>() != nullptr; });
  a.act([&](Effects& effects) {
    effects.send(link, Bytes::copy("last words"));
    effects.close(link);
  });
  run_until([&] { return b.machine.find<Closed>() != nullptr; });
  CHECK(b.machine.received() == "last words");
  CHECK(b.machine.find<Closed>()->reason == CloseReason::closed_by_peer);
  CHECK(a.machine.find<Closed>() == nullptr);  // who closes hears nothing
  CHECK(a.links->open() + b.links->open() == 0);
}

TEST_CASE_METHOD(Fixture, "who has another secret does not get in, and the log says why") {
  Process stranger(loop, directory.path() + "/stranger.log", secret_of("another secret of sufficient length"));
  stranger.connect_to(b);
  run_until([&] { return stranger.machine.find<Closed>() != nullptr; });
  CHECK(stranger.machine.find<Closed>()->reason == CloseReason::refused);
  CHECK(stranger.links->figures().refused == 1);
  CHECK(log_of("stranger").find("refused: the secret is another one there") != std::string::npos);
  CHECK(b.machine.find<Accepted>() == nullptr);
  CHECK(b.members.find(stranger.id()) == nullptr);
}

TEST_CASE_METHOD(Fixture, "who comes again and again without the secret is told of at both ends, and not every time") {
  Process stranger(loop, directory.path() + "/stranger.log", secret_of("another secret of sufficient length"));
  for (std::uint64_t i = 1; i <= 30; ++i) {
    stranger.connect_to(b);
    run_until([&] { return stranger.links->figures().refused == i && b.links->figures().refused == i; });
  }
  const auto count = [](const std::string& log, const std::string& words) {
    std::size_t found = 0;
    for (std::size_t at = log.find(words); at != std::string::npos; at = log.find(words, at + 1)) ++found;
    return found;
  };
  CHECK(count(log_of("stranger"), "event=peer_refused") == 1);
  CHECK(count(log_of("stranger"), "peer=" + b.identity.self.name) == 1);
  CHECK(count(log_of("b"), "event=peer_refused from=127.0.0.1 why=\"the other side does not have the secret\"") == 1);
}

TEST_CASE_METHOD(Fixture, "nodes that were told differently refuse each other, and the log of each says what differs") {
  a.identity.terms = {{"--reads", "leased"}};
  b.identity.terms = {{"--reads", "confirmed"}};
  a.connect_to(b);
  run_until([&] { return a.machine.find<Closed>() != nullptr && b.links->figures().refused == 1; });
  CHECK(b.machine.find<Accepted>() == nullptr);
  CHECK(a.machine.find<Connected>() == nullptr);
  CHECK(log_of("a").find("--reads is leased here, and confirmed at " + b.identity.self.name) != std::string::npos);
  CHECK(log_of("b").find("--reads is confirmed here, and leased at " + a.identity.self.name) != std::string::npos);
}

TEST_CASE_METHOD(Fixture, "who wants something else than what is listened for is refused") {
  a.connect_to(b, Port::arbiter);
  run_until([&] { return a.machine.find<Closed>() != nullptr; });
  CHECK(a.machine.find<Closed>()->reason == CloseReason::refused);
  CHECK(b.machine.find<Accepted>() == nullptr);
}

TEST_CASE_METHOD(Fixture, "nobody there, and nobody known, is a connection that closes") {
  Tcp::acceptor taken(loop, Tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0));
  const std::string gone = "127.0.0.1:" + std::to_string(taken.local_endpoint().port());
  taken.close();
  a.members.hear_of({gone, {}});
  for (const ProcessId to : {id_of(gone), id_of("unknown:1")}) {
    a.machine.events.clear();
    a.act([&](Effects& effects) { effects.connect(to, Port::replication); });
    run_until([&] { return a.machine.find<Closed>() != nullptr; });
    CHECK(a.machine.find<Closed>()->reason == CloseReason::refused);
  }
}

// Strangers at an address of their own that connect and say nothing.
std::vector<Tcp::socket> strangers(boost::asio::io_context& loop, const Process& at, const char* from,
                                   std::size_t many) {
  std::vector<Tcp::socket> sockets;
  while (sockets.size() < many) {
    Tcp::socket& socket = sockets.emplace_back(loop, Tcp::endpoint(boost::asio::ip::make_address(from), 0));
    socket.connect(at.endpoint());
  }
  return sockets;
}

TEST_CASE_METHOD(Fixture, "strangers that say nothing do not keep out who has the secret") {
  const std::vector<Tcp::socket> silent = strangers(loop, b, "127.0.0.1", 100);
  a.connect_to(b);
  run_until([&] { return b.machine.find<Accepted>() != nullptr; });
  CHECK(b.links->figures().crowded_out > 0);
}

TEST_CASE_METHOD(Fixture, "strangers crowd out each other, and not a peer at another address that is just greeting") {
  Tcp::socket peer(loop);
  peer.connect(b.endpoint());
  const std::vector<Tcp::socket> silent = strangers(loop, b, "127.0.0.2", 100);
  run_until([&] { return b.links->figures().crowded_out >= 37; });

  Greeting greeting = Greeting::connect({&secret, {"127.0.0.1:1", "c:1"}, {}}, b.identity.self.name, Port::replication);
  std::array<char, 4096> buffer;
  std::function<void()> go_on = [&] {
    boost::asio::write(peer, boost::asio::buffer(greeting.take_output()));
    if (greeting.state() != Greeting::State::going_on) return;
    peer.async_read_some(boost::asio::buffer(buffer), [&](const auto& error, std::size_t size) {
      REQUIRE_FALSE(error);
      greeting.take({buffer.data(), size});
      go_on();
    });
  };
  go_on();
  run_until([&] { return b.machine.find<Accepted>() != nullptr; });
  CHECK(b.machine.find<Accepted>()->from() == id_of("127.0.0.1:1"));
}

TEST_CASE_METHOD(Fixture, "who speaks another version of the protocol is refused, with one line in the log") {
  Greeting later = Greeting::connect({&secret, {"127.0.0.1:1", ""}, {}}, b.identity.self.name, Port::replication);
  std::string hello = later.take_output();
  hello[4 + 7] = '5';
  for (std::uint64_t i = 1; i <= 3; ++i) {
    Tcp::socket newer(loop);
    newer.connect(b.endpoint());
    boost::asio::write(newer, boost::asio::buffer(hello));
    run_until([&] { return b.links->figures().refused == i; });
  }
  const std::string log = log_of("b");
  const std::string line = "why=\"it speaks version 5 of the protocol, and version 4 is spoken here\"";
  REQUIRE(log.find(line) != std::string::npos);
  CHECK(log.find(line) == log.rfind(line));
}

TEST_CASE_METHOD(Fixture, "noise instead of a greeting is refused and harms nobody") {
  Tcp::socket noise(loop);
  noise.connect(b.endpoint());
  boost::asio::write(noise, boost::asio::buffer(std::string(5000, '\xff')));
  run_until([&] { return b.links->figures().refused == 1; });
  a.connect_to(b);
  run_until([&] { return b.machine.find<Accepted>() != nullptr; });
  CHECK(b.machine.find<Accepted>()->from() == a.id());
}

}  // namespace
}  // namespace smalldb::server
