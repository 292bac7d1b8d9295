// The parts of a drawn scenario, in the order in which they are drawn; each rests on those before it.
#pragma once

#include <cstdint>
#include <vector>

#include "scenarios/generator/draws.h"
#include "scenarios/generator/generate.h"
#include "scenarios/generator/pace.h"
#include "scenarios/scenario.h"

namespace smalldb::scenarios::generator {

void draw_cluster(Draws& draws, Scenario& scenario);
void draw_world(Draws& draws, Scenario& scenario);
void draw_workload(Draws& draws, const Pace& pace, Scenario& scenario);
void draw_faults(Draws& draws, const Pace& pace, Budget budget, Scenario& scenario);
// Clocks, work and faults in one, and an operator's commands if there `may_be_commands`; the story is as long as that
// takes. REQUIRES: two clients or more.
void draw_deposed(Draws& draws, Pace& pace, bool may_be_commands, Scenario& scenario);
// The same, with settings instead of clocks, and for any number of clients.
void draw_comer(Draws& draws, Pace& pace, Scenario& scenario);
void draw_forgetful_backup(Draws& draws, Pace& pace, bool may_be_commands, Scenario& scenario);
void draw_torn_end(Draws& draws, Pace& pace, Scenario& scenario);
void draw_full_writes(Draws& draws, Pace& pace, bool may_be_commands, Scenario& scenario);
// The same. REQUIRES: a tie breaker.
void draw_forgetful_arbiter(Draws& draws, Pace& pace, Scenario& scenario);
void draw_many_epochs(Draws& draws, Pace& pace, Scenario& scenario);
// The same. REQUIRES: a shared lock.
void draw_damaged_register(Draws& draws, Pace& pace, Scenario& scenario);
// The same. REQUIRES: two clients or more.
void draw_few_sessions(Draws& draws, Pace& pace, Scenario& scenario);
// More work, with the settings that it wants.
void draw_much(Draws& draws, const Pace& pace, Scenario& scenario);
// A link that carries no large value while nobody is suspected yet.
bool chokes_a_link(const FaultPlan& fault);
void draw_operators(Draws& draws, const Pace& pace, Scenario& scenario);
// Others in the place of some that have been drawn.
void draw_rare_steps(Draws& draws, Scenario& scenario);
void draw_files(Draws& draws, Scenario& scenario);
// An operator stops it, so long after that has occurred.
OperatorAction stops(const Name& who, Occurrence when, Duration after);
// An operator starts it again, so long after it has stopped, so many times.
OperatorAction starts_again(const Name& who, Duration after, std::uint64_t times);
// A node that is told to stop, and started again. REQUIRES: two nodes or more.
void draw_planned_stop(Draws& draws, const Pace& pace, Scenario& scenario);
// With a manual arbiter. REQUIRES: two nodes or more, of which the first alone may found.
void draw_takeover_by_hand(Draws& draws, Pace& pace, Scenario& scenario);
// Who does not come back. Nobody, mostly.
void draw_lost(Draws& draws, Scenario& scenario);
void draw_end(Draws& draws, const Pace& pace, Budget budget, Scenario& scenario);
// How long what is asked of the healed world may take (End::settle), by what is expected and whether it is healed.
Duration time_to_settle(const Pace& pace, const Scenario& scenario);

// A client that never finds out by a write that its primary was deposed.
inline constexpr Mix only_reads = {1, 0, 0, 0, 0, 0};
inline constexpr Mix only_writes = {0, 1, 0, 0, 0, 0};

// The nth time that anybody notes it.
Occurrence noted(const char* note, std::uint64_t nth = 1);
// Strikes so long after that has occurred, and may come to nothing.
FaultPlan strikes(sim::FaultKind kind, Occurrence when, Duration after = {});

// Its script does.
bool waits_for_something(const Work& work);
// The work of its clients: since nobody may be there to serve them, or a script waits for what need not occur.
bool may_never_be_done(const Scenario& scenario);

// Leaves out faults, actions and waits that check() finds fault with. Nothing if it finds fault with what remains.
std::optional<Scenario> without_what_does_not_fit(Scenario scenario);

// A step of the protocol at which something may strike or be waited for. Not `before` it.
Occurrence any_step(Draws& draws, const Scenario& scenario);

}  // namespace smalldb::scenarios::generator
