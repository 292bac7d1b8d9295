#include <catch2/catch.hpp>

#include <string>
#include <vector>

#include "properties/checker/engines.h"
#include "properties/checker/reason.h"
#include "properties/checker/testing/all_histories.h"
#include "properties/checker/testing/brute_force.h"
#include "properties/checker/zones.h"

namespace smalldb::checker {
namespace {

using testing::AllHistories;

// Of four operations there are millions: too many for a build that is not optimised.
#ifdef NDEBUG
constexpr std::uint32_t size_max = 4;
#else
constexpr std::uint32_t size_max = 3;
#endif

const char* const verbs[] = {
    "get", "put", "remove", "append", "swap_if_value", "swap_if_revision", "remove_if_value", "remove_if_revision"};
const char* const outcomes[] = {"ok", "mismatched", "failed", "unknown"};

std::string told(const History& history, std::span<const std::uint32_t> positions) {
  std::string text;
  const auto value = [&](ValueId id) { return id == ValueId::absent ? "-" : std::string(history.bytes(id)); };
  for (const std::uint32_t position : positions) {
    const Operation& operation = history.operations()[position];
    text += "\n[" + std::to_string(operation.invoked) + ", " +
            (operation.returned == never ? "never" : std::to_string(operation.returned)) + "] " +
            verbs[static_cast<int>(operation.verb)] + " " + outcomes[static_cast<int>(operation.outcome)] +
            " expected " + value(operation.expected) + "/" + std::to_string(operation.expected_revision) +
            " argument " + value(operation.argument) + "/" + std::to_string(operation.revision) + " result " +
            value(operation.result);
  }
  return text;
}

struct Counts {
  std::uint64_t histories = 0;
  std::uint64_t violated = 0;
};

void compare_zones(const History& history, std::span<const std::uint32_t> positions, const KeyResult& result,
                   Conclusion expected) {
  bool proof_holds = true;
  if (result.violation) {
    const Violation& violation = *result.violation;
    proof_holds = violation.operations.size() <= 4 && !violation.operations.empty() &&
                  !testing::is_linearizable_by_definition(history, violation.operations, violation.writers);
  }
  if (result.verdict.conclusion == expected && proof_holds) return;
  INFO(told(history, positions));
  if (result.violation) {
    for (const std::size_t position : result.violation->operations) UNSCOPED_INFO("of it " << position);
  }
  FAIL("zones: " << name(result.verdict.conclusion) << ", by definition " << name(expected) << ", proof "
                 << proof_holds);
}

// The reason that a search is given afterwards proves what it says, and with any one operation less it would not.
void compare_reason(const KeyTask& task, const KeyResult& result) {
  Violation violation = *result.violation;
  find_reason(task, 1'000'000, violation);
  const auto legal = [&](const std::vector<std::size_t>& operations) {
    return testing::is_linearizable_by_definition(task.history, operations, violation.writers);
  };
  bool minimal = true;
  for (std::size_t i = 0; i < violation.operations.size(); ++i) {
    const std::size_t position = violation.operations[i];
    const Operation& operation = task.history.operations()[position];
    const bool reads = operation.verb == Verb::get || operation.outcome == Outcome::mismatched;
    if (!reads || violation.anomaly == Anomaly::future_read) continue;
    std::vector<std::size_t> rest = violation.operations;
    rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(i));
    minimal = minimal && legal(rest);
  }
  if (!legal(violation.operations) && minimal) return;
  INFO(told(task.history, task.positions));
  for (const std::size_t position : violation.operations) UNSCOPED_INFO("of it " << position);
  FAIL("no proof, or not a minimal one: " << minimal);
}

void compare_all(const AllHistories& all, std::uint32_t size, Counts& counts) {
  const History& history = all.history();
  all.visit(size, 3, [&](std::span<const std::uint32_t> positions) {
    const std::vector<std::size_t> operations(positions.begin(), positions.end());
    const bool right = testing::is_linearizable_by_definition(history, operations, {});
    const KeyTask task{history, all.key(), positions, 1'000'000, true, false};
    ++counts.histories;
    counts.violated += right ? 0 : 1;
    const Conclusion expected = right ? Conclusion::holds : Conclusion::violated;
    const KeyResult by_search = judge_by_search(task);
    const KeyResult by_model = judge_by_model(task);
    if (by_search.verdict.conclusion != expected || by_model.verdict.conclusion != expected) {
      INFO(told(history, positions));
      INFO("by definition " << name(expected));
      CHECK(name(by_search.verdict.conclusion) == name(expected));
      CHECK(name(by_model.verdict.conclusion) == name(expected));
      FAIL("an engine is wrong");
    }
    const KeyTask for_zones{history, all.key(), positions, 1'000'000, false, true};
    const std::optional<KeyResult> by_zones = judge_by_zones(for_zones);
    if (by_zones) compare_zones(history, positions, *by_zones, expected);
    if (!right) compare_reason(task, by_search);
    for (const KeyResult* result : {&by_search, &by_model}) {
      if (!right) continue;
      const std::string wrong = testing::replay(history, positions, result->order);
      if (wrong.empty()) continue;
      INFO(told(history, positions));
      FAIL(name(result->verdict.engine) << ": " << wrong);
    }
  });
}

}  // namespace

TEST_CASE("All engines agree with the definition on every small history of a register") {
  const AllHistories all(testing::register_alphabet, size_max);
  Counts counts;
  for (std::uint32_t size = 1; size <= size_max; ++size) compare_all(all, size, counts);
  CAPTURE(counts.histories, counts.violated);
  CHECK(counts.violated > counts.histories / 20);
  CHECK(counts.violated < counts.histories - counts.histories / 20);
}

TEST_CASE("All engines agree with the definition on every small history with appends") {
  const AllHistories all(testing::append_alphabet, size_max);
  Counts counts;
  for (std::uint32_t size = 1; size <= size_max; ++size) compare_all(all, size, counts);
  CHECK(counts.violated > counts.histories / 20);
}

TEST_CASE("All engines agree with the definition on every small history with revisions") {
  const AllHistories all(testing::revision_alphabet, size_max);
  Counts counts;
  for (std::uint32_t size = 1; size <= size_max; ++size) compare_all(all, size, counts);
  CHECK(counts.violated > counts.histories / 20);
}

}  // namespace smalldb::checker
