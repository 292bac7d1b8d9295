#include "reports/history_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <ostream>
#include <string>

#include "model/printable.h"
#include "reports/layout.h"
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

std::string size_text(const HistoryReport& report) {
  std::string text = counted(report.operations, "operation");
  if (report.operations_unknown > 0) text += fmt::format(" ({} unknown)", grouped(report.operations_unknown));
  text += fmt::format(" on {} by {}", counted(report.keys, "key"),
                      report.processes == 1 ? "1 process" : grouped(report.processes) + " processes");
  // A wrong read of such a value may look right.
  if (report.writes_repeated > 0) {
    text +=
        fmt::format(", {} of {} repeating a value", grouped(report.writes_repeated), counted(report.writes, "write"));
  }
  if (!report.engines.empty()) text += fmt::format("; {}, {}", engines_text(report), counted(report.steps, "step"));
  return text;
}

void write_undecided(const HistoryReport& report, const Style& style, std::ostream& out) {
  for (const HistoryReport::Undecided& one : report.undecided) {
    if (one.too_many_open > 0) {
      write_paragraph(
          "  ", 2,
          fmt::format(
              "Not decided: {}, {}; an order was found up to {}, where more than 8,192 are open at a time (later "
              "{}), and a search can tell no more apart. Values that are written once each need no search.",
              one.key, counted(one.operations, "operation"), one.judged_until, grouped(one.too_many_open)),
          out, style.width());
      continue;
    }
    write_paragraph("  ", 2,
                    fmt::format("Not decided within the budget of steps: {}, {}; an order was found up to {}.", one.key,
                                counted(one.operations, "operation"), one.judged_until),
                    out, style.width());
  }
  if (report.undecided_left_out > 0) {
    out << fmt::format("  And {} more.\n", counted(report.undecided_left_out, "key"));
  }
}

void write_findings(const HistoryReport& report, const Style& style, std::ostream& out) {
  for (const HistoryReport::Finding& finding : report.findings) {
    const std::string head = "  " + style.paint(Colour::red, finding.what) + "  ";
    write_paragraph(head, 4 + finding.what.size(), shortened(finding.sentence, 400), out, style.width());
  }
  if (report.findings_left_out > 0) {
    out << fmt::format("  And {} more of that kind.\n", counted(report.findings_left_out, "finding"));
  }
}

void write_witnesses(const HistoryReport& report, const Style& style, std::ostream& out) {
  for (const HistoryReport::Witness& witness : report.witnesses) {
    if (witness.order.empty()) continue;
    out << "  " << style.paint(Colour::bold, fmt::format("An order that explains all answers of {}:", witness.key))
        << '\n';
    for (const HistoryReport::Step& step : witness.order) out << "    " << shortened(step.text, 200) << '\n';
  }
}

}  // namespace

void write_text(const HistoryReport& report, const Style& style, std::ostream& out) {
  const std::string head = fmt::format("{:<8}  ", name(report.conclusion));
  const std::string what = report.stopped.empty() ? size_text(report) : report.stopped;
  out << style.paint(colour_of(report), head) << fmt::format("{}: {}\n", printable(report.file), what);
  if (report.reason) write_reason(*report.reason, style, out);
  for (const std::string& answer : report.wrong_answers)
    write_paragraph("  ", 2, shortened(answer, 400), out, style.width());
  write_undecided(report, style, out);
  write_findings(report, style, out);
  write_witnesses(report, style, out);
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
