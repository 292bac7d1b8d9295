#include "properties/checker/live_values.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "model/assert.h"

namespace smalldb::checker {
namespace {

constexpr std::uint64_t factor = 0x9e3779b97f4a7c15;

std::uint64_t mix(std::uint64_t mixed, const std::array<char, 8>& bytes) {
  const std::uint64_t product = (mixed ^ std::bit_cast<std::uint64_t>(bytes)) * factor;
  return product ^ product >> 32;
}

}  // namespace

// Eight bytes at a time: a product's high bits depend on all of them, and are mixed into the low ones, which say the
// place in a table. It has no state and no seed; nothing but that place depends on it.
void LiveValues::Digest::add(std::string_view bytes) {
  constexpr std::size_t word = sizeof begun;
  if (const std::size_t at = size % word; at != 0) {
    const std::size_t taken = std::min(word - at, bytes.size());
    std::memcpy(begun.data() + at, bytes.data(), taken);
    size += taken;
    bytes.remove_prefix(taken);
    if (at + taken < word) return;
    mixed = mix(mixed, std::exchange(begun, {}));
  }
  size += bytes.size();
  for (; bytes.size() >= word; bytes.remove_prefix(word)) {
    std::array<char, word> whole;
    std::memcpy(whole.data(), bytes.data(), word);
    mixed = mix(mixed, whole);
  }
  if (!bytes.empty()) std::memcpy(begun.data(), bytes.data(), bytes.size());
}

std::uint64_t LiveValues::Digest::hash() const { return (mix(mixed, begun) ^ size) * factor >> 32; }

ValueId LiveValues::intern(std::string_view bytes) {
  Digest digest;
  digest.add(bytes);
  return find_or_add(0, bytes, digest);
}

ValueId LiveValues::join(ValueId one, ValueId other) {
  if (one == ValueId::absent) return other;
  const std::string end = bytes(other);
  if (end.empty()) return one;
  const auto before = static_cast<std::uint32_t>(one);
  Digest digest = texts_[before - 1].digest;
  digest.add(end);
  return find_or_add(before, end, digest);
}

// Of the value `before`, if there is one, followed by `end`.
ValueId LiveValues::find_or_add(std::uint32_t before, std::string_view end, const Digest& digest) {
  if (table_.empty()) table_.assign(64, 0);
  const std::uint64_t hash = digest.hash();
  const auto is_it = [&](std::uint32_t number) {
    const Text& text = texts_[number - 1];
    if (text.hash != hash || text.digest.size != digest.size) return false;
    if (before == 0) return is(number, end);
    return (text.before == before && text.end == end) || is(number, bytes(ValueId{before}).append(end));
  };
  const std::size_t mask = table_.size() - 1;
  std::size_t at = hash & mask;
  for (; table_[at] != 0; at = (at + 1) & mask) {
    if (is_it(table_[at])) return ValueId{table_[at]};
  }
  ++fresh_;
  if (free_.empty()) {
    free_.push_back(static_cast<std::uint32_t>(texts_.size()));
    texts_.emplace_back();
  }
  const std::uint32_t place = free_.back();
  free_.pop_back();
  texts_[place] = {std::string(end), before, digest, hash};
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

bool LiveValues::is(std::uint32_t number, std::string_view bytes) const {
  for (; number != 0; number = texts_[number - 1].before) {
    const Text& text = texts_[number - 1];
    if (!bytes.ends_with(text.end)) return false;
    bytes.remove_suffix(text.end.size());
  }
  return bytes.empty();
}

std::string LiveValues::bytes(ValueId value) const {
  SMALLDB_ASSERT(value != ValueId::absent);
  auto number = static_cast<std::uint32_t>(value);
  std::string bytes(texts_[number - 1].digest.size, '\0');
  for (std::size_t begin = bytes.size(); number != 0; number = texts_[number - 1].before) {
    const std::string& end = texts_[number - 1].end;
    begin -= end.size();
    std::copy(end.begin(), end.end(), bytes.begin() + static_cast<std::ptrdiff_t>(begin));
  }
  return bytes;
}

// And keeps what those that are marked begin with.
void LiveValues::sweep(std::vector<bool>& marked) {
  for (std::size_t place = 0; place < marked.size(); ++place) {
    if (!marked[place]) continue;
    for (std::uint32_t before = texts_[place].before; before != 0 && !marked[before - 1];
         before = texts_[before - 1].before) {
      marked[before - 1] = true;
    }
  }
  table_.assign(table_.size(), 0);
  free_.clear();
  for (std::uint32_t place = static_cast<std::uint32_t>(texts_.size()); place-- > 0;) {
    if (marked[place]) {
      put_in_table(place + 1);
    } else {
      texts_[place] = {};
      free_.push_back(place);
    }
  }
  kept_ = texts_.size() - free_.size();
  fresh_ = 0;
}

void LiveValues::put_in_table(std::uint32_t number) {
  const std::size_t mask = table_.size() - 1;
  std::size_t at = texts_[number - 1].hash & mask;
  while (table_[at] != 0) at = (at + 1) & mask;
  table_[at] = number;
}

}  // namespace smalldb::checker
