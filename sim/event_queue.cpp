#include "sim/event_queue.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "model/assert.h"

namespace smalldb::sim {

// A leaf that was never used, or, after all others, one of those that making room has freed. If the key is far by then
// it needs none.
void EventQueue::put_in_new_leaf(Slot slot, Key key) {
  if (next_leaf_ == nodes_.size()) {
    make_room();
    if (key.time >= horizon_) return put_far(slot, key);
    if (!free_leaves_.empty()) return put_near(slot, key);
  }
  put_in_leaf(next_leaf_++, slot, key);
}

// For a tree that has no leaf left.
void EventQueue::make_room() {
  SMALLDB_ASSERT(places_.size() < (std::size_t{1} << slot_bits), places_.size());
  const std::size_t leaves = nodes_.size() / 2;
  // Spilling sorts all that is far into new buckets, so it must not be done for a handful.
  const bool large = leaves >= many_leaves && leaves >= far_count_ / 4;
  if (!large || !spill()) grow();
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
  for (std::size_t i = leaves - 1; i > 0; --i) {
    nodes_[i] = nodes_[2 * i];
    keep_lesser(nodes_[i], nodes_[2 * i + 1]);
  }
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
  const auto place = static_cast<unsigned>(std::bit_width((time ^ last_) | 1) - 1) / digit_bits;
  return place * digits + (time >> place * digit_bits) % digits;
}

void EventQueue::put_far(Slot slot, Key key) {
  static_assert(63 % digit_bits == 0);
  SMALLDB_ASSERT(key.time >> 63 == 0 && slot >> slot_bits == 0, key.time, slot);
  if (far_.empty()) far_.resize(buckets);
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

    // All times in it begin with the same digits, and the last of them is in this place.
    const std::size_t place = nearest / digits;
    const std::uint64_t length = std::uint64_t{1} << place * digit_bits;
    const std::uint64_t above = length * digits;
    const std::uint64_t begin = last_ / above * above + nearest % digits * length;
    if (bucket.size() <= refill_most || place == 0) {
      far_count_ -= bucket.size();
      horizon_ = begin + length;
      last_ = horizon_ - 1;
      plant(bucket);
    } else {
      last_ = begin;
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
