#include "cli/template.h"

#include <iostream>

#include "cli/read_file.h"
#include "scenarios/document.h"
#include "scenarios/load.h"

namespace smalldb::cli {

std::optional<std::string> load_template(const std::string& file, std::optional<scenarios::Template>& fixed) {
  std::string told_by_load;
  auto text = read_file(file, told_by_load);
  if (!text) {
    for (const scenarios::Problem& problem : scenarios::load_file(file).problems) std::cerr << to_text(problem) << '\n';
    return std::nullopt;
  }
  return read_template(*text, file, fixed) ? std::move(text) : std::nullopt;
}

bool read_template(const std::string& text, const std::string& file, std::optional<scenarios::Template>& fixed) {
  scenarios::Loaded loaded = scenarios::load_text(text, file);
  for (const scenarios::Problem& problem : loaded.problems) std::cerr << to_text(problem) << '\n';
  if (!loaded.scenario) return false;
  fixed.emplace(scenarios::read_yaml(text, file, loaded.problems));
  return true;
}

}  // namespace smalldb::cli
