// The generator of scenarios that mean something, and what is done with their failures.
#include <rapidcheck/catch.h>
#include <catch2/catch.hpp>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "properties/properties.h"
#include "scenarios/check.h"
#include "scenarios/document.h"
#include "scenarios/generator/generate.h"
#include "scenarios/generator/promised.h"
#include "scenarios/judge.h"
#include "scenarios/load.h"
#include "scenarios/problem.h"
#include "scenarios/run.h"
#include "scenarios/save.h"
#include "scenarios/testing/drawn.h"

namespace smalldb::scenarios {
namespace {

constexpr Budget budgets[] = {Budget::survivable, Budget::unrestricted};

// Fewer where the build is not optimised.
#ifdef NDEBUG
constexpr std::uint64_t many_seeds = 1500;
constexpr std::size_t next_byte = 3;
#else
constexpr std::uint64_t many_seeds = 300;
constexpr std::size_t next_byte = 12;
#endif

TEST_CASE("whatever is drawn can be run, and written down") {
  for (const Budget budget : budgets) {
    for (std::uint64_t seed = 1; seed <= many_seeds; ++seed) {
      INFO("seed " << seed << ", " << name(budget));
      const Scenario scenario = generate(seed, budget);
      for (const Finding& finding : check(scenario)) {
        std::string path;
        for (const std::string& step : finding.path) path += step + ".";
        FAIL(path << " " << finding.found << ", expected " << finding.expected);
      }
      if (seed % 15 != 0) continue;
      const Loaded loaded = load_text(save_text(scenario), "drawn.yaml");
      for (const Problem& problem : loaded.problems) FAIL(to_text(problem));
      REQUIRE(loaded.scenario == scenario);
    }
  }
}

TEST_CASE("whoever is asked for liveness has the time for it") {
  CHECK(leaves_time_to_settle(Scenario{}));
  for (const Budget budget : budgets) {
    for (std::uint64_t seed = 1; seed <= many_seeds; ++seed) {
      INFO("seed " << seed << ", " << name(budget));
      Scenario scenario = generate(seed, budget);
      const bool is_asked =
          scenario.end.heal && expected_properties(scenario)[*properties::find("answered")] != Expected::any;
      if (!is_asked) continue;
      CHECK(leaves_time_to_settle(scenario));
      scenario.end.settle = scenario.end.settle / 2;
      CHECK_FALSE(leaves_time_to_settle(scenario));
    }
  }
}

TEST_CASE("whatever is drawn ends before its limit") {
  for (const Budget budget : budgets) {
    for (std::uint64_t seed = 1; seed <= many_seeds; ++seed) {
      INFO("seed " << seed << ", " << name(budget));
      CHECK(leaves_time_to_end(generate(seed, budget)));
    }
  }
  const auto scenario = [](const std::string& text) { return *load_text("why: Work.\n" + text, "work.yaml").scenario; };
  const std::string work = "workload: [{script: [wait 10s, put x=1, put x=2]}]\n";
  CHECK(leaves_time_to_end(scenario(work)));
  CHECK_FALSE(leaves_time_to_end(scenario(work + "end: {limit: 69s}\n")));
  CHECK(leaves_time_to_end(scenario(work + "end: {limit: 70s}\n")));
  const std::string rots = "faults: [{bit_rot: a, at: 0s}]\ncluster: {client: {give_up_after: 50s}}\n" + work;
  CHECK_FALSE(leaves_time_to_end(scenario(rots + "end: {limit: 109s}\n")));
  CHECK(leaves_time_to_end(scenario(rots + "end: {limit: 110s}\n")));
  CHECK(leaves_time_to_end(scenario(rots + "end: {limit: 109s, until: 20s}\n")));
  CHECK_FALSE(leaves_time_to_end(scenario("workload: [{script: [wait until b goes live]}]\n")));
}

TEST_CASE("all rests on disks that do not lie, an arbiter that does not forget, and the clocks of leases") {
  const auto keeps = [](const std::string& text) {
    return keeps_what_all_rests_on(*load_text("why: A world.\n" + text, "world.yaml").scenario);
  };
  CHECK(keeps("faults: [{bit_rot: a, at: 1s}, {wiped_disk: b, at: 1s}]\n"));
  CHECK_FALSE(keeps("faults: [{phantom_write: a, at: 1s}]\n"));
  CHECK_FALSE(keeps("faults: [{wiped_disk: arbiter, at: 1s}]\n"));
  CHECK_FALSE(keeps("faults: [{bit_rot: arbiter, at: 1s}]\n"));
  const std::string shared = "cluster: {arbiter: shared_lock}\n";
  CHECK_FALSE(keeps(shared + "faults: [{wiped_disk: disk, at: 1s}]\n"));
  CHECK_FALSE(keeps(shared + "faults: [{old_disk: a, shared: yes, at: 2s}, {saved_disk: a, shared: yes, at: 1s}]\n"));
  CHECK(keeps(shared + "faults: [{bit_rot: disk, at: 1s}, {bad_sector: a, shared: yes, at: 1s}]\n"));
  const std::string leased =
      "cluster: {store: {reads: leased, lease: 300ms, suspect_after: 600ms, clock_drift_max_ppm: 500000}}\n";
  CHECK(keeps(leased + "clocks: {a: {drift: -50%}}\n"));
  CHECK_FALSE(keeps(leased + "clocks: {a: {drift: -51%}}\n"));
  CHECK(keeps("clocks: {a: {drift: -51%}}\n"));
  const std::string slow = leased + "clocks: {a: {drift: -40%}}\n";
  CHECK(keeps(slow + "faults: [{clock_drift: b, at: 1s, by: 10%}]\n"));
  CHECK_FALSE(keeps(slow + "faults: [{clock_drift: b, at: 1s, by: 11%}]\n"));
  CHECK_FALSE(keeps(leased + "faults: [{clock_freeze: b, at: 1s}]\n"));
}

TEST_CASE("where a register is damaged safety is promised, and liveness is not") {
  std::size_t found = 0;
  for (std::uint64_t seed = 1; seed <= 3'000; ++seed) {
    const Scenario scenario = generate(seed, Budget::unrestricted);
    if (!may_damage_registers(scenario) || !keeps_what_all_rests_on(scenario)) continue;
    ++found;
    CHECK(scenario.expect.properties.at("answered") == Expected::any);
    CHECK(scenario.expect.properties.at("redundancy_restored") == Expected::any);
    CHECK(scenario.expect.others != Expected::any);
  }
  CHECK(found > 10);
}

TEST_CASE("a seed stands for the same scenario whenever it is drawn, and for different ones in the two budgets") {
  CHECK(generate(7, Budget::survivable) == generate(7, Budget::survivable));
  CHECK_FALSE(generate(7, Budget::survivable) == generate(8, Budget::survivable));
  CHECK_FALSE(generate(7, Budget::survivable) == generate(7, Budget::unrestricted));
}

TEST_CASE(
    "every family of faults is there in some runs and missing in others, and none of the disks' in survivable ones") {
  constexpr std::uint64_t seeds = 600;
  for (const Budget budget : budgets) {
    std::map<Family, std::uint64_t> runs;
    std::set<sim::FaultKind> kinds;
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
      std::set<Family> present;
      for (const FaultPlan& fault : generate(seed, budget).faults) {
        present.insert(family_of(fault.kind));
        kinds.insert(fault.kind);
      }
      for (const Family family : present) ++runs[family];
    }
    for (std::uint8_t f = 0; f <= static_cast<std::uint8_t>(Family::lies); ++f) {
      const Family family{f};
      INFO(name(family) << ", " << name(budget));
      if (budget == Budget::survivable && family >= Family::damage) {
        CHECK(runs[family] == 0);
      } else {
        CHECK(runs[family] > seeds / 20);
        CHECK(runs[family] < seeds * 19 / 20);
      }
    }
    if (budget == Budget::unrestricted) CHECK(kinds.size() == sim::fault_kinds);
  }
}

TEST_CASE("in some of the runs that heal a node is lost, in fewer the arbiter, and in none both") {
  std::map<std::string, std::uint64_t> runs;
  constexpr std::uint64_t seeds = 600;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    const Scenario scenario = generate(seed, seed % 2 == 0 ? Budget::survivable : Budget::unrestricted);
    CHECK(scenario.end.lost.size() <= 1);
    CHECK((scenario.end.heal || scenario.end.lost.empty()));
    const bool is_asked_all = scenario.expect.properties.count("answered") == 0;
    CHECK((scenario.end.lost.empty() || !is_asked_all || scenario.expect.others == Expected::any));
    for (const Name& name : scenario.end.lost) ++runs[name == "arbiter" || name == "disk" ? "arbiter" : "node"];
  }
  CHECK(runs["arbiter"] > seeds / 100);
  CHECK(runs["node"] > seeds / 20);
  CHECK(runs["node"] < seeds / 4);
}

TEST_CASE("in some of the runs a client asks outside of sessions, and in all others nobody does") {
  std::uint64_t runs = 0;
  constexpr std::uint64_t seeds = 600;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    const Cluster cluster = generate(seed, Budget::survivable).cluster;
    CHECK(cluster.without_session.size() <= 1);
    runs += cluster.without_session.size();
  }
  CHECK(runs > seeds / 16);
  CHECK(runs < seeds / 4);
}

TEST_CASE("faults strike at messages that are seldom sent, and at single files") {
  std::map<std::string, std::uint64_t> runs;
  for (std::uint64_t seed = 1; seed <= 600; ++seed) {
    std::set<std::string> of_this;
    for (const FaultPlan& fault : generate(seed, Budget::unrestricted).faults) {
      of_this.insert(fault.schedule.when.message);
      of_this.insert(fault.file);
    }
    for (const std::string& what : of_this) ++runs[what];
  }
  for (const char* what : {"claim", "verdict", "snapshot_taken", "meta*", "checkpoint-*", "grants"}) {
    INFO(what);
    CHECK(runs[what] > 2);
    CHECK(runs[what] < 100);
  }
}

TEST_CASE("some tie breakers give more epochs than a sector of their file holds") {
  std::uint64_t stories = 0, most = 0;
  for (std::uint64_t seed = 1; seed <= 3000 && most <= 16; ++seed) {
    const Scenario scenario = generate(seed, Budget::survivable);
    const bool is_one = std::any_of(scenario.faults.begin(), scenario.faults.end(), [](const FaultPlan& fault) {
      return fault.schedule.when.file == "grants" && fault.schedule.when.nth > 15;
    });
    if (!is_one) continue;
    ++stories;
    for (const properties::Seen& seen : run(scenario).coverage) {
      if (seen.name == "claim_won") most = std::max(most, seen.count);
    }
  }
  CHECK(most > 16);
  CHECK(stories < 30);
}

// What keeps that much of a scenario.
Template fixing(const std::string& text) {
  std::vector<Problem> problems;
  Template fixed(read_yaml("why: Fixed.\n" + text, "t.yaml", problems));
  REQUIRE(problems.empty());
  return fixed;
}

TEST_CASE("some logs are written in writes of many records, and the sync of one fails or the power does") {
  int fails = 0, dark = 0;
  for (std::uint64_t seed = 1; seed <= 500; ++seed) {
    const Scenario scenario = generate(seed, Budget::survivable);
    const Settings& store = scenario.cluster.store;
    const bool many = std::any_of(scenario.workload.begin(), scenario.workload.end(), [&](const Work& work) {
      return work.in_flight > 3 && work.generate && work.generate->value_size.most == store.log_write_bytes * 3 / 4;
    });
    if (!many) continue;
    for (const FaultPlan& fault : scenario.faults) {
      const bool before_a_sync = fault.schedule.when.what == Occurrence::What::synced && fault.schedule.when.before;
      if (!before_a_sync || fault.schedule.when.nth < 8) continue;
      fails += fault.kind == sim::FaultKind::sync_failure && fault.file == "log-*" ? 1 : 0;
      dark += fault.kind == sim::FaultKind::power_failure ? 1 : 0;
    }
  }
  CHECK(fails > 4);
  CHECK(dark > 4);
}

TEST_CASE("what a file says is kept, and the rest is drawn around it") {
  const Template fixed = fixing("cluster: {arbiter: none, clients: 2}\nworkload: [{script: [put x=1]}]\n");
  std::set<std::string> drawn;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    INFO("seed " << seed);
    const Scenario scenario = generate(seed, Budget::unrestricted, &fixed);
    REQUIRE(check(scenario).empty());
    CHECK(scenario.cluster.arbiter == ArbiterKind::none);
    CHECK(scenario.cluster.clients == std::vector<Name>{"c1", "c2"});
    REQUIRE(scenario.workload.size() == 1);
    CHECK(scenario.workload[0].script.size() == 1);
    drawn.insert(save_text(scenario));
  }
  CHECK(drawn.size() == 60);
}

TEST_CASE("settings are drawn for the disks and links that are drawn with them, and not for those of a file") {
  const auto kinds_of_settings = [](const std::string& text) {
    const Template fixed = fixing(text);
    std::set<std::uint64_t> segments;
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
      const Scenario scenario = generate(seed, Budget::survivable, &fixed);
      CHECK(scenario.cluster.store.heartbeat_every == milliseconds(70));
      segments.insert(scenario.cluster.store.segment_bytes);
    }
    return segments.size();
  };
  const std::string text = "cluster: {store: {heartbeat_every: 70ms, suspect_after: 400ms}}\n";
  CHECK(kinds_of_settings(text) > 3);
  CHECK(kinds_of_settings(text + "disks: {sync: 20ms..60ms}\n") == 1);
  CHECK(kinds_of_settings(text + "network: {links: [{link: a -> b, bandwidth: 100KiB/s}]}\n") == 1);
  CHECK(kinds_of_settings(text + "network: {links: [{link: a -> b, latency: 20ms..60ms}]}\n") > 3);
}

TEST_CASE("settings that do not go with those of a file are left as they are by default") {
  const Template fixed = fixing("cluster: {store: {reads: leased, lease: 480ms, suspect_after: 500ms}}\n");
  std::set<std::uint32_t> drifts;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    INFO("seed " << seed);
    const Scenario scenario = generate(seed, Budget::unrestricted, &fixed);
    REQUIRE(check(scenario).empty());
    drifts.insert(scenario.cluster.store.clock_drift_max_ppm);
  }
  CHECK(drifts.size() > 1);
}

TEST_CASE("what a file tells is told to its end, and what came of it") {
  const auto ends_of = [](const std::string& cluster, const std::string& text) {
    const Template fixed = fixing("cluster: {" + cluster + "}\n" + text);
    std::vector<End> ends;
    for (std::uint64_t seed = 1; seed <= 20; ++seed) ends.push_back(generate(seed, Budget::survivable, &fixed).end);
    return ends;
  };
  for (const End& end : ends_of("spares: [b]", "operator: [{start: b, at: 15s}]\n")) {
    CHECK(end.until == End::Until::time);
    CHECK(end.at > sim::Time{} + seconds(15));
  }
  const std::string faults = "faults: [{crash: a, at: 1s, for: 14s}]\n";
  const std::string work = faults + "workload: [{generate: {count: 30, think_time: 1s}}]\n";
  for (const End& end : ends_of("clients: 1", work)) CHECK(end.until == End::Until::quiet);
  for (const End& end : ends_of("arbiter: manual", work)) {  // whom nobody promotes serves nobody
    CHECK(end.until == End::Until::time);
    CHECK(end.at > sim::Time{} + seconds(30));
  }
  const std::string waiting = faults + "workload: [{clients: c1, script: [wait until b takes over, put x=1]}]\n";
  for (const End& end : ends_of("clients: 1", waiting)) {  // b need not take over
    CHECK(end.until == End::Until::time);
    CHECK(end.at > sim::Time{} + seconds(15));
  }
}

// What each says takes something away of what the generator fits together.
const char* const awkward[] = {
    "cluster: {nodes: [n1, n2]}\n",
    "cluster: {nodes: [alone], clients: 1}\n",
    "cluster: {nodes: [x, y, z], founders: [z]}\n",
    "cluster: {clients: [u, v]}\n",
    "cluster: {store: {sessions_max: 1}}\n",
    "cluster: {store: {suspect_after: 10s}}\n",
    "cluster: {store: {reads: leased}}\nclocks: {b: {drift: -20%}}\n",
    "network: {latency: 50ms}\n",
    "disks: {capacity: 4KiB}\n",
    "processors: {a: 1ms}\n",
    "end: {lost: [b]}\n",
    "end: {heal: no}\n",
    "cluster: {arbiter: none}\n",
    "expect: {answered: if_recoverable, redundancy_restored: if_recoverable}\n",
    "expect: {answered: if_recoverable}\nend: {lost: [b]}\n",
    "end: {limit: 200ms}\n",
    "end: {settle: 100ms}\n",
    "faults: [{crash: primary, at: 1500ms, silent: yes}]\nworkload: [{generate: {count: 60, think_time: 1ms..20ms}}]\n",
};

TEST_CASE("a store that keeps its rules fails around no template") {
  for (const char* text : awkward) {
    const Template fixed = fixing(text);
    for (const Budget budget : budgets) {
      for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        INFO(text << "seed " << seed << ", " << name(budget));
        const Scenario scenario = generate(seed, budget, &fixed);
        REQUIRE(check(scenario).empty());
        CHECK(run(scenario).exit_code() == 0);
      }
    }
  }
}

TEST_CASE("of what a file bounds nothing is asked beyond the bound") {
  const auto ends_of = [](const std::string& text) {
    const Template fixed = fixing(text);
    std::vector<End> ends;
    for (std::uint64_t seed = 1; seed <= 40; ++seed) ends.push_back(generate(seed, Budget::survivable, &fixed).end);
    return ends;
  };
  for (const End& end : ends_of("end: {limit: 200ms}\n")) {
    CHECK(end.until == End::Until::time);
    CHECK(end.at <= end.limit);
    CHECK(end.limit == sim::Time{} + milliseconds(200));
  }
  for (const End& end : ends_of("end: {limit: 200ms, until: 10000 operations}\n")) {
    CHECK(end.until == End::Until::operations);
  }
  const std::vector<End> roomy = ends_of("end: {limit: 1h}\n");
  CHECK(std::any_of(roomy.begin(), roomy.end(), [](const End& end) { return end.until == End::Until::quiet; }));
}

TEST_CASE("a store that need keep no rule may find its log damaged") {
  const Template strict = fixing("cluster: {clients: 2}\n"), lax = fixing("expect: {others: any}\n");
  CHECK_FALSE(generate(2, Budget::survivable, &strict).expect.never.empty());
  CHECK(generate(2, Budget::survivable, &lax).expect.never.empty());
}

TEST_CASE("a store of which a crash leaves garbage is asked for what an unrestricted one is") {
  const auto is_survivable = [](const std::string& text) {
    const Template fixed = fixing(text);
    return !generate(2, Budget::survivable, &fixed).expect.never.empty();
  };
  const std::string crash = "faults: [{crash: a, at: 1s, for: 1s, unsynced: ",
                    dark = "faults: [{power_failure: a, at: 1s";
  CHECK(is_survivable(crash + "subset}]\n"));
  CHECK_FALSE(is_survivable(crash + "garbage}]\n"));
  CHECK(is_survivable(dark + "}]\n"));
  CHECK_FALSE(is_survivable(dark + ", unsynced: garbage}]\n"));
  CHECK(is_survivable("disks: {torn: 5}\n"));
  CHECK_FALSE(is_survivable("disks: {garbage: 1}\n"));
  CHECK_FALSE(is_survivable("disks: {only: {a: {garbage: 1}}}\n"));
}

TEST_CASE("what a file tells clients to write goes through in a few pieces, over links that carry it") {
  const auto drawn_around = [](const std::string& value) {
    const Template fixed = fixing("workload: [{generate: {count: 64, value_size: " + value + "}}]\n");
    struct Drawn {
      std::uint32_t least_piece = ~std::uint32_t{0};
      std::size_t choked = 0;
    } drawn;
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
      const Scenario scenario = generate(seed, Budget::survivable, &fixed);
      drawn.least_piece = std::min(drawn.least_piece, scenario.cluster.store.chunk_bytes);
      for (const FaultPlan& fault : scenario.faults) drawn.choked += fault.kind == sim::FaultKind::bandwidth ? 1 : 0;
    }
    return drawn;
  };
  const auto small = drawn_around("20"), large = drawn_around("100000");
  CHECK(small.least_piece == 64);
  CHECK(small.choked > 0);
  CHECK(large.least_piece == 100'000);
  CHECK(large.choked == 0);
}

TEST_CASE("liveness is asked of what a file decides the times of if the file asks for it") {
  const auto expected = [](const std::string& text) {
    const Template fixed = fixing(text);
    return generate(2, Budget::survivable, &fixed).expect.properties;
  };
  CHECK(expected("network: {latency: 1ms}\n").at("answered") == Expected::any);
  CHECK_FALSE(expected("network: {latency: 1ms}\nexpect: {answered: holds}\n").contains("answered"));
  CHECK(expected("network: {latency: 1ms}\nexpect: {answered: holds}\n").at("redundancy_restored") == Expected::any);
  const std::string if_it_can = "expect: {answered: if_recoverable}\n";
  CHECK(expected(if_it_can).at("answered") == Expected::if_recoverable);
  for (const char* times : {"network: {latency: 10ms..20ms}\n", "cluster: {client: {give_up_after: 190ms}}\n"})
    CHECK(expected(times + if_it_can).at("answered") == Expected::any);
}

TEST_CASE("bytes of any length are a scenario, and no bytes a plain one") {
  std::vector<std::uint8_t> bytes;
  for (std::size_t size = 0; size < 400; size += 7) {
    INFO(size << " bytes");
    CHECK(check(generate(Choices(bytes)).scenario).empty());
    for (int i = 0; i < 7; ++i) bytes.push_back(static_cast<std::uint8_t>(bytes.size() * 37 + 11));
  }
  CHECK(generate(Choices()).scenario.faults.empty());
}

TEST_CASE("the bytes of a seed stand for what the seed stands for") {
  for (const Budget budget : budgets) {
    for (std::uint64_t seed = 1; seed <= many_seeds / 3; ++seed) {
      INFO("seed " << seed << ", " << name(budget));
      const Chosen chosen = generate(Choices(choices_of(seed, budget).bytes()));
      CHECK(chosen.budget == budget);
      REQUIRE(chosen.scenario == generate(seed, budget));
    }
  }
}

TEST_CASE("bytes that are cut, changed or put in concern the part they are in, and no other") {
  std::size_t changed = 0, same_cluster = 0, same_faults = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const Choices::Bytes bytes = choices_of(seed, Budget::survivable).bytes();
    const Scenario original = generate(seed, Budget::survivable);
    for (std::size_t at = 0; at < bytes.size(); at += next_byte) {
      INFO("seed " << seed << ", byte " << at);
      Choices::Bytes with = bytes;
      with.insert(with.begin() + static_cast<std::ptrdiff_t>(at), 7);
      const Scenario scenario = generate(Choices(with)).scenario;
      REQUIRE(check(scenario).empty());
      changed += scenario == original ? 0 : 1;
      same_cluster += scenario.cluster == original.cluster ? 1 : 0;
      same_faults += scenario.faults == original.faults ? 1 : 0;
      // The faults may be others because the cluster is; but what is said of faults decides nothing of the cluster.
      if (!(scenario.faults == original.faults) && scenario.cluster == original.cluster) {
        CHECK(scenario.network == original.network);
      }
    }
  }
  CHECK(changed > 1500 / next_byte);
  CHECK(same_cluster > changed / 2);
  CHECK(same_faults > changed / 4);
}

TEST_CASE("properties of drawn scenarios") {
  rc::prop("a store that keeps its rules survives what is survivable", [] {
    const Result result = run(*testing::drawn_scenario(Budget::survivable), {.events_max = 2'000'000});
    RC_ASSERT(result.exit_code() != 1);
  });
  rc::prop("a scenario that was saved and loaded runs the same", [] {
    const Scenario scenario = *testing::drawn_scenario(Budget::unrestricted);
    const Loaded loaded = load_text(save_text(scenario), "drawn.yaml");
    RC_ASSERT(run(*loaded.scenario).hash == run(scenario).hash);
  });
}

TEST_CASE("a drawn scenario of which something is not true is shrunk to what could have been drawn") {
  const auto cuts = [](const Scenario& scenario) {
    return std::count_if(scenario.faults.begin(), scenario.faults.end(),
                         [](const FaultPlan& fault) { return fault.kind == sim::FaultKind::cut; });
  };
  std::uint64_t seed = 1;
  rc::Shrinkable<Scenario> smallest = testing::drawn_scenario(Budget::survivable)(rc::Random(seed), 0);
  while (cuts(smallest.value()) == 0) smallest = testing::drawn_scenario(Budget::survivable)(rc::Random(++seed), 0);
  const std::size_t before = smallest.value().faults.size();
  for (bool smaller = true; smaller;) {
    smaller = false;
    auto candidates = smallest.shrinks();
    while (auto candidate = candidates.next()) {
      if (cuts(candidate->value()) == 0) continue;
      smallest = *candidate;
      smaller = true;
      break;
    }
  }
  CHECK(check(smallest.value()).empty());
  CHECK(smallest.value().faults.size() == 1);
  CHECK(before > 1);
  CHECK(smallest.value().cluster.nodes.size() == 2);
}

TEST_CASE("a scenario has one shape in each dimension but that of its families") {
  std::map<std::string, int> dimensions;
  for (const std::string& shape : shapes(generate(3, Budget::survivable)))
    ++dimensions[shape.substr(0, shape.find(' '))];
  for (const auto& [dimension, count] : dimensions) {
    INFO(dimension);
    CHECK((count == 1 || dimension == "family"));
  }
}

}  // namespace
}  // namespace smalldb::scenarios
