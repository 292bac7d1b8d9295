#include "reports/style.h"

#include <fmt/format.h>

#include <algorithm>

namespace smalldb::reports {
namespace {

std::string_view code(Colour colour) {
  switch (colour) {
    case Colour::none: return "";
    case Colour::dim: return "2";
    case Colour::bold: return "1";
    case Colour::green: return "32";
    case Colour::yellow: return "33";
    case Colour::red: return "31";
    case Colour::cyan: return "36";
  }
  return "";
}

}  // namespace

std::string Style::paint(Colour colour, std::string_view text) const {
  if (!colour_ || colour == Colour::none || text.empty()) return std::string(text);
  return fmt::format("\x1b[{}m{}\x1b[0m", code(colour), text);
}

bool wants_colour(bool is_terminal, const char* term, const char* no_color) {
  const bool refused = no_color != nullptr && *no_color != '\0';
  const bool dumb = term == nullptr || std::string_view(term) == "dumb";
  return is_terminal && !dumb && !refused;
}

std::size_t width_for(std::size_t columns) {
  constexpr std::size_t least = 60;
  return columns == 0 ? text_width : std::clamp(columns, least, text_width);
}

}  // namespace smalldb::reports
