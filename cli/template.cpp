#include "cli/template.h"

#include <fstream>
#include <iterator>

#include "cli/load.h"

namespace smalldb::cli {

std::optional<std::string> load_template(const std::string& file, std::optional<scenarios::Template>& fixed) {
  if (!load({file})) return std::nullopt;
  std::ifstream input(file, std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(input)), std::istreambuf_iterator<char>());
  fixed.emplace(text, file);
  return text;
}

}  // namespace smalldb::cli
