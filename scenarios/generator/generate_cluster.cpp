// Who takes part, with which settings, in what kind of world.
#include "scenarios/generator/drawing.h"

namespace smalldb::scenarios::generator {
namespace {

void draw_members(Draws& draws, Cluster& cluster) {
  cluster.nodes = {"a", "b"};
  if (draws.hits(1, 5)) cluster.nodes.emplace_back("c");
  // Where two wait in reserve they come to know of the pair from those who were in it, and of some who are gone.
  if (cluster.nodes.size() == 3 && draws.hits(1, 4)) cluster.nodes.emplace_back("d");
  cluster.clients.clear();
  for (std::int64_t client = draws.between(1, 3); client > 0; --client) {
    cluster.clients.push_back("c" + std::to_string(cluster.clients.size() + 1));
  }
  if (draws.hits(1, 3)) cluster.founders = {"a", "b"};
  static constexpr ArbiterKind arbiters[] = {ArbiterKind::tie_breaker, ArbiterKind::tie_breaker,
                                             ArbiterKind::tie_breaker, ArbiterKind::shared_lock};
  cluster.arbiter = draws.hits(1, 24) ? ArbiterKind::manual : draws.one_of(arbiters);
}

void draw_times(Draws& draws, Cluster& cluster) {
  static constexpr std::int64_t beats[] = {5, 10, 20, 50, 100};
  Settings& store = cluster.store;
  store.heartbeat_every = milliseconds(draws.one_of(beats));
  const Pace pace = [&] {
    Scenario so_far;
    so_far.cluster = cluster;
    return Pace(so_far);
  }();
  store.suspect_after = pace.beats(draws.between(2, 4));
  store.retry_after = draws.between(pace.nth(2), pace.beats(3));
  store.seek_for = pace.beats(draws.between(1, 3));
  cluster.client.answer_within = pace.beats(draws.between(2, 8));
  cluster.client.retry_after = draws.between(pace.nth(2), pace.beats(4));
  // Soon, or not before liveness has been judged (Scenario::end.settle).
  cluster.client.give_up_after = pace.beats(draws.hits(1, 4) ? draws.between(5, 20) : 400);
  if (draws.hits(1, 10)) store.session_expires_after = pace.beats(draws.between(10, 40));
}

// Leases that last nearly as long as clocks that drift so far apart allow (S8), and for many beats: what may happen
// while one runs must have the time to.
void draw_lease(Draws& draws, Cluster& cluster) {
  static constexpr std::uint32_t drifts[] = {1000, 20'000, 200'000, 500'000};
  Settings& store = cluster.store;
  store.clock_drift_max_ppm = draws.one_of(drifts);
  store.suspect_after = store.heartbeat_every * draws.between(4, 12);
  const Duration longest = store.suspect_after * 1'000'000 / (1'000'000 + store.clock_drift_max_ppm);
  store.lease =
      microseconds(longest.nanoseconds / 1000) - draws.between(store.heartbeat_every / 50, store.heartbeat_every);
}

void draw_sizes(Draws& draws, Settings& store) {
  static constexpr std::uint64_t checkpoints[] = {0, 512, 2048, 8192, 65536};
  static constexpr std::uint64_t segments[] = {512, 1024, 4096, 16384};
  static constexpr std::uint32_t chunks[] = {64, 512, 512, 2048, 65536, 65536};
  static constexpr std::uint64_t buffers[] = {512, 4096, 1024 * 1024, 1024 * 1024};
  // Of a record or two, of a part of a segment, or of all that waits.
  static constexpr std::uint64_t writes[] = {128, 512, 2048, 65536, 65536, 65536};
  store.checkpoint_every_bytes = draws.one_of(checkpoints);
  store.segment_bytes = draws.one_of(segments);
  store.chunk_bytes = draws.one_of(chunks);
  store.chunks_in_flight = static_cast<std::uint32_t>(draws.between(1, 4));
  store.log_buffer_bytes = draws.one_of(buffers);
  // Requests wait, and are refused, as soon as a backup falls behind.
  if (draws.hits(1, 5)) {
    store.waiting_requests_max = static_cast<std::uint32_t>(draws.between(1, 4));
    store.log_buffer_bytes = 512;
  }
  if (draws.hits(1, 6)) store.session_window = static_cast<std::uint32_t>(draws.between(4, 8));
  store.log_write_bytes = draws.one_of(writes);
}

void draw_network(Draws& draws, const Pace& pace, sim::NetworkSettings& network) {
  static constexpr std::int64_t paces[] = {400, 100, 40, 10};
  const Duration usual = pace.nth(draws.one_of(paces));
  network.link.latency = sim::uniform(usual, usual + usual);
  if (draws.hits(1, 3)) {
    network.link.latency = sim::with_tail(network.link.latency, {1, 40}, usual + usual, pace.nth(2));
  }
  if (draws.hits(1, 8)) network.chunking = sim::Chunking::random_pieces;
  network.retransmission = sim::uniform(pace.beats(2), pace.beats(3));
  network.retransmission_most = pace.beats(30);
  network.connect_timeout = pace.beats(30);
  network.connection_timeout = pace.beats(draws.hits(1, 3) ? 12 : 120);
}

void draw_disks(Draws& draws, const Pace& pace, Disks& disks) {
  static constexpr std::int64_t paces[] = {400, 100, 40, 10};
  const Duration usual = pace.nth(draws.one_of(paces));
  disks.settings.sync = sim::uniform(usual, usual + usual);
  if (draws.hits(1, 3)) disks.settings.sync = sim::with_tail(disks.settings.sync, {1, 40}, usual, pace.beats(1));
  disks.shared_timeout = pace.beats(draws.between(2, 10));
}

}  // namespace

void draw_cluster(Draws& draws, Scenario& scenario) {
  Draws members = draws.of("members");
  draw_members(members, scenario.cluster);
  Draws times = draws.of("times");
  draw_times(times, scenario.cluster);
  Draws sizes = draws.of("sizes");
  draw_sizes(sizes, scenario.cluster.store);

  Draws settings = draws.of("settings");
  if (settings.hits(1, 8)) scenario.cluster.store.acknowledge = Acknowledge::received;
  if (settings.hits(1, 4)) {
    scenario.cluster.store.reads = Reads::leased;
    Draws lease = draws.of("lease");
    draw_lease(lease, scenario.cluster);
  }
  static constexpr sim::TieOrder ties[] = {sim::TieOrder::shuffled, sim::TieOrder::priorities,
                                           sim::TieOrder::insertion};
  scenario.ties = settings.one_of(ties);
}

void draw_world(Draws& draws, Scenario& scenario) {
  const Pace pace(scenario);
  Draws network = draws.of("network");
  draw_network(network, pace, scenario.network.settings);
  Draws disks = draws.of("disks");
  draw_disks(disks, pace, scenario.disks);
  Draws clocks = draws.of("clocks");
  if (clocks.hits(scenario.cluster.store.reads == Reads::leased ? 2 : 1, 3)) {
    for (const Name& node : scenario.cluster.nodes) {
      // Within what leases assume (S8), and some to spare for faults.
      const auto most = std::int64_t{scenario.cluster.store.clock_drift_max_ppm} * 4 / 5;
      const std::int64_t drift = clocks.hits(1, 2) ? clocks.between(-most, most) : clocks.hits(1, 2) ? most : -most;
      scenario.clocks[node] = {milliseconds(clocks.between(0, 100'000)), drift * 1000};
    }
  }
  if (clocks.hits(1, 6)) {
    scenario.step_costs[clocks.one_of(scenario.cluster.nodes)] = sim::uniform(pace.nth(1000), pace.nth(200));
  }
}

}  // namespace smalldb::scenarios::generator
