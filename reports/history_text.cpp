#include "reports/history_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <ostream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "model/printable.h"
#include "reports/layout.h"
#include "reports/phrase.h"
#include "reports/reason_text.h"

namespace smalldb::reports {
namespace {

Colour colour_of(const HistoryReport& report) {
  constexpr Colour colours[] = {Colour::green, Colour::red, Colour::yellow};
  return colours[report.exit_code()];
}

std::string engines_text(const HistoryReport& report) {
  std::string text;
  for (const auto& [engine, keys] : report.engines) {
    text += fmt::format("{}{}", text.empty() ? "" : ", ", name(engine));
    if (report.engines.size() > 1) text += " " + grouped(keys);
    const bool instead = report.asked != checker::Engine::automatic && engine != report.asked;
    if (instead) text += fmt::format(" ({} proved nothing)", name(report.asked));
  }
  return text;
}

// One reason is told, so it has to be said if others would have one too.
std::string violated_text(const HistoryReport& report) {
  if (report.keys_violated.value_or(0) < 2) return "";
  return fmt::format(" ({} violated, the earliest is told)", grouped(*report.keys_violated));
}

std::string size_text(const HistoryReport& report) {
  std::string text = counted(report.operations, "operation");
  if (report.operations_unknown > 0) text += fmt::format(" ({} unknown)", grouped(report.operations_unknown));
  text += fmt::format(" on {}{} by {}", counted(report.keys, "key"), violated_text(report),
                      report.processes == 1 ? "1 process" : grouped(report.processes) + " processes");
  // A wrong read of such a value may look right.
  if (report.writes && report.writes->repeated > 0) {
    text += fmt::format(", {} of {} repeating a value", grouped(report.writes->repeated),
                        counted(report.writes->all, "write"));
  }
  if (!report.engines.empty()) text += fmt::format("; {}, {}", engines_text(report), counted(report.steps, "step"));
  return text;
}

// Of things to say, as many as there is room for, and how many more there are.
class Room {
 public:
  Room(const std::string& said, std::ostream& out) : out_(out) { left_ -= std::min(left_, lines_of(said)); }

  // `kinds`: how many kinds of things are still to come, of which each may have to say what of it is left out.
  void tell(const std::vector<std::string>& texts, std::uint64_t left_out, std::string_view what, std::size_t kinds) {
    std::size_t told = 0;
    for (; told < texts.size(); ++told) {
      const bool are_more = told + 1 < texts.size() || left_out > 0;
      if (lines_of(texts[told]) + (are_more ? 1 : 0) + kinds > left_) break;
      out_ << texts[told];
      left_ -= lines_of(texts[told]);
    }
    left_out += texts.size() - told;
    if (left_out == 0) return;
    out_ << fmt::format("  And {}.\n", counted(left_out, what));
    left_ -= std::min<std::size_t>(left_, 1);
  }

 private:
  static std::size_t lines_of(const std::string& text) {
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  }

  std::ostream& out_;
  std::size_t left_ = history_lines_max;
};

std::string paragraph(std::string_view head, std::size_t head_width, const std::string& text, const Style& style) {
  std::ostringstream out;
  write_paragraph(head, head_width, text, out, style.width());
  return out.str();
}

std::vector<std::string> undecided_texts(const HistoryReport& report, const Wording& wording, const Style& style) {
  std::vector<std::string> texts;
  for (const HistoryReport::Undecided& one : report.undecided) {
    const std::string key = wording.sentence(Phrase::data(one.key));
    const std::string size = counted(one.operations, "operation");
    const std::string text =
        one.too_many_open > 0
            ? fmt::format(
                  "Not decided: {}, {}; an order was found up to {}, where more than 8,192 are open at a time (later "
                  "{}), and a search can tell no more apart. Values that are written once each need no search.",
                  key, size, one.judged_until, grouped(one.too_many_open))
            : fmt::format("Not decided within the budget of steps: {}, {}; an order was found up to {}.", key, size,
                          one.judged_until);
    texts.push_back(paragraph("  ", 2, text, style));
  }
  return texts;
}

std::vector<std::string> finding_texts(const HistoryReport& report, const Wording& wording, const Style& style) {
  std::vector<std::string> texts;
  for (const HistoryReport::Finding& finding : report.findings) {
    const std::string head = "  " + style.paint(Colour::red, finding.what) + "  ";
    texts.push_back(paragraph(head, 4 + finding.what.size(), wording.sentence(finding.sentence, 400), style));
  }
  return texts;
}

void write_witnesses(const HistoryReport& report, const Wording& wording, const Style& style, std::ostream& out) {
  for (const HistoryReport::Witness& witness : report.witnesses) {
    if (witness.order.empty()) continue;
    const std::string key = wording.sentence(Phrase::data(witness.key));
    out << "  " << style.paint(Colour::bold, fmt::format("An order that explains all answers of {}:", key)) << '\n';
    for (const HistoryReport::Step& step : witness.order) out << "    " << wording.sentence(step.text, 200) << '\n';
  }
}

}  // namespace

void write_text(const HistoryReport& report, const Style& style, std::ostream& out) {
  const Wording wording(report.data());
  const std::string head = fmt::format("{:<8}  ", name(report.conclusion));
  const std::string what = report.stopped.empty() ? size_text(report) : report.stopped;
  std::ostringstream first;
  first << style.paint(colour_of(report), head) << fmt::format("{}: {}\n", printable(report.file), what);
  if (report.reason) write_reason(*report.reason, wording, style, first);
  for (const Phrase& answer : report.wrong_answers)
    write_paragraph("  ", 2, wording.sentence(answer, 400), first, style.width());
  out << first.str();
  const std::vector<std::string> findings = finding_texts(report, wording, style);
  const std::size_t more_kinds = findings.empty() ? 0 : 1;
  Room room(first.str(), out);
  room.tell(undecided_texts(report, wording, style), report.undecided_left_out, "more undecided key", more_kinds);
  room.tell(findings, report.findings_left_out, "more finding", 0);
  write_witnesses(report, wording, style, out);
}

void write_history_totals(std::span<const HistoryReport> reports, std::size_t refused, const Style& style,
                          std::ostream& out) {
  const auto count = [&](int code) {
    return std::count_if(reports.begin(), reports.end(),
                         [&](const auto& report) { return report.exit_code() == code; });
  };
  const auto good = count(0), bad = count(1), unknown = count(2);
  std::string text = fmt::format("{} histories: {} hold", reports.size() + refused, good);
  if (bad > 0) text += fmt::format(", {} violated", bad);
  if (unknown > 0) text += fmt::format(", {} unknown", unknown);
  if (refused > 0) text += fmt::format(", {} not judged", refused);
  const bool all_known = unknown == 0 && refused == 0;
  out << style.paint(bad > 0 ? Colour::red : all_known ? Colour::green : Colour::yellow, text) << '\n';
}

}  // namespace smalldb::reports
