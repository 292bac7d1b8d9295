#include "scenarios/vocabulary.h"

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

#include "scenarios/notation.h"
#include "scenarios/occurrence.h"
#include "scenarios/problem.h"
#include "scenarios/scanner.h"

namespace smalldb::scenarios {

namespace {

using Words = std::vector<std::string>;

const Words length_units = {"min", "ms", "s", "h", "us", "ns", "seconds", "minutes", "hours", "days"};
const Words size_units = {"B", "KiB", "MiB", "GiB", "kB", "MB", "GB", "bytes"};
const Words ratio_words = {"never", "always"};

Words words_of(std::string_view notation) {
  Words words;
  const auto add = [&](const Words& more) { words.insert(words.end(), more.begin(), more.end()); };
  if (notation == "duration" || notation == "signed_duration" || notation == "rate") add(length_units);
  if (notation == "size" || notation == "size_range" || notation == "bandwidth") add(size_units);
  if (notation == "bandwidth") add({"s"});
  if (notation == "size_range") add({"to"});
  if (notation == "ratio" || notation == "drift") add(ratio_words);
  if (notation == "drift") add({"ppm", "ppb"});
  if (notation == "rate") add({"exponential", "every", "per"});
  if (notation == "skew") add({"uniform", "zipf", "hot", "on", "of", "the", "keys"});
  if (notation == "distribution") {
    add(length_units);
    add({"uniform", "exponential", "pareto", "mean", "from", "up", "to", "of", "them"});
  }
  return words;
}

// For a word of one or two letters many are near: the one that it begins is meant, if there is one.
std::string nearest(std::string_view word, const Words& valid) {
  constexpr std::size_t short_word = 2;
  const auto longer =
      std::find_if(valid.begin(), valid.end(), [&](const auto& one) { return lower(one).starts_with(lower(word)); });
  return word.size() <= short_word && longer != valid.end() ? *longer : nearest_word(word, valid);
}

// The names of keys and values are the writer's: a step's words stand in known places.
std::string nearest_word_of_a_step(std::string_view text) {
  constexpr std::pair<std::string_view, std::string_view> other_names[] = {
      {"set", "put"},      {"write", "put"},     {"store", "put"}, {"read", "get"},
      {"erase", "delete"}, {"remove", "delete"}, {"sleep", "wait"}};
  static const Words verbs = {"get", "put", "delete", "wait"};
  static const Words conditions = {"absent", "exists", "unchanged", "revision"};
  Scanner scanner(text);
  const std::string verb = lower(scanner.take_letters());
  const auto* other = std::find_if(std::begin(other_names), std::end(other_names),
                                   [&](const auto& pair) { return pair.first == verb; });
  if (other != std::end(other_names)) return std::string(other->second);
  if (verb != "delete" && std::find(verbs.begin(), verbs.end(), verb) == verbs.end()) return nearest(verb, verbs);
  if (verb == "wait") {
    if (scanner.take_word("until")) return nearest_word_of_an_occurrence(scanner.rest());
    const std::string_view word = scanner.take_letters();
    return word.empty() ? nearest_word_of("duration", scanner.rest()) : nearest(word, {"until", "for"});
  }
  const std::size_t condition = text.find(" if ");
  if (verb == "get" || condition == std::string_view::npos) return {};
  const std::string word = lower(Scanner(text.substr(condition + 4)).take_letters());
  const bool is_one = std::find(conditions.begin(), conditions.end(), word) != conditions.end();
  return is_one ? std::string() : nearest(word, conditions);
}

}  // namespace

std::string nearest_word_of(std::string_view notation, std::string_view text) {
  if (notation == "occurrence") return nearest_word_of_an_occurrence(text);
  if (notation == "step") return nearest_word_of_a_step(text);
  const Words valid = words_of(notation);
  const bool is_of_sizes = std::find(valid.begin(), valid.end(), "GiB") != valid.end();
  if (valid.empty()) return {};
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  for (auto at = text.begin(); at != text.end();) {
    const auto begin = std::find_if(at, text.end(), is_letter);
    at = std::find_if_not(begin, text.end(), is_letter);
    const std::string_view word(begin, at);
    if (at != text.end() && is_digit(*at)) continue;  // 1e400: no word, and none that is near is meant
    if (word.empty() || std::find(valid.begin(), valid.end(), word) != valid.end()) continue;
    if (is_of_sizes && notation::is_unit_beyond(word)) return {};  // one of those that there are is not meant
    if (std::string near = nearest(word, valid); !near.empty()) return near;
  }
  return {};
}

}  // namespace smalldb::scenarios
