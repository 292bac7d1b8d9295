// Values by number, as History has them, but only those that still matter: for judging without end. A value that nobody
// holds any more is forgotten, and its number given to another.
//
// What was made by appending is kept as the value that was there and what came to its end: a key that is appended to
// again and again costs what is appended, and not what it holds.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "properties/checker/history.h"

namespace smalldb::checker {

class LiveValues {
 public:
  // The number of a value that is there.
  ValueId intern(std::string_view bytes);
  // REQUIRES: not absent.
  std::string bytes(ValueId value) const;
  // Of `one` followed by `other`; of `other` alone if `one` is absent.
  ValueId join(ValueId one, ValueId other);

  // How many have been interned since the last keep_only(), beyond those that it kept.
  bool is_worth_it() const { return fresh_ > kept_ + worth_it; }
  // Forgets all values but those for which mark(mark_one) has called mark_one(value).
  template <class Mark>
  void keep_only(const Mark& mark) {
    std::vector<bool> marked(texts_.size());
    mark([&](ValueId value) {
      const auto number = static_cast<std::uint32_t>(value);
      if (number != 0 && number <= marked.size()) marked[number - 1] = true;
    });
    sweep(marked);
  }

 private:
  static constexpr std::size_t worth_it = 256;

  // Of bytes that come one after the other, however they are cut: where a value is in the table.
  struct Digest {
    std::uint64_t mixed = 0;
    std::uint64_t size = 0;
    std::array<char, 8> begun{};  // the bytes that do not fill a word yet

    void add(std::string_view bytes);
    std::uint64_t hash() const;
  };
  struct Text {
    std::string end;           // of the value; all of it, if nothing comes before
    std::uint32_t before = 0;  // the number of the value that comes first; 0: none
    Digest digest;
    std::uint64_t hash = 0;
  };

  void sweep(std::vector<bool>& marked);
  void put_in_table(std::uint32_t number);
  ValueId find_or_add(std::uint32_t before, std::string_view end, const Digest& digest);
  bool is(std::uint32_t number, std::string_view bytes) const;

  std::vector<Text> texts_;           // by number less one
  std::vector<std::uint32_t> free_;   // numbers less one
  std::vector<std::uint32_t> table_;  // open addressing: numbers, or 0; a power of two, at most half full
  std::size_t fresh_ = 0;
  std::size_t kept_ = 0;
};

}  // namespace smalldb::checker
