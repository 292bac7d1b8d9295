// What the clients do: busy, on few keys, and on purpose just when the cluster changes.
#include <algorithm>
#include <string>

#include "scenarios/generator/drawing.h"

namespace smalldb::scenarios::generator {
namespace {

Mix any_mix(Draws& draws) {
  Mix mix{0, 0, 0, 0, 0, 0};
  // Some operations do not exist in this run, so that others meet each other more often.
  const auto weight = [&](std::uint32_t most) {
    return draws.hits(1, 2) ? static_cast<std::uint32_t>(draws.between(1, most)) : 0;
  };
  mix.get = weight(4);
  mix.put = weight(4);
  mix.remove = weight(1);
  mix.put_if_absent = weight(2);
  mix.compare_and_set = weight(3);
  mix.remove_if_unchanged = weight(1);
  if (mix.put + mix.put_if_absent + mix.compare_and_set == 0) mix.put = 1;
  return mix;
}

SizeRange any_size(Draws& draws) {
  switch (draws.below(8)) {
    case 0: return {100, 1000};
    case 1: return {0, 4000};
    default: return {1, 40};
  }
}

// An operation every now and then, or as fast as answers come, or all at once.
void pace_of_work(Draws& draws, const Pace& pace, Generated& generated) {
  switch (draws.below(4)) {
    case 0: generated.interval = sim::uniform(Duration{}, pace.nth(2)); break;
    case 1: generated.interval = sim::with_tail(sim::constant(pace.nth(200)), {1, 8}, pace.beat, pace.beats(8)); break;
    case 2: generated.think_time = sim::uniform(Duration{}, pace.beats(2)); break;
    default: generated.think_time = sim::exponential({}, pace.nth(2), pace.beats(10)); break;
  }
}

Work any_work(Draws& draws, const Pace& pace, const Scenario& scenario) {
  Work work;
  if (draws.hits(1, 3)) work.clients = {draws.one_of(scenario.cluster.clients)};
  // Not before there is a store, mostly: a client that knocks at none learns nothing.
  const Duration founded = scenario.cluster.store.seek_for + pace.beats(1);
  work.starts_at =
      draws.hits(1, 4) ? pace.any_time(draws) : sim::Time{} + draws.between(founded, founded + pace.beats(5));
  const std::uint32_t most = std::min<std::uint32_t>(4, scenario.cluster.store.session_window);
  work.in_flight = draws.hits(1, 2) ? 1 : static_cast<std::uint32_t>(draws.between(1, most));
  Generated generated;
  generated.count = static_cast<std::uint64_t>(draws.hits(1, 12) ? draws.between(20, 40) : draws.between(3, 14));
  generated.mix = any_mix(draws);
  generated.keys = static_cast<std::uint64_t>(draws.between(1, 4));
  if (draws.hits(1, 4)) generated.skew = {Skew::Shape::zipf, {}, {}};
  generated.value_size = any_size(draws);
  pace_of_work(draws, pace, generated);
  work.generate = generated;
  return work;
}

// One client reads and does nothing else, another writes, both for a long time.
void draw_readers(Draws& draws, const Pace& pace, Scenario& scenario) {
  Work work;
  Generated generated;
  generated.count = static_cast<std::uint64_t>(draws.between(10, 40));
  generated.keys = static_cast<std::uint64_t>(draws.between(1, 2));
  generated.think_time = sim::uniform(Duration{}, pace.beats(draws.between(1, 3)));
  std::vector<Name> clients = scenario.cluster.clients;
  for (const Mix& mix : {only_reads, only_writes}) {
    if (clients.empty()) return;
    work.clients = {draws.one_of(clients)};
    std::erase(clients, work.clients.front());
    generated.mix = mix;
    work.generate = generated;
    scenario.workload.push_back(work);
  }
}

// What a client asks when something has just happened: of the values from before, and on top of them.
Work at_a_boundary(Draws& draws, const Scenario& scenario, std::size_t number) {
  const auto key = [&] { return "k" + std::to_string(draws.below(2)); };
  const auto put = [&](Operation::Condition condition, const std::string& what) {
    return Operation{Verb::put, key(), what + std::to_string(number), condition, 0};
  };
  using Condition = Operation::Condition;
  static constexpr Condition conditions[] = {Condition::none, Condition::none, Condition::absent, Condition::unchanged,
                                             Condition::exists};
  Work work;
  work.clients = {draws.one_of(scenario.cluster.clients)};
  work.script.emplace_back(put(Condition::none, "before"));
  if (draws.hits(1, 2)) work.script.emplace_back(Operation{Verb::get, key(), {}, Condition::none, 0});
  work.script.emplace_back(WaitUntil{any_step(draws, scenario)});
  for (std::int64_t steps = draws.between(1, 3); steps > 0; --steps) {
    if (draws.hits(1, 2))
      work.script.emplace_back(Operation{Verb::get, key(), {}, Condition::none, 0});
    else
      work.script.emplace_back(put(draws.one_of(conditions), "after" + std::to_string(steps) + "_"));
  }
  return work;
}

}  // namespace

Occurrence any_step(Draws& draws, const Scenario& scenario) {
  using What = Occurrence::What;
  const auto who = [&]() -> Name {
    const std::vector<Name>& nodes = scenario.cluster.nodes;
    return draws.hits(1, 2) ? Name() : nodes[draws.below(nodes.size())];
  };
  const auto noted = [&](const char* note) {
    Occurrence occurrence;
    occurrence.what = What::noted;
    occurrence.process = who();
    occurrence.note = note;
    return occurrence;
  };
  static constexpr const char* notes[] = {"backup_joining",      "backup_declared",  "comer_welcomed",  "claim_sent",
                                          "claim_won",           "suspects_peer",    "went_alone",      "took_over",
                                          "output_held",         "checkpoint_begun", "checkpoint_done", "log_cut",
                                          "reads_confirmed",     "recovered",        "backup_left",     "fenced",
                                          "claim_lost",          "resumed_alone",    "flow_control_on", "founded",
                                          "snapshot_installed",  "backup_resumed",   "session_opened",  "torn_tail_cut",
                                          "answered_from_memory"};
  Occurrence occurrence;
  switch (draws.below(9)) {
    case 0:
      occurrence.what = What::synced;
      occurrence.process = who();
      occurrence.nth = static_cast<std::uint64_t>(draws.between(1, 12));
      return occurrence;
    case 1:
      occurrence.what = draws.hits(1, 2) ? What::record_durable : What::record_written;
      occurrence.process = who();
      occurrence.number = static_cast<std::uint64_t>(draws.between(1, 20));
      return occurrence;
    case 2: {
      static constexpr const char* messages[] = {"hello", "welcome", "snapshot", "ready", "records", "acknowledgement"};
      occurrence.what = draws.hits(1, 2) ? What::receives : What::sends;
      occurrence.process = who();
      occurrence.message = draws.one_of(messages);
      occurrence.nth = static_cast<std::uint64_t>(draws.between(1, 4));
      return occurrence;
    }
    case 3: {
      static constexpr const char* made[] = {"meta", "checkpoint-*"};
      static constexpr const char* written[] = {"log-*", "meta.tmp", "checkpoint-*"};
      occurrence.what = draws.hits(1, 2) ? What::renamed : What::written;
      occurrence.process = who();
      occurrence.file = occurrence.what == What::renamed ? draws.one_of(made) : draws.one_of(written);
      occurrence.nth = static_cast<std::uint64_t>(draws.between(1, 4));
      return occurrence;
    }
    default:
      occurrence = noted(draws.one_of(notes));
      if (draws.hits(1, 5)) occurrence.nth = 2;
      return occurrence;
  }
}

void draw_workload(Draws& draws, const Pace& pace, Scenario& scenario) {
  for (std::int64_t works = draws.between(1, 2); works > 0; --works) {
    Draws own = draws.of("work " + std::to_string(works));
    scenario.workload.push_back(any_work(own, pace, scenario));
  }
  Draws readers = draws.of("readers");
  if (readers.hits(1, scenario.cluster.store.reads == Reads::leased ? 2 : 6)) draw_readers(readers, pace, scenario);
  Draws boundaries = draws.of("boundaries");
  if (!boundaries.hits(1, 3)) return;
  for (std::int64_t works = boundaries.between(1, 2); works > 0; --works) {
    scenario.workload.push_back(at_a_boundary(boundaries, scenario, scenario.workload.size()));
  }
}

}  // namespace smalldb::scenarios::generator
