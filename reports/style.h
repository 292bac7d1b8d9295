// Colour on a terminal, and none elsewhere.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace smalldb::reports {

enum class Colour : std::uint8_t { none, dim, bold, green, yellow, red, cyan };

class Style {
 public:
  // Without colour, `paint` gives back the text.
  explicit Style(bool colour) : colour_(colour) {}

  std::string paint(Colour colour, std::string_view text) const;

 private:
  bool colour_;
};

// Whether to colour what goes to a stream: it is a terminal, which is not a dumb one (`term` is TERM), and NO_COLOR is
// not set to anything (https://no-color.org). Either may be null: not set.
bool wants_colour(bool is_terminal, const char* term, const char* no_color);

}  // namespace smalldb::reports
