// The passes that put something simpler in the place of settings, work and numbers.
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
namespace {

// The nearest rounder lengths, the roundest first.
std::vector<Duration> rounder(Duration length) {
  std::vector<Duration> lengths;
  for (const std::int64_t unit : {1'000'000'000LL, 100'000'000LL, 10'000'000LL, 1'000'000LL, 100'000LL, 1000LL}) {
    const std::int64_t below = length.nanoseconds / unit * unit;
    for (const std::int64_t round : {below, below + unit}) {
      if (round != length.nanoseconds) lengths.push_back({round});
    }
  }
  return lengths;
}

// ---- Parts of a scenario as they are in a plain one ----

using Change = std::function<void(Scenario&)>;
using Changes = std::vector<Change>;

// `part_of(scenario)` gives a reference to it.
template <class Part>
Change as_plain(Part part_of) {
  return [part_of](Scenario& scenario) {
    Scenario plain;
    part_of(scenario) = part_of(plain);
  };
}

void add_plain_wholes(Changes& changes) {
  const auto of_scenario = [&](auto part) {
    changes.push_back(as_plain([part](Scenario & s) -> auto& { return s.*part; }));
  };
  of_scenario(&Scenario::clocks);
  of_scenario(&Scenario::step_costs);
  of_scenario(&Scenario::ties);
  of_scenario(&Scenario::network);
  of_scenario(&Scenario::disks);
  of_scenario(&Scenario::pins);
}

void add_plain_cluster(Changes& changes) {
  const auto of_cluster = [&](auto part) {
    changes.push_back(as_plain([part](Scenario & s) -> auto& { return s.cluster.*part; }));
  };
  of_cluster(&Cluster::store);
  of_cluster(&Cluster::client);
  of_cluster(&Cluster::founders);
  of_cluster(&Cluster::spares);
  of_cluster(&Cluster::without_session);
  of_cluster(&Cluster::arbiter);
  const auto of_store = [&](auto part) {
    changes.push_back(as_plain([part](Scenario & s) -> auto& { return s.cluster.store.*part; }));
  };
  of_store(&Settings::acknowledge);
  of_store(&Settings::reads);
  of_store(&Settings::heartbeat_every);
  of_store(&Settings::suspect_after);
  of_store(&Settings::retry_after);
  of_store(&Settings::seek_for);
  of_store(&Settings::arbiter_ping_every);
  of_store(&Settings::lease);
  of_store(&Settings::clock_drift_max_ppm);
  of_store(&Settings::join_buffer_bytes);
  of_store(&Settings::sessions_max);
  of_store(&Settings::log_buffer_bytes);
  of_store(&Settings::waiting_requests_max);
  of_store(&Settings::checkpoint_every_bytes);
  of_store(&Settings::segment_bytes);
  of_store(&Settings::log_write_bytes);
  of_store(&Settings::chunk_bytes);
  of_store(&Settings::chunks_in_flight);
  of_store(&Settings::session_window);
  of_store(&Settings::session_expires_after);
  const auto of_client = [&](auto part) {
    changes.push_back(as_plain([part](Scenario & s) -> auto& { return s.cluster.client.*part; }));
  };
  of_client(&ClientSettings::answer_within);
  of_client(&ClientSettings::retry_after);
  of_client(&ClientSettings::give_up_after);
}

void add_plain_world(Changes& changes) {
  const auto of_network = [&](auto part) {
    changes.push_back(as_plain([part](Scenario & s) -> auto& { return s.network.settings.*part; }));
  };
  of_network(&sim::NetworkSettings::link);
  of_network(&sim::NetworkSettings::chunking);
  of_network(&sim::NetworkSettings::retransmission);
  of_network(&sim::NetworkSettings::retransmission_most);
  of_network(&sim::NetworkSettings::connect_timeout);
  of_network(&sim::NetworkSettings::connection_timeout);
  const auto of_link = [&](auto part) {
    changes.push_back(as_plain([part](Scenario & s) -> auto& { return s.network.settings.link.*part; }));
  };
  of_link(&sim::LinkSettings::latency);
  of_link(&sim::LinkSettings::loss);
  of_link(&sim::LinkSettings::duplication);
  of_link(&sim::LinkSettings::reordering);
  of_link(&sim::LinkSettings::reordering_window);
  of_link(&sim::LinkSettings::bandwidth);
  of_link(&sim::LinkSettings::queue_limit);
  changes.push_back(as_plain([](Scenario & s) -> auto& { return s.network.links; }));
  changes.push_back(as_plain([](Scenario & s) -> auto& { return s.disks.settings; }));
  changes.push_back(as_plain([](Scenario & s) -> auto& { return s.disks.exceptions; }));
  changes.push_back(as_plain([](Scenario & s) -> auto& { return s.disks.shared_timeout; }));
  const auto of_disks = [&](auto part) {
    changes.push_back(as_plain([part](Scenario & s) -> auto& { return s.disks.settings.*part; }));
  };
  of_disks(&sim::DiskSettings::read);
  of_disks(&sim::DiskSettings::write);
  of_disks(&sim::DiskSettings::sync);
  of_disks(&sim::DiskSettings::name);
  of_disks(&sim::DiskSettings::capacity);
  of_disks(&sim::DiskSettings::kept);
  of_disks(&sim::DiskSettings::lost);
  of_disks(&sim::DiskSettings::torn);
  of_disks(&sim::DiskSettings::subset);
  of_disks(&sim::DiskSettings::garbage);
}

void add_plain_end(Changes& changes) {
  changes.push_back(as_plain([](Scenario & s) -> auto& { return s.end.limit; }));
  changes.push_back(as_plain([](Scenario & s) -> auto& { return s.end.settle; }));
  changes.push_back(as_plain([](Scenario & s) -> auto& { return s.end.lost; }));
  changes.push_back(as_plain([](Scenario & s) -> auto& { return s.end; }));
  const auto of_expectations = [&](auto part) {
    changes.push_back(as_plain([part](Scenario & s) -> auto& { return s.expect.*part; }));
  };
  of_expectations(&Expectations::sometimes);
  of_expectations(&Expectations::never);
  of_expectations(&Expectations::primary);
  of_expectations(&Expectations::in_sync);
  of_expectations(&Expectations::values);
  of_expectations(&Expectations::answered_within);
  of_expectations(&Expectations::unavailable_at_most);
  of_expectations(&Expectations::answered_at_least);
}

}  // namespace

// ---- Settings -------------------------------------------------------------------------------------------------------

bool Shrinker::plain_settings() {
  std::vector<Change> changes;
  add_plain_wholes(changes);
  add_plain_cluster(changes);
  add_plain_world(changes);
  add_plain_end(changes);
  for (Change& change : changes) {
    change = [change](Scenario& scenario) {
      change(scenario);
      drop_what_does_not_fit(scenario);
    };
  }
  return try_each(changes);
}

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
    std::vector<Change> changes;
    const auto of_work = [&](auto&& change) {
      changes.emplace_back([w, change](Scenario& s) { change(s.workload[w]); });
    };
    of_work([](Work& work) { work.generate.reset(); });
    of_work([](Work& work) { work.script.clear(); });
    of_work([](Work& work) { work.starts_at = {}; });
    of_work([](Work& work) { work.in_flight = 1; });
    of_work([](Work& work) { work.clients.clear(); });
    kept |= try_each(changes);
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
  of_generated([](Generated& generated) { generated.mix = Generated{}.mix; });
  of_generated([](Generated& generated) { generated.mix = {0, 1, 0, 0, 0, 0}; });
  of_generated([](Generated& generated) { generated.skew = Generated{}.skew; });
  of_generated([](Generated& generated) { generated.keys = 1; });
  of_generated([](Generated& generated) { generated.value_size = Generated{}.value_size; });
  of_generated([](Generated& generated) { generated.think_time = {}; });
  of_generated([](Generated& generated) { generated.interval.reset(); });
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
      const auto invocation =
          event.kind == sim::EventKind::input ? decode_invocation(event.payload) : std::nullopt;
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

// ---- Numbers --------------------------------------------------------------------------------------------------------

bool Shrinker::round_numbers() {
  bool kept = false;
  const auto round = [&](Duration length, auto&& put) {
    std::vector<Change> changes;
    for (const Duration candidate : rounder(length)) {
      if (candidate >= Duration{}) changes.emplace_back([=](Scenario& s) { put(s, candidate); });
    }
    kept |= try_until_kept(changes);
  };
  for (std::size_t plan = 0; plan < plans(best_); ++plan) {
    const Schedule schedule = schedule_of(best_, plan);  // a copy: what is kept puts another scenario in its place
    const auto round_time = [&](sim::Time Schedule::*time) {
      round(schedule.*time - sim::Time{},
            [=](Scenario& s, Duration length) { schedule_of(s, plan).*time = sim::Time{} + length; });
    };
    const auto round_length = [&](Duration Schedule::*part) {
      round(schedule.*part, [=](Scenario& s, Duration length) { schedule_of(s, plan).*part = length; });
    };
    round_time(&Schedule::from);
    round_length(&Schedule::delay);
    round_time(&Schedule::to);
    round_length(&Schedule::every);
  }
  for (std::size_t f = 0; f < best_.faults.size(); ++f) {
    const FaultPlan fault = best_.faults[f];  // a copy, as above
    round(fault.lasts.most, [f](Scenario& s, Duration length) { s.faults[f].lasts = sim::constant(length); });
    round(fault.delay.most, [f](Scenario& s, Duration length) { s.faults[f].delay = sim::constant(length); });
    const bool back = fault.step < Duration{};
    round(back ? Duration{} - fault.step : fault.step,
          [f, back](Scenario& s, Duration length) { s.faults[f].step = back ? Duration{} - length : length; });
  }
  for (std::size_t w = 0; w < best_.workload.size(); ++w) {
    round(best_.workload[w].starts_at - sim::Time{},
          [w](Scenario& s, Duration length) { s.workload[w].starts_at = sim::Time{} + length; });
    for (std::size_t step = 0; step < best_.workload[w].script.size(); ++step) {
      const auto* const wait = std::get_if<Wait>(&best_.workload[w].script[step]);
      if (!wait) continue;
      round(wait->length, [w, step](Scenario& s, Duration length) { s.workload[w].script[step] = Wait{length}; });
    }
  }
  round(best_.end.at - sim::Time{}, [](Scenario& s, Duration length) { s.end.at = sim::Time{} + length; });
  const auto of_store = [&](auto part) {
    round(best_.cluster.store.*part, [part](Scenario& s, Duration length) { s.cluster.store.*part = length; });
  };
  of_store(&Settings::retry_after);
  of_store(&Settings::suspect_after);
  of_store(&Settings::seek_for);
  round(best_.cluster.client.retry_after, [](Scenario& s, Duration length) { s.cluster.client.retry_after = length; });
  return kept;
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
