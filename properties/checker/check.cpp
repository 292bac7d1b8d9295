#include "properties/checker/check.h"

#include <algorithm>
#include <utility>

#include "model/assert.h"
#include "properties/checker/certificate.h"
#include "properties/checker/engines.h"
#include "properties/checker/frontier.h"
#include "properties/checker/reason.h"
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

// What a key's operations say of the engines that may judge it.
struct Traits {
  bool claims = false;   // of revisions
  bool removes = false;  // and gets of an absent key: what removed it is anybody's guess
  bool absent = false;
  bool refuses = false;  // conditional operations

  void add(const Operation& operation) {
    claims |= operation.revision != 0;
    removes |= operation.verb == Verb::remove || operation.verb == Verb::remove_if_value ||
               operation.verb == Verb::remove_if_revision;
    absent |= operation.verb == Verb::get && operation.result == ValueId::absent;
    refuses |= operation.outcome == Outcome::mismatched;
  }
  // Zones can tell that it does not hold, but not that it does.
  bool zones_say_half() const { return refuses || (removes && absent); }
};

// The positions of all operations, those of one key side by side, by key; within a key by invocation.
struct ByKey {
  std::vector<std::uint32_t> positions;
  std::vector<std::size_t> ends;  // by key
  std::vector<Traits> traits;     // by key

  std::span<const std::uint32_t> of(std::size_t key) const {
    const std::size_t begin = key == 0 ? 0 : ends[key - 1];
    return {positions.data() + begin, ends[key] - begin};
  }
};

ByKey split(const History& history) {
  ByKey by_key;
  const std::vector<Operation>& operations = history.operations();
  std::vector<std::size_t> next(history.key_count() + 1);
  by_key.traits.resize(history.key_count());
  for (const Operation& operation : operations) {
    ++next[static_cast<std::size_t>(operation.key) + 1];
    by_key.traits[static_cast<std::size_t>(operation.key)].add(operation);
  }
  for (std::size_t key = 1; key < next.size(); ++key) next[key] += next[key - 1];
  by_key.ends.assign(next.begin() + 1, next.end());
  by_key.positions.resize(operations.size());
  for (std::size_t i = 0; i < operations.size(); ++i) {
    by_key.positions[next[static_cast<std::size_t>(operations[i].key)]++] = static_cast<std::uint32_t>(i);
  }
  return by_key;
}

// From the cheapest that may say something on. Most keys that zones could only say half of are no trouble to search, so
// that comes first there, on a short leash.
KeyResult judge_somehow(KeyTask task, const Traits& traits) {
  if (traits.claims) {
    if (auto result = judge_by_certificate(task)) return std::move(*result);
  }
  std::uint64_t spent = 0;
  if (traits.zones_say_half()) {
    KeyTask leashed = task;
    leashed.steps_max = std::min<std::uint64_t>(task.steps_max, 2 * task.positions.size() + 100);
    KeyResult result = judge_by_search(leashed);
    spent = result.verdict.steps;
    if (result.verdict.conclusion == Conclusion::holds || spent >= task.steps_max) return result;
    if (result.verdict.conclusion == Conclusion::violated && !task.explain) return result;
    if (result.verdict.conclusion == Conclusion::violated) {
      auto by_zones = judge_by_zones(task);
      return by_zones ? std::move(*by_zones) : std::move(result);
    }
  }
  std::optional<KeyResult> result = judge_by_zones(task);
  task.steps_max -= spent;
  if (!result) result = judge_by_search(task);
  result->verdict.steps += spent;
  return std::move(*result);
}

KeyResult judge(const KeyTask& task, Engine engine, const Traits& traits) {
  if (engine == Engine::automatic) return judge_somehow(task, traits);
  std::optional<KeyResult> result;
  if (engine == Engine::certificate) result = judge_by_certificate(task);
  if (engine == Engine::zones) result = judge_by_zones(task);
  if (engine == Engine::generic) result = judge_by_model(task);
  if (!result) result = judge_by_search(task);  // the one asked for cannot say
  return std::move(*result);
}

// A reason may cost as much as some verdicts, and no small one goes without.
std::uint64_t reason_steps(const KeyVerdict& verdict) { return 4 * verdict.steps + reason_steps_min; }

// The last instant at which anything happened to the key before its culprit returned.
Instant last_good(const KeyTask& task, const Violation& violation) {
  const std::vector<Operation>& operations = task.history.operations();
  const Instant end = operations[violation.culprit].returned;
  Instant last = operations[task.positions.front()].invoked;
  for (const std::uint32_t position : task.positions) {
    const Operation& operation = operations[position];
    if (operation.invoked < end) last = std::max(last, operation.invoked);
    if (operation.returned < end) last = std::max(last, operation.returned);
  }
  return last;
}

}  // namespace

KeyResult judge_by_search(const KeyTask& task) {
  const Steps all = steps_of(task.history, task.key, task.positions);
  FrontierResult found = judge_by_frontier(task.history, all, task.steps_max, task.witness);
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

Verdict check(const History& history, const Options& options) {
  const ByKey by_key = split(history);
  const std::size_t keys = history.key_count();
  std::vector<KeyResult> results(keys);
  const auto judge_key = [&](std::size_t key, std::uint64_t steps_max) {
    const KeyTask task{history, static_cast<KeyId>(key), by_key.of(key), steps_max, options.witness, options.explain};
    results[key] = judge(task, options.engine, by_key.traits[key]);
    // Revisions that were a proof are not wrong.
    if (by_key.traits[key].claims && results[key].verdict.engine != Engine::certificate) {
      results[key].wrong_revisions = find_wrong_revisions(task, wrong_revisions_most);
    }
    std::optional<Violation>& violation = results[key].violation;
    if (!violation) return;
    violation->key = task.key;
    violation->engine = results[key].verdict.engine;
    if (options.explain && violation->operations.empty()) {
      find_culprit(task, reason_steps(results[key].verdict), *violation);
    }
    violation->good_until = last_good(task, *violation);
  };
  if (options.run_tasks) {
    options.run_tasks(keys, [&](std::size_t key) { judge_key(key, options.steps_max); });
  }
  // One key after the other, as if each had what those before it left.
  std::uint64_t steps_left = options.steps_max;
  Verdict verdict;
  verdict.conclusion = Conclusion::holds;
  for (std::size_t key = 0; key < keys; ++key) {
    if (!options.run_tasks || results[key].verdict.steps > steps_left) judge_key(key, steps_left);
    KeyResult& result = results[key];
    steps_left -= std::min(steps_left, result.verdict.steps);
    const Conclusion conclusion = result.verdict.conclusion;
    if (conclusion == Conclusion::violated) verdict.conclusion = Conclusion::violated;
    if (conclusion == Conclusion::unknown && verdict.conclusion == Conclusion::holds) {
      verdict.conclusion = Conclusion::unknown;
    }
    if (result.violation && (!verdict.violation || result.violation->good_until < verdict.violation->good_until)) {
      verdict.violation = std::move(result.violation);
    }
    verdict.keys.push_back(result.verdict);
    for (WrongRevision& wrong : result.wrong_revisions) {
      if (verdict.wrong_revisions.size() < wrong_revisions_most) verdict.wrong_revisions.push_back(std::move(wrong));
    }
    if (options.witness) verdict.order.push_back(std::move(result.order));
  }
  if (options.explain && verdict.violation && verdict.violation->operations.empty()) {
    const auto key = static_cast<std::size_t>(verdict.violation->key);
    const KeyTask task{history, verdict.violation->key, by_key.of(key), options.steps_max, options.witness, true};
    find_reason(task, reason_steps(verdict.keys[key]), *verdict.violation);
  }
  return verdict;
}

}  // namespace smalldb::checker
