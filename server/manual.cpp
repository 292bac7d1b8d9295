#include "server/manual.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <ostream>
#include <sstream>
#include <utility>

#include "model/words.h"
#include "server/duration.h"
#include "server/size.h"

namespace smalldb::server {
namespace {

using Words = std::vector<std::string>;

constexpr std::size_t description_begins_at = 28;

// ---- Layout ------------------------------------------------------------------------------------------------------

// The words of `text` in lines of which none is longer than `width`, unless a word is.
Words lines_of(const std::string& text, std::size_t width) {
  std::istringstream words(text);
  Words lines;
  for (std::string word; words >> word;) {
    if (!lines.empty() && lines.back().size() + 1 + word.size() <= width) {
      lines.back() += ' ' + word;
    } else {
      lines.push_back(word);
    }
  }
  return lines;
}

void write_paragraphs(const std::string& text, std::ostream& out) {
  std::istringstream paragraphs(text);
  for (std::string paragraph; std::getline(paragraphs, paragraph);) {
    if (paragraph.empty() || paragraph.front() == ' ') {
      out << paragraph << '\n';
    } else {
      for (const std::string& line : lines_of(paragraph, manual_width)) out << line << '\n';
    }
  }
}

// The name on a line of its own if it leaves no place for the description.
void write_entry(const std::string& name, const std::string& description, std::ostream& out) {
  std::string head = "  " + name;
  if (head.size() + 2 > description_begins_at) {
    out << head << '\n';
    head.clear();
  }
  for (const std::string& line : lines_of(description, manual_width - description_begins_at)) {
    out << head << std::string(description_begins_at - head.size(), ' ') << line << '\n';
    head.clear();
  }
}

void write_option(const CLI::Option& option, std::ostream& out) {
  std::string name = option.get_name(option.get_positional(), true);
  if (const std::size_t comma = name.find(','); comma != std::string::npos) name.insert(comma + 1, " ");
  if (option.get_type_size() > 0 && !option.get_positional()) name += " " + option.get_type_name();
  std::string remarks;
  const auto remark = [&remarks](const std::string& text) {
    if (!text.empty()) remarks += (remarks.empty() ? "" : "; ") + text;
  };
  remark(option.get_required() ? "required" : "");
  remark(option.get_option_text());
  remark(option.get_envname().empty() ? "" : "default $" + option.get_envname());
  write_entry(name, option.get_description() + (remarks.empty() ? "" : " (" + remarks + ")"), out);
}

std::string usage_of(const CLI::App& app, const std::string& name) {
  std::string usage = name + " [OPTIONS]";
  for (const CLI::Option* option : app.get_options()) {
    if (!option->get_positional()) continue;
    const std::string word = option->get_name(true) + (option->get_expected_max() > 1 ? "..." : "");
    usage += option->get_required() ? " " + word : " [" + word + "]";
  }
  return usage;
}

// ---- Values ------------------------------------------------------------------------------------------------------

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
CLI::Option* add(CLI::App& app, const std::string& name, const Kind<Value>& kind, std::optional<Value> usual,
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
  const bool has_default = usual && *usual >= range.from && *usual <= range.to;
  const bool has_end = range.to != std::numeric_limits<Value>::max();
  const std::string limits = has_end ? kind.text(range.from) + " to " + kind.text(range.to) : "";
  const std::string remarks =
      (has_default ? "default " + kind.text(*usual) : "") + (has_default && has_end ? "; " : "") + limits;
  return app.add_option_function<std::string>(name, read, what)->type_name(kind.type)->option_text(remarks);
}

constexpr Range<std::uint64_t> any_number = {0, std::numeric_limits<std::uint64_t>::max()};

}  // namespace

std::string ManualFormatter::make_help(const CLI::App* app, std::string name, CLI::AppFormatMode) const {
  std::ostringstream out;
  write_paragraphs(app->get_description(), out);
  out << "\nUsage: " << usage_of(*app, name);
  const auto commands = app->get_subcommands([](const CLI::App*) { return true; });
  out << (commands.empty() ? "\n" : " COMMAND ...\n");
  if (!further_usage_.empty()) out << "  or:  " << further_usage_ << '\n';
  const auto write_options = [&](const std::string& title, auto belongs) {
    std::string before = "\n" + title + ":\n";
    for (const CLI::Option* option : app->get_options()) {
      if (!belongs(*option)) continue;
      out << std::exchange(before, "");
      write_option(*option, out);
    }
  };
  write_options("Arguments", [](const CLI::Option& option) { return option.get_positional(); });
  if (!commands.empty()) out << "\nCommands:\n";
  for (const CLI::App* command : commands) write_entry(command->get_name(), command->get_description(), out);
  for (const std::string& group : app->get_groups()) {
    write_options(
        group, [&group](const CLI::Option& option) { return !option.get_positional() && option.get_group() == group; });
  }
  if (const std::string footer = app->get_footer(); !footer.empty()) {
    out << '\n';
    write_paragraphs(footer, out);
  }
  return out.str();
}

CLI::Option* add_path(CLI::App& app, const std::string& name, std::string& to, const std::string& type,
                      const std::string& what) {
  return app.add_option(name, to, what)->type_name(type)->check([](const std::string& text) {
    return text.empty() ? std::string("an empty name") : std::string();
  });
}

CLI::Option* add_word(CLI::App& app, const std::string& name, const std::vector<Choice>& choices,
                      const std::string& what) {
  Words words;
  std::string type;
  for (const auto& [word, take] : choices) {
    words.push_back(word);
    type += (type.empty() ? "" : "|") + word;
  }
  const auto read = [name, choices, words](const std::string& word) {
    const auto found = std::ranges::find(choices, word, &Choice::first);
    if (found == choices.end()) {
      throw CLI::ValidationError(name,
                                 "'" + word + "' is not " + one_of(words) + did_you_mean(nearest_word(word, words)));
    }
    found->second();
  };
  return app.add_option_function<std::string>(name, read, what)
      ->type_name(type)
      ->option_text("default " + words.front());
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

CLI::Option* add_count(CLI::App& app, const std::string& name, std::function<void(std::uint64_t)> take,
                       const std::string& what) {
  return add<std::uint64_t>(app, name, counts, {}, any_number, std::move(take), what);
}

CLI::Option* add_count(CLI::App& app, const std::string& name, std::uint64_t& usual, const Range<std::uint64_t>& range,
                       const std::string& what) {
  return add<std::uint64_t>(
      app, name, counts, usual, range, [&usual](std::uint64_t told) { usual = told; }, what);
}

}  // namespace smalldb::server
