#include "reports/story_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "reports/layout.h"
#include "reports/words.h"

namespace smalldb::reports {
namespace {

constexpr std::size_t time_width = 12;
constexpr std::size_t role_width = 10;
constexpr std::size_t position_width = 6;
constexpr std::size_t cell_width = role_width + 1 + position_width;

std::string_view role_word(const StoryCell& cell) {
  switch (cell.state) {
    case StoryCell::State::not_started: return "-";
    case StoryCell::State::down: return "down";
    case StoryCell::State::paused: return "paused";
    case StoryCell::State::running: break;
  }
  return cell.alone && cell.role == Role::primary ? std::string_view("alone") : name(cell.role);
}

std::string cell_text(const StoryCell& cell) {
  const bool shows_position = cell.state == StoryCell::State::running || cell.state == StoryCell::State::paused;
  return fmt::format("{:<{}} {:>{}}", role_word(cell), role_width, shows_position ? std::to_string(cell.position) : "",
                     position_width);
}

Colour colour_of(const StoryCell& cell) {
  if (cell.state != StoryCell::State::running) return Colour::red;
  switch (cell.role) {
    case Role::primary: return cell.alone ? Colour::yellow : Colour::green;
    case Role::backup: return Colour::cyan;
    case Role::damaged:
    case Role::stopped: return Colour::red;
    default: return Colour::none;
  }
}

Colour colour_of(Tone tone) {
  switch (tone) {
    case Tone::plain: return Colour::none;
    case Tone::quiet: return Colour::dim;
    case Tone::good: return Colour::green;
    case Tone::fault: return Colour::yellow;
    case Tone::bad: return Colour::red;
  }
  return Colour::none;
}

// A column's heading; a long name is cut so that what is below stays in line.
std::string heading(std::string_view text) { return fmt::format("{:<{}.{}}", text, cell_width, cell_width); }

class Table {
 public:
  Table(const Style& style, std::ostream& out) : style_(style), out_(out) {}

  void write(const StoryLine& line) {
    out_ << fmt::format("{:>{}}", seconds_text(line.time), time_width);
    for (std::size_t column = 0; column < line.cells.size(); ++column) {
      const StoryCell& cell = line.cells[column];
      const bool same = column < above_.size() && above_[column] == cell;
      out_ << "  " << style_.paint(same ? Colour::dim : colour_of(cell), cell_text(cell));
    }
    write_text(line, time_width + line.cells.size() * (2 + cell_width) + 2);
    above_ = line.cells;
  }

 private:
  // Behind the columns, which are `before` wide. On a terminal that is too narrow for it the rest hangs below its
  // beginning, if there is room to hang.
  void write_text(const StoryLine& line, std::size_t before) {
    constexpr std::size_t room_min = 24;
    const std::string text = "  " + style_.paint(colour_of(line.tone), line.text);
    if (style_.width() == text_width || before + room_min > style_.width()) {
      out_ << text << '\n';
    } else {
      write_paragraph("  ", before, std::string_view(text).substr(2), out_, style_.width());
    }
  }

  const Style& style_;
  std::ostream& out_;
  std::vector<StoryCell> above_;
};

}  // namespace

void write_story(const Story& story, const Style& style, std::ostream& out) {
  std::string head = fmt::format("{:>{}}", "seconds", time_width);
  for (const StoryColumn& column : story.columns()) head += "  " + heading(column.name);
  out << style.paint(Colour::bold, head + "  what happened") << '\n';

  Table table(style, out);
  const auto remark = [&](std::string_view text) { out << fmt::format("{:>{}}  ({})\n", "...", time_width, text); };
  for (const StoryLine& line : story.lines()) {
    if (line.left_out > 0) remark(counted(line.left_out, "line") + " left out");
    table.write(line);
    if (line.repeat) remark(repeat_text(*line.repeat));
  }
}

}  // namespace smalldb::reports
