#include "reports/space_time.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <tuple>
#include <utility>

#include "model/notes.h"
#include "reports/layout.h"
#include "reports/page.h"
#include "reports/rows.h"
#include "reports/words.h"

namespace smalldb::reports {
namespace {

using sim::EventIndex;

// Measures of the drawing, in pixels.
constexpr int head_height = 34;
constexpr int time_width = 86;
constexpr int label_width = 150;  // left of the first lane: what its client is asked
constexpr int lane_distance = 150;
constexpr int news_width = 640;
constexpr int top_margin = 10;
constexpr int role_width = 14;
constexpr std::size_t label_max = 21;
constexpr std::size_t news_max = 110;

// Heights of rows.
constexpr int news_height = 19;
constexpr int message_height = 12;
constexpr int asking_height = 12;
constexpr int disk_height = 6;

// Of more clients than this the last share a lane.
constexpr std::size_t client_lanes_max = 8;
// A picture with more of these would be slow to look at, and nobody would see them.
constexpr std::size_t heartbeats_max = 2'000;
constexpr std::size_t bands_max = 400;

std::string role_of(const StoryCell& cell) {
  if (cell.state == StoryCell::State::paused) return "paused";
  return cell.alone ? "alone" : std::string(name(cell.role));
}

bool is_up(const StoryCell& cell) {
  return cell.state == StoryCell::State::running || cell.state == StoryCell::State::paused;
}

EventIndex last_of(const Violated& violated) {
  return *std::max_element(violated.events.begin(), violated.events.end());
}

class Drawing {
 public:
  Drawing(const properties::Cast& cast, const std::vector<Violated>& violated, const Story& story,
          const Traffic& traffic, const CausalPast& past)
      : violated_(violated),
        story_(story),
        told_(story.lines()),
        traffic_(traffic),
        rows_(wishes(), space_time_rows_max, gaps()) {
    place_lanes(cast);
    std::set<EventIndex> seeds;
    for (const Violated& one : violated_) {
      if (one.has_past) seeds.insert(one.events.begin(), one.events.end());
    }
    // Of what is not remembered nobody can say what led to it.
    const bool is_known =
        std::all_of(seeds.begin(), seeds.end(), [&](EventIndex event) { return past.remembers(event); });
    if (seeds.empty() || !is_known) return;
    past_ = past.of({seeds.begin(), seeds.end()});
    seeds_ = std::move(seeds);
  }

  bool has_past() const { return !past_.empty(); }
  bool has_folds() const { return !rows_.folds().empty(); }

  void write(std::string& out) const {
    fmt::format_to(std::back_inserter(out),
                   "<div class=\"drawing\">\n<svg class=\"heads\" width=\"{0}\" height=\"{1}\" "
                   "aria-hidden=\"true\">",
                   width(), head_height);
    write_heads(out);
    fmt::format_to(std::back_inserter(out),
                   "</svg>\n<svg width=\"{0}\" height=\"{1}\" viewBox=\"0 {2} {0} {1}\" role=\"group\" "
                   "aria-label=\"What happened, from the top down\">\n"
                   "<defs><marker id=\"to\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"7\" "
                   "markerHeight=\"7\" orient=\"auto\"><path d=\"M0 0L8 4L0 8z\"/></marker>"
                   "</defs>\n",
                   width(), rows_.height() + 2 * top_margin, -top_margin);
    write_folds(out);
    write_bands(out);
    write_lanes(out);
    write_times(out);
    write_transmissions(out);
    write_askings(out);
    write_disk_marks(out);
    write_story(out);
    out += "</svg></div>\n";
  }

 private:
  struct Lane {
    ProcessId process = no_process;
    std::string name;
    int x = 0;
    bool is_named = true;    // at the top; else it lies upon the last that is
    bool is_shared = false;  // others lie upon it
  };

  std::vector<RowWish> wishes() const {
    std::vector<RowWish> all;
    const auto add = [&](const Moment& when, int height) {
      if (when.event != sim::no_event) all.push_back({when.event, when.at, height, false});
    };
    traffic_.transmissions().each([&](const Transmission& one) {
      if (one.kind == Transmission::Kind::heartbeat) return;
      add(one.left, message_height);
      add(one.ended, message_height);
    });
    traffic_.askings().each([&](const Asking& one) {
      add(one.asked, asking_height);
      add(one.told, asking_height);
    });
    traffic_.disk_marks().each([&](const DiskMark& one) { add(one.when, disk_height); });
    each_line([&](const StoryLine& line) { all.push_back({line.event, line.time, news_height, true}); });
    for (const auto& [event, lines] : lines_at_violations()) all.push_back({event, {}, news_height * lines, true});
    take_times(all);
    return all;
  }

  // Where something was left out of what the drawing is made of.
  std::vector<Rows::Gap> gaps() const {
    std::vector<Rows::Gap> all;
    const auto add = [&](const auto& ends, const auto& event_of) {
      if (ends.left_out() > 0) all.push_back({event_of(ends.before_gap()), event_of(ends.after_gap())});
    };
    add(traffic_.transmissions(), [](const Transmission& one) { return one.left.event; });
    add(traffic_.askings(), [](const Asking& one) { return one.asked.event; });
    add(traffic_.disk_marks(), [](const DiskMark& one) { return one.when.event; });
    for (std::size_t n = 1; n < told_.size(); ++n) {
      if (told_[n].left_out > 0) all.push_back({told_[n - 1].event, told_[n].event});
    }
    return all;
  }

  // A violation is at an event, and the time of that is another's to know.
  static void take_times(std::vector<RowWish>& all) {
    std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.event < b.event; });
    sim::Time last;
    for (RowWish& wish : all) {
      wish.at = std::max(wish.at, last);
      last = wish.at;
    }
  }

  // Of each event at which something is violated, how many lines are told of it: the story's, and each violation.
  std::map<EventIndex, int> lines_at_violations() const {
    std::map<EventIndex, int> lines;
    for (const Violated& one : violated_) {
      if (!one.events.empty()) ++lines[last_of(one)];
    }
    each_line([&](const StoryLine& line) {
      if (const auto violation = lines.find(line.event); violation != lines.end()) ++violation->second;
    });
    return lines;
  }

  template <class Use>
  void each_line(const Use& use) const {
    for (const StoryLine& line : told_) use(line);
  }

  // Clients to the left, then nodes, then the arbiter.
  void place_lanes(const properties::Cast& cast) {
    using properties::Part;
    int x = time_width + label_width;
    const auto add = [&](Part part, std::size_t named_max) {
      std::size_t named = 0;
      for (std::size_t n = 0; n < cast.size(); ++n) {
        if (cast.members[n].part != part) continue;
        const ProcessId process{static_cast<std::uint32_t>(n)};
        if (named == named_max) {
          lanes_.back().is_shared = lanes_.back().is_named || lanes_.back().is_shared;
          lanes_.push_back({process, cast.members[n].name, x - lane_distance, false});
          continue;
        }
        ++named;
        lanes_.push_back({process, cast.members[n].name, x});
        x += lane_distance;
      }
    };
    add(Part::client, client_lanes_max);
    add(Part::node, cast.size());
    add(Part::arbiter, cast.size());
    news_x_ = x - lane_distance + 46;
  }

  int width() const { return news_x_ + news_width; }

  std::optional<int> x_of(ProcessId process) const {
    for (const Lane& lane : lanes_) {
      if (lane.process == process) return lane.x;
    }
    return std::nullopt;
  }

  bool is_past(EventIndex event) const { return event < past_.size() && past_[event]; }

  // "e", and "past" if what happened there could have had a part in a violation.
  static std::string_view element_that(bool is_past) { return is_past ? "e past" : "e"; }
  std::string_view element(EventIndex event) const { return element_that(is_past(event)); }

  // No chain leads from what is done to a process: it shows in what does not happen.
  std::string_view element(const StoryLine& line) const {
    return element_that(is_past(line.event) ||
                        (has_past() && line.tone == Tone::fault && line.event < *seeds_.rbegin()));
  }
  std::string_view element(const Transmission& one) const {
    if (seeds_.count(one.left.event) > 0) return element_that(true);  // an answer that should not have been given, say
    if (one.fate == Transmission::Fate::arrived) return element(one.ended.event);
    return element_that(is_past(one.left.event) || is_past(one.ended.event));
  }

  void write_heads(std::string& out) const {
    fmt::format_to(std::back_inserter(out), "<text class=\"time\" x=\"{}\" y=\"22\">seconds</text>", time_width - 12);
    for (const Lane& lane : lanes_) {
      if (!lane.is_named) continue;
      fmt::format_to(std::back_inserter(out), "<text x=\"{}\" y=\"22\">{}{}</text>", lane.x,
                     escaped(fitted(lane.name, 18)), lane.is_shared ? " ..." : "");
    }
  }

  void write_folds(std::string& out) const {
    for (const Rows::Fold& fold : rows_.folds()) {
      fmt::format_to(std::back_inserter(out),
                     "<g class=\"fold\"><rect x=\"0\" y=\"{}\" width=\"{}\" height=\"{}\"/><text x=\"{}\" "
                     "y=\"{}\">{} not shown, until {} s</text></g>\n",
                     fold.top + 6, width(), Rows::fold_height - 12, news_x_, fold.top + Rows::fold_height / 2 + 4,
                     counted(fold.count(), "event"), seconds_text(fold.to));
    }
  }

  // Faults of links lie between the lanes of their ends, others on the lane of their victim.
  void write_bands(std::string& out) const {
    std::size_t left = bands_max;
    traffic_.spells().each([&](const Spell& spell) {
      if (left == 0 || (spell.ended.event != sim::no_event && spell.ended.at == spell.began.at)) return;
      --left;
      const int top = rows_.y_of(spell.began.event);
      const int bottom = spell.ended.event == sim::no_event ? rows_.height() : rows_.y_of(spell.ended.event);
      fmt::format_to(
          std::back_inserter(out), "<g class=\"band\"><title>{}, from {} s {}</title>",
          escaped(fitted(spell.text, 200)), seconds_text(spell.began.at),
          spell.ended.event == sim::no_event ? std::string("on") : "to " + seconds_text(spell.ended.at) + " s");
      for (const auto& [from, to] : spans_of(spell.fault)) {
        fmt::format_to(std::back_inserter(out), "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"/>", from, top,
                       to - from, std::max(2, bottom - top));
      }
      out += "</g>\n";
    });
  }

  std::set<std::pair<int, int>> spans_of(const sim::Fault& fault) const {
    constexpr int beside = 14;
    std::set<std::pair<int, int>> spans;
    for (const sim::Direction& way : fault.links.value_or(std::vector<sim::Direction>{})) {
      const auto from = x_of(way.from), to = x_of(way.to);
      if (from && to && *from != *to) spans.insert({std::min(*from, *to), std::max(*from, *to)});
    }
    if (const auto x = x_of(fault.process)) spans.insert({*x - beside, *x + beside});
    constexpr std::size_t few = 6;
    if (spans.empty() || spans.size() > few) return {{time_width, news_x_ - 24}};
    return spans;
  }

  void write_lanes(std::string& out) const {
    for (const Lane& lane : lanes_) {
      const auto column = std::find_if(story_.columns().begin(), story_.columns().end(),
                                       [&](const StoryColumn& one) { return one.node == lane.process; });
      fmt::format_to(std::back_inserter(out), "<line class=\"{}\" x1=\"{}\" y1=\"0\" x2=\"{}\" y2=\"{}\"/>\n",
                     column == story_.columns().end() ? "axis" : "down", lane.x, lane.x, rows_.height());
      if (column != story_.columns().end())
        write_roles(lane, static_cast<std::size_t>(column - story_.columns().begin()), out);
    }
  }

  // A node's lane: what it is, from one change to the next.
  void write_roles(const Lane& lane, std::size_t column, std::string& out) const {
    StoryCell last;
    int top = 0;
    const auto end_at = [&](int bottom) {
      if (!is_up(last)) return;
      fmt::format_to(std::back_inserter(out),
                     "<g class=\"role {0}\"><title>{1} is {0}{2}</title><rect x=\"{3}\" y=\"{4}\" width=\"{5}\" "
                     "height=\"{6}\"/>",
                     role_of(last), escaped(lane.name),
                     last.epoch == 0 ? std::string() : fmt::format(", epoch {}", last.epoch), lane.x - role_width / 2,
                     top, role_width, std::max(1, bottom - top));
      write_role(role_of(last), lane.x, top, bottom, out);
      out += "</g>\n";
    };
    each_line([&](const StoryLine& line) {
      const StoryCell& now = line.cells[column];
      const bool same = is_up(now) == is_up(last) && role_of(now) == role_of(last) && now.epoch == last.epoch;
      if (same) return;
      const int y = rows_.y_of(line.event);
      end_at(y);
      last = now;
      top = y;
    });
    // Of a process that really ran nobody may know when it ended.
    const EventIndex end = traffic_.last_of(lane.process).event;
    end_at(end == sim::no_event ? top : std::max(top, rows_.y_of(end)));
  }

  // Along the lane, again and again, so that it is in sight wherever one looks.
  static void write_role(const std::string& role, int x, int top, int bottom, std::string& out) {
    constexpr int letter = 6, margin = 6, distance = 480;
    const int length = letter * static_cast<int>(role.size()) + 2 * margin;
    for (int y = top; y + length <= bottom; y += distance) {
      fmt::format_to(std::back_inserter(out), "<text transform=\"translate({} {}) rotate(90)\">{}</text>", x - 3,
                     y + margin, role);
    }
  }

  void write_times(std::string& out) const {
    constexpr int distance = 20;
    int free_from = 0;
    std::string last;
    for (const Rows::Row& row : rows_.rows()) {
      if (row.middle() < free_from) continue;
      std::string text = seconds_text(row.at);
      if (text == last) continue;
      fmt::format_to(std::back_inserter(out), "<text class=\"time\" x=\"{}\" y=\"{}\">{}</text>\n", time_width - 12,
                     row.middle() + 4, text);
      free_from = row.middle() + distance;
      last = std::move(text);
    }
  }

  // Heartbeats have no rows of their own: between two rows those of one way would lie upon each other.
  using Alike = std::tuple<int, int, int, int, Transmission::Fate, bool>;
  Alike alike(const Transmission& one, int from, int to) const {
    const int end = one.ended.event == sim::no_event ? rows_.height() : rows_.y_of(one.ended.event);
    return {from, to, rows_.y_of(one.left.event), end, one.fate, one.about.empty()};
  }

  template <class Use>
  void each_shown(const Use& use) const {
    traffic_.transmissions().each([&](const Transmission& one) {
      const auto from = x_of(one.from), to = x_of(one.to);
      const bool is_shown =
          rows_.shows(one.left.event) || (one.ended.event != sim::no_event && rows_.shows(one.ended.event));
      if (from && to && is_shown) use(one, *from, *to);
    });
  }

  void write_transmissions(std::string& out) const {
    std::map<Alike, std::uint64_t> heartbeats;
    each_shown([&](const Transmission& one, int from, int to) {
      if (one.kind == Transmission::Kind::heartbeat) ++heartbeats[alike(one, from, to)];
    });
    std::size_t written = 0;
    each_shown([&](const Transmission& one, int from, int to) {
      std::uint64_t count = 1;
      if (one.kind == Transmission::Kind::heartbeat) {
        count = std::exchange(heartbeats[alike(one, from, to)], 0);
        if (count == 0 || ++written > heartbeats_max) return;
      }
      write_transmission(one, from, to, count, out);
    });
  }

  // The first of `count` that are alike.
  void write_transmission(const Transmission& one, int from, int to, std::uint64_t count, std::string& out) const {
    const bool has_arrived = one.fate == Transmission::Fate::arrived;
    const int top = rows_.y_of(one.left.event);
    int bottom = one.ended.event == sim::no_event ? top + 2 * message_height : rows_.y_of(one.ended.event);
    const int side = to < from ? -1 : 1;
    int end = to - side * role_width / 2;
    if (!has_arrived) {
      // As far as it came: nobody knows, but not to the end.
      end = from + (to - from) * 6 / 10;
      bottom = std::min(bottom, top + 5 * message_height);
    }
    fmt::format_to(std::back_inserter(out),
                   "<g class=\"{} m {} {}\" data-n=\"{}\" tabindex=\"-1\"><title>{}{}</title><line x1=\"{}\" y1=\"{}\" "
                   "x2=\"{}\" y2=\"{}\"/>",
                   element(one), name(one.kind), name(one.fate), one.left.event, escaped(transmission_text(one)),
                   count == 1 ? std::string() : fmt::format("; {} like it", count - 1), from + side * role_width / 2,
                   top, end, bottom);
    if (one.fate == Transmission::Fate::lost) {
      fmt::format_to(std::back_inserter(out), "<path d=\"M{0} {1}l8 8m0 -8l-8 8\"/>", end - 4, bottom - 4);
    }
    // Of several that leave within a fold nobody could read any.
    if (!one.label.empty() && rows_.shows(one.left.event)) {
      // Above the line where it begins; a long one is steep, and its words stay there.
      constexpr int beside = 12, below_max = 30;
      const int below = std::min(below_max, (bottom - top) * beside / std::max(1, std::abs(end - from)));
      fmt::format_to(std::back_inserter(out), "<text x=\"{}\" y=\"{}\"{}>{}</text>", from + side * beside,
                     top + below - 4, side < 0 ? " text-anchor=\"end\"" : "", escaped(fitted(one.label, label_max)));
    }
    out += "</g>\n";
  }

  std::string transmission_text(const Transmission& one) const {
    const std::string text = fmt::format("{} -> {}: {}", name_of(one.from), name_of(one.to), fitted(one.text, 300));
    const std::string left = seconds_text(one.left.at);
    if (one.ended.event == sim::no_event) return fmt::format("{} (left at {} s, never seen again)", text, left);
    return fmt::format("{} ({} at {} s{}{}, {} after it left, at {} s)", text,
                       one.fate == Transmission::Fate::lost ? "lost" : "arrived", seconds_text(one.ended.at),
                       one.about.empty() ? "" : ": ", one.about, rounded_text(one.ended.at - one.left.at), left);
  }

  std::string_view name_of(ProcessId process) const {
    for (const Lane& lane : lanes_) {
      if (lane.process == process) return lane.name;
    }
    return "another";
  }

  // What a client was asked, as a bar on its lane; several at a time beside each other.
  void write_askings(std::string& out) const {
    constexpr std::size_t places_max = 12;
    std::map<ProcessId, std::vector<EventIndex>> busy;  // until when each place beside the lane is taken
    traffic_.askings().each([&](const Asking& one) {
      const auto x = x_of(one.client);
      const EventIndex told = one.told.event;
      std::vector<EventIndex>& places = busy[one.client];
      auto place = std::find_if(places.begin(), places.end(), [&](EventIndex end) { return end < one.asked.event; });
      // Where all are taken one lies upon the other.
      if (place == places.end() && places.size() == places_max) place = std::prev(places.end());
      if (place == places.end()) place = places.insert(place, told);
      *place = told;
      if (!x || (!rows_.shows(one.asked.event) && (told == sim::no_event || !rows_.shows(told)))) return;
      write_asking(one, *x, static_cast<int>(place - places.begin()), out);
    });
  }

  void write_asking(const Asking& one, int x, int place, std::string& out) const {
    constexpr int bar_width = 7, next_width = 4, beside = 5;
    const bool is_over = one.told.event != sim::no_event;
    const int top = rows_.y_of(one.asked.event);
    const int bottom = is_over ? rows_.y_of(one.told.event) : rows_.height();
    const int left = x - bar_width / 2 - beside * place;
    const std::string answer = one.end != Asking::End::none ? one.answer
                               : is_over                    ? "no answer: its client is no more"
                                                            : "no answer";
    fmt::format_to(std::back_inserter(out),
                   "<g class=\"{} asking {}\" data-n=\"{}\" tabindex=\"-1\"><title>{}: {}: {} ({} s{})</title>"
                   "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"/>",
                   element(one.asked.event), name(one.end), one.asked.event, escaped(name_of(one.client)),
                   escaped(one.what), escaped(answer), seconds_text(one.asked.at),
                   is_over ? fmt::format(", for {}", rounded_text(one.told.at - one.asked.at)) : std::string(" on"),
                   left, top, place == 0 ? bar_width : next_width, std::max(3, bottom - top));
    if (rows_.shows(one.asked.event)) {
      fmt::format_to(std::back_inserter(out), "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>", left - 4,
                     top + 4, escaped(fitted(one.what, label_max)));
    }
    out += "</g>\n";
  }

  void write_disk_marks(std::string& out) const {
    traffic_.disk_marks().each([&](const DiskMark& one) {
      const auto x = x_of(one.process);
      if (!x || !rows_.shows(one.when.event)) return;
      const int y = rows_.y_of(one.when.event);
      fmt::format_to(std::back_inserter(out),
                     "<g class=\"{} disk{}\" data-n=\"{}\" tabindex=\"-1\"><title>{} ({} s)</title><line x1=\"{}\" "
                     "y1=\"{}\" x2=\"{}\" y2=\"{}\"/></g>\n",
                     element(one.when.event), one.failed ? " failed" : "", one.when.event, escaped(one.text),
                     seconds_text(one.when.at), *x - 9, y, *x + 9, y);
    });
  }

  // The lines beside the drawing, those of one event below each other.
  void write_story(std::string& out) const {
    const std::map<EventIndex, int> crowded = lines_at_violations();
    std::map<EventIndex, int> written;
    const auto y_of_next = [&](EventIndex event) {
      const auto many = crowded.find(event);
      const int lines = many == crowded.end() ? 1 : many->second;
      return rows_.y_of(event) + 4 + news_height * written[event]++ - news_height * (lines - 1) / 2;
    };
    each_line([&](const StoryLine& line) {
      fmt::format_to(std::back_inserter(out),
                     "<g class=\"{}\" data-n=\"{}\" tabindex=\"-1\"><title>{} s: {}</title><text class=\"news {}\" "
                     "x=\"{}\" y=\"{}\">{}</text></g>\n",
                     element(line), line.event, seconds_text(line.time), escaped(fitted(line.text, 500)),
                     name(line.tone), news_x_, y_of_next(line.event), escaped(fitted(line.text, news_max)));
    });
    for (const Violated& one : violated_) {
      if (one.events.empty()) continue;
      const EventIndex last = last_of(one);
      fmt::format_to(std::back_inserter(out),
                     "<g class=\"e past\" data-n=\"{}\" tabindex=\"-1\"><title>{}</title><line class=\"violation\" "
                     "x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\"/><text class=\"news violated\" x=\"{}\" y=\"{}\">{} is "
                     "violated</text></g>\n",
                     last, escaped(fitted(one.witness, 800)), time_width, rows_.y_of(last), news_x_ - 8,
                     rows_.y_of(last), news_x_, y_of_next(last), one.property);
    }
  }

  const std::vector<Violated>& violated_;
  const Story& story_;
  std::vector<StoryLine> told_;
  const Traffic& traffic_;
  Rows rows_;
  std::vector<Lane> lanes_;
  int news_x_ = 0;
  std::vector<bool> past_;      // by event; empty: nothing was violated, or nobody knows
  std::set<EventIndex> seeds_;  // what the verdicts name; empty as well then
};

}  // namespace

SpaceTime space_time(const properties::Cast& cast, const std::vector<Violated>& violated, const Story& story,
                     const Traffic& traffic, const CausalPast& past) {
  const Drawing drawing(cast, violated, story, traffic, past);
  SpaceTime drawn{{}, drawing.has_past(), drawing.has_folds()};
  drawing.write(drawn.svg);
  return drawn;
}

}  // namespace smalldb::reports
