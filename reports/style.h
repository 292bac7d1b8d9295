// Text as whoever reads it can take it: colour on a terminal and none elsewhere, and lines that fit.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "reports/layout.h"

namespace smalldb::reports {

enum class Colour : std::uint8_t { none, dim, bold, green, yellow, red, cyan };

class Style {
 public:
  // Without colour, `paint` gives back the text.
  explicit Style(bool colour, std::size_t width = text_width) : colour_(colour), width_(width) {}

  std::string paint(Colour colour, std::string_view text) const;
  // How many columns paragraphs may have.
  std::size_t width() const { return width_; }

 private:
  bool colour_;
  std::size_t width_;
};

// Whether to colour what goes to a stream: it is a terminal, which is not a dumb one (`term` is TERM), and NO_COLOR is
// not set to anything (https://no-color.org). Either may be null: not set.
bool wants_colour(bool is_terminal, const char* term, const char* no_color);

// How wide to write for a terminal of so many columns: no wider than it is, nor than a person reads, and no narrower
// than a report can be told in. 0: not known.
std::size_t width_for(std::size_t columns);

}  // namespace smalldb::reports
