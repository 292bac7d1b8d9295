#include "model/claimer.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "model/host_side.h"
#include "model/testing/memory_disk.h"

namespace smalldb {
namespace {

using testing::MemoryDisk;
using Verb = effect::DiskVerb;

constexpr DirectoryId mine{1, 1};
constexpr DirectoryId theirs{2, 2};
constexpr ProcessId me{0};
constexpr ProcessId other{1};
constexpr ProcessId arbiter{7};
constexpr TimerId retry{3};

NodeConfig config(ArbiterKind kind, RuleSwitches rules = {}) {
  NodeConfig config;
  config.self = me;
  config.nodes = {me, other};
  config.arbiter_kind = kind;
  config.arbiter = arbiter;
  config.rules = rules;
  return config;
}

// A claimer, and what it has asked for since one last looked.
struct Claiming {
  explicit Claiming(const NodeConfig& its_config, DirectoryId its_directory = mine)
      : claimer(its_config, retry), directory(its_directory) {}

  std::optional<ClaimResult> claim(std::uint64_t epoch) {
    return claimer.claim({epoch}, {directory, epoch == 1 ? DirectoryId{} : founder, {5}}, moment, effects);
  }
  std::vector<Effect> asked() { return std::exchange(effects.recorded(), {}); }
  std::size_t claims_sent() {
    std::size_t count = 0;
    for (const Effect& effect : asked()) {
      const auto* send = std::get_if<effect::Send>(&effect);
      if (send == nullptr) continue;
      const auto message = decode_frame(send->bytes);
      REQUIRE(message);
      const auto* claim = std::get_if<Claim>(&message->body);
      REQUIRE(claim != nullptr);
      CHECK(claim->directory == directory);
      CHECK(claim->founder == founder);
      CHECK(claim->wanted == claimer.wanted());
      CHECK(message->epoch == claimer.wanted().previous());
      CHECK(message->from == Incarnation{5});
      ++count;
    }
    return count;
  }
  std::optional<Link> connecting() {
    for (const Effect& effect : asked()) {
      if (const auto* connect = std::get_if<effect::Connect>(&effect)) {
        CHECK(connect->to == arbiter);
        CHECK(connect->port == Port::arbiter);
        return connect->link;
      }
    }
    return std::nullopt;
  }
  std::optional<ClaimResult> verdict(std::uint64_t epoch, DirectoryId winner, std::uint64_t last = 0) {
    return claimer.on_received(
        encode({std::max(epoch, last)}, {6}, Verdict{{epoch}, winner, winner == mine ? me : other}), moment, effects);
  }
  bool waits_to_retry() {
    bool set = false;
    for (const Effect& effect : asked()) {
      if (const auto* timer = std::get_if<effect::SetTimer>(&effect)) set = timer->timer == retry;
    }
    return set;
  }

  Claimer claimer;
  DirectoryId directory;
  DirectoryId founder = mine;
  Moment moment;
  HostEffects effects;
};

TEST_CASE("tie_breaker: the claim is sent when the arbiter is reached, and its verdict is the result") {
  Claiming claiming(config(ArbiterKind::tie_breaker));
  CHECK_FALSE(claiming.claim(2));
  const auto link = claiming.connecting();
  REQUIRE(link);
  CHECK(claiming.claimer.owns(*link));
  CHECK_FALSE(claiming.claimer.owns(Link{99}));
  claiming.claimer.on_connected(claiming.effects);
  CHECK(claiming.claims_sent() == 1);
  const auto result = claiming.verdict(2, theirs);
  REQUIRE(result);
  CHECK(result->epoch == Epoch{2});
  CHECK(result->winner == theirs);
  CHECK(result->node == other);
}

TEST_CASE("tie_breaker: a verdict about another epoch is not the answer") {
  Claiming claiming(config(ArbiterKind::tie_breaker));
  claiming.claim(3);
  claiming.claimer.on_connected(claiming.effects);
  CHECK_FALSE(claiming.verdict(2, mine));
  CHECK(claiming.claimer.claiming());
  CHECK(claiming.verdict(3, mine));
}

TEST_CASE("S2 tie_breaker: a verdict on epoch 1 with another founder says that the arbiter is of another store") {
  Claiming claiming(config(ArbiterKind::tie_breaker));
  claiming.claim(3);
  claiming.claimer.on_connected(claiming.effects);
  CHECK_FALSE(claiming.verdict(1, mine));
  const auto result = claiming.verdict(1, theirs);
  REQUIRE(result);
  CHECK(result->other_store);
  CHECK(result->epoch == Epoch{3});
  CHECK_FALSE(claiming.verdict(3, mine)->other_store);
}

TEST_CASE("S2 tie_breaker: whoever has won an epoch learns whether somebody else has a later one") {
  for (const std::uint64_t last : {1u, 2u, 3u}) {
    Claiming claiming(config(ArbiterKind::tie_breaker));
    claiming.claim(2);
    REQUIRE(claiming.connecting());
    claiming.claimer.on_connected(claiming.effects);
    const auto result = claiming.verdict(2, mine, last);
    REQUIRE(result);
    CHECK(result->winner == mine);
    CHECK(result->over == (last == 3));
  }
}

TEST_CASE("tie_breaker: an answer in pieces is put together") {
  Claiming claiming(config(ArbiterKind::tie_breaker));
  claiming.claim(2);
  claiming.claimer.on_connected(claiming.effects);
  const Bytes bytes = encode({2}, {6}, Verdict{{2}, mine, me});
  CHECK_FALSE(claiming.claimer.on_received(bytes.slice(0, 7), claiming.moment, claiming.effects));
  CHECK(claiming.claimer.on_received(bytes.slice(7, bytes.size() - 7), claiming.moment, claiming.effects));
}

TEST_CASE("S2 tie_breaker: a claim without an answer is made again, over the same connection or a new one") {
  Claiming claiming(config(ArbiterKind::tie_breaker));
  claiming.claim(2);
  claiming.claimer.on_connected(claiming.effects);
  CHECK(claiming.claims_sent() == 1);
  claiming.claimer.on_retry_timer(claiming.moment, claiming.effects);
  CHECK(claiming.claims_sent() == 1);
  claiming.claimer.on_closed(claiming.moment, claiming.effects);
  CHECK(claiming.waits_to_retry());
  claiming.claimer.on_retry_timer(claiming.moment, claiming.effects);
  REQUIRE(claiming.connecting());
  claiming.claimer.on_connected(claiming.effects);
  CHECK(claiming.claims_sent() == 1);
}

TEST_CASE("tie_breaker: a claim is withdrawn if it cannot have reached the arbiter, and pursued if it may have") {
  Claiming claiming(config(ArbiterKind::tie_breaker));
  claiming.claim(2);
  claiming.claimer.withdraw(claiming.effects);
  CHECK_FALSE(claiming.claimer.claiming());

  claiming.claim(2);
  claiming.claimer.on_connected(claiming.effects);
  claiming.claimer.withdraw(claiming.effects);
  CHECK(claiming.claimer.claiming());
  claiming.claimer.on_closed(claiming.moment, claiming.effects);
  claiming.claimer.withdraw(claiming.effects);
  CHECK(claiming.claimer.claiming());
}

TEST_CASE("tie_breaker: rubbish closes the connection, and the claim is made anew") {
  Claiming claiming(config(ArbiterKind::tie_breaker));
  claiming.claim(2);
  claiming.claimer.on_connected(claiming.effects);
  claiming.asked();
  CHECK_FALSE(claiming.claimer.on_received(Bytes::copy(std::string(64, '\xff')), claiming.moment, claiming.effects));
  CHECK(claiming.waits_to_retry());
  CHECK(claiming.claimer.claiming());
}

// ---- shared_lock ----------------------------------------------------------------------------------------------------

// Claims on a shared volume, whose answers may be spoilt: `spoilt` operations of a kind take effect, and nobody is
// told.
struct Locking : Claiming {
  Locking(MemoryDisk& its_volume, DirectoryId its_claim)
      : Claiming(config(ArbiterKind::shared_lock), its_claim), volume(its_volume) {}

  std::optional<ClaimResult> run() {
    std::optional<ClaimResult> result;
    for (int steps = 0; !result && steps < 100; ++steps) {
      bool disk = false;
      bool timer = false;
      for (const Effect& effect : asked()) {
        if (std::holds_alternative<effect::SetTimer>(effect)) timer = true;
        const auto* operation = std::get_if<effect::Disk>(&effect);
        if (operation == nullptr) continue;
        disk = true;
        CHECK(operation->volume == Volume::shared);
        HostEffects one;
        one.recorded().emplace_back(*operation);
        volume.take(one);
        DiskDone done = volume.carry_out();
        if (spoilt == operation->verb) {
          spoilt.reset();
          done = {operation->token, DiskStatus::unreachable, {}, {}};
        }
        result = claimer.on_disk_done(done, moment, effects);
      }
      if (!disk && timer) claimer.on_retry_timer(moment, effects);
      if (!disk && !timer) break;
    }
    return result;
  }

  MemoryDisk& volume;
  std::optional<Verb> spoilt;
};

TEST_CASE("S2 shared_lock: the first to link its file to the epoch's name has it, for everybody who asks") {
  MemoryDisk volume;
  Locking first(volume, mine);
  Locking second(volume, theirs);
  first.claim(2);
  second.claim(2);
  REQUIRE(first.run()->winner == mine);
  REQUIRE(second.run()->winner == mine);
  second.claimer.finish(second.effects);
  second.asked();
  second.claim(2);
  CHECK(second.run()->winner == mine);
}

TEST_CASE("S2 shared_lock: whoever holds the log of another store takes no epoch of this one") {
  for (const std::uint64_t last : {1u, 5u}) {  // 5: on a volume that does not know who founded the store
    MemoryDisk volume;
    Locking ours(volume, mine);
    ours.claim(last);
    REQUIRE(ours.run()->winner == mine);
    Locking foreign(volume, theirs);
    foreign.founder = theirs;
    foreign.claim(2);
    const auto result = foreign.run();
    REQUIRE(result);
    CHECK(result->other_store);
    CHECK(result->winner == mine);
    ours.claimer.finish(ours.effects);
    ours.asked();
    ours.claim(2);
    CHECK(ours.run()->winner == mine);
  }
}

TEST_CASE("S2 shared_lock: whoever has won an epoch learns whether somebody else has a later one") {
  MemoryDisk volume;
  const auto is_over = [&](DirectoryId directory, std::uint64_t epoch) {
    Locking locking(volume, directory);
    locking.claim(epoch);
    const auto result = locking.run();
    REQUIRE(result);
    CHECK(result->epoch == Epoch{epoch});
    CHECK(result->winner == directory);
    return result->over;
  };
  CHECK_FALSE(is_over(mine, 2));
  CHECK_FALSE(is_over(mine, 2));
  CHECK_FALSE(is_over(mine, 3));
  CHECK_FALSE(is_over(mine, 2));
  CHECK_FALSE(is_over(theirs, 4));
  CHECK(is_over(mine, 2));
  CHECK(is_over(mine, 3));
  CHECK_FALSE(is_over(theirs, 4));
  volume.put("epoch-000000000004", "half a claim");
  Locking locking(volume, mine);
  locking.claim(2);
  CHECK_FALSE(locking.run());
}

TEST_CASE("S2 shared_lock: a lost answer to any step is survived, and does not make a loser of the winner") {
  for (const Verb verb : {Verb::write_synced, Verb::link, Verb::sync_directory, Verb::read}) {
    MemoryDisk volume;
    Locking locking(volume, mine);
    locking.spoilt = verb;
    locking.claim(2);
    const auto result = locking.run();
    REQUIRE(result);
    CHECK(result->winner == mine);
    CHECK(result->epoch == Epoch{2});
  }
}

TEST_CASE("S2 shared_lock: what was won survives a loss of power, for it is believed only after the sync") {
  MemoryDisk volume;
  Locking first(volume, mine);
  first.claim(2);
  REQUIRE(first.run()->winner == mine);
  volume.restart(0);
  Locking second(volume, theirs);
  second.claim(2);
  CHECK(second.run()->winner == mine);
}

TEST_CASE("shared_lock: a file that nobody can read decides nothing") {
  MemoryDisk volume;
  volume.put("epoch-000000000002", "half a claim");
  Locking locking(volume, mine);
  locking.claim(2);
  CHECK_FALSE(locking.run());
  CHECK(locking.claimer.claiming());
}

TEST_CASE("shared_lock: a claim is withdrawn before the link, and pursued after it") {
  MemoryDisk volume;
  Locking locking(volume, mine);
  locking.claim(1);
  REQUIRE(locking.run());
  locking.claim(2);
  locking.claimer.withdraw(locking.effects);
  CHECK_FALSE(locking.claimer.claiming());
  locking.asked();

  locking.spoilt = Verb::link;
  locking.claim(2);
  for (int i = 0; i < 3; ++i) {  // read who founded the store, write, link
    for (const Effect& effect : locking.asked()) {
      const auto* operation = std::get_if<effect::Disk>(&effect);
      if (operation == nullptr) continue;
      HostEffects one;
      one.recorded().emplace_back(*operation);
      volume.take(one);
      DiskDone done = volume.carry_out();
      if (operation->verb == Verb::link) done.status = DiskStatus::unreachable;
      locking.claimer.on_disk_done(done, locking.moment, locking.effects);
    }
  }
  locking.claimer.withdraw(locking.effects);
  CHECK(locking.claimer.claiming());
}

// ---- manual and none ------------------------------------------------------------------------------------------------

TEST_CASE("manual: nothing is won before the operator says so") {
  Claiming claiming(config(ArbiterKind::manual));
  CHECK_FALSE(claiming.claimer.promote());
  CHECK_FALSE(claiming.claim(2));
  CHECK(claiming.claimer.waits_for_operator());
  CHECK(claiming.asked().empty() == false);  // the retry timer is put out
  const auto result = claiming.claimer.promote();
  REQUIRE(result);
  CHECK(result->winner == mine);
  claiming.claimer.withdraw(claiming.effects);
  CHECK_FALSE(claiming.claimer.waits_for_operator());
}

TEST_CASE("none: whoever asks has won") {
  Claiming claiming(config(ArbiterKind::none));
  const auto result = claiming.claim(2);
  REQUIRE(result);
  CHECK(result->winner == mine);
}

TEST_CASE("rule arbiter_before_live off: whoever asks has won, and the arbiter is not asked") {
  RuleSwitches rules;
  rules.arbiter_before_live = false;
  Claiming claiming(config(ArbiterKind::tie_breaker, rules));
  REQUIRE(claiming.claim(2));
  CHECK_FALSE(claiming.connecting());
}

}  // namespace
}  // namespace smalldb
