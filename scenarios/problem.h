// What is wrong with a scenario: a person's mistake, never an exception of ours.
//
// Each problem names its place, what stood there, what was expected, and the nearest valid word if one is near. All
// problems of a file are reported together, in the order of their places.
#pragma once

#include <string>

#include "model/words.h"

namespace smalldb::scenarios {

// Counted from 1; 0 where a problem concerns the whole file.
struct Place {
  int line = 0;
  int column = 0;

  friend auto operator<=>(const Place&, const Place&) = default;
};

struct Problem {
  std::string file;
  Place place;
  std::string found;     // what stood there, as a phrase: `the word "hodls"`
  std::string expected;  // what could have stood there
  std::string nearest;   // the valid word nearest to what stood there; empty if none is near

  friend bool operator==(const Problem&, const Problem&) = default;
};

// `split_brain.yaml:14:11: found the word "hodls", expected holds, violated or any; did you mean "holds"?`
std::string to_text(const Problem& problem);

}  // namespace smalldb::scenarios
