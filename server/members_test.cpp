#include "server/members.h"

#include <catch2/catch.hpp>

namespace smalldb::server {
namespace {

TEST_CASE("addresses that are read back as they were written") {
  for (const std::string text : {"a.example:7001", "127.0.0.1:0", "[::1]:8080", "[fe80::1%eth0]:65535", "db-1:80"}) {
    const auto address = Address::parse(text);
    REQUIRE(address);
    CHECK(address->text() == text);
  }
  CHECK(Address::parse("[::1]:8080")->host == "::1");
}

TEST_CASE("what is no address") {
  for (const std::string text : {"", "host", ":80", "host:", "host:x", "host:65536", "host:-1", "::1:80", "[host]:80",
                                 "a b:80", "a\n:80", "host:80 "}) {
    CHECK_FALSE(Address::parse(text));
  }
  CHECK_FALSE(Address::parse(std::string(300, 'a') + ":80"));
}

TEST_CASE("a name has one number for ever") {
  CHECK(static_cast<std::uint32_t>(id_of("a.example:7001")) == 3'404'451'308);
  CHECK(id_of("a.example:7001") != id_of("b.example:7001"));
}

TEST_CASE("members are learned, found by number, and written down") {
  Members members;
  int changes = 0;
  members.on_change = [&changes] { ++changes; };
  CHECK(members.learn({"a:1", "a:2"}));
  CHECK(members.learn({"a:1", "a:2"}));
  CHECK(changes == 1);
  CHECK(members.learn({"a:1", "a:3"}));
  CHECK(members.learn({"b:1", ""}));
  REQUIRE(members.find(id_of("a:1")) != nullptr);
  CHECK(members.find(id_of("a:1"))->clients == "a:3");
  CHECK(members.find(id_of("c:1")) == nullptr);

  Members again;
  again.read(members.text() + "no line of it\n\n");
  CHECK(again.all() == members.all());
}

TEST_CASE("what others say of a member counts only while it has not spoken itself") {
  Members members;
  members.hear_of({"a:1", ""});
  members.hear_of({"a:1", "a:2"});
  CHECK(members.find(id_of("a:1"))->clients == "a:2");
  members.hear_of({"a:1", "evil:2"});
  CHECK(members.find(id_of("a:1"))->clients == "a:2");
}

TEST_CASE("a name from the options is written down and passed on once somebody has met its bearer") {
  Members members;
  members.learn({"a:1", "a:2"});
  members.expect("mistyped:1");
  members.expect("b:1");
  members.expect("c:1");
  members.expect("a:1");
  CHECK(members.find(id_of("a:1"))->clients == "a:2");
  CHECK(members.all().size() == 4);
  CHECK(members.met() == std::vector<Member>{{"a:1", "a:2"}});
  CHECK(members.text() == "a:1 a:2\n");

  members.learn({"b:1", "b:2"});    // it came itself
  members.hear_of({"c:1", "c:2"});  // another has met it
  CHECK(members.met().size() == 3);
  CHECK(members.text().find("mistyped") == std::string::npos);
  members.expect("b:1");
  CHECK(members.text().find("b:1 b:2\n") != std::string::npos);
}

TEST_CASE("names that are none, and too many, are not learned") {
  Members members;
  CHECK_FALSE(members.learn({"no name", ""}));
  CHECK_FALSE(members.learn({"a:1", "not an address"}));
  for (std::size_t i = 0; i < Members::members_max; ++i) CHECK(members.learn({"a:" + std::to_string(i), ""}));
  CHECK_FALSE(members.learn({"b:1", ""}));
  CHECK(members.learn({"a:1", "a:2"}));
}

}  // namespace
}  // namespace smalldb::server
