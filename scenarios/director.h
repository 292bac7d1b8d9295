// The director: brings the faults of a scenario into the world, and the operator's commands, each when its time has
// come.
//
// A fault aimed at a role (`primary`, `backup`) that nobody plays at its time strikes as soon as somebody does. What is
// left to chance (the times of `randomly`, how long a fault lasts, whom `random` means, and all that the fault does in
// the world by its key) is drawn by what the fault's own words say is done, so that taking one fault out leaves the
// others as they were.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "scenarios/lookout.h"
#include "scenarios/parts.h"
#include "scenarios/run.h"
#include "scenarios/scenario.h"
#include "scenarios/stage.h"
#include "sim/world.h"

namespace smalldb::scenarios {

class Director {
 public:
  Director(std::shared_ptr<const Scenario> scenario, const Numbers& numbers, const sim::Dice& dice, Lookout& lookout);

  // When something is due next; nothing if nothing is.
  std::optional<sim::Time> due() const;
  // Nothing timed is left, and no fault is active that ends by itself.
  bool quiet() const { return timed_ == 0 && ending_ == 0; }

  // Told of all that the director brings about.
  class Witness {
   public:
    // world.events() is new.
    virtual void happened(sim::World& world) = 0;
    // These have occurred, without an event of the world.
    virtual void saw(const std::vector<WatchId>& watches) = 0;

   protected:
    ~Witness() = default;
  };

  // Does the next thing that is due. REQUIRES: world.now() == due().
  void act(sim::World& world, const Parts& parts, Lookout& lookout, Witness& witness);
  // Occurrences have occurred, ahead (nothing has happened yet) or not.
  void on_seen(const std::vector<WatchId>& seen, sim::World& world, const Parts& parts, Lookout& lookout,
               Witness& witness);
  // Somebody plays another part now.
  void on_parts_changed(sim::World& world, const Parts& parts, Lookout& lookout, Witness& witness);
  // A fault_ended event.
  void on_fault_ended(sim::FaultId fault, Lookout& lookout, std::vector<WatchId>& seen);
  // Events of these kinds, which may be what an operator's command brings about.
  void on_started(const sim::TraceEvent& event);
  void on_note(const sim::TraceEvent& event, const sim::World& world);

  // From now on nothing new happens.
  void retire();

  // Per fault of the scenario.
  const std::string& words(std::size_t plan) const { return (*words_)[plan]; }
  std::uint64_t fired(std::size_t plan) const { return plans_[plan].fired; }
  std::vector<sim::FaultId> struck(std::size_t plan) const;  // what it brought into the world
  // An operator has told it to stop; it may not have ended yet.
  bool has_told_to_stop(ProcessId process) const {
    return std::any_of(told_to_stop_.begin(), told_to_stop_.end(),
                       [&](const Life& life) { return life.process == process; });
  }
  // Per operator's action.
  const ActionAccount& account(std::size_t action) const { return plans_[faults_ + action].account; }

 private:
  // A fault or an operator's action, and how far it has come.
  struct Plan {
    sim::Key key{};                // of its draws
    std::optional<WatchId> start;  // Schedule::when
    std::optional<WatchId> stop;   // FaultPlan::until
    std::uint64_t seen = 0;        // of start, since Schedule::from
    std::uint64_t fired = 0;
    std::uint64_t active = 0;  // of the faults that it brought into the world
    ActionAccount account;     // an action
    bool timed = false;
  };
  struct Life {
    ProcessId process;
    std::uint64_t incarnation;
    friend bool operator==(const Life&, const Life&) = default;
  };
  // A command of which something may still come.
  struct Order {
    std::size_t plan;
    Life life;  // in which it was given
    sim::Time at;
  };
  struct Active {
    std::size_t plan;
    bool ends_by_itself;
    std::optional<std::uint64_t> stop_count;  // of the watch `stop`, at which it ends
  };

  const Schedule& schedule(std::size_t plan) const;
  void schedule_at(sim::Time at, std::size_t plan);
  void fire(std::size_t plan, sim::World& world, const Parts& parts, Lookout& lookout, Witness& witness);
  bool strike(std::size_t plan, sim::World& world, const Parts& parts, Lookout& lookout, Witness& witness);
  bool command(std::size_t plan, sim::World& world, const Parts& parts);
  // Why nothing can come of a command that is given now; empty if something may.
  std::string in_vain(OperatorAction::Command command, const Life& life, const sim::World& world,
                      const Parts& parts) const;
  void carried_out(std::size_t plan, sim::Time at);
  std::optional<ProcessId> aim(const Name& name, std::size_t plan, const sim::World& world, const Parts& parts) const;
  // Which of `count` is the one that `random` means, as of the plan's next firing.
  std::uint64_t draw_victim(std::size_t plan, const sim::World& world, std::uint64_t count) const;
  // REQUIRES: the fault names links. Nothing if one of the roles is nobody's.
  std::optional<std::vector<sim::Direction>> aim_links(std::size_t plan, const sim::World& world,
                                                       const Parts& parts) const;
  std::optional<std::vector<sim::Direction>> links_if_random_is(ProcessId random, const FaultPlan& fault,
                                                                const Parts& parts) const;

  std::shared_ptr<const Scenario> scenario_;
  std::shared_ptr<const Numbers> numbers_;
  std::size_t faults_;
  std::vector<Plan> plans_;                                // the faults, then the operator's actions
  std::shared_ptr<const std::vector<std::string>> words_;  // of the plans: what is done, and when
  std::multimap<sim::Time, std::size_t> due_;              // plans; of one time, the one scheduled first
  std::map<sim::FaultId, Active> active_;                  // with something left to end
  std::vector<std::size_t> waiting_;                       // for somebody to play a role
  std::vector<std::size_t> plan_of_fault_;                 // by FaultId
  std::uint64_t timed_ = 0;                                // firings that are due by time
  std::uint64_t ending_ = 0;                               // active faults that end by themselves
  std::vector<Order> orders_;
  std::vector<Life> told_to_stop_;
  bool retired_ = false;
};

}  // namespace smalldb::scenarios
