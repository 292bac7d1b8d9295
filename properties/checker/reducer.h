// Comes down from all that happened to a key to a few operations that have no order, by the steps of reason.h.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include "properties/checker/answer_parts.h"
#include "properties/checker/engines.h"
#include "properties/checker/part_judge.h"
#include "properties/checker/reason.h"
#include "properties/checker/useful_writes.h"

namespace smalldb::checker {

class Reducer {
 public:
  // Begins with what the violation names or, if that is nothing, with all: as far as it happened by the return of its
  // culprit.
  Reducer(const KeyTask& task, const Steps& all, const Violation& violation, std::uint64_t steps_max,
          const WorthIt& worth_it = {});

  // Whether a few of the last operations prove it.
  bool proves_soon();
  // Whether what is named has no order, as far as the steps go.
  bool is_proof() { return judge(kept_) == Conclusion::violated; }
  std::uint64_t steps_left() const { return judge_.steps_left(); }
  void leave_out_the_old();
  void reduce();
  void name_operations(Violation& violation) const;
  void tell(Violation& violation) const;

 private:
  using Set = std::vector<Kept>;
  static constexpr std::size_t few = 512;
  static constexpr std::size_t recent_few = 32;  // besides the writes of scarce values
  static constexpr std::size_t recent_most = 256;
  static constexpr std::size_t no_limit = std::numeric_limits<std::size_t>::max();

  static Kept loosened(Kept one);
  Step step_of(const Kept& one) const;
  const Steps& steps_of(const Set& set);
  void get_ready();
  Conclusion judge(const Set& set);
  using Weakened = std::pair<Instant, std::uint32_t>;  // when, and which of those kept
  bool keep_recent(bool with_denials, std::size_t most);
  std::vector<std::uint32_t> take_unexplained(std::vector<Weakened>& weakened, std::size_t most) const;
  bool is_scarce(ValueId value) const { return std::find(scarce_.begin(), scarce_.end(), value) != scarce_.end(); }
  bool serves(const Step& step) const { return step.effect == Effect::set && is_scarce(step.to.value); }
  bool can_supply() const { return !judges_parts_ && !appends_ && !revisions_; }
  void supply(Step& step) const;
  bool is_supplied(const Kept& one) const;
  bool keep_scarce(std::size_t most);
  bool prove_by_scarce(std::size_t recent);
  ValueId last_in_want() const;
  void leave_out_abundant();
  void find_scarce();
  void weaken_writes_of(ValueId value);
  template <class Chosen>
  std::vector<std::uint32_t> candidates(const Chosen& chosen) const;
  Kept& find(std::size_t position);
  void weaken_in_groups(const std::vector<std::uint32_t>& positions);
  bool weaken(std::span<const std::uint32_t> positions, bool tried = false);
  bool tells_of_one(std::span<const std::uint32_t> positions);
  bool is_refuted(std::span<const std::uint32_t> positions) const;
  void need(std::uint32_t position);
  bool can_weaken(std::span<const std::uint32_t> positions);
  void drop_useless(Set& set);

  const WorthIt worth_it_;
  const Steps past_;             // up to the culprit's return
  std::vector<ValueId> scarce_;  // what the culprit needs comes first
  bool supplied_ = false;        // all others are there for whoever needs them (step 3c)
  bool appends_ = false;
  bool revisions_ = false;
  bool free_ = false;                                // what is loose is free (step 3b)
  Set kept_;                                         // by invocation; how they happened is `all`'s
  std::vector<std::vector<std::uint32_t>> refuted_;  // positions that cannot be weakened together
  Set tried_;                                        // what might be kept instead
  Set useful_set_;                                   // of that
  PartJudge judge_;
  Steps steps_;  // of the set that is judged
  UsefulWrites useful_;
  AnswerParts answer_parts_;
  Steps few_;                  // that parts are judged of
  bool judges_parts_ = false;  // every set is a part of these
  bool is_minimal_ = true;     // steps sufficed to tell of each operation that is left that it is needed
};

}  // namespace smalldb::checker
