#include "reports/campaign_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <ostream>

#include "model/printable.h"
#include "properties/coverage.h"
#include "properties/fault_matrix.h"
#include "properties/properties.h"
#include "reports/layout.h"
#include "reports/tally_json.h"
#include "sim/fault.h"

namespace smalldb::reports {
namespace {

using properties::FaultMatrix;
using properties::ProtocolStep;
using scenarios::Tally;

std::string rate(std::uint64_t count, const Pace& pace) {
  return grouped(pace.milliseconds == 0 ? 0 : count * 1000 / pace.milliseconds);
}

std::string hours(std::uint64_t microseconds) {
  const std::uint64_t seconds = microseconds / 1'000'000;
  if (seconds < 60) return counted(seconds, "second");
  if (seconds < 3600) return counted(seconds / 60, "minute");
  return counted(seconds / 3600, "hour");
}

// "seeds 3, 65 to 128", "seed 3": no more of them than a person reads.
std::string seeds_in(const std::vector<std::string>& places) {
  constexpr std::size_t told_max = 20;
  const bool is_one = places.size() == 1 && places[0].find(' ') == std::string::npos;
  std::string text = is_one ? "seed" : "seeds";
  for (std::size_t n = 0; n < std::min(places.size(), told_max); ++n) text += (n == 0 ? " " : ", ") + places[n];
  if (places.size() > told_max) text += ", and in " + std::to_string(places.size() - told_max) + " more places";
  return text;
}

std::vector<std::string> places_of(const std::set<std::uint64_t>& seeds) {
  std::vector<std::string> places;
  for (auto seed = seeds.begin(); seed != seeds.end();) {
    const std::uint64_t first = *seed;
    std::uint64_t last = first;
    while (++seed != seeds.end() && *seed == last + 1) ++last;
    places.push_back(std::to_string(first) + (first == last ? "" : " to " + std::to_string(last)));
  }
  return places;
}

// Why not all seeds were begun, in a sentence; empty: they were.
std::string what_was_not_begun(const CampaignReport& report) {
  switch (report.ended) {
    case Ended::complete: return {};
    case Ended::time_is_over: return "The time was over before all of these seeds were run.";
    case Ended::stopped: return "Stopped before its end: not all of these seeds were run.";
    case Ended::seeds_are_missing: break;
  }
  return "Nobody has run " + seeds_in(report.missing_seeds) + ".";
}

// Which began and did not come to an end.
std::string what_had_no_memory(const CampaignReport& report) {
  const std::set<std::uint64_t>& seeds = report.tally.out_of_memory;
  return grouped(seeds.size()) + ", for want of memory, neither good nor bad: " + seeds_in(places_of(seeds));
}

// Why a campaign is partial, in sentences.
std::string why_partial(const CampaignReport& report) {
  std::string text = what_was_not_begun(report);
  const auto add = [&](const std::string& sentence) { text += (text.empty() ? "" : " ") + sentence; };
  if (!report.tally.out_of_memory.empty()) add("Not run: " + what_had_no_memory(report) + ".");
  if (text.empty()) text = "No seed was run.";
  return text;
}

std::uint64_t count_of(const std::map<std::string, std::uint64_t>& counts, std::string_view name) {
  const auto found = counts.find(std::string(name));
  return found == counts.end() ? 0 : found->second;
}

class CampaignText {
 public:
  CampaignText(const CampaignReport& report, const Style& style, std::ostream& out)
      : report_(report), tally_(report.tally), style_(style), out_(out) {}

  void write() const {
    out_ << style_.paint(Colour::bold, "Campaign  ") << printable(report_.what) << "\n\n";
    if (report_.ended != Ended::complete) {
      write_paragraph("", 0, style_.paint(Colour::yellow, what_was_not_begun(report_)), out_, style_.width());
      out_ << '\n';
    }
    write_conditions();
    write_judged();
    write_matrix();
    write_shapes();
    write_findings();
    write_missing();
    write_end();
  }

 private:
  void heading(std::string_view text) const { out_ << style_.paint(Colour::bold, text) << '\n'; }

  void write_conditions() const {
    heading("Sometimes: how often each condition was seen, and in how many runs");
    std::vector<std::string> cells;
    for (const properties::CoverageCondition& condition : properties::conditions()) {
      const std::uint64_t runs = count_of(tally_.runs_with, condition.name);
      const std::string seen = grouped(count_of(tally_.coverage, condition.name));
      cells.push_back(cell(fmt::format("{:>12} {:>10}  {:<28}", seen, grouped(runs), condition.name), runs));
    }
    write_cells(cells);
  }

  void write_judged() const {
    heading("Judged: in how many of these runs each property could have failed");
    std::vector<std::string> cells;
    for (const std::string_view property : properties::names()) {
      const std::uint64_t runs = count_of(tally_.judged, property);
      cells.push_back(cell(fmt::format("{:>23}  {:<28}", grouped(runs), property), runs));
    }
    write_cells(cells);
  }

  // What never came is worth a look.
  std::string cell(const std::string& text, std::uint64_t runs) const {
    return runs == 0 ? style_.paint(Colour::yellow, text) : text;
  }

  // Two a line.
  void write_cells(const std::vector<std::string>& cells) const {
    for (std::size_t n = 0; n < cells.size(); n += 2) {
      const std::string line = cells[n] + (n + 1 < cells.size() ? cells[n + 1] : "");
      out_ << line.substr(0, line.find_last_not_of(' ') + 1) << '\n';
    }
    out_ << '\n';
  }

  void write_matrix() const {
    heading(
        "Faults: how often injected, how often something differed because of it, and at which steps of the protocol");
    out_ << std::string(18, ' ') << fmt::format("{:>10}{:>12}", "injected", "effects");
    for (std::size_t step = 0; step < properties::protocol_steps; ++step) {
      const std::string_view word = name(static_cast<ProtocolStep>(step));
      out_ << fmt::format(" {:>{}}", word, width_of(step));
    }
    out_ << '\n';
    for (std::size_t kind = 0; kind < tally_.faults.size(); ++kind) {
      const FaultMatrix::Row& row = tally_.faults[kind];
      std::string line = fmt::format("{:<18}{:>10}{:>12}", name(static_cast<sim::FaultKind>(kind)),
                                     short_count(row.injected), short_count(row.effects));
      for (std::size_t step = 0; step < row.at_step.size(); ++step) {
        line += fmt::format(" {:>{}}", short_count(row.at_step[step]), width_of(step));
      }
      out_ << (row.effects == 0 ? style_.paint(Colour::yellow, line) : line) << '\n';
    }
    out_ << '\n';
  }

  static std::size_t width_of(std::size_t step) {
    return std::max<std::size_t>(name(static_cast<ProtocolStep>(step)).size(), 6);
  }
  // At most six characters: 12345, 123k, 12M.
  static std::string short_count(std::uint64_t count) {
    if (count < 100'000) return std::to_string(count);
    if (count < 10'000'000) return std::to_string(count / 1000) + "k";
    return std::to_string(count / 1'000'000) + "M";
  }

  void write_shapes() const {
    heading("Drawn: the shapes of the scenarios, in runs of a hundred");
    std::map<std::string, std::vector<std::pair<std::string, std::uint64_t>>> by_dimension;
    for (const auto& [shape, count] : tally_.shapes) {
      const std::size_t space = shape.find(' ');
      by_dimension[shape.substr(0, space)].emplace_back(shape.substr(space + 1), count);
    }
    for (auto& [dimension, shapes] : by_dimension) {
      // "10 to 19" after "2": by their first number where they have one.
      std::stable_sort(shapes.begin(), shapes.end(), [](const auto& a, const auto& b) {
        return std::strtoull(a.first.c_str(), nullptr, 10) < std::strtoull(b.first.c_str(), nullptr, 10);
      });
      std::string text;
      for (const auto& [shape, count] : shapes) {
        const std::uint64_t tenths = tally_.runs == 0 ? 0 : (count * 1000 + tally_.runs / 2) / tally_.runs;
        text += fmt::format("{}{}: {}.{}", text.empty() ? "" : ", ", shape, tenths / 10, tenths % 10);
      }
      write_paragraph(fmt::format("  {:<16}  ", dimension), 20, text, out_, style_.width());
    }
    out_ << '\n';
  }

  void write_findings() const {
    if (report_.findings.empty()) return;
    heading("Findings, the fastest run of each class");
    for (const CampaignFinding& finding : report_.findings) {
      const scenarios::FoundRun& run = finding.found.fastest;
      const Colour colour = is_certain(finding.kind) ? Colour::red : Colour::yellow;
      write_paragraph("  " + style_.paint(colour, fmt::format("{:<22}", finding.kind.property)) + "  ", 26,
                      shortened(run.witness, 1000), out_, style_.width());
      const std::string margin(26, ' ');
      const auto line = [&](const std::string& text) {
        write_paragraph(margin, margin.size(), text, out_, style_.width());
      };
      line(fmt::format("{} of this class; the fastest is seed {} ({}), {}", counted(finding.found.count, "run"),
                       run.seed, name(run.budget), counted(run.events, "event")));
      if (!finding.summary.empty()) line(finding.summary);
      if (!finding.capsule.empty()) out_ << margin << "capsule: " << finding.capsule << '\n';
      if (!finding.shrunk.empty()) out_ << margin << "shrunk:  " << finding.shrunk << '\n';
      out_ << margin << "again:   " << finding.again << '\n';
    }
    out_ << '\n';
  }

  void write_missing() const {
    if (report_.missing.empty()) return;
    heading(report_.requires_coverage ? "Never exercised, which fails this campaign" : "Never exercised");
    std::string text;
    for (const std::string& name : report_.missing) text += (text.empty() ? "" : ", ") + name;
    write_paragraph("  ", 2, text, out_, style_.width());
    out_ << '\n';
  }

  void write_end() const {
    out_ << fmt::format("Runs      {}, {} each on average, {} simulated, {} answered\n", grouped(tally_.runs),
                        counted(tally_.runs == 0 ? 0 : tally_.events / tally_.runs, "event"),
                        hours(tally_.simulated_us), counted(tally_.operations, "operation"));
    if (report_.pace.milliseconds > 0) {
      out_ << fmt::format("Speed     {} runs a second, {} events a second\n", rate(report_.pace.runs, report_.pace),
                          rate(report_.pace.events, report_.pace));
    }
    if (!tally_.out_of_memory.empty()) {
      write_paragraph("Not run   ", 10, style_.paint(Colour::yellow, what_had_no_memory(report_)), out_,
                      style_.width());
      out_ << std::string(10, ' ') << "again: " << report_.out_of_memory_again << '\n';
    }
    const std::string_view result = !report_.all_written     ? "not all of what was found could be written"
                                    : report_.exit_code == 0 ? nothing_wrong()
                                    : report_.exit_code == 1 ? "not as expected"
                                    : report_.exit_code == 2 ? nothing_known()
                                                             : "the simulator itself failed";
    const Colour colour = report_.exit_code == 0   ? Colour::green
                          : report_.exit_code == 2 ? Colour::yellow
                                                   : Colour::red;
    out_ << "Result    " << style_.paint(colour, result) << '\n';
  }

  std::string_view nothing_known() const {
    return is_vacuous(report_) ? "unknown: nobody was answered, so what clients are promised was not tried" : "unknown";
  }
  // What could not be judged is a finding too.
  std::string_view nothing_wrong() const { return report_.findings.empty() ? "nothing found" : "nothing violated"; }

  const CampaignReport& report_;
  const Tally& tally_;
  const Style& style_;
  std::ostream& out_;
};

std::string escaped(std::string_view text) {
  std::string safe;
  for (const char c : shortened(text, 4000)) {
    switch (c) {
      case '&': safe += "&amp;"; break;
      case '<': safe += "&lt;"; break;
      case '>': safe += "&gt;"; break;
      case '"': safe += "&quot;"; break;
      default: safe += c;
    }
  }
  return safe;
}

}  // namespace

bool is_vacuous(const CampaignReport& report) { return report.tally.runs > 0 && report.tally.operations == 0; }

bool is_partial(const CampaignReport& report) {
  return report.ended != Ended::complete || report.tally.runs == 0 || !report.tally.out_of_memory.empty();
}

std::vector<std::string> never_exercised(const Tally& tally, bool unrestricted) {
  std::vector<std::string> missing;
  for (std::size_t place = 0; place < tally.faults.size(); ++place) {
    const auto kind = static_cast<sim::FaultKind>(place);
    if (!unrestricted && scenarios::family_of(kind) >= scenarios::Family::damage) continue;
    if (tally.faults[place].effects == 0) missing.push_back("fault " + std::string(name(kind)));
  }
  for (const properties::CoverageCondition& condition : properties::conditions()) {
    if (!unrestricted && condition.name == "log_damaged") continue;  // no disk is damaged
    const auto found = tally.runs_with.find(std::string(condition.name));
    if (found == tally.runs_with.end() || found->second == 0) {
      missing.push_back("sometimes " + std::string(condition.name));
    }
  }
  for (const std::string_view property : properties::names()) {
    if (count_of(tally.judged, property) == 0) missing.push_back("property " + std::string(property));
  }
  return missing;
}

std::string progress(const Tally& tally, const Pace& pace, std::optional<std::uint64_t> runs_in_all) {
  std::uint64_t conditions = 0, kinds = 0;
  for (const auto& [name, runs] : tally.runs_with) conditions += runs > 0 ? 1 : 0;
  for (const FaultMatrix::Row& row : tally.faults) kinds += row.effects > 0 ? 1 : 0;
  const std::string all = runs_in_all ? " of " + grouped(*runs_in_all) : "";
  return fmt::format("{}{} runs  {} found  {}/{} conditions  {}/{} faults  {}/s  {} events/s  {} simulated s/s",
                     grouped(tally.runs), all, grouped(tally.findings.size()), conditions,
                     properties::conditions().size(), kinds, sim::fault_kinds, rate(pace.runs, pace),
                     rate(pace.events, pace), rate(pace.simulated_us / 1'000'000, pace));
}

void write_text(const CampaignReport& report, const Style& style, std::ostream& out) {
  CampaignText(report, style, out).write();
}

void write_json(const CampaignReport& report, std::ostream& out) {
  using Json = nlohmann::ordered_json;
  Json json{{"format", 1},
            {"program", report.program},
            {"campaign", report.what},
            {"exit_code", report.exit_code},
            {"partial", is_partial(report)},
            {"missing_seeds", report.missing_seeds},
            {"out_of_memory", {{"seeds", report.tally.out_of_memory}, {"again", report.out_of_memory_again}}},
            {"milliseconds", report.pace.milliseconds}};
  json["tally"] = Json::parse(write_block({{}, {}, report.tally}));
  for (const char* key : {"smalldb_sim_block", "campaign", "first", "count", "findings", "out_of_memory"}) {
    json["tally"].erase(key);
  }
  // That a property was never judged is to be seen, and not to be missed.
  for (const std::string_view property : properties::names()) {
    json["tally"]["judged"][std::string(property)] = count_of(report.tally.judged, property);
  }
  Json& findings = json["findings"] = Json::array();
  for (const CampaignFinding& finding : report.findings) {
    findings.push_back({{"property", finding.kind.property},
                        {"shape", finding.kind.shape},
                        {"certain", is_certain(finding.kind)},
                        {"count", finding.found.count},
                        {"first", finding.found.first},
                        {"seed", finding.found.fastest.seed},
                        {"budget", name(finding.found.fastest.budget)},
                        {"events", finding.found.fastest.events},
                        {"witness", finding.found.fastest.witness},
                        {"capsule", finding.capsule},
                        {"shrunk", finding.shrunk},
                        {"summary", finding.summary},
                        {"again", finding.again}});
  }
  json["never_exercised"] = report.missing;
  out << json.dump(2, ' ', false, Json::error_handler_t::replace) << '\n';
}

void write_junit(const CampaignReport& report, std::ostream& out) {
  std::uint64_t failures = 0;
  for (const CampaignFinding& finding : report.findings) failures += is_certain(finding.kind) ? 1 : 0;
  const bool coverage_fails = report.requires_coverage && !report.missing.empty();
  const auto violations_of = [&](std::string_view property) {
    std::uint64_t runs = 0;
    for (const CampaignFinding& finding : report.findings)
      runs += finding.kind.property == property ? finding.found.count : 0;
    return runs;
  };
  const bool partial = is_partial(report);
  const auto& names = properties::names();
  const std::uint64_t tests = names.size() + report.findings.size() + 2;
  std::uint64_t skipped = report.findings.size() - failures;
  for (const std::string_view property : names) {
    if (violations_of(property) > 0)
      ++failures;
    else if (count_of(report.tally.judged, property) == 0)
      ++skipped;
  }
  out << "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      << fmt::format(
             "<testsuite name=\"smalldb-sim fuzz\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" "
             "time=\"{}.{:03}\">\n",
             tests, failures + (coverage_fails ? 1 : 0), partial ? 1 : 0, skipped, report.pace.milliseconds / 1000,
             report.pace.milliseconds % 1000);
  out << "  <properties>\n"
      << fmt::format("    <property name=\"program\" value=\"{}\"/>\n", escaped(report.program))
      << fmt::format("    <property name=\"campaign\" value=\"{}\"/>\n", escaped(report.what))
      << fmt::format("    <property name=\"runs\" value=\"{}\"/>\n", report.tally.runs) << "  </properties>\n";
  for (const std::string_view property : names) {
    const std::uint64_t violations = violations_of(property);
    const std::uint64_t judged = count_of(report.tally.judged, property);
    const std::string how_often = fmt::format("judged in {} of {} runs", judged, report.tally.runs);
    out << fmt::format("  <testcase classname=\"fuzz\" name=\"{}\">\n", escaped(property));
    if (violations > 0)
      out << fmt::format("    <failure message=\"violated in {}\"/>\n", counted(violations, "run"));
    else if (judged == 0)
      out << fmt::format("    <skipped message=\"{}\"/>\n", how_often);
    out << fmt::format("    <system-out>{}</system-out>\n  </testcase>\n", how_often);
  }
  for (const CampaignFinding& finding : report.findings) {
    const std::string name = escaped(shortened(to_text(finding.kind), 150));
    const std::string text = escaped(finding.found.fastest.witness) + "\nagain: " + escaped(finding.again) + "\n";
    out << fmt::format("  <testcase classname=\"fuzz.finding\" name=\"{}\">\n", name);
    if (is_certain(finding.kind))
      out << fmt::format("    <failure message=\"{}\">{}</failure>\n", name, text);
    else
      out << fmt::format("    <skipped message=\"could not be judged\"/>\n    <system-out>{}</system-out>\n", text);
    out << "  </testcase>\n";
  }
  out << "  <testcase classname=\"fuzz\" name=\"all seeds were run\"";
  if (partial) {
    const std::string& again = report.out_of_memory_again;
    out << fmt::format(">\n    <error message=\"{}\">{}</error>\n  </testcase>\n", escaped(why_partial(report)),
                       again.empty() ? "" : "again: " + escaped(again));
  } else {
    out << "/>\n";
  }
  out << "  <testcase classname=\"fuzz\" name=\"what was exercised\"";
  if (coverage_fails) {
    std::string text;
    for (const std::string& missing : report.missing) text += escaped(missing) + "\n";
    out << fmt::format(">\n    <failure message=\"never exercised\">{}</failure>\n  </testcase>\n", text);
  } else {
    out << "/>\n";
  }
  out << "</testsuite>\n";
}

}  // namespace smalldb::reports
