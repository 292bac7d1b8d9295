#include "server/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <fstream>
#include <istream>
#include <map>
#include <memory>
#include <sstream>
#include <string_view>
#include <system_error>

#include "model/words.h"

namespace smalldb::server {
namespace {

// Some editors begin a file of UTF-8 with it.
constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

std::string perhaps(const std::string& word, const Words& candidates) {
  return did_you_mean(nearest_word(word, candidates));
}

// Without dashes. `in_a_file`: those that may stand in one.
Words names_of(const CLI::App& app, bool in_a_file) {
  Words names;
  for (const CLI::Option* option : app.get_options()) {
    if (in_a_file && !option->get_configurable()) continue;
    for (const std::string& name : option->get_lnames()) names.push_back(name);
  }
  return names;
}

bool takes_value(const CLI::Option& option) { return option.get_expected_min() > 0; }

// ---- A file ------------------------------------------------------------------------------------------------------

class ConfigFile final : public CLI::ConfigBase {
 public:
  explicit ConfigFile(const CLI::App& app) : app_(app) {}

  std::vector<CLI::ConfigItem> from_config(std::istream& in) const override {
    std::vector<CLI::ConfigItem> options;
    lines_.clear();
    line_ = 1;
    std::string text(size_max + 1, '\0');
    text.resize(static_cast<std::size_t>(in.read(text.data(), static_cast<std::streamsize>(text.size())).gcount()));
    if (text.size() > size_max) fail("more than 1 MiB", "lines of NAME = VALUE");  // a device may have no end
    std::istringstream lines(std::move(text));
    line_ = 0;
    for (std::string line; std::getline(lines, line);) {
      ++line_;
      if (line_ == 1 && line.starts_with(byte_order_mark)) line.erase(0, byte_order_mark.size());
      const auto is_text = [](char c) { return c == '\t' || c == '\r' || (c != 0x7f && !(c >= 0 && c < ' ')); };
      if (!std::all_of(line.begin(), line.end(), is_text)) fail("bytes that are no text", "NAME = VALUE");
      const std::string_view words = trimmed(line);
      if (!words.empty() && words.front() != '#') take(words, options);
    }
    return options;
  }

  // "server.conf:3: " where the option stands there, with the value that `problem` speaks of; empty if it does not.
  std::string place_of(const std::string& name, const std::string& problem) const {
    auto [found, end] = lines_.equal_range(name);
    if (found == end) return {};
    const auto has_it = [&](const auto& each) { return problem.find("'" + each.second.value + "'") != problem.npos; };
    const auto that = std::find_if(found, end, has_it);
    return place((that == end ? found : that)->second.number);
  }

 private:
  void take(std::string_view words, std::vector<CLI::ConfigItem>& options) const;
  std::string value_of(std::string_view text) const;
  Words known() const { return names_of(app_, true); }
  std::string place(int line) const {
    return app_.get_config_ptr()->results().front() + ":" + std::to_string(line) + ": ";
  }
  [[noreturn]] void fail(const std::string& found, const std::string& expected, const std::string& more = {}) const {
    throw CLI::ConfigError(place(line_) + "found " + found + ", expected " + expected + more);
  }

  static constexpr std::size_t size_max = 1024 * 1024;

  const CLI::App& app_;
  mutable int line_ = 0;  // from 1; mutable since CLI11 reads files by a const function
  struct Line {
    int number;
    std::string value;
  };
  mutable std::multimap<std::string, Line> lines_;  // of the options, by name
};

void ConfigFile::take(std::string_view words, std::vector<CLI::ConfigItem>& options) const {
  const std::size_t equals = words.find('=');
  if (equals == std::string_view::npos) {
    const CLI::Option* const named = app_.get_option_no_throw("--" + std::string(words));
    const bool is_known = named != nullptr && named->get_configurable();
    if (!is_known) fail(smalldb::quoted(words), "NAME = VALUE", perhaps(std::string(words), known()));
    fail(smalldb::quoted(words), std::string(words) + (takes_value(*named) ? " = VALUE" : " = true"));
  }
  const std::string name(trimmed(words.substr(0, equals)));
  const CLI::Option* const option = app_.get_option_no_throw("--" + name);
  if (name.empty() || option == nullptr || !option->get_configurable()) {
    fail("the word " + smalldb::quoted(name), "an option without its dashes", perhaps(name, known()));
  }
  const std::string value = value_of(trimmed(words.substr(equals + 1)));
  if (!takes_value(*option) && value != "true" && value != "false") {
    fail(name + " = " + smalldb::quoted(value), "true or false", perhaps(value, {"true", "false"}));
  }
  const auto before = lines_.find(name);
  const int line_before = before == lines_.end() ? 0 : before->second.number;
  lines_.emplace(name, Line{line_, value});
  if (line_before == 0) {
    options.emplace_back();
    options.back().name = name;
    options.back().inputs = {value};
  } else if (option->get_expected_max() > 1) {
    std::find_if(options.begin(), options.end(), [&](const auto& each) {
      return each.name == name;
    })->inputs.push_back(value);
  } else {
    fail(smalldb::quoted(name) + " for the second time", "it once: it stands in line " + std::to_string(line_before));
  }
}

std::string ConfigFile::value_of(std::string_view text) const {
  if (text.starts_with('"') || text.starts_with('\'')) {
    const std::size_t end = text.find(text.front(), 1);
    if (end == std::string_view::npos) fail(std::string(text.substr(0, 60)), "a closing quote at its end");
    const std::string_view rest = trimmed(text.substr(end + 1));
    if (!rest.empty() && rest.front() != '#')
      fail(smalldb::quoted(rest) + " behind the value", "nothing, or a # comment");
    return std::string(text.substr(1, end - 1));
  }
  const std::string_view value = trimmed(text.substr(0, text.find('#')));
  if (value.empty()) fail("no value", "one behind the =");
  if (value.find_first_of(" \t\"'[,") != std::string_view::npos) {
    fail(smalldb::quoted(value), "one word, or a text in quotes; what may be said several times has a line for each");
  }
  return std::string(value);
}

std::string why_unreadable(const std::string& file) {
  if (CLI::detail::check_path(file.c_str()) == CLI::detail::path_type::directory) return "it is a directory";
  errno = 0;
  const std::ifstream in(file);
  return errno == 0 ? "it cannot be read" : std::generic_category().message(errno);
}

// ---- The words of a command line ---------------------------------------------------------------------------------

// What CLI11 would tell only after it has missed what is required: words that are nobody's.
std::string stray_word(const CLI::App& app, const Words& words) {
  const CLI::App* command = nullptr;
  Words commands;
  for (const CLI::App* each : app.get_subcommands([](const CLI::App*) { return true; })) {
    commands.push_back(each->get_name());
  }
  for (std::size_t i = 0; i < words.size() && words[i] != "--"; ++i) {
    if (words[i] == "--help" || words[i] == "-h" || words[i] == "--version") return {};
    if (words[i].starts_with("-") && words[i].size() > 1) {
      const std::string name = words[i].substr(0, words[i].find('='));
      const CLI::Option* option = app.get_option_no_throw(name);
      if (option == nullptr && command != nullptr) option = command->get_option_no_throw(name);
      if (option == nullptr) {
        Words known = names_of(app, false);
        if (command != nullptr) std::ranges::copy(names_of(*command, false), std::back_inserter(known));
        for (std::string& each : known) each.insert(0, "--");
        return unknown_option(name, known);
      }
      if (takes_value(*option) && name == words[i] && ++i == words.size()) return name + " needs a value";
    } else if (command == nullptr) {
      if (commands.empty()) return "takes no argument " + smalldb::quoted(words[i]);
      if (std::ranges::find(commands, words[i]) == commands.end()) {
        return "unknown command " + smalldb::quoted(words[i]) + perhaps(words[i], commands);
      }
      command = app.get_subcommand(words[i]);
    }
  }
  return command == nullptr && !commands.empty() ? "says no command: one of " + one_of(commands) + " is wanted" : "";
}

std::string complaint(const CLI::App& app, const Words& words, const CLI::ParseError& error) {
  const std::string text = error.what();
  const std::string option = text.substr(0, text.find(':'));
  if (dynamic_cast<const CLI::ConfigError*>(&error) != nullptr) return text;
  if (dynamic_cast<const CLI::FileError*>(&error) != nullptr && !app.get_config_ptr()->empty()) {
    const std::string file = app.get_config_ptr()->results().front();
    return "cannot read the configuration " + file + ": " + why_unreadable(file);
  }
  if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr) {
    return option + (text.find("At Most") == std::string::npos ? " needs a value" : " is said more than once");
  }
  if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr) {
    const Words extras = app.remaining(true);
    return "takes no argument " + smalldb::quoted(extras.empty() ? "" : extras.front());
  }
  const bool said = std::any_of(words.begin(), words.end(),
                                [&](const std::string& word) { return word.substr(0, word.find('=')) == option; });
  const auto* const file = dynamic_cast<const ConfigFile*>(app.get_config_formatter_base().get());
  return (said || file == nullptr || !option.starts_with("--") ? std::string()
                                                               : file->place_of(option.substr(2), text)) +
         text;
}

}  // namespace

void add_config_file(CLI::App& app) {
  app.set_config("--config", "", "Reads these options from a file");
  app.get_config_ptr()->type_name("FILE");
  app.allow_config_extras(CLI::config_extras_mode::error);
  app.config_formatter(std::make_shared<ConfigFile>(app));
}

std::string read_command_line(CLI::App& app, const Words& words) {
  const std::string see = "; see " + app.get_name() + " --help";
  std::string problem = stray_word(app, words);
  if (!problem.empty()) return problem.ends_with("?") ? problem : problem + see;
  try {
    app.parse(Words(words.rbegin(), words.rend()));  // as CLI11 wants them
  } catch (const CLI::Success&) {
    throw;
  } catch (const CLI::ParseError& error) {
    problem = complaint(app, words, error);
    if (dynamic_cast<const CLI::ConfigError*>(&error) == nullptr && !problem.ends_with("?")) problem += see;
  }
  return problem;
}

}  // namespace smalldb::server
