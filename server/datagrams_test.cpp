#include "server/datagrams.h"

#include <catch2/catch.hpp>

#include "server/testing/secret_of.h"

namespace smalldb::server {
namespace {

const ProcessId a = id_of("a:1");
const ProcessId b = id_of("b:1");

struct Fixture {
  Secret secret = secret_of("a secret of sufficient length");
  Members members;
  DatagramSeal at_a{secret, members, a, 1};
  DatagramSeal at_b{secret, members, b, 2};

  Fixture() {
    members.learn({"a:1", ""});
    members.learn({"b:1", ""});
  }
};

TEST_CASE_METHOD(Fixture, "a datagram is opened by the one it is for") {
  const std::string datagram = at_a.close(b, "heartbeat");
  const auto opened = at_b.open(datagram);
  REQUIRE(opened);
  CHECK(opened->from == a);
  CHECK(opened->body == "heartbeat");
  CHECK_FALSE(at_a.open(at_a.close(b, "heartbeat")));
}

TEST_CASE_METHOD(Fixture, "a datagram is taken once, and not after a later one") {
  const std::string first = at_a.close(b, "1");
  const std::string second = at_a.close(b, "2");
  CHECK(at_b.open(second));
  CHECK_FALSE(at_b.open(second));
  CHECK_FALSE(at_b.open(first));
  CHECK(at_b.open(at_a.close(b, "3")));
}

TEST_CASE_METHOD(Fixture, "a sender that starts anew is believed, and its former life is not played back") {
  const std::string old = at_a.close(b, "old");
  CHECK(at_b.open(old));
  DatagramSeal next_life(secret, members, a, 3);
  CHECK(at_b.open(next_life.close(b, "new")));
  CHECK_FALSE(at_b.open(old));
}

TEST_CASE_METHOD(Fixture, "a changed byte, a cut end and another secret are not believed") {
  const std::string datagram = at_a.close(b, "heartbeat");
  for (std::size_t i = 0; i < datagram.size(); ++i) {
    std::string changed = datagram;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    CHECK_FALSE(at_b.open(changed));
    CHECK_FALSE(at_b.open(datagram.substr(0, i)));
  }
  const Secret other = secret_of("another secret of some length");
  DatagramSeal stranger(other, members, a, 1);
  CHECK_FALSE(at_b.open(stranger.close(b, "heartbeat")));
  CHECK(at_b.open(datagram));
}

TEST_CASE_METHOD(Fixture, "who is no member is not believed") {
  DatagramSeal stranger(secret, members, id_of("c:1"), 1);
  CHECK_FALSE(at_b.open(stranger.close(b, "heartbeat")));
}

}  // namespace
}  // namespace smalldb::server
