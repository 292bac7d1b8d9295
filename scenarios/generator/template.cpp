// Scenarios of which a file fixes a part.
#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "scenarios/check.h"
#include "scenarios/fault_grammar.h"
#include "scenarios/generator/drawing.h"
#include "scenarios/generator/pace.h"
#include "scenarios/generator/promised.h"
#include "scenarios/language.h"
#include "scenarios/notation.h"

namespace smalldb::scenarios {
namespace {

// What `fixed` says in the place of what `drawn` says; maps are merged key by key, all else is replaced whole.
Node merged(Node drawn, const Node& fixed) {
  if (!drawn.is_map() || !fixed.is_map()) return fixed;
  for (const Node::Entry& entry : fixed.entries) {
    const auto known = std::find_if(drawn.entries.begin(), drawn.entries.end(),
                                    [&](const Node::Entry& other) { return other.key == entry.key; });
    if (known == drawn.entries.end())
      drawn.entries.push_back(entry);
    else
      known->value = merged(std::move(known->value), entry.value);
  }
  return drawn;
}

template <class Item>
bool drop(std::vector<Item>& items, const std::vector<std::string>& path) {
  std::string ignored;
  const auto place = path.size() > 1 ? notation::read_count(path[1], ignored) : std::nullopt;
  if (!place || *place >= items.size()) return false;
  items.erase(items.begin() + static_cast<std::ptrdiff_t>(*place));
  return true;
}

sim::Time last_time(const Schedule& schedule) { return std::max(schedule.from, schedule.to) + schedule.delay; }

// When it is done if every answer comes at once.
sim::Time last_time(const Work& work) {
  sim::Time last = work.starts_at;
  for (const ScriptStep& step : work.script) {
    if (const Wait* wait = std::get_if<Wait>(&step)) last = last + wait->length;
  }
  if (!work.generate) return last;
  const sim::Distribution& pause = work.generate->interval.value_or(work.generate->think_time);
  return last + pause.most * static_cast<std::int64_t>(work.generate->count);
}

sim::Time last_time(const Scenario& story) {
  sim::Time last;
  for (const Work& work : story.workload) last = std::max(last, last_time(work));
  for (const FaultPlan& fault : story.faults) last = std::max(last, last_time(fault.schedule) + fault.lasts.most);
  for (const OperatorAction& action : story.operators) last = std::max(last, last_time(action.schedule));
  return last;
}

std::uint64_t largest_value(const Work& work) {
  std::uint64_t largest = work.generate ? work.generate->value_size.most : 0;
  for (const ScriptStep& step : work.script) {
    if (const Operation* operation = std::get_if<Operation>(&step))
      largest = std::max<std::uint64_t>(largest, operation->value.size());
  }
  return largest;
}

// At most, if each operation is a write and nothing is written twice.
std::uint64_t bytes_written(const Scenario& story) {
  std::uint64_t bytes = 0;
  for (const Work& work : story.workload) {
    const std::uint64_t clients = work.clients.empty() ? story.cluster.clients.size() : work.clients.size();
    const std::uint64_t operations = work.script.size() + (work.generate ? work.generate->count : 0);
    bytes += clients * operations * largest_value(work);
  }
  return bytes;
}

// Until the world is healed: whoever crashed is down, and nobody may be there to serve.
bool may_last(const FaultPlan& fault) { return !is_over_at_once(fault.kind) && fault.lasts == sim::Distribution{}; }

// That a link whose bandwidth is drawn does not carry before somebody is suspected.
constexpr std::uint64_t large_value = 50'000;

// Settings that do not go together: of the store among themselves.
bool is_of_the_store(const Finding& finding) { return finding.path.front() == "cluster"; }

}  // namespace

Scenario Template::over(const Scenario& drawn) const {
  const Node all = merged(grammar::Struct<Scenario>::write(drawn), root_);
  std::vector<Problem> problems;
  grammar::Reader reader("template", problems);
  Scenario scenario;
  scenario.name = drawn.name;
  grammar::Struct<Scenario>::read(all, scenario, reader);
  return scenario;
}

bool Template::tells_a_story() const { return says("workload") || says("faults") || says("operator"); }

bool Template::is_slow() const {
  const Network network = over({}).network;
  return says("disks") || network.settings.link.bandwidth != 0 ||
         std::any_of(network.links.begin(), network.links.end(),
                     [](const LinkException& link) { return link.bandwidth.has_value(); });
}

// How long things take is drawn so that all fits together: a link's latency to the heartbeats that go over it, the time
// that is left to the healed world to all of it.
bool Template::decides_how_long_things_take() const {
  if (says("network") || says("disks") || says("clocks") || says("processors") || says_of_end("settle")) return true;
  const Node* const cluster = root_.find("cluster");
  if (cluster == nullptr || !cluster->is_map()) return false;
  const Node* const store = cluster->find("store");
  const auto takes_no_longer = [](const Node::Entry& entry) {
    return entry.key == "reads" || entry.key == "acknowledge";
  };
  return cluster->find("client") != nullptr ||
         (store != nullptr && !std::all_of(store->entries.begin(), store->entries.end(), takes_no_longer));
}

bool Template::says_of_end(std::string_view key) const {
  const Node* const end = root_.find("end");
  return end != nullptr && end->is_map() && end->find(key) != nullptr;
}

bool Template::writes_large_values() const {
  const std::vector<Work> told = says("workload") ? over({}).workload : std::vector<Work>{};
  return std::any_of(told.begin(), told.end(), [](const Work& work) { return largest_value(work) >= large_value; });
}

bool Template::says_who_serves() const {
  const Node* const cluster = root_.find("cluster");
  const auto says_one = [&](std::string_view key) { return cluster->find(key) != nullptr; };
  return cluster != nullptr && cluster->is_map() && (says_one("nodes") || says_one("founders") || says_one("spares"));
}

void Template::begin(Scenario& drawn) const {
  if (tells_a_story() || says_who_serves()) {
    const Cluster cast = over({}).cluster;
    drawn.cluster.nodes = cast.nodes;
    drawn.cluster.founders = cast.founders;
    drawn.cluster.spares = cast.spares;
    if (tells_a_story()) {
      drawn.cluster.clients = cast.clients;
      drawn.cluster.without_session = cast.without_session;
      drawn.cluster.arbiter = cast.arbiter;
    }
  }
  // Settings are drawn for the disks and links that are drawn with them, and among themselves.
  const auto takes_defaults = [&] {
    drawn.cluster.store = {};
    drawn.cluster.client = {};
  };
  if (is_slow()) takes_defaults();
  const std::vector<Finding> findings = check(over(drawn));
  if (std::any_of(findings.begin(), findings.end(), is_of_the_store)) takes_defaults();
  if (says("workload")) {
    // However much it writes, it is copied and read back in a few pieces: of how many bytes they are is drawn for small
    // values.
    constexpr std::uint64_t pieces_max = 64, piece_max = 1024 * 1024;
    const std::uint64_t piece = std::min(bytes_written(over(drawn)) / pieces_max, piece_max);
    drawn.cluster.store.chunk_bytes = std::max(drawn.cluster.store.chunk_bytes, static_cast<std::uint32_t>(piece));
  }
  const Scenario told = over(drawn);
  drawn.cluster = told.cluster;
  drawn.workload = told.workload;
  drawn.faults = told.faults;
  drawn.operators = told.operators;
}

Budget Template::budget(Budget drawn) const {
  const Scenario told = over({});
  const bool is_survivable = std::none_of(told.faults.begin(), told.faults.end(), [](const FaultPlan& fault) {
    return family_of(fault.kind) >= Family::damage || destroys_what_is_durable(fault.kind, fault.unsynced);
  });
  return is_survivable && !may_draw_garbage(told.disks) ? drawn : Budget::unrestricted;
}

Scenario Template::end(Scenario drawn) const {
  // What is told from its beginning ends as it does when it is told alone, however long that takes in other settings,
  // but where it may be never; else nothing ends before what is told, and what came of it.
  const bool told_whole = says("workload") && says("faults");
  const Pace pace(drawn);
  const bool is_open = decides_how_long_things_take();
  const Scenario told = over({});
  if (!says("faults") && writes_large_values()) std::erase_if(drawn.faults, generator::chokes_a_link);
  if (!told.end.lost.empty()) {  // and nobody is before the world is healed
    drawn.end.heal = true;
    drawn.end.settle = generator::time_to_settle(pace, drawn);
  }
  if (told_whole) {
    const bool heal = drawn.end.heal;
    drawn.end = {};
    drawn.end.heal = heal;
    drawn.end.limit = std::max(drawn.end.limit, last_time(drawn) + pace.beats(6000));
  }
  const bool may_go_on =
      generator::may_never_be_done(drawn) || std::any_of(drawn.faults.begin(), drawn.faults.end(), may_last);
  // What is drawn need not be over by a limit that is set for it, if the file does not say that it must (`until`).
  const bool is_limited = says_of_end("limit") && !says_of_end("until") && told.end.limit < drawn.end.limit;
  if (is_open || is_limited || (told_whole ? may_go_on : tells_a_story())) {
    drawn.end.until = End::Until::time;
    drawn.end.limit = End{}.limit;
    drawn.end.at = std::max(drawn.end.at, last_time(drawn) + pace.beats(20));
  }
  Scenario scenario = over(drawn);
  if (is_limited) scenario.end.at = std::min(scenario.end.at, told.end.limit);
  scenario.expect = std::move(drawn.expect);
  const auto& asked = told.expect.properties;
  // Who goes on alone without asking anybody promises nothing that one could ask for beside what the file names.
  if (told.expect.others == Expected::any || told.cluster.arbiter == ArbiterKind::none) {
    scenario.expect.properties.clear();
    scenario.expect.others = Expected::any;
    scenario.expect.never.clear();
  }
  for (const auto& [property, expected] : asked) {
    // In that one story it must be violated; here it may be.
    if (expected == Expected::holds) continue;
    const auto drawn_one = scenario.expect.properties.try_emplace(property, scenario.expect.others).first;
    if (expected != Expected::if_recoverable)
      drawn_one->second = Expected::any;
    else if (drawn_one->second == Expected::holds)
      drawn_one->second = Expected::if_recoverable;
  }
  for (const char* liveness : {"answered", "redundancy_restored"}) {
    const auto said = asked.find(liveness);
    if (said != asked.end() && said->second == Expected::holds) continue;
    // Nobody is promised an answer where what is drawn leaves the world as it is, or has a person decide who goes on.
    const bool may_ask = scenario.end.heal && scenario.cluster.arbiter != ArbiterKind::manual;
    const bool is_asked = said != asked.end() && said->second == Expected::if_recoverable;
    Expected& expected = scenario.expect.properties.try_emplace(liveness, scenario.expect.others).first->second;
    if (!may_ask || is_open)
      expected = Expected::any;
    else if (expected == Expected::holds && (is_asked || !scenario.end.lost.empty()))
      expected = Expected::if_recoverable;
  }
  for (FaultPlan& fault : scenario.faults) fault.may_miss = true;
  for (OperatorAction& action : scenario.operators) action.may_miss = true;
  return scenario;
}

Scenario Template::alone(const Scenario& drawn) const {
  Scenario plain;
  plain.seed = drawn.seed;
  plain.name = drawn.name;
  plain.why = drawn.why;
  return end(plain);
}

namespace generator {

std::optional<Scenario> without_what_does_not_fit(Scenario scenario) {
  for (;;) {
    const std::vector<Finding> findings = check(scenario);
    if (findings.empty()) return scenario;
    const std::vector<std::string>& path = findings.front().path;
    const bool dropped = (path[0] == "faults" && drop(scenario.faults, path)) ||
                         (path[0] == "operator" && drop(scenario.operators, path)) ||
                         (path[0] == "workload" && drop(scenario.workload, path));
    if (dropped) continue;
    if (path[0] == "clocks")
      scenario.clocks.erase(path[1]);
    else if (path[0] == "processors")
      scenario.step_costs.erase(path[1]);
    else
      return std::nullopt;
  }
}

}  // namespace generator
}  // namespace smalldb::scenarios
