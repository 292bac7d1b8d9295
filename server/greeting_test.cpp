#include "server/greeting.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "server/testing/secret_of.h"
#include "server/testing/temporary_directory.h"

namespace smalldb::server {
namespace {

const Member a{"a.example:7001", "a.example:8080"};
const Member b{"b.example:7001", "b.example:8080"};
const Member c{"c.example:7001", ""};
const std::vector<Term> terms{{"--reads", "confirmed"}, {"--suspect-after", "500ms"}};

// Two ends, and all that they say to each other.
struct Fixture {
  Secret ours = secret_of("a secret of sufficient length");
  Secret theirs = secret_of("a secret of sufficient length\n");
  Greeting connector = Greeting::connect({&ours, b, terms}, a.name, Port::replication);
  Greeting acceptor = Greeting::accept({&theirs, a, terms}, Port::replication, {a, c});
  std::string said_by_connector;
  std::string said_by_acceptor;

  // Lets them talk, `piece` bytes at a time, until both are silent.
  void talk(std::size_t piece = 1000) {
    while (true) {
      const std::string out = connector.take_output();
      const std::string back = acceptor.take_output();
      if (out.empty() && back.empty()) return;
      said_by_connector += out;
      said_by_acceptor += back;
      for (std::size_t i = 0; i < out.size(); i += piece) acceptor.take(out.substr(i, piece));
      for (std::size_t i = 0; i < back.size(); i += piece) connector.take(back.substr(i, piece));
    }
  }
  void check_failed(const Greeting& end, const std::string& why) {
    CHECK(end.state() == Greeting::State::failed);
    CHECK_THAT(end.why(), Catch::Contains(why));
  }
};

TEST_CASE_METHOD(Fixture, "both ends learn who the other is, and the connector whom the acceptor knows") {
  const std::size_t piece = GENERATE(1, 3, 1000);
  talk(piece);
  REQUIRE(connector.state() == Greeting::State::done);
  REQUIRE(acceptor.state() == Greeting::State::done);
  CHECK(connector.peer() == a);
  CHECK(acceptor.peer() == b);
  CHECK(connector.known() == std::vector{a, c});
}

TEST_CASE_METHOD(Fixture, "what comes right behind the greeting is not lost") {
  acceptor.take(connector.take_output());
  connector.take(acceptor.take_output());
  acceptor.take(connector.take_output() + "frames");
  CHECK(acceptor.state() == Greeting::State::done);
  CHECK(acceptor.rest() == "frames");
}

TEST_CASE_METHOD(Fixture, "neither end takes another secret for its own") {
  theirs = secret_of("another secret of some length");
  talk();
  check_failed(connector, "does not have the secret");
  CHECK(acceptor.state() == Greeting::State::going_on);
  CHECK(said_by_connector.find("a secret of sufficient length") == std::string::npos);
}

TEST_CASE_METHOD(Fixture, "an acceptor with a secret does not believe one who has none") {
  acceptor.take(connector.take_output());
  acceptor.take_output();
  acceptor.take(std::string("\x20\0\0\0", 4) + std::string(mac_size, '\0'));
  check_failed(acceptor, "does not have the secret");
}

TEST_CASE_METHOD(Fixture, "what was said in one greeting is worth nothing in the next") {
  talk();
  Greeting second = Greeting::accept({&theirs, a, terms}, Port::replication, {});
  second.take(said_by_connector);
  check_failed(second, "does not have the secret");
  Greeting third = Greeting::connect({&ours, b, terms}, a.name, Port::replication);
  third.take(said_by_acceptor);
  check_failed(third, "does not have the secret");
}

TEST_CASE_METHOD(Fixture, "a changed byte is noticed by one end or the other") {
  acceptor.take(connector.take_output());
  const std::string welcome = acceptor.take_output();
  for (std::size_t i = 5; i < welcome.size(); ++i) {  // behind the length and the kind
    Greeting end = connector;
    std::string changed = welcome;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    end.take(changed);
    CHECK(end.state() == Greeting::State::failed);
  }
}

TEST_CASE_METHOD(Fixture, "who is called by another name says which to use") {
  connector = Greeting::connect({&ours, b, terms}, "localhost:7001", Port::replication);
  talk();
  check_failed(connector, "refused: this is a.example:7001, and is to be called so, not localhost:7001");
  check_failed(acceptor, "this is a.example:7001");
}

TEST_CASE_METHOD(Fixture, "a node does not take an arbiter's port for another node's") {
  connector = Greeting::connect({&ours, b, terms}, a.name, Port::arbiter);
  talk();
  check_failed(connector, "refused: a node where an arbiter is wanted");
}

TEST_CASE_METHOD(Fixture, "nodes that were told differently refuse each other, and both say what differs") {
  connector =
      Greeting::connect({&ours, b, {{"--reads", "leased"}, {"--suspect-after", "500ms"}}}, a.name, Port::replication);
  talk();
  check_failed(connector, "--reads is leased here, and confirmed at a.example:7001");
  check_failed(acceptor, "--reads is confirmed here, and leased at b.example:7001");
}

TEST_CASE_METHOD(Fixture, "whoever has not proved the secret is not told what differs") {
  theirs = secret_of("another secret of some length");
  connector = Greeting::connect({&ours, b, {{"--reads", "leased"}}}, a.name, Port::replication);
  talk();
  check_failed(connector, "does not have the secret");
  CHECK(acceptor.waits_for_proof());
}

TEST_CASE_METHOD(Fixture, "what is no greeting is refused at once, however it begins") {
  acceptor.take("GET / HTTP/1.1\r\n\r\n");
  check_failed(acceptor, "no greeting");
  Greeting second = Greeting::accept({&theirs, a, terms}, Port::replication, {});
  second.take(std::string("\x05\0\0\0hello", 9));
  check_failed(second, "no greeting");
  connector.take(std::string("\x03\0\0\0\1ab", 7));
  check_failed(connector, "malformed");
}

TEST_CASE("without a secret on either side everybody is believed") {
  const Secret none;
  Greeting connector = Greeting::connect({&none, b, terms}, a.name, Port::replication);
  Greeting acceptor = Greeting::accept({&none, a, terms}, Port::replication, {});
  acceptor.take(connector.take_output());
  connector.take(acceptor.take_output());
  acceptor.take(connector.take_output());
  CHECK(connector.state() == Greeting::State::done);
  CHECK(acceptor.state() == Greeting::State::done);
}

// ---- Secrets ------------------------------------------------------------------------------------------------------

TEST_CASE("white space around a secret does not count, and its length does") {
  CHECK(secret_of("  0123456789abcdef\n").mac("l", {"x"}) == secret_of("0123456789abcdef").mac("l", {"x"}));
  CHECK_THROWS_WITH(secret_of("too short"), Catch::Contains("fewer than 16 bytes") && !Catch::Contains("too short"));
}

TEST_CASE("a secret that everybody can read is refused, and one that nobody can as well") {
  const TemporaryDirectory temporary;
  const std::string path = temporary.path() + "/secret";
  CHECK_THROWS_WITH(Secret::read(path), Catch::Contains("cannot be read"));
  std::ofstream(path) << "0123456789abcdef";
  std::filesystem::permissions(path, std::filesystem::perms::owner_read | std::filesystem::perms::others_read);
  CHECK_THROWS_WITH(Secret::read(path), Catch::Contains("open to everybody"));
}

TEST_CASE("a MAC tells labels and the borders between parts apart") {
  const Secret secret = secret_of("0123456789abcdef");
  CHECK(secret.mac("a", {"bc"}) != secret.mac("a", {"b", "c"}));
  CHECK(secret.mac("a", {"bc"}) != secret.mac("ab", {"c"}));
  CHECK(secret.mac("a", {"bc"}).size() == mac_size);
}

}  // namespace
}  // namespace smalldb::server
