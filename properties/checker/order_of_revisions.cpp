// The order that revisions claim across keys, where the store numbers all its writes together.
//
// Such a store has executed its writes in the order of their revisions, and whoever was told a revision was told it
// when that write was the last of its key: at a place from its own revision on and before that of the key's next write.
// An operation that returned before another was called has its place before it. Each has the least place that these
// two allow; if that is behind the last that it may have, there is no such order, and else these places are one.
#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "properties/checker/check.h"
#include "properties/checker/steps.h"

namespace smalldb::checker {
namespace {

constexpr std::size_t no_operation = static_cast<std::size_t>(-1);

// A place that is reached, and the operation that was told so.
struct Reached {
  std::uint64_t revision = 0;
  std::size_t by = no_operation;
};

class OrderOfRevisions {
 public:
  OrderOfRevisions(const History& history, std::size_t most) : operations_(history.operations()), most_(most) {}

  std::vector<WrongRevision> judge() {
    number_writes();
    std::vector<std::size_t> returns;
    for (std::size_t i = 0; i < operations_.size(); ++i) {
      if (operations_[i].outcome != Outcome::unknown) returns.push_back(i);
    }
    std::stable_sort(returns.begin(), returns.end(), [&](std::size_t one, std::size_t other) {
      return operations_[one].returned < operations_[other].returned;
    });
    std::vector<Reached> before(operations_.size());
    auto next = returns.begin();
    for (std::size_t i = 0; i < operations_.size(); ++i) {
      for (; next != returns.end() && operations_[*next].returned < operations_[i].invoked; ++next) {
        take_return(*next, before[*next]);
      }
      before[i] = reached_;
    }
    for (; next != returns.end(); ++next) take_return(*next, before[*next]);
    return std::move(found_);
  }

 private:
  static bool tells(const Operation& operation) {
    return operation.revision != 0 && operation.revision != any_revision && takes_part(operation);
  }

  // All writes whose revisions are known, by key and revision; of all keys, no two have one.
  void number_writes() {
    std::vector<std::pair<std::uint64_t, std::size_t>> numbers;
    for (std::size_t i = 0; i < operations_.size(); ++i) {
      const Operation& operation = operations_[i];
      if (!is_write(operation) || !tells(operation)) continue;
      writes_.emplace_back(operation.key, operation.revision);
      numbers.emplace_back(operation.revision, i);
    }
    std::sort(writes_.begin(), writes_.end());
    std::sort(numbers.begin(), numbers.end());
    for (std::size_t i = 1; i < numbers.size(); ++i) {
      if (numbers[i].first != numbers[i - 1].first) continue;
      add(numbers[i].second, numbers[i - 1].second,
          "revision " + std::to_string(numbers[i].first) + " was given to two writes");
    }
  }

  // `before`: what had been reached when it was called.
  void take_return(std::size_t position, Reached before) {
    const Operation& operation = operations_[position];
    if (tells(operation)) {
      const std::uint64_t revision = operation.revision;
      if (is_write(operation)) {
        const bool is_late = before.revision > revision ||
                             (before.revision == revision && !is_write(operations_[before.by]));  // else see above
        if (is_late) add(position, before, "revision " + std::to_string(revision) + " was told");
      } else if (const auto replaced = next_write(operation.key, revision); replaced <= before.revision) {
        add(position, before,
            "revision " + std::to_string(revision) + ", which " + std::to_string(replaced) + " replaced, was told");
      }
      if (before.revision < revision) before = {revision, position};
    }
    if (reached_.revision < before.revision) reached_ = before;
  }

  // The revision of the key's first write behind that one; beyond all if there is none.
  std::uint64_t next_write(KeyId key, std::uint64_t revision) const {
    const auto next = std::upper_bound(writes_.begin(), writes_.end(), std::pair(key, revision));
    return next != writes_.end() && next->first == key ? next->second : any_revision;
  }

  void add(std::size_t position, const Reached& before, const std::string& what) {
    add(position, before.by, what + " after " + std::to_string(before.revision) + " had been");
  }
  // What is wrong of one key is found with that key.
  void add(std::size_t position, std::size_t other, std::string what) {
    if (operations_[position].key == operations_[other].key || found_.size() >= most_) return;
    found_.push_back({position, other, std::move(what)});
  }

  const Operations& operations_;
  const std::size_t most_;
  std::vector<std::pair<KeyId, std::uint64_t>> writes_;
  Reached reached_;  // by what has returned
  std::vector<WrongRevision> found_;
};

}  // namespace

std::vector<WrongRevision> check_order_of_revisions(const History& history, std::size_t most) {
  return OrderOfRevisions(history, most).judge();
}

}  // namespace smalldb::checker
