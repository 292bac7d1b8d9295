// A corpus: a few seeds that together exercise all that many do. It is run in no time, and shows that what a campaign
// relies on can still happen.
//
// As text a seed stands in each line, and behind it, after a #, what it adds to those before it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/campaign/tally.h"

namespace smalldb::scenarios {

class Corpus {
 public:
  struct Seed {
    std::uint64_t seed = 0;
    std::vector<std::string> adds;  // "backup_took_over", "exactly_once judged", "crash", "crash during joining"

    friend bool operator==(const Seed&, const Seed&) = default;
  };
  std::vector<Seed> seeds;

  // Nothing if a line is no seed, and `expected` says which.
  static std::optional<Corpus> read(std::string_view text, std::string& expected);
  std::string write() const;
};

// Makes one, greedily: time and again the run that exercises the most new for the fewest events.
class Distiller {
 public:
  // `tally` is that of one run. One that failed is left out: a corpus is green.
  void add(std::uint64_t seed, const Tally& tally);

  Corpus distil() const;

 private:
  struct Run {
    std::uint64_t seed = 0;
    std::uint64_t events = 0;
    std::vector<std::size_t> exercises;  // numbers of what
  };

  std::size_t number_of(std::string what);

  std::map<std::string, std::size_t> numbers_;
  std::vector<std::string> names_;
  std::vector<Run> runs_;
};

}  // namespace smalldb::scenarios
