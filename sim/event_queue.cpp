#include "sim/event_queue.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "model/assert.h"

namespace smalldb::sim {

// A leaf for `key` in a tree that has none left, or 0 if the key is far by now.
std::uint32_t EventQueue::make_room(Key key) {
  SMALLDB_ASSERT(places_.size() < (std::size_t{1} << slot_bits), places_.size());
  const std::size_t leaves = nodes_.size() / 2;
  // Spilling sorts all that is far into new buckets, so it must not be done for a handful.
  const bool large = leaves >= many_leaves && leaves >= far_count_ / 4;
  if (!large || !spill()) grow();
  if (key.time >= horizon_) return 0;
  if (!free_leaves_.empty()) {
    const std::uint32_t leaf = free_leaves_.back();
    free_leaves_.pop_back();
    return leaf;
  }
  return next_leaf_++;
}

void EventQueue::grow() {
  const auto leaves = static_cast<std::uint32_t>(nodes_.size() / 2);
  std::vector<Key> nodes(4 * static_cast<std::size_t>(leaves));
  std::copy(nodes_.begin() + leaves, nodes_.end(), nodes.begin() + 2 * leaves);
  nodes_.swap(nodes);
  next_leaf_ = 3 * leaves;
  rebuild();
}

// Everything above the leaves, and where each slot is.
void EventQueue::rebuild() {
  const std::size_t leaves = nodes_.size() / 2;
  for (std::size_t i = leaves; i < nodes_.size(); ++i) {
    if (nodes_[i].time != never) places_[slot_of(nodes_[i])] = place(Place::near, i);
  }
  for (std::size_t i = leaves - 1; i > 0; --i) nodes_[i] = lesser(nodes_[2 * i], nodes_[2 * i + 1]);
}

// A tree of these keys, no larger than need be.
void EventQueue::plant(const std::vector<Key>& keys) {
  const std::size_t leaves = std::max<std::size_t>(few_leaves, std::bit_ceil(keys.size()));
  nodes_.resize(2 * leaves);
  std::copy(keys.begin(), keys.end(), nodes_.begin() + static_cast<std::ptrdiff_t>(leaves));
  next_leaf_ = static_cast<std::uint32_t>(leaves + keys.size());
  near_count_ = keys.size();
  std::fill(nodes_.begin() + next_leaf_, nodes_.end(), Key{});
  rebuild();
}

// Makes the later half of the tree far. False if that is not possible because all of it is due at one time.
bool EventQueue::spill() {
  const std::size_t leaves = nodes_.size() / 2;
  std::vector<std::uint64_t> times;
  times.reserve(leaves);
  for (std::size_t i = leaves; i < nodes_.size(); ++i) times.push_back(nodes_[i].time);
  const auto middle = times.begin() + static_cast<std::ptrdiff_t>(leaves / 2);
  std::nth_element(times.begin(), middle, times.end());
  const std::uint64_t horizon = *middle;
  if (root().time == horizon) return false;

  std::vector<Key> moving;
  for (auto& bucket : far_) {
    for (const Key& key : bucket) {
      if (alive(key)) moving.push_back(key);
    }
    bucket.clear();
  }
  free_leaves_.clear();
  for (std::size_t i = leaves; i < nodes_.size(); ++i) {
    if (nodes_[i].time >= horizon) {
      if (nodes_[i].time != never) {
        moving.push_back(nodes_[i]);
        --near_count_;
      }
      nodes_[i] = Key{};
      free_leaves_.push_back(static_cast<std::uint32_t>(i));
    }
  }
  rebuild();
  horizon_ = horizon;
  last_ = horizon - 1;
  far_count_ = dead_count_ = 0;
  for (const Key& key : moving) put_far(slot_of(key), key);
  return true;
}

std::size_t EventQueue::bucket_of(std::uint64_t time) const {
  return static_cast<std::size_t>(std::bit_width(time ^ last_));
}

void EventQueue::put_far(Slot slot, Key key) {
  if (far_.empty()) far_.resize(65);
  far_[bucket_of(key.time)].push_back(key);
  places_[slot] = place(Place::far, key.order >> slot_bits);
  ++far_count_;
}

// One more far entry is dead. They go when their time comes, or here when they are most of what there is.
void EventQueue::bury() {
  --far_count_;
  if (++dead_count_ < far_count_ + 1024) return;
  for (auto& bucket : far_) std::erase_if(bucket, [this](const Key& key) { return !alive(key); });
  dead_count_ = 0;
}

// The tree is empty: the nearest bucket becomes the tree, after as many finer cuts as it takes to make it small.
void EventQueue::refill() {
  free_leaves_.clear();
  next_leaf_ = static_cast<std::uint32_t>(nodes_.size() / 2);
  while (near_count_ == 0 && far_count_ > 0) {
    std::size_t nearest = 0;
    while (far_[nearest].empty()) ++nearest;
    std::vector<Key> bucket = std::move(far_[nearest]);
    far_[nearest].clear();
    if (dead_count_ > 0) {
      dead_count_ -= std::erase_if(bucket, [this](const Key& key) { return !alive(key); });
      if (bucket.empty()) continue;
    }

    const auto earlier = [](const Key& a, const Key& b) { return a.time < b.time; };
    const auto [least, most] = std::minmax_element(bucket.begin(), bucket.end(), earlier);
    const std::uint64_t first = least->time;
    const std::uint64_t latest = most->time;
    if (bucket.size() <= refill_most || first == latest) {
      far_count_ -= bucket.size();
      last_ = latest;
      horizon_ = latest + 1;
      plant(bucket);
    } else {
      last_ = first;
      for (const Key& key : bucket) far_[bucket_of(key.time)].push_back(key);
    }
    if (far_[nearest].empty()) {  // its memory serves again
      bucket.clear();
      far_[nearest] = std::move(bucket);
    }
  }
  if (far_count_ == 0) {
    for (auto& bucket : far_) bucket.clear();
    dead_count_ = 0;
    horizon_ = never;
  }
}

std::size_t EventQueue::memory() const {
  std::size_t bytes = nodes_.capacity() * sizeof(Key) + places_.capacity() * sizeof(std::uint64_t) +
                      free_leaves_.capacity() * sizeof(std::uint32_t);
  for (const auto& bucket : far_) bytes += bucket.capacity() * sizeof(Key);
  return bytes;
}

}  // namespace smalldb::sim
