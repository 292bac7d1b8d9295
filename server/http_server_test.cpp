#include "server/http_server.h"

#include <sys/resource.h>

#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <catch2/catch.hpp>
#include <chrono>
#include <fstream>
#include <optional>
#include <regex>
#include <stdexcept>

#include "server/testing/temporary_directory.h"

namespace smalldb::server {
namespace {

using Tcp = boost::asio::ip::tcp;

// Answers each question with its number.
struct Counting final : Informant {
  int asked = 0;
  bool local = false;
  std::size_t size = 0;  // of an answer, at least
  HttpAnswer answer(Inquiry, const HttpRequest&, bool from_here) override {
    local = from_here;
    return {200, "text/plain", std::string(size, '.') + std::to_string(++asked), {}};
  }
  std::optional<Response> refused;
  std::optional<Response> refusal() const override { return refused; }
};

// A store that answers nobody, as one whose backup is out of reach.
struct Silent final : Machine {
  void step(const Moment&, const Event&, Effects&) override {}
  std::unique_ptr<Machine> clone() const override { throw std::logic_error("nobody clones it"); }
};

// A server without a store, as an arbiter's is, unless one is put behind it; and clients in the same loop.
struct Fixture {
  boost::asio::io_context loop{1};
  HttpLimits limits;
  Members members;
  Counting informant;
  TemporaryDirectory directory;
  Journal journal{directory.path() + "/log"};
  Silent machine;
  Host host{loop, machine};
  Front front{loop, host, std::chrono::hours(1), 1'000};
  std::optional<HttpServer> server;
  Tcp::endpoint at;

  void start(bool with_store = false, const char* address = "127.0.0.1") {
    server.emplace(loop, limits, nullptr, members, with_store ? &front : nullptr, informant, journal);
    Tcp::acceptor acceptor(loop, Tcp::endpoint(boost::asio::ip::make_address(address), 0));
    at = acceptor.local_endpoint();
    server->listen(std::move(acceptor));
  }

  template <class Condition>
  void run_until(Condition reached) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (!reached() && std::chrono::steady_clock::now() < end) loop.run_one_for(std::chrono::milliseconds(100));
    REQUIRE(reached());
  }

  Tcp::socket connect() {
    Tcp::socket socket(loop);
    socket.connect(at);
    return socket;
  }
  // All that comes until the server closes the connection.
  std::string rest_of(Tcp::socket& socket) {
    std::string text;
    bool over = false;
    boost::asio::async_read(socket, boost::asio::dynamic_buffer(text), [&](const auto&, std::size_t) { over = true; });
    run_until([&] { return over; });
    return text;
  }
  std::string ask(const std::string& words) {
    Tcp::socket socket = connect();
    boost::asio::write(socket, boost::asio::buffer(words));
    socket.shutdown(Tcp::socket::shutdown_send);
    return rest_of(socket);
  }
};

std::vector<std::string> statuses(const std::string& text) {
  static const std::regex line(R"(HTTP/1\.1 (\d+) )");
  std::vector<std::string> found;
  for (std::sregex_iterator i(text.begin(), text.end(), line), end; i != end; ++i) found.push_back((*i)[1]);
  return found;
}
using Statuses = std::vector<std::string>;

TEST_CASE_METHOD(Fixture, "requests on one connection are answered in their order, whatever answers them") {
  start();
  const std::string said =
      ask("GET /status HTTP/1.1\r\nHost: x\r\n\r\nGET /kv/x HTTP/1.1\r\nHost: x\r\n\r\nHEAD /metrics HTTP/1.1\r\nHost: "
          "x\r\n\r\nGET /healthz "
          "HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(statuses(said) == Statuses{"200", "404", "200", "200"});
  CHECK(said.find("an arbiter has no keys") != std::string::npos);
  CHECK(said.ends_with("\r\n\r\n3"));
  CHECK(informant.local);
  CHECK(server->figures().requests == 4);
  run_until([&] { return server->open() == 0; });
}

TEST_CASE_METHOD(Fixture, "a question from this machine is one on a socket that takes IPv6 and IPv4 as well") {
  start(false, "::ffff:127.0.0.1");  // as what listens on [::] sees it
  at = {boost::asio::ip::address_v4::loopback(), at.port()};
  CHECK(statuses(ask("POST /promote HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")) == Statuses{"200"});
  CHECK(informant.local);
}

TEST_CASE_METHOD(Fixture, "connections that cannot be taken are no reason to fill the log") {
  start();
  Tcp::socket waits(loop);
  waits.open(Tcp::v4());
  rlimit before{};
  REQUIRE(getrlimit(RLIMIT_NOFILE, &before) == 0);
  const rlimit none{3, before.rlim_max};
  REQUIRE(setrlimit(RLIMIT_NOFILE, &none) == 0);
  waits.connect(at);
  run_until([&] { return server->figures().not_accepted >= 4; });
  REQUIRE(setrlimit(RLIMIT_NOFILE, &before) == 0);
  std::ifstream log(directory.path() + "/log");
  std::size_t said = 0;
  for (std::string line; std::getline(log, line);)
    said += line.find("event=accept_failed") != std::string::npos ? 1 : 0;
  CHECK(said == 1);
  run_until([&] { return server->open() == 1; });
}

TEST_CASE_METHOD(Fixture, "who asks for a close gets one, and nothing is answered after it") {
  start();
  Tcp::socket socket = connect();
  boost::asio::write(socket,
                     boost::asio::buffer(std::string("GET /status HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
                                                     "GET /status HTTP/1.1\r\nHost: x\r\n\r\n")));
  const std::string said = rest_of(socket);
  CHECK(statuses(said) == Statuses{"200"});
  CHECK(said.find("Connection: close\r\n") != std::string::npos);
}

TEST_CASE_METHOD(Fixture, "only the last answer on a connection says that it closes") {
  start(true);
  const std::string put = "PUT /kv/x HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n";
  Tcp::socket socket = connect();
  const auto say = [&](const std::string& words) { boost::asio::write(socket, boost::asio::buffer(words)); };
  std::size_t answers = 2;
  bool drained = false;
  say(put + "\r\n1" + put + "\r\n2");
  run_until([&] { return front.waiting() == 2; });
  SECTION("it was asked for") {
    say(put + "Connection: close\r\n\r\n3");
    answers = 3;
    run_until([&] { return front.waiting() == 3; });
  }
  SECTION("the client says no more") {
    socket.shutdown(Tcp::socket::shutdown_send);
    for (int i = 0; i < 10; ++i) loop.run_one_for(std::chrono::milliseconds(10));
  }
  SECTION("what follows is no request") {
    say("hello\r\n\r\n");
    answers = 3;
    run_until([&] { return server->figures().faults == 1; });
  }
  SECTION("the server stops") {
    server->drain([&] { drained = true; });
  }
  front.close({});
  const std::string said = rest_of(socket);
  const std::string close = "Connection: close\r\n";
  CHECK(statuses(said).size() == answers);
  REQUIRE(said.find(close) != std::string::npos);
  CHECK(said.find(close) == said.rfind(close));
  CHECK(said.find(close) > said.rfind("HTTP/1.1 "));
}

TEST_CASE_METHOD(Fixture, "what is no request is turned down once, and counted") {
  start();
  CHECK(statuses(ask("hello\r\n\r\nGET /status HTTP/1.1\r\nHost: x\r\n\r\n")) == Statuses{"400"});
  CHECK(statuses(ask("GET /" + std::string(20'000, 'x') + " HTTP/1.1\r\nHost: x\r\n\r\n")) == Statuses{"431"});
  CHECK(statuses(ask("PUT /kv/x HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999\r\n\r\n")) == Statuses{"413"});
  CHECK(server->figures().faults == 3);
  CHECK(server->figures().requests == 0);
}

TEST_CASE_METHOD(Fixture, "who goes on sending after the last answer is listened to for a while, and not for ever") {
  limits.lingers_for = std::chrono::milliseconds(500);
  limits.sweep_every = std::chrono::milliseconds(20);
  SECTION("it was too slow") {
    limits.request_within = std::chrono::milliseconds(20);
    start();
  }
  SECTION("it made no sense") { start(); }
  Tcp::socket socket = connect();
  const bool slow = limits.request_within < std::chrono::seconds(1);
  boost::asio::write(socket, boost::asio::buffer(std::string(slow ? "PUT /kv/x HTTP/1.1\r\n" : "hello\r\n\r\n")));
  run_until([&] { return server->figures().answers[4] == 1; });
  run_until([&] {
    boost::system::error_code gone;
    boost::asio::write(socket, boost::asio::buffer("x", 1), gone);
    loop.run_one_for(std::chrono::milliseconds(1));
    return server->open() == 0;
  });
  CHECK(server->figures().cut_off == (slow ? 1 : 0));
}

TEST_CASE_METHOD(Fixture, "what is sent after the last request fills no memory, and not much of it is read") {
  limits.lingers_for = std::chrono::hours(1);
  start(true);
  Tcp::socket socket = connect();
  std::string words = "hello\r\n\r\n";
  const bool waits = GENERATE(false, true);  // for an answer of the store
  if (waits) words = "PUT /kv/x HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 1\r\n\r\n1";
  words += std::string(64 * 1024 * 1024, 'x');
  std::optional<boost::system::error_code> written;
  boost::asio::async_write(socket, boost::asio::buffer(words),
                           [&](const auto& error, std::size_t) { written = error; });
  if (waits) {
    for (int idle = 0; idle < 1'000; ++idle) idle = loop.poll() == 0 ? idle : 0;
    CHECK_FALSE(written);
    CHECK(front.waiting() == 1);
    front.close({});
  }
  run_until([&] { return server->open() == 0 && written; });
  CHECK(*written);
}

TEST_CASE_METHOD(Fixture, "who waits for a word before the body is told at once what cannot be") {
  start(true);
  const std::string rest = " HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n";
  const std::string expects = "Expect: 100-continue\r\n";
  CHECK(statuses(ask("PUT /nope" + rest + expects + "\r\n")) == Statuses{"404"});
  CHECK(statuses(ask("PUT /kv/x" + rest + expects + "If-Match:\r\n\r\n")) == Statuses{"400"});
  CHECK(statuses(ask("PUT /kv/x" + rest + "Expect: 200-ok\r\n\r\n")) == Statuses{"417"});
  CHECK(statuses(ask("PUT /kv/x" + rest + expects + "\r\n")) == Statuses{"100"});
  informant.refused.emplace();
  informant.refused->status = Status::not_serving;
  CHECK(statuses(ask("PUT /kv/x" + rest + expects + "\r\n")) == Statuses{"503"});
  CHECK(members.learn({"b.example:7001", "b.example:8080"}).empty());
  informant.refused->status = Status::not_primary;
  informant.refused->primary = id_of("b.example:7001");
  const std::string answer = ask("PUT /kv/a%20b" + rest + expects + "\r\n");
  CHECK(statuses(answer) == Statuses{"307"});
  CHECK(answer.find("Location: http://b.example:8080/kv/a%20b\r\n") != std::string::npos);
  CHECK(front.waiting() == 0);
}

TEST_CASE_METHOD(Fixture, "who waits for a word before the body is told at once that an arbiter has no keys") {
  start();
  CHECK(statuses(ask("PUT /kv/x HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n")) ==
        Statuses{"404"});
}

TEST_CASE_METHOD(Fixture, "one connection too many may ask whether the node is well, and nothing else") {
  limits.connections_max = 2;
  start(true);
  std::vector<Tcp::socket> sockets;
  for (int i = 0; i < 2; ++i) sockets.push_back(connect());
  run_until([&] { return server->open() == 2; });
  const std::string well = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";
  for (int i = 0; i < 3; ++i) CHECK(statuses(ask(well + well)) == Statuses{"200"});
  CHECK(server->figures().turned_away == 0);
  CHECK(statuses(ask("GET /kv/x HTTP/1.1\r\nHost: x\r\n\r\n")) == Statuses{"503"});
  CHECK(server->figures().turned_away == 1);
  CHECK(front.waiting() == 0);
}

TEST_CASE_METHOD(Fixture, "a connection beyond those that probes may have is closed at once") {
  limits.connections_max = 2;
  start();
  std::vector<Tcp::socket> sockets;
  for (std::size_t i = 0; i < 2 + HttpServer::probes_max; ++i) sockets.push_back(connect());
  run_until([&] { return server->open() == 2 + HttpServer::probes_max; });
  Tcp::socket further = connect();
  CHECK(rest_of(further).empty());
  CHECK(server->figures().turned_away == 1);
  sockets.clear();
  run_until([&] { return server->open() == 0; });
  const std::string status = "GET /status HTTP/1.1\r\nHost: x\r\n\r\n";
  CHECK(statuses(ask(status + status)) == Statuses{"200", "200"});
}

TEST_CASE_METHOD(Fixture, "probes have little time, and make room for others") {
  limits.connections_max = 2;
  limits.sweep_every = limits.probe_within = std::chrono::milliseconds(20);
  start();
  std::vector<Tcp::socket> sockets;
  for (std::size_t i = 0; i < 2; ++i) sockets.push_back(connect());
  run_until([&] { return server->open() == 2; });
  for (std::size_t i = 0; i < HttpServer::probes_max; ++i) {
    sockets.push_back(connect());
    if (i % 2 == 1) boost::asio::write(sockets.back(), boost::asio::buffer("GET /he", 7));
  }
  run_until([&] { return server->figures().connections == 2 + HttpServer::probes_max; });
  run_until([&] { return server->open() == 2; });
  CHECK(server->figures().cut_off == HttpServer::probes_max);
  CHECK(server->figures().requests == 0);
  CHECK(statuses(ask("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")) == Statuses{"200"});
}

TEST_CASE_METHOD(Fixture, "bodies may take so much memory in all, and give it back") {
  limits.body_bytes_max = 100;
  start();
  Tcp::socket held = connect();
  boost::asio::write(
      held, boost::asio::buffer(std::string("PUT /kv/x HTTP/1.1\r\nHost: x\r\nContent-Length: 60\r\n\r\nabc")));
  run_until([&] { return server->open() == 1; });
  run_until(
      [&] { return statuses(ask("PUT /kv/x HTTP/1.1\r\nHost: x\r\nContent-Length: 60\r\n\r\n")) == Statuses{"503"}; });
  held.close();
  run_until([&] { return server->open() == 0; });
  CHECK(statuses(ask("PUT /kv/x HTTP/1.1\r\nHost: x\r\nContent-Length: 60\r\n\r\n" + std::string(60, 'x'))) ==
        Statuses{"404"});
}

TEST_CASE_METHOD(Fixture, "what is kept of requests without a body counts like one, and is given back") {
  limits.body_bytes_max = 10'000;
  start(true);
  std::string list = "\"1\"";
  for (int i = 0; i < 800; ++i) list += ",\"1\"";
  const std::string request = "GET /kv/x HTTP/1.1\r\nHost: x\r\nIf-None-Match: " + list + "\r\n\r\n";
  Tcp::socket held = connect();
  boost::asio::write(held, boost::asio::buffer(request));
  run_until([&] { return server->figures().requests == 1; });
  Tcp::socket second = connect();
  boost::asio::write(second, boost::asio::buffer(request));
  second.shutdown(Tcp::socket::shutdown_send);
  CHECK(statuses(rest_of(second)) == Statuses{"503"});
  front.close({});
  held.shutdown(Tcp::socket::shutdown_send);
  CHECK(statuses(rest_of(held)) == Statuses{"504"});
  Tcp::socket third = connect();
  boost::asio::write(third, boost::asio::buffer(request));
  run_until([&] { return server->figures().requests == 3; });
  CHECK(server->figures().answers[5] == 2);
}

TEST_CASE_METHOD(Fixture,
                 "what clients leave behind at a store that cannot answer is bounded, and the store's to give back") {
  limits.body_bytes_max = 2'000;
  start(true);
  const std::string request = "PUT /kv/x HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n" + std::string(1'000, 'x');
  for (int i = 0; i < 100; ++i) {
    Tcp::socket impatient = connect();
    boost::asio::write(impatient, boost::asio::buffer(request));
    run_until([&] { return server->figures().requests + server->figures().refused_for_room >= 1u + i; });
    impatient.set_option(Tcp::socket::linger(true, 0));  // gone, and not only done with asking
    impatient.close();
    run_until([&] { return server->open() == 0; });
  }
  CHECK(front.waiting() == 0);
  CHECK(front.unanswered() == 1);
  CHECK(server->figures().refused_for_room == 99);
  CHECK(statuses(ask("GET /status HTTP/1.1\r\nHost: x\r\n\r\n")) == Statuses{"200"});
  front.close({});
  CHECK(front.bytes() == 0);
  Tcp::socket next = connect();
  boost::asio::write(next, boost::asio::buffer(request));
  run_until([&] { return front.waiting() == 1; });
}

TEST_CASE_METHOD(Fixture, "who does not take his answers is asked no more questions, and others are not kept waiting") {
  limits.answer_bytes_max = 1'000;
  informant.size = 32 * 1024 * 1024;  // more than the system takes off the server's hands
  start();
  const std::string question = "GET /status HTTP/1.1\r\nHost: x\r\n\r\n";
  Tcp::socket slow = connect();
  boost::asio::write(slow, boost::asio::buffer(question + question + question));
  run_until([&] { return informant.asked == 1; });
  Tcp::socket other = connect();
  boost::asio::write(other, boost::asio::buffer(question));
  run_until([&] { return informant.asked == 2; });
  slow.shutdown(Tcp::socket::shutdown_send);
  CHECK(rest_of(slow).ends_with(".4"));
}

TEST_CASE_METHOD(Fixture, "a read that there is no room for is refused before the store has a look at it") {
  limits.answer_bytes_max = 1'000;
  informant.size = 32 * 1024 * 1024;  // more than the system takes off the server's hands
  start(true);
  Tcp::socket slow = connect();
  boost::asio::write(slow, boost::asio::buffer(std::string("GET /status HTTP/1.1\r\nHost: x\r\n\r\n")));
  run_until([&] { return informant.asked == 1; });
  CHECK(statuses(ask("GET /kv/x HTTP/1.1\r\nHost: x\r\n\r\n")) == Statuses{"503"});
  CHECK(front.unanswered() == 0);
  CHECK(server->figures().refused_for_room == 1);
}

TEST_CASE_METHOD(Fixture, "so many requests are taken in a turn of the loop, however many connections bring them") {
  start(true);
  std::string questions;
  for (int i = 0; i < 128; ++i) questions += "PUT /kv/x HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n1";
  std::vector<Tcp::socket> clients;
  for (int i = 0; i < 40; ++i) clients.push_back(connect());
  run_until([&] { return server->open() == clients.size(); });
  for (Tcp::socket& client : clients) boost::asio::write(client, boost::asio::buffer(questions));
  std::uint64_t before = 0;
  std::uint64_t most = 0;
  std::function<void()> look = [&] {
    most = std::max(most, server->figures().requests - std::exchange(before, server->figures().requests));
    if (before < 40 * 128) boost::asio::post(loop, look);
  };
  look();
  run_until([&] { return server->figures().requests == 40 * 128; });
  loop.run_one();
  CHECK(most <= Front::turn_requests_max + 128);
}

TEST_CASE_METHOD(Fixture, "a client that has gone is noticed though nothing is read from it, and waits for nothing") {
  start(true);
  std::string questions;
  for (int i = 0; i < 1'000; ++i) questions += "GET /kv/x HTTP/1.1\r\nHost: x\r\n\r\n";
  Tcp::socket socket = connect();
  boost::asio::write(socket, boost::asio::buffer(questions));
  run_until([&] { return front.waiting() == 128; });
  SECTION("it only says no more: it may want its answers") {
    socket.shutdown(Tcp::socket::shutdown_send);
    for (int i = 0; i < 10; ++i) loop.run_one_for(std::chrono::milliseconds(10));
    CHECK(front.waiting() == 128);
  }
  socket.set_option(Tcp::socket::linger(true, 0));
  socket.close();
  run_until([&] { return server->open() == 0; });
  CHECK(front.waiting() == 0);
}

TEST_CASE_METHOD(Fixture, "a drain answers what is under way, closes what is idle, and takes nobody") {
  start();
  Tcp::socket idle = connect();
  run_until([&] { return server->open() == 1; });
  bool drained = false;
  server->drain([&] { drained = true; });
  run_until([&] { return drained; });
  CHECK(rest_of(idle).empty());
  Tcp::socket late(loop);
  boost::system::error_code error;
  late.connect(at, error);
  CHECK(error == boost::asio::error::connection_refused);
}

}  // namespace
}  // namespace smalldb::server
