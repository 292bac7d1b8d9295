#include "properties/checker/live_values.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "model/assert.h"

namespace smalldb::checker {
namespace {

// Eight bytes at a time: a product's high bits depend on all of them, and are mixed into the low ones, which say the
// place in a table. It has no state and no seed; nothing but that place depends on it.
std::uint64_t hash(std::string_view bytes) {
  constexpr std::uint64_t factor = 0x9e3779b97f4a7c15;
  std::uint64_t value = bytes.size();
  const auto mix = [&](std::uint64_t word) {
    value = (value ^ word) * factor;
    value ^= value >> 32;
  };
  std::uint64_t word = 0;
  if (bytes.size() < sizeof word) {
    if (!bytes.empty()) std::memcpy(&word, bytes.data(), bytes.size());
    mix(word);
    return value * factor >> 32;
  }
  for (std::string_view left = bytes; left.size() > sizeof word; left.remove_prefix(sizeof word)) {
    std::memcpy(&word, left.data(), sizeof word);
    mix(word);
  }
  std::memcpy(&word, bytes.data() + bytes.size() - sizeof word, sizeof word);  // some of it once more
  mix(word);
  return value * factor >> 32;
}

}  // namespace

ValueId LiveValues::intern(std::string_view bytes) {
  if (table_.empty()) table_.assign(64, 0);
  const std::size_t mask = table_.size() - 1;
  std::size_t at = hash(bytes) & mask;
  for (; table_[at] != 0; at = (at + 1) & mask) {
    if (texts_[table_[at] - 1] == bytes) return ValueId{table_[at]};
  }
  ++fresh_;
  if (free_.empty()) {
    free_.push_back(static_cast<std::uint32_t>(texts_.size()));
    texts_.emplace_back();
  }
  const std::uint32_t place = free_.back();
  free_.pop_back();
  texts_[place] = bytes;
  if (2 * (texts_.size() - free_.size()) > table_.size()) {
    table_.assign(2 * table_.size(), 0);
    std::vector<bool> is_free(texts_.size());
    for (const std::uint32_t one : free_) is_free[one] = true;
    for (std::uint32_t one = 0; one < texts_.size(); ++one) {
      if (!is_free[one]) put_in_table(one + 1);
    }
  } else {
    table_[at] = place + 1;
  }
  return ValueId{place + 1};
}

std::string_view LiveValues::bytes(ValueId value) const {
  SMALLDB_ASSERT(value != ValueId::absent);
  return texts_[static_cast<std::uint32_t>(value) - 1];
}

ValueId LiveValues::join(ValueId one, ValueId other) {
  if (one == ValueId::absent) return other;
  std::string joined(bytes(one));
  joined += bytes(other);
  return intern(joined);
}

void LiveValues::sweep(const std::vector<bool>& marked) {
  table_.assign(table_.size(), 0);
  free_.clear();
  for (std::uint32_t place = static_cast<std::uint32_t>(texts_.size()); place-- > 0;) {
    if (marked[place]) {
      put_in_table(place + 1);
    } else {
      texts_[place] = std::string();
      free_.push_back(place);
    }
  }
  kept_ = texts_.size() - free_.size();
  fresh_ = 0;
}

void LiveValues::put_in_table(std::uint32_t number) {
  const std::size_t mask = table_.size() - 1;
  std::size_t at = hash(texts_[number - 1]) & mask;
  while (table_[at] != 0) at = (at + 1) & mask;
  table_[at] = number;
}

}  // namespace smalldb::checker
