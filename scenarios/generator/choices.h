// The decisions that make up a drawn scenario, as bytes: what a coverage-guided fuzzer keeps, changes and combines.
//
//     ff N N  D D D ...   ff N N  D D ...      for each part: a mark, two bytes of its name, its decisions in order
//
// A decision below a limit is as many digits to the base 255, the least significant first, as the limit needs; so no
// digit is a mark. What is changed, put in or taken out at one place concerns one part and leaves all others as they
// were; a part that is copied from elsewhere takes the place of the one there is. Any bytes are decisions: where they
// end, every further one is 0, the plainest; parts that nobody asks for are ignored.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "sim/chance.h"

namespace smalldb::scenarios {

class Choices {
 public:
  using Bytes = std::vector<std::uint8_t>;
  using Name = std::uint16_t;

  // A short name, for a key.
  static Name name_of(sim::Key key) { return static_cast<Name>(static_cast<std::uint64_t>(key) % (base * base)); }

  Choices() = default;
  explicit Choices(std::span<const std::uint8_t> bytes);

  // Writes the next decision of a part. REQUIRES: value < limit.
  void add(Name part, std::uint64_t value, std::uint64_t limit);
  // The decision that begins at `place` of a part, and moves `place` behind it.
  std::uint64_t next(Name part, std::size_t& place, std::uint64_t limit) const;

  Bytes bytes() const;

  // The same with less said, the least first: without one of the parts, or without the second half of one.
  std::vector<Choices> simpler() const;

 private:
  static constexpr std::uint64_t base = 255;
  static constexpr std::uint8_t mark = 255;

  std::map<Name, Bytes> parts_;
};

}  // namespace smalldb::scenarios
