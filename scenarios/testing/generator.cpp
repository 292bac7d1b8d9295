#include "scenarios/testing/generator.h"

#include <string>

#include "scenarios/fault_grammar.h"

namespace smalldb::scenarios::testing {

namespace {

using sim::FaultKind;

std::int64_t number(std::int64_t least, std::int64_t most) { return *rc::gen::inRange<std::int64_t>(least, most + 1); }
bool chance() { return *rc::gen::arbitrary<bool>(); }
Duration length() { return microseconds(number(1, 900'000)); }
sim::Time time() { return {number(0, 8000) * 1'000'000}; }

template <class T>
T one_of(const std::vector<T>& from) {
  return *rc::gen::elementOf(from);
}

sim::Ratio ratio() {
  const auto denominator = static_cast<std::uint32_t>(one_of<int>({2, 3, 7, 100}));
  return {1, denominator};
}

sim::Distribution distribution() {
  const Duration least = length();
  sim::Distribution drawn;
  switch (number(0, 3)) {
    case 0: drawn = sim::constant(least); break;
    case 1: drawn = sim::uniform(least, least + length()); break;
    case 2:
      drawn = sim::exponential(chance() ? least : Duration{}, least + length(), chance() ? seconds(5) : Duration{});
      break;
    default: drawn = sim::pareto(least, chance() ? least + length() : Duration{}); break;
  }
  return chance() ? drawn : sim::with_tail(drawn, ratio(), least, least + length());
}

Occurrence occurrence(bool before_too) {
  static const std::vector<std::string> phrases = {"b goes live",
                                                   "output is held",
                                                   "a's 3rd fsync of log-*",
                                                   "b receives record 5 from a",
                                                   "record 7 is durable at b",
                                                   "c1's operation 2 is answered",
                                                   "4 operations are answered",
                                                   "primary notes suspects_peer",
                                                   "a becomes backup",
                                                   "arbiter receives a claim",
                                                   "log of a reaches 9, the 2nd time",
                                                   "anyone starts",
                                                   "c1 retries"};
  static const std::vector<std::string> seen_coming = {"before a's 2nd fsync", "before b receives record 5",
                                                       "before c1's operation 3 is issued",
                                                       "before record 6 is written at a"};
  std::string expected;
  return *read_occurrence(one_of(before_too && chance() ? seen_coming : phrases), expected);
}

Schedule schedule() {
  Schedule drawn;
  drawn.kind = one_of<Schedule::Kind>(
      {Schedule::Kind::at, Schedule::Kind::every, Schedule::Kind::randomly, Schedule::Kind::when});
  drawn.from = time();
  switch (drawn.kind) {
    case Schedule::Kind::at: break;
    case Schedule::Kind::every:
      drawn.every = milliseconds(number(200, 2000));
      drawn.to = drawn.from + seconds(2);
      break;
    case Schedule::Kind::randomly:
      drawn.count = static_cast<std::uint64_t>(number(1, 3));
      drawn.to = drawn.from + seconds(2);
      break;
    case Schedule::Kind::when:
      drawn.when = occurrence(true);
      drawn.count =
          drawn.when.number != 0 ? 1 : static_cast<std::uint64_t>(number(1, 3));  // what is numbered may come once
      if (!drawn.when.before && chance()) drawn.delay = length();
      break;
  }
  return drawn;
}

Links links(bool datagrams_only) {
  const std::vector<Name> from = {"a", "primary", "all"};
  const std::vector<Name> to =
      datagrams_only ? std::vector<Name>{"b", "c", "backup"} : std::vector<Name>{"b", "c1", "arbiter"};
  Links drawn{{one_of(from)}, {one_of(to)}, chance()};
  return drawn;
}

void aim(FaultPlan& fault) {
  if (fault.kind == FaultKind::loss) fault.packets = one_of<sim::Packets>({sim::Packets::all, sim::Packets::datagrams});
  const bool datagrams_only = fault.kind == FaultKind::duplication || fault.kind == FaultKind::reordering ||
                              fault.packets == sim::Packets::datagrams;
  if (target_of(fault.kind) == FaultTarget::links) {
    if (fault.kind == FaultKind::cut && chance()) {
      if (chance())
        fault.groups = {{"a", "c1"}, {"b", "c2", "arbiter"}};
      else
        fault.isolated = {one_of<Name>({"a", "primary", "arbiter"})};
    } else if (chance()) {
      fault.links.push_back(links(datagrams_only));
    }
  } else if (fault.kind != FaultKind::power_failure) {
    fault.processes = {one_of<Name>({"a", "b", "c", "primary", "random", "arbiter"})};
  }
}

FaultPlan fault(std::size_t index) {
  FaultPlan drawn;
  drawn.kind = static_cast<FaultKind>(number(0, static_cast<std::int64_t>(sim::fault_kinds) - 1));
  if (drawn.kind == FaultKind::old_disk) drawn.kind = FaultKind::saved_disk;
  if (drawn.kind == FaultKind::queue_limit) drawn.kind = FaultKind::bandwidth;
  aim(drawn);
  drawn.schedule = schedule();
  drawn.may_miss = true;
  if (chance()) drawn.label = "fault" + std::to_string(index);

  // What a kind does not know, it is not given.
  const auto needs = [&](std::initializer_list<FaultKind> kinds) {
    return std::find(kinds.begin(), kinds.end(), drawn.kind) != kinds.end();
  };
  if (needs({FaultKind::delay, FaultKind::reordering, FaultKind::late_close, FaultKind::slow_cpu,
             FaultKind::slow_disk})) {
    drawn.delay = distribution();
  }
  if (needs({FaultKind::clock_drift})) drawn.drift = number(1, 5000) * 1000;
  if (needs({FaultKind::clock_step})) drawn.step = chance() ? length() : Duration{} - length();
  if (needs({FaultKind::bandwidth})) drawn.size = static_cast<std::uint64_t>(number(10'000, 1'000'000));
  if (needs({FaultKind::disk_full})) drawn.size = static_cast<std::uint64_t>(number(0, 1)) * 1'000'000;
  const bool partial = needs({FaultKind::loss, FaultKind::duplication, FaultKind::reordering, FaultKind::sync_failure,
                              FaultKind::bit_rot, FaultKind::bad_sector, FaultKind::read_failure,
                              FaultKind::misdirected_write, FaultKind::phantom_write});
  if (partial && chance()) drawn.ratio = ratio();
  if (partial && chance()) drawn.times = static_cast<std::uint64_t>(number(1, 5));
  if (needs({FaultKind::crash, FaultKind::power_failure})) {
    drawn.unsynced = static_cast<sim::Unsynced>(number(0, 5));
  }
  if (needs({FaultKind::crash, FaultKind::kill})) drawn.silent = chance();
  if (needs({FaultKind::bit_rot, FaultKind::sync_failure}) && chance()) drawn.file = "log-*";
  const bool over_at_once = needs(
      {FaultKind::reset, FaultKind::half_open, FaultKind::wiped_disk, FaultKind::saved_disk, FaultKind::clock_step});
  if (!over_at_once) {
    drawn.lasts = sim::uniform(milliseconds(5), milliseconds(5) + length());
    if (chance()) drawn.until = occurrence(false);
  }
  return drawn;
}

Work work() {
  Work drawn;
  if (chance()) drawn.clients = {one_of<Name>({"c1", "c2"})};
  drawn.starts_at = time();
  drawn.in_flight = static_cast<std::uint32_t>(number(1, 3));
  std::string expected;
  static const std::vector<std::string> steps = {"put x=1",
                                                 "get x",
                                                 "delete y if unchanged",
                                                 "put y=\"two words\" if absent",
                                                 "put y=\"1 if absent\" if exists",
                                                 "wait 30ms",
                                                 "put x=3 if revision 9"};
  for (std::int64_t i = number(0, 4); i >= 0; --i)
    drawn.script.push_back(*notation::read_step(one_of(steps), expected));
  if (!chance()) return drawn;
  Generated generated;
  generated.count = static_cast<std::uint64_t>(number(4, 30));
  generated.keys = static_cast<std::uint64_t>(number(1, 9));
  generated.mix.remove = static_cast<std::uint32_t>(number(0, 2));
  generated.mix.compare_and_set = static_cast<std::uint32_t>(number(0, 2));
  if (chance())
    generated.skew = {Skew::Shape::zipf, {}, {}};
  else if (chance())
    generated.skew = {Skew::Shape::hot, {1, 2}, {1, 3}};
  if (chance())
    generated.interval = sim::constant(milliseconds(number(1, 40)));
  else
    generated.think_time = distribution();
  drawn.generate = generated;
  return drawn;
}

}  // namespace

rc::Gen<Scenario> any_scenario() {
  return rc::gen::exec([] {
    Scenario drawn;
    drawn.name = "drawn";
    drawn.why = "what: \"anything\" that can be said, in one - or # two words";
    drawn.seed = static_cast<std::uint64_t>(number(0, 1'000'000));
    drawn.ties = static_cast<sim::TieOrder>(number(0, 2));
    drawn.cluster.nodes = {"a", "b", "c"};
    drawn.cluster.clients = {"c1", "c2"};
    if (chance()) drawn.cluster.founders = {"a", "b"};
    if (chance()) drawn.cluster.without_session = {"c2"};
    drawn.cluster.store.checkpoint_every_bytes = static_cast<std::uint64_t>(number(1, 64)) * 512;
    drawn.cluster.store.segment_bytes = 4096;
    drawn.cluster.store.acknowledge = chance() ? Acknowledge::durable : Acknowledge::received;
    drawn.network.settings.link.latency = distribution();
    drawn.network.settings.link.loss = chance() ? ratio() : sim::Ratio{};
    drawn.network.settings.chunking = chance() ? sim::Chunking::random_pieces : sim::Chunking::whole_messages;
    if (chance()) {
      LinkException exception;
      exception.link = links(false);
      exception.link.from = {"a"};
      exception.bandwidth = 500'000;
      drawn.network.links.push_back(exception);
    }
    drawn.disks.settings.sync = distribution();
    if (chance()) {
      drawn.disks.exceptions["b"] = drawn.disks.settings;
      drawn.disks.exceptions["b"].write = distribution();
    }
    if (chance()) drawn.clocks["b"] = {length(), number(-5, 5) * 1000};
    if (chance()) drawn.step_costs["a"] = sim::constant(microseconds(number(1, 20)));
    Work first;
    std::string expected;
    for (const char* step : {"put x=1", "put y=1", "get x", "get y"})
      first.script.push_back(*notation::read_step(step, expected));
    drawn.workload.push_back(first);
    for (std::int64_t i = number(0, 2); i > 0; --i) drawn.workload.push_back(work());
    for (std::int64_t i = number(0, 4); i > 0; --i) drawn.faults.push_back(fault(drawn.faults.size()));
    if (chance()) drawn.operators.push_back({OperatorAction::Command::checkpoint, "primary", schedule()});
    drawn.expect.others = Expected::any;
    drawn.expect.properties["no_assertion"] = Expected::holds;
    if (chance()) drawn.expect.values = {{"x", "1"}, {"y", std::nullopt}, {"z", "absent"}};
    if (chance()) drawn.expect.answered_within = seconds(30);
    drawn.end.limit = {60'000'000'000};
    if (chance()) {
      drawn.end.until = End::Until::time;
      drawn.end.at = {20'000'000'000};
    }
    drawn.end.settle = seconds(number(1, 10));
    if (chance()) drawn.end.lost = {chance() ? "a" : "b"};
    if (chance()) drawn.pins.push_back({{sim::Chance::latency, sim::Key{4}, 2}, ~std::uint64_t{0}});
    return drawn;
  });
}

}  // namespace smalldb::scenarios::testing
