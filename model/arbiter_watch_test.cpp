#include "model/arbiter_watch.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <utility>
#include <vector>

#include "model/claimer.h"
#include "model/data_directory.h"
#include "model/host_side.h"

namespace smalldb {
namespace {

constexpr ProcessId me{3};
constexpr ProcessId arbiter{7};
constexpr TimerId again{3};

NodeConfig config(ArbiterKind kind, Duration every = seconds(5)) {
  NodeConfig config;
  config.self = me;
  config.arbiter_kind = kind;
  config.arbiter = arbiter;
  config.settings.arbiter_ping_every = every;
  return config;
}

// A watch, and what it has asked for since one last looked.
struct Watching {
  explicit Watching(const NodeConfig& its_config) : watch(its_config, again) { watch.start(moment, effects); }

  std::vector<Effect> asked() { return std::exchange(effects.recorded(), {}); }
  template <class Kind>
  std::vector<Kind> asked_for() {
    std::vector<Kind> found;
    for (const Effect& effect : asked()) {
      if (const auto* one = std::get_if<Kind>(&effect)) found.push_back(*one);
    }
    return found;
  }
  void five_seconds_later() {
    moment.now = moment.now + seconds(5);
    watch.on_timer(moment, effects);
  }
  void hear(const MessageBody& body) { watch.on_received(encode({9}, {6}, body), effects); }

  Moment moment;
  HostEffects effects;
  ArbiterWatch watch;
};

TEST_CASE("an arbiter that answers is reachable, and is asked again on a connection of its own") {
  Watching node(config(ArbiterKind::tie_breaker));
  CHECK_FALSE(node.watch.reachable());
  const auto connects = node.asked_for<effect::Connect>();
  REQUIRE(connects.size() == 1);
  CHECK((connects[0].to == arbiter && connects[0].port == Port::arbiter));
  REQUIRE(node.watch.owns(connects[0].link));
  node.watch.on_connected({9}, {5}, node.effects);
  const auto sent = node.asked_for<effect::Send>();
  REQUIRE(sent.size() == 1);
  const std::optional<Message> message = decode_frame(sent[0].bytes);
  REQUIRE(message);
  CHECK(*message == Message{{9}, {5}, Ping{}});
  CHECK_FALSE(node.watch.reachable());

  node.hear(Pong{});
  CHECK(node.watch.reachable() == true);
  CHECK(node.asked_for<effect::Close>().size() == 1);
  CHECK_FALSE(node.watch.owns(connects[0].link));

  node.five_seconds_later();
  CHECK(node.watch.reachable() == true);
  CHECK(node.asked_for<effect::Connect>().size() == 1);
}

TEST_CASE(
    "an arbiter is away if it says nothing until it is asked again, ends the connection, or says something else") {
  Watching node(config(ArbiterKind::tie_breaker));
  node.watch.on_connected({}, {5}, node.effects);
  SECTION("nothing") {
    node.five_seconds_later();
    CHECK(node.watch.reachable() == false);
    const std::vector<Effect> asked = node.asked();
    CHECK(std::count_if(asked.begin(), asked.end(),
                        [](const Effect& effect) { return std::holds_alternative<effect::Close>(effect); }) == 1);
  }
  SECTION("no more") {
    node.watch.on_closed();
    CHECK(node.watch.reachable() == false);
    node.five_seconds_later();
  }
  SECTION("something else") {
    node.hear(Heartbeat{true});
    CHECK(node.watch.reachable() == false);
    node.five_seconds_later();
  }
  node.asked();
  node.hear(Pong{});
  CHECK(node.watch.reachable() == true);
}

TEST_CASE("a verdict on a claim is an answer: what was asked beside it is waited for no longer") {
  Watching node(config(ArbiterKind::tie_breaker));
  node.five_seconds_later();
  REQUIRE(node.watch.reachable() == false);
  node.asked();

  node.watch.on_verdict(node.effects);
  CHECK(node.watch.reachable() == true);
  CHECK(node.asked_for<effect::Close>().size() == 1);
  node.five_seconds_later();
  CHECK(node.watch.reachable() == true);
  CHECK(node.asked_for<effect::Connect>().size() == 1);
}

TEST_CASE("a shared lock is asked by a new file of a claim's size, which takes the place of the one before") {
  Watching node(config(ArbiterKind::shared_lock));
  CHECK_FALSE(node.watch.reachable());
  const auto one = [&node] {
    const auto asked = node.asked_for<effect::Disk>();
    REQUIRE(asked.size() == 1);
    CHECK(asked[0].volume == Volume::shared);
    CHECK(owner_of(asked[0].token) == DiskOwner::arbiter_watch);
    return asked[0];
  };
  const auto done = [&node](const effect::Disk& operation, DiskStatus status = DiskStatus::ok) {
    node.watch.on_disk_done({operation.token, status, {}, {}}, node.effects);
  };
  const effect::Disk written = one();
  CHECK(written.verb == effect::DiskVerb::write_synced);
  CHECK(written.name == "ping-3-new");
  CHECK(written.bytes.size() == Claimer::claim_size);
  done(written);
  CHECK_FALSE(node.watch.reachable());
  const effect::Disk renamed = one();
  CHECK(renamed.verb == effect::DiskVerb::rename);
  CHECK((renamed.name == "ping-3-new" && renamed.new_name == "ping-3"));
  done(renamed);
  CHECK_FALSE(node.watch.reachable());
  const effect::Disk synced = one();
  CHECK(synced.verb == effect::DiskVerb::sync_directory);
  CHECK_FALSE(node.watch.reachable());
  done(synced);
  CHECK(node.watch.reachable() == true);
  CHECK(node.asked_for<effect::Disk>().empty());

  const auto wrong = GENERATE(DiskStatus::unreachable, DiskStatus::failed, DiskStatus::no_space);
  for (int good_steps = 0; good_steps < 3; ++good_steps) {
    node.five_seconds_later();
    effect::Disk step = one();
    CHECK(step.verb == effect::DiskVerb::write_synced);
    CHECK(step.token != written.token);
    for (int i = 0; i < good_steps; ++i) {
      done(step);
      step = one();
    }
    done(step, wrong);
    CHECK(node.watch.reachable() == false);
    CHECK(node.asked_for<effect::Disk>().empty());
  }
}

TEST_CASE("a shared lock that does not answer is asked nothing more until it does") {
  Watching node(config(ArbiterKind::shared_lock));
  for (int step = 0; step < 3; ++step) {
    const auto asked = node.asked_for<effect::Disk>();
    REQUIRE(asked.size() == 1);
    node.five_seconds_later();
    CHECK(node.watch.reachable() == false);
    CHECK(node.asked_for<effect::Disk>().empty());
    node.watch.on_disk_done({asked[0].token, DiskStatus::ok, {}, {}}, node.effects);
  }
  CHECK(node.watch.reachable() == true);
}

TEST_CASE("nobody is asked where there is nobody to ask, or nobody wants to know") {
  for (const NodeConfig& told : {config(ArbiterKind::manual), config(ArbiterKind::none),
                                 config(ArbiterKind::tie_breaker, {}), config(ArbiterKind::shared_lock, {})}) {
    Watching node(told);
    CHECK(node.asked().empty());
    CHECK_FALSE(node.watch.reachable());
    node.watch.on_verdict(node.effects);
    CHECK_FALSE(node.watch.reachable());
  }
}

}  // namespace
}  // namespace smalldb
