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
  CHECK(members.learn({"a:1", "a:2"}).empty());
  CHECK(members.learn({"a:1", "a:2"}).empty());
  CHECK(changes == 1);
  CHECK(members.learn({"a:1", "a:3"}).empty());
  CHECK(members.learn({"b:1", ""}).empty());
  REQUIRE(members.find(id_of("a:1")) != nullptr);
  CHECK(members.find(id_of("a:1"))->clients == "a:3");
  CHECK(members.find(id_of("c:1")) == nullptr);

  Members again;
  again.read(members.text());
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

TEST_CASE("names that are none are not learned") {
  Members members;
  CHECK_FALSE(members.learn({"no name", ""}).empty());
  CHECK_FALSE(members.learn({"a:1", "not an address"}).empty());
  CHECK(members.all().empty());
}

std::string numbered(std::size_t i) { return "a:" + std::to_string(i); }

TEST_CASE("of too many names the one gives way whose bearer has not come for longest, over restarts too") {
  Members first;
  for (std::size_t i = 0; i < Members::members_max; ++i) CHECK(first.learn({numbered(i), ""}).empty());
  CHECK(first.learn({numbered(0), "a:99"}).empty());  // it comes again
  Members members;
  members.read(first.text());
  CHECK(members.learn({"b:1", ""}).empty());
  CHECK(members.find(id_of("b:1")) != nullptr);
  CHECK(members.find(id_of(numbered(0))) != nullptr);
  CHECK(members.find(id_of(numbered(1))) == nullptr);
  CHECK(members.all().size() == Members::members_max);
}

TEST_CASE("names of the options and those in use do not give way, and what others say takes no place") {
  Members members;
  for (std::size_t i = 0; i < Members::members_max; ++i) CHECK(members.learn({numbered(i), ""}).empty());
  members.expect(numbered(0));
  const auto in_use = [](ProcessId id) { return id != id_of(numbered(5)) && id != id_of(numbered(0)); };
  members.hear_of({"c:1", ""});
  CHECK(members.find(id_of("c:1")) == nullptr);
  CHECK(members.learn({"b:1", ""}, in_use).empty());
  CHECK(members.find(id_of(numbered(5))) == nullptr);
  CHECK(members.find(id_of(numbered(0))) != nullptr);
  CHECK_THAT(members.learn({"c:1", ""}, in_use), Catch::Contains("too many names"));
  CHECK(members.find(id_of("c:1")) == nullptr);
}

}  // namespace
}  // namespace smalldb::server
