#include "properties/redundancy_restored.h"

#include <algorithm>
#include <string>

#include "properties/words.h"

namespace smalldb::properties {

bool is_pair(const Mirror& mirror) {
  Line latest = no_line;
  for (std::size_t node = 0; node < mirror.leads.size(); ++node) {
    const Line line = mirror.leads[node];
    if (line == no_line || !mirror.running[node]) continue;
    if (latest == no_line || mirror.epochs[latest].epoch < mirror.epochs[line].epoch) latest = line;
  }
  if (latest == no_line || mirror.epochs[latest].joins.empty()) return false;
  const Join& join = mirror.epochs[latest].joins.back();
  return join.declared.value != 0 && join.left.value == 0 && mirror.cast->has(join.node) &&
         mirror.running[static_cast<std::size_t>(join.node)] &&
         mirror.log(join.node).durable().covering(latest, join.declared) != nullptr;
}

void RedundancyRestored::observe(const Observation& observation, const Mirror& mirror) {
  // Records and syncs come by the thousand, and can only complete a pair.
  const bool frequent =
      observation.kind == ObservationKind::record_written || observation.kind == ObservationKind::log_durable;
  if (frequent && pair_) return;
  pair_ = is_pair(mirror);
  if (!healed_ || restored_ || !pair_) return;
  restored_ = observation.time;
  if (*restored_ <= *healed_ + bound_) return;
  violate(observation.time, "late",
          "all had been whole since " + text(*healed_) + "; there was no pair again before " + text(*restored_),
          {observation.event});
}

void RedundancyRestored::heal(sim::Time at, const Lost& lost, const Mirror& mirror) {
  has_subject();
  healed_ = at;
  lost_ = lost.processes;
  pair_ = is_pair(mirror);
  restored_ = pair_ ? std::optional(at) : std::nullopt;
}

void RedundancyRestored::finish(sim::Time at, const Mirror& mirror) {
  pair_ = is_pair(mirror);
  if (pair_ && healed_) return;
  if (!healed_) {
    doubt("the world was not healed before the run ended");
    return;
  }
  std::size_t nodes = 0, running = 0;
  for (std::size_t node = 0; node < mirror.running.size(); ++node) {
    if (mirror.cast->members[node].part != Part::node) continue;
    const bool was_started = mirror.lives[node].began != sim::no_event;
    if (!was_started || (!lost_.empty() && lost_[node])) continue;
    ++nodes;
    running += mirror.running[node] ? 1 : 0;
  }
  if (nodes < 2) return;  // there never was to be a pair
  if (running < 2) {
    doubt("fewer than two nodes were running when the run ended");
  } else if (at < *healed_ + bound_) {
    doubt("the run ended at " + text(at) + " without a pair; there was time until " + text(*healed_ + bound_));
  } else if (mirror.waiting_for_operator() != no_process) {
    doubt(awaited_operator(mirror));
  } else {
    violate(
        at, "never",
        "all had been whole since " + text(*healed_) + "; when the run ended, at " + text(at) + ", there was no pair",
        {});
  }
}

}  // namespace smalldb::properties
