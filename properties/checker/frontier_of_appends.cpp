#include <algorithm>
#include <optional>

#include "properties/checker/appends_as_swaps.h"
#include "properties/checker/frontier.h"

namespace smalldb::checker {
namespace {

// What each append follows need not be searched for if it was read. `as_swaps`: of `all`.
FrontierResult search_as_swaps(const History& history, const Steps& all, const AsSwaps& as_swaps,
                               std::uint64_t steps_max, bool witness, const Prover& prover) {
  const std::uint64_t share = as_swaps.more ? steps_max / 4 : steps_max;
  FrontierResult result = search_as_it_is(history, as_swaps.steps, share, witness, prover);
  result.states.clear();  // parts are no states
  if (result.conclusion == Conclusion::holds || !as_swaps.more) return result;
  const std::uint64_t spent = result.steps;
  FrontierResult more = search_as_it_is(history, *as_swaps.more, share, false, prover);
  if (result.conclusion == Conclusion::violated && more.conclusion == Conclusion::violated) {
    result.steps += more.steps;
    return result;  // the search that got stuck earlier: it passes no return up to which the key has no order
  }
  result = search_as_it_is(history, all, steps_max - std::min(steps_max, spent + more.steps), witness, prover);
  result.steps += spent + more.steps;
  return result;
}

}  // namespace

FrontierResult judge_by_frontier(const History& history, const Steps& all, std::uint64_t steps_max, bool witness,
                                 const Prover& prover) {
  const auto any = [&](Effect effect) {
    return std::any_of(all.steps.begin(), all.steps.end(), [&](const Step& step) { return step.effect == effect; });
  };
  // Of a key that is only ever appended to, what is read last says all of it, and that takes no time.
  std::optional<AsSwaps> as_swaps;
  if (any(Effect::append) && any(Effect::set)) as_swaps = appends_as_swaps(history, all);
  if (!as_swaps) return search_as_it_is(history, all, steps_max, witness, prover);
  return search_as_swaps(history, all, *as_swaps, steps_max, witness, prover);
}

}  // namespace smalldb::checker
