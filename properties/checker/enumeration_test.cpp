#include <catch2/catch.hpp>

#include "properties/checker/testing/all_histories.h"
#include "properties/checker/testing/brute_force.h"
#include "properties/checker/testing/compare.h"
#include "properties/checker/testing/dice.h"
#include "properties/checker/testing/effort.h"
#include "properties/checker/testing/random_histories.h"
#include "properties/checker/testing/told.h"
#include "properties/checker/wrong_revisions.h"

namespace smalldb::checker {
namespace {

using testing::AllHistories;
using testing::parts_of_four;
using testing::parts_of_three;
using testing::random_histories;

void compare_all(const AllHistories& all, std::uint32_t one_of_four = parts_of_four) {
  std::uint64_t histories = 0;
  std::uint64_t violated = 0;
  const auto compare = [&](std::span<const std::uint32_t> positions) {
    const testing::Comparison comparison = testing::compare(all.history(), all.key(), positions);
    if (!comparison.wrong.empty()) FAIL(comparison.wrong);
    ++histories;
    violated += comparison.is_linearizable ? 0 : 1;
  };
  for (std::uint32_t size = 1; size <= 2; ++size) all.visit(size, 3, compare);
  all.visit(3, 3, compare, 0, parts_of_three);
  all.visit(4, 3, compare, 1, one_of_four);
  // Neither answer is rare, or the comparison would say little.
  CAPTURE(histories, violated);
  CHECK(violated > histories / 20);
  CHECK(violated < histories - histories / 20);
}

}  // namespace

TEST_CASE("All engines agree with the definition on every small history of a register") {
  compare_all(AllHistories(testing::register_alphabet, 4));
}

TEST_CASE("All engines agree with the definition on every small history with appends") {
  compare_all(AllHistories(testing::append_alphabet, 4));
}

TEST_CASE("All engines agree with the definition on every small history of appends and refusals that tell a value") {
  compare_all(AllHistories(testing::refusal_alphabet, 4));
}

TEST_CASE("All engines agree with the definition on every small history of appends and compare-and-set, mixed") {
  compare_all(AllHistories(testing::mixed_alphabet, 4), 8 * parts_of_four);
}

TEST_CASE("All engines agree with the definition on every small history of appends that claim revisions") {
  compare_all(AllHistories(testing::claim_alphabet, 4), 8 * parts_of_four);
}

TEST_CASE("All engines agree with the definition on every small history of conditions on what was appended") {
  compare_all(AllHistories(testing::condition_alphabet, 4), 8 * parts_of_four);
}

TEST_CASE("All engines agree with the definition on every small history with revisions") {
  compare_all(AllHistories(testing::revision_alphabet, 4));
}

TEST_CASE("All engines agree with the definition on every small history with revisions that are far apart") {
  compare_all(AllHistories(
      [](History& history) {
        AllHistories::Alphabet alphabet = testing::revision_alphabet(history);
        for (Operation& operation : alphabet) {
          operation.revision *= 1000;
          if (operation.expected_revision != any_revision) operation.expected_revision *= 1000;
        }
        return alphabet;
      },
      4));
}

TEST_CASE("A revision that is called wrong is one, and where all are told none is missed") {
  const bool starts_with_value = GENERATE(false, true);
  const auto alphabet = [&](History& history) {
    AllHistories::Alphabet kinds = testing::promise_alphabet(history);
    if (starts_with_value) history.start_all_keys_with(kinds[1].result);
    return kinds;
  };
  const AllHistories all(alphabet, 4);
  History part;  // of the same values
  alphabet(part);
  std::uint64_t wrong = 0;
  std::uint64_t right = 0;
  const auto judge = [&](std::span<const std::uint32_t> positions) {
    Operations operations;
    bool are_all_told = true;
    for (const std::uint32_t position : positions) {
      const Operation& operation = operations.emplace_back(all.history().operations()[position]);
      if (operation.outcome == Outcome::unknown || operation.revision == 0) are_all_told = false;
    }
    part.replace_operations(operations);
    const bool is_wrong = !find_wrong_revisions({all.history(), all.key(), positions}, 1).empty();
    const bool is_right = testing::is_linearizable_as_claimed(part);
    CAPTURE(starts_with_value);
    if (is_wrong && is_right) FAIL("is called wrong" << testing::told(all.history(), positions));
    const bool must_be_found = are_all_told && testing::is_linearizable_by_definition(part);
    if (must_be_found && !is_wrong && !is_right) FAIL("is missed" << testing::told(all.history(), positions));
    wrong += is_wrong ? 1 : 0;
    right += is_right ? 1 : 0;
  };
  for (std::uint32_t size = 1; size <= 2; ++size) all.visit(size, 3, judge);
  all.visit(3, 3, judge, 0, parts_of_three);
  all.visit(4, 3, judge, 0, parts_of_four);
  CAPTURE(wrong, right);
  CHECK(wrong > right / 2);
  CHECK(right > 100);
}

TEST_CASE("Where not all revisions are told, one that is called wrong is one") {
  testing::RandomHistories random(2011);
  testing::Dice dice(2011);
  std::uint64_t wrong = 0;
  for (int i = 0; i < random_histories; ++i) {
    History history = random.next_promised();
    Operations claimed = history.operations();
    Operations promised = history.operations();
    for (std::size_t n = 0; n < claimed.size(); ++n) {
      if (claimed[n].revision != 0 && dice.below(3) != 0) continue;
      claimed[n].revision = 0;
      promised[n].revision = any_revision;
    }
    history.replace_operations(claimed);
    const std::vector<std::uint32_t> positions = testing::all_positions(history);
    const Verdict verdict = check(history);
    if (verdict.conclusion == Conclusion::holds && verdict.wrong_revisions.empty()) continue;
    wrong += verdict.conclusion == Conclusion::holds ? 1 : 0;
    const std::string told = testing::told(history, positions);
    history.replace_operations(promised);
    if (testing::is_linearizable_as_promised(history)) FAIL("number " << i << " is called wrong" << told);
  }
  CHECK(wrong > random_histories / 20);
}

TEST_CASE("All engines agree with the definition on random histories of up to eight operations") {
  testing::RandomHistories random(2010);
  for (int i = 0; i < random_histories; ++i) {
    const History history = random.next();
    const testing::Comparison comparison = testing::compare(history, KeyId{0}, testing::all_positions(history));
    INFO("number " << i << " of seed 2010 (checker_proof random)");
    if (!comparison.wrong.empty()) FAIL(comparison.wrong);
  }
  CHECK(random.next().operations().size() <= 8);
}

}  // namespace smalldb::checker
