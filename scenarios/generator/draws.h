// Where the generator's decisions come from: a seed, or bytes that somebody else chose (a coverage-guided fuzzer).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "model/time.h"
#include "scenarios/generator/choices.h"
#include "sim/chance.h"

namespace smalldb::scenarios {

class Draws {
 public:
  // If `written` is not null, all that is decided is written there. It outlives this and what `of` makes of it.
  explicit Draws(std::uint64_t seed, Choices* written = nullptr) : seed_(seed), written_(written) {}
  // REQUIRES: `choices` outlives this and what `of` makes of it.
  explicit Draws(const Choices& choices) : choices_(&choices) {}

  // A source of its own for one part of what is drawn: what is added to one part shifts no other, so that a seed
  // survives most edits of the generator. REQUIRES: no other part of this one has that name.
  Draws of(std::string_view part) const;

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

  // What below(limit) would decide was decided elsewhere: it is written down, if that is wished for.
  void write(std::uint64_t value, std::uint64_t limit);

 private:
  std::uint64_t seed_ = 0;   // another for each part
  sim::Key path_{};          // of the part, the same for every seed
  std::uint64_t drawn_ = 0;  // decisions so far
  std::size_t place_ = 0;    // in the part's bytes
  const Choices* choices_ = nullptr;
  Choices* written_ = nullptr;
};

}  // namespace smalldb::scenarios
