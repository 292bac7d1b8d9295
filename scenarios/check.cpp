#include "scenarios/check.h"

#include <algorithm>

#include "model/notes.h"
#include "scenarios/check_rules.h"
#include "scenarios/fault_grammar.h"
#include "scenarios/judged.h"
#include "scenarios/notation.h"
#include "scenarios/problem.h"

namespace smalldb::scenarios {

namespace {

// Whether clients may be those that there are where nothing is said.
bool are_not_said(const std::vector<Name>& clients) { return clients == Cluster{}.clients; }

// REQUIRES: it is among them.
std::ptrdiff_t place_of(const Name& name, const std::vector<Name>& names) {
  return std::find(names.begin(), names.end(), name) - names.begin();
}

void check_names(const Cluster& cluster, Checker& checker) {
  if (cluster.nodes.empty()) checker.wrong({"cluster", "nodes"}, "no node", "at least one node");
  const auto at_most = [&](const char* key, std::size_t count, std::size_t max) {
    if (count <= max) return;
    checker.wrong({"cluster", key}, std::to_string(count) + " " + key, "at most " + std::to_string(max));
  };
  at_most("nodes", cluster.nodes.size(), nodes_max);
  at_most("clients", cluster.clients.size(), clients_max);
  std::vector<Name> seen;
  for (const auto& [key, names] :
       {std::pair<std::string, const std::vector<Name>&>{"nodes", cluster.nodes}, {"clients", cluster.clients}}) {
    for (std::size_t i = 0; i < names.size(); ++i) {
      const Checker::Path path = {"cluster", key, std::to_string(i)};
      const auto by = checker.judged_by({{"cluster", "nodes"}});
      if (checker.is_reserved(names[i])) {
        checker.wrong(path, quoted(names[i]) + ", which means something already", "another name");
      } else if (!notation::is_name(names[i])) {
        checker.wrong(path, quoted(names[i]), "a name");
      } else if (key == "clients" && are_not_said(cluster.clients) && checker.is_node(names[i])) {
        checker.wrong({"cluster", "nodes", std::to_string(place_of(names[i], cluster.nodes))},
                      quoted(names[i]) + ", which is a client's name",
                      "another name, or other clients: they are called c1, c2, ... where they are not named");
      } else if (std::find(seen.begin(), seen.end(), names[i]) != seen.end()) {
        checker.wrong(path, quoted(names[i]) + " again", "each name once");
      }
      seen.push_back(names[i]);
    }
  }
  checker.nodes({"cluster", "founders"}, cluster.founders);
  checker.nodes({"cluster", "spares"}, cluster.spares);
  checker.clients({"cluster", "without_session"}, cluster.without_session);
}

// Whoever does something again after less than this does nothing else: a run of any length would never come to its end.
constexpr Duration setting_least = milliseconds(1);

void check_lasts(const Checker::Path& path, Duration duration, Checker& checker) {
  if (duration >= setting_least) return;
  checker.wrong(path, notation::write_duration(duration), "at least " + notation::write_duration(setting_least));
}

// Nobody else begins a store.
void check_founders(const Scenario& scenario, Checker& checker) {
  const Cluster& cluster = scenario.cluster;
  if (cluster.nodes.empty()) return;
  const bool are_said = !cluster.founders.empty();
  const std::vector<Name> founders = are_said ? cluster.founders : std::vector<Name>{cluster.nodes.front()};
  const auto never_runs = [&](const Name& name) { return is_spare_that_nobody_starts(scenario, name); };
  if (!std::all_of(founders.begin(), founders.end(), never_runs)) return;
  const auto by = checker.judged_by({{"cluster", "nodes"}, {"cluster", "founders"}, {"operator"}});
  checker.wrong({"cluster", are_said ? "founders" : "spares"}, "founders that are spares which nobody starts",
                "a founder that runs, or an operator's \"start: " + founders.front() + "\"");
}

void check_cluster(const Scenario& scenario, Checker& checker) {
  const Cluster& cluster = scenario.cluster;
  check_names(cluster, checker);
  check_founders(scenario, checker);
  const auto lasts = [&](const char* part, const char* key, Duration duration) {
    check_lasts({"cluster", part, key}, duration, checker);
  };
  const Settings& store = cluster.store;
  lasts("store", "heartbeat_every", store.heartbeat_every);
  lasts("store", "suspect_after", store.suspect_after);
  lasts("store", "retry_after", store.retry_after);
  lasts("store", "seek_for", store.seek_for);
  lasts("store", "session_expires_after", store.session_expires_after);
  if (store.arbiter_ping_every != Duration{}) lasts("store", "arbiter_ping_every", store.arbiter_ping_every);
  lasts("client", "answer_within", cluster.client.answer_within);
  lasts("client", "retry_after", cluster.client.retry_after);
  lasts("client", "give_up_after", cluster.client.give_up_after);
  if (store.suspect_after <= store.heartbeat_every) {
    const auto by = checker.judged_by({{"cluster", "store", "heartbeat_every"}});
    checker.wrong({"cluster", "store", "suspect_after"}, notation::write_duration(store.suspect_after),
                  "longer than heartbeat_every (" + notation::write_duration(store.heartbeat_every) + ")");
  }
  if (store.reads == Reads::leased) {
    lasts("store", "lease", store.lease);
    const Duration drift = store.lease * store.clock_drift_max_ppm / 1'000'000;
    if (store.suspect_after <= store.lease + drift) {
      const auto by = checker.judged_by({{"cluster", "store", "suspect_after"},
                                         {"cluster", "store", "clock_drift_max_ppm"},
                                         {"cluster", "store", "reads"}});
      checker.wrong(
          {"cluster", "store", "lease"}, notation::write_duration(store.lease),
          "shorter than suspect_after (" + notation::write_duration(store.suspect_after) + ") with the drift on it");
    }
  }
  const auto at_least = [&](const char* key, std::uint64_t value, std::uint64_t least) {
    if (value < least)
      checker.wrong({"cluster", "store", key}, std::to_string(value), "at least " + std::to_string(least));
  };
  at_least("log_buffer_bytes", store.log_buffer_bytes, 1);
  at_least("join_buffer_bytes", store.join_buffer_bytes, 1);
  at_least("segment_bytes", store.segment_bytes, 512);
  at_least("log_write_bytes", store.log_write_bytes, 1);
  at_least("chunk_bytes", store.chunk_bytes, 64);
  if (store.chunk_bytes > 1024 * 1024) {
    checker.wrong({"cluster", "store", "chunk_bytes"}, notation::write_size(store.chunk_bytes), "at most 1 MiB");
  }
  if (store.clock_drift_max_ppm > 500'000) {
    checker.wrong({"cluster", "store", "clock_drift_max_ppm"}, std::to_string(store.clock_drift_max_ppm),
                  "at most 500000");
  }
  if (cluster.client.in_flight_max > store.session_window) {
    const auto by = checker.judged_by({{"cluster", "store", "session_window"}});
    checker.wrong({"cluster", "client", "in_flight_max"}, std::to_string(cluster.client.in_flight_max),
                  "at most session_window (" + std::to_string(store.session_window) + ")");
  }
}

// A network that says what makes no difference.
void check_network(const Scenario& scenario, Checker& checker) {
  const sim::NetworkSettings& settings = scenario.network.settings;
  const sim::LinkSettings& usual = settings.link;
  const std::vector<LinkException>& links = scenario.network.links;
  const auto any_link = [&](auto&& is) { return std::any_of(links.begin(), links.end(), is); };
  const bool may_be_narrow =
      usual.bandwidth != 0 || any_link([](const LinkException& link) { return link.bandwidth.value_or(0) != 0; }) ||
      std::any_of(scenario.faults.begin(), scenario.faults.end(),
                  [](const FaultPlan& fault) { return fault.kind == sim::FaultKind::bandwidth; });
  const bool may_reorder = !usual.reordering.never() || any_link([](const LinkException& link) {
    return link.reordering && !link.reordering->never();
  });
  const bool has_window = usual.reordering_window != Duration{} || any_link([](const LinkException& link) {
                            return link.reordering_window.value_or(Duration{}) != Duration{};
                          });
  const auto check = [&](const Checker::Path& path, sim::Ratio reordering, Duration window, std::uint64_t limit) {
    const auto by = checker.judged_by({{"network", "reordering"},
                                       {"network", "reordering_window"},
                                       {"network", "bandwidth"},
                                       {"network", "links"},
                                       {"faults"}});
    if (!reordering.never() && !has_window) {
      checker.wrong(Checker::join(path, "reordering"), notation::write_ratio(reordering),
                    "a reordering_window above 0s beside it, without which nothing is reordered");
    }
    if (window != Duration{} && !may_reorder) {
      checker.wrong(Checker::join(path, "reordering_window"), notation::write_duration(window),
                    "a ratio of reordering beside it, without which nothing is reordered");
    }
    if (limit != 0 && !may_be_narrow) {
      checker.wrong(Checker::join(path, "queue_limit"), notation::write_size(limit),
                    "a bandwidth, without which nothing queues");
    }
  };
  check({"network"}, usual.reordering, usual.reordering_window, usual.queue_limit);
  check_lasts({"network", "connect_timeout"}, settings.connect_timeout, checker);
  check_lasts({"network", "connection_timeout"}, settings.connection_timeout, checker);
  const sim::Distribution& again = settings.retransmission;
  check_lasts({"network", "retransmission"}, std::max({again.least, again.mean, again.most}), checker);
  for (std::size_t i = 0; i < links.size(); ++i) {
    const LinkException& link = links[i];
    const Checker::Path path = {"network", "links", std::to_string(i)};
    LinkException as_usual;
    as_usual.link = link.link;
    if (link == as_usual) {
      const auto by = checker.judged_by({path});
      checker.wrong(path, "a link of which nothing is said",
                    "what differs there: latency, loss, duplication, reordering, reordering_window, bandwidth or "
                    "queue_limit");
    }
    check(path, link.reordering.value_or(sim::Ratio{}), link.reordering_window.value_or(Duration{}),
          link.queue_limit.value_or(0));
    if (!checker.links(Checker::join(path, "link"), link.link, Checker::Roles::no)) continue;
    const bool is_of_datagrams = link.duplication || link.reordering || link.reordering_window;
    if (is_of_datagrams) checker.datagrams(Checker::join(path, "link"), link.link);
  }
}

void check_world(const Scenario& scenario, Checker& checker) {
  check_network(scenario, checker);
  const auto weights = [&](Checker::Path path, const sim::DiskSettings& disk) {
    if (disk.kept + disk.lost + disk.torn + disk.subset + disk.garbage == 0) {
      checker.wrong(std::move(path), "all of kept, lost, torn, subset and garbage 0", "at least one above 0");
    }
  };
  weights({"disks"}, scenario.disks.settings);
  for (const auto& [name, disk] : scenario.disks.exceptions) {
    checker.has_disk({"disks", "only", name}, name);
    weights({"disks", "only", name}, disk);
  }
  check_lasts({"disks", "unreachable_after"}, scenario.disks.shared_timeout, checker);
  for (const auto& [name, clock] : scenario.clocks) checker.process({"clocks", name}, name, Checker::Roles::no);
  for (const auto& [name, cost] : scenario.step_costs) checker.process({"processors", name}, name, Checker::Roles::no);
}

void check_operation(const Checker::Path& path, const Operation& operation, Checker& checker) {
  if (operation.key.size() > key_size_max) {
    checker.wrong(path, "a key of " + std::to_string(operation.key.size()) + " bytes",
                  "at most " + std::to_string(key_size_max));
  }
  if (operation.value.size() > value_size_max) {
    checker.wrong(path, "a value of " + std::to_string(operation.value.size()) + " bytes",
                  "at most " + std::to_string(value_size_max));
  }
}

void check_generated(const Checker::Path& path, const Generated& generated, Checker& checker) {
  const Mix& mix = generated.mix;
  if (mix.get + mix.put + mix.remove + mix.put_if_absent + mix.compare_and_set + mix.remove_if_unchanged == 0) {
    checker.wrong(Checker::join(path, "mix"), "no weight above 0", "at least one kind of operation");
  }
  if (generated.value_size.most > value_size_max) {
    checker.wrong(Checker::join(path, "value_size"), notation::write_size_range(generated.value_size),
                  "at most " + notation::write_size(value_size_max));
  }
  if (generated.interval && generated.think_time != sim::Distribution{}) {
    checker.wrong(Checker::join(path, "think_time"), "a time to think beside a rate",
                  "one of the two: with a rate nobody waits for answers");
  }
}

void check_workload(const Scenario& scenario, Checker& checker) {
  for (std::size_t i = 0; i < scenario.workload.size(); ++i) {
    const Work& work = scenario.workload[i];
    const Checker::Path path = {"workload", std::to_string(i)};
    checker.clients(Checker::join(path, "clients"), work.clients);
    checker.comes(Checker::join(path, "starts_at"), work.starts_at);
    if (scenario.cluster.clients.empty()) {
      const auto by = checker.judged_by({{"cluster", "clients"}});
      checker.wrong(path, "work without a client", "clients in the cluster");
    }
    if (work.script.empty() && !work.generate)
      checker.wrong(path, "work without an operation", "a script, or generate");
    if (work.in_flight > scenario.cluster.store.session_window) {
      const auto by = checker.judged_by({{"cluster", "store", "session_window"}});
      checker.wrong(Checker::join(path, "in_flight"), std::to_string(work.in_flight),
                    "at most session_window (" + std::to_string(scenario.cluster.store.session_window) + ")");
    }
    sim::Time begins = work.starts_at;
    for (std::size_t step = 0; step < work.script.size(); ++step) {
      const Checker::Path at = Checker::join(Checker::join(path, "script"), std::to_string(step));
      if (const auto* wait = std::get_if<Wait>(&work.script[step])) {
        const bool came = begins < scenario.end.limit;
        if (came) begins = begins + wait->length;
        if (came && begins >= scenario.end.limit) {
          const auto by = checker.judged_by({{"end", "limit"}, Checker::join(path, "script")});
          checker.wrong(at, "a wait until " + notation::write_duration(begins - sim::Time{}),
                        "one that is over before the end's limit (" +
                            notation::write_duration(scenario.end.limit - sim::Time{}) + ")");
        }
      }
      if (const auto* wait = std::get_if<WaitUntil>(&work.script[step])) {
        if (wait->occurrence.before)
          checker.wrong(at, "a wait until before something", "something to wait for, without before");
        checker.occurrence(at, wait->occurrence, {.may_miss = true});
        checker.waits_for_others(at, work, step, wait->occurrence);
      }
      if (const auto* operation = std::get_if<Operation>(&work.script[step])) check_operation(at, *operation, checker);
    }
    if (work.generate) check_generated(Checker::join(path, "generate"), *work.generate, checker);
  }
}

// REQUIRES: expect.in_sync
void check_in_sync(const Expectations& expect, Checker& checker) {
  const Checker::Path path = {"expect", "in_sync"};
  const std::vector<Name>& pair = *expect.in_sync;
  checker.nodes(path, pair);
  if (pair.size() > 2) {
    checker.wrong(path, std::to_string(pair.size()) + " nodes", "no more than the primary and its declared backup");
  } else if (pair.size() == 2 && pair[0] == pair[1]) {
    checker.wrong(Checker::join(path, "1"), quoted(pair[1]) + " again", "each name once");
  } else if (expect.primary) {
    const auto by = checker.judged_by({{"expect", "primary"}});
    const bool has_primary = std::find(pair.begin(), pair.end(), *expect.primary) != pair.end();
    if (*expect.primary == "nobody" && pair.size() == 2) {
      checker.wrong(path, "two nodes in sync beside primary: nobody", "a primary, which is one of them");
    } else if (checker.is_node(*expect.primary) && !has_primary) {
      checker.wrong(path, "nodes in sync without the primary", quoted(*expect.primary) + " among them");
    }
  }
}

// What is asked of a healed world alone is not asked of one that does not heal.
void check_liveness(const Scenario& scenario, Checker& checker) {
  if (scenario.end.heal) return;
  const auto by = checker.judged_by({{"end", "heal"}});
  for (const Judged& property : judged_properties()) {
    const auto named = scenario.expect.properties.find(property.name);
    if (!property.is_liveness || named == scenario.expect.properties.end()) continue;
    if (named->second != Expected::holds && named->second != Expected::violated) continue;
    checker.wrong({"expect", property.name}, quoted(property.name) + " beside heal: no",
                  "heal: yes, without which it is not judged; or any");
  }
}

void check_expectations(const Scenario& scenario, Checker& checker) {
  const Expectations& expect = scenario.expect;
  const auto known = [&](const Checker::Path& path, const std::string& name, const std::vector<Judged>& all) {
    std::vector<std::string> names;
    for (const Judged& judged : all) names.push_back(judged.name);
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      checker.wrong(path, quoted(name), "one of: " + one_of(names), nearest_word(name, names));
    }
  };
  for (const auto& [name, expected] : expect.properties) known({"expect", name}, name, judged_properties());
  check_liveness(scenario, checker);
  for (std::size_t i = 0; i < expect.sometimes.size(); ++i) {
    known({"expect", "sometimes", std::to_string(i)}, expect.sometimes[i], judged_conditions());
  }
  for (std::size_t i = 0; i < expect.never.size(); ++i) {
    known({"expect", "never", std::to_string(i)}, expect.never[i], judged_conditions());
    if (std::find(expect.sometimes.begin(), expect.sometimes.end(), expect.never[i]) != expect.sometimes.end()) {
      checker.wrong({"expect", "never", std::to_string(i)}, quoted(expect.never[i]) + " in sometimes too",
                    "one of the two");
    }
  }
  if (expect.primary && *expect.primary != "nobody") checker.node({"expect", "primary"}, *expect.primary);
  if (expect.in_sync) check_in_sync(expect, checker);
  const std::uint64_t all = checker.operations_in_all();
  if (expect.answered_at_least.value_or(0) > all) {
    const auto by = checker.judged_by_operations();
    checker.wrong({"expect", "answered_at_least"}, std::to_string(*expect.answered_at_least) + " operations",
                  "no more than the workload has (" + std::to_string(all) + ")");
  }
  if (!expect.values.empty() && scenario.cluster.clients.empty()) {
    const auto by = checker.judged_by({{"cluster", "clients"}});
    checker.wrong({"expect", "values"}, "values without a client to read them", "clients in the cluster");
  }
  for (const auto& [key, value] : expect.values) {
    if (key.empty() || key.size() > key_size_max) checker.wrong({"expect", "values", key}, quoted(key), "a key");
  }
}

// Somebody is left, and what is said comes true.
void check_lost(const Scenario& scenario, Checker& checker) {
  const std::vector<Name>& lost = scenario.end.lost;
  const Cluster& cluster = scenario.cluster;
  const Checker::Path path = {"end", "lost"};
  if (!lost.empty() && !scenario.end.heal) {
    const auto by = checker.judged_by({{"end", "heal"}});
    checker.wrong(path, "who is lost when the world heals, which it does not", "heal: yes");
  }
  for (std::size_t i = 0; i < lost.size(); ++i) {
    const Checker::Path at = Checker::join(path, std::to_string(i));
    const auto place = lost.begin() + static_cast<std::ptrdiff_t>(i);
    if (std::find(lost.begin(), place, lost[i]) != place) {
      checker.wrong(at, quoted(lost[i]) + " again", "each name once");
    }
    const auto by = checker.judged_by({{"cluster", "arbiter"}});
    const bool is_arbiter = (lost[i] == "arbiter" && cluster.arbiter == ArbiterKind::tie_breaker) ||
                            (lost[i] == "disk" && cluster.arbiter == ArbiterKind::shared_lock);
    if (is_arbiter) continue;
    checker.node(at, lost[i]);
  }
  const bool is_anybody_left = std::any_of(cluster.nodes.begin(), cluster.nodes.end(), [&](const Name& node) {
    return std::find(lost.begin(), lost.end(), node) == lost.end();
  });
  if (!lost.empty() && !is_anybody_left) {
    const auto by = checker.judged_by({{"cluster", "nodes"}});
    checker.wrong(path, "all nodes", "a node that is left");
  }
}

void check_end(const Scenario& scenario, Checker& checker) {
  check_lost(scenario, checker);
  const End& end = scenario.end;
  if (end.limit <= sim::Time{}) checker.wrong({"end", "limit"}, "0s", "a time above 0");
  if (end.until == End::Until::time && end.at > end.limit) {
    const auto by = checker.judged_by({{"end", "limit"}});
    checker.wrong({"end", "until"}, notation::write_duration({end.at.nanoseconds}),
                  "no later than limit (" + notation::write_duration({end.limit.nanoseconds}) + ")");
  }
  const std::uint64_t all = checker.operations_in_all();
  if (end.until == End::Until::operations && end.operations > all) {
    const auto by = checker.judged_by_operations();
    checker.wrong({"end", "until"}, std::to_string(end.operations) + " operations",
                  "no more than the workload has (" + std::to_string(all) + ")");
  }
}

// Without a default: the compiler tells of a kind that sim/chance.h has and this list has not.
bool is_a_kind(sim::Chance what) {
  using sim::Chance;
  switch (what) {
    case Chance::entropy:
    case Chance::tie:
    case Chance::priority:
    case Chance::latency:
    case Chance::loss:
    case Chance::retransmission:
    case Chance::duplication:
    case Chance::reordering:
    case Chance::copy_latency:
    case Chance::piece:
    case Chance::disk_latency:
    case Chance::in_flight:
    case Chance::unsynced:
    case Chance::sector:
    case Chance::name:
    case Chance::sync_failure:
    case Chance::read_failure:
    case Chance::misdirection:
    case Chance::phantom:
    case Chance::rot:
    case Chance::bad_sector:
    case Chance::stall:
    case Chance::delay:
    case Chance::step_cost:
    case Chance::lost_segment:
    case Chance::workload:
    case Chance::scenario: return true;
  }
  return false;
}

void check_pins(const Scenario& scenario, Checker& checker) {
  for (std::size_t i = 0; i < scenario.pins.size(); ++i) {
    const auto what = scenario.pins[i].decision.what;
    const auto is_the_same = [&](const sim::Pin& other) { return other.decision == scenario.pins[i].decision; };
    const auto before = scenario.pins.begin() + static_cast<std::ptrdiff_t>(i);
    if (std::any_of(scenario.pins.begin(), before, is_the_same))
      checker.wrong({"pins", std::to_string(i)}, "a second pin of one decision", "each decision once");
    if (is_a_kind(what)) continue;
    checker.wrong({"pins", std::to_string(i), "what"}, "the number " + std::to_string(static_cast<unsigned>(what)),
                  "the number of a kind of chance, as sim/chance.h numbers them: 1 to 15 or 17 to 28");
  }
}

}  // namespace

std::vector<Finding> check(const Scenario& scenario) {
  Checker checker(scenario);
  check_cluster(scenario, checker);
  check_world(scenario, checker);
  check_workload(scenario, checker);
  check_faults(scenario, checker);
  check_expectations(scenario, checker);
  check_end(scenario, checker);
  check_pins(scenario, checker);
  return checker.take();
}

std::vector<Name> process_names(const Cluster& cluster) {
  std::vector<Name> names = cluster.nodes;
  if (cluster.arbiter == ArbiterKind::tie_breaker) names.emplace_back("arbiter");
  names.insert(names.end(), cluster.clients.begin(), cluster.clients.end());
  return names;
}

}  // namespace smalldb::scenarios
