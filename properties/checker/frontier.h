// The search for keys of which no rule says at once which write a read has seen: two searches that look ahead, advanced
// in turn.
//
// A *configuration* is what may be the case at one instant: the state of the key, and which of the open operations have
// taken effect. Whenever an operation returns it must have taken effect, so before that open operations are given
// effect, in whatever order, until it has (just-in-time linearization: Lowe 2017). Configurations are kept by the
// return that they are waiting for; they name open operations only, so a history's length costs nothing. One search
// goes on from the configuration that came farthest, the other from the one that lags most, in turns of equal steps:
// the first finds an order soon if there is one, the second never follows one wrong turn for long, and sees of two
// configurations that one makes the other superfluous. Neither expands what the other has expanded.
//
// What is appended is searched for as what is set on condition, where the answers tell what it followed
// (appends_as_swaps.h).
//
// The rules that keep configurations few stand beside the code, in frontier.cpp; each says why it loses nothing, and
// the enumeration of all small histories (testing/) goes red when one is wrong.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "properties/checker/check.h"
#include "properties/checker/steps.h"

namespace smalldb::checker {

struct FrontierResult {
  Conclusion conclusion = Conclusion::unknown;
  std::uint64_t steps = 0;
  Instant judged_until = never;  // unknown: all returns before this one have been passed
  // unknown: as many are open at a time, more than the search can tell apart, and that begins where it came to; then no
  // budget would do. Else 0.
  std::uint32_t too_many_open = 0;
  // violated: the operation that found every state against it (a position), and the states.
  std::uint32_t culprit = 0;
  std::vector<State> states;
  // holds, and if asked for: positions in an order that explains all answers.
  std::vector<std::size_t> order;
};

// Asked when the search has not come farther for long: whether a part of the history proves that no order comes beyond
// the return of the operation at this position. Says what that took, at most as many steps.
struct Attempted {
  bool proved = false;
  std::uint64_t steps = 0;
};
using Prover = std::function<Attempted(std::uint32_t position, std::uint64_t steps_max)>;

// `history` owns the bytes that values of `all` name.
FrontierResult judge_by_frontier(const History& history, const Steps& all, std::uint64_t steps_max, bool witness,
                                 const Prover& prover = {});

// The same, but what is appended is searched for as it is.
FrontierResult search_as_it_is(const History& history, const Steps& all, std::uint64_t steps_max, bool witness,
                               const Prover& prover);

}  // namespace smalldb::checker
