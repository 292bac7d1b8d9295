// An ordered map that is copied in O(1).
//
// A B+ tree whose nodes are shared between copies and counted. A change makes a path from the root to one leaf its own
// (copies the nodes on it that somebody else holds too) and changes that path in place; a map that nobody has copied is
// changed without any copying. So a copy costs one counter, never changes, and keeps alive only what has changed since.
// docs/decisions/0010-persistent-map.md has the alternatives and what they cost.
//
// Iteration is in the order of the keys and can go on from any key (`after`), whether it is still there or not. What
// the tree looks like inside depends on its history; nothing that can be observed does.
//
// The counts are not atomic: a map and all its copies belong to one thread.
//
// Key and Value: copyable, movable without throwing, with a default. Key: ordered by <=>.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <type_traits>
#include <utility>

#include "model/assert.h"

namespace smalldb {

template <class Key, class Value>
class PersistentMap {
  struct Node;

 public:
  struct Item {
    Key key;
    Value value;
  };

  class Iterator;

  PersistentMap() noexcept = default;
  PersistentMap(const PersistentMap& other) noexcept : root_(share(other.root_)), size_(other.size_) {}
  PersistentMap(PersistentMap&& other) noexcept
      : root_(std::exchange(other.root_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  PersistentMap& operator=(PersistentMap other) noexcept {
    std::swap(root_, other.root_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~PersistentMap() { release(root_); }

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  // The value of a key, or nullptr. Good until the next change of this map.
  const Value* find(const Key& key) const;
  // The same, to be changed in place. Good until the next change or copy of this map.
  Value* find_to_change(const Key& key);

  // Inserts the key, or replaces its value.
  void set(const Key& key, Value value);
  // Whether there was such a key.
  bool erase(const Key& key);

  // In the order of the keys. Iterators are good until the next change of this map.
  Iterator begin() const;
  Iterator end() const { return {}; }
  // From the first key that is greater than `key`.
  Iterator after(const Key& key) const;

 private:
  // Chosen by measurement: larger leaves hold more keys per byte but cost more to copy, and to insert into.
  static constexpr std::size_t leaf_capacity = 16;
  static constexpr std::size_t inner_capacity = 16;
  // A root is split only when it is full, so this is beyond what any machine can hold.
  static constexpr std::size_t height_max = 16;

  struct Node {
    std::uint32_t references = 1;
    std::uint16_t size = 0;    // leaf: of items; inner: of children
    std::uint16_t height = 0;  // 0: a Leaf, else an Inner
  };
  // The first `size` items are alive; the rest is room.
  struct Leaf : Node {
    Leaf() {}
    ~Leaf() { std::destroy_n(items, this->size); }
    union {
      Item items[leaf_capacity];
    };
  };
  // All keys below children[i] are >= lower[i - 1] and < lower[i]. The first `size - 1` keys are alive.
  struct Inner : Node {
    Inner() {}
    ~Inner() {
      if (this->size != 0) std::destroy_n(lower, this->size - 1);
      for (std::size_t i = 0; i < this->size; ++i) release(children[i]);
    }
    Node* children[inner_capacity];
    union {
      Key lower[inner_capacity - 1];
    };
  };
  // What an insertion hands to the parent: the new node to the right, which holds the keys from `lower` on.
  struct Split {
    Node* right = nullptr;
    Key lower;
  };

  static Leaf& leaf(Node* node) { return *static_cast<Leaf*>(node); }
  static const Leaf& leaf(const Node* node) { return *static_cast<const Leaf*>(node); }
  static Inner& inner(Node* node) { return *static_cast<Inner*>(node); }
  static const Inner& inner(const Node* node) { return *static_cast<const Inner*>(node); }

  static Node* share(Node* node) noexcept;
  static void release(Node* node) noexcept;
  // Makes the node behind `place` belong to it alone.
  static void own(Node*& place);

  static std::size_t child_of(const Inner& node, const Key& key);
  static std::size_t first_not_below(const Leaf& node, const Key& key);

  bool set_below(Node*& place, const Key& key, Value& value, Split& split);
  static void insert_item(Leaf& node, std::size_t at, const Key& key, Value& value);
  static void insert_child(Inner& node, std::size_t at, Split& child);
  static Leaf* split_leaf(Leaf& left, std::size_t at);
  static Inner* split_inner(Inner& left, std::size_t at, Key& lower);
  static void erase_below(Node*& place, const Key& key);
  static void mend(Inner& node, std::size_t child);
  static void merge(Inner& node, std::size_t left);
  static void drop_child(Inner& node, std::size_t at);

  // Arrays whose elements may be moved about but not assigned: opens and closes gaps.
  template <class T>
  static void open_gap(T* array, std::size_t size, std::size_t at);
  template <class T>
  static void close_gap(T* array, std::size_t size, std::size_t at);
  template <class T>
  static void move_out(T* from, std::size_t count, T* to);

  Node* root_ = nullptr;
  std::size_t size_ = 0;
};

// Goes through the items in the order of their keys. Equal only to an iterator at the same item, or both at the end.
template <class Key, class Value>
class PersistentMap<Key, Value>::Iterator {
 public:
  Iterator() = default;

  const Item& operator*() const { return leaf_->items[at_]; }
  const Item* operator->() const { return &leaf_->items[at_]; }
  Iterator& operator++() {
    if (++at_ == leaf_->size) climb();
    return *this;
  }
  friend bool operator==(const Iterator& a, const Iterator& b) { return a.leaf_ == b.leaf_ && a.at_ == b.at_; }

 private:
  friend class PersistentMap;

  void descend(const Node* node) {
    for (; node->height != 0; node = inner(node).children[0]) path_[node->height] = {&inner(node), 0};
    leaf_ = &leaf(node);
    at_ = 0;
  }
  // To the next leaf, or the end.
  void climb() {
    for (std::size_t height = 1; height <= root_height_; ++height) {
      Step& step = path_[height];
      if (++step.child < step.node->size) return descend(step.node->children[step.child]);
    }
    *this = {};
  }

  struct Step {
    const Inner* node;
    std::size_t child;
  };
  const Leaf* leaf_ = nullptr;
  std::size_t at_ = 0;
  std::size_t root_height_ = 0;
  std::array<Step, height_max> path_;  // from height 1 to root_height_
};

template <class Key, class Value>
typename PersistentMap<Key, Value>::Iterator PersistentMap<Key, Value>::begin() const {
  Iterator iterator;
  if (root_ == nullptr) return iterator;
  iterator.root_height_ = root_->height;
  iterator.descend(root_);
  return iterator;
}

template <class Key, class Value>
typename PersistentMap<Key, Value>::Iterator PersistentMap<Key, Value>::after(const Key& key) const {
  Iterator iterator;
  if (root_ == nullptr) return iterator;
  iterator.root_height_ = root_->height;
  const Node* node = root_;
  while (node->height != 0) {
    const std::size_t child = child_of(inner(node), key);
    iterator.path_[node->height] = {&inner(node), child};
    node = inner(node).children[child];
  }
  iterator.leaf_ = &leaf(node);
  iterator.at_ = first_not_below(leaf(node), key);
  if (iterator.at_ < node->size && leaf(node).items[iterator.at_].key == key) ++iterator.at_;
  if (iterator.at_ == node->size) iterator.climb();
  return iterator;
}

// ---- Looking ----------------------------------------------------------------------------------------------------

template <class Key, class Value>
const Value* PersistentMap<Key, Value>::find(const Key& key) const {
  if (root_ == nullptr) return nullptr;
  const Node* node = root_;
  while (node->height != 0) node = inner(node).children[child_of(inner(node), key)];
  const std::size_t at = first_not_below(leaf(node), key);
  return at < node->size && leaf(node).items[at].key == key ? &leaf(node).items[at].value : nullptr;
}

template <class Key, class Value>
Value* PersistentMap<Key, Value>::find_to_change(const Key& key) {
  if (find(key) == nullptr) return nullptr;  // a look must not copy a path
  Node** place = &root_;
  for (own(*place); (*place)->height != 0; own(*place)) {
    place = &inner(*place).children[child_of(inner(*place), key)];
  }
  Leaf& node = leaf(*place);
  return &node.items[first_not_below(node, key)].value;
}

template <class Key, class Value>
std::size_t PersistentMap<Key, Value>::child_of(const Inner& node, const Key& key) {
  const Key* const end = node.lower + (node.size - 1);
  return static_cast<std::size_t>(std::upper_bound(node.lower, end, key) - node.lower);
}

template <class Key, class Value>
std::size_t PersistentMap<Key, Value>::first_not_below(const Leaf& node, const Key& key) {
  const auto below = [](const Item& item, const Key& bound) { return item.key < bound; };
  return static_cast<std::size_t>(std::lower_bound(node.items, node.items + node.size, key, below) - node.items);
}

// ---- Inserting --------------------------------------------------------------------------------------------------

template <class Key, class Value>
void PersistentMap<Key, Value>::set(const Key& key, Value value) {
  if (root_ == nullptr) root_ = new Leaf;
  Split split;
  if (set_below(root_, key, value, split)) ++size_;
  if (split.right == nullptr) return;
  auto* const root = new Inner;
  root->height = static_cast<std::uint16_t>(root_->height + 1);
  SMALLDB_ASSERT(root->height < height_max, root->height);
  root->children[0] = root_;
  root->size = 1;
  insert_child(*root, 1, split);
  root_ = root;
}

// Whether the key is new.
template <class Key, class Value>
bool PersistentMap<Key, Value>::set_below(Node*& place, const Key& key, Value& value, Split& split) {
  own(place);
  if (place->height == 0) {
    Leaf* node = &leaf(place);
    std::size_t at = first_not_below(*node, key);
    if (at < node->size && node->items[at].key == key) {
      node->items[at].value = std::move(value);
      return false;
    }
    if (node->size == leaf_capacity) {
      // Keys that come in their order, as from a snapshot, leave full leaves behind.
      Leaf* const right = split_leaf(*node, at == leaf_capacity ? leaf_capacity : leaf_capacity / 2);
      split.right = right;
      if (at > node->size || at == leaf_capacity) {
        at -= node->size;
        node = right;
      }
    }
    insert_item(*node, at, key, value);
    if (split.right != nullptr) split.lower = leaf(split.right).items[0].key;
    return true;
  }

  Inner* node = &inner(place);
  std::size_t child = child_of(*node, key);
  Split below;
  const bool is_new = set_below(node->children[child], key, value, below);
  if (below.right == nullptr) return is_new;
  std::size_t at = child + 1;
  if (node->size == inner_capacity) {
    Inner* const right =
        split_inner(*node, at == inner_capacity ? inner_capacity - 1 : inner_capacity / 2, split.lower);
    split.right = right;
    if (at > node->size) {
      at -= node->size;
      node = right;
    }
  }
  insert_child(*node, at, below);
  return is_new;
}

template <class Key, class Value>
void PersistentMap<Key, Value>::insert_item(Leaf& node, std::size_t at, const Key& key, Value& value) {
  open_gap(node.items, node.size, at);
  ::new (&node.items[at]) Item{key, std::move(value)};
  ++node.size;
}

// REQUIRES: at > 0.
template <class Key, class Value>
void PersistentMap<Key, Value>::insert_child(Inner& node, std::size_t at, Split& child) {
  open_gap(node.lower, node.size - 1u, at - 1);
  ::new (&node.lower[at - 1]) Key(std::move(child.lower));
  open_gap(node.children, node.size, at);
  node.children[at] = child.right;
  ++node.size;
}

// A new leaf with the items from `at` on.
template <class Key, class Value>
typename PersistentMap<Key, Value>::Leaf* PersistentMap<Key, Value>::split_leaf(Leaf& left, std::size_t at) {
  auto* const right = new Leaf;
  right->size = static_cast<std::uint16_t>(left.size - at);
  move_out(left.items + at, right->size, right->items);
  left.size = static_cast<std::uint16_t>(at);
  return right;
}

// A new node with the children from `at` on, whose keys are not below `lower`. REQUIRES: 0 < at < left.size.
template <class Key, class Value>
typename PersistentMap<Key, Value>::Inner* PersistentMap<Key, Value>::split_inner(Inner& left, std::size_t at,
                                                                                  Key& lower) {
  auto* const right = new Inner;
  right->height = left.height;
  right->size = static_cast<std::uint16_t>(left.size - at);
  move_out(left.children + at, right->size, right->children);
  move_out(left.lower + at, right->size - 1u, right->lower);
  lower = std::move(left.lower[at - 1]);
  std::destroy_at(&left.lower[at - 1]);
  left.size = static_cast<std::uint16_t>(at);
  return right;
}

// ---- Erasing ----------------------------------------------------------------------------------------------------

template <class Key, class Value>
bool PersistentMap<Key, Value>::erase(const Key& key) {
  if (find(key) == nullptr) return false;
  erase_below(root_, key);
  --size_;
  while (root_ != nullptr && root_->height != 0 && root_->size == 1) {
    Node* const child = share(inner(root_).children[0]);
    release(root_);
    root_ = child;
  }
  if (size_ == 0) {
    release(root_);
    root_ = nullptr;
  }
  return true;
}

// REQUIRES: the key is there.
template <class Key, class Value>
void PersistentMap<Key, Value>::erase_below(Node*& place, const Key& key) {
  own(place);
  if (place->height == 0) {
    Leaf& node = leaf(place);
    const std::size_t at = first_not_below(node, key);
    std::destroy_at(&node.items[at]);
    close_gap(node.items, node.size, at);
    --node.size;
    return;
  }
  Inner& node = inner(place);
  const std::size_t child = child_of(node, key);
  erase_below(node.children[child], key);
  mend(node, child);
}

// Keeps the tree dense after an erasure below a child: a child that has become small is merged with a neighbour as soon
// as both fit into one node, so that of any two neighbours one is at least a quarter full.
template <class Key, class Value>
void PersistentMap<Key, Value>::mend(Inner& node, std::size_t child) {
  const std::size_t capacity = node.height == 1 ? leaf_capacity : inner_capacity;
  const std::size_t size = node.children[child]->size;
  if (size >= capacity / 4) return;
  if (size == 0) return drop_child(node, child);
  if (child > 0 && node.children[child - 1]->size + size <= capacity) return merge(node, child - 1);
  if (child + 1u < node.size && node.children[child + 1]->size + size <= capacity) return merge(node, child);
}

// Children `left` and `left + 1` become one.
template <class Key, class Value>
void PersistentMap<Key, Value>::merge(Inner& node, std::size_t left) {
  own(node.children[left]);
  own(node.children[left + 1]);
  Node* const to = node.children[left];
  Node* const from = node.children[left + 1];
  if (to->height == 0) {
    move_out(leaf(from).items, from->size, leaf(to).items + to->size);
  } else {
    ::new (&inner(to).lower[to->size - 1]) Key(node.lower[left]);
    move_out(inner(from).lower, from->size - 1u, inner(to).lower + to->size);
    move_out(inner(from).children, from->size, inner(to).children + to->size);
  }
  to->size = static_cast<std::uint16_t>(to->size + from->size);
  from->size = 0;
  drop_child(node, left + 1);
}

// Removes a child that is empty.
template <class Key, class Value>
void PersistentMap<Key, Value>::drop_child(Inner& node, std::size_t at) {
  release(node.children[at]);
  close_gap(node.children, node.size, at);
  if (node.size > 1) {
    const std::size_t bound = at == 0 ? 0 : at - 1;
    std::destroy_at(&node.lower[bound]);
    close_gap(node.lower, node.size - 1u, bound);
  }
  --node.size;
}

// ---- Nodes ------------------------------------------------------------------------------------------------------

template <class Key, class Value>
typename PersistentMap<Key, Value>::Node* PersistentMap<Key, Value>::share(Node* node) noexcept {
  if (node != nullptr) ++node->references;
  return node;
}

template <class Key, class Value>
void PersistentMap<Key, Value>::release(Node* node) noexcept {
  if (node == nullptr || --node->references != 0) return;
  if (node->height == 0) {
    delete &leaf(node);
  } else {
    delete &inner(node);
  }
}

template <class Key, class Value>
void PersistentMap<Key, Value>::own(Node*& place) {
  if (place->references == 1) return;
  Node* copy;
  if (place->height == 0) {
    auto* const fresh = new Leaf;
    std::uninitialized_copy_n(leaf(place).items, place->size, fresh->items);
    copy = fresh;
  } else {
    auto* const fresh = new Inner;
    std::uninitialized_copy_n(inner(place).lower, place->size - 1u, fresh->lower);
    for (std::size_t i = 0; i < place->size; ++i) fresh->children[i] = share(inner(place).children[i]);
    copy = fresh;
  }
  copy->size = place->size;
  copy->height = place->height;
  release(place);
  place = copy;
}

template <class Key, class Value>
template <class T>
void PersistentMap<Key, Value>::open_gap(T* array, std::size_t size, std::size_t at) {
  static_assert(std::is_nothrow_move_constructible_v<T>);
  for (std::size_t i = size; i > at; --i) {
    ::new (&array[i]) T(std::move(array[i - 1]));
    std::destroy_at(&array[i - 1]);
  }
}

// `array[at]` has been destroyed; `size` counts it.
template <class Key, class Value>
template <class T>
void PersistentMap<Key, Value>::close_gap(T* array, std::size_t size, std::size_t at) {
  for (std::size_t i = at + 1; i < size; ++i) {
    ::new (&array[i - 1]) T(std::move(array[i]));
    std::destroy_at(&array[i]);
  }
}

template <class Key, class Value>
template <class T>
void PersistentMap<Key, Value>::move_out(T* from, std::size_t count, T* to) {
  std::uninitialized_move_n(from, count, to);
  std::destroy_n(from, count);
}

}  // namespace smalldb
