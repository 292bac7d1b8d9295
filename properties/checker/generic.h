// Just-in-time linearization (Lowe 2017) of any sequential model, given as a type: a queue, a lock, a bank.
//
//     struct Queue {
//       using State = std::deque<int>;
//       using Operation = ...;
//       // The states after `operation` took effect in `state`, answered as it was: none if it would have been answered
//       // otherwise, more than one if the model leaves a choice.
//       static std::vector<State> after(const State& state, const Operation& operation);
//       static std::uint64_t hash(const State& state);  // of equal states equal; may collide
//     };
//
// States compare with ==. Exponential in what is open at a time, linear in the length of the history. It knows nothing
// of the model, so it prunes nothing but what it has seen; models of which more is known deserve more (frontier.h).
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <unordered_map>
#include <utility>
#include <vector>

#include "properties/checker/check.h"

namespace smalldb::checker {

template <class Model>
struct GenericOperation {
  typename Model::Operation operation;
  Instant invoked = 0;
  Instant returned = never;  // `never`: of unknown outcome, it may take effect at any time from then on, or never
};

struct GenericResult {
  Conclusion conclusion = Conclusion::unknown;
  std::uint64_t steps = 0;           // configurations tried
  std::uint32_t culprit = 0;         // violated: by position; unknown: the first whose return was not reached
  std::vector<std::uint32_t> order;  // holds: positions, in an order that explains all answers
};

template <class Model>
class GenericSearch {
 public:
  using Operation = GenericOperation<Model>;
  using State = typename Model::State;

  // `operations`: by invocation, any number. Kept.
  GenericSearch(std::vector<Operation> operations, State initial)
      : operations_(std::move(operations)), initial_(std::move(initial)) {}

  GenericResult judge(std::uint64_t steps_max) {
    std::vector<std::uint32_t> returns;
    for (std::uint32_t i = 0; i < operations_.size(); ++i) {
      if (operations_[i].returned != never) returns.push_back(i);
    }
    const auto by_return = [&](std::uint32_t one, std::uint32_t other) {
      return std::pair(operations_[one].returned, one) < std::pair(operations_[other].returned, other);
    };
    std::sort(returns.begin(), returns.end(), by_return);
    ways_.push_back({initial_, {}, none, none});
    std::vector<std::uint32_t> configurations{0};
    std::vector<std::uint32_t> open;
    std::uint32_t next = 0;
    for (const std::uint32_t returning : returns) {
      while (next < operations_.size() && operations_[next].invoked <= operations_[returning].returned) {
        open.push_back(next++);
      }
      configurations = pass(configurations, open, returning, steps_max);
      if (steps_ >= steps_max) return {Conclusion::unknown, steps_, returning, {}};
      if (configurations.empty()) return {Conclusion::violated, steps_, returning, {}};
      open.erase(std::find(open.begin(), open.end(), returning));
    }
    GenericResult result{Conclusion::holds, steps_, 0, {}};
    for (std::uint32_t way = configurations.front(); ways_[way].before != none; way = ways_[way].before) {
      if (ways_[way].taken != none) result.order.push_back(ways_[way].taken);
    }
    std::reverse(result.order.begin(), result.order.end());
    return result;
  }

 private:
  static constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();

  // A configuration, and how it came about.
  struct Way {
    State state;
    std::vector<std::uint32_t> done;  // of those open; sorted
    std::uint32_t before = none;
    std::uint32_t taken = none;
  };

  // The configurations, by number, in which `returning` has taken effect. It is taken out of `done`.
  std::vector<std::uint32_t> pass(const std::vector<std::uint32_t>& from, const std::vector<std::uint32_t>& open,
                                  std::uint32_t returning, std::uint64_t steps_max) {
    std::vector<std::uint32_t> passed;
    std::vector<std::uint32_t> tried;
    Seen seen_passed;
    Seen seen_tried;
    for (const std::uint32_t way : from) tried.push_back(way);
    for (std::size_t i = 0; i < tried.size(); ++i) {
      if (++steps_ >= steps_max) return {};
      const auto done = ways_[tried[i]].done;  // a copy: ways_ grows
      if (std::binary_search(done.begin(), done.end(), returning)) {
        Way kept{ways_[tried[i]].state, done, tried[i], none};
        kept.done.erase(std::find(kept.done.begin(), kept.done.end(), returning));
        add(std::move(kept), passed, seen_passed);
        continue;
      }
      for (const std::uint32_t operation : open) {
        if (std::binary_search(done.begin(), done.end(), operation)) continue;
        const State before = ways_[tried[i]].state;
        for (State& state : Model::after(before, operations_[operation].operation)) {
          Way way{std::move(state), done, tried[i], operation};
          way.done.insert(std::lower_bound(way.done.begin(), way.done.end(), operation), operation);
          add(std::move(way), tried, seen_tried);
        }
      }
    }
    return passed;
  }

  using Seen = std::unordered_map<std::uint64_t, std::vector<std::uint32_t>>;  // asked for one at a time

  void add(Way way, std::vector<std::uint32_t>& to, Seen& seen) {
    std::uint64_t hash = Model::hash(way.state);
    for (const std::uint32_t operation : way.done) hash = (hash ^ operation) * 0x100000001b3;
    std::vector<std::uint32_t>& alike = seen[hash];
    for (const std::uint32_t known : alike) {
      if (ways_[known].state == way.state && ways_[known].done == way.done) return;
    }
    alike.push_back(static_cast<std::uint32_t>(ways_.size()));
    to.push_back(static_cast<std::uint32_t>(ways_.size()));
    ways_.push_back(std::move(way));
  }

  std::vector<Operation> operations_;
  State initial_;
  std::vector<Way> ways_;
  std::uint64_t steps_ = 0;
};

}  // namespace smalldb::checker
