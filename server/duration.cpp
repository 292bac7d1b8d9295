#include "server/duration.h"

#include <algorithm>
#include <array>
#include <utility>

namespace smalldb::server {
namespace {

// The longest first: that of the shortest text. They are those of scenarios; m is read for min.
constexpr std::array<std::pair<std::string_view, std::int64_t>, 6> units = {{{"h", 3'600'000'000'000},
                                                                             {"min", 60'000'000'000},
                                                                             {"m", 60'000'000'000},
                                                                             {"s", 1'000'000'000},
                                                                             {"ms", 1'000'000},
                                                                             {"us", 1'000}}};

}  // namespace

std::optional<std::int64_t> read_duration(std::string_view text) {
  constexpr std::size_t digits_max = 6;  // of hours, still far from the end of the numbers
  std::int64_t number = 0;
  std::size_t digits = 0;
  while (digits < text.size() && digits < digits_max && text[digits] >= '0' && text[digits] <= '9') {
    number = 10 * number + (text[digits++] - '0');
  }
  const auto unit =
      std::find_if(units.begin(), units.end(), [&](const auto& each) { return each.first == text.substr(digits); });
  if (digits == 0 || unit == units.end()) return std::nullopt;
  return number * unit->second;
}

std::string duration_text(std::int64_t nanoseconds) {
  const auto unit = std::find_if(units.begin(), units.end(),
                                 [&](const auto& each) { return nanoseconds > 0 && nanoseconds % each.second == 0; });
  return unit == units.end() ? "0s" : std::to_string(nanoseconds / unit->second) + std::string(unit->first);
}

std::string no_duration(std::string_view text) {
  return "'" + std::string(text) + "' is no length of time; an example: 250ms (us, ms, s, min, h)";
}

}  // namespace smalldb::server
