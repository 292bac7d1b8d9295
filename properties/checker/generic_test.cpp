#include "properties/checker/generic.h"

#include <catch2/catch.hpp>

#include <deque>
#include <optional>
#include <utility>
#include <vector>

namespace smalldb::checker {
namespace {

struct Queue {
  using State = std::deque<int>;
  struct Operation {
    bool pushes = false;
    int value = 0;
  };
  static std::vector<State> after(const State& state, const Operation& operation) {
    State next = state;
    if (operation.pushes) {
      next.push_back(operation.value);
      return {next};
    }
    if (state.empty() || state.front() != operation.value) return {};
    next.pop_front();
    return {next};
  }
  static std::uint64_t hash(const State& state) {
    std::uint64_t value = 1;
    for (const int one : state) value = value * 31 + static_cast<std::uint64_t>(one);
    return value;
  }
};

struct Lock {
  using State = std::optional<int>;  // who holds it
  struct Operation {
    bool takes = false;
    int who = 0;
  };
  static std::vector<State> after(const State& state, const Operation& operation) {
    if (operation.takes) return state ? std::vector<State>{} : std::vector<State>{operation.who};
    return state == operation.who ? std::vector<State>{std::nullopt} : std::vector<State>{};
  }
  static std::uint64_t hash(const State& state) { return state ? static_cast<std::uint64_t>(*state) + 1 : 0; }
};

Conclusion judge_queue(std::vector<GenericOperation<Queue>> operations) {
  return GenericSearch<Queue>(std::move(operations), {}).judge(100'000).conclusion;
}
Conclusion judge_lock(std::vector<GenericOperation<Lock>> operations) {
  return GenericSearch<Lock>(std::move(operations), {}).judge(100'000).conclusion;
}

}  // namespace

TEST_CASE("A queue gives first what came first") {
  CHECK(judge_queue({{{true, 1}, 0, 1}, {{true, 2}, 2, 3}, {{false, 1}, 4, 5}}) == Conclusion::holds);
  CHECK(judge_queue({{{true, 1}, 0, 1}, {{true, 2}, 2, 3}, {{false, 2}, 4, 5}}) == Conclusion::violated);
  CHECK(judge_queue({{{true, 1}, 0, 3}, {{true, 2}, 2, 3}, {{false, 2}, 4, 5}}) == Conclusion::holds);
}

TEST_CASE("What was pushed without an answer may be in the queue, once") {
  CHECK(judge_queue({{{true, 1}, 0, never}, {{false, 1}, 4, 5}}) == Conclusion::holds);
  CHECK(judge_queue({{{true, 1}, 0, never}, {{false, 1}, 4, 5}, {{false, 1}, 6, 7}}) == Conclusion::violated);
}

TEST_CASE("A lock has one holder at a time") {
  CHECK(judge_lock({{{true, 1}, 0, 1}, {{false, 1}, 2, 5}, {{true, 2}, 3, 4}}) == Conclusion::holds);
  CHECK(judge_lock({{{true, 1}, 0, 1}, {{true, 2}, 2, 3}, {{false, 1}, 4, 5}}) == Conclusion::violated);
}

TEST_CASE("A generic search gives the order, or says where it ends") {
  GenericSearch<Queue> holds({{{true, 1}, 0, 3}, {{true, 2}, 1, 2}, {{false, 2}, 4, 5}}, {});
  CHECK(holds.judge(1000).order == std::vector<std::uint32_t>{1, 0, 2});
  GenericSearch<Queue> violated({{{true, 1}, 0, 1}, {{false, 2}, 2, 3}}, {});
  CHECK(violated.judge(1000).culprit == 1);
  GenericSearch<Queue> cut({{{true, 1}, 0, 3}, {{true, 2}, 1, 2}, {{false, 2}, 4, 5}}, {});
  CHECK(cut.judge(2).conclusion == Conclusion::unknown);
}

}  // namespace smalldb::checker
