// What few runs need and none was drawn to have: faults that strike, and clients that wait, at messages that are seldom
// sent; and disks of which one file goes wrong. Put in the place of what has been drawn, so that the rest of the run,
// and all runs that this does not strike, stay as they are.
#include <string>
#include <variant>
#include <vector>

#include "scenarios/generator/drawing.h"

namespace smalldb::scenarios::generator {
namespace {

bool is_of_a_message(const Occurrence& occurrence) {
  return occurrence.what == Occurrence::What::receives || occurrence.what == Occurrence::What::sends;
}

bool is_of_files(sim::FaultKind kind) {
  using Kind = sim::FaultKind;
  return kind == Kind::sync_failure || kind == Kind::bit_rot || kind == Kind::bad_sector ||
         kind == Kind::read_failure || kind == Kind::misdirected_write || kind == Kind::phantom_write;
}

}  // namespace

void draw_rare_steps(Draws& draws, Scenario& scenario) {
  std::vector<const char*> messages = {"snapshot_taken"};
  if (scenario.cluster.arbiter == ArbiterKind::tie_breaker) messages.insert(messages.end(), {"claim", "verdict"});
  const auto maybe_make_rare = [&](Occurrence& occurrence) {
    if (!is_of_a_message(occurrence) || !draws.hits(1, 4)) return;
    occurrence.process.clear();  // few may send it
    occurrence.message = draws.one_of(messages);
  };
  for (FaultPlan& fault : scenario.faults) {
    if (fault.schedule.kind == Schedule::Kind::when) maybe_make_rare(fault.schedule.when);
    if (fault.until) maybe_make_rare(*fault.until);
  }
  for (Work& work : scenario.workload) {
    for (ScriptStep& step : work.script) {
      if (auto* const wait = std::get_if<WaitUntil>(&step)) maybe_make_rare(wait->occurrence);
    }
  }
}

void draw_files(Draws& draws, Scenario& scenario) {
  static const std::vector<std::string> of_nodes = {"meta*", "checkpoint-*"};
  for (FaultPlan& fault : scenario.faults) {
    if (!is_of_files(fault.kind) || fault.processes.empty() || !draws.hits(1, 5)) continue;
    const Name& where = fault.processes.front();
    if (where == "disk") continue;
    fault.file = where == "arbiter" ? "grants" : draws.one_of(of_nodes);
  }
}

}  // namespace smalldb::scenarios::generator
