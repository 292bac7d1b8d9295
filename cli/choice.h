// Options of a command line that are one of a few words.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <utility>
#include <vector>

#include "scenarios/problem.h"

namespace smalldb::cli {

// A word that is none of them is refused, with the nearest that is. REQUIRES: `value` outlives the parsing.
template <class Value>
void add_choice(CLI::App& app, const std::string& option, Value& value,
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
  app.add_option_function<std::string>(option, take, what)->type_name(type);
}

}  // namespace smalldb::cli
