// The options of a command, and its help; what is wrong with a command line becomes one line that a person can act on.
// CLI11 reads it, and is known to options.cpp alone: whoever includes its header compiles all of it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "cli/command.h"
#include "scenarios/notation.h"
#include "scenarios/problem.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace smalldb::cli {

// One of Options, for as long as those are there.
class Option {
 public:
  explicit Option(CLI::Option& option) : option_(&option) {}

  Option type_name(const std::string& name) const;  // what --help calls its value; "": nothing
  Option required() const;
  Option needs(const Option& other) const;
  Option excludes(const Option& other) const;

 private:
  CLI::Option* option_;
};

// What a command says with each of its exit codes; empty: it never ends with that one.
struct ExitCodes {
  std::string_view as_expected;
  std::string_view not_as_expected;
  std::string_view unknown;
  std::string_view bad_input = "a mistake in the command line, or in what was read";
  std::string_view failed = "the simulator itself failed, or something could not be written";
};

class Options {
 public:
  // The whole name of the command ("smalldb-sim run"), the paragraph of its help, and what its exit codes say. The
  // words of `exit_codes` outlive this.
  Options(std::string_view what, std::string_view command, const ExitCodes& exit_codes);
  ~Options();
  Options(const Options&) = delete;
  Options& operator=(const Options&) = delete;

  // What --help ends with.
  void footer(std::string_view text);

  // A name without dashes is an argument by its place. REQUIRES, of all: what is to be filled outlives the reading.
  Option add_option(const std::string& name, std::string& to, const std::string& what);
  Option add_option(const std::string& name, std::vector<std::string>& to, const std::string& what);
  Option add_flag(const std::string& name, bool& to, const std::string& what);
  Option add_flag(const std::string& name, const std::function<void()>& then, const std::string& what);

  // An option that `take` reads. It gives what is wrong with a text, in words that go on after it ("is not a whole
  // number"); nothing if it has been taken.
  using Take = std::function<std::optional<std::string>(const std::string& text)>;
  Option add_taken(const std::string& name, const Take& take, const std::string& what);

  // Nothing if the command is to go on; else the exit code, after its help or what is wrong with the line has been
  // written.
  std::optional<Exit> parse(const CommandLine& line);

 private:
  std::unique_ptr<CLI::App> app_;
  ExitCodes exit_codes_;
};

// For a command that takes nothing but --help. `what` is the sentence of its help.
std::optional<Exit> parse_nothing(std::string_view command, std::string_view what, const CommandLine& line);

// An option that is one of a few words.
template <class Value>
Option add_choice(Options& options, const std::string& name, Value& value,
                  const std::vector<std::pair<std::string, Value>>& choices, const std::string& what) {
  std::vector<std::string> words;
  for (const auto& [word, meaning] : choices) words.push_back(word);
  const auto take = [&value, choices, words](const std::string& text) -> std::optional<std::string> {
    for (const auto& [word, meaning] : choices) {
      if (word != text) continue;
      value = meaning;
      return std::nullopt;
    }
    return "is not " + smalldb::one_of(words) + smalldb::did_you_mean(smalldb::nearest_word(text, words));
  };
  std::string type;
  for (const std::string& word : words) type += (type.empty() ? "" : "|") + word;
  return options.add_taken(name, take, what).type_name(type);
}

// An option that `read(text, expected)` makes a value of; nothing: it says what was expected.
template <class Value, class Read>
Option add_read(Options& options, const std::string& name, Value& value, const std::string& type, Read read,
                const std::string& what) {
  const auto take = [&value, read](const std::string& text) -> std::optional<std::string> {
    std::string expected;
    auto found = read(text, expected);
    if (!found) return "is not " + expected;
    value = *std::move(found);
    return std::nullopt;
  };
  return options.add_taken(name, take, what).type_name(type);
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

// Whole ones, and what has begun of another: none of them for 0 alone.
inline std::optional<std::uint64_t> read_milliseconds(const std::string& text, std::string& expected) {
  constexpr std::int64_t millisecond = 1'000'000;
  const auto duration = scenarios::notation::read_duration(text, expected);
  if (!duration) return std::nullopt;
  const std::int64_t begun = duration->nanoseconds % millisecond > 0 ? 1 : 0;
  return static_cast<std::uint64_t>(duration->nanoseconds / millisecond + begun);
}

// --hang, of every command that has it: a number, or one of which it can be told that it was not said.
template <class Milliseconds>
Option add_hang(Options& options, Milliseconds& hang_after_ms, const std::string& if_not_said = "60s") {
  return add_read(options, "--hang", hang_after_ms, "60s", above_zero(read_milliseconds),
                  "A run that takes longer in real time has failed; " + if_not_said + " if not said");
}

// --events, of every command that has it.
inline Option add_events(Options& options, std::uint64_t& events_max) {
  const auto read = [](const std::string& text, std::string& expected) {
    return scenarios::notation::read_count(text, expected);
  };
  return add_read(options, "--events", events_max, "N", above_zero(read),
                  "A run that comes to no end in so many events has failed; 2000000 if not said");
}

}  // namespace smalldb::cli
