// Is there an order of the operations on one key that explains all answers? Just-in-time linearization, online.
//
// Takes invocations and completions in the order in which they happened. What is known of the key is a set of
// *configurations*, each a state the key may be in and the open operations that have taken effect in it already. When
// an operation returns, it must have taken effect by then: open writes are given effect, in every order, until it has;
// the configurations in which it could not are dropped. If none is left, no order exists (Wing and Gong 1993; Lowe
// 2017).
//
// An invocation is taken up only when its outcome is known, so that a wrong guess is never followed: what happens
// meanwhile waits. Sound and complete for what is handed to it. Four rules keep the search small, and lose nothing:
//
//   1. What changes nothing takes effect as soon as it can: that can only help.
//   2. Revisions are positions in the log, so they rise from write to write: of the open writes whose revisions are
//      known the lowest comes first.
//   3. A write of unknown outcome need not have happened, so it takes effect only right before something that could not
//      have happened without it; and of several that are alike, the first one does.
//   4. Of two configurations in the same state, one in which more unknown writes are left and fewer answers are open,
//      and all else is the same, makes the other superfluous.
//
// Outcomes: `failed` takes no part at all. An unknown write may take effect at any time from its invocation on, or
// never; an unknown read says nothing. The revision of an unknown write is unknown too: anything above that of the
// write before it.
#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "model/bytes.h"
#include "model/client.h"
#include "model/ids.h"
#include "model/request.h"
#include "sim/time.h"
#include "sim/trace.h"

namespace smalldb::properties {

class KeySearch {
 public:
  using Slot = std::uint32_t;
  static constexpr Slot slots_max = 256;  // operations open at a time, those of unknown outcome included

  // What a key may be.
  struct State {
    bool present = false;
    bool revision_known = true;
    Revision revision;  // of the last write or removal; if not known, of the last known one before it
    Bytes value;
    friend bool operator==(const State&, const State&) = default;
  };

  struct Operation {
    Verb verb = Verb::get;
    Condition condition;
    Bytes value;         // put: what it writes
    bool known = false;  // its outcome is
    Outcome outcome = Outcome::unknown;
    Revision revision;  // as completed
    Bytes result;       // get: what it read
    // For witnesses.
    ProcessId client = no_process;
    std::uint64_t number = 0;
    sim::Time invoked_at;
    sim::Time returned_at;
    sim::EventIndex invoked = sim::no_event;
    sim::EventIndex returned = sim::no_event;
  };

  // No order explains `culprit`. `states`: what the key may have been instead.
  struct Contradiction {
    Operation culprit;
    std::vector<State> states;
  };

  // An operation begins. Nothing if all slots are taken: the key cannot be judged any more.
  std::optional<Slot> invoke(const Operation& operation);
  // Its outcome is known now. It counts as returned unless that is Outcome::unknown: then it stays open for good.
  void complete(Slot slot, Outcome outcome, Revision revision, const Bytes& result, sim::Time at,
                sim::EventIndex event);

  // Takes up what waited, as far as outcomes are known. Each step of the search counts `steps_left` down; at 0 it ends
  // without a result and the key cannot be judged any more.
  std::optional<Contradiction> search(std::uint64_t& steps_left);

  bool judged() const { return judged_; }

 private:
  using Slots = std::bitset<slots_max>;

  struct Configuration {
    Slots done;  // their operations have taken effect
    State state;
    friend bool operator==(const Configuration&, const Configuration&) = default;
  };
  // On the way to a return. `unseen`: the last write was of unknown outcome, and nothing has seen it yet; the state
  // before it, so that what comes next can be required to need it (rule 3).
  struct Attempt {
    Configuration configuration;
    std::optional<State> unseen;
  };
  struct Happening {
    Slot slot;
    bool invocation;
  };

  Contradiction contradiction(const Operation& culprit) const;
  void take_up(Slot slot);
  bool take_return(Slot slot, std::uint64_t& steps_left);
  std::optional<Attempt> attempt(const Attempt& from, Slot write) const;
  bool is_next(Slot write, const Configuration& configuration) const;
  bool covers(const Configuration& one, const Configuration& other) const;
  template <class T>
  void add(std::vector<T>& to, T candidate) const;
  bool settle_reads(Configuration& configuration) const;
  void free(Slot slot);
  void retire_spent();

  std::vector<Operation> operations_;  // by slot
  Slots used_;
  Slots open_;     // of those used, taken up: they may take effect
  Slots unknown_;  // of those open, never to return
  Slots reads_;    // of those open, changing nothing
  std::vector<Happening> waiting_;
  std::size_t next_ = 0;  // of waiting_
  std::vector<Configuration> configurations_{Configuration{}};
  bool judged_ = true;
};

}  // namespace smalldb::properties
