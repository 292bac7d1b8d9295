// Options of a command line, and the help that tells of them: what each takes, its default and its range, in lines of
// 80 columns.
#pragma once

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace smalldb::server {

inline constexpr std::size_t manual_width = 80;

// Lays out what CLI11 knows. Descriptions and footers come as whole paragraphs, a line each; a line that begins with a
// space is left as it is.
class ManualFormatter final : public CLI::Formatter {
 public:
  // `further_usage`: another way to call the program.
  explicit ManualFormatter(std::string further_usage = {}) : further_usage_(std::move(further_usage)) {}

  std::string make_help(const CLI::App* app, std::string name, CLI::AppFormatMode mode) const override;

 private:
  std::string further_usage_;
};

// A name of a file or a directory. Refused if it is empty.
CLI::Option* add_path(CLI::App& app, const std::string& name, std::string& to, const std::string& type,
                      const std::string& what);

// One of some words, the first of which is the default.
using Choice = std::pair<std::string, std::function<void()>>;
CLI::Option* add_word(CLI::App& app, const std::string& name, const std::vector<Choice>& choices,
                      const std::string& what);

// Both ends belong to it.
template <class Value>
struct Range {
  Value from;
  Value to;
};

// In each case `usual` is the default, which is told unless it lies outside of the range; so is the range, unless it
// has no end.
using Time = std::chrono::nanoseconds;
CLI::Option* add_time(CLI::App& app, const std::string& name, Time usual, const Range<Time>& range,
                      std::function<void(Time)> take, const std::string& what);
CLI::Option* add_size(CLI::App& app, const std::string& name, std::uint64_t& usual, const Range<std::uint64_t>& range,
                      const std::string& what);
// Any number, without a default.
CLI::Option* add_count(CLI::App& app, const std::string& name, std::function<void(std::uint64_t)> take,
                       const std::string& what);
CLI::Option* add_count(CLI::App& app, const std::string& name, std::uint64_t& usual, const Range<std::uint64_t>& range,
                       const std::string& what);
inline CLI::Option* add_time(CLI::App& app, const std::string& name, Time& usual, const Range<Time>& range,
                             const std::string& what) {
  return add_time(
      app, name, usual, range, [&usual](Time told) { usual = told; }, what);
}

}  // namespace smalldb::server
