// Options of a command line that say in the help what they take: unit, default and range.
#pragma once

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

namespace smalldb::server {

// Breaks the lines of descriptions.
class ManualFormatter : public CLI::Formatter {
 public:
  ManualFormatter();

  std::string make_option_desc(const CLI::Option* option) const override;
  std::string make_subcommand(const CLI::App* command) const override;
};

// Both ends belong to it.
template <class Value>
struct Range {
  Value from;
  Value to;
};

// In each case `usual` is the default, which is told unless it lies outside of the range.
using Time = std::chrono::nanoseconds;
CLI::Option* add_time(CLI::App& app, const std::string& name, Time usual, const Range<Time>& range,
                      std::function<void(Time)> take, const std::string& what);
CLI::Option* add_size(CLI::App& app, const std::string& name, std::uint64_t& usual, const Range<std::uint64_t>& range,
                      const std::string& what);
CLI::Option* add_count(CLI::App& app, const std::string& name, std::uint64_t& usual, const Range<std::uint64_t>& range,
                       const std::string& what);
inline CLI::Option* add_time(CLI::App& app, const std::string& name, Time& usual, const Range<Time>& range,
                             const std::string& what) {
  return add_time(
      app, name, usual, range, [&usual](Time told) { usual = told; }, what);
}

}  // namespace smalldb::server
