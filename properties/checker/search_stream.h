// One key, judged while things happen to it: as soon as an answer comes that no order explains, it says so.
//
// It holds the configurations (just_in_time.h) of now, in which operations that have not returned are optional, and of
// each of these, the configurations at the instant of its invocation. When it returns, what has happened since is gone
// through again, with its answer; that is as long as the operation took, however long the history is. What happened
// before the oldest open invocation will never be gone through again, and is forgotten.
//
// What may still matter, and so is kept:
//   - the operations that are open, and what happened since the oldest of them was invoked;
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

class SearchStream {
 public:
  using Slot = std::uint32_t;

  explicit SearchStream(ValueId initial) : configurations_{{state_of(initial), {}, {}}} {}

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

  // The states that the key may be in: before the last answer if that contradicts, else now.
  std::vector<State> states() const;
  // How many things it remembers: operations, configurations.
  std::size_t size() const;
  template <class Mark>
  void mark_values(const Mark& mark) const;

 private:
  enum class Phase : std::uint8_t { none, pending, unknown, returned, no_part };
  // The configurations at the invocation of an operation that has not returned.
  struct Snapshot {
    std::vector<Configuration> configurations;
    SlotSet open;
  };
  struct Happening {
    Slot slot;
    bool invoked;
  };

  void add_slot();
  void set_step(Slot slot, const Step& step);
  void set_no_step(Slot slot);
  Answer go_again_from(Slot slot, LiveValues& values, std::uint64_t& steps_left);
  void forget_the_past();
  void retire_spent();
  void free(Slot slot);

  Board board_;
  std::vector<Phase> phases_;        // by slot
  std::vector<Snapshot> snapshots_;  // by slot; of those pending
  std::vector<Slot> unused_;
  SlotSet unknown_;

  std::vector<Happening> happenings_;  // from first_ on in use
  std::size_t first_ = 0;
  std::uint64_t forgotten_ = 0;  // happenings before happenings_[0]

  std::vector<Configuration> configurations_;
  SlotSet open_;  // of those whose step is known
};

template <class Mark>
void SearchStream::mark_values(const Mark& mark) const {
  const auto mark_all = [&](const std::vector<Configuration>& configurations) {
    for (const Configuration& configuration : configurations) mark(configuration.state.value);
  };
  mark_all(configurations_);
  for (std::size_t slot = 0; slot < phases_.size(); ++slot) {
    if (phases_[slot] == Phase::none) continue;
    mark(board_.steps[slot].to.value);
    mark(board_.steps[slot].need.value);
    mark_all(snapshots_[slot].configurations);
  }
}

}  // namespace smalldb::checker
