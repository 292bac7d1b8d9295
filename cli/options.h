// Options that several commands take, read with one error that a person can act on.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "scenarios/notation.h"
#include "scenarios/problem.h"

namespace smalldb::cli {

// An option that is one of a few words.
template <class Value>
CLI::Option* add_choice(CLI::App& app, const std::string& option, Value& value,
                        const std::vector<std::pair<std::string, Value>>& choices, const std::string& what) {
  std::vector<std::string> words;
  for (const auto& [word, meaning] : choices) words.push_back(word);
  const auto take = [option, &value, choices, words](const std::string& text) {
    for (const auto& [word, meaning] : choices) {
      if (word == text) return void(value = meaning);
    }
    throw CLI::ValidationError(option, smalldb::quoted(text) + " is not " + smalldb::one_of(words) +
                                           smalldb::did_you_mean(smalldb::nearest_word(text, words)));
  };
  std::string type;
  for (const std::string& word : words) type += (type.empty() ? "" : "|") + word;
  return app.add_option_function<std::string>(option, take, what)->type_name(type);
}

// An option that `read(text, expected)` makes a value of; nothing: it says what was expected.
template <class Value, class Read>
CLI::Option* add_read(CLI::App& app, const std::string& option, Value& value, const std::string& type, Read read,
                      const std::string& what) {
  const auto take = [option, &value, read](const std::string& text) {
    std::string expected;
    auto found = read(text, expected);
    if (!found) throw CLI::ValidationError(option, smalldb::quoted(text) + " is not " + expected);
    value = *std::move(found);
  };
  return app.add_option_function<std::string>(option, take, what)->type_name(type);
}

// What `read` gives, if it is more than none of it: for options of which none would be a mistake.
template <class Read>
auto above_zero(Read read) {
  return [read](const std::string& text, std::string& expected) {
    auto number = read(text, expected);
    if (!number || *number != std::remove_reference_t<decltype(*number)>{}) return number;
    expected = "more than 0";
    return decltype(number){};
  };
}

// --events, of every command that has it.
inline CLI::Option* add_events(CLI::App& app, std::uint64_t& events_max) {
  const auto read = [](const std::string& text, std::string& expected) {
    return scenarios::notation::read_count(text, expected);
  };
  return add_read(app, "--events", events_max, "N", above_zero(read),
                  "A run that comes to no end in so many events has failed; 2000000 if not said");
}

}  // namespace smalldb::cli
