#include "model/configuration.h"

#include <rapidcheck/catch.h>
#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "model/assert.h"

namespace smalldb {
namespace {

constexpr DirectoryId a{0, 1};
constexpr DirectoryId b{0, 2};
constexpr DirectoryId c{0, 3};
constexpr ProcessId node_a{0};
constexpr ProcessId node_b{1};

// The configuration after records 1, 2, ... with these bodies. An EpochStarted begins the next epoch.
Configuration after(const std::vector<RecordBody>& bodies) {
  Configuration configuration;
  Lsn lsn;
  for (const RecordBody& body : bodies) {
    lsn = lsn.next();
    const bool begins = std::holds_alternative<EpochStarted>(body);
    configuration.apply({lsn, begins ? configuration.epoch().next() : configuration.epoch(), {}, body});
  }
  return configuration;
}

TEST_CASE("S3 nobody may claim on the strength of an empty log") {
  CHECK_FALSE(Configuration{}.may_claim_next(a));
  CHECK_FALSE(Configuration{}.may_claim_next({}));
}

TEST_CASE("S3 the primary of the last epoch may claim the next, others may not") {
  const Configuration alone = after({EpochStarted{a, node_a}});
  CHECK(alone.epoch() == Epoch{1});
  CHECK(alone.may_claim_next(a));
  CHECK_FALSE(alone.may_claim_next(b));
  CHECK_FALSE(alone.may_claim_next({}));
}

TEST_CASE("S3 a backup may claim once it is declared, not while it is joining") {
  const Configuration joining = after({EpochStarted{a, node_a}, BackupJoining{b, node_b}});
  CHECK(joining.backup_standing == BackupStanding::joining);
  CHECK(joining.backup_node == node_b);
  CHECK_FALSE(joining.may_claim_next(b));

  const Configuration pair = after({EpochStarted{a, node_a}, BackupJoining{b, node_b}, BackupDeclared{b, node_b}});
  CHECK(pair.backup_standing == BackupStanding::declared);
  CHECK(pair.may_claim_next(a));
  CHECK(pair.may_claim_next(b));
  CHECK_FALSE(pair.may_claim_next(c));
}

TEST_CASE("S4 a new epoch begins alone: who was the pair before may not claim the one after it") {
  const Configuration taken_over =
      after({EpochStarted{a, node_a}, BackupJoining{b, node_b}, BackupDeclared{b, node_b}, EpochStarted{b, node_b}});
  CHECK(taken_over.epoch() == Epoch{2});
  CHECK(taken_over.epochs.back().primary == b);
  CHECK(taken_over.backup_standing == BackupStanding::none);
  CHECK(taken_over.may_claim_next(b));
  CHECK_FALSE(taken_over.may_claim_next(a));
}

TEST_CASE("S4 a backup that left before it was declared may not claim, a declared one cannot leave") {
  const Configuration left = after({EpochStarted{a, node_a}, BackupJoining{b, node_b}, BackupLeft{b}});
  CHECK(left.backup_standing == BackupStanding::none);
  CHECK(left.backup.none());
  CHECK_FALSE(left.may_claim_next(b));
  CHECK_NOTHROW(after({EpochStarted{a, node_a}, BackupJoining{b, node_b}, BackupLeft{b}, BackupJoining{c, node_b}}));

  CHECK_THROWS_AS(after({EpochStarted{a, node_a}, BackupJoining{b, node_b}, BackupDeclared{b, node_b}, BackupLeft{b}}),
                  AssertionFailed);
}

TEST_CASE("S5 only a backup that has joined can be declared") {
  CHECK_THROWS_AS(after({EpochStarted{a, node_a}, BackupDeclared{b, node_b}}), AssertionFailed);
  CHECK_THROWS_AS(after({EpochStarted{a, node_a}, BackupJoining{b, node_b}, BackupDeclared{c, node_b}}),
                  AssertionFailed);
  CHECK_THROWS_AS(after({EpochStarted{a, node_a}, BackupJoining{b, node_b}, BackupJoining{c, node_b}}),
                  AssertionFailed);
}

TEST_CASE("epochs never fall along the log") {
  Configuration configuration = after({EpochStarted{a, node_a}, EpochStarted{b, node_b}});
  CHECK_THROWS_AS(configuration.apply({{3}, {2}, {}, EpochStarted{a, node_a}}), AssertionFailed);
  CHECK_THROWS_AS(configuration.apply({{3}, {1}, {}, Checkpoint{}}), AssertionFailed);
  CHECK_NOTHROW(configuration.apply({{3}, {7}, {}, EpochStarted{a, node_a}}));  // those between were won and not used
  CHECK(configuration.epoch() == Epoch{7});
}

TEST_CASE("a configuration reads back as it was written") {
  const auto configuration = GENERATE(
      Configuration{}, after({EpochStarted{a, node_a}, BackupJoining{b, node_b}}),
      after({EpochStarted{a, node_a}, BackupJoining{b, node_b}, BackupDeclared{b, node_b}, EpochStarted{b, node_b}}));
  std::string bytes;
  Writer writer(bytes);
  encode(configuration, writer);
  Reader whole(bytes);
  CHECK(decode_configuration(whole) == configuration);
  CHECK(whole.complete());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    Reader part(std::string_view(bytes).substr(0, size));
    decode_configuration(part);
    REQUIRE(part.failed());
  }
}

// ---- Where two logs part ------------------------------------------------------------------------------------------

TEST_CASE("S6 two logs agree up to the end of the last epoch that both began") {
  const std::vector<EpochStart> one{{{1}, {1}}};
  const std::vector<EpochStart> one_two{{{1}, {1}}, {{2}, {10}}};
  const std::vector<EpochStart> one_three{{{1}, {1}}, {{3}, {8}}};
  CHECK(last_common({}, {0}, one, {5}) == Lsn{0});
  CHECK(last_common(one, {5}, {}, {0}) == Lsn{0});
  CHECK(last_common(one, {5}, one, {5}) == Lsn{5});
  CHECK(last_common(one, {5}, one, {7}) == Lsn{5});
  CHECK(last_common(one_two, {20}, one, {5}) == Lsn{5});   // a comer that was away
  CHECK(last_common(one_two, {20}, one, {12}) == Lsn{9});  // and had written what was never released
  CHECK(last_common(one_two, {20}, one_three, {30}) == Lsn{7});
  CHECK(last_common(one_three, {30}, one_two, {20}) == Lsn{7});
}

TEST_CASE("S6 two logs part where two began an epoch of one number, as no arbiter keeps them from") {
  const std::vector<EpochStart> founded{{{1}, {1}, a, {10}}};
  const auto then = [&](DirectoryId primary, WallTime stamp) {
    std::vector<EpochStart> epochs = founded;
    epochs.push_back({{2}, {6}, primary, stamp});
    return epochs;
  };
  CHECK(last_common(then(a, {20}), {9}, then(a, {20}), {8}) == Lsn{8});
  CHECK(last_common(then(a, {20}), {9}, then(b, {20}), {8}) == Lsn{5});
  CHECK(last_common(then(a, {20}), {9}, then(a, {21}), {8}) == Lsn{5});  // from an old copy of its disk
}

TEST_CASE("S11 a configuration that cannot be is told from one that can") {
  const auto sound = [](const std::vector<EpochStart>& epochs, Lsn end) { return is_sound(epochs, end); };
  CHECK(sound({}, {0}));
  CHECK_FALSE(sound({}, {3}));
  CHECK(sound({{{1}, {1}}}, {1}));
  CHECK(sound({{{1}, {1}}, {{4}, {7}}}, {9}));
  CHECK_FALSE(sound({{{1}, {1}}, {{4}, {7}}}, {6}));
  CHECK_FALSE(sound({{{1}, {1}}, {{1}, {7}}}, {9}));
  CHECK_FALSE(sound({{{2}, {1}}, {{1}, {7}}}, {9}));
  CHECK_FALSE(sound({{{1}, {7}}, {{2}, {7}}}, {9}));
  CHECK_FALSE(sound({{{0}, {1}}}, {9}));
  CHECK_FALSE(sound({{{1}, {0}}}, {9}));
  Configuration nobody_leads;
  CHECK(nobody_leads.is_sound({0}));
  nobody_leads.backup_standing = BackupStanding::joining;
  CHECK_FALSE(nobody_leads.is_sound({0}));
}

// A history of epochs at two nodes: each epoch is begun by a node on top of what it holds; now and then the other one
// cuts what it has alone and copies some of it.
struct Histories {
  struct Log {
    std::vector<std::uint64_t> epoch_of;  // of record i + 1
    std::vector<EpochStart> starts() const {
      std::vector<EpochStart> starts;
      for (std::uint64_t i = 0; i < epoch_of.size(); ++i) {
        if (i == 0 || epoch_of[i] != epoch_of[i - 1]) starts.push_back({{epoch_of[i]}, {i + 1}});
      }
      return starts;
    }
    Lsn end() const { return {epoch_of.size()}; }
  };
  Log logs[2];

  std::size_t common() const {
    const auto& [x, y] = logs;
    const auto parted = std::mismatch(x.epoch_of.begin(), x.epoch_of.end(), y.epoch_of.begin(), y.epoch_of.end());
    return static_cast<std::size_t>(parted.first - x.epoch_of.begin());
  }
};

TEST_CASE("S6 the last common position is that of the records themselves") {
  rc::prop("after any epochs begun and caught up with on either side", [] {
    Histories histories;
    std::uint64_t epoch = 0;
    for (int step = 0; step < 12; ++step) {
      const auto who = *rc::gen::inRange<std::size_t>(0, 2);
      auto& log = histories.logs[who].epoch_of;
      const auto& other = histories.logs[1 - who].epoch_of;
      if (*rc::gen::arbitrary<bool>()) {
        ++epoch;
        log.insert(log.end(), *rc::gen::inRange<std::size_t>(1, 5), epoch);
      } else {
        log.resize(histories.common());
        const auto size = *rc::gen::inRange<std::size_t>(log.size(), other.size() + 1);
        log.assign(other.begin(), other.begin() + static_cast<std::ptrdiff_t>(size));
      }
      const auto& [x, y] = histories.logs;
      RC_ASSERT(last_common(x.starts(), x.end(), y.starts(), y.end()) == Lsn{histories.common()});
      RC_ASSERT(last_common(y.starts(), y.end(), x.starts(), x.end()) == Lsn{histories.common()});
    }
  });
}

}  // namespace
}  // namespace smalldb
