// Whether parts of a key's past have an order: what is small in no time, the rest by the search of whole histories.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "properties/checker/engines.h"
#include "properties/checker/small_search.h"

namespace smalldb::checker {

class PartJudge {
 public:
  PartJudge(const KeyTask& task, std::uint64_t steps_max) : task_(task), steps_left_(steps_max) {}

  std::uint64_t steps_left() const { return steps_left_; }
  Conclusion judge(const Steps& steps);
  bool is_illegal(const Steps& steps) { return judge(steps) == Conclusion::violated; }

  // From now on, of all the steps that are left.
  void spend_at_most(std::uint64_t steps) { steps_left_ = std::min(steps_left_, steps); }

  // Lets something else spend of them, which says whether they sufficed.
  template <class Work>
  bool spends(const Work& work) {
    return work(steps_left_);
  }

  // Gets ready for parts of these, as SmallSearch does.
  bool take(const Steps& all);
  std::uint32_t slot_of(std::size_t step) const { return small_.slot_of(step); }
  // REQUIRES: it was ready, and has judged nothing but parts since. Unknown if it is no small matter.
  Conclusion judge(const SmallSearch::Part& part);

  // Of what has just been found to have an order. Whether one that was weakened in it, or left out, may as well be as
  // it was, and with it all others of which this is said. Not always if it may.
  // `freed`: what was weakened took effect in it whatever there was, so it says nothing of what one of them needs.
  bool explains(const Step& step, bool freed) const;
  // Likewise: whether what this needs was there for it.
  bool explains_need(const Step& step) const;
  // Likewise: whether nobody can tell that this blind write was there. Not always if so.
  bool is_unseen(const Step& write) const;
  // Whether there is an order; unknown if only another search can tell. violated: then the culprit is the operation up
  // to the return of which there is none, as the first.
  Conclusion judge_as_small(const Steps& steps);
  std::uint32_t culprit() const { return small_.culprit(); }
  // Then, of `values`, those that the key may hold before it returns; or of what was judged last, in the end. False if
  // it cannot tell of some, which it leaves out.
  bool keep_possible(std::vector<ValueId>& values);

 private:
  template <class What>
  Conclusion judge_as_small(const What& what, std::size_t size);
  std::vector<SmallSearch::Write>::const_iterator find_in_way(const Step& step) const;
  template <class Fits>
  bool was_there(const Step& step, const Fits& fits) const;

  const KeyTask& task_;
  std::uint64_t steps_left_;
  SmallSearch small_;
  std::size_t too_large_ = std::numeric_limits<std::size_t>::max();  // as many have been no small part
  // Of what was judged last:
  bool is_small_ = false;
  ValueId initial_{};
  std::vector<SmallSearch::Write> way_;
};

}  // namespace smalldb::checker
