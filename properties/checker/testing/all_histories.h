// Every small history of one key, once: for comparing engines with the definition.
//
// Of histories that differ only in names or in what no store can tell apart, one is taken. Real time is an interval
// order: instants count only for which operation returned before which was invoked, so invocations and returns come in
// alternating groups, none of them empty (53 ways for five operations). Operations with the same interval come in
// rising order of kind; a value is first mentioned before the next is. What definitely failed takes no part at all, and
// is left to a test of its own.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "properties/checker/history.h"

namespace smalldb::checker::testing {

class AllHistories {
 public:
  // What operations may be there, all but the instants, of histories of at most `size_max` operations.
  using Alphabet = std::vector<Operation>;
  AllHistories(const std::function<Alphabet(History&)>& alphabet, std::uint32_t size_max);

  // Holds every operation at every interval; one small history is a choice of these, by position.
  const History& history() const { return history_; }
  KeyId key() const { return KeyId{0}; }

  // Those of `size` operations by at most `clients` at a time (one who does not know how it went begins another as
  // another client) of which the number is `part` modulo `parts`. Gives how many.
  using Visitor = std::function<void(std::span<const std::uint32_t> positions)>;
  std::uint64_t visit(std::uint32_t size, std::uint32_t clients, const Visitor& visitor, std::uint32_t part = 0,
                      std::uint32_t parts = 1) const;

 private:
  struct Interval {
    std::uint32_t invoked = 0;  // groups
    std::uint32_t returned = 0;
    friend auto operator<=>(const Interval&, const Interval&) = default;
  };
  struct Walk;

  void intervals(Walk& walk, std::uint32_t groups) const;
  void kinds(Walk& walk, std::uint32_t groups, bool mentions) const;
  static std::uint32_t open(Walk& walk, const Interval& interval, int more);
  enum class Mention { none, first, second };  // of the two values
  static Mention first_mentioned(const Operation& operation);
  std::uint32_t position(const Interval& interval, std::uint32_t kind, std::uint32_t copy) const;

  std::uint32_t size_max_;
  Alphabet kinds_;
  History history_;
};

// Gets, blind writes and compare-and-set by value, of two values and absence.
AllHistories::Alphabet register_alphabet(History& history);
// Appends among gets, puts and removes.
AllHistories::Alphabet append_alphabet(History& history);
// Appends among gets, puts, removes, and compare-and-sets that were refused and told what was there.
AllHistories::Alphabet refusal_alphabet(History& history);
// Writes that claim revisions or none, and compare-and-set by revision.
AllHistories::Alphabet revision_alphabet(History& history);
// What the alphabets of registers and of appends have, mixed, and compare-and-set of what was appended.
AllHistories::Alphabet mixed_alphabet(History& history);
// Appends and removes that claim revisions or none, and gets that are told one.
AllHistories::Alphabet claim_alphabet(History& history);
// Appends, removes and gets, and compare-and-set of what two appends have made, whatever became of it.
AllHistories::Alphabet condition_alphabet(History& history);
// What all but the last two have, mixed.
AllHistories::Alphabet whole_alphabet(History& history);
// What users of a store are told that promises revisions: two values with each of three revisions, puts, removes that
// find something or nothing, put-if-absent and compare-and-set by revision.
AllHistories::Alphabet promise_alphabet(History& history);

}  // namespace smalldb::checker::testing
