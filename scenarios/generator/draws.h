// Where the generator's decisions come from: a seed, or bytes that somebody else chose (a coverage-guided fuzzer).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "model/time.h"
#include "sim/chance.h"

namespace smalldb::scenarios {

class Draws {
 public:
  explicit Draws(std::uint64_t seed) : seed_(seed) {}
  // Each decision takes the next bytes; when they are used up all further ones are 0, the plainest.
  // REQUIRES: `bytes` outlives this and what `of` makes of it.
  explicit Draws(std::span<const std::uint8_t> bytes) : bytes_(bytes), from_bytes_(true) {}

  // A source of its own for one part of what is drawn: what is added to one part shifts no other, so that a seed
  // survives most edits of the generator. Of bytes it takes a quarter of those that are left.
  Draws of(std::string_view part);

  std::uint64_t below(std::uint64_t limit);  // REQUIRES: limit > 0
  std::int64_t between(std::int64_t least, std::int64_t most) {
    return least + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(most - least) + 1));
  }
  bool hits(std::uint32_t of_so_many, std::uint32_t in) { return below(in) + of_so_many >= in; }
  // In whole microseconds, so that a person can read it.
  Duration between(Duration least, Duration most) {
    return microseconds(between(least.nanoseconds / 1000, most.nanoseconds / 1000));
  }

  template <class Value, std::size_t count>
  Value one_of(const Value (&values)[count]) {
    return values[below(count)];
  }
  template <class Value>
  const Value& one_of(const std::vector<Value>& values) {
    return values[below(values.size())];
  }

 private:
  std::uint64_t next();

  std::uint64_t seed_ = 0;
  std::uint64_t drawn_ = 0;
  std::span<const std::uint8_t> bytes_;
  bool from_bytes_ = false;
};

}  // namespace smalldb::scenarios
