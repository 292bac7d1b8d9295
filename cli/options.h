// Options that several commands take, read with one error that a person can act on.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <utility>
#include <vector>

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
    const std::string nearest = scenarios::nearest_word(text, words);
    throw CLI::ValidationError(option,
                               scenarios::quoted(text) + " is not " + scenarios::one_of(words) +
                                   (nearest.empty() ? "" : "; did you mean " + scenarios::quoted(nearest) + "?"));
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
    if (!found) throw CLI::ValidationError(option, scenarios::quoted(text) + " is not " + expected);
    value = *std::move(found);
  };
  return app.add_option_function<std::string>(option, take, what)->type_name(type);
}

}  // namespace smalldb::cli
