// All properties of a run, judged online from its trace.
//
//     Properties properties(cast);
//     properties.observe(world.events(), world);             // after every step
//     if (const auto broken = properties.first_violation()) ...
//     properties.heal(world.now());                          // faults are over: liveness counts from here
//     properties.finish(world.now());
//     for (const Verdict& verdict : properties.verdicts()) ...
//
// Nothing here asks a machine whether it behaved: frames, disks and answers are read as the trace shows them. A
// Properties is a value; a copy goes on judging a forked run. It holds what the present depends on and no history, so
// it does not grow with the length of a run.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "model/time.h"
#include "properties/answered.h"
#include "properties/cast.h"
#include "properties/checkpoints_identical.h"
#include "properties/coverage.h"
#include "properties/definite_failure.h"
#include "properties/epochs_never_fall.h"
#include "properties/exactly_once.h"
#include "properties/fault_matrix.h"
#include "properties/flow_control.h"
#include "properties/linearizability.h"
#include "properties/no_assertion.h"
#include "properties/no_lost_write.h"
#include "properties/observer.h"
#include "properties/one_primary.h"
#include "properties/output_rule.h"
#include "properties/output_rule_causal.h"
#include "properties/recoverable.h"
#include "properties/redundancy_restored.h"
#include "properties/replicas_agree.h"
#include "properties/sessions_kept.h"
#include "properties/verdict.h"
#include "sim/trace.h"

namespace smalldb::properties {

struct PropertyDescription {
  std::string_view name;  // as scenarios and reports write it
  std::string_view what;  // what must be true, in a sentence
  bool liveness = false;  // judged only once the world is healed: unknown in a run that never was
};

// All properties, in the order of verdicts().
std::span<const PropertyDescription> descriptions();
// Their names, in the same order.
std::vector<std::string_view> names();
// The place of a name in names().
std::optional<std::size_t> find(std::string_view name);

// How long liveness may take from the moment the world is healed, or from the invocation if that is later.
struct Bounds {
  Duration answered = seconds(30);
  Duration redundancy = seconds(30);
  // Steps that the search for a linearization may take in a whole run before it gives up, unknown.
  std::uint64_t search_steps = 2'000'000;
};

class Properties final : private Listener {
 public:
  explicit Properties(Cast cast, const Bounds& bounds = {});

  // The next events of the trace, in order and without gaps. `files` is asked for names of files not met before.
  void observe(std::span<const sim::TraceEvent> events, const FileNames& files);

  // From now on the world is whole: no fault is active and all nodes that ever will be are running, but for those lost.
  void heal(sim::Time at, const Lost& lost = {});
  // The run is over.
  void finish(sim::Time at);

  // The properties violated so far, by their places in names(), in the order of their violations.
  const std::vector<std::size_t>& violations() const { return violations_; }
  std::optional<std::string_view> first_violation() const;
  const Verdict& verdict(std::size_t property) const;
  // In the order of names().
  std::vector<Verdict> verdicts() const;

  // There is a pair now: a running primary and a running backup that is declared in sync.
  bool is_pair() const;

  // Why nobody may be able to go on, by ground truth; nothing if somebody must be.
  std::optional<std::string> why_unrecoverable(const Destroyed& destroyed, const Lost& lost) const {
    return properties::why_unrecoverable(observer_.mirror(), destroyed, lost);
  }

  // Why less may be there than was answered, as the setting `acknowledge` lets it be; nothing if all must be.
  std::optional<std::string> why_not_promised() const { return properties::why_not_promised(observer_.mirror()); }

  const Coverage& coverage() const { return coverage_; }
  const FaultMatrix& fault_matrix() const { return fault_matrix_; }

 private:
  void on(const Observation& observation, const Mirror& mirror) override;
  // All that want to see an observation of this kind.
  template <ObservationKind kind>
  void tell(const Observation& observation, const Mirror& mirror);
  // Calls action(place, property) for each.
  template <class Action>
  void for_each(Action&& action);

  // Written out by hand, in the order of descriptions().
  using All = std::tuple<OutputRule, OutputRuleCausal, NoLostWrite, Linearizability, OnePrimary, ExactlyOnce,
                         DefiniteFailure, ReplicasAgree, CheckpointsIdentical, EpochsNeverFall, FlowControl,
                         SessionsKept, NoAssertion, Answered, RedundancyRestored>;
  static constexpr std::size_t count = std::tuple_size_v<All>;

  Observer observer_;
  All all_;
  Coverage coverage_;
  FaultMatrix fault_matrix_;
  std::vector<std::size_t> violations_;
};

}  // namespace smalldb::properties
