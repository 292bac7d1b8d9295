#include "reports/text_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "model/printable.h"
#include "properties/properties.h"
#include "reports/layout.h"
#include "reports/reason_text.h"
#include "reports/scenario_text.h"
#include "reports/story_text.h"
#include "reports/words.h"
#include "scenarios/judge.h"

namespace smalldb::reports {
namespace {

using properties::Conclusion;
using scenarios::EndReason;
using scenarios::Expected;
using scenarios::Judgement;

constexpr std::size_t word_width = 8;  // "violated"
constexpr std::size_t name_width = 21;
constexpr std::size_t head_width = 2 + word_width + 2 + name_width;
constexpr std::size_t events_shown = 6;

Colour colour_of(int exit_code) {
  return exit_code == 0 ? Colour::green : exit_code == 1 ? Colour::red : Colour::yellow;
}

Colour colour_of(Conclusion conclusion, Expected expected) {
  if (conclusion == Conclusion::unknown) return Colour::yellow;
  const bool violated = conclusion == Conclusion::violated;
  const bool may_be_violated = expected == Expected::any || expected == Expected::if_recoverable;
  if (may_be_violated) return violated ? Colour::yellow : Colour::green;
  return violated == (expected == Expected::violated) ? Colour::green : Colour::red;
}

void write_comparison(const Report& report, const Style& style, std::ostream& out) {
  if (report.comparison) write_paragraph("Replay    ", 10, report.comparison->text, out, style.width());
}

class TextReport {
 public:
  TextReport(const Report& report, const Style& style, std::ostream& out)
      : report_(report), result_(report.result), style_(style), out_(out) {}

  void write() const {
    write_head();
    if (report_.story) {
      out_ << '\n';
      write_story(*report_.story, style_, out_);
    }
    if (result_.end_reason == EndReason::interrupted) {
      out_ << '\n' << style_.paint(Colour::yellow, "Interrupted: this report is partial.") << '\n';
    }
    write_properties();
    for (const Why& why : report_.whys) {
      out_ << '\n';
      write_why(why, style_, out_);
    }
    write_reason();
    write_expectations();
    write_faults();
    write_coverage();
    write_end();
  }

 private:
  void head(std::string_view text) const {
    out_ << '\n';
    write_paragraph("", 0, style_.paint(Colour::bold, text), out_, style_.width());
  }

  // A line of two columns and a paragraph.
  void line(Colour colour, std::string_view word, std::string_view name, std::string_view text) const {
    const std::string padded = fmt::format("{:<{}}", word, word_width);
    const std::string shown = fmt::format("  {}  {:<{}}", style_.paint(colour, padded), name, name_width);
    const std::size_t width = std::max(head_width, 2 + word_width + 2 + name.size());
    write_paragraph(text.empty() ? shown.substr(0, shown.find_last_not_of(' ') + 1) : shown + "  ", width + 2, text,
                    out_, style_.width());
  }

  void write_head() const {
    out_ << style_.paint(Colour::bold, shortened(result_.scenario.name, 200))
         << fmt::format(", seed {} ({})\n", result_.scenario.seed, printable(report_.file));
    write_paragraph("  ", 2, shortened(result_.scenario.why, 2000), out_, style_.width());
    out_ << '\n';
    write_scenario(result_, style_, out_);
  }

  void write_properties() const {
    head("Properties");
    const auto described = properties::descriptions();
    const std::vector<Expected> expected = scenarios::expected_properties(result_.scenario);
    for (std::size_t n = 0; n < std::min(described.size(), result_.verdicts.size()); ++n) {
      write_verdict(described[n], result_.verdicts[n], expected[n]);
    }
  }

  void write_verdict(const properties::PropertyDescription& property, const properties::Verdict& verdict,
                     Expected expected) const {
    const Colour colour = colour_of(verdict.conclusion, expected);
    line(colour, name(verdict.conclusion), property.name, property.what);
    if (!verdict.witness.empty()) {
      write_paragraph(std::string(head_width + 2, ' '), head_width + 2, printable(verdict.witness), out_,
                      style_.width());
      write_events(verdict);
    }
    if (expected == Expected::violated) {
      remark(verdict.conclusion == Conclusion::violated ? "as this scenario expects" : "expected to be violated",
             colour);
    }
  }

  void write_reason() const {
    if (!report_.reason) return;
    head(report_.reason->but_for_revisions
             ? "Why no order explains the answers, whatever their revisions (instants are events of the trace)"
             : "Why no order explains the answers (instants are events of the trace)");
    reports::write_reason(*report_.reason, wording_of(*report_.reason), style_, out_);
  }

  void write_events(const properties::Verdict& verdict) const {
    if (verdict.events.empty()) return;
    std::string listed;
    for (std::size_t n = 0; n < std::min(verdict.events.size(), events_shown); ++n) {
      listed += fmt::format("{}{}", n == 0 ? "" : ", ", verdict.events[n]);
    }
    if (verdict.events.size() > events_shown)
      listed += fmt::format(" and {} more", verdict.events.size() - events_shown);
    remark(fmt::format("see event{} {} of the trace", verdict.events.size() == 1 ? "" : "s", listed), Colour::dim);
  }

  void remark(std::string_view text, Colour colour) const {
    out_ << std::string(head_width + 2, ' ') << style_.paint(colour, text) << '\n';
  }

  // Those of properties stand with the properties.
  void write_expectations() const {
    const auto& all = result_.judgements;
    if (std::all_of(all.begin(), all.end(), stands_elsewhere)) return;
    head("Expectations");
    for (const Judgement& judgement : all) {
      if (!stands_elsewhere(judgement)) write_judgement(judgement);
    }
  }

  void write_judgement(const Judgement& judgement) const {
    const bool met = judgement.met == Judgement::Met::yes;
    const bool unknown = judgement.met == Judgement::Met::unknown;
    const std::string word = fmt::format("{:<{}}", met ? "met" : unknown ? "unknown" : "not met", word_width);
    const Colour colour = met ? Colour::green : unknown ? Colour::yellow : Colour::red;
    std::string text = judgement.what;
    if (!judgement.found.empty()) text += fmt::format("  ({})", judgement.found);
    write_paragraph(fmt::format("  {}  ", style_.paint(colour, word)), 2 + word_width + 2, printable(text), out_,
                    style_.width());
  }

  void write_faults() const {
    if (result_.faults.empty()) return;
    head("Faults: how often each struck, and how often something really differed because of it");
    for (const scenarios::FaultAccount& fault : result_.faults) {
      const bool bad = fault.effects == 0 && fault.relied_on;
      const std::string counts = fmt::format("{:>8}  {:>10}", grouped(fault.fired), grouped(fault.effects));
      const std::string text = printable(fault.text) + (bad ? "  NO EFFECT, and the scenario relies on one" : "");
      write_paragraph(style_.paint(bad ? Colour::red : Colour::none, counts) + "  ", counts.size() + 2, text, out_,
                      style_.width());
    }
  }

  void write_coverage() const {
    std::string seen;
    for (const properties::Seen& condition : result_.coverage) {
      if (condition.count == 0) continue;
      seen += fmt::format("{}{} {}", seen.empty() ? "" : ", ", condition.name, grouped(condition.count));
    }
    head("Seen");
    write_paragraph("  ", 2, seen.empty() ? "nothing of note" : seen, out_, style_.width());
  }

  void write_end() const {
    out_ << '\n';
    write_paragraph(
        "Ended     ", 10,
        fmt::format("at {} s of virtual time, {}", seconds_text(result_.ended_at), in_words(result_.end_reason)), out_,
        style_.width());
    write_paragraph(
        "Counted   ", 10,
        counted(result_.event_count, "event") + ", " +
            (result_.operations_answered == 0 ? "no operation answered: what clients are promised was not tried"
                                              : counted(result_.operations_answered, "operation") + " answered"),
        out_, style_.width());
    out_ << fmt::format("Trace     {:016x}\n", result_.hash);
    out_ << fmt::format("Again     {}\n", printable(report_.again));
    write_paragraph("Result    ", 10, style_.paint(colour_of(exit_code(report_)), outcome(report_)), out_,
                    style_.width());
    if (result_.is_stale()) {
      write_paragraph("Stale     ", 10,
                      style_.paint(Colour::yellow, stale_in(result_)) +
                          ", so this run shows nothing of what was to go wrong. Look for a seed with which something "
                          "does (--seed 1..1000 --quiet), let it happen `when` something still happens, or remove the "
                          "scenario",
                      out_, style_.width());
    }
    write_comparison(report_, style_, out_);
  }

  const Report& report_;
  const scenarios::Result& result_;
  const Style& style_;
  std::ostream& out_;
};

// A paragraph below the line of a summary, which begins behind its outcome.
constexpr std::size_t below_summary = 17;  // columns

void write_below_summary(std::string_view text, const Style& style, std::ostream& out) {
  write_paragraph(std::string(below_summary, ' '), below_summary, text, out, style.width());
}

// What was not as expected, and how to see it again.
void write_shortcomings(const Report& report, const Style& style, std::ostream& out) {
  const scenarios::Result& result = report.result;
  if (result.end_reason != EndReason::as_planned) {
    write_below_summary(fmt::format("ended {}", in_words(result.end_reason)), style, out);
  }
  const auto tell = [&](Judgement::Met met, std::string_view word, std::size_t most) {
    std::vector<std::string> told;
    for (const Judgement& judgement : result.judgements) {
      if (judgement.met == met) told.push_back(fmt::format("{}: {}  ({})", word, judgement.what, judgement.found));
    }
    if (told.size() > most) told = {fmt::format("{}: {}", word, counted(told.size(), "expectation"))};
    for (const std::string& line : told) {
      write_below_summary(printable(line), style, out);
    }
  };
  constexpr std::size_t any_number = ~std::size_t{0}, few = 2;  // of a run that ends early nearly all is unknown
  tell(Judgement::Met::no, "not met", any_number);
  tell(Judgement::Met::unknown, "unknown", few);
  out << std::string(below_summary, ' ') << "again: " << printable(report.again) << '\n';
}

}  // namespace

void write_text(const Report& report, const Style& style, std::ostream& out) { TextReport(report, style, out).write(); }

void write_summary(const Report& report, const Style& style, std::ostream& out) {
  const scenarios::Result& result = report.result;
  out << style.paint(colour_of(exit_code(report)), fmt::format("{:<15}", outcome(report)))
      << fmt::format("  {}, seed {}: {} s, {}{}, trace {:016x}\n", printable(report.file), result.scenario.seed,
                     seconds_text(result.ended_at), counted(result.event_count, "event"),
                     result.operations_answered == 0 ? ", no operation answered" : "", result.hash);
  if (result.is_stale()) {
    write_below_summary(style.paint(Colour::yellow, "stale: " + stale_in(result)), style, out);
  }
  if (exit_code(report) != 0) write_shortcomings(report, style, out);
  write_comparison(report, style, out);
}

void write_totals(std::span<const RunOutcome> outcomes, std::string_view what, const Style& style, std::ostream& out) {
  const auto count = [&](int code) {
    return static_cast<std::uint64_t>(
        std::count_if(outcomes.begin(), outcomes.end(), [&](const RunOutcome& one) { return one.exit_code == code; }));
  };
  const auto good = count(0), bad = count(1), unknown = count(2);
  const auto stale =
      std::count_if(outcomes.begin(), outcomes.end(), [](const RunOutcome& one) { return one.is_stale; });
  std::string text = fmt::format("{}: {} as expected", counted(outcomes.size(), what), grouped(good));
  if (bad > 0) text += fmt::format(", {} not as expected", grouped(bad));
  if (unknown > 0) text += fmt::format(", {} unknown", grouped(unknown));
  if (stale > 0) text += fmt::format("; {} stale", grouped(static_cast<std::uint64_t>(stale)));
  out << style.paint(colour_of(bad > 0 ? 1 : unknown > 0 || stale > 0 ? 2 : 0), text) << '\n';
}

}  // namespace smalldb::reports
