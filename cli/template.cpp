#include "cli/template.h"

#include <fstream>
#include <iterator>

#include "cli/load.h"
#include "scenarios/document.h"

namespace smalldb::cli {

std::optional<std::string> load_template(const std::string& file, std::optional<scenarios::Template>& fixed) {
  if (!load({file})) return std::nullopt;
  std::ifstream input(file, std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(input)), std::istreambuf_iterator<char>());
  std::vector<scenarios::Problem> problems;
  fixed.emplace(scenarios::read_yaml(text, file, problems));
  return text;
}

}  // namespace smalldb::cli
