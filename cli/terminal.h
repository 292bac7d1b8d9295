// How to write to standard output and standard error: for the terminals that they are, or for pipes.
#pragma once

#include <cstddef>

#include "cli/wishes.h"
#include "reports/style.h"

namespace smalldb::cli {

// How many columns paragraphs may have there.
std::size_t output_width();

// Whether a line of progress can be written over and over on standard error.
bool shows_progress();

reports::Style output_style(Wishes::Colour wish = Wishes::Colour::automatic);

}  // namespace smalldb::cli
