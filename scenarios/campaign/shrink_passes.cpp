// The passes that put something simpler in the place of work, and of what is expected.
#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/client.h"
#include "properties/checker/formats/utf8.h"
#include "properties/properties.h"
#include "scenarios/campaign/shrinker.h"
#include "scenarios/fault_grammar.h"
#include "scenarios/judge.h"
#include "scenarios/stage.h"

namespace smalldb::scenarios {

// ---- Expectations ---------------------------------------------------------------------------------------------------

// What is expected, in fewer words that ask for the same: `if_recoverable` asks no less than `holds` where no fault
// destroys what a disk holds, nobody is lost, and backups acknowledge what is durable. Where it asks less it stays,
// though the failure is there without it: the store that is mended may not be able to keep more.
bool Shrinker::expect_plainly() {
  const bool may_lose = best_.cluster.store.acknowledge == Acknowledge::received || !best_.end.lost.empty() ||
                        std::any_of(best_.faults.begin(), best_.faults.end(), [](const FaultPlan& fault) {
                          return destroys_what_is_durable(fault.kind, fault.unsynced);
                        });
  return try_to([may_lose](Scenario& candidate) {
    Expectations& expect = candidate.expect;
    const auto put_plainly = [&](Expected& expected) {
      if (!may_lose && expected == Expected::if_recoverable) expected = Expected::holds;
    };
    put_plainly(expect.others);
    for (auto& [property, expected] : expect.properties) put_plainly(expected);
    const std::vector<Expected> asked = expected_properties(candidate);
    for (const std::string_view property : properties::names()) {
      Scenario without = candidate;
      without.expect.properties.erase(std::string(property));
      if (expected_properties(without) == asked) candidate = std::move(without);
    }
  });
}

// ---- Work -----------------------------------------------------------------------------------------------------------

bool Shrinker::simpler_work() {
  bool kept = false;
  for (std::size_t w = 0; w < best_.workload.size(); ++w) {
    if (best_.workload[w].generate) kept |= simpler_generation(w);
  }
  std::vector<Change> changes;
  for (std::size_t w = 0; w < best_.workload.size(); ++w) {
    for (std::size_t step = 0; step < best_.workload[w].script.size(); ++step) {
      const auto of_operation = [&](auto&& change) {
        changes.emplace_back([w, step, change](Scenario& s) {
          if (auto* operation = std::get_if<Operation>(&s.workload[w].script[step])) change(*operation);
        });
      };
      of_operation([](Operation& operation) {
        operation.condition = Operation::Condition::none;
        operation.revision = 0;
      });
      of_operation([step](Operation& operation) {
        if (!operation.value.empty()) operation.value = std::to_string(step + 1);
      });
    }
  }
  kept |= try_each(changes);
  return shorter_values() || kept;
}

// A value that has to be long is as short as it can be, to half of its length.
bool Shrinker::shorter_values() {
  bool kept = false;
  for (std::size_t w = 0; w < best_.workload.size(); ++w) {
    for (std::size_t step = 0; step < best_.workload[w].script.size(); ++step) {
      const auto halve = [w, step](Scenario& s) {
        auto* const operation = std::get_if<Operation>(&s.workload[w].script[step]);
        if (!operation) return;
        operation->value.resize((operation->value.size() + 1) / 2);
        operation->value.resize(checker::utf8_prefix(operation->value));  // a scenario is text
      };
      while (try_to(halve)) kept = true;
    }
  }
  return kept;
}

bool Shrinker::simpler_generation(std::size_t w) {
  bool kept = false;
  while (try_to([&](Scenario& s) { s.workload[w].generate->count /= 2; })) kept = true;
  while (try_to(
      [&](Scenario& s) { s.workload[w].generate->count -= std::min<std::uint64_t>(1, s.workload[w].generate->count); }))
    kept = true;
  std::vector<Change> changes;
  const auto of_generated = [&](auto&& change) {
    changes.emplace_back([w, change](Scenario& s) { change(*s.workload[w].generate); });
  };
  of_generated([](Generated& generated) { generated.mix = {0, 1, 0, 0, 0, 0}; });
  of_generated([](Generated& generated) { generated.keys = 1; });
  return try_each(changes) || kept;
}

namespace {

// An operation as a client was asked for it.
struct Asked {
  sim::Time at;
  Duration since;  // its client's last operation was asked for or answered; at the first, nothing
  Operation operation;
};
using AskedByClient = std::map<Name, std::vector<Asked>>;

Operation operation_of(const Invocation& invocation) {
  Operation operation;
  operation.verb = invocation.verb;
  operation.key = std::string(invocation.key.view());
  operation.value = std::string(invocation.value.view());
  switch (invocation.condition.kind) {
    case Condition::Kind::none: break;
    case Condition::Kind::absent: operation.condition = Operation::Condition::absent; break;
    case Condition::Kind::exists: operation.condition = Operation::Condition::exists; break;
    case Condition::Kind::revision_is:
      operation.condition = Operation::Condition::revision_is;
      operation.revision = invocation.condition.revision.value;
      break;
  }
  return operation;
}

// One after the other, as soon as may be or after the same waits; the same waits begin at the same time.
std::vector<Work> as_scripts(const AskedByClient& asked, bool waits, std::uint32_t in_flight) {
  std::vector<Work> works;
  for (const auto& [client, operations] : asked) {
    Work work;
    work.clients = {client};
    work.in_flight = in_flight;
    if (waits) work.starts_at = operations.front().at;
    for (const Asked& one : operations) {
      if (waits && one.since > Duration{}) work.script.emplace_back(Wait{one.since});
      work.script.emplace_back(one.operation);
    }
    works.push_back(std::move(work));
  }
  return works;
}

// Each at its time, whatever has been answered by then.
std::vector<Work> as_works_at_times(const AskedByClient& asked) {
  std::vector<Work> works;
  for (const auto& [client, operations] : asked) {
    for (const Asked& one : operations) {
      Work& work = works.emplace_back();
      work.clients = {client};
      work.starts_at = one.at;
      work.script = {one.operation};
    }
  }
  return works;
}

}  // namespace

// What was generated is asked for by a script: the same operations in the same order, as one saw them asked; if that is
// not enough, at the same times.
bool Shrinker::written_out_work() {
  constexpr std::size_t operations_max = 40;
  const bool generates = std::any_of(best_.workload.begin(), best_.workload.end(),
                                     [](const Work& work) { return work.generate.has_value(); });
  if (!generates) return false;
  AskedByClient asked;
  std::map<Name, sim::Time> last;
  std::size_t operations = 0;
  const Numbers numbers(best_.cluster);
  RunOptions options = run_options();
  options.reader = [&](const sim::World& world) {
    for (const sim::TraceEvent& event : world.events()) {
      if (!numbers.is_client(event.process)) continue;
      const Name& client = numbers.names()[static_cast<std::size_t>(event.process)];
      if (event.kind == sim::EventKind::report) last[client] = event.time;
      const auto invocation = event.kind == sim::EventKind::input ? decode_invocation(event.payload) : std::nullopt;
      if (!invocation) continue;
      const auto before = last.find(client);
      const Duration since = before == last.end() ? Duration{} : event.time - before->second;
      asked[client].push_back({event.time, since, operation_of(*invocation)});
      last[client] = event.time;
      ++operations;
    }
  };
  options_.run(best_, options);
  if (operations > operations_max) return false;
  std::vector<Change> changes;
  const auto put = [&](std::vector<Work> works) {
    changes.emplace_back([works = std::move(works)](Scenario& candidate) { candidate.workload = works; });
  };
  put(as_scripts(asked, false, 1));
  put(as_scripts(asked, false, 4));
  put(as_scripts(asked, true, 1));
  put(as_works_at_times(asked));
  return try_until_kept(changes);
}

// Of one that is short to write.
bool Shrinker::small_seed() {
  constexpr std::uint64_t small_max = 99;
  std::vector<Change> changes;
  for (std::uint64_t seed = 1; seed <= std::min(small_max, best_.seed - 1); ++seed) {
    changes.emplace_back([seed](Scenario& s) { s.seed = seed; });
  }
  return try_until_kept(changes);
}

}  // namespace smalldb::scenarios
