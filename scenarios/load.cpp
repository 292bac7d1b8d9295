#include "scenarios/load.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <system_error>

#include "properties/checker/formats/utf8.h"
#include "scenarios/check.h"
#include "scenarios/document.h"
#include "scenarios/language.h"

namespace smalldb::scenarios {

namespace {

// Where `path` stands in the document; as near to it as the document goes. An index is no step where a value stands for
// a list of one.
Place place_of(const Node& root, const std::vector<std::string>& path) {
  const Node* node = &root;
  Place place = root.place;
  for (const std::string& step : path) {
    std::string ignored;
    const auto index = notation::read_count(step, ignored);
    if (node->is_map()) {
      const auto entry = std::find_if(node->entries.begin(), node->entries.end(),
                                      [&](const Node::Entry& candidate) { return candidate.key == step; });
      if (entry == node->entries.end() && index) continue;
      if (entry == node->entries.end()) return place;
      node = &entry->value;
      place = node->kind == Node::Kind::scalar ? node->place : entry->place;
    } else if (node->is_list() && index && *index < node->items.size()) {
      node = &node->items[*index];
      place = node->place;
    } else if (node->is_list() || !index) {
      return place;
    }
  }
  return place;
}

// What is wrong with what could be read. Of what could not be a problem tells already, and of what hangs on it nothing
// is known.
std::vector<Finding> check_what_was_read(const Scenario& scenario, const grammar::Reader& reader) {
  std::vector<Finding> findings = check(scenario);
  std::erase_if(findings, [&](const Finding& finding) {
    return !reader.has_read(finding.path) ||
           !std::all_of(finding.judged_by.begin(), finding.judged_by.end(),
                        [&](const grammar::Reader::Path& path) { return reader.has_read(path); });
  });
  return findings;
}

std::string stem_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  std::string stem = slash == std::string::npos ? path : path.substr(slash + 1);
  if (const std::size_t dot = stem.rfind('.'); dot != std::string::npos && dot > 0) stem.resize(dot);
  // A file may be called anything, a scenario has a name in UTF-8.
  for (std::size_t end; (end = checker::utf8_prefix(stem)) < stem.size();) stem[end] = '_';
  return stem;
}

// The file nearest to `path` by its name, of those beside which it would stand; empty if none is near.
std::string nearest_file(const std::filesystem::path& path) {
  std::vector<std::string> names;
  std::error_code error;
  const std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : ".";
  for (std::filesystem::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    names.push_back(at->path().filename().string());
  }
  std::sort(names.begin(), names.end());
  const std::string nearest = nearest_word(path.filename().string(), names);
  return nearest.empty() ? std::string() : (path.parent_path() / nearest).string();
}

Loaded failed(const std::string& path, std::string found, std::string nearest = {}) {
  return {{}, {{path, {}, std::move(found), "the file of a scenario", std::move(nearest)}}};
}

class MapKeys {
 public:
  template <class Notation>
  void field(std::string_view key, const typename Notation::Value& /*value*/, std::string_view /*description*/) {
    keys_.push_back(key);
  }
  const std::vector<std::string_view>& keys() const { return keys_; }

 private:
  std::vector<std::string_view> keys_;
};

Loaded load_open(std::FILE& file, const std::string& name) {
  std::string text(file_size_max + 1, '\0');  // one more than is taken, so that read_yaml sees that it is too long
  text.resize(std::fread(text.data(), 1, text.size(), &file));
  if (std::ferror(&file) != 0) return failed(name, "a file that cannot be read");
  return load_text(text, name);
}

}  // namespace

Loaded load_text(std::string_view text, const std::string& file) {
  Loaded loaded;
  const Node root = read_yaml(text, file, loaded.problems);
  if (!loaded.problems.empty()) return loaded;
  grammar::Reader reader(file, loaded.problems);
  if (!root.is_map()) {
    reader.wrong(root, "a scenario: a map with the keys cluster, workload, faults, expect, ...");
    return loaded;
  }
  Scenario scenario;
  scenario.name = stem_of(file);
  grammar::Struct<Scenario>::read(root, scenario, reader);
  for (Finding& finding : check_what_was_read(scenario, reader)) {
    reader.complain(place_of(root, finding.path), std::move(finding.found), std::move(finding.expected),
                    std::move(finding.nearest));
  }
  if (reader.has_read({"why"}) && scenario.why.find_first_not_of(" \t\n") == std::string::npos) {
    const Node* why = root.find("why");
    reader.complain(why != nullptr ? why->place : root.place, why != nullptr ? why->describe() : "no key \"why\"",
                    "a sentence that says why the scenario exists");
  }
  std::stable_sort(loaded.problems.begin(), loaded.problems.end(),
                   [](const Problem& a, const Problem& b) { return a.place < b.place; });
  if (loaded.problems.empty()) loaded.scenario = std::move(scenario);
  return loaded;
}

bool is_meant_as_scenario(std::string_view text) {
  Scenario scenario;
  MapKeys map;
  grammar::fields(map, scenario);
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    const std::string_view key = line.substr(0, line.find(':'));
    if (key.size() < line.size() && std::ranges::find(map.keys(), key) != map.keys().end()) return true;
    text.remove_prefix(std::min(text.size(), line.size() + 1));
  }
  return false;
}

Loaded load_file(const std::string& path) {
  struct stat status {};
  if (path.find('\0') != std::string::npos || stat(path.c_str(), &status) != 0) {
    const int why = errno;
    return failed(path, std::string("no file (") + std::strerror(why) + ")", nearest_file(path));
  }
  if (S_ISDIR(status.st_mode)) return failed(path, "a directory");
  const bool is_pipe = S_ISFIFO(status.st_mode);  // what a shell makes of <(command)
  if (!S_ISREG(status.st_mode) && !is_pipe) return failed(path, "something that is no file");

  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"), std::fclose);
  if (!file) return failed(path, std::string("no readable file (") + std::strerror(errno) + ")");
  return load_open(*file, path);
}

Loaded load_standard_input() { return load_open(*stdin, "standard input"); }

}  // namespace smalldb::scenarios
