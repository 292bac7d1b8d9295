// How to write to standard output: for the terminal that it is, or for a pipe.
#pragma once

#include <cstddef>

#include "cli/wishes.h"
#include "reports/style.h"

namespace smalldb::cli {

// How many columns paragraphs may have there.
std::size_t output_width();

reports::Style output_style(Wishes::Colour wish = Wishes::Colour::automatic);

}  // namespace smalldb::cli
