#include "server/terms.h"

#include <catch2/catch.hpp>

namespace smalldb::server {
namespace {

Config node() {
  Config config;
  config.arbiter = ArbiterKind::tie_breaker;
  config.tie_breaker = "c.example:7003";
  return config;
}

std::string differs(const Config& ours, const Config& theirs) {
  return disagreement(terms_of(ours, "1a"), terms_of(theirs, "1a"), "b.example:7001");
}

TEST_CASE("nodes that were told alike agree, whatever is their own alone") {
  Config other = node();
  other.data = "elsewhere";
  other.settings.seek_for = seconds(7);
  other.settings.checkpoint_every_bytes = 1;
  other.settings.lease = milliseconds(1);  // of no meaning while reads are confirmed
  CHECK(differs(node(), other).empty());
  CHECK(differs(node(), node()).empty());
}

TEST_CASE("a setting that differs is named, with both values") {
  Config other = node();
  const auto check = [&](const std::string& words) {
    CHECK(differs(node(), other) == words + " at b.example:7001: it must be the same at all nodes");
    CHECK_FALSE(differs(other, node()).empty());
  };
  SECTION("another tie breaker") {
    other.tie_breaker = "d.example:7003";
    check("the arbiter is --tie-breaker c.example:7003 here, and --tie-breaker d.example:7003");
  }
  SECTION("no tie breaker") {
    other.arbiter = ArbiterKind::manual;
    check("the arbiter is --tie-breaker c.example:7003 here, and --manual");
  }
  SECTION("acknowledge") {
    other.settings.acknowledge = Acknowledge::received;
    check("--acknowledge is durable here, and received");
  }
  SECTION("reads") {
    other.settings.reads = Reads::leased;
    check("--reads is confirmed here, and leased with --lease 300ms");
  }
  SECTION("times") {
    other.settings.heartbeat_every = milliseconds(50);
    other.settings.suspect_after = seconds(2);
    check("--heartbeat-every is 100ms here, and 50ms at b.example:7001; --suspect-after is 500ms here, and 2s");
  }
}

TEST_CASE("a shared lock is the same where its identity is, under whatever path") {
  Config ours = node();
  ours.arbiter = ArbiterKind::shared_lock;
  ours.shared_lock = "/lock";
  Config theirs = ours;
  theirs.shared_lock = "/mnt/lock";
  CHECK(differs(ours, theirs).empty());
  CHECK(disagreement(terms_of(ours, "1a"), terms_of(ours, "2b"), "b:1") ==
        "the arbiter is --shared-lock with server.identity 1a here, and --shared-lock with server.identity 2b at b:1: "
        "it must be the same at all nodes");
}

TEST_CASE("the length of a lease matters where reads are leased") {
  Config ours = node();
  ours.settings.reads = Reads::leased;
  Config theirs = ours;
  theirs.settings.lease = milliseconds(200);
  CHECK_THAT(differs(ours, theirs), Catch::Contains("leased with --lease 300ms here, and leased with --lease 200ms"));
}

TEST_CASE("a node of another version, which has other settings, does not agree") {
  const std::vector<Term> ours = terms_of(node(), {});
  std::vector<Term> theirs = ours;
  theirs.pop_back();
  CHECK_THAT(disagreement(ours, theirs, "b:1"), Catch::Contains("another version"));
  theirs.push_back({"--new", "1"});
  CHECK_THAT(disagreement(ours, theirs, "b:1"), Catch::Contains("another version"));
}

}  // namespace
}  // namespace smalldb::server
