#include "scenarios/files.h"

#include <algorithm>

#include "model/arbiter.h"
#include "model/data_directory.h"

namespace smalldb::scenarios {

namespace {

constexpr char any_digit = '#';
constexpr std::string_view digits = "0123456789";

bool is_digit(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }

// The name with any digit in the place of each.
std::string shape_of(std::string name) {
  std::replace_if(
      name.begin(), name.end(), [](char c) { return digits.find(c) != std::string_view::npos; }, any_digit);
  return name;
}

std::vector<std::string> shapes(FilesOf whose) {
  const std::string checkpoint = checkpoint_file(0, Lsn{});
  switch (whose) {
    case FilesOf::node:
      return {std::string(meta_file), temporary_file(meta_file), shape_of(log_file(0, Lsn{})), shape_of(checkpoint),
              shape_of(temporary_file(checkpoint))};
    case FilesOf::arbiter: return {Arbiter::file};
    case FilesOf::shared_volume:
      return {"epoch-" + std::string(12, any_digit),
              "claim-" + std::string(12, any_digit) + "-" + std::string(32, any_digit)};
  }
  return {};
}

bool can_match(std::string_view pattern, std::string_view shape) {
  // Whether what has been taken of the pattern can be the first so many characters of the name.
  std::vector<bool> can_be(shape.size() + 1);
  can_be[0] = true;
  for (const char c : pattern) {
    std::vector<bool> next(shape.size() + 1);
    next[0] = c == '*' && can_be[0];
    for (std::size_t i = 0; i < shape.size(); ++i) {
      const bool fits = shape[i] == any_digit ? is_digit(c) : shape[i] == c;
      next[i + 1] = c == '*' ? next[i] || can_be[i + 1] : fits && can_be[i];
    }
    can_be.swap(next);
  }
  return can_be.back();
}

}  // namespace

std::vector<std::string> file_patterns(FilesOf whose) {
  std::vector<std::string> patterns = shapes(whose);
  for (std::string& pattern : patterns) {
    const std::size_t first = pattern.find(any_digit), last = pattern.rfind(any_digit);
    if (first != std::string::npos) pattern.replace(first, last - first + 1, "*");
  }
  return patterns;
}

bool can_match_a_file(std::string_view pattern, FilesOf whose) {
  const std::vector<std::string> all = shapes(whose);
  return std::any_of(all.begin(), all.end(), [&](const std::string& shape) { return can_match(pattern, shape); });
}

}  // namespace smalldb::scenarios
