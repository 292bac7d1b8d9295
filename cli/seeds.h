// The seeds of a campaign, as a person writes them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace smalldb::cli {

struct Seeds {
  std::uint64_t first = 1;
  std::optional<std::uint64_t> last;  // none: on and on

  // "1..1000"; "7", or a word, to begin at.
  static std::optional<Seeds> read(const std::string& text, std::string& expected);
};

}  // namespace smalldb::cli
