#include "cli/parse.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>
#include <string>
#include <vector>

#include "cli/list.h"
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
void write_help(const CLI::App& app, std::ostream& out) {
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
}

}  // namespace

std::optional<Exit> parse(CLI::App& app, const CommandLine& line) {
  std::vector<std::string> reversed(line.arguments.rbegin(), line.arguments.rend());  // as CLI11 wants them
  try {
    app.parse(std::move(reversed));
    return std::nullopt;
  } catch (const CLI::CallForHelp&) {
    write_help(app, std::cout);
    return as_expected;
  } catch (const CLI::ExtrasError&) {
    std::cerr << app.get_name() << ": " << describe_extras(app) << '\n';
  } catch (const CLI::ArgumentMismatch& problem) {
    const std::string option = problem.what();
    std::cerr << app.get_name() << ": " << option.substr(0, option.find(':')) << " needs a value\n";
  } catch (const CLI::ParseError& problem) {
    std::cerr << app.get_name() << ": " << problem.what() << '\n';
  }
  std::cerr << app.get_name() << " --help explains what it takes\n";
  return bad_input;
}

std::optional<Exit> parse_nothing(std::string_view command, std::string_view what, const CommandLine& line) {
  CLI::App app{std::string(what), "smalldb-sim " + std::string(command)};
  app.set_help_flag("-h,--help", "Prints this");
  return parse(app, line);
}

}  // namespace smalldb::cli
