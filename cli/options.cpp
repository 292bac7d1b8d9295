#include "cli/options.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>
#include <string>
#include <vector>

#include "cli/list.h"
#include "model/printable.h"
#include "model/words.h"
#include "reports/layout.h"

namespace smalldb::cli {
namespace {

std::vector<std::string> option_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

// What CLI11 found that it knows no use for: mistyped options, or names where none belong.
std::string describe_extras(const CLI::App& app) {
  const std::vector<std::string> extras = app.remaining();
  const auto option =
      std::find_if(extras.begin(), extras.end(), [](const std::string& e) { return e.starts_with("-"); });
  if (option == extras.end()) return "takes no argument " + smalldb::quoted(extras.empty() ? "" : extras.front());
  return smalldb::unknown_option(*option, option_names(app));
}

// What CLI11 knows of the command, in our own layout: its lines can be read.
void write_help(const CLI::App& app, const ExitCodes& exit_codes, std::ostream& out) {
  write_paragraphs(app.get_description(), out);
  Meanings options;
  std::string names;
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_positional()) {
      const std::string name = option->get_name(true) + (option->get_expected_max() > 1 ? "..." : "");
      names += option->get_required() ? " " + name : " [" + name + "]";
    } else {
      std::string name = option->get_name(false, true);
      for (std::size_t at = 0; (at = name.find(',', at)) != std::string::npos; at += 2) name.insert(at + 1, " ");
      if (option->get_type_size() > 0) name += " " + option->get_type_name();
      options.emplace_back(name, option->get_description());
    }
  }
  if (const std::string& examples = app.get_footer(); !examples.empty()) out << '\n' << examples << '\n';
  out << "\nUsage: " << app.get_name() << " [options]" << names << "\n\n";
  write_list(options, out);
  const std::pair<Exit, std::string_view> codes[] = {{as_expected, exit_codes.as_expected},
                                                     {not_as_expected, exit_codes.not_as_expected},
                                                     {unknown, exit_codes.unknown},
                                                     {bad_input, exit_codes.bad_input},
                                                     {failed, exit_codes.failed}};
  Meanings meanings;
  for (const auto& [code, meaning] : codes) {
    if (!meaning.empty()) meanings.emplace_back("  " + std::to_string(code), meaning);
  }
  out << "\nExit codes:\n";
  write_list(meanings, out);
}

}  // namespace

Option Option::type_name(const std::string& name) const {
  option_->type_name(name);
  return *this;
}
Option Option::required() const {
  option_->required();
  return *this;
}
Option Option::needs(const Option& other) const {
  option_->needs(other.option_);
  return *this;
}
Option Option::excludes(const Option& other) const {
  option_->excludes(other.option_);
  return *this;
}

Options::Options(std::string_view what, std::string_view command, const ExitCodes& exit_codes)
    : app_(std::make_unique<CLI::App>(std::string(what), std::string(command))), exit_codes_(exit_codes) {
  app_->set_help_flag("-h,--help", "Prints this");
}
Options::~Options() = default;

void Options::footer(std::string_view text) { app_->footer(std::string(text)); }

Option Options::add_option(const std::string& name, std::string& to, const std::string& what) {
  return Option(*app_->add_option(name, to, what));
}
Option Options::add_option(const std::string& name, std::vector<std::string>& to, const std::string& what) {
  return Option(*app_->add_option(name, to, what));
}
Option Options::add_flag(const std::string& name, bool& to, const std::string& what) {
  return Option(*app_->add_flag(name, to, what));
}
Option Options::add_flag(const std::string& name, const std::function<void()>& then, const std::string& what) {
  return Option(*app_->add_flag_callback(name, then, what));
}
Option Options::add_taken(const std::string& name, const Take& take, const std::string& what) {
  const auto read = [name, take](const std::string& text) {
    if (const auto wrong = take(text)) throw CLI::ValidationError(name, smalldb::quoted(text) + " " + *wrong);
  };
  return Option(*app_->add_option_function<std::string>(name, read, what));
}

std::optional<Exit> Options::parse(const CommandLine& line) {
  std::vector<std::string> reversed(line.arguments.rbegin(), line.arguments.rend());  // as CLI11 wants them
  try {
    app_->parse(std::move(reversed));
    return std::nullopt;
  } catch (const CLI::CallForHelp&) {
    write_help(*app_, exit_codes_, std::cout);
    return as_expected;
  } catch (const CLI::ExtrasError&) {
    std::cerr << app_->get_name() << ": " << printable(describe_extras(*app_)) << '\n';
  } catch (const CLI::ArgumentMismatch& problem) {
    const std::string words = problem.what(), name = words.substr(0, words.find(':'));
    const CLI::Option* const option = app_->get_option_no_throw(name);
    const bool is_repeated = option != nullptr && option->count() > 1;
    std::cerr << app_->get_name() << ": " << printable(name)
              << (is_repeated ? " stands there more than once" : " needs a value") << '\n';
  } catch (const CLI::ParseError& problem) {
    std::cerr << app_->get_name() << ": " << printable(problem.what()) << '\n';
  }
  std::cerr << app_->get_name() << " --help explains what it takes\n";
  return bad_input;
}

std::optional<Exit> parse_nothing(std::string_view command, std::string_view what, const CommandLine& line) {
  return Options(what, "smalldb-sim " + std::string(command), {"the list was written", "", ""}).parse(line);
}

}  // namespace smalldb::cli
