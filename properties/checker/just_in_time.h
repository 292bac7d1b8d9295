// One step of a search that cannot look ahead: an operation returns, so it must have taken effect by now.
//
// A *configuration* is what may be the case at one instant: the state of the key, and which of the open operations have
// taken effect (just-in-time linearization: Lowe 2017). When an operation returns, open ones are given effect, in
// whatever order, until it has; the configurations in which it could not are dropped. If none is left, no order exists.
//
// The rules that keep configurations few stand beside the code; each says why it loses nothing. They are those of the
// search of whole histories (frontier.h) as far as these do not depend on what comes later: here nobody knows.
#pragma once

#include <cstdint>
#include <vector>

#include "properties/checker/live_values.h"
#include "properties/checker/slot_set.h"
#include "properties/checker/steps.h"

namespace smalldb::checker {

// An open operation that is neither in `done` nor in `maybe` has not taken effect. One in `maybe` may count as having
// taken effect, unseen, or take effect yet, as is needed (rule 2). Only blind writes that returned are ever there.
struct Configuration {
  State state;
  SlotSet done;
  SlotSet maybe;
  std::uint64_t floor = 0;  // where revisions are promised: that of the state, or the least that it may have
};

// What is known of the operations, by slot. An operation that has not returned, or never will, is optional if it
// writes; one that may read something, nobody knows what, is not there.
struct Board {
  std::vector<Step> steps;
  std::vector<std::uint64_t> invoked;   // when, in the order of events
  std::vector<std::uint64_t> returned;  // likewise; the greatest number: never, or not yet
  SlotSet reads;
  SlotSet optional;
  SlotSet blind;
  SlotSet appends;
  Revisions revisions = Revisions::claimed;
  std::vector<std::uint64_t> promises;  // the revision of what each read, or wrote; 0: not told
};

class JustInTime {
  struct Attempt;

 public:
  // What a search works with. Kept from one to the next, it spares asking for memory.
  class Room {
    friend JustInTime;
    std::vector<Attempt> attempts_;
    std::vector<Configuration> arrived_;
  };

  JustInTime(const Board& board, LiveValues& values, std::uint64_t& steps_left, Room& room)
      : board_(board), values_(values), steps_left_(steps_left), attempts_(room.attempts_), arrived_(room.arrived_) {}

  // Makes of `configurations` what becomes of them when the operation of `slot`, one of `open`, returns. `open`: those
  // that have been invoked and have not returned by now. If no steps are left it gives up, and nothing is said.
  void take_return(std::vector<Configuration>& configurations, const SlotSet& open, std::uint32_t slot);
  // Makes of the one configuration what becomes of it when an operation returns that nobody was open beside; it need
  // not be on the board. `promise`: as Board::promises. If that cannot be, or no steps are left, false, and nothing is
  // changed.
  bool take_alone(Configuration& configuration, const Step& step, std::uint64_t promise);
  bool gave_up() const { return gave_up_; }

 private:
  // On the way to a return. If the last write was of no use yet, `unseen`, what comes next must need it (rule 4).
  struct Attempt {
    Configuration configuration;
    State before;
    std::uint64_t floor_before = 0;
    bool unseen = false;
    bool swept = false;  // that write made others count as done (rule 2)
  };

  void expand(Configuration configuration);
  void try_step(std::size_t from, std::uint32_t slot);
  void give_effect(Configuration& configuration, std::uint32_t slot);
  static std::uint64_t floor_after(std::uint64_t floor, const Step& step, std::uint64_t promise);
  void leave(Configuration& configuration, const Step& step, std::uint64_t promise);
  bool settle(Configuration& configuration) const;
  bool is_useful(const Configuration& configuration, std::uint32_t slot, SlotSet& asked);
  bool is_next(const Configuration& configuration, std::uint32_t slot) const;
  bool leaves_room(const Configuration& configuration, std::uint32_t slot) const;
  bool has_earlier_twin(const Configuration& configuration, std::uint32_t slot) const;
  bool covers(const Configuration& one, const Configuration& other) const;
  void add_attempt(Attempt attempt);
  void arrive(Configuration configuration);
  void finish(Configuration& configuration) const;
  SlotSet due_writes() const;
  const Step& at(std::uint32_t slot) const { return board_.steps[slot]; }
  bool met(const Step& step, std::uint64_t promise, const State& state, std::uint64_t floor) const;
  bool met(std::uint32_t slot, const State& state, std::uint64_t floor) const {
    return met(at(slot), is_promised() ? board_.promises[slot] : 0, state, floor);
  }
  bool met(std::uint32_t slot, const Configuration& one) const { return met(slot, one.state, one.floor); }
  bool is_promised() const { return board_.revisions == Revisions::promised; }
  bool determines(const Step& step, const State& state) const;
  bool determines(std::uint32_t slot, const State& state) const { return determines(at(slot), state); }
  bool spend(std::uint64_t steps);

  const Board& board_;
  LiveValues& values_;
  std::uint64_t& steps_left_;
  bool gave_up_ = false;

  const SlotSet* open_ = nullptr;
  std::uint32_t returning_ = 0;
  bool may_wait_ = false;  // a write for what needs it
  std::vector<Attempt>& attempts_;
  std::vector<Configuration>& arrived_;
};

}  // namespace smalldb::checker
