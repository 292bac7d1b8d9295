// What a store claims of one key's revisions, while things happen: they rise from write to write, so that one that was
// told cannot be followed by a smaller one, and each is of one write and one value. A write on condition of a revision
// has replaced it: that happens once, and what comes after is greater. And whoever finds nothing after something was
// there needs a remove in between, with a greater revision than that had (removes.h says the same of whole histories).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "properties/checker/history.h"

namespace smalldb::checker {

// A claim that contradicts an earlier one.
struct WrongClaim {
  enum class Kind : std::uint8_t {
    two_writes,   // a revision was given to two writes
    other_value,  // a revision was told of another value than before
    went_back,    // a revision was told after a greater one, `before`, had been
    not_new,      // a revision was given to a write after it had been told
    gone,         // a write replaced a revision after a greater one had been told, or another write had replaced it
    not_gone,     // there was nothing, though no remove can have removed what had been there, `before`
  };
  Kind kind{};
  Operation operation;  // whose answer shows it: one that came later may have been the last that could explain it
  std::uint64_t before = 0;
};

// "revision 5 had been given to another write".
std::string sentence(const WrongClaim& claim);

class Claims {
 public:
  // What answers had claimed when an operation began.
  struct Floor {
    std::uint64_t number = 0;          // of its invocation, among the events of the key
    std::uint64_t greatest = 0;        // revision
    std::uint64_t present = 0;         // the greatest of something that was there
    std::uint64_t present_number = 0;  // who was told that, and began last
  };

  // An operation begins, one is answered.
  Floor invoke(const Operation& operation);
  std::optional<WrongClaim> complete(const Floor& floor, const Operation& operation);

  std::size_t size() const { return known_.size() + floors_.size() + open_removes_.size() + in_doubt_.size(); }
  template <class Mark>
  void mark_values(const Mark& mark) const {
    for (const Known& known : known_) mark(known.value);
  }

 private:
  struct Known {
    std::uint64_t revision;
    ValueId value;  // no_value: not told
    bool written;
    bool replaced = false;
  };

  // Somebody found nothing after `present` had been told, and none of the removes that are over explains that: one of
  // those that are open, up to this, has to.
  struct InDoubt {
    std::uint64_t remove;
    std::uint64_t present;
  };

  std::optional<WrongClaim> judge(std::uint64_t floor, const Operation& operation);
  std::optional<WrongClaim> judge_condition(std::uint64_t floor, const Operation& operation);
  std::vector<Known>::iterator find(std::uint64_t revision);
  std::optional<WrongClaim> complete_remove(std::uint64_t number, const Operation& operation);
  std::optional<WrongClaim> judge_absence(const Floor& floor, const Operation& operation);
  void doubt(InDoubt one);

  std::uint64_t greatest_ = 0;
  std::vector<Known> known_;           // by revision; those that an open operation may still claim
  std::vector<std::uint64_t> floors_;  // of the operations that are open; rising

  std::uint64_t events_ = 0;
  std::uint64_t present_ = 0;
  std::uint64_t present_number_ = 0;
  std::uint64_t removed_ = 0;                // the greatest revision of a remove
  std::uint64_t unclaimed_ = 0;              // when the last remove returned that claims none; `never_over`: it may yet
  std::vector<std::uint64_t> open_removes_;  // by number
  std::vector<InDoubt> in_doubt_;            // both numbers rising: no more than removes are open
};

}  // namespace smalldb::checker
