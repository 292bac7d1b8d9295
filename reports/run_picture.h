// A run as one page of HTML: its space-time diagram with the story beside it (reports/space_time.h), what came of it,
// and the scenario. Where a property was violated, the page opens there, and what could have had no part in it is
// faint.
//
// The same of processes that really ran and were recorded.
#pragma once

#include <span>
#include <string>

#include "model/machine.h"
#include "properties/cast.h"
#include "reports/causal_past.h"
#include "reports/lives_report.h"
#include "reports/names.h"
#include "reports/report.h"
#include "reports/story.h"
#include "reports/traffic.h"
#include "sim/trace.h"

namespace smalldb::reports {

class RunPicture {
 public:
  explicit RunPicture(properties::Cast cast);

  // Takes in the next events of a trace. REQUIRES: of all of it, in their order.
  void see(std::span<const sim::TraceEvent> events, std::span<const effect::Note> notes, const Names& names);

  // `report`: of the run that was seen.
  std::string page(const Report& report) const;
  std::string page(const LivesReport& report, std::string_view program) const;

 private:
  properties::Cast cast_;
  Story story_;
  Traffic traffic_;
  CausalPast past_;
};

}  // namespace smalldb::reports
