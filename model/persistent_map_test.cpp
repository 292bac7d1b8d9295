#include "model/persistent_map.h"

#include <rapidcheck/catch.h>
#include <catch2/catch.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "model/bytes.h"

namespace smalldb {
namespace {

using Map = PersistentMap<std::uint64_t, std::string>;
using Reference = std::map<std::uint64_t, std::string>;

template <class Key, class Value>
std::vector<std::pair<Key, Value>> contents(const PersistentMap<Key, Value>& map) {
  std::vector<std::pair<Key, Value>> items;
  for (const auto& [key, value] : map) items.emplace_back(key, value);
  return items;
}

template <class Key, class Value>
bool same(const PersistentMap<Key, Value>& map, const std::map<Key, Value>& reference) {
  return map.size() == reference.size() &&
         contents(map) == std::vector<std::pair<Key, Value>>(reference.begin(), reference.end());
}

// A map, what it should hold, and copies of both, changed at random.
struct Story {
  Map map;
  Reference reference;
  std::vector<std::pair<Map, Reference>> copies;

  // Phases that mostly insert and phases that mostly erase, so that trees grow tall and fall.
  void tell(std::size_t steps, std::uint64_t keys) {
    while (steps != 0) {
      const auto insert_percent = *rc::gen::element(95, 60, 40, 5);
      for (auto left = *rc::gen::inRange<std::size_t>(1, steps + 1); left != 0; --left, --steps)
        step(insert_percent, keys);
    }
  }

  void step(int insert_percent, std::uint64_t keys) {
    const auto key = *rc::gen::resize(100, rc::gen::inRange<std::uint64_t>(0, keys));
    const auto dice = *rc::gen::resize(100, rc::gen::inRange(0, 100));
    if (dice < insert_percent) {
      const std::string value = "a value that does not fit into a small string " + std::to_string(dice);
      map.set(key, value);
      reference[key] = value;
    } else {
      RC_ASSERT(map.erase(key) == (reference.erase(key) == 1));
    }
    if (dice % 25 == 0) copies.emplace_back(map, reference);
    if (dice % 25 == 1 && !copies.empty()) std::swap(copies.front(), copies.back());
    if (dice % 50 == 2 && !copies.empty()) copies.pop_back();
    if (dice % 50 == 3 && !copies.empty()) std::tie(map, reference) = copies.front();  // go on from an old one
  }
};

TEST_CASE("a persistent map holds what std::map holds") {
  rc::prop("after any changes, at every step", [] {
    Story story;
    for (int i = 0; i < 60; ++i) {
      story.step(70, 40);
      RC_ASSERT(same(story.map, story.reference));
    }
  });
}

TEST_CASE("F9 a copy of a persistent map never changes") {
  rc::prop("whatever becomes of the original and of other copies", [] {
    Story story;
    story.tell(*rc::gen::element<std::size_t>(50, 400, 3000), *rc::gen::element<std::uint64_t>(20, 200, 1000));
    RC_ASSERT(same(story.map, story.reference));
    for (const auto& [map, reference] : story.copies) RC_ASSERT(same(map, reference));
  });
}

TEST_CASE("a persistent map keeps its order when whole ranges come and go") {
  rc::prop("in rising or falling order, beside full and empty ones", [] {
    Map map;
    Reference reference;
    for (int step = 0; step < 12; ++step) {
      const auto first = *rc::gen::resize(100, rc::gen::inRange<std::uint64_t>(0, 3000));
      const auto length = *rc::gen::resize(100, rc::gen::inRange<std::uint64_t>(1, 1200));
      const auto stride = *rc::gen::element<std::uint64_t>(1, 1, 2, 17);
      const bool insert = step == 0 || *rc::gen::arbitrary<bool>();
      const bool rising = *rc::gen::arbitrary<bool>();
      for (std::uint64_t i = 0; i < length; i += stride) {
        const std::uint64_t key = first + (rising ? i : length - i);
        if (insert) {
          map.set(key, {});
          reference[key] = {};
        } else {
          RC_ASSERT(map.erase(key) == (reference.erase(key) == 1));
        }
      }
      RC_ASSERT(same(map, reference));
    }
  });
}

TEST_CASE("a persistent map drops a branch that empties beside a full one") {
  // Rising keys make branches of 15 full leaves. One key in between makes one of them have 16, so that nothing but an
  // empty branch could be merged with it.
  const bool last_branch = GENERATE(true, false);
  constexpr std::uint64_t branch = 15 * 16;
  PersistentMap<std::string, std::string> map;
  std::map<std::string, std::string> reference;
  const auto name = [](std::uint64_t n) { return "a key that does not fit into a small string " + std::to_string(n); };
  const auto set = [&](std::uint64_t n) {
    map.set(name(n), "v");
    reference[name(n)] = "v";
  };
  const std::uint64_t first = 10'000;
  for (std::uint64_t i = 0; i < 2 * branch; ++i) set(first + 10 * i);
  set(first + (last_branch ? 5 : 10 * branch + 5));
  const auto copy = map;
  const auto reference_of_copy = reference;
  for (std::uint64_t i = 0; i < branch; ++i) {
    const std::string key = name(first + 10 * (last_branch ? i + branch : i));
    REQUIRE(map.erase(key));
    reference.erase(key);
    REQUIRE(same(map, reference));
  }
  REQUIRE(map.size() == branch + 1);
  CHECK(same(copy, reference_of_copy));
  for (std::uint64_t i = 0; i < 2 * branch; ++i) set(first + 10 * i);
  CHECK(same(map, reference));
}

TEST_CASE("F7 iteration goes on from any key, whether it is still there or not") {
  rc::prop("after any changes", [] {
    Story story;
    story.tell(*rc::gen::element<std::size_t>(10, 800), 300);
    for (std::uint64_t key = 0; key <= 300; key += 7) {
      auto at = story.map.after(key);
      auto expected = story.reference.upper_bound(key);
      for (; expected != story.reference.end(); ++at, ++expected) {
        RC_ASSERT(at != story.map.end());
        RC_ASSERT(at->key == expected->first);
      }
      RC_ASSERT(at == story.map.end());
      RC_ASSERT((story.map.find(key) != nullptr) == story.reference.contains(key));
    }
  });
}

TEST_CASE("a value changed in place changes in no copy") {
  Map map;
  for (std::uint64_t key = 0; key < 1000; ++key) map.set(key, "old");
  const Map copy = map;
  CHECK(map.find_to_change(1000) == nullptr);
  for (std::uint64_t key = 0; key < 1000; key += 3) *map.find_to_change(key) = "new";
  for (std::uint64_t key = 0; key < 1000; ++key) {
    REQUIRE(*copy.find(key) == "old");
    REQUIRE(*map.find(key) == (key % 3 == 0 ? "new" : "old"));
  }
}

TEST_CASE("a persistent map of a hundred thousand keys grows and empties in any order") {
  constexpr std::uint64_t keys = 100'000;
  const std::uint64_t stride = GENERATE(1u, 99'999u, 61'803u);  // rising, falling, scattered; all prime to the count
  Map map;
  for (std::uint64_t i = 0; i < keys; ++i) map.set(i * stride % keys, {});
  REQUIRE(map.size() == keys);
  std::uint64_t expected = 0;
  for (const auto& [key, value] : map) REQUIRE(key == expected++);
  REQUIRE(expected == keys);
  const Map full = map;
  for (std::uint64_t i = 0; i < keys; ++i) REQUIRE(map.erase(i * stride % keys));
  CHECK(map.empty());
  CHECK(map.begin() == map.end());
  CHECK(contents(full).size() == keys);
}

TEST_CASE("keys of a persistent map are ordered as unsigned bytes, shorter first") {
  PersistentMap<Bytes, int> map;
  for (const char* key : {"b", "\xFF", "", "ab", "a", "\x7F"}) map.set(Bytes::copy(key), 0);
  std::vector<std::string> keys;
  for (const auto& item : map) keys.push_back(item.key.string());
  CHECK(keys == std::vector<std::string>{"", "a", "ab", "b", "\x7F", "\xFF"});
}

}  // namespace
}  // namespace smalldb
