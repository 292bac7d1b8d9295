#include "scenarios/problem.h"

#include "model/printable.h"

namespace smalldb::scenarios {

std::string to_text(const Problem& problem) {
  std::string text = problem.file;
  if (problem.place.line > 0) {
    text += ":" + std::to_string(problem.place.line) + ":" + std::to_string(problem.place.column);
  }
  text += ": found " + problem.found + ", expected " + problem.expected + did_you_mean(problem.nearest);
  return printable(text);
}

}  // namespace smalldb::scenarios
