#include "reports/reason_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <ostream>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "reports/columns.h"
#include "reports/history_words.h"
#include "reports/layout.h"

namespace smalldb::reports {
namespace {

using checker::Instant;

constexpr std::size_t rows_max = 10;
constexpr std::size_t mark_rows_max = 3;
constexpr std::size_t label_max = 46;   // more only where the shortest way of telling its data takes more
constexpr std::size_t remark_max = 38;  // the same
constexpr std::size_t sentence_max = 330;
constexpr std::string_view margin = "    ";

// Operations that say the same stand in one row if there is no room for a row each.
struct Row {
  std::string label;
  std::string remark;
  std::vector<const ReasonOperation*> operations;
  bool is_in_sentence = false;
  bool has_culprit = false;
  bool is_writer = false;
};

// With who it was before what was asked. Of many, only that of the sentence's own is told. The key is the same in all
// of them, and the sentence names it, so it may be told otherwise: `key_instead`.
std::vector<Row> rows_of(const Reason& reason, const Wording& wording, std::size_t way, std::string_view key_instead) {
  const bool together = reason.operations.size() > rows_max;
  const auto is_alone = [&](const ReasonOperation& one) { return !together || one.is_culprit || one.is_other; };
  const auto who = [&](const ReasonOperation& one) {
    return is_alone(one) ? wording.row(one.who, std::max(way, Wording::way_of_names)) : std::string();
  };
  const std::string key_text = " " + wording.row(Phrase::data(reason.key), way);
  const auto what = [&](const ReasonOperation& one) {
    std::string text = wording.row(one.what, way);
    const std::size_t at = text.find(key_text);
    const bool is_shorter = key_instead.size() + 1 < key_text.size();
    if (is_shorter && at != std::string::npos) text.replace(at + 1, key_text.size() - 1, key_instead);
    return text;
  };
  std::size_t who_width = 0;
  for (const ReasonOperation& one : reason.operations) who_width = std::max(who_width, columns_of(who(one)));
  std::vector<Row> rows;
  std::map<std::tuple<bool, std::string, std::string>, std::size_t> same;
  for (const ReasonOperation& one : reason.operations) {
    const std::string answer = wording.row(one.answer, way);
    std::string label = fmt::format("{}  {}", fitted_to(who(one), who_width), what(one));
    if (is_alone(one)) {
      rows.push_back({std::move(label),
                      fmt::format("{}  {}", one.place, answer),
                      {&one},
                      one.is_culprit || one.is_other,
                      one.is_culprit,
                      one.is_writer});
      continue;
    }
    const auto [at, is_new] = same.try_emplace({one.is_writer, label, answer}, rows.size());
    if (is_new) {
      rows.push_back({std::move(label), answer, {&one}, false, false, one.is_writer});
    } else {
      Row& row = rows[at->second];
      row.operations.push_back(&one);
      row.remark = fmt::format("{}, {} times", answer, row.operations.size());
    }
  }
  return rows;
}

// Of too many rows, those whose last call lies furthest back; never one of the sentence's own.
std::vector<Row> shown_of(std::vector<Row> rows) {
  if (rows.size() <= rows_max) return rows;
  std::vector<std::size_t> by_last_call(rows.size());
  std::iota(by_last_call.begin(), by_last_call.end(), std::size_t{0});
  const auto last_call = [&](std::size_t n) {
    return std::pair(rows[n].is_in_sentence, rows[n].operations.back()->invoked);
  };
  std::stable_sort(by_last_call.begin(), by_last_call.end(),
                   [&](std::size_t a, std::size_t b) { return last_call(a) > last_call(b); });
  by_last_call.resize(rows_max - 1);
  std::sort(by_last_call.begin(), by_last_call.end());
  std::vector<Row> shown;
  for (const std::size_t n : by_last_call) shown.push_back(std::move(rows[n]));
  return shown;
}

// Where instants stand: in their order, and as far from each other as there is room for.
class Scale {
 public:
  Scale(const Reason& reason, const std::vector<Row>& rows, std::size_t room) {
    for (const Row& row : rows) {
      for (const ReasonOperation* one : row.operations) {
        instants_.push_back(one->invoked);
        if (one->returned != checker::never) instants_.push_back(one->returned);
      }
    }
    instants_.push_back(reason.good_until);
    std::sort(instants_.begin(), instants_.end());
    instants_.erase(std::unique(instants_.begin(), instants_.end()), instants_.end());
    constexpr std::size_t step_max = 6;
    width_ = std::min(room, step_max * (instants_.size() - 1) + 3);
  }

  std::size_t width() const { return width_; }
  // Each instant still has a place of its own, if so much is enough for that.
  std::size_t narrowest() const { return std::min(width_, 2 * (instants_.size() - 1) + 3); }
  // Of an instant between two that have a place: that of the one before.
  std::size_t column(Instant instant) const {
    const auto after = std::upper_bound(instants_.begin(), instants_.end(), instant);
    const auto rank = static_cast<std::size_t>(after - instants_.begin());
    if (rank <= 1 || instants_.size() == 1) return 0;
    return (rank - 1) * (width_ - 3) / (instants_.size() - 1);
  }

 private:
  std::vector<Instant> instants_;
  std::size_t width_ = 0;
};

void draw(std::string& bar, const Scale& scale, Instant from, Instant to, char fill) {
  const std::size_t begin = scale.column(from);
  const bool is_open = to == checker::never;
  const std::size_t end = is_open ? bar.size() - 1 : std::max(scale.column(to), begin + (fill == '=' ? 2 : 0));
  for (std::size_t n = begin; n <= end; ++n) bar[n] = fill;
  bar[begin] = '|';
  bar[end] = is_open ? '>' : '|';
}

class ReasonText {
 public:
  ReasonText(const Reason& reason, const Wording& wording, const Style& style, std::ostream& out)
      : reason_(reason), wording_(wording), style_(style), out_(out) {
    const std::size_t marks = std::min(reason.marks.size(), mark_rows_max);
    std::size_t room = 0;
    // In each way of telling what is told, the key in that way or the shortest, and in the end none.
    const Phrase key = Phrase::data(reason.key);
    for (std::size_t tried = 0; tried <= 2 * Wording::ways; ++tried) {
      const std::size_t way = std::min(tried / 2, Wording::ways - 1);
      const bool is_last = tried == 2 * Wording::ways;
      rows_ = shown_of(
          rows_of(reason, wording, way, is_last ? "..." : wording.row(key, tried % 2 == 0 ? way : Wording::ways - 1)));
      room = style.width() - columns_beside_words - Scale(reason, rows_, picture_min).narrowest();
      label_width_ = 0;
      remark_width_ = 0;
      for (std::size_t n = 0; n < marks; ++n) {
        const std::size_t span = span_text(reason.marks[n].from, reason.marks[n].to).size();
        remark_width_ = std::max(remark_width_, std::min(span, span_max));
      }
      for (const Row& row : rows_) {
        label_width_ = std::max(label_width_, columns_of(row.label));
        remark_width_ = std::max(remark_width_, columns_of(row.remark));
      }
      const bool is_shortest = tried + 1 >= 2 * Wording::ways;
      const bool is_wanted = is_shortest || (label_width_ <= label_max && remark_width_ <= remark_max);
      if (is_wanted && label_width_ + remark_width_ <= room) break;
    }
    for (std::size_t n = 0; n < marks; ++n) {
      label_width_ = std::max(label_width_, columns_of(without_middle(reason.marks[n].text, label_max)));
    }
    // Where both do not fit beside the picture, each has half of what there is, and more if the other leaves it.
    if (label_width_ + remark_width_ > room) {
      label_width_ = std::min(label_width_, std::max(room / 2, room - std::min(room, remark_width_)));
      remark_width_ = std::min(remark_width_, room - label_width_);
    }
  }

  void write() const {
    std::string sentence = wording_.sentence(reason_.sentence, sentence_max);
    const std::size_t all = reason_.operations.size();
    if (!reason_.is_minimal) sentence += fmt::format(" Perhaps not all of these {} operations are needed.", all);
    write_paragraph("  ", 2, sentence, out_, style_.width());
    out_ << '\n';
    const Scale scale(reason_, rows_, style_.width() - columns_beside_words - label_width_ - remark_width_);
    std::size_t shown = 0;
    for (const Row& row : rows_) {
      write_row(row, scale);
      shown += row.operations.size();
    }
    if (shown < all) out_ << margin << "and " << counted(all - shown, "more operation") << " of the proof\n";
    write_marks(scale);
    write_good(scale);
  }

 private:
  void write_row(const Row& row, const Scale& scale) const {
    std::string bar(scale.width(), ' ');
    for (const ReasonOperation* one : row.operations) {
      const char fill = one->is_culprit ? '=' : one->outcome == checker::Outcome::failed ? '.' : '-';
      draw(bar, scale, one->invoked, one->returned, fill);
    }
    const std::string line = fmt::format("{}  {}  ", fitted_to(row.label, label_width_), bar);
    const Colour colour = row.has_culprit ? Colour::red : row.is_writer ? Colour::dim : Colour::none;
    out_ << margin << style_.paint(colour, line) << cut_to(row.remark, remark_width_) << '\n';
  }

  void write_marks(const Scale& scale) const {
    const std::size_t shown = std::min(reason_.marks.size(), mark_rows_max);
    for (std::size_t n = 0; n < shown; ++n) {
      const auto& mark = reason_.marks[n];
      std::string bar(scale.width(), ' ');
      draw(bar, scale, std::max(mark.from, reason_.from), std::min(mark.to, reason_.to), '~');
      const std::string line =
          fmt::format("{}  {}  ", fitted_to(without_middle(mark.text, label_width_), label_width_), bar);
      out_ << margin << style_.paint(Colour::cyan, line) << cut_to(span_text(mark.from, mark.to), remark_width_)
           << '\n';
    }
    const std::uint64_t more = reason_.marks.size() - shown + reason_.left_out.marks;
    if (more > 0) out_ << margin << fmt::format("and {} more such marks overlap\n", more);
  }

  void write_good(const Scale& scale) const {
    constexpr std::size_t held_max = 120;
    std::string held;
    std::size_t shown = 0;
    for (; shown < reason_.states.size(); ++shown) {
      const std::string state = wording_.sentence(reports::text(reason_.states[shown]));
      if (shown > 0 && held.size() + state.size() > held_max) break;
      held += fmt::format("{}{}", shown == 0 ? "" : " or ", state);
    }
    const std::uint64_t more = reason_.states.size() - shown + reason_.left_out.states;
    if (more > 0) held += fmt::format(" or one of {} more", more);
    if (!held.empty() && !reason_.has_all_states) held += " or something else";
    std::string until = fmt::format("{} here ({})", well_until_text(reason_), reason_.good_until);
    const std::string key = wording_.sentence(Phrase::data(reason_.key));
    std::string then = held.empty() ? std::string() : fmt::format("then {} was {}", key, held);
    const std::size_t column = margin.size() + label_width_ + 2 + scale.column(reason_.good_until);
    // To the left of its arrow if there is no room to the right.
    constexpr std::size_t room_wanted = 50;
    if (column + 2 + std::min(until.size() + columns_of(then), room_wanted) <= style_.width()) {
      if (!then.empty()) until += "; " + then;
      write_paragraph(std::string(column, ' ') + "^ ", column + 2, shortened(until, 200), out_, style_.width());
    } else {
      out_ << fmt::format("{:>{}} ^\n", until, column - 1);
      if (!then.empty())
        write_paragraph(std::string(margin), margin.size(), shortened(then, 200), out_, style_.width());
    }
  }

  // Beside the picture of the instants, what is asked, and what was answered.
  static constexpr std::size_t columns_beside_words = margin.size() + 2 + 2;
  static constexpr std::size_t picture_min = 20;
  static constexpr std::size_t span_max = 24;  // two instants; of longer ones, their beginning

  // What a fault is about stands at its beginning, and what it does at its end: "a <-> b, ...: nothing passes".
  static std::string without_middle(const std::string& mark, std::size_t most) {
    const std::string text = shortened(mark, mark.size());
    if (columns_of(text) <= most) return text;
    if (const std::size_t colon = text.rfind(": "); colon != std::string::npos) {
      const std::string end = ", ..." + text.substr(colon);
      const std::size_t left = most - std::min(most, columns_of(end));
      const std::size_t comma = left > 0 ? text.rfind(", ", begin_within(text, left).size()) : std::string::npos;
      if (comma != std::string::npos && comma < colon) return text.substr(0, comma) + end;
    }
    const std::size_t half = (most - 3) / 2;
    return fmt::format("{}...{}", begin_within(text, most - 3 - half), end_within(text, half));
  }

  const Reason& reason_;
  const Wording& wording_;
  const Style& style_;
  std::ostream& out_;
  std::vector<Row> rows_;
  std::size_t label_width_ = 0;
  std::size_t remark_width_ = 0;
};

}  // namespace

void write_reason(const Reason& reason, const Wording& wording, const Style& style, std::ostream& out) {
  ReasonText(reason, wording, style, out).write();
}

}  // namespace smalldb::reports
