#include "reports/run_picture.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>
#include <vector>

#include "properties/properties.h"
#include "reports/layout.h"
#include "reports/page.h"
#include "reports/run_picture_page.h"
#include "reports/space_time.h"
#include "reports/words.h"
#include "scenarios/judge.h"
#include "scenarios/save.h"

namespace smalldb::reports {
namespace {

using properties::Conclusion;
using scenarios::Expected;

constexpr StoryLimits story_limits{.first = 500, .last = 500, .folds = false};
constexpr std::size_t witness_max = 800;

void add_violated(const properties::PropertyDescription& property, const properties::Verdict& verdict,
                  std::vector<Violated>& all) {
  if (verdict.conclusion != Conclusion::violated) return;
  all.push_back({std::string(property.name), verdict.witness, verdict.events, !property.liveness});
}

std::vector<Violated> violated_in(const scenarios::Result& result) {
  std::vector<Violated> all;
  const auto descriptions = properties::descriptions();
  for (std::size_t n = 0; n < result.verdicts.size(); ++n) {
    const std::size_t before = all.size();
    add_violated(descriptions[n], result.verdicts[n], all);
    // What has not happened in all of the run is missing at its end, whatever events the witness begins with.
    const bool at_the_end = all.size() > before && !all.back().has_past && result.verdicts[n].at >= result.ended_at;
    if (at_the_end && result.event_count > 0) all.back().events = {result.event_count - 1};
  }
  return all;
}

std::vector<Violated> violated_in(const scenarios::LivesJudged& judged) {
  std::vector<Violated> all;
  const auto descriptions = properties::descriptions();
  for (std::size_t n = 0; n < judged.verdicts.size(); ++n) {
    if (judged.verdicts[n].not_judged.empty()) add_violated(descriptions[n], judged.verdicts[n].verdict, all);
  }
  return all;
}

Expected expected_of(const scenarios::Scenario& scenario, std::string_view property) {
  const auto descriptions = properties::descriptions();
  const auto it = std::find_if(descriptions.begin(), descriptions.end(),
                               [&](const properties::PropertyDescription& each) { return each.name == property; });
  return scenarios::expected_properties(scenario)[static_cast<std::size_t>(it - descriptions.begin())];
}

class Page {
 public:
  Page(std::string_view title, std::string_view from, std::string_view says)
      : text_(page_head(fitted(title, 200), run_picture_style)) {
    add("<p class=\"from\">{}</p>\n<h1>{}</h1>\n<p class=\"says\">{}</p>\n", escaped(fitted(from, 200)),
        escaped(fitted(title, 200)), escaped(fitted(says, 2000)));
  }

  // `scenario`: whose expectations they are held against, if there is one.
  void write_violated(const std::vector<Violated>& violated, const scenarios::Scenario* scenario = nullptr) {
    text_ += "<ul class=\"verdicts\">";
    for (const Violated& one : violated) {
      const Expected expected = scenario != nullptr ? expected_of(*scenario, one.property) : Expected::holds;
      add("<li><b{}>{}</b> is violated{}: {}</li>\n",
          expected == Expected::violated ? " class=\"good\""
          : expected != Expected::holds  ? " class=\"may\""
                                         : "",
          one.property, expected == Expected::violated ? ", as this scenario expects" : "",
          escaped(fitted(one.witness, witness_max)));
    }
  }

  void write_outcome(std::string_view outcome, bool is_good) {
    add("<li class=\"{}\">{}</li></ul>\n", is_good ? "good" : "plain", escaped(outcome));
  }

  void write_note(std::string_view text) { add("<li>{}</li>\n", escaped(fitted(text, witness_max))); }

  void write_drawing(const SpaceTime& drawn) {
    text_ += "<div class=\"wishes\">";
    if (drawn.has_past) {
      text_ +=
          "<label><input type=\"checkbox\" value=\"past-only\" checked> only what could have had a part in what is "
          "violated</label>";
    }
    text_ += "<label><input type=\"checkbox\" value=\"all\"> heartbeats too</label></div>\n";
    add("<figure{}>\n", drawn.has_past ? " class=\"past-only\"" : "");
    text_ += drawn.svg;
    add("<p class=\"tell\" id=\"tell\" aria-live=\"polite\">Point at anything, or click it and go on with the arrow "
        "keys. Time goes down, in order and not to scale{}.</p></figure>\n",
        drawn.has_folds ? "; calm stretches are folded away" : "");
    write_key();
  }

  void write_whys(const std::vector<Why>& whys) {
    for (const Why& why : whys) {
      add("<table><thead><tr><th>When<th>What the answer rests on ({})</tr></thead><tbody>\n",
          fmt::join(why.properties, " and "));
      for (const WhyLine& line : why.lines) {
        add("<tr><td class=\"n\">{}<td>{}</tr>\n", line.at ? seconds_text(*line.at) : "missing",
            escaped(fitted(line.text, 400)));
      }
      text_ += "</tbody></table><br>\n";
    }
  }

  void write_facts(const std::vector<std::pair<std::string_view, std::string>>& facts) {
    text_ += "<dl>\n";
    for (const auto& [what, text] : facts) add("<dt>{}</dt><dd>{}</dd>\n", escaped(what), escaped(text));
    text_ += "</dl>\n";
  }

  void write_scenario(const scenarios::Scenario& scenario) {
    text_ += "<details><summary>The scenario</summary><pre><code>";
    text_ += escaped_lines(scenarios::save_text(scenario));
    text_ += "</code></pre></details>\n";
  }

  std::string finish(std::string_view program) { return std::move(text_) + page_foot(program, run_picture_script); }

 private:
  template <class... Arguments>
  void add(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
    fmt::format_to(std::back_inserter(text_), format, std::forward<Arguments>(arguments)...);
  }

  void write_key() {
    const auto entry = [&](std::string_view colour, std::string_view what) {
      add("<li><i style=\"background:var(--{})\"></i>{}</li>", colour, what);
    };
    text_ += "<ul class=\"key\">";
    entry("request", "requests");
    entry("answer", "answers, and what clients waited for");
    entry("records", "records for the backup");
    entry("primary", "a primary");
    entry("backup", "a backup");
    entry("between", "neither");
    entry("wait", "a primary alone; an answer that is unknown or never came");
    entry("soft", "an operation whose condition did not hold");
    entry("bad", "lost, failed, violated; in pale: a fault, as long as it lasts");
    entry("ink", "a stroke across a lane: synced to disk");
    text_ += "</ul>\n";
  }

  std::string text_;
};

std::string outcome_text(const Report& report) {
  const auto& verdicts = report.result.verdicts;
  const auto count = [&](Conclusion conclusion) {
    return static_cast<std::uint64_t>(
        std::count_if(verdicts.begin(), verdicts.end(),
                      [&](const properties::Verdict& verdict) { return verdict.conclusion == conclusion; }));
  };
  std::string text =
      fmt::format("{}: {} held", outcome(report), counted(count(Conclusion::holds), "property", "properties"));
  if (const auto violated = count(Conclusion::violated); violated > 0) text += fmt::format(", {} violated", violated);
  if (const auto unknown = count(Conclusion::unknown); unknown > 0) text += fmt::format(", {} unknown", unknown);
  if (report.result.is_stale()) text += "; stale: " + stale_in(report.result);
  return text;
}

}  // namespace

RunPicture::RunPicture(properties::Cast cast)
    : cast_(std::move(cast)), story_(story_columns(cast_), StoryDetail::what_matters, story_limits) {}

void RunPicture::see(std::span<const sim::TraceEvent> events, std::span<const effect::Note> notes, const Names& names) {
  story_.see(events, notes, names);
  traffic_.see(events, names);
  past_.see(events);
}

std::string RunPicture::page(const Report& report) const {
  const scenarios::Result& result = report.result;
  const scenarios::Scenario& scenario = result.scenario;
  const std::vector<Violated> violated = violated_in(result);
  Page page(scenario.name, fmt::format("{}, seed {}", report.file, scenario.seed), scenario.why);
  page.write_violated(violated, &scenario);
  if (report.reason) page.write_note(wording_of(*report.reason).sentence(report.reason->sentence));
  page.write_outcome(outcome_text(report), result.exit_code() == 0 && !result.is_stale());
  page.write_drawing(space_time(cast_, violated, story_, traffic_, past_));
  page.write_whys(report.whys);
  page.write_facts({{"Ended", fmt::format("at {} s of virtual time, {}", seconds_text(result.ended_at),
                                          in_words(result.end_reason))},
                    {"Counted", fmt::format("{}, {} answered", counted(result.event_count, "event"),
                                            counted(result.operations_answered, "operation"))},
                    {"Trace", fmt::format("{:016x}", result.hash)},
                    {"Again", report.again}});
  page.write_scenario(scenario);
  return page.finish(report.program);
}

std::string RunPicture::page(const LivesReport& report, std::string_view program) const {
  const std::vector<Violated> violated = violated_in(report.judged);
  Page page("What really ran", fmt::format("{}", fmt::join(report.files, ", ")),
            "Processes of smalldb-server, as they were recorded, gone through again.");
  page.write_violated(violated);
  std::vector<std::pair<std::string_view, std::string>> lives;
  bool is_same = true;
  for (std::size_t n = 0; n < report.lives.size(); ++n) {
    const scenarios::LifeAccount& account = report.joined.lives[n];
    is_same = is_same && !account.divergence;
    const std::string_view process = report.joined.cast.members[account.process].name;
    lives.emplace_back(
        report.files[n],
        account.divergence
            ? fmt::format("{}: differs at step {} of {}: {}", process, account.divergence->step + 1,
                          report.lives[n].steps.size(), account.divergence->what)
            : fmt::format("{}: {}, the same again", process, counted(report.lives[n].steps.size(), "step")));
  }
  if (!is_same) page.write_note("not all of what was recorded came out the same again");
  page.write_outcome(violated.empty() ? "nothing that could be judged is violated" : "violated",
                     violated.empty() && is_same);
  page.write_drawing(space_time(cast_, violated, story_, traffic_, past_));
  page.write_facts(lives);
  return page.finish(program);
}

}  // namespace smalldb::reports
