// The hash of a trace as it grew: two runs of the same scenario agree up to the first entry in which their chains
// differ, so the place of a change is known without the trace itself.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace smalldb::scenarios {

class HashChain {
 public:
  static constexpr std::size_t entries_max = 4096;

  // The hash after another call of the world. Of long runs only every so many calls are kept.
  void add(std::uint64_t hash);

  // The first call after which the two may differ: they agree on all up to `agreed`, and differ at `differ` or before.
  // Nothing if every entry that both have is the same.
  struct Fork {
    std::uint64_t agreed = 0;  // calls of the world, from 0
    std::uint64_t differ = 0;
  };
  static std::optional<Fork> fork(const HashChain& one, const HashChain& other);

  std::uint64_t calls() const { return calls_; }
  std::uint64_t last() const { return last_; }  // the hash of the whole trace so far

  // As text: how many calls stand between two entries, and the entries in groups of four hexadecimal digits.
  std::uint64_t every() const { return every_; }
  std::vector<std::string> lines() const;
  // Nothing if this is no chain.
  static std::optional<HashChain> read(std::uint64_t calls, std::uint64_t last, std::uint64_t every,
                                       const std::vector<std::string>& lines);

  friend bool operator==(const HashChain&, const HashChain&) = default;

 private:
  HashChain thinned(std::uint64_t every) const;

  std::uint64_t calls_ = 0;
  std::uint64_t last_ = 0;
  std::uint64_t every_ = 1;
  std::vector<std::uint16_t> entries_;  // after every_, 2 * every_, ... calls
};

}  // namespace smalldb::scenarios
