// What a store claims of one key's revisions, while things happen: they rise from write to write, so that one that was
// told cannot be followed by a smaller one, and each is of one write and one value. A write on condition of a revision
// has replaced it: that happens once, and what comes after is greater.
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
  };
  Kind kind{};
  Operation operation;
  std::uint64_t before = 0;
};

// "revision 5 had been given to another write".
std::string sentence(const WrongClaim& claim);

class Claims {
 public:
  // The greatest revision that answers have claimed: to be asked for at an invocation, and handed to take().
  std::uint64_t greatest() const { return greatest_; }

  // An operation begins, one is answered.
  void invoke(std::uint64_t floor);
  std::optional<WrongClaim> complete(std::uint64_t floor, const Operation& operation);

  std::size_t size() const { return known_.size() + floors_.size(); }
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

  std::optional<WrongClaim> judge(std::uint64_t floor, const Operation& operation);
  std::optional<WrongClaim> judge_condition(std::uint64_t floor, const Operation& operation);
  std::vector<Known>::iterator find(std::uint64_t revision);

  std::uint64_t greatest_ = 0;
  std::vector<Known> known_;           // by revision; those that an open operation may still claim
  std::vector<std::uint64_t> floors_;  // of the operations that are open; rising
};

}  // namespace smalldb::checker
