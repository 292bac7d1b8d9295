// Reads the file that fixes a part of what is drawn.
#pragma once

#include <optional>
#include <string>

#include "scenarios/generator/generate.h"

namespace smalldb::cli {

// Fills `fixed` and gives the file's text; or nothing, after its problems have been written to standard error.
std::optional<std::string> load_template(const std::string& file, std::optional<scenarios::Template>& fixed);

// The same of a text; `file` is what problems call it.
bool read_template(const std::string& text, const std::string& file, std::optional<scenarios::Template>& fixed);

}  // namespace smalldb::cli
