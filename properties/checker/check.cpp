#include "properties/checker/check.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "properties/checker/anomaly.h"
#include "properties/checker/batch.h"
#include "properties/checker/certificate.h"
#include "properties/checker/conditions_by_value.h"
#include "properties/checker/engines.h"
#include "properties/checker/frontier.h"
#include "properties/checker/greedy.h"
#include "properties/checker/origin.h"
#include "properties/checker/reason.h"
#include "properties/checker/wrong_revisions.h"
#include "properties/checker/zones.h"

namespace smalldb::checker {

std::string_view name(Conclusion conclusion) {
  switch (conclusion) {
    case Conclusion::holds: return "holds";
    case Conclusion::violated: return "violated";
    case Conclusion::unknown: return "unknown";
  }
  return "?";
}

std::string_view name(Engine engine) {
  switch (engine) {
    case Engine::automatic: return "automatic";
    case Engine::certificate: return "certificate";
    case Engine::zones: return "zones";
    case Engine::greedy: return "greedy";
    case Engine::frontier: return "frontier";
    case Engine::generic: return "generic";
  }
  return "?";
}

std::string_view name(Anomaly anomaly) {
  switch (anomaly) {
    case Anomaly::stale_read: return "stale read";
    case Anomaly::lost_update: return "lost update";
    case Anomaly::dirty_read: return "dirty read";
    case Anomaly::phantom_value: return "phantom value";
    case Anomaly::future_read: return "future read";
    case Anomaly::non_monotonic_read: return "non-monotonic read";
    case Anomaly::duplicate_effect: return "duplicate effect";
    case Anomaly::exclusive_writes: return "exclusive writes";
    case Anomaly::no_order: return "no order";
  }
  return "?";
}

std::string_view name(Guarantee guarantee) {
  switch (guarantee) {
    case Guarantee::read_your_writes: return "read your writes";
    case Guarantee::monotonic_reads: return "monotonic reads";
    case Guarantee::monotonic_writes: return "monotonic writes";
    case Guarantee::writes_follow_reads: return "writes follow reads";
  }
  return "?";
}

namespace {

constexpr std::size_t wrong_revisions_most = 10;
constexpr std::uint64_t reason_steps_min = 50'000;
constexpr std::uint64_t share_before_origin = 16;

// The search, and if a reason is wanted, first the one that finds what reasons begin with.
KeyResult search(KeyTask task) {
  std::uint64_t spent = 0;
  if (task.explain && !task.witness) {
    if (auto result = judge_soon(task, spent)) return std::move(*result);
  }
  task.steps_max -= spent;
  KeyResult result = judge_by_search(task);
  result.verdict.steps += spent;
  return result;
}

// What nobody can have written is looked for first: a search may never come to where somebody has read it. It says
// which answer was the first to be wrong, though, so if a reason is wanted it has its share of the steps.
KeyResult look_and_search(KeyTask task) {
  std::optional<KeyResult> found = judge_by_origin(task);
  if (!found) return search(task);
  if (!task.explain) return std::move(*found);
  task.steps_max /= share_before_origin;
  KeyResult searched = search(task);
  if (searched.verdict.conclusion == Conclusion::violated) return searched;
  found->verdict.steps += searched.verdict.steps;
  return std::move(*found);
}

// From the cheapest that may say something on. Most keys that zones could only say half of are no trouble to go through
// in one way, or to search, so that comes first there, on a short leash. But if a reason is wanted, zones look for one
// before that: then only what came before it is left to be searched.
KeyResult judge_somehow(KeyTask task, const Traits& traits) {
  if (traits.claims()) {
    if (auto result = judge_by_certificate(task)) return std::move(*result);
  }
  const bool half = traits.zones_say_half();
  std::uint64_t spent = 0;
  if (half) {
    if (auto result = judge_by_greed(task, spent)) return std::move(*result);
  }
  std::optional<KeyResult> result;
  if (!half || task.explain) result = judge_by_zones(task);
  if (!result && half) {
    KeyTask leashed = task;
    leashed.steps_max = std::min<std::uint64_t>(task.steps_max - spent, 2 * task.positions.size() + 100);
    result = search(leashed);
    spent += result->verdict.steps;
    result->verdict.steps = spent;
    if (result->verdict.conclusion != Conclusion::unknown || spent >= task.steps_max) return std::move(*result);
    result.reset();
    if (!task.explain) result = judge_by_zones(task);
  }
  task.steps_max -= spent;
  if (!result) result = look_and_search(task);
  result->verdict.steps += spent;
  return std::move(*result);
}

KeyResult judge(const KeyTask& task, Engine engine, const Traits& traits) {
  if (engine == Engine::automatic) return judge_somehow(task, traits);
  std::optional<KeyResult> result;
  if (engine == Engine::certificate) result = judge_by_certificate(task);
  if (engine == Engine::zones) result = judge_by_zones(task);
  std::uint64_t spent = 0;
  if (engine == Engine::greedy) result = judge_by_greed(task, spent);
  if (engine == Engine::generic) result = judge_by_model(task);
  if (!result) result = judge_by_search(task);  // the one asked for cannot say
  return std::move(*result);
}

// A reason may cost as much as some verdicts, and no small one goes without.
std::uint64_t reason_steps(const KeyVerdict& verdict) { return 4 * verdict.steps + reason_steps_min; }

// Those that search find out that there is no order, but not why.
bool lacks_reason(const Violation& violation) {
  return violation.engine == Engine::frontier || violation.engine == Engine::generic;
}

// The last instant at which anything happened before `end`; if nothing had, one before that.
Instant last_before(const std::span<const Operation> operations, Instant end) {
  const auto is_before = [&](const Operation& operation) { return operation.invoked < end; };
  auto one = std::partition_point(operations.begin(), operations.end(), is_before);
  if (one == operations.begin()) return end - 1;
  Instant last = (one - 1)->invoked;
  while (last < end - 1 && one != operations.begin()) {
    --one;
    if (one->returned < end) last = std::max(last, one->returned);
  }
  return last;
}

}  // namespace

KeyResult judge_by_search(const KeyTask& task) {
  const Steps all = steps_of(task);
  const Prover prover = [&](std::uint32_t culprit, std::uint64_t steps_max) {
    std::uint64_t steps_left = steps_max;
    const bool proved = proves_soon(task, all, culprit, steps_left);
    return Attempted{proved, steps_max - steps_left};
  };
  FrontierResult found = judge_by_frontier(task.history, all, task.steps_max, task.witness, prover);
  KeyResult result;
  result.verdict = {task.key,    found.conclusion,   Engine::frontier,   task.positions.size(),
                    found.steps, found.judged_until, found.too_many_open};
  result.order = std::move(found.order);
  if (found.conclusion != Conclusion::violated) return result;
  result.violation = Violation{};
  result.violation->culprit = found.culprit;
  for (const State& state : found.states) {
    if (static_cast<std::uint32_t>(state.value) < task.history.value_count())
      result.violation->states.push_back(state.value);
  }
  return result;
}

Steps steps_of(const KeyTask& task) {
  Steps all;
  all.initial = state_of(task.history.initial(task.key));
  all.steps.reserve(task.positions.size());
  for (std::size_t i = 0; i < task.positions.size(); ++i) {
    task.fetch(i + fetch_ahead);
    std::optional<Step> step = step_of(task.operations[task.positions[i]]);
    if (!step) continue;
    step->position = task.positions[i];
    all.steps.push_back(*step);
  }
  return all;
}

namespace {

// What is wrong with a condition on a revision, by the values that were told with revisions. REQUIRES: it holds.
std::optional<WrongRevision> judge_by_value(const KeyTask& task, std::uint64_t steps_max) {
  const Operations operations = with_conditions_by_value(task);
  if (operations.empty()) return std::nullopt;
  std::vector<std::uint32_t> positions(operations.size());
  std::iota(positions.begin(), positions.end(), 0U);
  const KeyTask by_value{task.history, task.key, positions, steps_max, false, true, operations, true};
  Traits traits;
  for (const Operation& operation : operations) traits.add(operation);
  KeyResult result = judge_somehow(by_value, traits);
  if (!result.violation) return std::nullopt;
  Violation& violation = *result.violation;
  violation.engine = result.verdict.engine;
  if (!result.knows_states) find_past(by_value, steps_max, result);
  if (lacks_reason(violation)) find_reason(by_value, steps_max, violation);
  // Of the proof, the last that was told by value, and the last besides.
  const auto last_that = [&](const auto& fits) {
    std::size_t last = violation.culprit;
    bool found = false;
    for (const std::size_t position : violation.operations) {
      if (!fits(position) || (found && position < last)) continue;
      last = position;
      found = true;
    }
    return last;
  };
  const auto original = [&](std::size_t position) -> const Operation& {
    return task.operations[task.positions[position]];
  };
  const auto is_changed = [&](std::size_t position) { return original(position).verb != operations[position].verb; };
  const std::size_t one = last_that(is_changed);
  const std::size_t other = last_that([&](std::size_t position) { return position != one; });
  const bool refused = original(one).outcome == Outcome::mismatched;
  const std::string which = is_changed(one) ? "revision " + std::to_string(original(one).expected_revision)
                                            : std::string("a revision that was a condition");
  return WrongRevision{task.positions[one], task.positions[other],
                       which + (refused ? " must have been there" : " cannot have been there")};
}

KeyResult judge_key(const KeyTask& task, const Options& options, const Traits& traits) {
  KeyResult result = judge(task, options.engine, traits);
  // Revisions that were a proof are not wrong; but what was expected of those that no write has claimed may be.
  const bool is_proof = result.verdict.engine == Engine::certificate;
  if (traits.expects_revisions() || (traits.claims() && !is_proof)) {
    const Looks looks = is_proof ? Looks::at_conditions : Looks::at_all;
    result.wrong_revisions = find_wrong_revisions(task, wrong_revisions_most, looks);
  }
  const bool holds = result.verdict.conclusion == Conclusion::holds;
  if (holds && traits.expects_revisions() && result.wrong_revisions.empty()) {
    if (auto wrong = judge_by_value(task, reason_steps(result.verdict))) {
      result.wrong_revisions.push_back(std::move(*wrong));
    }
  }
  std::optional<Violation>& violation = result.violation;
  if (!violation) return result;
  violation->key = task.key;
  violation->engine = result.verdict.engine;
  if (options.explain && !result.knows_states) find_past(task, reason_steps(result.verdict), result);
  return result;
}

// True if it has the earliest violation yet; `earliest`: when that was answered.
bool add(KeyResult& result, const History& history, Verdict& verdict, Instant& earliest, const Options& options) {
  const Conclusion conclusion = result.verdict.conclusion;
  if (conclusion == Conclusion::violated) verdict.conclusion = Conclusion::violated;
  if (conclusion == Conclusion::unknown && verdict.conclusion == Conclusion::holds) {
    verdict.conclusion = Conclusion::unknown;
  }
  const Instant end = result.violation ? history.operations()[result.violation->culprit].returned : never;
  const bool is_earliest = end < earliest;
  if (is_earliest) earliest = end;
  if (is_earliest) verdict.violation = std::move(result.violation);
  verdict.keys.push_back(result.verdict);
  for (WrongRevision& wrong : result.wrong_revisions) {
    if (verdict.wrong_revisions.size() < wrong_revisions_most) verdict.wrong_revisions.push_back(std::move(wrong));
  }
  if (options.witness) verdict.order.push_back(std::move(result.order));
  return is_earliest;
}

}  // namespace

Verdict check(const History& history, const Options& options) {
  const Keys keys(history);
  Operations copies;
  std::uint64_t steps_left = options.steps_max;
  bool is_first = false;  // of the earliest violation
  bool may_find_states = false;
  Instant earliest = never;
  Verdict verdict;
  verdict.conclusion = Conclusion::holds;
  while (verdict.keys.size() < history.key_count()) {
    const Batch batch(history, keys, verdict.keys.size(), copies);
    std::vector<KeyResult> results(batch.end() - batch.begin());
    const auto judge_one = [&](std::size_t which, std::uint64_t steps_max) {
      const std::size_t key = batch.begin() + which;
      KeyTask task = batch.task_of(key);
      task.steps_max = steps_max;
      task.witness = options.witness;
      task.explain = options.explain;
      results[which] = judge_key(task, options, keys.traits(key));
      batch.translate(key, results[which]);
    };
    if (options.run_tasks) {
      options.run_tasks(results.size(), [&](std::size_t which) { judge_one(which, options.steps_max); });
    }
    // One key after the other, as if each had what those before it left.
    for (std::size_t which = 0; which < results.size(); ++which) {
      const bool had_more = steps_left < options.steps_max && results[which].verdict.steps >= steps_left;
      if (!options.run_tasks || had_more) judge_one(which, steps_left);
      steps_left -= std::min(steps_left, results[which].verdict.steps);
      if (!add(results[which], history, verdict, earliest, options)) continue;
      is_first = results[which].is_first || !options.explain;
      may_find_states = results[which].is_first && !results[which].knows_states;
    }
  }
  if (verdict.violation && is_first) {
    verdict.violation->good_until = last_before(history.operations(), earliest);
    verdict.violation->good_until_is_last = true;
  }
  if (options.explain && verdict.violation) {
    const KeyId key = verdict.violation->key;
    const KeyTask task{history,         key, keys.positions_of(static_cast<std::size_t>(key)), options.steps_max,
                       options.witness, true};
    const std::uint64_t steps_max = reason_steps(verdict.keys[static_cast<std::size_t>(key)]);
    const bool has_reason = !lacks_reason(*verdict.violation);
    if (has_reason) leave_out_needless(task, *verdict.violation);
    const bool appends = keys.traits(static_cast<std::size_t>(key)).appends();
    if (may_find_states && (!has_reason || appends)) find_states(task, steps_max, *verdict.violation);
    if (!has_reason) find_reason(task, steps_max, *verdict.violation);
    free_writers(task, *verdict.violation);
    name_anomaly(task, *verdict.violation);
  }
  return verdict;
}

}  // namespace smalldb::checker
