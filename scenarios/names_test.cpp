// Chance is a function of names: what takes no part in a run can be taken out of its scenario, and everything else
// happens as it did, at the same times and with the same luck.
#include <catch2/catch.hpp>

#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "scenarios/check.h"
#include "scenarios/fault_grammar.h"
#include "scenarios/generator/generate.h"
#include "scenarios/run.h"
#include "scenarios/testing/library.h"

namespace smalldb::scenarios {
namespace {

using sim::EventKind;
using sim::TraceEvent;

// An event by names: what numbers it has from the order in which things were made is put in terms of what they name.
struct Told {
  sim::Time time;
  EventKind kind{};
  std::string process;
  std::string peer;
  std::string file;
  std::uint64_t link = 0;
  std::uint64_t a = 0;
  std::uint64_t b = 0;
  std::string payload;
  std::size_t cause = 0;  // how many of these before, plus one; 0: none

  friend bool operator==(const Told&, const Told&) = default;
};

std::ostream& operator<<(std::ostream& out, const Told& told) {
  return out << told.time.nanoseconds << ' ' << sim::name(told.kind) << ' ' << told.process << ' ' << told.peer << ' '
             << told.file << ' ' << told.link << ' ' << told.a << ' ' << told.b << " after " << told.cause;
}

bool is_of_fault(EventKind kind) {
  return kind == EventKind::fault_injected || kind == EventKind::fault_took_effect || kind == EventKind::fault_ended;
}

// A recorded run.
class Trace {
 public:
  explicit Trace(const Scenario& scenario) : result_(run(scenario, {.record = true})), recording_(*result_.recording) {}

  const std::vector<TraceEvent>& events() const { return recording_.events; }
  std::string name(ProcessId process) const {
    if (process == no_process) return {};
    return process == sim::shared_volume ? "disk" : recording_.process_names[static_cast<std::size_t>(process)];
  }
  sim::Key key(const TraceEvent& event) const { return recording_.faults[event.a].key; }
  std::set<sim::Key> faults() const {
    std::set<sim::Key> keys;
    for (const sim::Fault& fault : recording_.faults) keys.insert(fault.key);
    return keys;
  }
  // From then on a run does what its end asks for.
  sim::Time story_ends() const { return result_.healed_at.value_or(result_.ended_at); }

  // The story before `until` as it is told by names, without what `leave_out` says.
  template <class LeaveOut>
  std::vector<Told> story(sim::EventIndex until, LeaveOut&& leave_out) const {
    std::vector<Told> story;
    std::map<sim::EventIndex, std::size_t> places;
    for (const TraceEvent& event : events()) {
      if (event.index >= until || event.time >= story_ends()) break;
      if (leave_out(event)) continue;
      Told told{event.time, event.kind, name(event.process), name(event.peer)};
      if (event.file != sim::no_file) told.file = recording_.file_names[static_cast<std::size_t>(event.file)];
      told.link = static_cast<std::uint64_t>(event.link);
      told.a = is_of_fault(event.kind) ? static_cast<std::uint64_t>(key(event)) : event.a;
      told.b = event.b;
      told.payload = event.payload.string();
      if (event.kind == EventKind::note) told.a = recording_.notes[event.a].a;
      if (event.cause != sim::no_event) told.cause = places[event.cause];
      story.push_back(std::move(told));
      places[event.index] = story.size();
    }
    return story;
  }

 private:
  Result result_;
  const Recording& recording_;
};

// Both tell the same as far as both go. Returns how far that is.
std::size_t compare(std::vector<Told> one, std::vector<Told> other) {
  const std::size_t length = std::min(one.size(), other.size());
  for (std::size_t i = 0; i < length; ++i) {
    if (one[i] == other[i]) continue;
    INFO("event " << i);
    CHECK(one[i] == other[i]);
    break;
  }
  return length;
}

constexpr sim::EventIndex never = std::numeric_limits<sim::EventIndex>::max();

// What has no effect at once may have one that the ledger does not count: a process stays down for longer, a timer is
// set anew and comes after others of its time.
bool changes_at_once(sim::FaultKind kind) {
  return kind <= sim::FaultKind::pause || kind >= sim::FaultKind::clock_drift;
}

// The first event that could be another without the faults of these keys: what came of one, or what one changed.
sim::EventIndex first_effect(const Trace& trace, const std::set<sim::Key>& faults) {
  std::set<sim::EventIndex> causes;
  for (const TraceEvent& event : trace.events()) {
    if (causes.contains(event.cause)) return event.index;
    if (!is_of_fault(event.kind) || !faults.contains(trace.key(event))) continue;
    if (changes_at_once(static_cast<sim::FaultKind>(event.b))) return event.index;
    if (event.kind == EventKind::fault_took_effect) return std::min(event.index, event.cause);
    causes.insert(event.index);
  }
  return never;
}

struct Compared {
  std::size_t events = 0;
  std::size_t to_the_end = 0;  // runs with nothing to stop at
};

// Takes each fault out in turn.
void without_each_fault(const Scenario& scenario, Compared& compared) {
  const Trace whole(scenario);
  for (std::size_t i = 0; i < scenario.faults.size(); ++i) {
    Scenario fewer = scenario;
    fewer.faults.erase(fewer.faults.begin() + static_cast<std::ptrdiff_t>(i));
    if (!check(fewer).empty()) continue;  // another fault waits for this one
    INFO(scenario.name << ", seed " << scenario.seed << ", without " << to_text(scenario.faults[i]));
    const Trace rest(fewer);
    std::set<sim::Key> gone = whole.faults();
    for (const sim::Key key : rest.faults()) gone.erase(key);
    const sim::EventIndex until = first_effect(whole, gone);
    const auto is_gone = [&](const TraceEvent& event) {
      return is_of_fault(event.kind) && gone.contains(whole.key(event));
    };
    const auto before = whole.story(until, is_gone);
    const auto after = rest.story(never, [](const TraceEvent&) { return false; });
    compared.events += compare(before, after);
    compared.to_the_end += until == never;
  }
}

// Puts a client that is asked for nothing at each place among the clients.
void with_an_idle_client(const Scenario& scenario, Compared& compared) {
  Scenario explicitly = scenario;
  for (Work& work : explicitly.workload) {
    if (work.clients.empty()) work.clients = scenario.cluster.clients;
  }
  const Trace without(explicitly);
  const auto before = without.story(never, [](const TraceEvent&) { return false; });
  for (std::size_t i = 0; i <= scenario.cluster.clients.size(); ++i) {
    Scenario more = explicitly;
    more.cluster.clients.insert(more.cluster.clients.begin() + static_cast<std::ptrdiff_t>(i), "idle");
    INFO(scenario.name << ", seed " << scenario.seed << ", with an idle client at place " << i);
    REQUIRE(check(more).empty());
    const Trace with(more);
    const auto after = with.story(never, [&](const TraceEvent& event) { return with.name(event.process) == "idle"; });
    compared.events += compare(before, after);
    compared.to_the_end += before.size() == after.size();
  }
}

// Some of the library, with faults of every family, and scenarios that were drawn: these have every order of ties, torn
// streams, and many faults that come to nothing.
std::vector<Scenario> stories() {
  const std::set<std::string> wanted = {"chain_of_failures",
                                        "clocks_go_wrong",
                                        "disks_that_cannot_be_read",
                                        "one_way_cuts",
                                        "power_failure",
                                        "shared_lock",
                                        "split_brain",
                                        "torn_tail",
                                        "weather",
                                        "winner_dies_before_its_epoch_begins",
                                        "writes_that_go_astray"};
  std::vector<Scenario> stories = testing::library();
  std::erase_if(stories, [&](const Scenario& scenario) { return !wanted.contains(scenario.name); });
  REQUIRE(stories.size() == wanted.size());
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    stories.push_back(generate(seed, seed % 2 == 0 ? Budget::survivable : Budget::unrestricted));
  }
  return stories;
}

TEST_CASE("a fault that is taken out of a scenario leaves the rest of the run as it was until the fault took effect",
          "[again]") {
  Compared compared;
  for (const Scenario& scenario : stories()) without_each_fault(scenario, compared);
  CHECK(compared.to_the_end > 50);
  CHECK(compared.events > 100'000);
}

TEST_CASE("an idle client that is taken out of a scenario leaves the rest of the run as it was", "[again]") {
  Compared compared;
  for (const Scenario& scenario : stories()) with_an_idle_client(scenario, compared);
  CHECK(compared.to_the_end > 100);
  CHECK(compared.events > 100'000);
}

}  // namespace
}  // namespace smalldb::scenarios
