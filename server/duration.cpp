#include "server/duration.h"

#include <map>

namespace smalldb::server {

std::optional<std::int64_t> read_duration(std::string_view text) {
  static const std::map<std::string_view, std::int64_t> units = {
      {"us", 1'000}, {"ms", 1'000'000}, {"s", 1'000'000'000}, {"m", 60'000'000'000}, {"h", 3'600'000'000'000}};
  constexpr std::size_t digits_max = 6;  // of hours, still far from the end of the numbers
  std::int64_t number = 0;
  std::size_t digits = 0;
  while (digits < text.size() && digits < digits_max && text[digits] >= '0' && text[digits] <= '9') {
    number = 10 * number + (text[digits++] - '0');
  }
  const auto unit = units.find(text.substr(digits));
  if (digits == 0 || unit == units.end()) return std::nullopt;
  return number * unit->second;
}

std::string no_duration(std::string_view text) {
  return "'" + std::string(text) + "' is no length of time; an example: 250ms (us, ms, s, m, h)";
}

}  // namespace smalldb::server
