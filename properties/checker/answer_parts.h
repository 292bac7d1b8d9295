// Which loose writes of a set of operations are of use to the others where something is appended: step 4 of reason.h.
// What is written is then part of what is read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "properties/checker/history.h"
#include "properties/checker/useful_writes.h"

namespace smalldb::checker {

class AnswerParts {
 public:
  explicit AnswerParts(const History& history) : history_(history) {}

  // Looks at the operations of a set: once at all of them, and at the answers once for each length of what is written.
  // A step for so many bytes of answers, from `steps_left`; false, and nothing is known, if these do not suffice.
  static constexpr std::uint64_t bytes_a_step = 256;
  bool look_at(const std::vector<Kept>& set, std::uint64_t& steps_left);
  // Then: whether another one of the set needs what this write may be a part of. REQUIRES: it is one of them, and
  // loose.
  bool keeps(const Kept& write) const;

 private:
  struct Written {
    ValueId value{};
    std::uint64_t hash = 0;
    ValueId answer{};         // that it is part of, if any
    bool is_in_more = false;  // than that one
    bool is_in_any() const { return answer != ValueId::absent; }
  };
  struct Answer {
    ValueId value{};
    std::uint32_t count = 0;  // of those who need it
  };

  void collect(const std::vector<Kept>& set);
  void find_in(ValueId answer, std::vector<Written>::iterator begin, std::vector<Written>::iterator end);
  std::size_t length_of(ValueId value) const { return history_.bytes(value).size(); }

  const History& history_;
  std::vector<Written> written_;  // by length, then by hash
  std::vector<std::uint32_t> by_value_;
  std::vector<Answer> answers_;  // by value
  std::size_t asks_more_ = 0;    // who needs more than that some value is there
};

}  // namespace smalldb::checker
