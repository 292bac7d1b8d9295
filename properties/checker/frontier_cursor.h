// Who is open at one return of a key's operations, for a search that moves from return to return, back and forth.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "properties/checker/bits.h"
#include "properties/checker/state_table.h"
#include "properties/checker/steps.h"
#include "properties/checker/timeline.h"

namespace smalldb::checker {

// `words`: of 64 slots each; as many operations may be open at a time.
template <std::size_t words>
class FrontierCursor {
 public:
  using Slots = Bits<words>;

  // `after`: by step, the state after it.
  FrontierCursor(const Steps& all, const Timeline& timeline, const std::vector<StateId>& after)
      : steps(timeline.slots),
        targets(timeline.slots),
        earlier_twins(timeline.slots),
        all_(all),
        timeline_(timeline),
        after_(after) {}

  // To right before the happening `to`.
  void move(std::uint32_t to);

  Slots open;
  Slots reads;
  Slots needy;  // that need something
  Slots optional;
  Slots blind;
  std::vector<std::uint32_t> steps;  // by slot
  std::vector<StateId> targets;      // likewise
  std::vector<Slots> earlier_twins;  // likewise: those that go first (rule 6), among others that are closed

 private:
  void add(const Happening& happening);
  void remove(const Happening& happening);
  void find_twins(std::uint32_t slot);

  const Steps& all_;
  const Timeline& timeline_;
  const std::vector<StateId>& after_;
  std::uint32_t next_ = 0;  // of the happenings
};

template <std::size_t words>
void FrontierCursor<words>::move(std::uint32_t to) {
  using Kind = Happening::Kind;
  while (next_ < to) {
    const Happening& happening = timeline_.happenings[next_++];
    happening.kind == Kind::invoked ? add(happening) : remove(happening);
  }
  while (next_ > to) {
    const Happening& happening = timeline_.happenings[--next_];
    happening.kind == Kind::invoked ? remove(happening) : add(happening);
  }
}

template <std::size_t words>
void FrontierCursor<words>::add(const Happening& happening) {
  const Step& step = all_.steps[happening.step];
  steps[happening.slot] = happening.step;
  targets[happening.slot] = after_[happening.step];
  find_twins(happening.slot);
  open.set(happening.slot);
  if (step.is_read()) reads.set(happening.slot);
  if (!step.need.none()) needy.set(happening.slot);
  if (step.optional) optional.set(happening.slot);
  if (step.is_blind()) blind.set(happening.slot);
}

template <std::size_t words>
void FrontierCursor<words>::remove(const Happening& happening) {
  for (Slots* const slots : {&open, &reads, &needy, &optional, &blind}) slots->reset(happening.slot);
}

template <std::size_t words>
void FrontierCursor<words>::find_twins(std::uint32_t slot) {
  const std::uint32_t opened = steps[slot];
  const Step& step = all_.steps[opened];
  earlier_twins[slot] = {};
  if (step.is_read()) return;
  const Slots others = open - reads;
  for (std::uint32_t other = others.next(0); other < Slots::size; other = others.next(other + 1)) {
    earlier_twins[other].reset(slot);
    if (targets[other] != targets[slot]) continue;
    const Step& twin = all_.steps[steps[other]];
    const bool alike =
        twin.effect == step.effect && twin.need == step.need && (step.effect == Effect::set || twin.to == step.to);
    if (!alike) continue;
    const bool other_first = std::pair(twin.returned, steps[other]) < std::pair(step.returned, opened);
    other_first ? earlier_twins[slot].set(other) : earlier_twins[other].set(slot);
  }
}

}  // namespace smalldb::checker
