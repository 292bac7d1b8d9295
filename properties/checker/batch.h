// A history taken apart into its keys, which are judged by themselves.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "properties/checker/engines.h"
#include "properties/checker/history.h"

namespace smalldb::checker {

// What a key's operations say of the engines that may judge it.
class Traits {
 public:
  void add(const Operation& operation) {
    const bool reads_absence = operation.verb == Verb::get && operation.result == ValueId::absent;
    seen_ |= bit(operation.verb) | (operation.revision != 0 ? claim : 0U) | (reads_absence ? absence : 0U) |
             (operation.outcome == Outcome::mismatched ? refusal : 0U) |
             (operation.expected_revision != 0 && operation.expected_revision != any_revision ? expectation : 0U);
  }
  // Of revisions.
  bool claims() const { return (seen_ & claim) != 0; }
  // Conditions on a revision.
  bool expects_revisions() const { return (seen_ & expectation) != 0; }
  bool appends() const { return (seen_ & bit(Verb::append)) != 0; }
  // Zones can tell that it does not hold, but not that it does: a conditional operation was refused, or an absent key
  // was read that was removed; what removed it is anybody's guess.
  bool zones_say_half() const {
    const std::uint32_t removes = bit(Verb::remove) | bit(Verb::remove_if_value) | bit(Verb::remove_if_revision);
    return (seen_ & refusal) != 0 || ((seen_ & absence) != 0 && (seen_ & removes) != 0);
  }

 private:
  static constexpr std::uint32_t bit(Verb verb) { return 1U << static_cast<unsigned>(verb); }
  static constexpr std::uint32_t claim = 1U << 16;
  static constexpr std::uint32_t absence = 1U << 17;
  static constexpr std::uint32_t refusal = 1U << 18;
  static constexpr std::uint32_t expectation = 1U << 19;

  std::uint32_t seen_ = 0;
};

// The history's operations by key.
class Keys {
 public:
  explicit Keys(const History& history);

  std::size_t count() const { return traits_.size(); }
  const Traits& traits(std::size_t key) const { return traits_[key]; }
  // Of its operations, by invocation.
  std::span<const std::uint32_t> positions_of(std::size_t key) const { return positions_of(key, key + 1); }
  std::span<const std::uint32_t> positions_of(std::size_t begin, std::size_t end) const {
    return std::span(positions_).subspan(begins_[begin], begins_[end] - begins_[begin]);
  }

 private:
  std::vector<Traits> traits_;            // by key
  std::vector<std::uint32_t> begins_;     // likewise, of its positions; and their end
  LargeVector<std::uint32_t> positions_;  // key by key
};

// Some keys that are judged together. In a long history the operations of one key are far apart, and each of them would
// be waited for, again and again: so those of some keys are copied side by side, not more than caches hold.
class Batch {
 public:
  // Of as many keys from `begin` on as make up a batch. Copies to `copies`, which the batches of a history share.
  Batch(const History& history, const Keys& keys, std::size_t begin, Operations& copies);

  std::size_t begin() const { return begin_; }
  std::size_t end() const { return end_; }
  KeyTask task_of(std::size_t key) const;
  // From the positions of a task to those of the history.
  void translate(std::size_t key, KeyResult& result) const;

 private:
  const History& history_;
  const Keys& keys_;
  const std::size_t begin_;
  std::size_t end_;
  std::span<const Operation> copies_;     // key by key; or none
  std::vector<std::uint32_t> from_zero_;  // if there are copies: the positions of any key's, 0, 1, ...
};

}  // namespace smalldb::checker
