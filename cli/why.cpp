#include "cli/why.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "cli/interrupt.h"
#include "properties/properties.h"
#include "properties/provenance.h"
#include "reports/names.h"
#include "scenarios/stage.h"

namespace smalldb::cli {
namespace {

// Those that speak of an answer and what it rests on.
constexpr std::array<std::string_view, 3> about_answers = {"output_rule", "output_rule_causal", "no_lost_write"};

struct Question {
  std::string property;
  properties::ProvenanceFinder finder;
};

std::vector<Question> questions_of(const scenarios::Result& result) {
  const properties::Cast cast = scenarios::cast_of(result.scenario, scenarios::Numbers(result.scenario.cluster));
  std::vector<Question> questions;
  for (const std::string_view property : about_answers) {
    const properties::Verdict& verdict = result.verdicts[properties::find(property).value()];
    if (verdict.conclusion != properties::Conclusion::violated || verdict.events.empty()) continue;
    questions.push_back({std::string(property), properties::ProvenanceFinder(cast, verdict.events)});
  }
  return questions;
}

}  // namespace

std::vector<reports::Why> whys_of(const scenarios::Result& result) {
  std::vector<Question> questions = questions_of(result);
  if (questions.empty()) return {};
  scenarios::RunOptions options;
  options.events_max = result.event_count;
  options.interrupted = interrupted;
  options.reader = [&](const sim::World& world) {
    for (Question& question : questions) question.finder.observe(world.events(), world);
  };
  scenarios::run(result.scenario, options);

  const reports::ListedNames names(scenarios::process_names(result.scenario.cluster));
  std::vector<reports::Why> whys;
  std::vector<sim::EventIndex> answers;
  for (const Question& question : questions) {
    const auto provenance = question.finder.find();
    if (!provenance) continue;
    const auto same = std::find(answers.begin(), answers.end(), provenance->answer.event);
    if (same != answers.end()) {
      whys[static_cast<std::size_t>(same - answers.begin())].properties.push_back(question.property);
      continue;
    }
    answers.push_back(provenance->answer.event);
    whys.push_back(reports::why_of(*provenance, {question.property}, names));
  }
  return whys;
}

}  // namespace smalldb::cli
