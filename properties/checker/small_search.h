// The search for a key's past and for parts of it, of which a reason has many judged: a microsecond each, where that of
// whole histories (frontier.h) takes longer to get ready.
//
// It goes from return to return, as one does who cannot look ahead, by the rules that just_in_time.cpp argues. Sets of
// operations are single words, states are numbers, and what it works with is kept from one judgement to the next. So it
// judges only what fits: at most 64 operations open at a time, of which none appends and none needs a revision. Since
// it holds all that may be the case, it knows what the key may hold at the end, and which operation was the first that
// nothing explains.
//
// Of a set of at most 64 operations many parts are judged, one after the other. There each operation has its slot from
// the start, in the order of returns, and all tables are made once: a part is two words, and which of it are open when
// an operation returns is one more.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "properties/checker/conclusion.h"
#include "properties/checker/flat_map.h"
#include "properties/checker/steps.h"

namespace smalldb::checker {

class SmallSearch {
 public:
  static constexpr std::uint32_t most = 64;  // open at a time; or of a set of which parts are judged

  // Unknown if it does not fit, or takes more than `steps_left` steps, from which those taken are.
  Conclusion judge(const Steps& all, std::uint64_t& steps_left);

  // Gets ready to judge parts of these, which it keeps a pointer to. False if they do not fit.
  bool take(const Steps& all);
  // Of those taken, by number. REQUIRES: they were.
  std::uint32_t slot_of(std::size_t step) const { return slot_of_[step]; }
  // Of what was taken, by slot: what happened as it did, and writes that may take effect at any instant or never. With
  // `free` these do so whatever there is.
  struct Part {
    std::uint64_t strict = 0;
    std::uint64_t loose = 0;
    bool free = false;
  };
  // As above.
  Conclusion judge(const Part& part, std::uint64_t& steps_left);

  // violated: the position of the operation that nothing explains, though all that returned before it have an order.
  std::uint32_t culprit() const { return culprit_; }

  // holds: the writes of an order, each at an instant. Those that somebody may have overwritten unseen are left out:
  // they come right before another write at the same instant, or where their value is there anyway.
  struct Write {
    const Step* step = nullptr;  // of those that were judged
    Instant at = 0;
    bool seen = false;  // somebody may have read what it left
  };
  void way(std::vector<Write>& way) const;
  // Whether the key may hold this in the end; violated: before the culprit returned. Unknown if steps or room are too
  // few to tell.
  Conclusion may_hold(ValueId value, std::uint64_t& steps_left);

 private:
  using Slots = std::uint64_t;
  using Slot = std::uint32_t;
  static constexpr std::uint32_t none = 0xffffffff;

  // An open operation that is neither in `done` nor in `maybe` has not taken effect.
  struct Configuration {
    Slots done = 0;
    Slots maybe = 0;
    std::uint32_t value = 0;
    std::uint32_t trail = none;  // the last write on the way here
  };
  struct Attempt {
    Configuration configuration;
    std::uint32_t before = 0;
    bool unseen = false;
    bool swept = false;
  };
  struct Open {
    std::uint32_t step = 0;
    std::uint32_t to = 0;      // by number, as all values here
    std::uint32_t needed = 0;  // or not to be
    Need::Kind need = Need::Kind::none;
    Slots earlier_twins = 0;
  };
  // Of those that are open, and maybe of others, who has to do with a value.
  struct Value {
    Slots needs = 0;
    Slots denies = 0;
    Slots sets = 0;
  };
  struct TrailStep {
    std::uint32_t before = none;
    std::uint32_t step = 0;
    Instant at = 0;
    bool seen = false;  // on some way
  };

  // Of those that are open, and maybe of others.
  struct Kinds {
    Slots reads = 0;
    Slots optional = 0;
    Slots blind = 0;
    Slots needless = 0;
    Slots denials = 0;
  };

  void clear(const Steps& all);
  static bool fits(const Step& step);
  bool start(const Steps& all);
  bool invoke(std::uint32_t step);
  void add(std::uint32_t step, Slot slot);
  void begin(const Part& part);
  void order_twins(const Part& part);
  Slots alike(Slot slot) const;
  void find_twins(Slot slot);
  void close(Slot slot);
  void take_return(Slot slot);
  void expand(const Configuration& from);
  void try_step(std::size_t from, Slot slot);
  void give_effect(Configuration& configuration, Slot slot);
  bool settle(Configuration& configuration);
  Slots worth_trying(const Configuration& configuration) const;
  Slots overwriting_of(const Configuration& configuration, Slots writes) const;
  bool covers(const Configuration& one, const Configuration& other) const;
  void add_attempt(Attempt attempt);
  void arrive(Configuration configuration);
  void spend(std::uint64_t steps) { steps_left_ -= std::min(steps_left_, steps); }

  std::uint32_t number(ValueId value);
  static Slots bit(Slot slot) { return Slots{1} << slot; }
  static Slots below(Slot slot) { return bit(slot) - 1; }
  Slots met_by(std::uint32_t value) const {
    return kinds_.needless | values_[value].needs | (kinds_.denials & ~values_[value].denies);
  }
  Slots due_writes() const { return open_ & kinds_.blind & ~kinds_.optional; }
  // Of `writes`, those that leave what the one of `slot` needs.
  Slots meeting(Slot slot, Slots writes) const {
    if ((kinds_.needless & bit(slot)) != 0) return writes;
    const Open& open = opened_[slot];
    const Slots sets = values_[open.needed].sets;
    return writes & (open.need == Need::Kind::is ? sets : ~sets);
  }

  const Steps* all_ = nullptr;
  FlatMap numbers_{0};
  std::vector<Value> values_;
  std::vector<std::pair<Instant, std::uint32_t>> returns_;
  std::vector<Slot> slot_of_;  // by step
  std::array<Open, most> opened_;

  Slots open_ = 0;
  Kinds kinds_;

  // Of what was taken:
  Kinds taken_;
  Slots taken_writes_ = 0;
  Slots have_twins_ = 0;
  bool was_free_ = false;               // the part that was judged last
  std::array<Slots, most> invoked_by_;  // the return of each

  std::vector<Configuration> configurations_;
  std::vector<Configuration> arrived_;
  std::vector<Attempt> attempts_;
  std::vector<TrailStep> trail_;
  Slot returning_ = 0;
  Instant now_ = 0;
  std::uint64_t steps_left_ = 0;
  std::uint32_t culprit_ = 0;
};

}  // namespace smalldb::checker
