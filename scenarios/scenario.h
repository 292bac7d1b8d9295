// A scenario: what to run and what to expect of it, as a plain value.
//
// It copies, compares, is read from YAML (load.h), written back (save.h), generated, shrunk, and run (run.h). Processes
// go by their names here, so that taking one out renames no other. docs/scenarios.md explains the language by example;
// every field below is the key of the same name there unless it says otherwise.
//
// Names that can stand for a process: that of a node or client; `arbiter` (the tie breaker); `disk` (the server of the
// shared volume, with shared_lock, as the end of a link). Where a fault picks its victim also the roles `primary`,
// `backup` (whoever plays the role when the fault fires) and `random` (a node drawn anew each time).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "model/client.h"
#include "model/settings.h"
#include "model/time.h"
#include "scenarios/occurrence.h"
#include "sim/chance.h"
#include "sim/fault.h"
#include "sim/settings.h"
#include "sim/time.h"

namespace smalldb::scenarios {

using Name = std::string;

// ---- The world when nothing is wrong ----------------------------------------------------------------------------

// The most of each that a cluster can have.
inline constexpr std::size_t nodes_max = 16;
inline constexpr std::size_t clients_max = 256;

struct Cluster {
  std::vector<Name> nodes = {"a", "b"};
  std::vector<Name> clients = {"c1"};
  std::vector<Name> founders;         // nodes that may claim epoch 1 with an empty directory; none: the first node
  std::vector<Name> spares;           // nodes that are down until an operator starts them
  std::vector<Name> without_session;  // clients that ask outside of sessions
  ArbiterKind arbiter = ArbiterKind::tie_breaker;
  Settings store;
  ClientSettings client;
  RuleSwitches rules;

  friend bool operator==(const Cluster&, const Cluster&) = default;
};

// Directions of the network by name: from each of `from` to each of `to`, and back if `both`. `all` stands for
// everyone.
struct Links {
  std::vector<Name> from;
  std::vector<Name> to;
  bool both = false;

  friend bool operator==(const Links&, const Links&) = default;
};

// Links that differ from the rest, in what is given.
struct LinkException {
  Links link;
  std::optional<sim::Distribution> latency;
  std::optional<sim::Ratio> loss;
  std::optional<sim::Ratio> duplication;
  std::optional<sim::Ratio> reordering;
  std::optional<Duration> reordering_window;
  std::optional<std::uint64_t> bandwidth;
  std::optional<std::uint64_t> queue_limit;

  friend bool operator==(const LinkException&, const LinkException&) = default;
};

struct Network {
  sim::NetworkSettings settings;  // its keys stand in `network` itself; `exceptions` stays empty
  std::vector<LinkException> links;

  friend bool operator==(const Network&, const Network&) = default;
};

struct Disks {
  sim::DiskSettings settings;                    // of all; its keys stand in `disks` itself
  std::map<Name, sim::DiskSettings> exceptions;  // each whole; key: `only`
  Duration shared_timeout = seconds(1);          // key: `unreachable_after`

  friend bool operator==(const Disks&, const Disks&) = default;
};

// ---- What the clients do --------------------------------------------------------------------------------------------

struct Operation {
  enum class Condition : std::uint8_t {
    none,
    absent,       // `if absent`
    exists,       // `if exists`
    revision_is,  // `if revision 7`
    unchanged,    // `if unchanged`: since this client last learned the key's revision; absent if it never did
  };
  Verb verb = Verb::get;  // get, put or remove
  std::string key;
  std::string value;
  Condition condition = Condition::none;
  std::uint64_t revision = 0;

  friend bool operator==(const Operation&, const Operation&) = default;
};

struct Wait {  // `wait 100ms`
  Duration length;
  friend bool operator==(const Wait&, const Wait&) = default;
};

struct WaitUntil {  // `wait until b goes live`; goes on at once if that has happened since the step before began
  Occurrence occurrence;
  friend bool operator==(const WaitUntil&, const WaitUntil&) = default;
};

using ScriptStep = std::variant<Operation, Wait, WaitUntil>;

// How often keys are used, by their rank.
struct Skew {
  enum class Shape : std::uint8_t { uniform, zipf, hot };
  Shape shape = Shape::uniform;
  sim::Ratio operations;  // hot: so many of the operations ...
  sim::Ratio keys;        // ... go to so many of the keys

  friend bool operator==(const Skew&, const Skew&) = default;
};

// Kinds of operation by weight.
struct Mix {
  std::uint32_t get = 1;
  std::uint32_t put = 1;
  std::uint32_t remove = 0;
  std::uint32_t put_if_absent = 0;
  std::uint32_t compare_and_set = 0;  // put if unchanged
  std::uint32_t remove_if_unchanged = 0;

  friend bool operator==(const Mix&, const Mix&) = default;
};

struct SizeRange {
  std::uint64_t least = 0;
  std::uint64_t most = 0;
  friend bool operator==(const SizeRange&, const SizeRange&) = default;
};

struct Generated {
  std::uint64_t count = 100;  // per client
  Mix mix;
  std::uint64_t keys = 10;  // k0, k1, ...
  Skew skew;
  SizeRange value_size = {16, 64};
  sim::Distribution think_time;  // closed loop: between an answer and the next operation
  std::optional<sim::Distribution>
      interval;  // open loop: between operations, answered or not; key: `rate` or `interval`

  friend bool operator==(const Generated&, const Generated&) = default;
};

// What some clients do, each by itself. Several works of one client run side by side.
struct Work {
  std::vector<Name> clients;  // none: all
  sim::Time starts_at;
  std::vector<ScriptStep> script;     // first the script ...
  std::optional<Generated> generate;  // ... then this
  std::uint32_t in_flight = 1;        // a step begins when fewer operations of this work than these are unanswered

  friend bool operator==(const Work&, const Work&) = default;
};

// ---- What goes wrong ------------------------------------------------------------------------------------------------

// How often one fault strikes, or one action is taken, at most. Each strike stays in the ledger to the end of the run.
inline constexpr std::uint64_t strikes_max = 10'000;

// When something fires. One of four kinds.
struct Schedule {
  enum class Kind : std::uint8_t {
    at,        // once, at `from`
    every,     // every `every`, within from .. to
    randomly,  // `count` times, within from .. to
    when,      // at an occurrence (`delay` later), the first `count` times that it occurs from `from` on
  };
  Kind kind = Kind::at;
  sim::Time from;
  sim::Time to;  // 0: to the end
  Duration every;
  std::uint64_t count = 1;
  Occurrence when;
  Duration delay;

  friend bool operator==(const Schedule&, const Schedule&) = default;
};

// A fault of sim/fault.h, with names in place of numbers, and when it strikes.
struct FaultPlan {
  sim::FaultKind kind = sim::FaultKind::crash;
  std::string label;            // what other faults, stories and problems call it
  std::vector<Name> processes;  // process, disk and clock kinds: each of these. None: all of them
  std::vector<Links> links;     // network kinds. None: all of them
  std::vector<std::vector<Name>>
      groups;                  // cut, written `partition`: no group reaches another; a member of several is a bridge
  std::vector<Name> isolated;  // cut, written `isolate`: each from everyone else
  Schedule schedule;
  sim::Distribution lasts;          // key: `for`; 0: until the scenario heals
  std::optional<Occurrence> until;  // or until then, whichever is first
  std::uint64_t times = 0;
  std::optional<sim::Ratio> ratio;
  sim::Packets packets = sim::Packets::all;
  std::uint64_t size = 0;
  sim::Distribution delay;
  Duration step;
  std::int64_t drift = 0;  // billionths
  sim::Unsynced unsynced = sim::Unsynced::drawn;
  bool silent = false;
  bool shared = false;  // disk kinds: the process's view of the shared volume instead of its own
  std::string file;
  bool may_miss = false;  // the scenario does not rely on it: neither firing nor taking effect is needed

  friend bool operator==(const FaultPlan&, const FaultPlan&) = default;
};

// What an operator does: starts a spare or stopped node, promotes a node (manual arbiter), orders a checkpoint, stops a
// node cleanly.
struct OperatorAction {
  enum class Command : std::uint8_t { start, promote, checkpoint, stop };
  Command command = Command::start;
  Name node;
  Schedule schedule;
  bool may_miss = false;  // the scenario does not rely on it

  friend bool operator==(const OperatorAction&, const OperatorAction&) = default;
};

// ---- What must come of it -------------------------------------------------------------------------------------------

enum class Expected : std::uint8_t {
  holds,
  violated,
  any,
  if_recoverable,  // liveness: holds, unless disks have lost so much that nobody can go on (properties/recoverable.h).
                   // Safety: is not violated, unless a backup forgot what `acknowledge: received` let it acknowledge
};

struct Expectations {
  std::map<std::string, Expected> properties;  // by the names of properties/properties.h
  Expected others = Expected::holds;           // of the properties not named
  std::vector<std::string> sometimes;          // conditions of properties/coverage.h that must have been seen ...
  std::vector<std::string> never;              // ... and those that must not
  // At the end, after healing.
  std::optional<Name> primary;                               // who serves; `nobody`
  std::optional<std::vector<Name>> in_sync;                  // the primary and its declared backup
  std::map<std::string, std::optional<std::string>> values;  // read at the end through a client; nothing: `absent`
  // Availability, of what the story asks for.
  std::optional<Duration> answered_within;         // every operation: from its invocation to its answer
  std::optional<Duration> unavailable_at_most;     // longest time in which users asked and none was answered
  std::optional<std::uint64_t> answered_at_least;  // operations that the store has answered

  friend bool operator==(const Expectations&, const Expectations&) = default;
};

struct End {
  enum class Until : std::uint8_t {
    quiet,       // the work is done and no timed fault is left or active
    time,        // `at`
    operations,  // so many are over: answered, or given up
  };
  Until until = Until::quiet;
  sim::Time at;
  std::uint64_t operations = 0;
  sim::Time limit = {600'000'000'000};  // no later than this; a run that reaches it has not ended as planned: unknown
  bool heal = true;                     // then all faults end, stopped processes start, and liveness is judged
  std::vector<Name> lost;               // but these never come back: nodes; the arbiter, `disk`: out of reach
  Duration settle = seconds(30);        // within this after healing

  friend bool operator==(const End&, const End&) = default;
};

struct Scenario {
  std::string name;
  std::string why;
  std::uint64_t seed = 1;
  sim::TieOrder ties = sim::TieOrder::insertion;
  Cluster cluster;
  Network network;
  Disks disks;
  std::map<Name, sim::ClockSettings> clocks;
  std::map<Name, sim::Distribution> step_costs;  // key: `processors`
  std::vector<Work> workload;
  std::vector<FaultPlan> faults;
  std::vector<OperatorAction> operators;  // key: `operator`
  Expectations expect;
  End end;
  std::vector<sim::Pin> pins;  // decisions not left to the seed

  friend bool operator==(const Scenario&, const Scenario&) = default;
};

// All processes, in the order in which a world numbers them: nodes, the arbiter if it is a process, clients.
std::vector<Name> process_names(const Cluster& cluster);

}  // namespace smalldb::scenarios
