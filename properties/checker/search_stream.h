// One key, judged while things happen to it: as soon as an answer comes that no order explains, it says so.
//
// It holds the configurations (just_in_time.h) of now, in which operations that have not returned are optional, and of
// each of these, the configurations at the instant of its invocation. When it returns, what has happened since is gone
// through again, with its answer; that is as long as the operation took, however long the history is. What happened
// before the oldest open invocation will never be gone through again, and is forgotten.
//
// The more is open, the more may have happened of which nothing is known yet, and soon more than can be gone through:
// thirty operations that wait for a store that has come to nothing may take effect in any order. Most of that is over
// once their answers are there. So for as long as anything is open the search has little patience; past it, it falls
// behind: it keeps what happened since the oldest open invocation, and tries that again when the next outcome is known.
// When nothing is open it takes what steps there are.
//
// Most operations are alone on their key from their invocation to their return. For these nothing of all this is
// done: the one configuration that there is has to explain the answer.
//
// What may still matter, and so is kept:
//   - the operations that are open, and what happened since the oldest of them was invoked: one that never gets an
//     outcome, not even that it is unknown, keeps all that comes after it;
//   - the states that the key may be in;
//   - writes of unknown outcome: they may take effect at any time to come. One is over when it has taken effect in all
//     configurations of the oldest instant that is kept.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "properties/checker/history.h"
#include "properties/checker/just_in_time.h"

namespace smalldb::checker {

struct StreamOptions {
  Revisions revisions = Revisions::claimed;
  std::uint64_t patience = 1000;  // steps for one answer, as long as outcomes are open
  std::size_t seats_spared = 64;  // what is over keeps its place on the board, if it may be gone through again
  bool forgets_at_once = false;   // what zones need not know any more; else when it is worth the work
};

class SearchStream {
 public:
  using Slot = std::uint32_t;

  SearchStream(ValueId initial, const StreamOptions& options);

  // An operation begins; its answer is not known yet.
  Slot invoke(const Operation& operation);
  // The same in a slot of the caller's choice, of those that reserve() kept from invoke(); unreserve() gives some back.
  // REQUIRES: reserve() is called first of all.
  void reserve(std::size_t slots);
  void invoke_in(Slot slot, const Operation& operation);
  void unreserve(const std::vector<Slot>& slots);

  enum class Answer { explained, contradicts, given_up };
  // Its outcome is known. REQUIRES: no answer before was other than explained. Takes from `steps_left`.
  Answer complete(Slot slot, const Operation& operation, LiveValues& values, std::uint64_t& steps_left);

  // When it was invoked, in the order of events: two that have one slot after the other are told apart by that.
  std::uint64_t invoked(Slot slot) const { return records_[slot].invoked; }

  // After an answer that contradicts: which is the first that no order explains; that answer, or, if the stream was
  // behind, maybe one before it.
  Slot culprit() const { return culprit_; }
  // Whether it is its revision alone that no order explains. `operation`: that of the culprit.
  bool would_explain_without_revision(const Operation& operation, LiveValues& values, std::uint64_t& steps_left) const;

  // Answers wait to be judged, until more is known of what is open.
  bool is_behind() const { return behind_; }
  // The states that the key may be in: before the last answer if that contradicts, else now. Of what has been judged.
  std::vector<State> states() const;
  // How many things it remembers: operations, configurations.
  std::size_t size() const;
  template <class Mark>
  void mark_values(const Mark& mark) const;

 private:
  // A place on the board, where an operation is while it is open: there are as many as are open at a time.
  using Seat = std::uint32_t;

  enum class Phase : std::uint8_t { none, pending, unknown, returned, no_part };
  // An operation that is open, or may be gone through again.
  struct Record {
    Phase phase = Phase::none;
    bool has_step = false;
    Seat seat = 0;
    Step step;
    std::uint64_t promise = 0;
    std::uint64_t invoked = 0;  // when, in the order of events
    std::uint64_t returned = 0;
  };
  // The configurations at the invocation of an operation that has not returned.
  struct Snapshot {
    std::vector<Configuration> configurations;
    SlotSet open;

    void clear() {  // and keep the memory
      configurations.clear();
      open = {};
    }
  };
  struct Happening {
    Slot slot;
    bool invoked;
  };

  void add_slot();
  bool is_quiet() const;
  void begin(Slot slot);
  void begin_who_was_alone();
  bool complete_alone(const Operation& operation, LiveValues& values, std::uint64_t& steps_left);
  std::uint64_t promise_of(const Operation& operation) const;
  Seat find_seat() const;
  void take_seat(Slot slot);
  void sit_down(Slot slot);
  void go_back_to(std::size_t happening);
  Answer go_again_from(Slot slot, LiveValues& values, std::uint64_t& steps_left);
  void forget_the_past();
  // Nearly all that happens is an operation's invocation or its return, and a return takes a step.
  bool is_too_much(std::size_t from, std::uint64_t patience) const {
    return (happenings_.size() - from) / 2 > patience;
  }
  void fall_behind();
  void retire_spent();
  void free(Slot slot);
  Slot oldest() const { return happenings_[first_].slot; }  // that is pending, or has ended just now

  static constexpr Slot nobody = 0xffffffff;

  std::uint64_t patience_;
  std::size_t seats_spared_;
  Board board_;               // by seat, as are the sets of configurations and snapshots
  std::vector<Slot> seated_;  // by seat: who is on the board
  std::vector<Slot> owners_;  // by seat: who was the last to take it; nobody: it is free
  std::vector<Seat> free_seats_;
  bool shared_ = false;              // two that may be gone through again have had one seat
  std::vector<Record> records_;      // by slot
  std::vector<Snapshot> snapshots_;  // by slot; of those pending
  std::vector<Slot> unused_;
  std::vector<Slot> unknown_;

  std::vector<Happening> happenings_;  // from first_ on in use
  std::size_t first_ = 0;
  std::uint64_t forgotten_ = 0;  // happenings before happenings_[0]

  std::vector<Configuration> configurations_;
  SlotSet open_;         // of those whose step is known
  Slot alone_ = nobody;  // who was invoked when nothing was open, and has not begun before another is invoked
  Slot culprit_ = 0;
  bool behind_ = false;  // neither these nor any snapshot but the oldest are good

  // While it is gone again from an instant: what is the case now. Kept for their memory.
  Snapshot now_;
  JustInTime::Room room_;
};

template <class Mark>
void SearchStream::mark_values(const Mark& mark) const {
  const auto mark_all = [&](const std::vector<Configuration>& configurations) {
    for (const Configuration& configuration : configurations) mark(configuration.state.value);
  };
  mark_all(configurations_);
  for (std::size_t slot = 0; slot < records_.size(); ++slot) {
    if (records_[slot].phase == Phase::none) continue;
    mark(records_[slot].step.to.value);
    mark(records_[slot].step.need.value);
    mark_all(snapshots_[slot].configurations);
  }
}

}  // namespace smalldb::checker
