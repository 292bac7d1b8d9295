#include "server/manual.h"

#include <charconv>
#include <sstream>
#include <utility>

#include "server/duration.h"
#include "server/size.h"

namespace smalldb::server {
namespace {

constexpr std::size_t description_begins_at = 34;
constexpr std::size_t line_size_max = 100;

std::string broken(const std::string& text) {
  std::istringstream words(text);
  std::string lines;
  std::size_t used = 0;
  for (std::string word; words >> word; used += word.size()) {
    if (used > 0) {
      const bool fits = used + 1 + word.size() <= line_size_max - description_begins_at;
      lines += fits ? ' ' : '\n';
      used = fits ? used + 1 : 0;
    }
    lines += word;
  }
  return lines;
}

// How values of one kind are read and told.
template <class Value>
struct Kind {
  const char* type;
  std::optional<Value> (*read)(std::string_view text);
  std::string (*text)(Value value);
  std::string (*wrong)(std::string_view text);
};

const Kind<std::int64_t> times = {"TIME", read_duration, duration_text, no_duration};
const Kind<std::uint64_t> sizes = {"BYTES", read_size, size_text, no_size};
const Kind<std::uint64_t> counts = {
    "N",
    [](std::string_view text) -> std::optional<std::uint64_t> {
      std::uint64_t number = 0;
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
      return error == std::errc() && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
    },
    [](std::uint64_t number) { return std::to_string(number); },
    [](std::string_view text) { return "'" + std::string(text) + "' is no whole number"; },
};

template <class Value>
CLI::Option* add(CLI::App& app, const std::string& name, const Kind<Value>& kind, Value usual,
                 const Range<Value>& range, std::function<void(Value)> take, const std::string& what) {
  const auto read = [name, kind, range, take = std::move(take)](const std::string& text) {
    const std::optional<Value> value = kind.read(text);
    if (!value) throw CLI::ValidationError(name, kind.wrong(text));
    if (*value < range.from || *value > range.to) {
      throw CLI::ValidationError(
          name, "'" + text + "' is not between " + kind.text(range.from) + " and " + kind.text(range.to));
    }
    take(*value);
  };
  const std::string limits = " (" + kind.text(range.from) + " to " + kind.text(range.to) + ")";
  CLI::Option* const option = app.add_option_function<std::string>(name, read, what + limits)->type_name(kind.type);
  if (usual >= range.from && usual <= range.to) option->default_str(kind.text(usual));
  return option;
}

}  // namespace

ManualFormatter::ManualFormatter() { column_width(description_begins_at); }

std::string ManualFormatter::make_option_desc(const CLI::Option* option) const {
  return broken(option->get_description());
}

std::string ManualFormatter::make_subcommand(const CLI::App* command) const {
  std::ostringstream out;
  CLI::detail::format_help(out, command->get_display_name(true), broken(command->get_description()),
                           get_column_width());
  return out.str();
}

CLI::Option* add_time(CLI::App& app, const std::string& name, Time usual, const Range<Time>& range,
                      std::function<void(Time)> take, const std::string& what) {
  return add<std::int64_t>(
      app, name, times, usual.count(), {range.from.count(), range.to.count()},
      [take = std::move(take)](std::int64_t told) { take(Time(told)); }, what);
}

CLI::Option* add_size(CLI::App& app, const std::string& name, std::uint64_t& usual, const Range<std::uint64_t>& range,
                      const std::string& what) {
  return add<std::uint64_t>(
      app, name, sizes, usual, range, [&usual](std::uint64_t told) { usual = told; }, what);
}

CLI::Option* add_count(CLI::App& app, const std::string& name, std::uint64_t& usual, const Range<std::uint64_t>& range,
                       const std::string& what) {
  return add<std::uint64_t>(
      app, name, counts, usual, range, [&usual](std::uint64_t told) { usual = told; }, what);
}

}  // namespace smalldb::server
