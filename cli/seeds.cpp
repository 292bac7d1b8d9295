#include "cli/seeds.h"

#include "scenarios/campaign/campaign.h"
#include "scenarios/notation.h"

namespace smalldb::cli {

std::optional<Seeds> Seeds::read(const std::string& text, std::string& expected) {
  using scenarios::notation::read_count;
  const std::size_t dots = text.find("..");
  expected = "seeds: 1..1000, or a number or a word to begin at";
  if (text.empty()) return std::nullopt;
  if (dots == text.npos) return Seeds{scenarios::seed_of_word(text), std::nullopt};
  std::string ignored;
  const auto first = read_count(text.substr(0, dots), ignored);
  const auto last = read_count(text.substr(dots + 2), ignored);
  if (!first || !last) return std::nullopt;
  if (*last < *first) {
    expected += ", the smaller one first";
    return std::nullopt;
  }
  return Seeds{*first, *last};
}

}  // namespace smalldb::cli
