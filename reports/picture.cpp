#include "reports/picture.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "reports/history_words.h"
#include "reports/layout.h"
#include "reports/page.h"
#include "reports/phrase.h"
#include "reports/picture_page.h"

namespace smalldb::reports {
namespace {

using checker::Instant;

constexpr int bar_height = 16;
constexpr int told_lane_height = 48;   // of a process that has a part in the proof
constexpr int other_lane_height = 26;  // of another
constexpr int mark_height = 22;
constexpr int narrow_step = 9;  // between two instants of which neither matters; less, for all that matters to be seen
constexpr int narrowest_step = 2;
constexpr int wide_step = 38;
constexpr int width_min = 1118;  // with the margins, as wide as the page
constexpr int gap = 22;          // between the names and the first instant: half of its number stands there
constexpr int letter_width = 8;  // at least as wide as a letter of the picture
constexpr std::size_t lanes_max = 16;
// How many operations to draw at most, of the proof and of others: less and less, until the page is small enough.
struct Room {
  std::size_t told = 60;
  std::size_t around = 100;
};
constexpr Room rooms[] = {{60, 100}, {60, 40}, {60, 10}, {40, 0}, {20, 0}, {8, 0}};

std::string when_text(const ReasonOperation& one) {
  return one.returned == checker::never ? fmt::format("from {} on", one.invoked) : span_text(one.invoked, one.returned);
}

class Picture {
 public:
  Picture(const Reason& reason, const Wording& wording, const Room& room) : reason_(reason), wording_(wording) {
    choose_lanes(room);
    place_instants();
  }

  void write(std::string& out) const {
    const int height = bottom_ + 46;
    out += "<div class=\"drawing\">\n";
    // The names stay in sight when the rest is scrolled.
    fmt::format_to(std::back_inserter(out), "<svg class=\"names\" width=\"{}\" height=\"{}\" aria-hidden=\"true\">\n",
                   left_ - gap, height);
    write_names(out);
    fmt::format_to(std::back_inserter(out),
                   "</svg>\n<svg width=\"{0}\" height=\"{1}\" viewBox=\"{2} 0 {0} {1}\" role=\"group\" "
                   "aria-label=\"Operations on {3} in the order of time\">\n",
                   right_ + 24 - left_ + gap, height, left_ - gap,
                   escaped(wording_.sentence(Phrase::data(reason_.key))));
    write_lanes(out);
    write_marks(out);
    write_until(out);
    for (const Drawn& drawn : drawn_) write_operation(drawn, out);
    write_axis(out);
    out += "</svg></div>\n";
  }

  std::uint64_t proof_left_out() const { return proof_left_out_; }
  std::uint64_t others_left_out() const { return others_left_out_ + reason_.left_out.around; }

 private:
  struct Lane {
    checker::ProcessId process{};
    std::string name;
    bool is_told = false;
    int top = 0;
  };
  struct Drawn {
    const ReasonOperation* operation = nullptr;
    std::size_t lane = 0;
    bool is_told = false;
  };
  struct Stop {
    Instant at = 0;
    bool matters = false;
    int x = 0;
  };

  std::size_t lane_of(checker::ProcessId process) const {
    const auto lane = std::find_if(lanes_.begin(), lanes_.end(), [&](const Lane& l) { return l.process == process; });
    return static_cast<std::size_t>(lane - lanes_.begin());
  }

  // The proof's processes first, in the order of their first call; then others while there is room.
  void choose_lanes(const Room& room) {
    const auto add = [&](const ReasonOperation& one, bool is_told) {
      const std::size_t lane = lane_of(one.process);
      if (lane == lanes_.size()) {
        if (!is_told && lanes_.size() >= lanes_max) {
          ++others_left_out_;
          return;
        }
        lanes_.push_back({one.process, wording_.row(one.who, Wording::way_of_names), is_told, 0});
      }
      drawn_.push_back({&one, lane, is_told});
    };
    const std::vector<bool> drawn = shown_of(reason_, room.told);
    for (std::size_t n = 0; n < reason_.operations.size(); ++n) {
      if (drawn[n]) {
        add(reason_.operations[n], true);
      } else {
        ++proof_left_out_;
      }
    }
    // The last of the others are nearest to the culprit.
    const std::size_t skipped = reason_.around.size() - std::min(reason_.around.size(), room.around);
    others_left_out_ += skipped;
    for (std::size_t n = skipped; n < reason_.around.size(); ++n) add(reason_.around[n], false);
    std::sort(drawn_.begin(), drawn_.end(),
              [](const Drawn& a, const Drawn& b) { return a.operation->position < b.operation->position; });
    int top = 12 + mark_height * static_cast<int>(reason_.marks.size());
    std::size_t widest = 4;
    for (Lane& lane : lanes_) {
      lane.top = top;
      top += height_of(lane);
      widest = std::max(widest, lane.name.size());
    }
    bottom_ = top;
    left_ = 26 + gap + letter_width * static_cast<int>(widest);
  }

  void place_instants() {
    const auto add = [&](Instant at, bool matters) {
      if (at != checker::never) stops_.push_back({at, matters, 0});
    };
    for (const Drawn& drawn : drawn_) {
      add(drawn.operation->invoked, drawn.is_told);
      if (drawn.operation->returned <= reason_.to) add(drawn.operation->returned, drawn.is_told);
    }
    add(reason_.good_until, true);
    std::sort(stops_.begin(), stops_.end(),
              [](const Stop& a, const Stop& b) { return a.at != b.at ? a.at < b.at : a.matters > b.matters; });
    const auto same = [](const Stop& a, const Stop& b) { return a.at == b.at; };
    stops_.erase(std::unique(stops_.begin(), stops_.end(), same), stops_.end());
    const auto is_wide = [&](std::size_t n) { return stops_[n].matters || stops_[n - 1].matters; };
    int wide = 0;
    for (std::size_t n = 1; n < stops_.size(); ++n) wide += is_wide(n) ? 1 : 0;
    const int narrow = std::max(1, static_cast<int>(stops_.size()) - 1 - wide);
    const int step = std::clamp((width_min - left_ - wide * wide_step) / narrow, narrowest_step, narrow_step);
    int x = 0;
    for (std::size_t n = 1; n < stops_.size(); ++n) {
      x += is_wide(n) ? wide_step : step;
      stops_[n].x = x;
    }
    const int wanted = std::max(x, width_min - left_);
    for (Stop& stop : stops_) stop.x = left_ + (x == 0 ? 0 : static_cast<int>(std::int64_t{stop.x} * wanted / x));
    right_ = left_ + wanted + 40;
  }

  // Of an instant between two that have a place: half way.
  int x_of(Instant at) const {
    const auto after = std::lower_bound(stops_.begin(), stops_.end(), at,
                                        [](const Stop& stop, Instant instant) { return stop.at < instant; });
    if (after == stops_.end()) return right_;
    if (after->at == at || after == stops_.begin()) return after->x;
    return (after->x + std::prev(after)->x) / 2;
  }

  static int height_of(const Lane& lane) { return lane.is_told ? told_lane_height : other_lane_height; }

  void write_lanes(std::string& out) const {
    for (std::size_t n = 0; n < lanes_.size(); n += 2) {
      fmt::format_to(std::back_inserter(out), "<rect class=\"lane\" x=\"0\" y=\"{}\" width=\"{}\" height=\"{}\"/>\n",
                     lanes_[n].top, right_ + 24, height_of(lanes_[n]));
    }
  }

  void write_names(std::string& out) const {
    write_lanes(out);
    for (const Lane& lane : lanes_) {
      fmt::format_to(std::back_inserter(out), "<text{} x=\"14\" y=\"{}\">{}</text>\n",
                     lane.is_told ? "" : " class=\"soft\"", lane.top + height_of(lane) - 9, escaped(lane.name));
    }
  }

  void write_marks(std::string& out) const {
    for (std::size_t n = 0; n < reason_.marks.size(); ++n) {
      const auto& mark = reason_.marks[n];
      const int top = 6 + mark_height * static_cast<int>(n);
      const int from = mark.from < stops_.front().at ? left_ : x_of(mark.from);
      const int to = std::max(from + 3, x_of(mark.to));
      fmt::format_to(std::back_inserter(out),
                     "<g><title>{0}: {1}</title><rect class=\"mark\" x=\"{2}\" y=\"{3}\" width=\"{4}\" "
                     "height=\"{5}\"/><rect class=\"marked\" x=\"{2}\" y=\"{3}\" width=\"{4}\" height=\"4\"/>"
                     "<text class=\"soft\" x=\"{2}\" y=\"{6}\">{7}</text></g>\n",
                     escaped(fitted(mark.text, 100)), span_text(mark.from, mark.to), from, top, to - from,
                     bottom_ - top, top + 16, escaped(fitted(mark.text, room_for(from))));
    }
  }

  std::size_t room_for(int x) const { return static_cast<std::size_t>(std::max(4, (right_ - x) / letter_width)); }

  void write_until(std::string& out) const {
    const int x = x_of(reason_.good_until);
    const bool to_the_left = x > (left_ + right_) / 2;
    fmt::format_to(
        std::back_inserter(out),
        "<line class=\"until\" x1=\"{0}\" y1=\"4\" x2=\"{0}\" y2=\"{1}\"/><text class=\"untilsays\" x=\"{2}\" "
        "y=\"{3}\"{4}>{5} here</text>\n",
        x, bottom_ + 22, x + (to_the_left ? -6 : 6), bottom_ + 20, to_the_left ? " text-anchor=\"end\"" : "",
        well_until_text(reason_));
  }

  void write_operation(const Drawn& drawn, std::string& out) const {
    const ReasonOperation& one = *drawn.operation;
    const Lane& lane = lanes_[drawn.lane];
    const bool is_open = one.returned == checker::never;
    const int from = x_of(one.invoked);
    const int to = is_open ? from + wide_step / 2 : std::max(from + 4, x_of(one.returned));
    const int top = lane.top + height_of(lane) - bar_height - 5;
    std::string kinds = one.is_culprit                   ? "culprit"
                        : !drawn.is_told                 ? "other"
                        : one.verb == checker::Verb::get ? "read"
                                                         : "write";
    if (is_open) kinds += " open";
    if (one.is_writer && !one.is_culprit) kinds += " writer";
    if (one.outcome == checker::Outcome::failed) kinds += " failed";
    fmt::format_to(std::back_inserter(out),
                   "<g class=\"op {}\" data-n=\"{}\" tabindex=\"{}\"><title>{}  {}: {} ({}, {})</title>", kinds,
                   one.position, drawn.is_told ? 0 : -1, escaped(wording_.sentence(one.who)),
                   escaped(wording_.sentence(one.what)), escaped(wording_.sentence(one.answer)), escaped(one.place),
                   when_text(one));
    if (is_open) {
      fmt::format_to(std::back_inserter(out), "<line x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\"/>", to,
                     top + bar_height - 2, right_ + 16, top + bar_height - 2);
    }
    fmt::format_to(std::back_inserter(out), "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"/>", from, top,
                   to - from, drawn.is_told ? bar_height : bar_height - 4);
    if (drawn.is_told) write_label(drawn, from + 2, top - 5, out);
    out += "</g>\n";
  }

  static Phrase label_of(const ReasonOperation& one) { return said(one.what, " \xe2\x86\x92 ", one.answer); }

  static int width_of(std::string_view text) { return letter_width * static_cast<int>(text.size()); }

  // Of the operations of that process that have a label, the one before it or after it.
  const Drawn* neighbour(const Drawn& drawn, bool before) const {
    const Drawn* nearest = nullptr;
    for (const Drawn& other : drawn_) {
      const std::size_t here = drawn.operation->position, there = other.operation->position;
      if (!other.is_told || other.lane != drawn.lane) continue;
      if (before && there < here) nearest = &other;
      if (!before && there > here) return &other;
    }
    return nearest;
  }

  // The label of the last one where there is no room for it before the picture's end: it ends there. It takes what
  // lies behind its bar, and more as far as it leaves half of the room to the one before, or as it has to.
  std::optional<std::string> label_at_the_end(const Drawn& drawn) const {
    const ReasonOperation& one = *drawn.operation;
    const int from = x_of(one.invoked) + 2;
    const bool has_room =
        from <= (left_ + right_) / 2 || from + width_of(wording_.row(label_of(one), 0)) <= labels_end();
    if (has_room || neighbour(drawn, false) != nullptr) return std::nullopt;
    const Drawn* before = neighbour(drawn, true);
    int begin = left_;
    if (before != nullptr) {
      const int after = x_of(before->operation->invoked);
      const int needed = labels_end() - width_of(wording_.row(label_of(one), Wording::ways - 1));
      const int half = (after + labels_end()) / 2;
      begin = std::min({from, half, needed < after ? half : needed});
    }
    return wording_.row_fitted(label_of(one), static_cast<std::size_t>((labels_end() - begin) / letter_width));
  }

  int labels_end() const { return right_ + 16; }

  // Over the bar, as far as the next one of that process leaves room.
  void write_label(const Drawn& drawn, int from, int y, std::string& out) const {
    if (const auto label = label_at_the_end(drawn)) {
      fmt::format_to(std::back_inserter(out), "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>", labels_end(), y,
                     escaped(*label));
      return;
    }
    int end = labels_end();
    if (const Drawn* next = neighbour(drawn, false)) {
      const auto label = label_at_the_end(*next);
      end = std::min(x_of(next->operation->invoked), label ? labels_end() - width_of(*label) : end) - 6;
    }
    const auto room = static_cast<std::size_t>(std::max(0, (end - from) / letter_width));
    if (room < 3) return;
    const ReasonOperation& one = *drawn.operation;
    std::string text = wording_.row_within(label_of(one), room).value_or(wording_.row_fitted(one.what, room));
    fmt::format_to(std::back_inserter(out), "<text x=\"{}\" y=\"{}\">{}</text>", from, y, escaped(text));
  }

  void write_axis(std::string& out) const {
    fmt::format_to(std::back_inserter(out), "<line class=\"rule\" x1=\"{0}\" y1=\"{2}\" x2=\"{1}\" y2=\"{2}\"/>", left_,
                   right_, bottom_ + 26);
    int free_from = 0;
    for (const Stop& stop : stops_) {
      if (!stop.matters) continue;
      fmt::format_to(std::back_inserter(out), "<line class=\"tick\" x1=\"{0}\" y1=\"{1}\" x2=\"{0}\" y2=\"{2}\"/>",
                     stop.x, lanes_.front().top, bottom_ + 26);
      const std::string text = std::to_string(stop.at);
      const int half = letter_width * static_cast<int>(text.size()) / 2;
      if (stop.x - half < free_from) continue;
      free_from = stop.x + half + letter_width;
      fmt::format_to(std::back_inserter(out),
                     "<text class=\"soft\" x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>\n", stop.x, bottom_ + 41,
                     text);
    }
  }

  const Reason& reason_;
  const Wording& wording_;
  std::vector<Lane> lanes_;
  std::vector<Drawn> drawn_;
  std::vector<Stop> stops_;
  int left_ = 0;
  int right_ = 0;
  int bottom_ = 0;
  std::uint64_t proof_left_out_ = 0;
  std::uint64_t others_left_out_ = 0;  // of those around
};

void write_key(const Reason& reason, std::string& out) {
  const auto entry = [&](std::string_view colour, std::string_view what) {
    fmt::format_to(std::back_inserter(out), "<li><i style=\"background:var(--{})\"></i>{}</li>", colour, what);
  };
  out += "<ul class=\"key\">";
  entry("write", "a write");
  entry("read", "a read");
  entry("bad", "the answer that nothing explains");
  entry("wait", "of unknown outcome");
  const bool has_writers = std::any_of(reason.operations.begin(), reason.operations.end(),
                                       [](const ReasonOperation& one) { return one.is_writer && !one.is_culprit; });
  if (has_writers) entry("faint", "counts only for what it wrote, whenever that was");
  entry("other", "other operations on the key");
  if (!reason.marks.empty()) entry("mark", "what happened meanwhile");
  out += "</ul>\n";
}

void write_facts(const Reason& reason, const Wording& wording, const Picture& drawing, std::string& out) {
  const auto fact = [&](std::string_view what, const std::string& text) {
    fmt::format_to(std::back_inserter(out), "<dt>{}</dt><dd>{}</dd>\n", what, text);
  };
  out += "<dl>\n";
  fact("Key", fmt::format("<code>{}</code>", escaped(wording.sentence(Phrase::data(reason.key)))));
  std::string states;
  for (const HeldValue& state : reason.states) {
    states += fmt::format("{}<code>{}</code>", states.empty() ? "" : " or ", escaped(wording.sentence(text(state))));
  }
  if (reason.left_out.states > 0) states += fmt::format(" or one of {} more", reason.left_out.states);
  if (!states.empty() && !reason.has_all_states) states += " or something else";
  std::string until = well_until_text(reason);
  until.front() = static_cast<char>(until.front() - 'a' + 'A');
  fact(until, fmt::format("{}{}{}", reason.good_until, states.empty() ? "" : "; then it was ", states));
  fact("Proof", fmt::format("{}, judged by {}. No order explains all their answers.{}",
                            counted(reason.operations.size(), "operation"), checker::name(reason.engine),
                            reason.is_minimal ? "" : " Perhaps not all of them are needed."));
  std::string hidden;
  if (drawing.proof_left_out() > 0) hidden = counted(drawing.proof_left_out(), "operation") + " of the proof";
  if (drawing.others_left_out() > 0) {
    hidden += fmt::format("{}{} on the key at that time", hidden.empty() ? "" : ", and ",
                          counted(drawing.others_left_out(), "other operation"));
  }
  if (!hidden.empty()) fact("Not drawn", hidden);
  if (reason.left_out.marks > 0) fact("Also", fmt::format("{} more things happened meanwhile", reason.left_out.marks));
  out += "</dl>\n";
}

void write_table(const Reason& reason, const Wording& wording, std::size_t told_max, std::string& out) {
  out += "<table><thead><tr><th>Who<th>Asked<th>Was told<th>Where<th>When</tr></thead><tbody>\n";
  const std::vector<bool> told = shown_of(reason, told_max);
  for (std::size_t n = 0; n < reason.operations.size(); ++n) {
    const ReasonOperation& one = reason.operations[n];
    if (!told[n]) continue;
    fmt::format_to(
        std::back_inserter(out), "<tr{}><td>{}<td><code>{}</code><td><code>{}</code><td>{}<td class=\"n\">{}</tr>\n",
        one.is_culprit ? " class=\"culprit\"" : "", escaped(wording.sentence(one.who)),
        escaped(wording.sentence(one.what)), escaped(wording.sentence(one.answer)), escaped(one.place), when_text(one));
  }
  out += "</tbody></table>\n";
}

std::string page_of(const Reason& reason, const Wording& wording, const Room& room, std::string_view file,
                    std::string_view program) {
  const Picture drawing(reason, wording, room);
  std::string title(word(reason.anomaly));
  title.front() = static_cast<char>(title.front() - 'a' + 'A');
  // The sentence begins with the title.
  const std::string sentence = wording.sentence(reason.sentence, 600);
  std::string_view says = sentence;
  if (says.starts_with(title + ": ")) says.remove_prefix(title.size() + 2);
  std::string page = page_head(fmt::format("{}: {}", title, fitted(file, 100)), picture_style);
  fmt::format_to(std::back_inserter(page),
                 "<p class=\"from\">{}</p>\n<h1>{}</h1>\n<p class=\"says\">{}</p>\n<figure>\n",
                 escaped(fitted(file, 200)), escaped(title), escaped(says));
  drawing.write(page);
  page +=
      "<p class=\"tell\" id=\"tell\" aria-live=\"polite\">Point at a bar, or go from bar to bar with Tab and the "
      "arrow keys. Time is drawn in order, not to scale.</p></figure>\n";
  write_key(reason, page);
  write_facts(reason, wording, drawing, page);
  write_table(reason, wording, room.told, page);
  page += page_foot(program, picture_script);
  return page;
}

}  // namespace

std::string picture(const Reason& reason, std::string_view file, std::string_view program) {
  const Wording wording = wording_of(reason, rooms[0].told);
  std::string page;
  for (const Room& room : rooms) {
    page = page_of(reason, wording, room, file, program);
    if (page.size() <= picture_size_max) break;
  }
  return page;
}

}  // namespace smalldb::reports
