// Runs a scenario: the world made of the model's machines, the users, the faults, and the properties that judge it.
//
//     Result result = run(scenario);
//
//     Run one(scenario);               // or step by step; a Run is a value, a copy goes on by itself
//     while (one.step()) { ... }
//     Result result = one.finish();
//
// A run goes through three phases. In the first the scenario's work is done and its faults strike, until its end has
// come (or a property is violated that was expected to hold: then the run stops there). Then the world heals: faults
// end, what stopped is started, and liveness is judged. Last, a client reads every key that the story was about, and
// the values that the scenario expects, and then writes those keys; that has to be answered too, and is judged like all
// else.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "properties/coverage.h"
#include "properties/fault_matrix.h"
#include "properties/verdict.h"
#include "scenarios/scenario.h"
#include "sim/fault.h"
#include "sim/trace.h"
#include "sim/world.h"

namespace smalldb::scenarios {

struct RunOptions {
  std::optional<std::uint64_t> seed = {};  // in place of the scenario's
  bool record = false;                     // keep the trace in the result
  std::uint64_t events_max = 200'000'000;  // then the run ends, unknown
  // Then, too: so many events at one instant, and each brings about another.
  std::uint64_t events_at_once_max = 1'000'000;
  // Asked now and then; true ends the run as interrupted (Ctrl-C).
  std::function<bool()> interrupted = {};
  // Shown the world after each of its calls that made events: `world.events()` and `world.notes()` are that call's.
  // What stories and trace files are made from while the run goes on, so that a long one needs no more memory than a
  // short.
  std::function<void(const sim::World& world)> reader = {};
};

enum class EndReason : std::uint8_t {
  as_planned,
  violation,     // a property was violated that was expected to hold
  time_limit,    // Scenario::end.limit
  event_limit,   // RunOptions::events_max
  standstill,    // RunOptions::events_at_once_max
  nothing_left,  // no event was left to happen before that limit
  interrupted,
  hung,  // it came to no end in real time: whoever waited for it has given up
};
std::string_view name(EndReason reason);
std::string_view in_words(EndReason reason);  // what follows "ended"

// One expectation and what came of it.
struct Judgement {
  enum class Met : std::uint8_t { yes, no, unknown };
  std::string what;  // "output_rule holds", "x is 3 at the end"
  Met met = Met::unknown;
  std::string found;  // in plain words
  // By its place in properties::names(): the property whose verdict this holds against what is expected. Nothing for
  // all else, and where whatever it had come out as would have been excused (Expected::if_recoverable).
  std::optional<std::size_t> property = {};
};
std::string_view name(Judgement::Met met);

// A line of the ledger: one fault of the scenario and what it did.
struct FaultAccount {
  std::size_t plan = 0;       // index in Scenario::faults
  std::string text;           // "crash a at 3s for 2s"
  std::uint64_t fired = 0;    // how often it struck
  std::uint64_t effects = 0;  // how often something really differed because of it
  bool relied_on = true;      // the scenario fails if it did not

  static constexpr std::size_t strikes_max = 3;
  struct Strike {
    sim::Time began;
    std::optional<sim::Time> ended;  // nothing: not before the run did
  };
  std::vector<Strike> strikes;  // the first of them
};

// What came of an operator's action of the scenario.
struct ActionAccount {
  std::uint64_t carried_out = 0;  // how often something came of it
  sim::Time first;                // 0: never
  std::string in_vain;            // what it met when nothing came of it; empty if its time never came
};

// A recorded trace with what is needed to read it.
struct Recording {
  std::vector<sim::TraceEvent> events;
  std::vector<effect::Note> notes;         // a note event's `a` is an index of these
  std::vector<std::string> file_names;     // by FileId
  std::vector<std::string> process_names;  // by ProcessId
  std::vector<sim::Fault> faults;          // by FaultId
};

struct Result {
  Scenario scenario;  // as it was run: the seed included
  EndReason end_reason = EndReason::as_planned;
  std::vector<properties::Verdict> verdicts;  // in the order of properties::names()
  std::vector<Judgement> judgements;          // all expectations, the properties' first
  std::vector<FaultAccount> faults;
  std::vector<ActionAccount> actions;  // by index in Scenario::operators
  std::vector<properties::Seen> coverage;
  properties::FaultMatrix::Rows fault_matrix;
  std::uint64_t hash = 0;
  std::uint64_t event_count = 0;
  std::uint64_t operations_invoked = 0;
  std::uint64_t operations_answered = 0;  // by the store
  std::optional<sim::Time> healed_at;     // nothing if the run never got there
  sim::Time ended_at;
  std::shared_ptr<const Recording> recording;  // if asked for

  // 0: everything is as expected. 1: something is not. 2: unknown.
  int exit_code() const;

  // The run came to its end as planned, and none of the scenario's faults took effect; of one that has none, none of
  // its operator's actions was carried out. What was to go wrong did not, so however the run came out, it shows nothing
  // of that. A scenario to which nothing is done is never stale.
  bool is_stale() const;
};

// REQUIRES: check(scenario) finds nothing (scenarios/check.h).
class Run {
 public:
  explicit Run(const Scenario& scenario, const RunOptions& options = {});
  Run(const Run& other);
  Run(Run&& other) noexcept;
  Run& operator=(const Run& other);
  Run& operator=(Run&& other) noexcept;
  ~Run();

  // Goes on by one event of the world. False if the run is over; then nothing happens any more.
  bool step();

  // Its `events` are those of the last call of it: of the last step, or of a fault that came after.
  const sim::World& world() const;

  // Judges what has been run so far. A run that is not over has ended for that reason.
  Result finish(EndReason if_not_over = EndReason::interrupted);

 private:
  class State;
  std::unique_ptr<State> state_;
};

Result run(const Scenario& scenario, const RunOptions& options = {});

}  // namespace smalldb::scenarios
