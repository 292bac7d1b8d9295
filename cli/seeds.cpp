#include "cli/seeds.h"

#include "scenarios/campaign/campaign.h"
#include "scenarios/notation.h"

namespace smalldb::cli {

std::optional<Seeds> Seeds::read(const std::string& text, std::string& expected) {
  using scenarios::notation::read_count;
  const std::size_t dots = text.find("..");
  expected = "seeds: 1..1000, or a number or a word to begin at";
  std::string ignored;
  if (dots == text.npos) {
    const auto first = scenarios::seed_of_word(text, ignored);
    if (first) return Seeds{*first, std::nullopt};
    if (!text.empty()) expected += ", up to " + std::to_string(~std::uint64_t{0});
    return std::nullopt;
  }
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
