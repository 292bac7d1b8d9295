#include "properties/checker/frontier_order.h"

#include <algorithm>
#include <utility>

#include "model/assert.h"

namespace smalldb::checker {
namespace {

using Place = Timeline::Place;

struct Interval {
  Place invoked = Timeline::nowhere;
  Place returned = Timeline::nowhere;
};

// Whether `step`, unseen, fits right before the `at`th operation of the way.
bool fits(const Step& step, StateId target, const Interval& interval, const Steps& all,
          const std::vector<TrailStep>& way, std::size_t at, StateId initial) {
  const Place before = at == 0 ? Timeline::nowhere : way[at - 1].place;
  const bool in_time = before <= interval.returned && (at == way.size() || interval.invoked < way[at].place);
  if (!in_time) return false;
  if ((at == 0 ? initial : way[at - 1].state) == target) return true;
  if (at == way.size() || way[at].step == no_trail || way[at].place > interval.returned) return false;
  const Step& next = all.steps[way[at].step];
  return next.effect == Effect::set && next.need.met_by(step.to);
}

}  // namespace

std::vector<std::size_t> order_of_trail(const Steps& all, const Timeline& timeline, const std::vector<TrailStep>& trail,
                                        std::uint32_t last, StateId initial, const std::vector<StateId>& targets) {
  std::vector<TrailStep> way;
  std::vector<bool> placed(all.steps.size());
  for (std::uint32_t i = last; i != no_trail; i = trail[i].before) {
    way.push_back(trail[i]);
    if (trail[i].step != no_trail) placed[trail[i].step] = true;
  }
  std::reverse(way.begin(), way.end());

  std::vector<Interval> intervals(all.steps.size());
  for (const Happening& happening : timeline.happenings) {
    Interval& interval = intervals[happening.step];
    if (happening.kind == Happening::Kind::invoked) interval.invoked = happening.place;
    if (happening.kind == Happening::Kind::returned) interval.returned = happening.place;
  }
  std::vector<std::pair<std::size_t, std::uint32_t>> unseen;  // right before which of the way
  for (std::uint32_t step = 0; step < all.steps.size(); ++step) {
    if (placed[step] || all.steps[step].optional) continue;
    const auto too_early = [&](const TrailStep& one) { return one.place < intervals[step].invoked; };
    const auto from = std::partition_point(way.begin(), way.end(), too_early);
    auto at = static_cast<std::size_t>(from - way.begin());
    while (at <= way.size() && !fits(all.steps[step], targets[step], intervals[step], all, way, at, initial)) ++at;
    SMALLDB_ASSERT(at <= way.size(), step);
    unseen.push_back({at, step});
  }
  std::sort(unseen.begin(), unseen.end());

  std::vector<std::size_t> order;
  std::size_t next = 0;
  for (std::size_t at = 0; at <= way.size(); ++at) {
    for (; next < unseen.size() && unseen[next].first == at; ++next) {
      order.push_back(all.steps[unseen[next].second].position);
    }
    if (at < way.size() && way[at].step != no_trail) order.push_back(all.steps[way[at].step].position);
  }
  return order;
}

}  // namespace smalldb::checker
