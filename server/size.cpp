#include "server/size.h"

#include <array>
#include <charconv>
#include <utility>

namespace smalldb::server {
namespace {

using Unit = std::pair<std::string_view, int>;  // and which power of two it is

// The largest first: that of the shortest text.
constexpr std::array<Unit, 5> units = {{{"TiB", 40}, {"GiB", 30}, {"MiB", 20}, {"KiB", 10}, {"", 0}}};

}  // namespace

std::optional<std::uint64_t> read_size(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return std::nullopt;
  const std::string_view rest = text.substr(static_cast<std::size_t>(end - text.data()));
  for (const auto& [unit, power] : units) {
    if (rest != unit) continue;
    const std::uint64_t size = number << power;
    return size >> power == number ? std::optional(size) : std::nullopt;
  }
  return std::nullopt;
}

std::string size_text(std::uint64_t bytes) {
  for (const auto& [unit, power] : units) {
    const std::uint64_t number = bytes >> power;
    if (number << power == bytes && number > 0) return std::to_string(number) + std::string(unit);
  }
  return "0";
}

std::string no_size(std::string_view text) {
  return "'" + std::string(text) + "' is no amount of bytes; an example: 64KiB (KiB, MiB, GiB, TiB, or bytes)";
}

}  // namespace smalldb::server
