#include "properties/checker/batch.h"

#include <algorithm>
#include <numeric>

namespace smalldb::checker {
namespace {

constexpr std::size_t size_max = 2'000'000;
constexpr std::size_t worth_copying = 100'000;  // fewer are near each other in any case

}  // namespace

Keys keys_of(const History& history) {
  Keys keys;
  keys.of.reserve(history.operations().size());
  keys.counts.resize(history.key_count());
  keys.traits.resize(history.key_count());
  for (const Operation& operation : history.operations()) {
    const auto key = static_cast<std::uint32_t>(operation.key);
    ++keys.counts[key];
    keys.traits[key].add(operation);
    keys.of.push_back(key);
  }
  return keys;
}

std::vector<std::uint32_t> Keys::positions_of(KeyId key) const {
  std::vector<std::uint32_t> positions;
  for (std::uint32_t position = 0; position < of.size(); ++position) {
    if (of[position] == static_cast<std::uint32_t>(key)) positions.push_back(position);
  }
  return positions;
}

Batch::Batch(const History& history, const Keys& keys, std::size_t begin) : history_(history), begin_(begin) {
  std::size_t size = 0;
  std::size_t longest = 0;
  for (std::size_t key = begin; key < keys.counts.size(); ++key) {
    if (key > begin && size + keys.counts[key] > size_max) break;
    size += keys.counts[key];
    longest = std::max(longest, keys.counts[key]);
    ends_.push_back(size);
  }
  positions_.resize(size);
  const bool copies = size >= worth_copying && longest < size;
  if (copies) {
    copies_.resize(size);
    from_zero_.resize(longest);
    std::iota(from_zero_.begin(), from_zero_.end(), 0);
  }
  std::vector<std::size_t> next(ends_.size());
  for (std::size_t key = begin; key < end(); ++key) next[key - begin] = begin_of(key);
  for (std::uint32_t position = 0; position < keys.of.size(); ++position) {
    const std::size_t which = keys.of[position] - begin;  // beyond all if it comes before
    if (which >= next.size()) continue;
    const std::size_t place = next[which]++;
    positions_[place] = position;
    if (copies) copies_[place] = history.operations()[position];
  }
}

KeyTask Batch::task_of(std::size_t key) const {
  const std::size_t begin = begin_of(key);
  const std::size_t count = ends_[key - begin_] - begin;
  KeyTask task{history_, static_cast<KeyId>(key), {positions_.data() + begin, count}};
  if (copies_.empty()) return task;
  task.operations = {copies_.data() + begin, count};
  task.positions = std::span(from_zero_).first(count);
  return task;
}

void Batch::translate(std::size_t key, KeyResult& result) const {
  if (copies_.empty()) return;
  const std::uint32_t* const positions = positions_.data() + begin_of(key);
  for (std::size_t& position : result.order) position = positions[position];
  for (WrongRevision& wrong : result.wrong_revisions) {
    wrong.operation = positions[wrong.operation];
    wrong.other = positions[wrong.other];
  }
  if (!result.violation) return;
  result.violation->culprit = positions[result.violation->culprit];
  for (auto* const some : {&result.violation->operations, &result.violation->writers}) {
    for (std::size_t& position : *some) position = positions[position];
  }
}

}  // namespace smalldb::checker
