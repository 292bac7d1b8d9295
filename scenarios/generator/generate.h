// Random scenarios that mean something: what a seed stands for in `smalldb-sim fuzz`, in tests and under libFuzzer.
//
// Not every scenario that can be said is worth running. One that is drawn here has a cluster whose settings fit
// together, clients that keep it busy, and faults that strike while it matters: at times, and at steps of the protocol.
//
//   swarm       each run draws which families of faults and which operations exist at all; the rest is off, so that
//               what one fault hides from another comes to light (Groce et al., "Swarm testing", ISSTA 2012)
//   two levels  first whether a family is there, then how often and how hard it strikes: rare things come in numbers
//   one beat    all lengths of time are multiples of the heartbeat, which is drawn: the same story slow and fast
//   boundaries  half of the faults strike at an occurrence (a backup is joining, a claim is on its way, a checkpoint
//               begins), with lengths about as long as those that the protocol itself waits for
//   stories     most are short; some are about one promise and take as long as that needs: generate_deposed.cpp,
//               generate_comer.cpp, generate_forgetting.cpp, generate_epochs.cpp
//
// What is expected is such that a store that keeps its rules never fails: docs/fuzzing.md says why, budget by budget.
// (testing/generator.h draws anything that the language can say, sensible or not: for tests of the language.)
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scenarios/document.h"
#include "scenarios/generator/choices.h"
#include "scenarios/generator/draws.h"
#include "scenarios/scenario.h"

namespace smalldb::scenarios {

// How much may go wrong.
enum class Budget : std::uint8_t {
  survivable,    // nothing that destroys what is durable: safe throughout, and live again once the world is whole
  unrestricted,  // and disks that rot, lie, are wiped or put back: safe as long as no disk lies, live if that can be
};
std::string_view name(Budget budget);

// The families of faults of which a run has some and has not others. The last three are for unrestricted runs.
enum class Family : std::uint8_t {
  crashes,
  power_failures,
  stalls,
  cuts,
  packets,
  connections,
  slow_disks,
  full_disks,
  failed_syncs,
  clocks,
  damage,  // what a disk holds can no longer be read, or shows that it has changed
  wipes,   // a disk is empty, and shows it
  lies,    // a disk says that it holds what it does not
};
std::string_view name(Family family);
Family family_of(sim::FaultKind kind);

// What a file says of the scenarios that are to be drawn: they keep it, and the rest is drawn around it.
//
// A file that tells a part of the story (workload, faults, operator) says as well who takes part in it. What it
// expects was said of that one story, and is asked of none of those that are drawn; but a property that is violated
// there may be violated here. Liveness within a bound is asked where all that decides how long things take is drawn, or
// where the file asks for it.
class Template {
 public:
  // REQUIRES: it is a scenario that load_text() would find nothing wrong with.
  explicit Template(Node scenario) : root_(std::move(scenario)) {}

  bool says(std::string_view key) const { return root_.find(key) != nullptr; }
  // It says what its disks or links can carry: sizes and times that are drawn for others need not fit.
  bool is_slow() const;
  // Who takes part, with which settings, and what of the story is told, before the rest of it is drawn.
  void begin(Scenario& drawn) const;
  // How much goes wrong, if the file says what does.
  Budget budget(Budget drawn) const;
  // When all has been drawn.
  Scenario end(Scenario drawn) const;
  // Where what it says and what was drawn do not go together: what it says, and nothing that was drawn but the seed.
  Scenario alone(const Scenario& drawn) const;

 private:
  bool tells_a_story() const;
  bool says_who_serves() const;
  bool says_of_end(std::string_view key) const;
  bool writes_large_values() const;
  bool decides_how_long_things_take() const;
  // `drawn` with what the file says in the place of what was drawn.
  Scenario over(const Scenario& drawn) const;

  Node root_;
};

// Gives a scenario that check() finds nothing wrong with. Its seed is drawn too, and decides what is left to chance in
// it. `fixed` may be null. Drawn faults and actions that do not fit what it says are left out.
Scenario generate(Draws draws, Budget budget, const Template* fixed = nullptr);

// What `seed` stands for: the same for ever, as far as the generator stays as it is.
Scenario generate(std::uint64_t seed, Budget budget, const Template* fixed = nullptr);

// The decisions that seed stands for, its budget among them; and what decisions stand for, whoever took them.
Choices choices_of(std::uint64_t seed, Budget budget);
struct Chosen {
  Budget budget = Budget::survivable;
  Scenario scenario;
};
Chosen generate(const Choices& choices, const Template* fixed = nullptr);

// A scenario's shape, in words of the kind "arbiter tie_breaker", "faults 3 to 4": what a campaign counts, so that one
// sees what has been drawn. By dimension (the first word), and in a fixed order.
std::vector<std::string> shapes(const Scenario& scenario);

}  // namespace smalldb::scenarios
