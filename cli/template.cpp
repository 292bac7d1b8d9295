#include "cli/template.h"

#include "cli/load.h"
#include "cli/read_file.h"
#include "scenarios/document.h"

namespace smalldb::cli {

std::optional<std::string> load_template(const std::string& file, std::optional<scenarios::Template>& fixed) {
  if (!load({file})) return std::nullopt;
  std::string told_by_load;
  auto text = read_file(file, told_by_load);
  if (!text) return std::nullopt;
  std::vector<scenarios::Problem> problems;
  fixed.emplace(scenarios::read_yaml(*text, file, problems));
  return text;
}

}  // namespace smalldb::cli
