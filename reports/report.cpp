#include "reports/report.h"

#include <fmt/format.h>

#include "properties/properties.h"

namespace smalldb::reports {

std::string_view name(Comparison::Outcome outcome) {
  switch (outcome) {
    case Comparison::Outcome::same: return "same";
    case Comparison::Outcome::trace_changed: return "trace_changed";
    case Comparison::Outcome::another_failure: return "another_failure";
    case Comparison::Outcome::no_failure: return "no_failure";
  }
  return "?";
}

int exit_code(const Report& report) {
  using scenarios::EndReason;
  const EndReason reason = report.result.end_reason;
  const bool ends =
      reason == EndReason::as_planned || reason == EndReason::violation || reason == EndReason::interrupted;
  if (report.must_end && !ends) return 1;
  if (report.fails_if_stale && report.result.is_stale()) return 1;
  return report.result.exit_code();
}

std::string_view outcome(const Report& report) {
  switch (exit_code(report)) {
    case 0: return "as expected";
    case 1: return "not as expected";
    default: return "unknown";
  }
}

std::string stale_in(const scenarios::Result& result) {
  if (const std::size_t faults = result.faults.size(); faults > 0) {
    return faults == 1 ? "its only fault took no effect" : fmt::format("none of its {} faults took effect", faults);
  }
  const std::size_t actions = result.actions.size();
  return actions == 1 ? "its operator's only action was not carried out"
                      : fmt::format("none of its operator's {} actions was carried out", actions);
}

bool stands_elsewhere(const scenarios::Judgement& judgement) {
  const std::string_view what = judgement.what;
  return what.starts_with("the fault ") || properties::find(what.substr(0, what.find(' '))).has_value();
}

std::vector<StoryColumn> story_columns(const scenarios::Scenario& scenario) {
  // The nodes come first among the processes.
  std::vector<StoryColumn> columns;
  for (const scenarios::Name& name : scenario.cluster.nodes) {
    columns.push_back({ProcessId{static_cast<std::uint32_t>(columns.size())}, name});
  }
  return columns;
}

}  // namespace smalldb::reports
