// A report made by hand: the run that it tells of never was.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/notes.h"
#include "properties/properties.h"
#include "reports/report.h"
#include "reports/test_support.h"
#include "scenarios/load.h"

namespace smalldb::reports {

inline scenarios::Scenario sample_scenario() {
  const scenarios::Loaded loaded = scenarios::load_text(R"(
name: sample
why: >-
  A scenario that only the tests of reports know. Its reason to be is long, so that it is broken into more than one
  line where it is shown.
seed: 7
cluster:
  clients: [c1, c2]
  store: {suspect_after: 1.5s}
  rules: {output_rule: off}
network: {latency: 1ms..5ms, loss: 2 %}
workload:
  - {clients: c1, script: [put x=1 if absent, wait 100ms, get x]}
faults:
  - {cut: a <-> b, at: 2s, for: 1s}
  - {crash: a, when: before b receives record 3}
expect: {output_rule: violated, sometimes: [output_held], primary: b}
)",
                                                        "sample.yaml");
  for (const scenarios::Problem& problem : loaded.problems) UNSCOPED_INFO(to_text(problem));
  REQUIRE(loaded.scenario);
  return *loaded.scenario;
}

inline properties::Verdict& verdict_of(scenarios::Result& result, std::string_view property) {
  return result.verdicts.at(*properties::find(property));
}

// Two lines: a founds the store, and then a stops.
inline Story sample_story(const scenarios::Scenario& scenario) {
  TestNames names;
  Story story(story_columns(scenario));
  sim::TraceEvent event;
  event.index = 12;
  event.time = {12'000'000};
  event.kind = sim::EventKind::note;
  event.process = a;
  const std::vector<effect::Note> notes{
      {static_cast<std::uint16_t>(NoteKind::founded), static_cast<std::uint8_t>(Role::primary), 1, 1, 1, 0, {}}};
  story.see(std::span(&event, 1), notes, names);
  event.index = 345;
  event.time = {3'204'117'000};
  event.kind = sim::EventKind::stopped;
  event.payload = Bytes::copy("a sync failed");
  story.see(std::span(&event, 1), {}, names);
  return story;
}

inline Report sample_report() {
  using scenarios::Judgement;
  Report report;
  scenarios::Result& result = report.result;
  result.scenario = sample_scenario();
  result.verdicts.resize(properties::names().size());
  verdict_of(result, "output_rule") = {properties::Conclusion::violated,
                                       "not at the backup",
                                       "client c1 was given ok for put x=1 by a at 3.204117 s; the backup b had not "
                                       "made record 3 durable, which that answer rests on",
                                       {310, 345},
                                       {3'204'117'000}};
  verdict_of(result, "answered") = {properties::Conclusion::unknown, {}, "the world was never healed", {}, {}};
  result.judgements = {{"output_rule is violated", Judgement::Met::yes, "violated"},
                       {"answered holds", Judgement::Met::unknown, "unknown: the world was never healed"},
                       {"the fault \"crash a\" takes effect", Judgement::Met::no, "it never struck"},
                       {"sometimes output_held", Judgement::Met::yes, "seen 3 times"},
                       {"b is primary at the end", Judgement::Met::no, "nobody is"}};
  result.faults = {{0, "cut a <-> b at 2s for 1s", 1, 1'234, true, {{sim::Time{2'000'000'000}, {}}}},
                   {1, "crash a when before b receives record 3", 0, 0, true, {}}};
  result.coverage = {{"output_held", 3}, {"backup_took_over", 0}, {"torn_tail_cut", 1}};
  result.hash = 0x0123'4567'89ab'cdef;
  result.event_count = 12'345;
  result.operations_answered = 2;
  result.ended_at = {8'204'000'000};
  report.story = sample_story(result.scenario);
  report.file = "scenarios/sample.yaml";
  report.program = "smalldb-sim 0.0.0";
  report.again = "./smalldb-sim scenarios/sample.yaml --seed 7";
  report.whys = {{{"output_rule"},
                  {{sim::Time{3'203'000'000}, "c1 asks: put x=1"},
                   {sim::Time{3'204'117'000}, "a -> c1: answer to request 1: ok"},
                   {std::nullopt, "b makes that record 3 durable: never in this run"}}}};
  return report;
}

}  // namespace smalldb::reports
