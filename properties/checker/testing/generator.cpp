#include "properties/checker/testing/generator.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "properties/checker/testing/dice.h"

namespace smalldb::checker::testing {
namespace {

struct Cell {
  ValueId value = ValueId::absent;
  std::uint64_t revision = 0;
};

class Generator {
 public:
  explicit Generator(const Workload& workload)
      : workload_(workload), dice_(workload.seed), cells_(workload.keys), clients_(workload.clients) {}

  History generate() {
    for (std::uint32_t key = 0; key < workload_.keys; ++key) history_.key("k" + std::to_string(key));
    for (std::uint32_t client = 0; client < workload_.clients; ++client) {
      clients_[client].process = history_.process("c" + std::to_string(client));
    }
    operations_.reserve(workload_.operations);
    while (operations_.size() < workload_.operations || busy_ > 0) {
      advance(clients_[dice_.below(workload_.clients)]);
      if (!late_.empty() && dice_.below(64) == 0) take_late_effect();
    }
    history_.replace_operations(std::move(operations_));
    return std::move(history_);
  }

 private:
  enum class Phase : std::uint8_t { idle, invoked, effected };
  struct Client {
    ProcessId process{};
    Phase phase = Phase::idle;
    std::size_t operation = 0;
  };

  void advance(Client& client) {
    ++now_;
    switch (client.phase) {
      case Phase::idle:
        if (operations_.size() == workload_.operations) return;
        client.operation = operations_.size();
        operations_.push_back(draw(client.process));
        client.phase = Phase::invoked;
        ++busy_;
        return;
      case Phase::invoked:
        if (operations_[client.operation].outcome == Outcome::unknown) {
          forget(client);
        } else {
          take_effect(operations_[client.operation]);
          client.phase = Phase::effected;
        }
        return;
      case Phase::effected:
        operations_[client.operation].returned = now_;
        client.phase = Phase::idle;
        --busy_;
        return;
    }
  }

  Operation draw(ProcessId process) {
    const Workload& w = workload_;
    Operation operation;
    operation.invoked = now_;
    operation.process = process;
    operation.key = static_cast<KeyId>(dice_.below(w.keys));
    const Cell& cell = cells_[static_cast<std::size_t>(operation.key)];
    std::uint32_t draw = dice_.below(w.gets + w.puts + w.removes + w.appends + w.swaps);
    const auto takes = [&draw](std::uint32_t weight) {
      if (draw < weight) return true;
      draw -= weight;
      return false;
    };
    if (takes(w.gets)) {
      operation.verb = Verb::get;
    } else if (takes(w.puts)) {
      operation.verb = Verb::put;
    } else if (takes(w.removes)) {
      operation.verb = Verb::remove;
    } else if (takes(w.appends)) {
      operation.verb = Verb::append;
    } else {
      operation.verb = Verb::swap_if_value;
      operation.expected = dice_.below(2) == 0 || w.values == 0 ? cell.value : some_value();
    }
    const bool writes = operation.verb != Verb::get && operation.verb != Verb::remove;
    if (writes) operation.argument = w.values == 0 ? new_value(operation.verb) : some_value();
    const std::uint64_t number = operations_.size();
    const bool unknown = number * w.unknown / w.operations != (number + 1) * w.unknown / w.operations;
    if (unknown) operation.outcome = Outcome::unknown;
    return operation;
  }

  ValueId some_value() { return history_.value("v" + std::to_string(dice_.below(workload_.values))); }
  ValueId new_value(Verb verb) {
    const std::string text = std::to_string(++value_);
    return history_.value(verb == Verb::append ? "<" + text + ">" : "v" + text);
  }

  // Its client gives up on it.
  void forget(Client& client) {
    if (dice_.below(2) == 0) late_.push_back(client.operation);
    client.process = history_.process("c" + std::to_string(workload_.clients + ++forgotten_));
    client.phase = Phase::idle;
    --busy_;
  }

  void take_late_effect() {
    const std::uint32_t which = dice_.below(static_cast<std::uint32_t>(late_.size()));
    Operation copy = operations_[late_[which]];
    late_.erase(late_.begin() + which);
    take_effect(copy);  // and nobody is told
  }

  void take_effect(Operation& operation) {
    Cell& cell = cells_[static_cast<std::size_t>(operation.key)];
    const bool unknown = operation.outcome == Outcome::unknown;
    if (operation.verb == Verb::get) {
      operation.result = cell.value;
      if (workload_.revisions) operation.revision = cell.revision;
      return;
    }
    if (operation.verb == Verb::swap_if_value && cell.value != operation.expected) {
      if (!unknown) operation.outcome = Outcome::mismatched;
      return;
    }
    if (operation.verb == Verb::append && cell.value != ValueId::absent) {
      cell.value =
          history_.value(std::string(history_.bytes(cell.value)) + std::string(history_.bytes(operation.argument)));
    } else {
      cell.value = operation.verb == Verb::remove ? ValueId::absent : operation.argument;
    }
    ++revision_;
    cell.revision = operation.verb == Verb::remove ? 0 : revision_;
    if (workload_.revisions && !unknown) operation.revision = revision_;
  }

  const Workload workload_;
  Dice dice_;
  History history_;
  std::vector<Cell> cells_;
  std::vector<Client> clients_;
  Operations operations_;
  std::vector<std::size_t> late_;
  Instant now_ = 0;
  std::uint32_t busy_ = 0;
  std::uint64_t value_ = 0;
  std::uint64_t forgotten_ = 0;
  std::uint64_t revision_ = 0;
};

// The last write of the key that had returned before `instant`, that was read by then, and that another had overwritten
// by then: invoked after the reading, and returned.
std::optional<std::size_t> stale_write(const Operations& operations, KeyId key, Instant instant) {
  std::optional<std::size_t> overwriter;
  for (std::size_t i = operations.size(); i-- > 0;) {
    const Operation& operation = operations[i];
    const bool writes = operation.verb == Verb::put && operation.outcome == Outcome::ok;
    if (operation.key != key || !writes) continue;
    if (overwriter ? operation.returned < operations[*overwriter].invoked : false) return i;
    if (!overwriter && operation.returned < instant) overwriter = i;
  }
  return std::nullopt;
}

// The first of two appends to the key that had returned before that instant.
std::optional<std::size_t> first_append(const Operations& operations, KeyId key, Instant instant) {
  std::optional<std::size_t> first;
  for (std::size_t i = 0; i < operations.size(); ++i) {
    const Operation& operation = operations[i];
    const bool appends = operation.verb == Verb::append && operation.outcome == Outcome::ok;
    if (operation.key != key || !appends || operation.returned >= instant) continue;
    if (first) return first;
    first = i;
  }
  return std::nullopt;
}

bool is_acknowledged_put(const Operation& operation) {
  return operation.verb == Verb::put && operation.outcome == Outcome::ok;
}
bool is_answered_get(const Operation& operation) {
  return operation.verb == Verb::get && operation.outcome == Outcome::ok;
}

bool lose_update(Operations& operations, std::size_t at) {
  const Operation write = operations[at];
  if (!is_acknowledged_put(write)) return false;
  const auto before = stale_write(operations, write.key, write.invoked);
  bool seen_after = false;
  for (const Operation& operation : operations) {
    const bool saw = is_answered_get(operation) && operation.result == write.argument;
    seen_after = seen_after || (saw && operation.invoked > write.returned);
  }
  if (!before || !seen_after) return false;
  for (Operation& operation : operations) {
    const bool saw = is_answered_get(operation) && operation.result == write.argument;
    if (saw) operation.result = operations[*before].argument;
  }
  return true;
}

// Which it is told depends on where it stands.
bool tell_other_value(Operations& operations, std::size_t at) {
  Operation& get = operations[at];
  Dice dice(at);
  for (std::size_t tried = 0; tried < operations.size(); ++tried) {
    const Operation& other = operations[dice.below(static_cast<std::uint32_t>(operations.size()))];
    if (!is_acknowledged_put(other) || other.key != get.key || other.argument == get.result) continue;
    get.result = other.argument;
    return true;
  }
  return false;
}

bool break_at(History& history, Operations& operations, std::size_t at, Breakage breakage) {
  Operation& operation = operations[at];
  if (breakage == Breakage::lost_update) return lose_update(operations, at);
  if (breakage == Breakage::dirty_read) {
    if (!is_acknowledged_put(operation)) return false;
    const bool seen = std::any_of(operations.begin(), operations.end(), [&](const Operation& other) {
      return is_answered_get(other) && other.result == operation.argument;
    });
    if (seen) operation.outcome = Outcome::failed;
    return seen;
  }
  if (!is_answered_get(operation)) return false;
  if (breakage == Breakage::other_value) return tell_other_value(operations, at);
  if (breakage == Breakage::phantom_value) {
    operation.result = history.value("nobody's");
    return true;
  }
  if (breakage == Breakage::future_read) {
    const auto later = std::find_if(operations.begin(), operations.end(), [&](const Operation& other) {
      return is_acknowledged_put(other) && other.key == operation.key && other.invoked > operation.returned;
    });
    if (later == operations.end()) return false;
    operation.result = later->argument;
    return true;
  }
  auto stale = stale_write(operations, operation.key, operation.invoked);
  if (!stale) stale = first_append(operations, operation.key, operation.invoked);
  if (!stale) return false;
  operation.result = operations[*stale].argument;
  return true;
}

}  // namespace

History generate(const Workload& workload) { return Generator(workload).generate(); }

bool break_it(History& history, Breakage breakage, std::uint32_t permille) {
  // A history cannot be changed once it is made: it is made again.
  Operations operations = history.operations();
  const std::size_t from = operations.size() * permille / 1000;
  for (std::size_t at = from; at < operations.size(); ++at) {
    if (!break_at(history, operations, at, breakage)) continue;
    history.replace_operations(std::move(operations));
    return true;
  }
  return false;
}

}  // namespace smalldb::checker::testing
