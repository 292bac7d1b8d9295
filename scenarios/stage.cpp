#include "scenarios/stage.h"

#include <algorithm>
#include <memory>

#include "model/arbiter.h"
#include "model/client.h"
#include "model/node.h"

namespace smalldb::scenarios {

namespace {

bool contains(const std::vector<Name>& names, const Name& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::shared_ptr<const Machine> node_pattern(const Scenario& scenario, const Numbers& numbers, ProcessId self) {
  const Cluster& cluster = scenario.cluster;
  NodeConfig config;
  config.self = self;
  for (const Name& node : cluster.nodes) config.nodes.push_back(numbers.of(node));
  config.arbiter_kind = cluster.arbiter;
  config.arbiter = numbers.of("arbiter");
  const Name& name = numbers.names()[static_cast<std::size_t>(self)];
  config.may_found = cluster.founders.empty() ? name == cluster.nodes.front() : contains(cluster.founders, name);
  config.settings = cluster.store;
  config.rules = cluster.rules;
  return std::make_shared<const Node>(std::move(config));
}

std::shared_ptr<const Machine> client_pattern(const Scenario& scenario, const Numbers& numbers, ProcessId self) {
  ClientConfig config;
  config.self = self;
  for (const Name& node : scenario.cluster.nodes) config.nodes.push_back(numbers.of(node));
  config.settings = scenario.cluster.client;
  // Work that wants more in flight gets it: operations that its client holds back are not on their way.
  const Name& name = numbers.names()[static_cast<std::size_t>(self)];
  config.in_session = !contains(scenario.cluster.without_session, name);
  std::uint32_t in_flight = 0;
  for (const Work& work : scenario.workload) {
    if (!work.clients.empty() && !contains(work.clients, name)) continue;
    const bool open_loop = work.generate && work.generate->interval;
    in_flight += open_loop ? scenario.cluster.store.session_window : work.in_flight;
  }
  config.settings.in_flight_max =
      std::min(std::max(config.settings.in_flight_max, in_flight), scenario.cluster.store.session_window);
  return std::make_shared<const Client>(std::move(config));
}

sim::LinkSettings link_settings(const sim::LinkSettings& usual, const LinkException& exception) {
  sim::LinkSettings link = usual;
  if (exception.latency) link.latency = *exception.latency;
  if (exception.loss) link.loss = *exception.loss;
  if (exception.duplication) link.duplication = *exception.duplication;
  if (exception.reordering) link.reordering = *exception.reordering;
  if (exception.reordering_window) link.reordering_window = *exception.reordering_window;
  if (exception.bandwidth) link.bandwidth = *exception.bandwidth;
  if (exception.queue_limit) link.queue_limit = *exception.queue_limit;
  return link;
}

template <class Value>
Value value_or(const std::map<Name, Value>& values, const Name& name, const Value& usual) {
  const auto known = values.find(name);
  return known == values.end() ? usual : known->second;
}

}  // namespace

Numbers::Numbers(const Cluster& cluster)
    : names_(process_names(cluster)),
      nodes_(cluster.nodes.size()),
      first_client_(names_.size() - cluster.clients.size()) {}

ProcessId Numbers::of(const Name& name) const {
  const auto found = std::find(names_.begin(), names_.end(), name);
  if (found != names_.end()) return ProcessId{static_cast<std::uint32_t>(found - names_.begin())};
  return name == "disk" ? sim::shared_volume : no_process;
}

sim::WorldSettings world_settings(const Scenario& scenario, const Numbers& numbers) {
  const Cluster& cluster = scenario.cluster;
  sim::WorldSettings settings;
  settings.seed = scenario.seed;
  settings.pins = scenario.pins;
  settings.ties = scenario.ties;
  settings.network = scenario.network.settings;
  settings.shared_volume = value_or(scenario.disks.exceptions, "disk", scenario.disks.settings);
  settings.shared_volume_timeout = scenario.disks.shared_timeout;
  settings.processes.reserve(numbers.all());
  for (std::uint32_t i = 0; i < numbers.all(); ++i) {
    const ProcessId self{i};
    sim::ProcessSettings process;
    process.name = numbers.names()[i];
    if (numbers.is_node(self))
      process.pattern = node_pattern(scenario, numbers, self);
    else if (numbers.is_client(self))
      process.pattern = client_pattern(scenario, numbers, self);
    else
      process.pattern = std::make_shared<const Arbiter>(ArbiterConfig{self});
    process.starts = !contains(cluster.spares, process.name);
    process.step_cost = value_or(scenario.step_costs, process.name, {});
    process.clock = value_or(scenario.clocks, process.name, {});
    process.disk = value_or(scenario.disks.exceptions, process.name, scenario.disks.settings);
    settings.processes.push_back(std::move(process));
  }
  // A later word on a direction overrides an earlier one.
  for (const LinkException& exception : scenario.network.links) {
    const sim::LinkSettings link = link_settings(settings.network.link, exception);
    for (const sim::Direction direction :
         directions_of(exception.link, numbers, cluster.arbiter == ArbiterKind::shared_lock)) {
      std::erase_if(settings.network.exceptions, [&](const auto& other) { return other.direction == direction; });
      settings.network.exceptions.push_back({direction, link});
    }
  }
  return settings;
}

properties::Cast cast_of(const Scenario& scenario, const Numbers& numbers) {
  properties::Cast cast;
  cast.arbiter_kind = scenario.cluster.arbiter;
  const Settings& store = scenario.cluster.store;
  cast.acknowledge = store.acknowledge;
  cast.log_buffer_bytes = store.log_buffer_bytes;
  // Until it is dropped for its age, or for another one's sake (Primary::make_room_for_session).
  cast.session_kept_for =
      std::min(store.session_expires_after, std::max(store.session_expires_after / 60, store.suspect_after * 10));
  for (std::uint32_t i = 0; i < numbers.all(); ++i) {
    const ProcessId process{i};
    const properties::Part part = numbers.is_node(process)     ? properties::Part::node
                                  : numbers.is_client(process) ? properties::Part::client
                                                               : properties::Part::arbiter;
    cast.members.push_back({numbers.names()[i], part});
  }
  return cast;
}

std::vector<sim::Direction> directions_of(const Links& links, const Numbers& numbers, bool has_shared_volume) {
  const auto ends = [&](const std::vector<Name>& names) {
    std::vector<ProcessId> processes;
    for (const Name& name : names) {
      if (name != "all") {
        processes.push_back(numbers.of(name));
        continue;
      }
      for (std::uint32_t i = 0; i < numbers.all(); ++i) processes.push_back(ProcessId{i});
      if (has_shared_volume) processes.push_back(sim::shared_volume);
    }
    return processes;
  };
  return links.both ? sim::both_ways(ends(links.from), ends(links.to)) : sim::one_way(ends(links.from), ends(links.to));
}

}  // namespace smalldb::scenarios
