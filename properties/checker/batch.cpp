#include "properties/checker/batch.h"

#include <algorithm>
#include <numeric>

namespace smalldb::checker {
namespace {

constexpr std::size_t size_max = 1 << 17;
constexpr std::size_t worth_copying = 100'000;  // fewer are near each other in any case

}  // namespace

Keys::Keys(const History& history) : traits_(history.key_count()), begins_(history.key_count() + 1) {
  const Operations& operations = history.operations();
  LargeVector<std::uint32_t> keys(operations.size());
  for (std::uint32_t position = 0; position < keys.size(); ++position) {
    const Operation& operation = operations[position];
    const auto key = static_cast<std::uint32_t>(operation.key);
    ++begins_[key + 1];
    traits_[key].add(operation);
    keys[position] = key;
  }
  std::partial_sum(begins_.begin(), begins_.end(), begins_.begin());
  positions_.resize(operations.size());
  std::vector<std::uint32_t> next(begins_.begin(), begins_.end() - 1);
  for (std::uint32_t position = 0; position < keys.size(); ++position) positions_[next[keys[position]]++] = position;
}

Batch::Batch(const History& history, const Keys& keys, std::size_t begin, Operations& copies)
    : history_(history), keys_(keys), begin_(begin), end_(begin) {
  std::size_t size = 0;
  std::size_t longest = 0;
  for (; end_ < keys.count(); ++end_) {
    const std::size_t count = keys.positions_of(end_).size();
    if (end_ > begin && size + count > size_max) break;
    size += count;
    longest = std::max(longest, count);
  }
  if (history.operations().size() < worth_copying || longest == size) return;
  from_zero_.resize(longest);
  std::iota(from_zero_.begin(), from_zero_.end(), 0);
  const KeyTask all{history, {}, keys.positions_of(begin_, end_)};
  copies.clear();
  copies.reserve(size);
  for (std::size_t i = 0; i < size; ++i) {
    all.fetch(i + fetch_ahead);
    copies.push_back(all.operations[all.positions[i]]);
  }
  copies_ = copies;
}

KeyTask Batch::task_of(std::size_t key) const {
  const std::span<const std::uint32_t> positions = keys_.positions_of(key);
  KeyTask task{history_, static_cast<KeyId>(key), positions};
  if (copies_.empty()) return task;
  task.operations = copies_.subspan(keys_.positions_of(begin_, key).size(), positions.size());
  task.positions = std::span(from_zero_).first(positions.size());
  task.are_together = true;
  return task;
}

void Batch::translate(std::size_t key, KeyResult& result) const {
  if (copies_.empty()) return;
  const std::span<const std::uint32_t> positions = keys_.positions_of(key);
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
