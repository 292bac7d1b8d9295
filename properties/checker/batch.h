// A history taken apart into its keys, which are judged by themselves.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "properties/checker/engines.h"
#include "properties/checker/history.h"

namespace smalldb::checker {

// What a key's operations say of the engines that may judge it.
struct Traits {
  bool claims = false;   // of revisions
  bool removes = false;  // and gets of an absent key: what removed it is anybody's guess
  bool absent = false;
  bool refuses = false;  // conditional operations

  void add(const Operation& operation) {
    claims |= operation.revision != 0;
    removes |= operation.verb == Verb::remove || operation.verb == Verb::remove_if_value ||
               operation.verb == Verb::remove_if_revision;
    absent |= operation.verb == Verb::get && operation.result == ValueId::absent;
    refuses |= operation.outcome == Outcome::mismatched;
  }
  // Zones can tell that it does not hold, but not that it does.
  bool zones_say_half() const { return refuses || (removes && absent); }
};

// What there is of each key.
struct Keys {
  std::vector<std::uint32_t> positions_of(KeyId key) const;

  LargeVector<std::uint32_t> of;    // by position of an operation
  std::vector<std::size_t> counts;  // of its operations, by key
  std::vector<Traits> traits;       // by key
};

Keys keys_of(const History& history);

// Some keys that are judged together. In a long history the operations of one key are far apart, and each of them would
// be waited for: so those of some keys are copied side by side, in one pass.
class Batch {
 public:
  Batch(const History& history, const Keys& keys, std::size_t begin);

  std::size_t begin() const { return begin_; }
  std::size_t end() const { return begin_ + ends_.size(); }
  KeyTask task_of(std::size_t key) const;
  // From the positions of a task to those of the history.
  void translate(std::size_t key, KeyResult& result) const;

 private:
  std::size_t begin_of(std::size_t key) const { return key == begin_ ? 0 : ends_[key - begin_ - 1]; }

  const History& history_;
  const std::size_t begin_;
  std::vector<std::size_t> ends_;         // by key, from `begin` on: of its operations
  LargeVector<std::uint32_t> positions_;  // in the history, key by key
  Operations copies_;                     // likewise, or none
  std::vector<std::uint32_t> from_zero_;  // if there are copies: the positions of any key's, 0, 1, ...
};

}  // namespace smalldb::checker
