#include "scenarios/problem.h"

namespace smalldb::scenarios {

std::string to_text(const Problem& problem) {
  std::string text = problem.file;
  if (problem.place.line > 0) {
    text += ":" + std::to_string(problem.place.line) + ":" + std::to_string(problem.place.column);
  }
  text += ": found " + problem.found + ", expected " + problem.expected;
  if (!problem.nearest.empty()) text += "; did you mean " + quoted(problem.nearest) + "?";
  return text;
}

}  // namespace smalldb::scenarios
