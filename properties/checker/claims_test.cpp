#include "properties/checker/claims.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <numeric>
#include <span>
#include <string>
#include <vector>

#include "properties/checker/events.h"
#include "properties/checker/testing/all_histories.h"
#include "properties/checker/testing/compare.h"
#include "properties/checker/testing/dice.h"
#include "properties/checker/testing/effort.h"
#include "properties/checker/wrong_revisions.h"

namespace smalldb::checker {
namespace {

using ClaimKind = WrongClaim::Kind;

// A presence with either of two revisions, an absence, and removes that claim a revision, or none, or did nothing.
testing::AllHistories::Alphabet absence_alphabet(History& history) {
  const ValueId value = history.value("a");
  const KeyId key = history.key("x");
  testing::AllHistories::Alphabet alphabet;
  for (const std::uint64_t revision : {2, 4}) {
    alphabet.push_back({.revision = revision, .key = key, .argument = value, .verb = Verb::put});
    alphabet.push_back({.revision = revision, .key = key, .result = value, .verb = Verb::get});
  }
  alphabet.push_back({.key = key, .verb = Verb::get});
  for (const std::uint64_t revision : {0, 1, 3, 5}) {
    alphabet.push_back({.revision = revision, .key = key, .verb = Verb::remove});
  }
  alphabet.push_back({.key = key, .verb = Verb::remove, .outcome = Outcome::unknown});
  alphabet.push_back({.key = key, .expected = value, .verb = Verb::remove_if_value, .outcome = Outcome::mismatched});
  return alphabet;
}

bool finds_absence_wrong(const History& history, std::span<const std::uint32_t> positions) {
  const std::vector<WrongRevision> all = find_wrong_revisions({history, KeyId{0}, positions}, positions.size());
  return std::any_of(all.begin(), all.end(), [](const WrongRevision& wrong) {
    return wrong.what.ends_with("though no greater one was given to a delete");
  });
}

// As they happen, in the order of instants; what never returns is told of by nobody. Of an answer with which several
// things are wrong one is told.
struct Found {
  bool absence = false;
  bool any = false;
};
Found follow(const History& history, std::span<const std::uint32_t> positions) {
  Claims claims;
  std::vector<Claims::Floor> floors(history.operations().size());
  Found found;
  for (const Event& event : events_of(history.operations(), positions)) {
    const Operation& operation = history.operations()[event.position];
    if (!event.returns) {
      floors[event.position] = claims.invoke(operation);
    } else if (const auto wrong = claims.complete(floors[event.position], operation)) {
      found.any = true;
      found.absence = found.absence || wrong->kind == ClaimKind::not_gone;
    }
  }
  return found;
}

struct Compared {
  std::uint64_t wrong = 0;

  void compare(const History& history, std::span<const std::uint32_t> positions) {
    const bool is_wrong = finds_absence_wrong(history, positions);
    const Found found = follow(history, positions);
    if (is_wrong ? !found.any : found.absence) FAIL(testing::told(history, positions));
    wrong += found.absence ? 1 : 0;
  }
};

}  // namespace

TEST_CASE("Whoever finds nothing that cannot have been removed is found as it happens, and in whole histories") {
  const testing::AllHistories all(absence_alphabet, 4);
  Compared compared;
  const auto compare = [&](std::span<const std::uint32_t> positions) { compared.compare(all.history(), positions); };
  CHECK(all.visit(3, 3, compare, 0, testing::parts_of_three) > 0);
  CHECK(all.visit(4, 3, compare, 0, testing::parts_of_four) > 0);
  CHECK(compared.wrong > static_cast<std::uint64_t>(testing::long_enough(100, 2)));
}

TEST_CASE("With many removes that are open at a time it is the same") {
  testing::Dice dice(20261130);
  Compared compared;
  for (int i = 0; i < testing::random_histories; ++i) {
    History history;
    const testing::AllHistories::Alphabet alphabet = absence_alphabet(history);
    Operations operations;
    for (std::uint32_t left = 3 + dice.below(8); left > 0; --left) {
      Operation operation = alphabet[dice.below(static_cast<std::uint32_t>(alphabet.size()))];
      operation.invoked = dice.below(12);
      if (operation.outcome != Outcome::unknown) operation.returned = operation.invoked + 1 + dice.below(8);
      if (operation.revision != 0) operation.revision += 2 * dice.below(3);
      operations.push_back(operation);
    }
    const auto by_invocation = [](const Operation& one, const Operation& other) { return one.invoked < other.invoked; };
    std::stable_sort(operations.begin(), operations.end(), by_invocation);
    history.replace_operations(operations);
    std::vector<std::uint32_t> positions(operations.size());
    std::iota(positions.begin(), positions.end(), 0);
    compared.compare(history, positions);
  }
  CHECK(compared.wrong > testing::random_histories / 50);
}

TEST_CASE("Doubts take no more room than removes are open, however many find nothing") {
  Claims claims;
  const Operation get;
  const Operation remove{.verb = Verb::remove, .outcome = Outcome::unknown};
  std::vector<Claims::Floor> open;
  for (int i = 0; i < 3; ++i) open.push_back(claims.invoke(remove));
  for (std::uint64_t round = 1; round <= 1000; ++round) {
    const Operation put{.revision = 2 * round, .verb = Verb::put};
    CHECK_FALSE(claims.complete(claims.invoke(put), put));
    const Claims::Floor late = claims.invoke(remove);
    CHECK_FALSE(claims.complete(claims.invoke(get), get));
    const Operation too_small{.revision = 2 * round - 1, .verb = Verb::remove};
    CHECK(claims.complete(late, too_small)->kind == ClaimKind::went_back);
    REQUIRE(claims.size() <= 3 * open.size() + round);  // and the revisions that may still be told
  }
  for (std::size_t i = 0; i < open.size(); ++i) {
    const Operation failed{.verb = Verb::remove, .outcome = Outcome::failed};
    const auto wrong = claims.complete(open[i], failed);
    REQUIRE(wrong.has_value() == (i + 1 == open.size()));
    if (!wrong) continue;
    CHECK(wrong->kind == ClaimKind::not_gone);
    CHECK(sentence(*wrong) ==
          "revision 2000 had been told, and then there was nothing, though no greater one was given to a delete");
  }
}

}  // namespace smalldb::checker
