// The engine `generic`, of a key: the plainest of all models of one (generic.h).
#include <memory>
#include <optional>
#include <string>

#include "properties/checker/engines.h"
#include "properties/checker/generic.h"
#include "properties/checker/steps.h"

namespace smalldb::checker {
namespace {

struct KeyModel {
  struct State {
    std::optional<std::string> bytes;
    std::uint64_t revision = 0;
    friend bool operator==(const State&, const State&) = default;
  };
  struct Operation {
    const History* history;
    Step step;
  };

  static std::optional<std::string> bytes(const History& history, ValueId value) {
    if (value == ValueId::absent) return std::nullopt;
    return std::string(history.bytes(value));
  }

  static bool is_met(const History& history, const Need& need, const State& state) {
    if (need.value == no_value && need.of_value == Need::Kind::is) return false;
    Need of_revision = need;
    of_revision.of_value = Need::Kind::none;
    if (need.of_value != Need::Kind::none) {
      const bool same = state.bytes == bytes(history, need.value);
      if (same != (need.of_value == Need::Kind::is)) return false;
    }
    return of_revision.met_by({state.bytes ? no_value : ValueId::absent, state.revision});
  }

  static std::vector<State> after(const State& state, const Operation& operation) {
    const Step& step = operation.step;
    if (!is_met(*operation.history, step.need, state)) return {};
    if (step.effect == Effect::none) return {state};
    const std::optional<std::string> argument = bytes(*operation.history, step.to.value);
    if (step.effect == Effect::set) return {{argument, step.to.revision}};
    return {{state.bytes.value_or("") + argument.value_or(""), step.to.revision}};
  }

  static std::uint64_t hash(const State& state) {
    std::uint64_t value = 0xcbf29ce484222325 ^ state.revision;
    for (const char byte : state.bytes.value_or("")) value = (value ^ static_cast<unsigned char>(byte)) * 0x100000001b3;
    return value;
  }
};

}  // namespace

KeyResult judge_by_model(const KeyTask& task) {
  const Steps all = steps_of(task);
  std::vector<GenericOperation<KeyModel>> operations;
  for (const Step& step : all.steps) operations.push_back({{&task.history, step}, step.invoked, step.returned});
  const KeyModel::State initial{KeyModel::bytes(task.history, all.initial.value), all.initial.revision};
  const GenericResult found = GenericSearch<KeyModel>(std::move(operations), initial).judge(task.steps_max);

  KeyResult result;
  result.verdict = {task.key, found.conclusion, Engine::generic, task.positions.size(), found.steps, never};
  if (found.conclusion == Conclusion::unknown) result.verdict.judged_until = all.steps[found.culprit].returned;
  if (found.conclusion == Conclusion::violated) {
    result.violation = Violation{};
    result.violation->culprit = all.steps[found.culprit].position;
  }
  if (task.witness) {
    for (const std::uint32_t step : found.order) result.order.push_back(all.steps[step].position);
  }
  return result;
}

}  // namespace smalldb::checker
