// Random histories of one key, of up to eight operations: beyond what can be enumerated. Few values and short
// intervals, so that answers often fit by accident.
#pragma once

#include <cstdint>
#include <vector>

#include "properties/checker/history.h"
#include "properties/checker/testing/dice.h"

namespace smalldb::checker::testing {

class RandomHistories {
 public:
  explicit RandomHistories(std::uint64_t seed) : dice_(seed) {}

  History next();

 private:
  Operation draw(History& history, const std::vector<ValueId>& values, std::uint32_t family);
  void make_distinct(History& history, Operation& operation, std::uint32_t number);

  Dice dice_;
};

std::vector<std::uint32_t> all_positions(const History& history);

}  // namespace smalldb::checker::testing
