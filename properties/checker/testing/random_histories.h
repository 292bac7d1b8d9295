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
  // What users of a store are told that promises revisions (steps.h), of up to nine operations of which some are left
  // unknown; in four of five something is changed then that somebody was told.
  History next_promised();

 private:
  void execute(Operation& operation, struct PromisedStore& store, const std::vector<ValueId>& values);
  void falsify(Operation& operation, const std::vector<ValueId>& values);
  Operation draw(History& history, const std::vector<ValueId>& values, std::uint32_t family);
  void make_distinct(History& history, Operation& operation, std::uint32_t number);
  void make_distinct_with_conditions(History& history, Operation& operation, std::uint32_t number, ValueId& present);

  ValueId distinct_value(History& history, std::uint32_t number) const;

  Dice dice_;
  bool doubles_ = false;  // of distinct values, each second is the one before it twice
};

std::vector<std::uint32_t> all_positions(const History& history);

}  // namespace smalldb::checker::testing
