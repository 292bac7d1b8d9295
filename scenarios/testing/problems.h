// What the loader says of a short scenario.
#pragma once

#include <string>

#include "scenarios/load.h"

namespace smalldb::scenarios::testing {

// The problems of a scenario that has `text` beside its why, one to a line, without the file's name.
inline std::string problems_of(const std::string& text) {
  std::string lines;
  for (const Problem& problem : load_text("why: a test\n" + text, "f").problems) {
    lines += (lines.empty() ? "" : "\n") + to_text(problem).substr(2);
  }
  return lines;
}

}  // namespace smalldb::scenarios::testing
