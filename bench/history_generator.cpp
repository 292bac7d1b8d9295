// Writes the histories that judging is measured on (checker_cases.h) as JSON lines, for other checkers:
//
//     history_generator               their names, one a line
//     history_generator NAME [SEED]   the history; SEED: another one of that kind
//
// Exits 1 if no answer of it can be made wrong as it should be, 3 if there is none of that name.
#include <charconv>
#include <cstdint>
#include <iostream>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "bench/checker_cases.h"
#include "properties/checker/formats/json_writer.h"

namespace smalldb::checker {
namespace {

const std::pair<const char*, std::span<const Case> (*)()> groups[] = {
    {"", cases}, {"reasons/", cases_of_reasons}, {"as_it_happens/", cases_as_it_happens}};

const Case* find_case(const std::string& name) {
  for (const auto& [prefix, group] : groups) {
    for (const Case& one : group()) {
      if (prefix + std::string(one.name) == name) return &one;
    }
  }
  return nullptr;
}

int list_names() {
  for (const auto& [prefix, group] : groups) {
    for (const Case& one : group()) std::cout << prefix << one.name << "\n";
  }
  return 0;
}

// Nothing if it is no number.
std::optional<std::uint64_t> number_of(const std::string& text) {
  std::uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [read, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || read != end) return std::nullopt;
  return number;
}

int write(std::span<char* const> arguments) {
  if (arguments.empty()) return list_names();
  const Case* const one = find_case(arguments[0]);
  const std::optional<std::uint64_t> seed =
      one == nullptr || arguments.size() < 2 ? std::optional(std::uint64_t{1}) : number_of(arguments[1]);
  if (one == nullptr || !seed || arguments.size() > 2) {
    std::cerr << "history_generator [NAME [SEED]]; without a name, it lists them\n";
    return 3;
  }
  const std::optional<History> history = history_of(*one, *seed);
  if (!history) {
    std::cerr << "history_generator: no answer of " << one->name << " can be made wrong with seed " << *seed << "\n";
    return 1;
  }
  std::cout << write_json_lines(*history);
  return std::cout.flush() ? 0 : 1;
}

}  // namespace
}  // namespace smalldb::checker

int main(int count, char** arguments) { return smalldb::checker::write({arguments + 1, arguments + count}); }
