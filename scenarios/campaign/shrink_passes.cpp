// The passes that put something simpler in the place of work, and of what is expected.
#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "model/client.h"
#include "properties/checker/formats/utf8.h"
#include "properties/properties.h"
#include "scenarios/campaign/shrinker.h"
#include "scenarios/fault_grammar.h"
#include "scenarios/generator/promised.h"
#include "scenarios/judge.h"
#include "scenarios/stage.h"

namespace smalldb::scenarios {

// ---- Expectations ---------------------------------------------------------------------------------------------------

// What is expected, in fewer words that ask for the same: `if_recoverable` asks no less than `holds` where no fault
// destroys what a disk holds, nobody is lost, and backups acknowledge what is durable. Where it asks less it stays,
// though the failure is there without it: the store that is mended may not be able to keep more.
bool Shrinker::expect_plainly() {
  const bool may_lose = best_.cluster.store.acknowledge == Acknowledge::received || !best_.end.lost.empty() ||
                        may_draw_garbage(best_.disks) ||
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

std::vector<std::string> Shrinker::keys_of_scripts(const Scenario& scenario) {
  std::vector<std::string> keys;
  for (const Work& work : scenario.workload) {
    for (const ScriptStep& step : work.script) {
      const auto* const operation = std::get_if<Operation>(&step);
      if (operation && std::find(keys.begin(), keys.end(), operation->key) == keys.end())
        keys.push_back(operation->key);
    }
  }
  return keys;
}

// Of two keys, one; so that those that are left differ because they have to.
bool Shrinker::one_key() {
  const std::vector<std::string> keys = keys_of_scripts(best_);
  std::vector<Change> changes;
  for (std::size_t key = keys.size(); key-- > 1;) {
    for (std::size_t other = 0; other < key; ++other) {
      changes.emplace_back([from = keys[key], to = keys[other]](Scenario& s) {
        for (Work& work : s.workload) {
          for (ScriptStep& step : work.script) {
            auto* const operation = std::get_if<Operation>(&step);
            if (operation && operation->key == from) operation->key = to;
          }
        }
      });
    }
  }
  return try_each(changes);
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
      // Of one letter it is said by its length, which may then be any.
      kept |= try_to([w, step](Scenario& s) {
        auto* const operation = std::get_if<Operation>(&s.workload[w].script[step]);
        if (operation) operation->value.assign(operation->value.size(), '.');
      });
      const auto size = [this, w, step]() -> std::size_t {
        const auto* const operation = std::get_if<Operation>(&best_.workload[w].script[step]);
        return operation ? operation->value.size() : 0;
      };
      for (std::size_t less = size() / 4; less > 0; less /= 2) {
        const auto shorten = [w, step, less](Scenario& s) {
          std::string& value = std::get<Operation>(s.workload[w].script[step]).value;
          value.resize(value.size() - std::min(less, value.size()));
          value.resize(checker::utf8_prefix(value));
        };
        while (size() > less && try_to(shorten)) kept = true;
      }
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
  sim::Time over;  // its client was told what came of it, or of the next one that was told of; 0: never
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

AskedByClient asked_in(const Scenario& scenario, RunOptions options,
                       const std::function<Result(const Scenario&, const RunOptions&)>& run) {
  AskedByClient asked;
  std::map<Name, sim::Time> last;
  const Numbers numbers(scenario.cluster);
  options.reader = [&](const sim::World& world) {
    for (const sim::TraceEvent& event : world.events()) {
      if (!numbers.is_client(event.process)) continue;
      const Name& client = numbers.names()[static_cast<std::size_t>(event.process)];
      if (event.kind == sim::EventKind::report) {
        last[client] = event.time;
        if (!asked[client].empty()) asked[client].back().over = event.time;
      }
      const auto invocation = event.kind == sim::EventKind::input ? decode_invocation(event.payload) : std::nullopt;
      if (!invocation) continue;
      const auto before = last.find(client);
      const Duration since = before == last.end() ? Duration{} : event.time - before->second;
      asked[client].push_back({event.time, since, {}, operation_of(*invocation)});
      last[client] = event.time;
    }
  };
  run(scenario, options);
  std::erase_if(asked, [](const auto& of_client) { return of_client.second.empty(); });
  return asked;
}

// Whose steps are those of one client, one after the other, which does nothing else.
bool is_all_of_one_client(const Scenario& scenario, const Work& work) {
  return work.clients.size() == 1 && work.in_flight == 1 && !work.generate &&
         std::none_of(scenario.workload.begin(), scenario.workload.end(), [&](const Work& other) {
           return &other != &work && (other.clients.empty() || std::find(other.clients.begin(), other.clients.end(),
                                                                         work.clients.front()) != other.clients.end());
         });
}

// The places of the operations in the script.
std::vector<std::size_t> operations_in(const std::vector<ScriptStep>& script) {
  std::vector<std::size_t> places;
  for (std::size_t place = 0; place < script.size(); ++place) {
    if (std::holds_alternative<Operation>(script[place])) places.push_back(place);
  }
  return places;
}

// What was generated is asked for by a script: the same operations in the same order, as one saw them asked; if that is
// not enough, at the same times.
bool Shrinker::written_out_work() {
  constexpr std::size_t operations_max = 120;
  const bool generates = std::any_of(best_.workload.begin(), best_.workload.end(),
                                     [](const Work& work) { return work.generate.has_value(); });
  if (!generates) return false;
  const AskedByClient asked = asked_in(best_, run_options(best_), options_.run);
  std::size_t operations = 0;
  for (const auto& [client, of_client] : asked) operations += of_client.size();
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

// Operations may be there only for the time that they take: then a wait does as well, or a work that begins later.
bool Shrinker::waits_for_operations() {
  bool kept = false;
  for (std::size_t work = 0; work < best_.workload.size(); ++work) {
    for (std::size_t chunk = operations_in(best_.workload[work].script).size() / 2; chunk > 0; chunk /= 2) {
      while (try_until_kept(waits_in_the_place_of(work, chunk))) kept = true;
    }
  }
  return kept;
}

// So many operations at a time, but for the last, and all waits around them. Each change is by itself.
std::vector<Shrinker::Change> Shrinker::waits_in_the_place_of(std::size_t w, std::size_t operations) const {
  std::vector<Change> changes;
  const Work& work = best_.workload[w];
  if (!is_all_of_one_client(best_, work)) return changes;
  const std::vector<std::size_t> places = operations_in(work.script);
  const AskedByClient by_client = asked_in(best_, run_options(best_), options_.run);
  const auto of_client = by_client.find(work.clients.front());
  if (of_client == by_client.end()) return changes;
  const std::vector<Asked>& asked = of_client->second;
  for (std::size_t from = 0; from + operations < std::min(places.size(), asked.size()); ++from) {
    Work shorter = work;
    const auto place = [&](std::size_t n) { return shorter.script.begin() + static_cast<std::ptrdiff_t>(n); };
    const std::size_t next = from + operations;
    if (from == 0) {
      shorter.script.erase(place(0), place(places[next]));
      shorter.starts_at = asked[next].at;
    } else {
      const std::size_t first = places[from - 1] + 1;
      shorter.script.erase(place(first), place(places[next]));
      const Duration taken = asked[next].at - asked[from - 1].over;
      if (taken > Duration{}) shorter.script.insert(place(first), Wait{taken});
    }
    changes.emplace_back([w, shorter](Scenario& candidate) { candidate.workload[w] = shorter; });
  }
  return changes;
}

// One that is as long as two that follow each other.
bool Shrinker::fewer_waits() {
  std::vector<Change> changes;
  for (std::size_t w = 0; w < best_.workload.size(); ++w) {
    // From behind, so that what is left stays where it was.
    for (std::size_t step = best_.workload[w].script.size(); step-- > 1;) {
      changes.emplace_back([w, step](Scenario& candidate) {
        std::vector<ScriptStep>& script = candidate.workload[w].script;
        Wait* const first = std::get_if<Wait>(&script[step - 1]);
        const Wait* const second = std::get_if<Wait>(&script[step]);
        if (first == nullptr || second == nullptr) return;
        first->length = first->length + second->length;
        script.erase(script.begin() + static_cast<std::ptrdiff_t>(step));
      });
    }
  }
  return try_each(changes);
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
