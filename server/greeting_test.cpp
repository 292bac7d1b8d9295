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
  // Until the acceptor has believed the proof, and its welcome is ready.
  void prove() {
    acceptor.take(connector.take_output());
    connector.take(acceptor.take_output());
    acceptor.take(connector.take_output());
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
  prove();
  connector.take(acceptor.take_output());
  acceptor.take(connector.take_output() + "frames");
  CHECK(acceptor.state() == Greeting::State::done);
  CHECK(acceptor.rest() == "frames");
}

TEST_CASE_METHOD(Fixture, "neither end takes another secret for its own, and no name is said") {
  theirs = secret_of("another secret of some length");
  talk();
  check_failed(connector, "refused: the secret is another one there");
  check_failed(acceptor, "does not have the secret");
  for (const std::string& said : {said_by_connector, said_by_acceptor}) {
    CHECK(said.find("a secret of sufficient length") == std::string::npos);
    CHECK(said.find("example") == std::string::npos);
    CHECK(said.find("--reads") == std::string::npos);
  }
  CHECK(acceptor.peer().name.empty());
}

TEST_CASE_METHOD(Fixture, "an acceptor with a secret says nothing of itself to one who has none") {
  acceptor.take(connector.take_output());
  REQUIRE(acceptor.waits_for_proof());
  const std::string challenge = acceptor.take_output();
  CHECK(challenge.size() == 4 + 1 + nonce_size);
  acceptor.take(std::string("\x20\0\0\0", 4) + std::string(mac_size, '\0'));
  check_failed(acceptor, "does not have the secret");
  CHECK(acceptor.take_output().find("example") == std::string::npos);
}

TEST_CASE_METHOD(Fixture, "a connector says nothing of itself to one who cannot prove the secret") {
  acceptor.take(connector.take_output());
  connector.take(acceptor.take_output());
  CHECK(connector.take_output().size() == 4 + mac_size);
  connector.take(std::string("\x21\0\0\0\2", 5) + std::string(mac_size, '\0'));
  check_failed(connector, "does not have the secret");
  CHECK(connector.take_output().empty());
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
  prove();
  const std::string welcome = acceptor.take_output();
  Greeting fine = connector;
  fine.take(welcome);
  const std::string introduction = fine.take_output();
  const auto change_each = [](const Greeting& end, const std::string& part) {
    for (std::size_t i = 5; i < part.size(); ++i) {  // behind the length and the kind
      Greeting its = end;
      std::string changed = part;
      changed[i] = static_cast<char>(changed[i] ^ 1);
      its.take(changed);
      CHECK(its.state() == Greeting::State::failed);
    }
  };
  change_each(connector, welcome);
  change_each(acceptor, introduction);
}

TEST_CASE_METHOD(Fixture, "who is called by another name says which to use") {
  connector = Greeting::connect({&ours, b, terms}, "localhost:7001", Port::replication);
  talk();
  check_failed(connector, "this is a.example:7001, and is to be called so, not localhost:7001");
  check_failed(acceptor, "this is a.example:7001, and is to be called so, not localhost:7001");
}

TEST_CASE_METHOD(Fixture, "a process does not take another of its own name for a peer") {
  connector = Greeting::connect({&ours, a, terms}, a.name, Port::replication);
  talk();
  check_failed(connector, "there is a process called a.example:7001 already");
  check_failed(acceptor, "there is a process called a.example:7001 already");
}

TEST_CASE_METHOD(Fixture, "a greeting of another version is refused, and both say so") {
  std::string hello = connector.take_output();
  hello[4 + 7] = '5';
  acceptor.take(hello);
  check_failed(acceptor, "it speaks version 5 of the protocol, and version 4 is spoken here");
  connector.take(acceptor.take_output());
  check_failed(connector, "refused: version 4 of the protocol is spoken there, and not 5");
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
  for (int i = 0; i < 3; ++i) {
    acceptor.take(connector.take_output());
    connector.take(acceptor.take_output());
  }
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

TEST_CASE("a file that is for its owner and group is taken, and one that is open to others is refused by its name") {
  const TemporaryDirectory temporary;
  const std::string path = temporary.path() + "/key.pem";
  std::ofstream(path) << "a key";
  using std::filesystem::perms;
  std::filesystem::permissions(path, perms::owner_read | perms::group_read);
  CHECK_NOTHROW(refuse_open_file(path, "the key"));
  std::filesystem::permissions(path, perms::owner_read | perms::others_read);
  CHECK_THROWS_WITH(refuse_open_file(path, "the key"), "the key " + path + " is open to everybody; chmod o= " + path);
}

TEST_CASE("a MAC tells labels and the borders between parts apart") {
  const Secret secret = secret_of("0123456789abcdef");
  CHECK(secret.mac("a", {"bc"}) != secret.mac("a", {"b", "c"}));
  CHECK(secret.mac("a", {"bc"}) != secret.mac("ab", {"c"}));
  CHECK(secret.mac("a", {"bc"}).size() == mac_size);
}

}  // namespace
}  // namespace smalldb::server
