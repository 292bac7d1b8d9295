#include "scenarios/generator/promised.h"

#include <algorithm>

#include "sim/chance.h"

namespace smalldb::scenarios {
namespace {

Duration longest(const sim::Distribution& length) {
  return std::max({length.least, length.mean, length.most, length.tail.never() ? Duration{} : length.tail_most});
}

Duration longest_latency(const Network& network) {
  Duration latency = longest(network.settings.link.latency);
  for (const LinkException& link : network.links) {
    if (link.latency) latency = std::max(latency, longest(*link.latency));
  }
  return latency;
}

Duration longest_sync(const Disks& disks) {
  Duration sync = longest(disks.settings.sync);
  for (const auto& [name, disk] : disks.exceptions) sync = std::max(sync, longest(disk.sync));
  return sync;
}

// The beat at which all would be as long as it ever is drawn (generate_cluster.cpp).
Duration slowest_beat(const Scenario& scenario) {
  const Settings& store = scenario.cluster.store;
  const ClientSettings& client = scenario.cluster.client;
  const sim::NetworkSettings& network = scenario.network.settings;
  Duration beat = std::max({
      store.heartbeat_every,
      store.suspect_after / 12,
      store.retry_after / 3,
      store.seek_for / 3,
      client.answer_within / 8,
      client.retry_after / 4,
      longest(network.retransmission) / 3,
      network.retransmission_most / 30,
      network.connect_timeout / 30,
      network.connection_timeout / 150,
      scenario.disks.shared_timeout / 10,
  });
  for (const auto& [name, cost] : scenario.step_costs) beat = std::max(beat, longest(cost) * 200);
  return beat;
}

}  // namespace

bool leaves_time_to_settle(const Scenario& scenario) {
  const Settings& store = scenario.cluster.store;
  const ClientSettings& client = scenario.cluster.client;
  const Duration beat = store.heartbeat_every;
  const bool hears_in_time = longest_latency(scenario.network) * 2 <= beat && longest_sync(scenario.disks) <= beat &&
                             store.suspect_after >= beat * 2 && client.answer_within >= beat * 2 &&
                             client.give_up_after >= beat * 5;
  if (!hears_in_time) return false;
  Duration needed = slowest_beat(scenario) * 300;
  // A client that has begun anew wants a session more, and may have to wait until another has been idle for long.
  const auto clients = static_cast<std::int64_t>(scenario.cluster.clients.size());
  if (store.sessions_max < static_cast<std::uint64_t>(4 * clients)) {
    const Duration idle = std::max(store.session_expires_after / 60, store.suspect_after * 10);
    needed = needed + idle * (2 * clients + 4);
  }
  return scenario.end.settle >= needed;
}

}  // namespace smalldb::scenarios
