#include "scenarios/files.h"

#include <algorithm>
#include <optional>

#include "model/arbiter.h"
#include "model/data_directory.h"

namespace smalldb::scenarios {

namespace {

constexpr char any_digit = '#', any_decimal = '%';
constexpr std::string_view digits = "0123456789";

bool is_decimal(char c) { return c >= '0' && c <= '9'; }
bool is_digit(char c) { return is_decimal(c) || (c >= 'a' && c <= 'f'); }

// The name with any digit in the place of each.
std::string shape_of(std::string name) {
  std::replace_if(
      name.begin(), name.end(), [](char c) { return digits.find(c) != std::string_view::npos; }, any_digit);
  return name;
}

// A kind of file, and what is done to it.
struct Kind {
  std::string shape;
  bool written = false;  // and synced
  bool renamed_to = false;

  bool has(FileVerb verb) const { return verb == FileVerb::rename_to ? renamed_to : written; }
};

std::vector<Kind> kinds(FilesOf whose) {
  constexpr bool written = true, renamed_to = true, as_a_whole = false;
  const std::string checkpoint = checkpoint_file(0, Lsn{});
  switch (whose) {
    case FilesOf::node:
      return {{std::string(meta_file), as_a_whole, renamed_to},
              {temporary_file(meta_file), written},
              {shape_of(log_file(0, Lsn{})), written},
              {shape_of(checkpoint), as_a_whole, renamed_to},
              {shape_of(temporary_file(checkpoint)), written}};
    case FilesOf::arbiter: return {{Arbiter::file, written}};
    case FilesOf::shared_volume:
      return {{"epoch-" + std::string(12, any_digit)},  // a claim by another name
              {"claim-" + std::string(12, any_digit) + "-" + std::string(32, any_digit), written}};
    case FilesOf::pings: {
      std::vector<Kind> all;
      for (const std::size_t length : {1, 2}) {  // of a process's number
        const std::string ping = "ping-" + std::string(length, any_decimal);
        all.push_back({ping, as_a_whole, renamed_to});
        all.push_back({ping + "-new", written});
      }
      return all;
    }
  }
  return {};
}

bool can_match(std::string_view pattern, std::string_view shape) {
  // Whether what has been taken of the pattern can be the first so many characters of the name.
  std::vector<bool> can_be(shape.size() + 1);
  can_be[0] = true;
  for (const char c : pattern) {
    std::vector<bool> next(shape.size() + 1);
    next[0] = c == '*' && can_be[0];
    for (std::size_t i = 0; i < shape.size(); ++i) {
      const bool fits = shape[i] == any_digit ? is_digit(c) : shape[i] == any_decimal ? is_decimal(c) : shape[i] == c;
      next[i + 1] = c == '*' ? next[i] || can_be[i + 1] : fits && can_be[i];
    }
    can_be.swap(next);
  }
  return can_be.back();
}

std::vector<std::string> patterns_of(FilesOf whose, std::optional<FileVerb> verb) {
  constexpr std::string_view any = "#%";
  std::vector<std::string> patterns;
  for (const Kind& kind : kinds(whose)) {
    if (verb && !kind.has(*verb)) continue;
    std::string pattern = kind.shape;
    const std::size_t first = pattern.find_first_of(any), last = pattern.find_last_of(any);
    if (first != std::string::npos) pattern.replace(first, last - first + 1, "*");
    if (std::find(patterns.begin(), patterns.end(), pattern) == patterns.end()) patterns.push_back(pattern);
  }
  return patterns;
}

bool can_match_one(std::string_view pattern, FilesOf whose, std::optional<FileVerb> verb) {
  const std::vector<Kind> all = kinds(whose);
  return std::any_of(all.begin(), all.end(),
                     [&](const Kind& kind) { return (!verb || kind.has(*verb)) && can_match(pattern, kind.shape); });
}

}  // namespace

std::vector<std::string> file_patterns(FilesOf whose) { return patterns_of(whose, {}); }

std::vector<std::string> file_patterns(FilesOf whose, FileVerb verb) { return patterns_of(whose, verb); }

bool can_match_a_file(std::string_view pattern, FilesOf whose) { return can_match_one(pattern, whose, {}); }

bool can_match_a_file(std::string_view pattern, FilesOf whose, FileVerb verb) {
  return can_match_one(pattern, whose, verb);
}

}  // namespace smalldb::scenarios
